//! What the screen says of itself: keys that are not bound, what a filter would find, which fields there are.

use std::sync::Arc;

use crate::app::fixture;
use crate::app::{Model, Msg};
use crate::config::Config;
use crate::notice::Kind;
use crate::tui::colour::Depth;
use crate::tui::fixture::Harness;
use crate::tui::keymap::Keymap;

fn said(model: &Model) -> Option<(Kind, &str)> {
    model.notice.as_ref().map(|notice| (notice.kind, notice.text.as_str()))
}

#[test]
fn keys_that_are_not_bound_say_so() {
    for (keys, words) in [
        ("gx", "g x is not bound; ? shows the keys"),
        ("<f7>", "f7 is not bound; ? shows the keys"),
        ("<ctrl-x>", "ctrl-x is not bound; ? shows the keys"),
        ("3%", "% is not bound; ? shows the keys"),
        ("0", "0 is not bound; ? shows the keys"),
    ] {
        let mut h = Harness::new(40, (80, 24));
        h.keys(keys);
        assert_eq!(said(&h.ui.model), Some((Kind::Hint, words)), "{keys}");
        assert_eq!(h.ui.screen.pending(), "", "{keys}: the next key begins anew");
        assert!(h.text().contains(&format!("· {words}")), "{}", h.text());
    }
    // A lone digit is a view; one that no view has goes on waiting as a count.
    let mut h = Harness::new(40, (80, 24));
    let config = Config::parse("[keys]\n9 = \"noop\"").unwrap();
    h.ui.screen.keymap = Keymap::new(&config.ui.preset, &config.keys).unwrap().0;
    h.keys("9");
    h.ui.timeout(&mut h.effects);
    assert_eq!((said(&h.ui.model), h.ui.screen.pending()), (None, "9".to_string()));
}

#[test]
fn giving_up_with_escape_is_no_mistake() {
    for keys in ["<esc>", "g<esc>", "12<esc>", "d<esc><esc>"] {
        let mut h = Harness::new(40, (80, 24));
        h.keys(keys);
        assert_eq!(said(&h.ui.model), None, "{keys}");
    }
    let config = Config::parse("[keys]\nesc = \"noop\"\n\"?\" = \"noop\"\nf1 = \"noop\"").unwrap();
    let (keymap, _) = Keymap::new(&config.ui.preset, &config.keys).unwrap();
    let mut h = Harness::of(fixture::model(3), (80, 24), "terminal", Depth::True);
    h.ui.screen.keymap = keymap;
    h.keys("<esc>");
    assert_eq!(said(&h.ui.model), None, "not even where nothing is bound to it");
    h.keys("?");
    assert_eq!(said(&h.ui.model), Some((Kind::Hint, "? is not bound; :help shows the keys")));
}

#[test]
fn a_filter_that_finds_nothing_says_what_would_while_it_is_typed() {
    let mut h = Harness::new(40, (100, 24));
    h.keys("Fgenre=rock");
    let hint = "no genre is exactly 'rock'; genre~rock would find 7";
    let nothing = Arc::new(h.ui.model.catalog.subset(|_, _| false));
    h.message(Msg::Filtered { text: "genre=rock".into(), found: Ok(nothing), hint: Some(hint.into()) });
    let last = |h: &Harness| h.text().lines().last().unwrap_or_default().to_string();
    assert!(last(&h).contains(&format!("filter: genre=rock   {hint}")), "{}", h.text());
    // It is about what was asked, not about what is typed now.
    h.keys("s");
    assert!(!last(&h).contains("exactly"), "{}", h.text());
}

#[test]
fn an_empty_filter_shows_the_fields() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("F");
    let text = h.text();
    for field in ["title", "artist", "genre", "year"] {
        assert!(text.lines().any(|line| line.trim_start().starts_with(field)), "{field}: {text}");
    }
    h.keys("<tab><tab>");
    assert_eq!(h.ui.screen.prompt.as_ref().unwrap().text, "artist");
    h.keys("<ctrl-u>ge");
    assert!(h.text().lines().any(|line| line.trim_start().starts_with("genre")), "{}", h.text());
    // A search has no fields to offer, and an empty command no menu.
    for keys in ["/", ":"] {
        let mut h = Harness::new(40, (80, 24));
        h.keys(keys);
        assert!(!h.text().contains("artist of the track"), "{}", h.text());
    }
}
