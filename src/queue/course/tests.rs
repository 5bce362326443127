//! Courses on simulated libraries, where the truth is known. `cargo run --example courses` measures
//! real ones.

use std::sync::Arc;

use fastrand::Rng;

use super::journey::Line;
use super::*;
use crate::latent::simulation::{Kind, library, named, space};
use crate::latent::{Space, named as names};
use crate::library::{Catalog, Song};
use crate::measure::{auc, spearman};
use crate::queue::{Director, Situation};
use crate::track::{Tags, TrackId};

/// `n` tracks in six styles, ten to an artist, with named values that partly follow the styles.
fn planted(seed: u64, n: usize) -> Context {
    let mut rng = Rng::with_seed(seed);
    let tracks = library(&mut rng, n, Kind::Clustered);
    let mut values = named(&mut rng, n);
    for (i, row) in values.iter_mut().enumerate() {
        row[10] = row[10] / (1.0 + row[10]) * 0.5 + (i % 6) as f32 * 0.1;
    }
    let space = space(tracks).with_named(|id| values.get(place(id)).copied());
    let song = |row: u32| {
        let id = space.id(row).unwrap();
        let tags = Tags {
            title: Some(format!("Song {row}").into()),
            artist: Some(format!("Artist {}", place(id) % (n / 10)).into()),
            ..Tags::default()
        };
        Arc::new(Song { tags: tags.into(), secs: 200.0, ..Song::bare(format!("/music/{row:05}.flac"), id) })
    };
    let songs = (0..n as u32).map(song).collect();
    Context { catalog: Arc::new(Catalog::new(songs)), space: Arc::new(space), seed, ..Context::default() }
}

/// The index with which a simulated track was created.
fn place(id: TrackId) -> usize {
    u64::from_be_bytes(id.0[8..].try_into().unwrap()) as usize
}

/// A context whose playlist is one track, which is playing.
fn playing(library: &Context, row: u32) -> Context {
    let id = library.space.id(row).unwrap();
    let situation = Situation { playlist: vec![id], playing: Some(id), heard: vec![id], ..Situation::default() };
    Context { situation, ..library.clone() }
}

fn on(context: &Context, way: Way, steps: u16) -> Context {
    let mut context = context.clone();
    context.situation.course = Some(Course::new(7, way, steps));
    context
}

fn ordered(context: &Context, picks: &[Proposal], dim: u8, up: bool) -> f64 {
    let values: Vec<f64> = picks
        .iter()
        .map(|p| value(&context.space, context.space.row(p.id).unwrap(), dim).unwrap())
        .map(|v| f64::from(if up { v } else { -v }))
        .collect();
    let places: Vec<f64> = (0..values.len()).map(|i| i as f64).collect();
    spearman(&places, &values).unwrap()
}

fn distance(space: &Space, a: TrackId, b: TrackId) -> f32 {
    space.difference(space.row(a).unwrap(), space.row(b).unwrap())
}

#[test]
fn a_direction_is_obeyed_from_every_seed() {
    let library = planted(1, 900);
    let dims = ["tempo", "energy", "brightness", "bass", "loudness"].map(|name| names::find(name).unwrap());
    for row in (0..900).step_by(45) {
        for (dim, up) in dims.into_iter().flat_map(|dim| [(dim, true), (dim, false)]).chain([(3, true)]) {
            let context = on(&playing(&library, row), Way::Direction { dim, up }, 12);
            let (picks, _) = Director::new(Vec::new()).picks(&context, "signature", 12);
            assert_eq!(picks.len(), 12);
            let rho = ordered(&context, &picks, dim, up);
            assert!(rho >= 0.8, "from {row} along {dim} {up}: {rho}");
            let steps: Vec<u16> = picks.iter().map(|p| p.why.step.unwrap().at).collect();
            assert_eq!(steps, (1..=12).collect::<Vec<_>>());
            assert!(picks[3].why.fit.is_some() && !picks[3].why.terms.is_empty());
        }
    }
}

#[test]
fn a_direction_stays_nearer_to_the_playlist_than_chance() {
    let library = planted(2, 900);
    let (mut ours, mut chance) = (Vec::new(), Vec::new());
    for row in (0..900).step_by(30) {
        let dim = names::find("energy").unwrap();
        let context = on(&playing(&library, row), Way::Direction { dim, up: true }, 12);
        let (picks, _) = Director::new(Vec::new()).picks(&context, "signature", 12);
        let seed = context.situation.playing.unwrap();
        ours.extend(picks.iter().map(|p| distance(&context.space, p.id, seed)));
        let others = (0..900).step_by(31).filter_map(|r| context.space.id(r)).filter(|id| *id != seed);
        chance.extend(others.map(|id| distance(&context.space, id, seed)));
    }
    let auc = auc(&ours, &chance).unwrap();
    assert!(auc > 0.7, "{auc}");
}

#[test]
fn a_course_goes_on_across_refills_and_ends_in_ordinary_picks() {
    let library = planted(3, 600);
    let dim = names::find("brightness").unwrap();
    let mut context = on(&playing(&library, 17), Way::Direction { dim, up: true }, 12);
    let mut director = Director::new(Vec::new());
    let mut all: Vec<Proposal> = Vec::new();
    while all.len() < 20 {
        let (picks, _) = director.picks(&context, "signature", 5);
        let course = context.situation.course.as_mut().unwrap();
        course.note(picks.iter().map(|p| (p.id, &p.why)));
        // Every second pick is removed or skipped, so the end of the queue differs from the
        // course's last step.
        context.situation.ahead.extend(picks.iter().step_by(2).map(|p| p.id));
        context.situation.heard.extend(picks.iter().skip(1).step_by(2).map(|p| p.id));
        all.extend(picks);
    }
    let (course, rest) = all.split_at(12);
    assert!(ordered(&context, course, dim, true) >= 0.9);
    assert_eq!(course.iter().map(|p| p.why.step.unwrap().at).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    assert!(rest.iter().all(|p| p.why.step.is_none()));
    assert_eq!(context.situation.course.unwrap().left(), 0);
}

#[test]
fn at_the_end_of_a_dimension_it_begins_lower_and_says_so() {
    let library = planted(4, 600);
    let dim = names::find("energy").unwrap();
    let of = |row: u32| value(&library.space, row, dim).unwrap();
    let highest = (0..600u32).max_by(|&a, &b| of(a).total_cmp(&of(b))).unwrap();
    let context = on(&playing(&library, highest), Way::Direction { dim, up: true }, 12);
    let (picks, note) = Director::new(Vec::new()).picks(&context, "signature", 12);
    assert!(note.unwrap().contains("at the end of energy"));
    assert!(ordered(&context, &picks, dim, true) >= 0.8);
}

#[test]
fn where_nothing_is_known_it_says_so_and_the_playlist_serves() {
    let library = planted(5, 300);
    let bare = Context { space: Arc::new(space(latents(300))), ..library.clone() };
    let dim = names::find("energy").unwrap();
    let context = on(&playing(&bare, 3), Way::Direction { dim, up: true }, 12);
    let (picks, note) = Director::new(Vec::new()).picks(&context, "signature", 12);
    assert_eq!((picks.len(), picks[0].why.step), (12, None));
    assert!(note.unwrap().contains("energy is known for too few tracks"));
    let mut course = context.situation.course.unwrap();
    course.note(picks.iter().map(|p| (p.id, &p.why)));
    assert_eq!(course.left(), 0, "it has ended");
}

fn latents(n: usize) -> Vec<crate::latent::Latent> {
    library(&mut Rng::with_seed(9), n, Kind::Normal)
}

#[test]
fn a_journey_goes_only_forward_and_ends_at_its_end() {
    let library = planted(6, 900);
    let mut middles = Vec::new();
    for seed in 0..20u32 {
        let (a, b) = (seed * 41 % 900, (seed * 97 + 450) % 900);
        let (from, to) = (library.space.id(a).unwrap(), library.space.id(b).unwrap());
        let context = on(&playing(&library, a), Way::Journey { from, to }, 12);
        let (picks, note) = Director::new(Vec::new()).picks(&context, "signature", 12);
        assert_eq!((picks.len(), note), (12, None));
        assert_eq!(picks[11].id, to);
        assert_eq!(picks.iter().filter(|p| p.id == to || p.id == from).count(), 1);
        let line = Line::new(&library.space, a, b).unwrap();
        let along: Vec<f32> =
            picks.iter().map(|p| line.along(&library.space.point(library.space.row(p.id).unwrap()))).collect();
        assert!(along.windows(2).all(|w| w[1] > w[0]), "{seed}: {along:?}");
        middles.push(along[5]);
    }
    // Where no tracks lie between two styles, the jump may come early or late.
    middles.sort_by(f32::total_cmp);
    assert!(middles[10] > 0.3 && middles[10] < 0.7, "{middles:?}");
}

#[test]
fn a_journey_plays_its_beginning_first_and_goes_on_across_refills() {
    let library = planted(7, 600);
    let (from, to) = (library.space.id(10).unwrap(), library.space.id(300).unwrap());
    let mut context = on(&playing(&library, 77), Way::Journey { from, to }, 9);
    let mut director = Director::new(Vec::new());
    let mut all: Vec<Proposal> = Vec::new();
    for _ in 0..4 {
        let (picks, _) = director.picks(&context, "signature", 3);
        context.situation.course.as_mut().unwrap().note(picks.iter().map(|p| (p.id, &p.why)));
        context.situation.ahead.extend(picks.iter().map(|p| p.id));
        all.extend(picks);
    }
    assert_eq!((all[0].id, all[8].id), (from, to));
    assert_eq!(all[8].why.step.map(|s| (s.at, s.of)), Some((9, 9)));
    assert!(all[9..].iter().all(|p| p.why.step.is_none()));
    let line = Line::new(&library.space, 10, 300).unwrap();
    let along: Vec<f32> =
        all[..9].iter().map(|p| line.along(&library.space.point(library.space.row(p.id).unwrap()))).collect();
    assert!(along.windows(2).all(|w| w[1] > w[0]), "{along:?}");
}

/// Makes the steps of a course, so many with each request, and the number of every one.
fn walked(context: &Context, want: usize) -> Vec<(u16, TrackId)> {
    let mut context = context.clone();
    let mut director = Director::new(Vec::new());
    let mut all = Vec::new();
    while context.situation.course.is_some_and(|course| course.left() > 0) {
        let (picks, note) = director.picks(&context, "signature", want);
        assert!(!picks.is_empty() && note.is_none(), "{note:?}");
        context.situation.course.as_mut().unwrap().note(picks.iter().map(|p| (p.id, &p.why)));
        context.situation.ahead.extend(picks.iter().map(|p| p.id));
        all.extend(picks.iter().filter_map(|p| Some((p.why.step?.at, p.id))));
    }
    all
}

/// Whether no two of these tracks are by one artist.
fn apart(library: &Context, tracks: impl IntoIterator<Item = TrackId>) -> bool {
    let mut artists = std::collections::HashSet::new();
    tracks.into_iter().all(|id| artists.insert(library.catalog.of_track(id).unwrap().artist().to_string()))
}

#[test]
fn a_journey_has_no_artist_twice() {
    let library = planted(11, 900);
    for (a, b) in [(5, 700), (100, 480), (333, 62)] {
        let [from, to] = [a, b].map(|row| library.space.id(row).unwrap());
        let context = on(&playing(&library, a), Way::Journey { from, to }, 12);
        for want in [12, 3] {
            let way = walked(&context, want);
            assert_eq!((way.len(), way.last()), (12, Some(&(12, to))), "from {a} to {b}");
            let tracks = std::iter::once(from).chain(way.iter().map(|(_, id)| *id));
            assert!(apart(&library, tracks), "from {a} to {b}, {want} at a time: {way:?}");
        }
    }
}

#[test]
fn a_journey_comes_by_its_points_in_their_order() {
    let library = planted(12, 900);
    let [from, one, other, to] = [3, 121, 700, 500].map(|row| library.space.id(row).unwrap());
    let mut context = on(&playing(&library, 3), Way::Journey { from, to }, 15);
    context.situation.course = context.situation.course.map(|course| course.by(&[one, other], 0));
    for want in [15, 4, 1] {
        let way = walked(&context, want);
        assert!(way.windows(2).all(|pair| pair[0].0 < pair[1].0), "{way:?}");
        let step = |id: TrackId| way.iter().find(|(_, of)| *of == id).map(|(at, _)| *at).unwrap();
        assert!(step(one) > 1 && step(one) < step(other) && step(other) < 15 && step(to) == 15, "{way:?}");
        assert!(way.len() >= 12 && way.last() == Some(&(15, to)) && apart(&library, way.iter().map(|(_, id)| *id)));
    }
    // One that is not wanted is left out, and the journey goes on.
    context.situation.refused = vec![one];
    let way = walked(&context, 4);
    assert!(way.iter().all(|(_, id)| *id != one) && way.iter().any(|(_, id)| *id == other));
    assert_eq!(way.last(), Some(&(15, to)));
}

#[test]
fn the_same_seed_takes_the_same_way_and_another_one_another() {
    let library = planted(13, 900);
    let [from, to] = [7, 640].map(|row| library.space.id(row).unwrap());
    let context = on(&playing(&library, 7), Way::Journey { from, to }, 12);
    let way = |seed: u32| {
        let mut context = context.clone();
        context.situation.course = context.situation.course.map(|course| course.by(&[], seed));
        walked(&context, 12)
    };
    let first = way(1);
    assert_eq!(way(1), first);
    assert!((2..8).filter(|seed| way(*seed) != first).count() >= 4);
    assert!((1..8).all(|seed| way(seed).last() == Some(&(12, to))));
    // A bent line begins and ends where the straight one does.
    let [a, b] = [7, 640].map(|row| library.space.point(row));
    let line = Line::new(&library.space, 7, 640).unwrap().bent(5);
    assert!(line.aside(&a) < 1e-3 && line.aside(&b) < 1e-2, "{} {}", line.aside(&a), line.aside(&b));
}

#[test]
fn a_journey_without_a_way_says_so() {
    let library = planted(8, 300);
    let from = library.space.id(1).unwrap();
    let nowhere = TrackId([9; 16]);
    let context = on(&playing(&library, 1), Way::Journey { from, to: nowhere }, 12);
    let (picks, note) = Director::new(Vec::new()).picks(&context, "signature", 5);
    assert!(note.unwrap().contains("not analysed yet"));
    assert!(picks.iter().all(|p| p.why.step.is_none()) && picks.len() == 5);
}

#[test]
fn a_blend_is_like_its_sets_and_unlike_the_others() {
    let library = planted(10, 900);
    // Tracks of the same style are six indices apart.
    let style = |n: usize, count: usize| -> Vec<TrackId> {
        (0..900u32).filter_map(|r| library.space.id(r)).filter(|id| place(*id) % 6 == n).take(count).collect()
    };
    let blend = Blend { plus: vec![style(0, 5), style(1, 3)], minus: vec![style(2, 4)] };
    let mut context = playing(&library, 0);
    context.situation.playlist = blend.plus.concat();
    context.situation.playing = None;
    context.situation.blend = Some(blend);
    let (picks, note) = Director::new(Vec::new()).picks(&context, "signature", 20);
    assert_eq!((picks.len(), note), (20, None));
    let styles: Vec<usize> = picks.iter().map(|p| place(p.id) % 6).collect();
    assert!(styles.iter().all(|s| *s != 2), "{styles:?}");
    assert!(styles.iter().filter(|s| **s < 2).count() >= 18, "{styles:?}");
    context.situation.blend = Some(Blend { plus: vec![vec![TrackId([9; 16])]], minus: Vec::new() });
    let (_, note) = Director::new(Vec::new()).picks(&context, "signature", 5);
    assert!(note.unwrap().contains("blend should resemble is analysed"));
    // A set that is not analysed is ignored, the others still count.
    context.situation.blend = Some(Blend { plus: vec![vec![TrackId([9; 16])], style(0, 5)], minus: Vec::new() });
    let (picks, note) = Director::new(Vec::new()).picks(&context, "signature", 5);
    assert_eq!((picks.len(), note), (5, None));
}

#[test]
fn what_was_written_down_is_checked() {
    let dim = |dim, up| Course::new(1, Way::Direction { dim, up }, 12);
    assert_eq!(dim(32, true).checked(), Some(dim(32, true)));
    assert_eq!(dim(33, true).checked(), None, "a key has no end");
    assert_eq!(dim(200, true).checked(), None);
    assert_eq!(Course { steps: 2000, ..dim(3, true) }.checked(), None);
    assert_eq!(Course::new(1, Way::Journey { from: TrackId([1; 16]), to: TrackId([1; 16]) }, 12).checked(), None);
    let text = serde_json::to_string(&dim(3, false)).unwrap();
    assert_eq!(serde_json::from_str::<Course>(&text).unwrap(), dim(3, false));
    let [a, b, c] = [1, 2, 3].map(|n| TrackId([n; 16]));
    let by = |via: &[TrackId], steps| Course::new(1, Way::Journey { from: a, to: b }, steps).by(via, 5);
    assert_eq!(by(&[c], 3).checked(), Some(by(&[c], 3)));
    assert_eq!(by(&[c, a], 3).checked(), None, "more points than steps");
    assert_eq!(by(&[a, c], 9).checked(), None, "it does not lead on");
    let text = serde_json::to_string(&by(&[c], 9)).unwrap();
    assert_eq!(serde_json::from_str::<Course>(&text).unwrap(), by(&[c], 9));
    // Of before there were points.
    let mut older = serde_json::to_value(by(&[], 9)).unwrap();
    ["via", "seed"].iter().for_each(|key| drop(older.as_object_mut().unwrap().remove(*key).unwrap()));
    let course = serde_json::from_value::<Course>(older).unwrap();
    assert_eq!(course, Course { seed: 0, ..by(&[], 9) });
}
