//! A full disk: nothing panics, the words say what to do, and afterwards everything goes on. The disk is a small one of
//! its own, which needs a mount namespace; where the system allows none the test says so and is skipped.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::process::Command;

use support::{Home, program};

/// Three scans: on a disk of `SIZE`, on the same filled to its last byte, and after it has grown. A line for each: its
/// exit code, and all that it said.
const SCANS: &str = r#"
mkdir -p "$JUKEBOX_HOME" && mount -t tmpfs -o size="$SIZE" tmpfs "$JUKEBOX_HOME" || exit 77
scan() { said=$("$PROGRAM" scan "$MUSIC" 2>&1); echo "$? $said" | tr '\n' ' '; echo; }
scan
dd if=/dev/zero of="$JUKEBOX_HOME/filler" bs=1024 2>/dev/null
scan
rm "$JUKEBOX_HOME/filler"
mount -o remount,size=100m "$JUKEBOX_HOME"
scan
"#;

fn scans(home: &Home, size: &str) -> Option<Vec<String>> {
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", SCANS]).env("JUKEBOX_HOME", home.home()).env("HOME", home.dir.path());
    command.env("SIZE", size).env("PROGRAM", program()).env("MUSIC", &home.music);
    let output = command.output().ok()?;
    if !matches!(output.status.code(), Some(0)) {
        eprintln!("SKIPPED: no disk of its own here: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

#[test]
fn a_scan_says_that_the_disk_is_full_and_the_next_one_finishes() {
    let home = Home::new();
    for n in 0..10 {
        home.wav(&format!("tone{n}.wav"), "tone", 3.0, n);
    }
    // Nothing fits, a part fits, everything fits.
    for (size, first) in [("20k", "1"), ("100k", "1"), ("20m", "0")] {
        let Some(said) = scans(&home, size) else { return };
        let [small, full, again] = &said[..] else { panic!("three scans: {said:?}") };
        assert!(said.iter().all(|s| !s.contains("panicked")), "{said:?}");
        assert!(small.starts_with(first), "on {size}: {small}");
        assert_eq!(small.contains("the disk is full; free some space"), first == "1", "on {size}: {small}");
        assert!(full.starts_with("1 ") && full.contains("the disk is full; free some space"), "on {size}: {full}");
        assert!(again.starts_with("0 ") && again.contains("10 songs, 10 with a latent"), "on {size}: {again}");
    }
}
