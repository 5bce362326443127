//! The view of the playlists: what is done with a list, by keys.

use std::sync::Arc;

use crate::app::effect::{MoodOrder, PlaylistOrder, SignatureOrder};
use crate::app::state::lists::{Counted, Kind, Listed, Placing};
use crate::app::{Effect, Msg};
use crate::audio::Command;
use crate::library::playlist::smart::Smart;
use crate::library::{Mood, Song};
use crate::tui::fixture::Harness;

/// The view with the playlist `evening` of five tracks and an empty one, `empty`; the smart playlist `calm`; the
/// signature `night` of two tracks, and its mood.
fn view(size: (u16, u16)) -> Harness {
    let mut h = Harness::new(40, size);
    h.keys("3");
    h.ui.timeout(&mut h.effects);
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
    h.message(Msg::PlaylistNames(names(&["calm", "empty", "evening"])));
    h.message(Msg::SavedNames(names(&["night"])));
    h.message(Msg::Moods(vec![Mood { name: "night".into(), from: 22, to: 2 }]));
    let lists = saved(&h);
    h.message(Msg::Lists(lists));
    h.effects.0.clear();
    h
}

fn saved(h: &Harness) -> Vec<Listed> {
    let songs = |n: usize| h.ui.model.catalog.songs()[..n].to_vec();
    let list = |kind, name: &str, about: &str, n| Listed::new(kind, name.into(), about.into(), songs(n), 0);
    vec![
        list(Kind::Playlist, "empty", "", 0),
        list(Kind::Playlist, "evening", "", 5),
        list(Kind::Smart, "calm", "year>1960 limit:3", 3),
        list(Kind::Signature, "night", "auto", 2),
    ]
}

/// The change of playlists that was asked for last.
fn change(h: &Harness) -> Option<PlaylistOrder> {
    h.effects.0.iter().rev().find_map(|e| match e {
        Effect::Playlists(PlaylistOrder::Step(_, order)) => Some((**order).clone()),
        _ => None,
    })
}

fn notice(h: &Harness) -> &str {
    h.ui.model.notice.as_ref().map_or("", |notice| &notice.text)
}

/// The name of the list under the cursor.
fn cursor(h: &Harness) -> (Kind, String) {
    h.ui.screen.list(&h.ui.model).map(|list| (list.kind, list.name.clone())).unwrap()
}

fn counts(h: &Harness) -> Vec<&str> {
    let counts = h.effects.0.iter().filter_map(|e| match e {
        Effect::Count(line) => Some(line.as_str()),
        _ => None,
    });
    counts.collect()
}

#[test]
fn while_nothing_is_saved_the_whole_view_says_how() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("3");
    h.ui.timeout(&mut h.effects);
    h.message(Msg::Lists(Vec::new()));
    let text = h.text();
    for line in [":playlist save NAME keeps the queue", ":playlist smart NAME FILTER keeps a filter"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn lists_smart_ones_signatures_and_moods_stand_in_one_tree() {
    for size in [(80, 24), (120, 40)] {
        let mut h = view(size);
        h.keys("jlj");
        insta::assert_snapshot!(format!("saved_{}x{}", size.0, size.1), h.text());
    }
    let mut h = view((120, 40));
    h.keys("G");
    let text = h.text();
    for words in ["Moods", "22:00–2:00 · 2 · ", "night · followed 22:00–2:00"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    h.message(Msg::Moods(vec![Mood { name: "run".into(), from: 7, to: 9 }]));
    assert_eq!(cursor(&h), (Kind::Mood, "run".into()));
    assert!(h.text().contains("cannot be read") && h.text().contains("there is no signature 'run'"), "{}", h.text());
}

#[test]
fn a_list_is_renamed_in_a_prompt_that_begins_with_its_name() {
    let mut h = view((120, 40));
    h.keys("jR");
    assert!(h.text().contains("new name of evening: evening"), "{}", h.text());
    // A name that is taken is told at once, and not entered.
    h.keys("<ctrl-u>calm");
    assert!(h.text().contains("there is a playlist 'calm' already"), "{}", h.text());
    h.keys("<enter>");
    assert!(h.ui.screen.prompt.is_some() && change(&h).is_none());
    h.keys("er<enter>");
    assert_eq!(change(&h), Some(PlaylistOrder::Rename("evening".into(), "calmer".into())));
    // The cursor goes on with the list, wherever it stands now.
    let mut lists = saved(&h);
    lists[1].name = "calmer".into();
    lists.swap(0, 1);
    h.message(Msg::Lists(lists));
    assert_eq!(cursor(&h), (Kind::Playlist, "calmer".into()));
    h.effects.0.clear();
    h.keys("R<enter>");
    assert_eq!((change(&h), h.ui.screen.prompt.is_none()), (None, true), "the same name changes nothing");
    h.keys("R<esc>");
    assert!(h.ui.screen.prompt.is_none() && change(&h).is_none());
    // A signature and its mood are one file.
    h.keys("GR-2<enter>");
    let order = SignatureOrder::Rename("night".into(), "night-2".into());
    let renamed = |e: &Effect| matches!(e, Effect::Signatures(SignatureOrder::Step(_, one)) if **one == order);
    assert!(h.effects.0.iter().any(renamed), "{:?}", h.effects.0);
}

#[test]
fn a_list_is_copied_under_a_free_name() {
    let mut h = view((120, 40));
    h.keys("jY");
    assert!(h.text().contains("name of the copy of evening: evening-2"), "{}", h.text());
    h.keys("<enter>");
    assert_eq!(change(&h), Some(PlaylistOrder::Duplicate("evening".into(), "evening-2".into())));
    let mut lists = saved(&h);
    lists.insert(2, Listed { name: "evening-2".into(), ..lists[1].clone() });
    h.message(Msg::Lists(lists));
    assert_eq!(cursor(&h), (Kind::Playlist, "evening-2".into()));
    // Moving on, the cursor is not called back by a copy that comes late.
    h.keys("Y<enter>k");
    let mut lists = saved(&h);
    lists.insert(2, Listed { name: "evening-3".into(), ..lists[1].clone() });
    h.message(Msg::Lists(lists));
    assert_eq!(cursor(&h), (Kind::Playlist, "evening".into()));
}

#[test]
fn deleting_asks_and_takes_the_list_that_was_asked_about() {
    let mut h = view((120, 40));
    h.keys("jD");
    assert!(h.text().contains("Delete the playlist evening? (y/n)"), "{}", h.text());
    for no in ["n", "<esc>", "<enter>", "2", "D"] {
        h.keys(no);
        assert!(h.ui.screen.prompt.is_none() && change(&h).is_none(), "{no}");
        h.keys("D");
    }
    // Meanwhile another program has deleted it, and something else is under the cursor.
    let lists = saved(&h);
    h.message(Msg::Lists(lists[2..].to_vec())).keys("y");
    assert_eq!(change(&h), Some(PlaylistOrder::Delete("evening".into())));
    assert_eq!(h.ui.model.undoable().map(|(_, what)| what), Some("playlist delete evening"));
    h.message(Msg::Lists(lists)).effects.0.clear();
    h.keys("G:delete-list<enter>y");
    let mood = MoodOrder::Delete("night".into());
    let deleted = |e: &Effect| matches!(e, Effect::Moods(MoodOrder::Step(_, one)) if **one == mood);
    assert!(h.effects.0.iter().any(deleted), "{:?}", h.effects.0);
    h.keys("kDy");
    let signature = SignatureOrder::Delete("night".into());
    let deleted = |e: &Effect| matches!(e, Effect::Signatures(SignatureOrder::Step(_, one)) if **one == signature);
    assert!(h.effects.0.iter().any(deleted), "{:?}", h.effects.0);
    h.keys("1");
    h.ui.timeout(&mut h.effects);
    h.keys(":delete-list<enter>");
    assert!(h.ui.screen.prompt.is_none() && notice(&h) == "delete-list works in the playlists only");
}

#[test]
fn the_filter_of_a_smart_playlist_is_edited_with_a_live_count() {
    let mut h = view((120, 40));
    h.keys("jjF");
    assert!(h.text().contains("filter of calm: year>1960 limit:3"), "{}", h.text());
    assert_eq!(counts(&h), ["year>1960 limit:3"], "counted at once");
    assert!(h.text().contains("counting …"));
    let tell = |h: &mut Harness, line: &str, found| {
        h.message(Msg::Counted(Counted { line: line.into(), found }));
    };
    tell(&mut h, "year>1960 limit:3", Ok((3, 603.0)));
    assert!(h.text().contains("3 tracks · 10:03"), "{}", h.text());
    h.keys("0");
    assert_eq!(counts(&h).last(), Some(&"year>1960 limit:30"));
    // An answer to what was typed before is not shown.
    tell(&mut h, "year>1960 limit:3", Ok((3, 603.0)));
    assert!(!h.text().contains("3 tracks"), "{}", h.text());
    tell(&mut h, "year>1960 limit:30", Ok((30, 6435.0)));
    assert!(h.text().contains("30 tracks · "), "{}", h.text());
    // What is not valid is told, neither counted nor entered.
    let before = counts(&h).len();
    h.keys("x<enter>");
    assert!(h.ui.screen.prompt.is_some() && counts(&h).len() == before && h.text().contains("limit takes a number"));
    h.keys("<ctrl-u>genre=<enter>");
    assert!(h.text().contains("genre wants") && change(&h).is_none(), "{}", h.text());
    h.keys("ambient sort:-year<enter>");
    let smart = Smart { filter: "genre=ambient".into(), sort: "-year".into(), limit: None };
    assert_eq!(change(&h), Some(PlaylistOrder::Smart("calm".into(), smart, true)));
    assert_eq!(h.ui.model.undoable().map(|(_, what)| what), Some("playlist smart calm"));
    assert_eq!(h.ui.model.filter.text, "", "the library is not filtered");
    // Pasted text is counted, too.
    h.keys("F<ctrl-u>");
    h.ui.event(crossterm::event::Event::Paste("plays=0".into()), &mut h.effects);
    assert_eq!(counts(&h).last(), Some(&"plays=0"));
    h.keys("<esc>");
    h.effects.0.clear();
    h.keys("kF");
    assert!(
        h.ui.screen.prompt.is_none() && notice(&h).contains("evening is a playlist: only a smart"),
        "{}",
        notice(&h)
    );
}

#[test]
fn the_hours_of_a_mood_are_edited() {
    let mut h = view((120, 40));
    h.keys("GF");
    assert!(h.text().contains("hours of night: 22-2"), "{}", h.text());
    h.keys("<ctrl-u>22<enter>");
    assert!(h.ui.screen.prompt.is_some() && h.text().contains("two hours"), "{}", h.text());
    h.keys("-3<enter>");
    let mood = MoodOrder::Put(Mood { name: "night".into(), from: 22, to: 3 });
    let put = |e: &Effect| matches!(e, Effect::Moods(MoodOrder::Step(_, one)) if **one == mood);
    assert!(h.effects.0.iter().any(put), "{:?}", h.effects.0);
    assert!(counts(&h).is_empty());
}

#[test]
fn a_list_plays_from_the_track_under_the_cursor() {
    let mut h = view((120, 40));
    h.keys("jljj<enter>");
    let track = h.ui.model.catalog.songs()[2].track;
    let order = PlaylistOrder::Open { name: "evening".into(), placing: Placing::OpenRow { row: 2, track } };
    assert!(h.effects.0.contains(&Effect::Playlists(order)), "{:?}", h.effects.0);
    // The tracks of a signature are no playlist: they are played from there on.
    h.keys("hGklj<enter>");
    assert_eq!(h.ui.model.playing().unwrap().song, h.ui.model.catalog.songs()[1]);
    assert!(h.effects.0.iter().any(|e| matches!(e, Effect::Player(Command::Play { .. }))));
    h.keys("h<enter>");
    assert!(
        h.effects
            .0
            .iter()
            .any(|e| matches!(e, Effect::Sets(crate::app::effect::SetOrder::Use(name)) if name == "night"))
    );
}

fn added(h: &Harness) -> Option<(String, Vec<Arc<Song>>)> {
    let Some(PlaylistOrder::Add(name, list)) = change(h) else { return None };
    let song = |path: &std::path::Path| h.ui.model.catalog.of_path(path).unwrap().clone();
    Some((name, list.entries.iter().map(|entry| song(&entry.path)).collect()))
}

#[test]
fn marked_tracks_are_added_to_a_list() {
    let mut h = view((120, 40));
    let songs = h.ui.model.catalog.songs().to_vec();
    h.keys("a");
    assert!(change(&h).is_none() && notice(&h).contains("no track is marked"), "{}", notice(&h));
    // Marked among the tracks of a list, for the list above it.
    h.keys("jljmm");
    assert!(h.text().contains("● ") && h.ui.screen.marks.songs.len() == 2, "{}", h.text());
    h.keys("hka");
    assert_eq!(added(&h), Some(("empty".into(), songs[1..3].to_vec())));
    assert_eq!(h.ui.screen.marks.songs.len(), 2, "they may not be written yet");
    h.message(Msg::error("the disk is full")).message(Msg::Added("other".into()));
    assert_eq!(h.ui.screen.marks.songs.len(), 2);
    h.message(Msg::Added("empty".into()));
    assert!(h.ui.screen.marks.songs.is_empty(), "they are used up");
    // Marked in the library, where nothing of them is seen here; also by the command.
    for keys in ["gga", ":playlist add empty<enter>"] {
        h.effects.0.clear();
        h.keys("1");
        h.ui.timeout(&mut h.effects);
        h.keys("gg8j");
        let at = h.ui.screen.library.at;
        let marked = (at..at + 2).filter_map(|row| h.ui.screen.rows.song(row).cloned()).collect();
        h.keys("mm3");
        h.ui.timeout(&mut h.effects);
        h.keys(keys);
        assert_eq!(added(&h), Some(("empty".into(), marked)), "{keys}");
        h.message(Msg::Added("empty".into()));
        assert!(h.ui.screen.marks.songs.is_empty(), "{keys}");
    }
    // Without marks the command takes the list under the cursor, or its track.
    h.effects.0.clear();
    h.keys("ggj:playlist add empty<enter>");
    assert_eq!(added(&h).map(|(_, songs)| songs.len()), Some(5));
    h.keys("lj:playlist add empty<enter>");
    assert_eq!(added(&h).map(|(_, songs)| songs), Some(vec![songs[1].clone()]));
    // A whole list is marked and unmarked, and only playlists take tracks.
    h.keys("hggjm");
    assert_eq!((h.ui.screen.marks.songs.len(), cursor(&h).1.as_str()), (5, "calm"));
    h.effects.0.clear();
    h.keys("a");
    assert!(change(&h).is_none() && h.ui.screen.marks.songs.len() == 5, "{}", notice(&h));
    assert!(notice(&h).contains("calm is a smart playlist"), "{}", notice(&h));
    h.keys("km");
    assert!(h.ui.screen.marks.songs.is_empty());
}

#[test]
fn what_is_marked_in_a_list_is_queued_and_a_whole_list_keeps_marks() {
    let mut h = view((120, 40));
    let songs = h.ui.model.catalog.songs().to_vec();
    let queued = |h: &Harness| h.ui.model.queue.items().iter().map(|i| i.song.clone()).collect::<Vec<_>>();
    h.keys("jlmjme");
    assert_eq!(queued(&h), [songs[0].clone(), songs[2].clone()]);
    assert!(h.ui.screen.marks.songs.is_empty());
    h.keys("ggmhe");
    let order = PlaylistOrder::Open { name: "evening".into(), placing: Placing::Append };
    assert!(h.effects.0.contains(&Effect::Playlists(order)), "{:?}", h.effects.0);
    assert_eq!((queued(&h).len(), h.ui.screen.marks.songs.len()), (2, 1));
}
