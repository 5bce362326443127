//! Signatures on simulated libraries: held-out members found, the null rate of the choice, outliers, components,
//! named dimensions and speed.

use std::sync::Arc;

use fastrand::Rng;

use crate::track::TrackId;

use super::named::NamedValues;
use super::simulation::{self, Kind, id, members, normal, null_rate, outliers, retrieval, set, space};
use super::*;

fn library(rng: &mut Rng, n: usize) -> Vec<Latent> {
    simulation::library(rng, n, Kind::Normal)
}

#[test]
fn the_table_of_the_design_in_the_small() {
    let expected = [0.66, 0.73, 0.80, 0.87, 0.94];
    for (found, expected) in retrieval(7, &[1, 2, 3, 5, 10], 1000, 60).iter().zip(expected) {
        let [ours, chosen, euclid, _] = found.auc;
        println!("{found:.3?}");
        assert!(ours > expected - 0.02, "n = {}: {ours} instead of {expected}", found.n);
        assert!(ours > chosen - 0.02, "n = {}: {ours}, by the dimensions chosen {chosen}", found.n);
        assert!(found.n < 3 || ours > euclid + 0.05, "n = {}: {ours} against Euclid's {euclid}", found.n);
    }
}

#[test]
fn planted_outliers_never_win() {
    for n in [1, 2, 3] {
        let (worst, first) = outliers(11, n, 25);
        assert!(!first && worst <= 1, "n = {n}: {worst} of 20");
    }
}

#[test]
fn random_sets_agree_on_nothing_however_the_library_is_made() {
    for kind in [Kind::Normal, Kind::Skewed, Kind::Clustered] {
        for with_named in [false, true] {
            for n in [3, 5, 10] {
                let (three, mean) = null_rate(3, kind, n, 300, with_named);
                println!("{kind:?}, named {with_named}, n = {n}: {three:.3} three or more, {mean:.3} on average");
                assert!(three <= 0.03 && mean < 0.3, "{kind:?}, n = {n}: {three}, {mean}");
            }
        }
    }
}

/// A space whose named dimensions come from a table.
fn with_named(tracks: Vec<Latent>, rows: Vec<NamedValues>) -> Space {
    space(tracks).with_named(|track| rows.get(u64::from_be_bytes(*track.0.last_chunk::<8>()?) as usize).copied())
}

#[test]
fn a_playlist_may_agree_on_tempo() {
    let mut rng = Rng::with_seed(21);
    let mut rows = simulation::named(&mut rng, 1500);
    // Ten tracks of 122 to 124 bpm or half or double that, dark; one of unknown tempo.
    for row in &mut rows[..10] {
        row[0] = named::turns_of_tempo(122.0 + 2.0 * rng.f32());
        row[3] = 0.05 + 0.05 * rng.f32();
        row[5] = 0.9 + 0.01 * rng.f32();
    }
    rows[4][0] = f32::NAN;
    let space = with_named(library(&mut rng, 1500), rows);
    let signature = Signature::of(&space, &members(0..10), &Choice::Auto, Prior::default()).expect("members");
    let dims: Vec<String> = signature.dims.iter().map(Dim::label).collect();
    assert!(!signature.soft && dims.contains(&"tempo".to_string()), "{dims:?}");
    // The one without a tempo is not held off by it, nor drawn in.
    let only = Signature::of(&space, &members(0..10), &Choice::dims([32]), Prior::default()).expect("tempo");
    let distance = |row| space.distance(&only.scorer(), row);
    assert_eq!(distance(4), 0.0);
    assert!(distance(0) < -0.5, "{}", distance(0));
    let hits = space.scan(&only.scorer(), 9, &|_| true);
    assert!(hits.iter().all(|h| (h.distance - distance(h.row)).abs() < 1e-5 && h.distance < 0.0));
    let report = only.report(None);
    assert_eq!((report.dims[0].dim, report.dims[0].name.as_str(), report.dims[0].circular), (33, "tempo", true));
}

#[test]
fn tempo_and_its_double_are_one() {
    let mut rng = Rng::with_seed(22);
    let mut rows = simulation::named(&mut rng, 400);
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = named::turns_of_tempo(if i < 12 { 100.0 * [1.0, 2.0, 0.5][i % 3] } else { 60.0 + 60.0 * rng.f32() });
    }
    let space = with_named(library(&mut rng, 400), rows);
    let tempo = Signature::of(&space, &members(0..8), &Choice::dims([32]), Prior::default()).expect("tempo");
    assert!(tempo.dims[0].p_value < 0.01, "{tempo:?}");
    let nearest = space.scan(&tempo.scorer(), 4, &|row| row >= 8);
    assert!(nearest.iter().all(|h| h.row < 12), "{nearest:?}");
}

#[test]
fn weights_and_what_is_left_out() {
    let mut rng = Rng::with_seed(23);
    let mut tracks = set(&mut rng, 12);
    tracks.extend(library(&mut rng, 900));
    let space = space(tracks);
    let of = |text: &str| {
        let choice: Choice = text.parse().expect("a choice");
        Signature::of(&space, &members(0..12), &choice, Prior::default()).expect("members")
    };
    let auto = of("auto");
    let best = auto.dims[0].dim;
    let without = of(&format!("-{}", best + 1));
    assert!(without.dims.iter().all(|d| d.dim != best));
    // Twice the weight is twice the distance.
    for row in [3, 700] {
        let (one, two) = (space.distance(&of("5").scorer(), row), space.distance(&of("5*2").scorer(), row));
        assert!((two - 2.0 * one).abs() < 1e-4, "{one} {two}");
        let mixed = space.distance(&of("5*2,9").scorer(), row);
        assert!((mixed - two - space.distance(&of("9").scorer(), row)).abs() < 1e-4);
    }
    let scorer = of("5*2,9").scorer();
    assert!(
        space.scan(&scorer, 5, &|_| true).iter().all(|h| (h.distance - space.distance(&scorer, h.row)).abs() < 1e-4)
    );
}

#[test]
fn two_moods_are_split_and_chance_is_not() {
    let mut rng = Rng::with_seed(24);
    let mut split_chance = 0;
    for round in 0..12 {
        // Two groups on opposite sides in twelve dimensions.
        let mut tracks: Vec<Latent> = (0..16)
            .map(|i| {
                let side = if i < 9 { 1.3 } else { -1.3 };
                std::array::from_fn(|d| if d < 12 { side + 0.45 * normal(&mut rng) } else { normal(&mut rng) })
            })
            .collect();
        tracks.extend(library(&mut rng, 700));
        let space = space(tracks);
        let parts = components(&space, &members(0..16), &Choice::Auto, Prior::default());
        let rows: Vec<Vec<u32>> = parts.iter().map(|p| p.iter().map(|m| m.row).collect()).collect();
        assert_eq!(rows, [(0..9).collect::<Vec<u32>>(), (9..16).collect()], "round {round}");
        let random = members((100..116).map(|i| i + round * 20));
        split_chance += usize::from(components(&space, &random, &Choice::Auto, Prior::default()).len() > 1);
    }
    println!("{split_chance} of 12 random sets were split");
    assert!(split_chance <= 2, "{split_chance}");
    let few = space(library(&mut rng, 40));
    assert_eq!(components(&few, &members(0..5), &Choice::Auto, Prior::default()).len(), 1);
    assert!(components(&few, &[], &Choice::Auto, Prior::default()).is_empty());
}

#[test]
fn equal_sets_are_no_distance_apart() {
    let mut rng = Rng::with_seed(25);
    let mut tracks = set(&mut rng, 20);
    tracks.extend(set(&mut rng, 20));
    tracks.extend(library(&mut rng, 500));
    let rows = simulation::named(&mut rng, tracks.len());
    let space = with_named(tracks, rows);
    let of = |rows: std::ops::Range<u32>| {
        Signature::of(&space, &members(rows), &Choice::Auto, Prior::default()).expect("members")
    };
    let (a, half, b) = (of(0..10), of(10..20), of(20..40));
    assert!(compare(&a, &a).abs() < 1e-6);
    assert!((compare(&a, &b) - compare(&b, &a)).abs() < 1e-6);
    assert!(compare(&a, &half) < compare(&a, &b), "{} {}", compare(&a, &half), compare(&a, &b));
    let parts = differences(&a, &b);
    assert!(parts.is_sorted_by(|x, y| x.1 >= y.1) && parts.len() >= 3);
}

#[test]
fn a_set_that_agrees_is_found_and_trusted() {
    let mut rng = Rng::with_seed(5);
    let mut tracks = set(&mut rng, 12);
    tracks.extend(library(&mut rng, 1500));
    let space = space(tracks);
    let set = members(0..12);
    let signature = Signature::of(&space, &set, &Choice::Auto, Prior::default()).expect("members");
    assert!(!signature.soft && (3..=5).contains(&signature.dims.len()), "{signature:?}");
    assert!(signature.dims.is_sorted_by(|a, b| a.info >= b.info));
    let trust = confidence(&space, &set, &Choice::Auto, Prior::default()).expect("twelve members");
    assert!(trust > 0.8, "{trust}");
    let random = members(200..212);
    let none = confidence(&space, &random, &Choice::Auto, Prior::default()).expect("twelve members");
    assert!((none - 0.5).abs() < 0.2, "{none}");
    assert_eq!(confidence(&space, &set[..2], &Choice::Auto, Prior::default()), None);

    for (set, known) in [(&set, trust), (&random, none)] {
        for limit in [0.1, 0.4, known - 0.01, known + 0.01, 0.99] {
            let doubted = super::evidence::doubted(&space, set, &Choice::Auto, Prior::default(), limit);
            assert_eq!(doubted, known < limit, "stopping early changes nothing: {known} {limit}");
        }
    }
    // One row's distance, many rows' side by side, and the scan's own are the same.
    let scorer = signature.scorer();
    let thin = space.thinned(500, &|row| row == 3).distances(&scorer);
    let plain = space.sample(&scorer, 500, &|row| row == 3);
    assert!(thin.len() == plain.len() && thin.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-4));
    assert!((0..60).all(|row| {
        let (one, plain) = (space.distance_to(&signature.scored, row), space.distance(&scorer, row));
        (one - plain).abs() < 1e-3 * plain.abs().max(1.0)
    }));

    for few in [&set[..], &set[..3]] {
        let yardstick = Yardstick::of(&space, &signature, few, &Choice::Auto, Prior::default());
        assert!(yardstick.fit(f32::MIN) > 0.9 && yardstick.fit(f32::MAX) < 0.1);
        assert!(yardstick.fit(-1.0) >= yardstick.fit(1.0));
    }
}

#[test]
fn the_user_s_choice_is_obeyed_exactly() {
    let mut rng = Rng::with_seed(6);
    let space = space(library(&mut rng, 300));
    let set = members(0..4);
    let of = |choice: &Choice| Signature::of(&space, &set, choice, Prior::default());
    let mut dims: Vec<u8> = of(&Choice::dims([2, 6, 11])).expect("dims").dims.iter().map(|d| d.dim).collect();
    dims.sort_unstable();
    assert_eq!(dims, [2, 6, 11]);
    let all = of(&Choice::All).expect("all");
    assert!(all.soft && all.dims.len() == DIMS);
    assert_eq!(of(&Choice::dims([99])), None);
    assert_eq!(Signature::of(&space, &members(1000..1003), &Choice::Auto, Prior::default()), None);
    let report = all.report(Some(0.7));
    assert_eq!((report.members, report.dims.len(), report.dims[0].dim), (4, DIMS, all.dims[0].dim + 1));
    let parts = space.contributions(&all.scorer(), 9);
    let sum: f32 = parts.iter().map(|p| p.1).sum();
    assert!((sum - space.distance(&all.scorer(), 9)).abs() < 1e-3);
}

#[test]
fn one_artist_does_not_outvote_the_others() {
    let mut rng = Rng::with_seed(8);
    let space = space(library(&mut rng, 300));
    let mut set = members(0..10);
    set[..9].iter_mut().for_each(|m| m.group = 1);
    let n = |set: &[Member]| Signature::of(&space, set, &Choice::All, Prior::default()).expect("members").n_eff;
    // Kish: (1 + 1)² / (9·(1/9)² + 1).
    assert!((n(&set) - 3.6).abs() < 1e-9);
    set[9].group = 1;
    assert!((n(&set) - 10.0).abs() < 1e-9);
    set.push(set[0]);
    assert!((n(&set) - 10.0).abs() < 1e-9, "a double counts once");
}

#[test]
fn correlated_dimensions_are_chosen_once() {
    let mut rng = Rng::with_seed(9);
    let mut tracks = library(&mut rng, 800);
    // Dimension 1 repeats dimension 0 everywhere; twelve tracks agree in 0, 1, 2, 3 and 4.
    for (i, z) in tracks.iter_mut().enumerate() {
        if i < 12 {
            (0..5).for_each(|d| z[d] = 0.5 + 0.1 * normal(&mut rng));
        }
        z[1] = z[0] + 0.01 * z[1];
    }
    let space = space(tracks);
    assert!(space.correlation(0, 1) > 0.99 && space.correlation(0, 2) < 0.2);
    let signature = Signature::of(&space, &members(0..12), &Choice::Auto, Prior::default()).expect("members");
    let has = |d: u8| signature.dims.iter().any(|x| x.dim == d);
    assert!(has(0) != has(1) && has(2) && has(3) && has(4), "{signature:?}");
}

#[test]
fn the_prior_follows_the_albums() {
    let mut rng = Rng::with_seed(10);
    let mut tracks = Vec::new();
    let mut albums = Vec::new();
    for _ in 0..60 {
        let centre: Latent = std::array::from_fn(|_| normal(&mut rng));
        albums.push((tracks.len() as u32..tracks.len() as u32 + 8).collect::<Vec<u32>>());
        tracks.extend((0..8).map(|_| -> Latent {
            std::array::from_fn(|d| 0.7f32.sqrt() * centre[d] + 0.3f32.sqrt() * normal(&mut rng))
        }));
    }
    let space = space(tracks);
    let prior = Prior::fit(&space, &albums);
    assert!((prior.variance() - 0.3).abs() < 0.05, "{prior:?}");
    // Every album has the same variance: the belief gathers round it.
    assert!(prior.shares[1] + prior.shares[2] > 0.8, "{prior:?}");
    assert_eq!(Prior::fit(&space, &albums[..5]), Prior::default());
}

#[test]
fn a_space_does_not_depend_on_order_and_refuses_what_is_not_finite() {
    let mut rng = Rng::with_seed(12);
    let mut tracks: Vec<(TrackId, Latent)> =
        library(&mut rng, 100).into_iter().enumerate().map(|(i, z)| (id(i), z)).collect();
    tracks.push((id(500), [f32::NAN; DIMS]));
    let a = Space::build("g".into(), Arc::default(), tracks.clone());
    tracks.reverse();
    tracks.push(tracks[50]);
    let b = Space::build("g".into(), Arc::default(), tracks);
    assert_eq!((a.len(), b.len(), a.row(id(500)), a.generation()), (100, 100, None, "g"));
    for row in 0..100 {
        assert_eq!((a.id(row), a.z(row)), (b.id(row), b.z(row)));
        assert_eq!(a.row(a.id(row).expect("row")), Some(row));
    }
    assert_eq!((a.id(100), a.z(100)), (None, [0.0; DIMS]));
    let empty = Space::build("g".into(), Arc::default(), Vec::new());
    assert!(empty.is_empty() && empty.scan(&Scorer::euclid(&[0.0; DIMS], 0..4), 5, &|_| true).is_empty());
}

#[test]
fn the_scan_is_exact() {
    let mut rng = Rng::with_seed(13);
    // Coarse values make ties; the size is no multiple of a chunk.
    let space = space(library(&mut rng, 3001).iter().map(|z| z.map(f32::round)).collect());
    let signature = Signature::of(&space, &members(0..5), &Choice::All, Prior::default()).expect("members");
    let point = space.z(17);
    for scorer in [
        signature.scorer(),
        Signature::of(&space, &members(0..5), &Choice::dims([3, 9]), Prior::default()).expect("dims").scorer(),
        Signature::of(&space, &members(0..5), &Choice::dims(2..31), Prior::default()).expect("dims").scorer(),
        Scorer::euclid(&point, 0..DIMS as u8),
        Scorer::euclid(&point, [4, 5].into_iter()),
    ] {
        let keep = |row: u32| !row.is_multiple_of(3);
        let hits = space.scan(&scorer, 40, &keep);
        let mut all: Vec<f32> =
            (0..space.len() as u32).filter(|&r| keep(r)).map(|r| space.distance(&scorer, r)).collect();
        all.sort_by(f32::total_cmp);
        assert_eq!(hits.len(), 40);
        assert!(hits.is_sorted() && hits.iter().all(|h| keep(h.row)));
        assert!(hits.iter().zip(&all).all(|(h, d)| (h.distance - d).abs() < 1e-3));
        // Fewer than asked for when there are fewer.
        assert_eq!(space.scan(&scorer, 40, &|row| row < 7).len(), 7);
        assert!(space.scan(&scorer, 0, &|_| true).is_empty());
    }
}

#[test]
fn a_large_library_is_scanned_whole() {
    let mut rng = Rng::with_seed(14);
    let tracks: Vec<(TrackId, Latent)> =
        (0..100_000).map(|i| (id(i), std::array::from_fn(|_| rng.f32() - 0.5))).collect();
    let space = Space::build("g".into(), Arc::default(), tracks);
    let of = |choice| Signature::of(&space, &members(0..5), &choice, Prior::default()).expect("members").scorer();
    for scorer in [of(Choice::All), of(Choice::dims([1, 8, 20, 31]))] {
        let hits = space.scan(&scorer, 100, &|row| row >= 5);
        assert_eq!(hits.len(), 100);
        assert!(hits.windows(2).all(|pair| pair[0].distance <= pair[1].distance) && hits.iter().all(|h| h.row >= 5));
        // None of the others is nearer than the last of them.
        let last = hits[99].distance;
        let nearer = space.scan(&scorer, 200, &|row| row >= 5 && hits.iter().all(|hit| hit.row != row));
        assert!(nearer.iter().all(|hit| hit.distance >= last));
    }
}
