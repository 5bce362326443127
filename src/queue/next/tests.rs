use std::sync::Arc;

use super::history::{Play, SESSION_GAP};
use super::lesson::{FEWEST, Heard};
use super::simulation::{Habit, history, library};
use super::*;
use crate::library::journal::{Entry, Event};
use crate::queue::fixture::{context, id};
use crate::queue::{Guide, Proposal, Term, Why, policy};

fn learned(habit: Habit, plays: usize, seed: u64) -> Learned {
    history(&library(seed, 400), habit, plays, seed).learn().unwrap()
}

#[test]
fn a_planted_rule_is_found() {
    for habit in [Habit::Step, Habit::Alternate] {
        let Learned { report, model } = learned(habit, 1500, 3);
        assert_eq!(report.verdict, Verdict::Used, "{habit:?}: {:#?}", report.lines());
        let card = read(&model.unwrap()).unwrap().card().clone();
        assert!(card.proven && card.mrr == report.mrr("model") && card.trained == report.trained);
        assert_eq!(card.generation, "simulated");
    }
}

#[test]
fn where_there_is_none_nothing_is_used() {
    for (habit, seed) in [(Habit::Neighbourhood, 4), (Habit::Round, 5), (Habit::Anywhere, 6)] {
        let Learned { report, model } = learned(habit, 1200, seed);
        assert!(matches!(report.verdict, Verdict::NoBetter { .. }), "{habit:?}: {:#?}", report.lines());
        assert!(!read(&model.unwrap()).unwrap().card().proven);
    }
}

#[test]
fn too_little_teaches_nothing() {
    let few = learned(Habit::Step, FEWEST - 10, 1);
    assert_eq!((few.report.verdict, few.model), (Verdict::FewTransitions, None));
    // Enough transitions, but in a handful of sessions.
    let mut long = history(&library(2, 400), Habit::Step, 400, 2);
    let rows = long.sessions.concat();
    long.sessions = rows.chunks(100).map(<[Heard]>::to_vec).collect();
    let few = long.learn().unwrap();
    assert_eq!((few.report.verdict, few.model), (Verdict::FewSessions, None));
    let wrong = Lesson { library: Vec::new(), ..long };
    assert!(matches!(wrong.learn(), Err(NextError::UnknownTrack)));
}

#[test]
fn the_same_lesson_makes_the_same_model() {
    let (a, b) = (learned(Habit::Step, 900, 9), learned(Habit::Step, 900, 9));
    assert!(a.model.is_some() && a.model == b.model);
    assert_eq!(a.report.rows, b.report.rows);
}

#[test]
fn a_lesson_holds_what_was_heard_and_has_a_latent() {
    let context = context(&[0]);
    let play = |at, n: u8| Entry { at, event: Event::Played { track: id(n), secs: 60.0, whole: true } };
    // Track 200 has no latent, track 0 returns too soon to be a target, and track 5 is alone in its
    // session.
    let entries = [play(100, 0), play(200, 1), play(300, 200), play(400, 2), play(500, 0), play(700 + SESSION_GAP, 5)];
    let sessions = sessions(&entries, &|_| None);
    let lesson = Lesson::of(
        &Sounds::of(&context.space, &context.catalog),
        &sessions,
        &[vec![id(4), id(200), id(6)], vec![id(7)]],
    );
    assert_eq!(lesson.sessions.iter().map(Vec::len).collect::<Vec<_>>(), [4]);
    assert_eq!(lesson.playlists.iter().map(Vec::len).collect::<Vec<_>>(), [2]);
    assert_eq!(lesson.transitions(), 3);
    assert_eq!(lesson.library.len(), 32, "and the rest of the library, to tell them from");
    let first = lesson.sessions[0][1].row as usize;
    assert_eq!(lesson.library[first], context.space.z(context.space.row(id(1)).unwrap()));
}

#[test]
fn a_model_is_made_anew_for_enough_that_is_new() {
    let lesson = history(&library(1, 100), Habit::Anywhere, 500, 1);
    let last =
        |transitions, generation: &str| Report { transitions, generation: generation.into(), ..Report::default() };
    let now = lesson.transitions();
    assert!(due(None, &lesson));
    assert!(!due(Some(&last(now - 99, "simulated")), &lesson));
    assert!(due(Some(&last(now - 100, "simulated")), &lesson));
    assert!(due(Some(&last(now, "another encoder's")), &lesson));
    assert!(!due(None, &history(&library(1, 100), Habit::Anywhere, 250, 1)));
}

/// A model of a user who alternates between styles 0 and 1, with a context to use it in.
fn in_turn() -> (crate::queue::Context, Arc<NextTrack>) {
    let mut context = context(&[0]);
    let mut rng = fastrand::Rng::with_seed(8);
    let sessions: Vec<Vec<Play>> = (0..80)
        .map(|_| {
            let mut tracks: Vec<u8> = (0..8).collect();
            rng.shuffle(&mut tracks);
            let side = rng.u8(..2);
            (0..8).map(|i| Play::listed(id(tracks[i] + 8 * ((i as u8 + side) % 2)))).collect()
        })
        .collect();
    let lesson = Lesson::of(&Sounds::of(&context.space, &context.catalog), &sessions, &[]);
    let learned = lesson.learn().unwrap();
    assert_eq!(learned.report.verdict, Verdict::Used, "{:#?}", learned.report.lines());
    let model = Arc::new(read(&learned.model.unwrap()).unwrap());
    assert!(speaks(&model, &context.space));
    context.weights.next = 5.0;
    (context, model)
}

#[test]
fn the_policy_hears_what_usually_comes_next() {
    let (mut context, model) = in_turn();
    let propose = || [1u8, 9, 2, 10, 3, 11].map(|n| Proposal { id: id(n), score: 0.0, why: Why::default() }).to_vec();
    context.next = Some(Arc::new(Usual::new(model.clone(), Vec::new())));
    let picks = policy::pick(&context, propose(), 4);
    let styles: Vec<u8> = picks.iter().map(|p| p.id.0[1] / 8).collect();
    assert_eq!(styles, [1, 0, 1, 0], "the playing one is of style 0");
    assert!(picks.iter().all(|p| p.why.terms.iter().any(|(term, v)| *term == Term::Next && *v > 0.0)));
    // Without plays in this session, a track heard earlier is no input, so there is no prediction.
    let rows: Vec<_> = [1, 9].iter().map(|&n| context.space.row(id(n))).collect();
    context.situation.playing = None;
    context.situation.heard = vec![id(9)];
    let yesterday = Usual::new(model.clone(), Vec::new());
    assert_eq!(yesterday.values(&context, &[id(9)], 0, &rows), None);
    let today = Usual::new(model.clone(), vec![Play::listed(id(9))]);
    let values = today.values(&context, &[id(9)], 0, &rows).unwrap();
    assert!(values[0] > values[1], "{values:?}");
    assert_eq!(today.values(&context, &[id(9)], 0, &[None, rows[1]]).unwrap(), [0.0, 0.0]);
}

#[test]
fn a_model_of_another_generation_is_silent() {
    let (mut context, model) = in_turn();
    let guide = Usual::new(model.clone(), Vec::new());
    let rows = [context.space.row(id(1))];
    assert!(guide.values(&context, &[id(0)], 0, &rows).is_some());
    context.space =
        Arc::new(crate::latent::Space::build("another".into(), Arc::default(), crate::queue::fixture::latents()));
    assert!(!speaks(&model, &context.space));
    assert_eq!(guide.values(&context, &[id(0)], 0, &rows), None);
}
