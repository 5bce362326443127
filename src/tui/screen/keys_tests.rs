//! Keys: contexts, presets, counts and sequences, what a key leaves behind.

use ratatui::layout::Size;

use crate::app::Effect;
use crate::config::Config;
use crate::tui::fixture::Harness;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Pane;
use crate::tui::pages;
use crate::tui::pane::Page;

/// A session whose keys are those of this configuration.
fn bound(config: &str) -> Harness {
    let config = Config::parse(config).unwrap();
    let mut h = Harness::new(40, (79, 24));
    h.ui.screen.keymap = Keymap::new(&config.ui.preset, &config.keys).unwrap().0;
    h
}

#[test]
fn alt_with_a_digit_opens_a_view_at_once() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("<alt-2>");
    assert!(!h.ui.screen.waits() && h.ui.screen.pending().is_empty());
    assert_eq!(h.ui.screen.focus, Pane::Queue);
    h.keys("<alt-8>");
    assert_eq!(h.ui.screen.page, Some((Page { pane: pages::DIMS, about: None }, 0)));
}

#[test]
fn a_binding_may_begin_with_a_digit() {
    let mut h = bound("[keys]\n1x = \"view 2\"\n9 = \"noop\"\n");
    h.keys("1x");
    assert_eq!(h.ui.screen.focus, Pane::Queue);
    // Before any other key the digit is a count, and alone the key of the first view.
    h.keys("<tab>1j");
    assert_eq!((h.ui.screen.focus, h.ui.screen.library.at), (Pane::Library, 1));
    h.keys("<tab>1");
    assert!(h.ui.screen.waits());
    h.ui.timeout(&mut h.effects);
    assert_eq!(h.ui.screen.focus, Pane::Library);
    // A digit that is no key of its own is a count, however long it takes.
    h.keys("9");
    assert!(!h.ui.screen.waits());
    h.ui.timeout(&mut h.effects);
    h.keys("j");
    assert_eq!(h.ui.screen.library.at, 10);
}

#[test]
fn the_open_view_decides_what_a_key_means() {
    let mut h = bound("[keys]\ny = \"bottom\"\n[keys.list]\ny = \"mark\"\n[keys.queue]\ny = \"view 1\"\n");
    h.keys("y");
    assert_eq!(h.ui.screen.marks.songs.len(), 1);
    h.keys("<tab>y");
    assert_eq!(h.ui.screen.focus, Pane::Library);
    h.keys("?y");
    assert!(h.ui.screen.page.as_ref().unwrap().1 > 0, "the help is no list");
    assert_eq!(h.ui.screen.marks.songs.len(), 1);
}

#[test]
fn presets_change_the_keys() {
    let mut h = bound("[ui]\npreset = \"cmus\"\n");
    h.keys("G<space>g");
    assert_eq!((h.ui.screen.marks.songs.len(), h.ui.screen.library.at), (1, 0));
    h.size = (160, 40);
    h.ui.resize(Size { width: 160, height: 40 });
    assert!(h.text().contains("f1 help"), "{}", h.text());
    let mut h = bound("[ui]\npreset = \"vim\"\n");
    h.keys("yyyyyy<tab>dd");
    assert_eq!(h.ui.model.queue.items().len(), 2);
}

#[test]
fn enqueueing_goes_on_to_the_next_row() {
    let mut h = Harness::new(40, (79, 24));
    h.keys("eee");
    let songs = h.ui.model.catalog.songs().to_vec();
    let queued = |h: &Harness| h.ui.model.queue.items().iter().map(|i| i.song.clone()).collect::<Vec<_>>();
    assert_eq!((queued(&h), h.ui.screen.library.at), (songs[..3].to_vec(), 3));
    // After marked tracks, which may be anywhere, the cursor stays.
    h.keys("jmjme");
    assert_eq!((h.ui.screen.library.at, queued(&h).len()), (7, 5));
    h.keys("3E");
    assert_eq!((h.ui.screen.library.at, queued(&h).len()), (10, 8));
    assert_eq!(queued(&h)[..3], [songs[9].clone(), songs[8].clone(), songs[7].clone()]);
    let mut h = Harness::new(2, (79, 24));
    h.keys("GE");
    assert_eq!((h.ui.screen.library.at, queued(&h).len()), (1, 1));
}

#[test]
fn commands_that_find_nothing_to_work_on_leave_the_marks() {
    for keys in ["D", "K", "X"] {
        let mut h = Harness::new(40, (80, 24));
        h.play_and_fill().keys("jmjm").keys(keys);
        assert_eq!(h.ui.screen.marks.songs.len(), 2, "{keys}");
    }
}

#[test]
fn searches_filters_and_commands_have_histories_of_their_own() {
    let mut h = Harness::new(40, (80, 24));
    let typed = |h: &Harness| h.ui.screen.prompt.as_ref().unwrap().text.clone();
    h.keys(":volume 70<enter>/what<enter>Ftitle~sea<enter>/<up>");
    assert_eq!(typed(&h), "what");
    h.keys("<up><down><down>");
    assert_eq!(typed(&h), "");
    h.keys("<esc>:<ctrl-p>");
    assert_eq!(typed(&h), "volume 70");
    h.keys("<esc>F<ctrl-u><up>");
    assert_eq!(typed(&h), "title~sea");
    h.keys("<ctrl-u>");
    h.effects.0.clear();
    h.keys("<up>");
    let asked = |e: &Effect| matches!(e, Effect::Filter { text, .. } if text == "title~sea");
    assert!(h.effects.0.iter().any(asked), "what is recalled narrows the library: {:?}", h.effects.0);
}
