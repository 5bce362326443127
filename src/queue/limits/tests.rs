//! No engine, course or plugin goes round the limits.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Gate, Limits, Spacing};
use crate::clock::Moment;
use crate::latent::Way;
use crate::queue::fixture::{context, context_of, id, latents, song, songs};
use crate::queue::{Context, Course, Director, Proposal, Why, policy};
use crate::track::{Tags, TrackId};

const PASSING: [u8; 6] = [3, 5, 9, 12, 20, 30];

/// A session in which track 0 plays, and six tracks pass.
fn narrowed() -> Context {
    let limits = Limits { only: "x".into(), ..Limits::default() };
    let passing: HashSet<TrackId> = PASSING.map(id).into();
    let gate = Gate::new(&limits, Ok(Some(passing)), Arc::default(), &[], Moment::default());
    let mut context = Context { gate, ..context(&[0]) };
    context.situation.limits = limits;
    context
}

fn numbers(picks: &[Proposal]) -> Vec<u8> {
    picks.iter().map(|pick| pick.id.0[1]).collect()
}

fn propose(scores: &[(u8, f32)]) -> Vec<Proposal> {
    scores.iter().map(|&(n, score)| Proposal { id: id(n), score, why: Why::default() }).collect()
}

#[test]
fn no_engine_goes_round_the_limits() {
    let context = narrowed();
    let mut director = Director::new(Vec::new());
    for engine in ["signature", "albums", "radio", "drift", "rediscover", "radio | no-repeat", "no such engine"] {
        let (picks, _) = director.picks(&context, engine, 5);
        assert!(!picks.is_empty() && numbers(&picks).iter().all(|n| PASSING.contains(n)), "{engine}: {picks:?}");
    }
    let ways = [
        Way::Direction { dim: 0, up: true },
        Way::Direction { dim: 3, up: false },
        Way::Journey { from: id(0), to: id(31) },
        Way::Journey { from: id(1), to: id(30) },
    ];
    for way in ways {
        let mut context = context.clone();
        context.situation.course = Some(Course::new(1, way, 4));
        let (picks, _) = director.picks(&context, "signature", 4);
        assert!(!picks.is_empty() && numbers(&picks).iter().all(|n| PASSING.contains(n)), "{way:?}: {picks:?}");
    }
}

#[test]
fn what_stays_is_what_passes_and_the_rest_is_picked_after_it() {
    let mut context = narrowed();
    context.situation.staying = [3, 4, 9].map(id).to_vec();
    let (picks, note) = Director::new(Vec::new()).picks(&context, "signature", 4);
    let numbers = numbers(&picks);
    assert_eq!((&numbers[..2], numbers.len(), note), (&[3, 9][..], 4, None));
    assert!(picks[0].why == Why::default() && picks[2].why != Why::default());
    let distinct: HashSet<u8> = numbers.iter().copied().collect();
    assert!(distinct.len() == 4 && distinct.iter().all(|n| PASSING.contains(n)));
}

#[test]
fn too_little_is_said_with_the_limits_and_how_they_are_relaxed() {
    let context = narrowed();
    let mut director = Director::new(Vec::new());
    director.picks(&context, "signature", 3);
    assert_eq!(director.take_scarce(), None, "enough is left");
    director.picks(&context, "signature", 10);
    let said = director.take_scarce().unwrap();
    assert!(
        said.contains("only 6 of 32 analysed tracks pass the limits; :limits off lifts the filters (only x; "),
        "{said}"
    );
    assert_eq!(director.take_scarce(), None);
    // Without limits a small library is just small.
    let (picks, _) = director.picks(&self::context(&[0]), "signature", 60);
    assert!(picks.len() < 60 && director.take_scarce().is_none());
    // A filter that cannot be evaluated lets nothing pass.
    let gate = Gate::new(&Limits::default(), Err("only @x: gone".into()), Arc::default(), &[], Moment::default());
    let context = Context { gate, ..context };
    assert!(director.picks(&context, "radio", 5).0.is_empty());
    assert!(director.take_scarce().unwrap().contains("only @x: gone; :limits off lifts"));
}

#[test]
fn tracks_of_one_artist_keep_their_distance() {
    let mut context = context(&[0]);
    context.space = Arc::default();
    context.situation.limits.spacing.artist = 2;
    // Tracks 0, 16 and 17 are by A, 18 by B, 20 and 21 by C, 22 by D.
    let scores = [(16, 9.0), (17, 8.0), (20, 7.0), (18, 6.0), (22, 5.0), (21, 4.0)];
    assert_eq!(numbers(&policy::pick(&context, propose(&scores), 6)), [20, 18, 16, 22, 21, 17]);
    assert!(policy::pick(&context, propose(&[(16, 9.0), (17, 8.0)]), 2).is_empty(), "rather none");
    // What was heard before counts too.
    context.situation.heard = vec![id(20), id(0)];
    assert_eq!(numbers(&policy::pick(&context, propose(&[(21, 9.0), (18, 1.0)]), 2)), [18, 21]);
}

#[test]
fn the_points_of_a_journey_keep_their_distance() {
    let mut context = context(&[0]);
    context.situation.course = Some(Course::new(1, Way::Journey { from: id(0), to: id(24) }, 3));
    let mut picks = |spacing| {
        context.situation.limits.spacing.artist = spacing;
        numbers(&Director::new(Vec::new()).picks(&context, "signature", 3).0)
    };
    // Both ends are by A.
    assert!(picks(0).contains(&24));
    let kept = picks(5);
    assert!(kept.len() == 3 && !kept.contains(&24), "{kept:?}");
}

#[test]
fn no_engine_and_no_course_picks_more_of_a_genre_than_its_share() {
    let mut plain = context(&[0]);
    // The genre of the style that plays, and of one that a journey ends in.
    let shares = [("Style 0", 25), ("style 3", 0)].map(|(genre, percent)| (genre.to_string(), percent));
    plain.situation.limits.shares = shares.into();
    let of = |picks: &[Proposal], style: u8| numbers(picks).iter().filter(|n| *n / 8 == style).count();
    let mut director = Director::new(Vec::new());
    for engine in ["signature", "albums", "radio", "drift", "radio | no-repeat"] {
        let (picks, _) = director.picks(&plain, engine, 12);
        assert!(of(&picks, 0) <= 3 && of(&picks, 3) == 0, "{engine}: {:?}", numbers(&picks));
        assert!(!picks.is_empty() && (engine != "signature" || picks.len() == 12), "{engine}: {:?}", numbers(&picks));
    }
    for way in [Way::Direction { dim: 0, up: true }, Way::Journey { from: id(0), to: id(28) }] {
        let mut context = plain.clone();
        context.situation.course = Some(Course::new(1, way, 6));
        let (picks, _) = director.picks(&context, "signature", 8);
        assert!(of(&picks, 0) <= 2 && of(&picks, 3) == 0, "{way:?}: {:?}", numbers(&picks));
    }
    // What was picked before counts: a fourth of it was of the genre already.
    plain.situation.picked = [1, 9, 10, 16].map(id).to_vec();
    let next = numbers(&policy::pick(&plain, propose(&[(2, 9.0), (11, 1.0)]), 1));
    assert_eq!(next, [11]);
    plain.situation.picked = [9, 10, 16].map(id).to_vec();
    assert_eq!(numbers(&policy::pick(&plain, propose(&[(2, 9.0), (11, 1.0)]), 1)), [2]);
    // An order that is to be kept does not go round it.
    let order = [(24, 0.0), (11, 0.0), (12, 0.0), (3, 0.0), (4, 0.0)];
    assert_eq!(numbers(&policy::in_order(&plain, propose(&order), 9)), [11, 12, 3]);
}

#[test]
fn that_shares_leave_too_little_is_said() {
    let mut context = context(&[0]);
    context.situation.limits.shares = (0..4).map(|style| (format!("style {style}"), 0)).collect();
    let mut director = Director::new(Vec::new());
    assert!(director.picks(&context, "signature", 5).0.is_empty());
    let said = director.take_scarce().unwrap();
    assert!(
        said.starts_with("of the tracks that pass, too many are of genres whose share is used up; :share off"),
        "{said}"
    );
    assert!(said.contains("no style 0; no style 1"), "{said}");
}

#[test]
fn songs_of_one_title_keep_their_distance_whoever_performs_them() {
    let mut songs = songs();
    songs.extend([song(40, "X", "Blue Moon"), song(41, "Y", "Blue Moon (Live)"), song(42, "Z", "Red River")]);
    let mut context = context_of(songs, latents(), &[0]);
    context.space = Arc::default();
    let scores = [(40, 9.0), (41, 8.0), (42, 1.0)];
    assert_eq!(numbers(&policy::pick(&context, propose(&scores), 3)), [40, 41, 42]);
    context.situation.limits.spacing.title = 1;
    assert_eq!(numbers(&policy::pick(&context, propose(&scores), 3)), [40, 42, 41]);
}

#[test]
fn an_album_in_its_order_stays_whole() {
    let mut songs = songs();
    for n in [4, 5] {
        let mut song = (*songs[n]).clone();
        // One year, so that both are of one album; both are by C, as track 20 is.
        song.tags = Tags { year: Some(1970), ..Tags::from(&song.tags) }.into();
        songs[n] = song.into();
    }
    let mut context = context_of(songs, latents(), &[0]);
    context.situation.limits.spacing = Spacing { artist: 3, ..Spacing::default() };
    let order = [(4, 0.0), (5, 0.0), (20, 0.0), (22, 0.0)];
    assert_eq!(numbers(&policy::in_order(&context, propose(&order), 9)), [4, 5, 22]);
    assert_eq!(numbers(&policy::pick(&context, propose(&order), 9)).len(), 2, "one of C, and one of D");
}
