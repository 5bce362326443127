//! Directions, journeys, blends and moods, as command lines.

use super::*;
use crate::app::effect::MoodOrder;
use crate::ask::names::Part;
use crate::library::Mood;
use crate::queue::{Blend, Course, Situation, Step, Way};
use crate::track::TrackId;

/// The request among effects: its number, its situation and how many tracks it wants.
fn asked(effects: &[Effect]) -> Option<(u64, Situation, usize)> {
    effects.iter().find_map(|e| match e {
        Effect::Propose { request, situation, want, .. } => Some((*request, Situation::clone(situation), *want)),
        _ => None,
    })
}

fn ordered(effects: &[Effect]) -> Option<SetOrder> {
    effects.iter().find_map(|e| match e {
        Effect::Sets(order) => Some(order.clone()),
        _ => None,
    })
}

/// Answers a request with songs from `first` on: the steps of its course that are left, then others.
fn take(model: &mut Model, effects: &[Effect], first: usize) -> Vec<Effect> {
    let (request, situation, want) = asked(effects).expect("a request");
    let left = situation.course.map_or(0, |course| course.left());
    let mut picks = proposals(model, first..first + want);
    for (n, pick) in picks.iter_mut().take(left).enumerate() {
        let Course { number, way, steps, picked, .. } = situation.course.unwrap();
        pick.why.step = Some(Step { course: number, way, at: picked.at + n as u16 + 1, of: steps });
    }
    update(model, Msg::Picks { request, picks, note: None })
}

fn steps(model: &Model) -> Vec<u16> {
    let step = |origin: &Origin| match origin {
        Origin::Auto(why) => why.step.map_or(0, |s| s.at),
        Origin::Hand => 0,
    };
    model.queue.ahead().iter().map(|item| step(&item.origin)).collect()
}

fn said(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |n| &n.text)
}

#[test]
fn a_direction_replaces_the_tail_and_counts_its_steps() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    let effects = give(&mut model, "direction tempo up", &[]);
    let (_, situation, want) = asked(&effects).unwrap();
    let course = situation.course.unwrap();
    assert_eq!((course.way, course.steps, want), (Way::Direction { dim: 32, up: true }, 12, 15));
    assert!(situation.ahead.is_empty(), "the old tail is about to give way");
    assert_eq!(model.queue.ahead().len(), 15, "and stands until then");
    assert!(said(&model).starts_with("↑ tempo: the next 12 tracks"), "{}", said(&model));
    take(&mut model, &effects, 20);
    assert_eq!(steps(&model), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0]);
    // Played, skipped and taken out: the steps stay what they were.
    give(&mut model, "next", &[]);
    give(&mut model, "next", &[]);
    give(&mut model, "remove 1 2", &[]);
    assert_eq!(steps(&model)[..2], [5, 6]);
    give(&mut model, "direction", &[]);
    assert!(said(&model).starts_with("↑ tempo 2/12;"), "{}", said(&model));
    // An addition by hand has the tail chosen anew, from the step that plays.
    let hand = model.catalog.songs()[5].clone();
    let effects = give(&mut model, "enqueue", &[&hand]);
    assert_eq!(asked(&effects).unwrap().1.course.unwrap().left(), 10);
    take(&mut model, &effects, 25);
    assert_eq!(steps(&model)[..3], [0, 3, 4]);
    // Another one begins behind it.
    give(&mut model, "calmer", &[]);
    assert!(said(&model).starts_with("↓ energy: the next 12 tracks after your 1;"), "{}", said(&model));
}

#[test]
fn a_course_that_is_past_ends_and_says_so() {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    let effects = give(&mut model, "calmer 3", &[]);
    assert_eq!(asked(&effects).unwrap().1.course.unwrap().way, Way::Direction { dim: 42, up: false });
    take(&mut model, &effects, 20);
    for _ in 0..3 {
        give(&mut model, "next", &[]);
        assert!(model.auto.course.is_some());
    }
    give(&mut model, "next", &[]);
    assert_eq!(model.auto.course, None);
    assert_eq!(said(&model), "↓ energy has ended: the queue goes on with the playlist");
}

#[test]
fn what_cannot_be_followed_ends_at_once() {
    let (mut model, _) = playing(0);
    let effects = give(&mut model, "direction 7 down", &[]);
    let (request, ..) = asked(&effects).unwrap();
    let picks = proposals(&model, 10..25);
    update(&mut model, Msg::Picks { request, picks, note: Some("too few tracks are known by 7".into()) });
    assert_eq!((model.auto.course, said(&model)), (None, "too few tracks are known by 7"));
}

#[test]
fn off_goes_back_and_a_queue_that_takes_nothing_in_says_so() {
    let (mut model, _) = playing(0);
    let effects = give(&mut model, "louder", &[]);
    take(&mut model, &effects, 20);
    let effects = give(&mut model, "direction off", &[]);
    assert_eq!(asked(&effects).unwrap().1.course, None);
    give(&mut model, "direction off", &[]);
    assert!(said(&model).contains("no direction"));
    give(&mut model, "repeat all", &[]);
    give(&mut model, "louder", &[]);
    assert!(said(&model).contains(":repeat off first"));
    give(&mut model, "repeat off", &[]);
    give(&mut model, "auto off", &[]);
    give(&mut model, "journey", &[]);
    assert!(said(&model).contains(":auto on first"));
    let mut empty = fixture::model(3);
    give(&mut empty, "direction tempo up", &[]);
    assert!(said(&empty).contains("nothing to start from"));
}

#[test]
fn a_journey_s_ends_are_what_plays_what_is_marked_or_named() {
    let (mut model, _) = playing(0);
    let track = |model: &Model, n: usize| model.catalog.songs()[n].track;
    let (a, b, c) = (track(&model, 0), model.catalog.songs()[8].clone(), model.catalog.songs()[9].clone());
    let ends = |effects: &[Effect]| match ordered(effects) {
        Some(SetOrder::Journey { from, to, steps, .. }) => (from, to, steps),
        other => panic!("{other:?}"),
    };
    let one = |track| Part::Tracks { label: String::new(), tracks: vec![track] };
    assert_eq!(ends(&give(&mut model, "journey", &[&b])), (one(a), one(b.track), 12));
    assert_eq!(ends(&give(&mut model, "journey 8", &[&b, &c])), (one(b.track), one(c.track), 8));
    let named = |name: &str| Part::Named(name.into());
    assert_eq!(ends(&give(&mut model, "journey \"So What\"", &[&b])), (one(a), named("So What"), 12));
    assert_eq!(ends(&give(&mut model, "journey A B 20", &[])), (named("A"), named("B"), 20));
    // They were found.
    let effects = update(&mut model, journey(a, b.track, &[], 20));
    let course = asked(&effects).unwrap().1.course.unwrap();
    assert_eq!((course.way, course.steps), (Way::Journey { from: a, to: b.track }, 20));
    update(&mut model, journey(a, a, &[], 20));
    assert!(said(&model).contains("ends where it begins"));
    // With nothing in the queue it begins all the same.
    let mut empty = fixture::model(40);
    let effects = update(&mut empty, journey(a, b.track, &[], 5));
    assert_eq!(asked(&effects).unwrap().1.playlist, [a]);
    give(&mut empty, "journey", &[&b]);
    assert!(said(&empty).contains("nothing plays"));
}

/// The points of a journey were found.
fn journey(from: TrackId, to: TrackId, via: &[TrackId], steps: u16) -> Msg {
    Msg::Journey { from, to, via: via.to_vec(), steps, seed: None }
}

#[test]
fn a_journey_goes_by_what_is_named_and_another_way_each_time() {
    let (mut model, _) = playing(0);
    let [a, b, c, d] = [0, 8, 9, 10].map(|n: usize| model.catalog.songs()[n].clone());
    let named = |name: &str| Part::Named(name.into());
    let order = ordered(&give(&mut model, "journey B via \"So What\" via X 9 seed:7", &[]));
    let from = Part::Tracks { label: String::new(), tracks: vec![a.track] };
    let via = vec![named("So What"), named("X")];
    assert_eq!(order, Some(SetOrder::Journey { from, to: named("B"), via, steps: 9, seed: Some(7) }));
    // They were found.
    let found = Msg::Journey { from: a.track, to: b.track, via: vec![c.track, d.track], steps: 9, seed: Some(7) };
    let effects = update(&mut model, found);
    let course = asked(&effects).unwrap().1.course.unwrap();
    assert_eq!((course.points(), course.seed), (vec![a.track, c.track, d.track, b.track], 7));
    let titles = [&a, &c, &d, &b].map(|song| song.title()).join(" → ");
    assert_eq!(
        said(&model),
        format!("{titles}: the next 9 tracks; seed:7 goes this way again; :direction off ends it")
    );
    // Without a seed one is drawn, and told.
    let mut seeds: Vec<u32> = Vec::new();
    for _ in 0..4 {
        update(&mut model, journey(a.track, b.track, &[], 9));
        let seed = model.auto.course.unwrap().seed;
        assert!(said(&model).contains(&format!("; seed:{seed} goes this way again;")), "{}", said(&model));
        seeds.push(seed);
    }
    seeds.sort_unstable();
    seeds.dedup();
    assert!(seeds.len() > 1 && seeds[0] > 0, "{seeds:?}");
    let kept = model.auto.course;
    update(&mut model, journey(a.track, b.track, &[c.track, c.track], 9));
    assert!(said(&model).contains("to the same track"), "{}", said(&model));
    update(&mut model, journey(a.track, b.track, &[c.track, d.track], 3));
    assert_eq!(said(&model), "a journey by 4 points has 4 tracks at least");
    assert_eq!(model.auto.course, kept);
}

#[test]
fn a_course_outlives_the_session() {
    let (mut model, _) = playing(0);
    let effects = give(&mut model, "wilder", &[]);
    take(&mut model, &effects, 20);
    give(&mut model, "next", &[]);
    let text = serde_json::to_string(&model.session()).unwrap();
    let mut again = fixture::model(40);
    let catalog = again.catalog.clone();
    again.restore(serde_json::from_str(&text).unwrap(), &catalog);
    assert_eq!(again.auto.course, model.auto.course);
    assert_eq!(steps(&again), steps(&model));
    // The next course is told apart from it.
    give(&mut again, "calmer", &[]);
    assert_eq!(again.auto.course.unwrap().number, 2);
}

#[test]
fn the_queue_follows_a_blend_until_it_is_off() {
    let (mut model, _) = playing(0);
    let (a, b) = (model.catalog.songs()[8].clone(), model.catalog.songs()[9].clone());
    let each = |song: &Arc<Song>| Part::Tracks { label: song.title(), tracks: vec![song.track] };
    let order = ordered(&give(&mut model, "blend", &[&a, &b]));
    assert_eq!(order, Some(SetOrder::Blend { plus: vec![each(&a), each(&b)], minus: Vec::new() }));
    let order = ordered(&give(&mut model, "blend +playlist -Fela Kuti", &[]));
    let playlist = Part::Tracks { label: "playlist".into(), tracks: model.queue.playlist() };
    assert_eq!(order, Some(SetOrder::Blend { plus: vec![playlist], minus: vec![Part::Named("Fela Kuti".into())] }));
    give(&mut model, "blend", &[]);
    assert!(said(&model).contains("blend wants names"));
    let blend = Blend { plus: vec![vec![a.track], vec![b.track]], minus: Vec::new() };
    let effects = update(&mut model, Msg::Blend { name: "+A +B".into(), blend: blend.clone() });
    let (_, situation, _) = asked(&effects).unwrap();
    assert_eq!(situation.blend, Some(blend));
    assert!(situation.playlist.contains(&a.track) && situation.playlist.len() == 2);
    assert!(said(&model).contains("follows +A +B (2 tracks)"));
    // It outlives the session.
    let text = serde_json::to_string(&model.session()).unwrap();
    let mut again = fixture::model(40);
    let catalog = again.catalog.clone();
    again.restore(serde_json::from_str(&text).unwrap(), &catalog);
    assert_eq!(again.auto.following, model.auto.following);
    let effects = give(&mut model, "blend off", &[]);
    assert_eq!(asked(&effects).unwrap().1.blend, None);
    give(&mut model, "blend off", &[]);
    assert!(said(&model).contains("no blend"));
}

/// A session that plays, with a mood from 22 to 2.
fn with_mood() -> Model {
    let (mut model, effects) = playing(0);
    answer(&mut model, &effects, 10..25);
    update(&mut model, Msg::SavedNames(vec!["late-night".into()]));
    update(&mut model, Msg::Moods(vec![Mood { name: "late-night".into(), from: 22, to: 2 }]));
    model
}

/// The signature of the mood was read.
fn read(model: &mut Model) -> Vec<Effect> {
    let members = model.catalog.songs()[30..33].iter().map(|s| s.track).collect();
    update(model, Msg::Mood { name: "late-night".into(), members, choice: Choice::dims([2, 6]) })
}

fn wants_mood(effects: &[Effect]) -> bool {
    ordered(effects) == Some(SetOrder::Mood("late-night".into()))
}

#[test]
fn a_mood_begins_and_ends_with_its_hours() {
    let mut model = with_mood();
    give(&mut model, "signature 5", &[]);
    assert!(!wants_mood(&update(&mut model, Msg::Hour(21))));
    assert!(wants_mood(&update(&mut model, Msg::Hour(22))));
    let effects = read(&mut model);
    assert_eq!(asked(&effects).unwrap().1.playlist.len(), 3);
    assert!(said(&model).contains("the hours of late-night"));
    assert!(!wants_mood(&update(&mut model, Msg::Hour(0))), "it is followed already");
    let effects = update(&mut model, Msg::Hour(2));
    assert_eq!(asked(&effects).unwrap().1.playlist, model.queue.playlist());
    assert_eq!((&model.auto.choice, &model.auto.following), (&Choice::dims([4]), &None));
    assert!(said(&model).contains("late-night are over"));
}

#[test]
fn the_user_s_choice_wins_until_the_hours_are_over() {
    // Left by a word: not again before the next night.
    let mut model = with_mood();
    update(&mut model, Msg::Hour(23));
    read(&mut model);
    give(&mut model, "mood off", &[]);
    assert_eq!((&model.auto.following, &model.auto.choice), (&None, &Choice::Auto));
    assert!(!wants_mood(&update(&mut model, Msg::Hour(0))));
    update(&mut model, Msg::Hour(12));
    assert!(wants_mood(&update(&mut model, Msg::Hour(22))));
    give(&mut model, "mood off", &[]);
    assert!(said(&model).contains("no mood"), "its signature was not read yet");
    // Something else is followed: it stays, also past the hours.
    let mut model = with_mood();
    let members = vec![model.catalog.songs()[7].track];
    update(&mut model, Msg::Follow { name: "mine".into(), members, choice: Choice::Auto });
    assert!(!wants_mood(&update(&mut model, Msg::Hour(22))));
    read(&mut model);
    update(&mut model, Msg::Hour(3));
    assert_eq!(model.auto.following.as_ref().unwrap().name, "mine");
}

#[test]
fn a_mood_and_its_being_left_outlive_the_session() {
    let again = |model: &Model| {
        let text = serde_json::to_string(&model.session()).unwrap();
        let mut again = fixture::model(40);
        again.waiting = Some(serde_json::from_str(&text).unwrap());
        let catalog = std::mem::take(&mut again.catalog);
        update(&mut again, Msg::Moods(model.moods.list.clone().unwrap()));
        assert!(!wants_mood(&update(&mut again, Msg::Hour(23))), "no songs yet");
        let effects = update(&mut again, Msg::Catalog(catalog));
        (again, wants_mood(&effects))
    };
    let mut model = with_mood();
    update(&mut model, Msg::Hour(22));
    read(&mut model);
    let (restored, wants) = again(&model);
    assert_eq!((restored.auto.following, wants), (model.auto.following.clone(), false));
    give(&mut model, "mood off", &[]);
    let (restored, wants) = again(&model);
    assert_eq!((restored.auto.following, wants), (None, false));
}

#[test]
fn moods_are_kept_only_of_saved_signatures() {
    let mut model = with_mood();
    let order = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Moods(MoodOrder::Step(_, order)) => Some((**order).clone()),
            Effect::Moods(order) => Some(order.clone()),
            _ => None,
        })
    };
    let night = Mood { name: "late-night".into(), from: 21, to: 1 };
    assert_eq!(order(&give(&mut model, "mood late-night 21-1", &[])), Some(MoodOrder::Put(night)));
    assert_eq!(order(&give(&mut model, "mood list", &[])), Some(MoodOrder::List));
    assert_eq!(order(&give(&mut model, "mood delete late-night", &[])), Some(MoodOrder::Delete("late-night".into())));
    assert_eq!(order(&give(&mut model, "mood other 21-1", &[])), None);
    assert!(said(&model).contains("no signature 'other'"));
}

#[test]
fn what_was_heard_last_can_be_followed_without_what_was_skipped() {
    let mut model = fixture::model(40);
    give(&mut model, "like-last", &[]);
    assert_eq!(model.notice.as_ref().unwrap().text, "nothing of the library was heard yet");
    let tracks: Vec<_> = model.catalog.songs()[..4].iter().map(|song| song.track).collect();
    model.heard = tracks.clone();
    for (n, track) in tracks.iter().copied().enumerate() {
        let event = match n {
            1 => Event::Skipped { track, secs: 2.0 },
            _ => Event::Played { track, secs: 200.0, whole: true },
        };
        update(&mut model, Msg::Noted(Entry { at: 5, event }));
    }
    let effects = give(&mut model, "like-last 2", &[]);
    let following = model.auto.following.clone().unwrap();
    assert_eq!((following.name.as_str(), following.members), ("what was heard last", vec![tracks[3], tracks[2]]));
    assert!(effects.iter().any(|e| matches!(e, Effect::Signature { .. })));
    give(&mut model, "like-last", &[]);
    assert_eq!(model.auto.following.as_ref().unwrap().members, [tracks[3], tracks[2], tracks[0]]);
    give(&mut model, "like-last 0", &[]);
    assert_eq!(model.notice.as_ref().unwrap().text, "like-last wants a number of tracks, 1 to 500");
}
