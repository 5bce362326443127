//! The view of the signature: what it shows, and what its keys do.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::tests::busy;
use crate::app::commands::screen::ScreenAction;
use crate::app::effect::{SetOrder, Trying};
use crate::app::sets::Whom;
use crate::app::{Effect, Msg};
use crate::ask::set::Set;
use crate::ask::trial::{Beside, Counting};
use crate::audio::Command;
use crate::latent::{Choice, DIMS, Mood, NAMED, SignatureReport, Stand};
use crate::queue::{Item, Origin};
use crate::tui::fixture::{Harness, cards, report, tried};
use crate::tui::pages;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// The view with an answer.
fn open(size: (u16, u16)) -> Harness {
    let mut h = busy(size);
    h.message(Msg::Cards(cards())).keys("s").answer_trial();
    h
}

fn last_trial(h: &Harness) -> Box<Trying> {
    let asked = |e: &Effect| if let Effect::Try(trying) = e { Some(trying.clone()) } else { None };
    h.effects.0.iter().rev().find_map(asked).expect("a trial")
}

fn proposals(h: &Harness) -> usize {
    h.effects.0.iter().filter(|e| matches!(e, Effect::Propose { .. })).count()
}

/// The dimension under the cursor.
fn dim(h: &Harness) -> u8 {
    h.ui.screen.signature_dim(&h.ui.model).expect("a row")
}

fn items(h: &Harness) -> Vec<Item> {
    h.ui.model.queue.items().to_vec()
}

fn stand(h: &Harness, dim: u8) -> Stand {
    h.ui.model.trial.choice(&h.ui.model.auto).stand(dim)
}

#[test]
fn the_view_at_three_sizes() {
    for size in SIZES {
        let mut h = open(size);
        insta::assert_snapshot!(format!("signature_{}x{}", size.0, size.1), h.text());
        h.keys("j ").answer_trial();
        insta::assert_snapshot!(format!("signature_tried_{}x{}", size.0, size.1), h.text());
        h.keys("lj");
        insta::assert_snapshot!(format!("signature_card_{}x{}", size.0, size.1), h.text());
    }
}

#[test]
fn a_list_moves_the_cursor_to_its_first_dimension_and_what_is_tried_does_not() {
    let mut h = open((120, 40));
    h.keys("jj");
    let before = dim(&h);
    h.command("signature 3,12").answer_trial();
    let listed = dim(&h);
    assert!(listed != before && [2, 11].contains(&listed), "{listed}");
    h.keys("<home>n").answer_trial();
    assert_eq!(h.ui.screen.signature_at(&h.ui.model), 0, "it is left out where the cursor is");
    h.keys("<enter>").answer_trial();
    assert_eq!(h.ui.screen.signature_at(&h.ui.model), 0, "and kept");
}

#[test]
fn it_says_what_it_waits_for() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("s");
    assert!(h.text().contains("nothing is chosen yet: play a track"), "{}", h.text());
    let mut h = busy((80, 24));
    h.keys("s");
    assert!(h.text().contains("What the tracks that you chose have in common"), "{}", h.text());
    let request = last_trial(&h).request;
    h.message(Msg::Tried { request, tried: Err("nothing of what the queue follows is analysed yet".into()) });
    assert!(h.text().contains("analysed yet"), "{}", h.text());
}

#[test]
fn words_explain_every_number() {
    let mut h = open((200, 60));
    let mood = |members, dim: usize| Mood { members, dims: vec![report().dims[dim].clone()] };
    let words = vec!["mellow".to_string(), "jazz".into()];
    let several = SignatureReport { moods: vec![mood(4, 0), mood(3, 1)], words, ..report() };
    h.message(Msg::Signature(Box::new(several)));
    let text = h.text();
    assert!(text.contains("7 tracks · mellow, jazz"), "{text}");
    assert!(text.contains("2 moods: the queue goes on with that of the last track"), "{text}");
    for vague in ["softly", "worth ", "no clear meaning", "tells 0."] {
        assert!(!text.contains(vague), "{vague}: {text}");
    }
    assert!(text.contains("tells: how much it sets them apart") && text.contains("■ counts"), "{text}");
    let request = last_trial(&h).request;
    h.message(Msg::Trusted { request, confidence: Some(0.87) });
    assert!(h.text().contains("confidence: sure"), "{}", h.text());
    h.message(Msg::Trusted { request: request - 1, confidence: Some(0.1) });
    assert!(h.text().contains("confidence: sure"), "an older answer is dropped");
}

#[test]
fn a_search_goes_through_the_dimensions() {
    let mut h = open((120, 40));
    h.keys("/bright<enter>");
    let first = dim(&h);
    let brightness = NAMED.iter().position(|named| named.name == "brightness").unwrap() as u8 + DIMS as u8;
    assert!([6, brightness].contains(&first), "{first}");
    // n is never here; without a text the search goes on.
    h.keys("/<enter>");
    let second = dim(&h);
    assert!(second != first && [6, brightness].contains(&second), "{second}");
    h.keys("N");
    assert_eq!(dim(&h), first);
    h.keys("/no such thing<enter>");
    assert_eq!(dim(&h), first);
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("no dimension is called like"));
}

#[test]
fn keys_change_what_is_tried_and_not_the_queue() {
    let mut h = open((120, 40));
    let (before, asked, choice) = (items(&h), proposals(&h), h.ui.model.auto.choice.clone());
    h.keys("jjj");
    let at = dim(&h);
    h.keys("n");
    assert_eq!((stand(&h, at), last_trial(&h).choice), (Stand::Never, Some(Choice::Without(vec![at]))));
    h.answer_trial().keys("3+");
    assert_eq!(stand(&h, at), Stand::Used(2.5), "a count presses it so often");
    h.answer_trial().keys("--");
    assert_eq!(stand(&h, at), Stand::Used(1.5));
    h.answer_trial().keys("t");
    assert_eq!(stand(&h, at), Stand::ByTest);
    assert!(!h.ui.model.trial.changed(), "back where it was");
    h.answer_trial().keys("j ");
    let other = dim(&h);
    assert_ne!(other, at);
    h.answer_trial().keys("k+T");
    assert!(!h.ui.model.trial.changed());
    assert_eq!((items(&h), proposals(&h), &h.ui.model.auto.choice), (before, asked, &choice));
}

#[test]
fn space_uses_what_does_not_count_and_drops_what_does() {
    let mut h = open((120, 40));
    let rows = h.ui.model.trial.tried.as_ref().unwrap().rows.clone();
    let unchosen = rows.iter().position(|row| row.counting == Counting::Unchosen && !row.tested).expect("a row");
    h.keys(&format!("{}G ", unchosen + 1)).answer_trial();
    let at = rows[unchosen].dim;
    assert_eq!((dim(&h), stand(&h, at)), (at, Stand::Used(1.0)));
    h.keys(" ").answer_trial();
    assert_eq!(stand(&h, at), Stand::ByTest, "the tracks would not choose it");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("as before"));
    // In a list of the user's own it leaves the list.
    h.keys(":signature 3,7<enter>").answer_trial();
    let listed = |h: &Harness| h.ui.model.trial.choice(&h.ui.model.auto);
    let row = h.ui.model.trial.tried.as_ref().unwrap().rows.iter().position(|row| row.dim == 6).unwrap();
    h.keys(&format!("{}G ", row + 1));
    assert_eq!(listed(&h), Choice::dims([2]));
}

#[test]
fn escape_gives_up_what_is_tried_and_only_then_closes_the_view() {
    let mut h = open((120, 40));
    let (before, auto) = (items(&h), h.ui.model.auto.clone());
    h.keys("j ").answer_trial().keys("j+").answer_trial();
    assert!(
        h.text().contains("tried, not kept") && h.text().contains("stays as it is until you keep it"),
        "{}",
        h.text()
    );
    h.keys("<esc>");
    assert!(!h.ui.model.trial.changed() && h.ui.screen.shows(pages::SIGNATURE));
    assert_eq!((items(&h), h.ui.model.auto.clone()), (before, auto));
    h.keys("<esc>");
    assert!(!h.ui.screen.shows(pages::SIGNATURE));
}

#[test]
fn enter_lets_it_count_and_the_queue_is_asked_for_the_same() {
    let mut h = open((120, 40));
    h.keys("<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("nothing is tried yet"));
    let asked = proposals(&h);
    h.keys("jn").answer_trial();
    let tried = last_trial(&h);
    h.keys("<enter>");
    assert_eq!((proposals(&h), h.ui.model.trial.changed()), (asked + 1, false));
    let request = h.effects.0.iter().rev().find_map(|e| match e {
        Effect::Propose { request, engine, situation, choice, want } => {
            Some((*request, engine.clone(), (**situation).clone(), choice.clone(), *want))
        }
        _ => None,
    });
    let Trying { number, engine, situation, choice, want, .. } = *tried;
    assert_eq!(request, Some((number, engine, situation, choice.unwrap(), want)));
}

#[test]
fn r_begins_the_line_that_renames_the_dimension_under_the_cursor() {
    let mut h = open((120, 40));
    h.keys("jjjj");
    while dim(&h) >= 32 {
        h.keys("j");
    }
    let number = u32::from(dim(&h)) + 1;
    h.keys("r");
    assert_eq!(h.ui.screen.prompt.as_ref().unwrap().text, format!("dimension rename {number} "));
    h.keys("deep bass<enter>");
    let renamed =
        |e: &Effect| matches!(e, Effect::Rename { dim, name } if *dim == number.to_string() && name == "deep-bass");
    assert!(h.effects.0.iter().any(renamed), "{:?}", h.effects.0.last());
}

#[test]
fn enter_on_an_end_plays_its_example_and_the_queue_follows_the_same_tracks() {
    let mut h = open((120, 40));
    let row = h.ui.model.trial.tried.as_ref().unwrap().rows.iter().position(|row| row.dim == 6).unwrap();
    h.keys(&format!("{}Gljjjj", row + 1));
    assert!(h.text().contains("enter plays"), "{}", h.text());
    let followed = h.ui.model.anchor();
    let library = h.ui.model.trial.tried.as_ref().unwrap().library.clone();
    let expected = library.get(6).unwrap().highest[1].0;
    h.keys("<enter>");
    let item = h.ui.model.playing().unwrap().clone();
    assert_eq!(item.song.track, expected);
    assert!(matches!(&item.origin, Origin::Auto(why) if why.engine == "example"));
    assert_eq!(h.ui.model.anchor(), followed, "what is only listened to is not followed");
    let path = item.song.path.to_path_buf();
    assert!(h.effects.0.iter().any(|e| matches!(e, Effect::Player(Command::Play { path: of, .. }) if *of == path)));
    h.keys("h");
    assert!(h.ui.screen.signature.inside.is_none() && h.ui.screen.shows(pages::SIGNATURE));
}

#[test]
fn other_sets_are_looked_at_before_they_count() {
    let mut h = open((120, 40));
    h.message(Msg::SavedNames(vec!["late-night".into()]));
    h.keys("o");
    assert_eq!(h.ui.screen.prompt.as_ref().unwrap().text, "signature-of ");
    h.keys("late-night<enter>");
    let asked = last_trial(&h);
    assert!(matches!(&asked.whom, Whom::Set(side) if side.set == Set::Saved("late-night".into())));
    assert_eq!(asked.choice, None, "a saved signature brings its own");
    h.keys("<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("still being looked up"));
    let answer = crate::ask::trial::Tried { label: "late-night".into(), ..tried(&h.ui.model, &Choice::dims([6])) };
    let members = answer.tracks.clone();
    h.message(Msg::Tried { request: asked.request, tried: Ok(Box::new(answer)) });
    assert!(h.text().contains("Signature of late-night"), "{}", h.text());
    h.keys("<enter>");
    let following = h.ui.model.auto.following.as_ref().unwrap();
    assert_eq!((following.name.as_str(), &following.members), ("late-night", &members));
    assert_eq!(h.ui.model.auto.choice, Choice::dims([6]));
}

#[test]
fn marks_are_meant_even_where_the_view_hides_them() {
    let mut h = busy((120, 40));
    h.keys("jmjm:signature-of marks<enter>");
    let tracks = |h: &Harness| match last_trial(h).whom {
        Whom::Set(side) => match side.set {
            Set::Tracks(tracks) => tracks,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(tracks(&h).len(), 2);
    assert!(h.ui.screen.shows(pages::SIGNATURE));
    h.keys(":signature-of queue<enter>:signature-of marks<enter>");
    assert_eq!(tracks(&h).len(), 2);
    h.keys(":signature-of library<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("no signature of its own"));
    h.keys(":signature-of playlist nope<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("no playlist 'nope'"));
}

#[test]
fn two_sets_stand_side_by_side() {
    let mut h = open((120, 40));
    h.keys("a");
    assert_eq!(h.ui.screen.prompt.as_ref().unwrap().text, "compare ");
    h.keys("library<enter>");
    let asked = last_trial(&h);
    assert!(matches!(&asked.beside, Some(Whom::Set(side)) if side.set == Set::Library));
    let rows: Vec<(u8, f32, f32)> = (0..32).map(|dim| (dim, -1.5, 0.4)).collect();
    let beside = Beside { label: "library".into(), members: 240, distance: 0.31, dims: rows };
    let answer = crate::ask::trial::Tried { beside: Some(beside), ..tried(&h.ui.model, &Choice::Auto) };
    h.message(Msg::Tried { request: asked.request, tried: Ok(Box::new(answer)) });
    let text = h.text();
    assert!(text.contains("beside library: related") && text.contains('○'), "{text}");
    assert!(!h.ui.model.trial.changed(), "a comparison changes nothing");
    h.keys(":compare off<enter>");
    assert_eq!(last_trial(&h).beside, None);
}

#[test]
fn saving_following_moods_and_courses_start_here() {
    for (key, line) in [("s", "signature save "), ("U", "signature use "), ("M", "mood "), ("J", "journey ")] {
        let mut h = open((120, 40));
        h.keys(key);
        assert_eq!(h.ui.screen.prompt.as_ref().unwrap().text, line);
        h.keys("<esc>");
        assert!(h.ui.screen.prompt.is_none() && h.ui.screen.shows(pages::SIGNATURE));
    }
    let mut h = open((120, 40));
    h.keys("slate-night<enter>");
    let saved = |e: &Effect| matches!(e, Effect::Sets(SetOrder::Save { name, .. }) if name == "late-night");
    assert!(h.effects.0.iter().any(saved));
    let row = h.ui.model.trial.tried.as_ref().unwrap().rows.iter().position(|row| row.dim == 6).unwrap();
    h.keys(&format!("{}G]", row + 1));
    assert!(h.ui.model.auto.course.is_some(), "{:?}", h.ui.model.notice);
}

#[test]
fn clicks_and_the_wheel_move_the_cursor() {
    let mut h = open((120, 40));
    let mouse = |h: &mut Harness, kind, row| {
        let event = MouseEvent { kind, column: 20, row, modifiers: KeyModifiers::NONE };
        h.ui.event(Event::Mouse(event), &mut h.effects);
    };
    let rows = h.ui.model.trial.tried.as_ref().unwrap().rows.clone();
    // The tabs, the heading, how they were chosen and the heads of the columns are above.
    mouse(&mut h, MouseEventKind::Down(MouseButton::Left), 6);
    assert_eq!(dim(&h), rows[2].dim);
    mouse(&mut h, MouseEventKind::ScrollDown, 6);
    assert_eq!(dim(&h), rows[5].dim);
    h.keys("G");
    assert_eq!(dim(&h), rows[rows.len() - 1].dim);
    h.keys("gg");
    assert_eq!((dim(&h), h.ui.screen.signature.top), (rows[0].dim, 0));
}

#[test]
fn a_trial_from_outside_is_asked_for_without_the_view() {
    let mut h = busy((120, 40));
    h.keys(":dimension use 3<enter>");
    assert_eq!(last_trial(&h).choice, Some("auto,3".parse().unwrap()));
    assert!(!h.ui.screen.shows(pages::SIGNATURE));
    let asked = h.effects.0.iter().filter(|e| matches!(e, Effect::Try(_))).count();
    h.keys(":next<enter>");
    let now = h.effects.0.iter().filter(|e| matches!(e, Effect::Try(_))).count();
    assert_eq!(now, asked, "it follows the queue only while it is seen");
    h.keys(":dimension use<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("name a dimension"));
    h.ui.screen.command(&ScreenAction::Signature, false, &h.ui.model);
    assert_eq!(h.ui.screen.page.map(|(page, _)| page.pane.id()), Some(pages::SIGNATURE.id()));
}

#[test]
fn it_draws_at_every_size() {
    let mut h = open((120, 40));
    for keys in ["", " ", "l", "G", "l"] {
        h.keys(keys);
        for width in [0, 1, 39, 40, 59, 60, 79, 80, 99, 100, 119, 120, 160, 200] {
            for height in [0, 1, 9, 10, 12, 15, 16, 20, 24, 30, 40, 60] {
                h.size = (width.max(1), height.max(1));
                h.ui.resize(ratatui::layout::Size { width, height });
                h.keys("jk");
                h.buffer();
            }
        }
    }
}
