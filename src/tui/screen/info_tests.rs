//! The info panel, the search in pages, and the keys that views name.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::state::lists::{Kind, Listed};
use crate::app::{Effect, Msg, fixture};
use crate::ask::inspect::Inspection;
use crate::ask::report::Neighbour;
use crate::config::Config;
use crate::latent::{DIMS, Fits, NAMED, Reference, Space, named};
use crate::library::journal::{Entry, Event};
use crate::tui::binding::{says, typeable};
use crate::tui::colour::Depth;
use crate::tui::fixture::{Harness, cards};
use crate::tui::keymap::Keymap;
use crate::tui::layout::Pane;
use crate::tui::pages;

/// The files that the panel has asked about.
fn inspected(h: &Harness) -> Vec<PathBuf> {
    let path = |e: &Effect| if let Effect::Inspect(path) = e { Some(path.clone()) } else { None };
    h.effects.0.iter().filter_map(path).collect()
}

fn neighbour(title: &str) -> Neighbour {
    Neighbour {
        path: format!("/music/{title}.flac"),
        bytes: None,
        title: title.into(),
        artist: "Fela Kuti".into(),
        album: String::new(),
        genres: Vec::new(),
        distance: 0.0,
        fit: 0.9,
        words: Vec::new(),
    }
}

/// A session whose tracks are analysed, rated and fit something, with the panel open and answered.
fn open(size: (u16, u16)) -> Harness {
    let mut h = Harness::new(60, size);
    let songs = h.ui.model.catalog.songs().to_vec();
    let latents = songs.iter().map(|song| (song.track, [0.5; DIMS])).collect();
    let values = |track| {
        let at = songs.iter().position(|song| song.track == track)?;
        let mut values = [f32::NAN; NAMED.len()];
        (values[0], values[1], values[2]) = (named::turns_of_tempo(104.0), 0.0, -0.5);
        (values[3], values[10]) = (1000.0 + at as f32, at as f32 / 100.0);
        Some(values)
    };
    let space = Space::build("x".into(), Arc::new(Reference::default()), latents).with_named(values);
    let fits = Fits::new(&space, Some(vec![0.91; 60]));
    h.message(Msg::Space(Arc::new(space))).message(Msg::Fits(Arc::new(fits)));
    let track = songs[0].track;
    let events = [
        Event::Played { track, secs: 60.0, whole: true },
        Event::Skipped { track, secs: 3.0 },
        Event::Rated { track, rating: Some(80) },
        Event::Loved { track, loved: true },
    ];
    for event in events {
        h.message(Msg::Noted(Entry { at: 1_794_000_000, event }));
    }
    h.keys("i");
    assert_eq!(inspected(&h), [songs[0].path.to_path_buf()]);
    let near = ["Half Moon", "Aerial", "Undertow"].map(neighbour).to_vec();
    let words = vec!["mellow".to_string()];
    let seen = Inspection { path: songs[0].path.to_path_buf(), near, words, why: None };
    h.message(Msg::Inspected(Box::new(seen)));
    h
}

#[test]
fn the_panel_tells_tags_sound_fit_journal_and_the_nearest() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let h = open(size);
        let text = h.text();
        for words in [
            "i closes",
            "flac · 44.1 kHz · 3:50",
            "Miles Davis · First Light",
            "1970 · track",
            "First Light/030",
            "tempo          ▕██",
            "104 bpm",
            "A minor",
            "energy         ▕",
            "brightness     ▕",
            "fit    91 %",
            "played 1×",
            "skipped 1×",
            "2026-11-06",
            "★★★★· ♥",
            "near   Half Moon – Fela Kuti",
            "Aerial – Fela Kuti",
            "Undertow – Fela Kuti",
        ] {
            assert!(text.contains(words), "{size:?}: {words} in\n{text}");
        }
    }
}

#[test]
fn the_panel_on_its_screens() {
    for size in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("info_{}x{}", size.0, size.1), open(size).text());
    }
}

#[test]
fn the_panel_follows_the_cursor_in_every_list_and_never_shows_what_was_asked_before() {
    let mut h = open((120, 40));
    let songs = h.ui.model.catalog.songs().to_vec();
    h.keys("jj");
    assert_eq!(inspected(&h).last(), Some(&songs[2].path.to_path_buf()));
    assert!(!h.text().contains("Half Moon") && h.text().contains("near   …"), "{}", h.text());
    let asked = inspected(&h).len();
    h.message(Msg::Tick { now: std::time::Duration::from_secs(2) });
    assert_eq!(inspected(&h).len(), asked, "each track is asked about once");
    h.keys("e<tab>");
    assert_eq!(h.ui.screen.under(&h.ui.model).map(|song| song.track), Some(songs[2].track), "in the queue");
    let list = Listed::new(Kind::Playlist, "dawn".into(), String::new(), songs[5..8].to_vec(), 0);
    h.keys(":playlists<enter>").message(Msg::Lists(vec![list]));
    assert!(h.text().contains("No track is under the cursor."), "{}", h.text());
    h.keys("lj");
    assert_eq!(inspected(&h).last(), Some(&songs[6].path.to_path_buf()), "in a playlist");
    h.keys("<esc>");
    assert!(!h.ui.screen.info && !h.text().contains("i closes"));
    h.keys(":errors<enter>i");
    assert!(!h.ui.screen.info && h.ui.model.notice.as_ref().unwrap().text.contains("about tracks"));
}

#[test]
fn the_panel_tells_a_fit_of_now_from_that_of_the_pick() {
    let mut h = open((120, 40));
    h.play_and_fill();
    let picked = h.ui.model.queue.ahead()[0].clone();
    h.ui.screen.show(Pane::Queue);
    h.keys("ggj");
    assert_eq!(h.ui.screen.item_under(&h.ui.model).map(|item| item.serial), Some(picked.serial));
    let text = h.text();
    assert!(text.contains("fit    91 %") && text.contains("97 % when it was picked"), "{text}");
    // What the user chose was not picked, and the library shows tracks, not picks.
    h.keys("k");
    assert!(!h.text().contains("when it was picked"), "{}", h.text());
}

#[test]
fn a_missing_file_is_said_and_skipped() {
    let mut h = open((120, 40));
    h.play_and_fill();
    let ahead = h.ui.model.queue.ahead().to_vec();
    let (gone, next) = (&ahead[0].song, &ahead[1].song);
    let then = |song: &crate::library::Song| format!("then: {} – {}", song.title(), song.artist());
    assert!(h.text().contains(&then(gone)), "{}", h.text());
    let left = h.ui.model.catalog.songs().iter().filter(|song| song.track != gone.track).cloned().collect();
    h.message(Msg::Catalog(Arc::new(crate::library::Catalog::new(left))));
    assert!(h.text().contains(&then(next)), "{}", h.text());
    h.ui.screen.show(Pane::Queue);
    h.keys("ggj");
    let text = h.text();
    assert!(h.ui.screen.item_under(&h.ui.model).is_some_and(|item| item.away), "{text}");
    assert!(text.contains("the file is missing; it is skipped"), "{text}");
    assert!(!text.contains("not listened to yet"), "{text}");
    h.keys("j");
    assert!(!h.text().contains("the file is missing"), "{}", h.text());
}

#[test]
fn the_list_above_the_panel_scrolls_within_its_rows() {
    let mut h = open((120, 40));
    for keys in ["G", "gg", "30j", "<ctrl-f>"] {
        h.keys(keys);
        let title = h.ui.screen.under(&h.ui.model).unwrap().title();
        let body = h.ui.screen.layout().unwrap().body;
        let rows = h.text().lines().take(usize::from(body.bottom())).filter(|line| line.contains(&title)).count();
        assert!(rows > 0, "{keys}: {title} in\n{}", h.text());
    }
}

#[test]
fn a_search_in_a_page_scrolls_the_page_and_not_the_list_below() {
    let mut h = Harness::new(60, (80, 24));
    h.message(Msg::Cards(cards()));
    h.keys("3j:dims<enter>/DANCEABILITY<enter>");
    let top = |h: &Harness| h.ui.screen.page.map(|(_, top)| top);
    let shown = |h: &Harness| h.text().contains("danceability");
    assert_eq!((h.ui.screen.library.at, top(&h) > Some(20), shown(&h)), (3, true, true), "{}", h.text());
    h.keys("/army of<enter>");
    let first = top(&h);
    h.keys("n");
    assert!(top(&h) > first);
    h.keys("N");
    assert_eq!(top(&h), first);
    h.keys("/no such line<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("nothing like 'no such line'"));
    assert_eq!((h.ui.screen.library.at, h.ui.screen.focus), (3, Pane::Library));
    // Without a page the list is searched.
    h.keys("<esc>/so what<enter>");
    assert_ne!(h.ui.screen.library.at, 3);
}

#[test]
fn the_reasons_name_the_keys_that_are_bound() {
    let config = Config::parse("[keys]\n\"f7\" = \"keep\"\nK = \"noop\"\nX = \"noop\"").unwrap();
    let (keymap, _) = Keymap::new(&config.ui.preset, &config.keys).unwrap();
    let mut h = Harness::of(fixture::model(60), (120, 50), "terminal", Depth::True);
    h.ui.screen.keymap = keymap;
    h.play_and_fill().keys("w");
    let text = h.text();
    assert!(text.contains("f7 keeps it · :not not this · B nothing more"), "{text}");
    assert!(!text.contains("K keeps"));
}

#[test]
fn every_view_with_a_tab_has_a_line_of_keys_that_are_bound() {
    let keymap = Keymap::default();
    for pane in pages::PANES.iter().filter(|pane| pane.is_view()) {
        assert!(pane.hints().len() > 3, "{}", pane.id());
        let bound: Vec<_> = typeable(keymap.bindings(), pane.scope()).collect();
        for (command, _) in pane.hints() {
            assert!(bound.iter().any(|(_, line)| says(line, command)), "{}: {command}", pane.id());
        }
    }
    let mut h = Harness::new(60, (120, 40));
    for view in [":errors<enter>", ":dims<enter>"] {
        h.keys(view);
        assert!(h.text().contains("esc back"), "{view}: {}", h.text());
    }
}
