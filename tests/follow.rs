//! Watching, settling and scanning combined: after many changes at once, the known files equal the existing ones, using
//! only hints and the walks that they trigger.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/follower.rs"]
mod follower;

use std::fs;
use std::path::Path;

use follower::Follower;

fn album(dir: &Path, tracks: usize) {
    fs::create_dir_all(dir).unwrap();
    for n in 0..tracks {
        fs::write(dir.join(format!("{n}.mp3")), n.to_string()).unwrap();
    }
}

#[test]
fn after_a_storm_of_changes_nothing_is_missed_and_nothing_is_stale() {
    let dir = tempfile::tempdir().unwrap();
    let (root, aside) = (dir.path().join("music"), dir.path().join("aside"));
    fs::create_dir(&root).unwrap();
    album(&aside.join("moved in/cd 1"), 20);
    album(&aside.join("moved in/cd 2"), 20);
    let mut follower = Follower::new(&root, true);

    // A copied collection: most of its files cause no event.
    for n in 0..100 {
        album(&root.join(format!("artist {}/album {n}", n / 4)), 10);
    }
    fs::rename(aside.join("moved in"), root.join("moved in")).unwrap();
    follower.converge();
    assert_eq!(follower.known.len(), 1040);

    // Every kind of change to a library, at once.
    fs::rename(root.join("artist 0"), root.join("artist 0 renamed")).unwrap();
    fs::rename(root.join("artist 1"), aside.join("artist 1")).unwrap();
    fs::remove_dir_all(root.join("artist 2")).unwrap();
    fs::rename(root.join("artist 3/album 12/0.mp3"), root.join("artist 3/album 12/first.mp3")).unwrap();
    fs::write(root.join("artist 3/album 13/0.mp3"), b"retagged in place").unwrap();
    fs::write(root.join("artist 3/album 13/1.mp3.tmp"), b"retagged through a new file").unwrap();
    fs::rename(root.join("artist 3/album 13/1.mp3.tmp"), root.join("artist 3/album 13/1.mp3")).unwrap();
    fs::remove_file(root.join("artist 3/album 14/9.mp3")).unwrap();
    album(&root.join("artist 4/album 16"), 12);
    album(&root.join("new/deeply/nested/album"), 10);
    follower.converge();
    assert!(follower.known.contains_key(&root.join("new/deeply/nested/album/9.mp3")));
    assert_eq!(follower.known.len(), 1040 - 40 - 40 - 1 + 2 + 10);
}
