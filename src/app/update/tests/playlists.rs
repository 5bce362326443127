//! Playlists, opened.

use super::*;
use crate::runtime::playlists::find;

#[test]
fn playlists_are_saved_and_opened() {
    let (mut model, _) = playing(3);
    let song = model.playing().unwrap().song.clone();
    let effects = give(&mut model, "playlist save night", &[]);
    let saved = effects.iter().find_map(|e| match e {
        Effect::Playlists(PlaylistOrder::Step(_, order)) => match &**order {
            PlaylistOrder::Save(name, list, _) => Some((name.clone(), list.clone())),
            _ => None,
        },
        _ => None,
    });
    let (name, mut playlist) = saved.expect("an order");
    assert_eq!((name.as_str(), playlist.entries[0].track), ("night", Some(song.track)));
    // Its file has moved, and another one is gone.
    playlist.entries[0].path = "/elsewhere/x.flac".into();
    playlist.entries.push(playlist::Entry { path: "/gone.flac".into(), ..playlist::Entry::default() });
    let mut other = fixture::model(40);
    let read = Msg::Playlist { name: "night".into(), playlist: playlist.clone(), replace: true };
    let read = update(&mut other, read);
    assert_eq!(read, [Effect::Playlist { name: "night".into(), playlist: playlist.clone(), replace: true }]);
    let find = |model: &Model, replace| find(&model.catalog, "night".into(), &playlist, replace);
    let found = find(&other, true);
    let effects = update(&mut other, found);
    assert!(started(&effects).is_some());
    assert_eq!(other.playing().unwrap().song, song);
    assert_eq!(other.notice.as_ref().unwrap().text, "night: 1 track, 1 moved, 1 not in the library");
    let before = other.queue.items().len();
    let found = find(&other, false);
    update(&mut other, found);
    assert_eq!(other.queue.items().len(), before + 1);
}
