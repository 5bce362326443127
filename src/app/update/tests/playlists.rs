//! Playlists, opened.

use super::*;
use crate::app::state::lists::{Counted, Kind, Listed};
use crate::library::Mood;
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
    let read = Msg::Playlist { name: "night".into(), playlist: playlist.clone(), placing: Placing::Open { from: 0 } };
    let read = update(&mut other, read);
    assert_eq!(
        read,
        [Effect::Playlist { name: "night".into(), playlist: playlist.clone(), placing: Placing::Open { from: 0 } }]
    );
    let find = |model: &Model, placing| find(&model.catalog, "night".into(), &playlist, placing);
    let found = find(&other, Placing::Open { from: 0 });
    let effects = update(&mut other, found);
    assert!(started(&effects).is_some());
    assert_eq!(other.playing().unwrap().song, song);
    assert_eq!(other.notice.as_ref().unwrap().text, "night: 1 track, 1 moved, 1 not in the library");
    let before = other.queue.items().len();
    let found = find(&other, Placing::Append);
    update(&mut other, found);
    assert_eq!(other.queue.items().len(), before + 1);
}

#[test]
fn a_playlist_is_opened_at_one_of_its_tracks() {
    let (mut model, _) = playing(3);
    let effects = give(&mut model, "playlist open night 3", &[]);
    let order = PlaylistOrder::Open { name: "night".into(), placing: Placing::Open { from: 2 } };
    assert!(effects.contains(&Effect::Playlists(order)), "{effects:?}");
    let songs = model.catalog.songs()[10..15].to_vec();
    for (from, plays) in [(2, 12), (0, 10), (4, 14)] {
        let songs = songs.clone();
        let placing = Placing::Open { from };
        let effects = update(&mut model, Msg::Queue { name: "night".into(), songs, notes: String::new(), placing });
        assert!(started(&effects).is_some(), "{from}");
        assert_eq!(model.playing().unwrap().song, model.catalog.songs()[plays], "{from}");
        assert_eq!((model.queue.played().len(), model.queue.items().len()), (plays - 10, 5), "{from}");
    }
    // There is no such track: what plays plays on.
    let placing = Placing::Open { from: 5 };
    let msg = Msg::Queue { name: "night".into(), songs, notes: ", 2 not found".into(), placing };
    let before = (model.playing().cloned(), model.undoable().map(|(steps, _)| steps));
    assert_eq!(started(&update(&mut model, msg)), None);
    assert_eq!((model.playing().cloned(), model.undoable().map(|(steps, _)| steps)), before);
    let notice = model.notice.as_ref().unwrap();
    assert_eq!((notice.kind, notice.text.as_str()), (crate::notice::Kind::Error, "night has 5 tracks, 2 not found"));
    // The tracks before it belong to the playlist, and `previous` goes back to them.
    give(&mut model, "previous", &[]);
    assert_eq!(model.playing().unwrap().song, model.catalog.songs()[13]);
    assert_eq!(model.queue.playlist().len(), 5);
}

#[test]
fn a_row_of_an_outdated_listing_opens_the_track_that_it_showed_or_the_nearest_row() {
    let (mut model, _) = playing(3);
    let all = model.catalog.songs().to_vec();
    let track = |n: usize| all[n].track;
    // The list was 10 to 14 when it was drawn. What it has now, the row and its track, and what plays.
    let cases: [(&[usize], usize, usize, usize); 6] = [
        (&[10, 11, 12, 13, 14], 4, 14, 14),
        (&[11, 12, 13, 14], 4, 14, 14),
        (&[10, 11, 12], 4, 14, 12),
        (&[10, 12, 13, 14], 1, 11, 12),
        (&[14, 10, 11, 12, 14, 13], 3, 14, 14),
        (&[13], 0, 10, 13),
    ];
    for (now, row, shown, plays) in cases {
        let songs = now.iter().map(|&n| all[n].clone()).collect();
        let placing = Placing::OpenRow { row, track: track(shown) };
        let effects = update(&mut model, Msg::Queue { name: "calm".into(), songs, notes: String::new(), placing });
        assert!(started(&effects).is_some(), "{now:?}");
        assert_eq!(model.playing().unwrap().song, all[plays], "{now:?}");
    }
    // Of a track that is there twice, the one nearest to the row.
    let songs = [14, 10, 11, 12, 14, 13].map(|n: usize| all[n].clone()).to_vec();
    let placing = Placing::OpenRow { row: 3, track: track(14) };
    update(&mut model, Msg::Queue { name: "calm".into(), songs, notes: String::new(), placing });
    assert_eq!(model.queue.played().len(), 4);
}

#[test]
fn a_renamed_signature_is_followed_on() {
    let mut model = fixture::model(40);
    let members = vec![model.catalog.songs()[0].track];
    update(&mut model, Msg::Moods(vec![Mood { name: "night".into(), from: 22, to: 2 }]));
    update(&mut model, Msg::Hour(23));
    update(&mut model, Msg::Mood { name: "night".into(), members, choice: Choice::Auto });
    let before = model.auto.clone();
    update(&mut model, Msg::SignatureRenamed { from: "night".into(), to: "dusk".into() });
    let effects = update(&mut model, Msg::Moods(vec![Mood { name: "dusk".into(), from: 22, to: 2 }]));
    assert_eq!(model.auto.following.as_ref().map(|f| f.name.as_str()), Some("dusk"));
    assert!(effects.is_empty() && model.auto.follows() == before.follows(), "nothing is chosen anew: {effects:?}");
}

#[test]
fn lists_have_the_moods_and_are_counted_while_they_are_typed() {
    let mut model = fixture::model(40);
    let songs = model.catalog.songs()[..2].to_vec();
    let night = Listed::new(Kind::Signature, "night".into(), "auto".into(), songs, 0);
    update(&mut model, Msg::Lists(vec![night]));
    assert_eq!(model.lists.as_ref().unwrap().len(), 1);
    update(&mut model, Msg::Moods(vec![Mood { name: "night".into(), from: 22, to: 2 }]));
    let kinds = |model: &Model| model.lists.iter().flatten().map(|list| list.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&model), [Kind::Signature, Kind::Mood]);
    update(&mut model, Msg::Moods(Vec::new()));
    assert_eq!(kinds(&model), [Kind::Signature]);
    assert_eq!(update(&mut model, Msg::Count("jazz".into())), [Effect::Count("jazz".into())]);
    let counted = Counted { line: "jazz".into(), found: Ok((2, 400.0)) };
    update(&mut model, Msg::Counted(counted.clone()));
    assert_eq!(model.counted, Some(counted));
}

#[test]
fn what_is_like_a_playlist_is_added_to_it_as_a_step() {
    let mut model = fixture::model(40);
    give(&mut model, "never live", &[]);
    let effects = give(&mut model, "expand night 10 90%", &[]);
    let asked = effects.iter().find_map(|e| if let Effect::Expand(asked) = e { Some(asked) } else { None }).unwrap();
    assert_eq!((asked.name.as_str(), asked.count, asked.fit), ("night", 10, 90));
    assert_eq!(asked.situation.limits.never, "live", "limits hold here too");
    let songs = model.catalog.songs()[..2].to_vec();
    let effects = update(&mut model, Msg::Expand { name: "night".into(), songs });
    let order = effects.iter().find_map(|e| match e {
        Effect::Playlists(PlaylistOrder::Step(1, order)) => Some(&**order),
        _ => None,
    });
    let adds = |order: &PlaylistOrder| matches!(order, PlaylistOrder::Add(name, list) if name == "night" && list.entries.len() == 2);
    assert!(order.is_some_and(adds), "{effects:?}");
    assert_eq!(model.undoable().map(|(_, what)| what), Some("expand night"));
    update(&mut model, Msg::Expand { name: "night".into(), songs: Vec::new() });
    assert_eq!(model.notice.as_ref().unwrap().kind, crate::notice::Kind::Obstacle);
}
