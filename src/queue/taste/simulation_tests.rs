//! Tests with simulated listeners: a known taste is learned, and random answers teach nothing.

use std::sync::Arc;

use super::simulation::{Listener, World, answers, behaviour, correlation, listening};
use super::{Learner, Step};
use crate::latent::{Prior, Space};
use crate::library::journal::{Entry, Event, Verdict};
use crate::queue::fixture::{context, id};
use crate::queue::{Engine, SignatureEngine, Taste};
use crate::track::TrackId;

const LISTENERS: usize = 12;

#[test]
fn answers_of_a_listener_who_follows_four_dimensions_are_foretold() {
    let found = answers(&World::simulated(1, 500), Listener::Planted, LISTENERS, &[10, 50], 7);
    let [few, many] = found[..] else { panic!("{found:?}") };
    assert!(many.foretold >= 0.58 && many.foretold > many.flat + 0.1, "{many:?}");
    assert!(many.correlation > 0.5 && many.learned > 0.75 && many.foretold > few.foretold, "{few:?} {many:?}");
}

#[test]
fn of_answers_given_at_random_nothing_is_learned() {
    let found = answers(&World::simulated(2, 500), Listener::Random, LISTENERS, &[50], 8);
    assert!(found[0].learned <= 0.17 && found[0].foretold < 0.4, "{found:?}");
}

#[test]
fn skips_are_foretold_once_they_follow_something() {
    let world = World::simulated(3, 500);
    let found = behaviour(&world, Listener::Planted, 6, &[150], 9);
    assert!(found[0].foretold > found[0].flat + 0.1 && found[0].correlation > 0.5, "{found:?}");
    let found = behaviour(&world, Listener::Random, LISTENERS, &[150], 10);
    assert!(found[0].learned <= 0.17, "{found:?}");
}

#[test]
fn what_was_heard_in_a_row_teaches_as_far_as_it_follows_something() {
    let world = World::simulated(4, 500);
    let learned = |entries: &[Entry]| {
        let mut learner = Learner::new(entries);
        assert!(learner.is_stale(&world.space) && !learner.has_looked());
        learner.learn(&world.catalog, &world.space, world.prior);
        assert!(learner.has_looked());
        learner
    };
    let (entries, truth) = listening(&world, Listener::Planted, 60, 11);
    let learner = learned(&entries);
    let report = learner.report(&world.space);
    assert!(report.listens > 300 && report.learned && report.answers == 0, "{}", report.listens);
    let near = correlation(&truth, &learner.taste().weights);
    assert!(near > 0.5, "{near}");
    // The sessions are what teaches: without pauses, all of it is one.
    let row = |(n, entry): (usize, &Entry)| Entry { at: 1_000_000 + 200 * n as u64, ..entry.clone() };
    let joined: Vec<Entry> = entries.iter().enumerate().map(row).collect();
    let joined = learned(&joined);
    assert!(joined.report(&world.space).listens == 0 && !joined.taste().learned);
    // Who plays anything after anything has no taste.
    let (random, _) = listening(&world, Listener::Random, 60, 12);
    assert!(!learned(&random).taste().learned);
    // What was heard before a reset does not count, until the reset is taken back.
    let mut learner = learner;
    for (event, counts) in [(Event::TasteReset, false), (Event::TasteUndone, true)] {
        learner.note(&event);
        learner.learn(&world.catalog, &world.space, world.prior);
        assert_eq!(learner.taste().learned, counts);
    }
    let mut late = entries;
    late.push(Entry { at: u64::MAX / 2, event: Event::TasteReset });
    assert!(!learned(&late).taste().learned);
}

/// Verdicts on the fixture's library: tracks of style 0 are kept, all others skipped.
fn entries() -> Vec<Entry> {
    let judged = |n: u8| Event::Judged {
        track: id(n % 32),
        verdict: if n % 32 < 8 { Verdict::Kept } else { Verdict::Skipped },
        among: vec![id(0), id(2), id(4)],
    };
    (0..60).map(|n| Entry { at: u64::from(n), event: judged(n) }).collect()
}

#[test]
fn what_is_kept_of_steps_is_what_all_of_them_give() {
    let context = context(&[0, 2]);
    let learn = |learner: &mut Learner| learner.learn(&context.catalog, &context.space, Prior::default());
    let mut step_by_step = Learner::default();
    for entry in entries() {
        step_by_step.note(&entry.event);
        learn(&mut step_by_step);
    }
    let mut at_once = Learner::new(&entries());
    learn(&mut at_once);
    assert_eq!(step_by_step.taste(), at_once.taste());
    // A reset and a verdict after it, both undone, must leave no trace.
    for event in [Event::TasteReset, entries()[3].event.clone(), Event::TasteUndone, Event::TasteUndone] {
        assert!(step_by_step.note(&event));
        learn(&mut step_by_step);
    }
    assert_eq!(step_by_step.taste(), at_once.taste());
    step_by_step.note(&Event::TasteReset);
    learn(&mut step_by_step);
    assert_eq!(**step_by_step.taste(), Taste::default());
    assert!(!step_by_step.note(&Event::Kept { track: id(1) }));
}

#[test]
fn a_wish_for_less_halves_a_weight_and_moves_the_queue() {
    let mut context = context(&[0, 2]);
    let mut learner = Learner::default();
    let before = SignatureEngine::default().propose(&context, 5).unwrap();
    let dim = before[0].why.dims[0].0;
    for _ in 0..2 {
        learner.note(&Event::TasteLess { dim });
    }
    assert!(learner.learn(&context.catalog, &context.space, context.prior));
    context.taste = learner.taste().clone();
    assert_eq!(context.taste.weights[usize::from(dim) - 1], 0.25);
    assert!(!context.taste.learned, "a wish is no evidence");
    let after = SignatureEngine::default().propose(&context, 5).unwrap();
    assert!(after.iter().all(|p| p.why.fit.is_some_and(|fit| fit > 0.5)), "the yardstick has the same weights");
    let share = |why: &crate::queue::Why| why.dims.iter().find(|d| d.0 == dim).map_or(0.0, |d| d.1);
    let same = after.iter().find(|p| p.id == before[0].id).expect("still near");
    assert!((share(&same.why) - 0.25 * share(&before[0].why)).abs() < 1e-4 || share(&same.why) == 0.0);
    let report = learner.report(&context.space);
    assert_eq!((report.dims[usize::from(dim) - 1].less, report.learned, report.undoes_answer), (2, false, false));
}

#[test]
fn questions_are_about_three_artists_and_every_fifth_is_held_out() {
    let context = context(&[0]);
    let mut learner = Learner::default();
    let mut held = 0;
    for seed in 0..20 {
        let (three, held_out) = learner.question(&context.catalog, &context.space, seed).expect("a question");
        let artists: Vec<&str> =
            three.iter().filter_map(|t| context.catalog.of_track(*t)).map(|s| s.artist()).collect();
        assert!(artists[0] != artists[1] && artists[1] != artists[2] && artists[0] != artists[2], "{artists:?}");
        held += usize::from(held_out);
        learner.note(&Event::OddOne { tracks: three.to_vec(), odd: 0, held_out });
    }
    assert_eq!(held, 4);
    let report = learner.report(&context.space);
    assert_eq!((report.answers, report.after.of, report.undoes_answer), (16, 4, true));
    assert!(matches!(learner.history().last(), Some(Step::Odd { held_out: true, .. })));
    assert!(learner.question(&context.catalog, &Space::default(), 1).is_none());
    // Answers about tracks no longer in the library are not learned from.
    let gone: Vec<TrackId> = (200..203).map(id).collect();
    learner.note(&Event::OddOne { tracks: gone, odd: 1, held_out: false });
    learner.learn(&context.catalog, &Arc::default(), context.prior);
    assert!(!learner.taste().learned);
}
