//! Simulated libraries: the table of DESIGN §3 in the small, the null rate of the choice, outliers and speed.

use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;

use crate::measure::auc;
use crate::track::TrackId;

use super::*;

/// A standard normal number.
fn normal(rng: &mut Rng) -> f32 {
    distribution::normal_quantile(rng.f64().max(1e-12)) as f32
}

fn id(i: usize) -> TrackId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&(i as u64).to_be_bytes());
    TrackId(bytes)
}

fn space(tracks: Vec<Latent>) -> Space {
    let tracks = tracks.into_iter().enumerate().map(|(i, z)| (id(i), z)).collect();
    Space::build("test".into(), Arc::default(), tracks)
}

fn library(rng: &mut Rng, n: usize) -> Vec<Latent> {
    (0..n).map(|_| std::array::from_fn(|_| normal(rng))).collect()
}

/// Tracks that agree in four dimensions at variance 0.15 and are like the library in the others.
fn set(rng: &mut Rng, n: usize) -> Vec<Latent> {
    let mut dims: Vec<usize> = (0..DIMS).collect();
    rng.shuffle(&mut dims);
    let centre: Vec<f32> = (0..4).map(|_| normal(rng) * 0.85f32.sqrt()).collect();
    (0..n)
        .map(|_| {
            let mut z: Latent = std::array::from_fn(|_| normal(rng));
            for (&d, c) in dims.iter().zip(&centre) {
                z[d] = c + normal(rng) * 0.15f32.sqrt();
            }
            z
        })
        .collect()
}

fn members(rows: impl Iterator<Item = u32>) -> Vec<Member> {
    rows.map(|row| Member { row, group: u64::from(row) }).collect()
}

#[test]
fn the_table_of_the_design_in_the_small() {
    let mut rng = Rng::with_seed(7);
    let (library_size, held_out, sets) = (1000, 20, 60);
    for (n, expected) in [(1, 0.66), (2, 0.73), (3, 0.80), (5, 0.87), (10, 0.94)] {
        let (mut ours, mut euclid) = (0.0, 0.0);
        for _ in 0..sets {
            let mut tracks = set(&mut rng, n + held_out);
            tracks.extend(library(&mut rng, library_size));
            let space = space(tracks);
            let signature =
                Signature::of(&space, &members(0..n as u32), &Choice::Auto, Prior::default()).expect("members");
            let mut mean = [0.0; DIMS];
            for row in 0..n as u32 {
                space.z(row).iter().zip(&mut mean).for_each(|(z, m)| *m += z / n as f32);
            }
            let area = |scorer: &Scorer| {
                let distances: Vec<f32> =
                    (n as u32..space.len() as u32).map(|r| scorer.distance(&space.z(r))).collect();
                auc(&distances[..held_out], &distances[held_out..]).expect("both sides")
            };
            ours += area(&signature.scorer()) / f64::from(sets);
            euclid += area(&Scorer::euclid(&mean, 0..DIMS as u8)) / f64::from(sets);
        }
        println!("n = {n}: AUC {ours:.3}, Euclid to the mean {euclid:.3}");
        assert!((ours - expected).abs() < 0.04, "n = {n}: {ours} instead of {expected}");
        assert!(n < 3 || ours > euclid + 0.05, "n = {n}: {ours} against Euclid's {euclid}");
    }
}

#[test]
fn planted_outliers_never_win() {
    let mut rng = Rng::with_seed(11);
    for n in [1, 2, 3] {
        for _ in 0..25 {
            let mut tracks = set(&mut rng, n);
            tracks.extend(library(&mut rng, 2000));
            // Twenty tracks far out in a few dimensions each, on either side.
            let first = tracks.len() as u32;
            for _ in 0..20 {
                let mut z: Latent = std::array::from_fn(|_| normal(&mut rng));
                for _ in 0..6 {
                    z[rng.usize(..DIMS)] = if rng.bool() { 40.0 } else { -40.0 } + normal(&mut rng);
                }
                tracks.push(z);
            }
            let space = space(tracks);
            let set = members(0..n as u32);
            let signature = Signature::of(&space, &set, &Choice::Auto, Prior::default()).expect("members");
            let hits = space.scan(&signature.scorer(), 20, &|row| row >= n as u32);
            let outliers = hits.iter().filter(|h| h.row >= first).count();
            assert!(hits[0].row < first && outliers <= 1, "n = {n}: {outliers} of 20");
        }
    }
}

/// How many dimensions are significant in random sets, on average.
fn null_rate(space: &Space, rng: &mut Rng, n: usize) -> f64 {
    let trials = 300;
    let found: usize = (0..trials)
        .map(|_| {
            let mut rows: Vec<u32> = (0..space.len() as u32).collect();
            rng.shuffle(&mut rows);
            let signature = Signature::of(space, &members(rows[..n].iter().copied()), &Choice::Auto, Prior::default());
            signature.map_or(0, |s| if s.soft { 0 } else { s.dims.len() })
        })
        .sum();
    found as f64 / f64::from(trials)
}

#[test]
fn random_sets_agree_on_nothing_however_the_library_is_made() {
    let mut rng = Rng::with_seed(3);
    let plain = library(&mut rng, 600);
    // Skewed: two thirds exact zeros and a long tail. Clustered: six styles, far apart.
    let skewed = plain.iter().map(|z| z.map(|x| (x - 0.43).max(0.0).exp() - 1.0)).collect();
    let centres = library(&mut rng, 6);
    let clustered = plain
        .iter()
        .enumerate()
        .map(|(i, z)| std::array::from_fn(|d| 3.0 * centres[i % 6][d] + z[d]))
        .collect::<Vec<Latent>>();
    for (name, tracks) in [("plain", plain.clone()), ("skewed", skewed), ("clustered", clustered)] {
        let space = space(tracks);
        for n in [3, 5, 10] {
            let rate = null_rate(&space, &mut rng, n);
            println!("{name}, n = {n}: {rate:.3} dimensions chosen in a random set");
            assert!(rate < 0.15, "{name}, n = {n}: {rate}");
        }
    }
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
    assert!(trust > 0.85, "{trust}");
    let random = members(200..212);
    let none = confidence(&space, &random, &Choice::Auto, Prior::default()).expect("twelve members");
    assert!((none - 0.5).abs() < 0.2, "{none}");
    assert_eq!(confidence(&space, &set[..2], &Choice::Auto, Prior::default()), None);

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
    let parts = all.contributions(&space.z(9));
    let sum: f32 = parts.iter().map(|p| p.1).sum();
    assert!((sum - all.distance(&space.z(9))).abs() < 1e-3);
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
    assert!((prior.variance - 0.3).abs() < 0.05, "{prior:?}");
    // Every album has the same variance, so the prior counts as much as it may.
    assert!(prior.weight > 4.0, "{prior:?}");
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
            (0..space.len() as u32).filter(|&r| keep(r)).map(|r| scorer.distance(&space.z(r))).collect();
        all.sort_by(f32::total_cmp);
        assert_eq!(hits.len(), 40);
        assert!(hits.is_sorted() && hits.iter().all(|h| keep(h.row)));
        assert!(hits.iter().zip(&all).all(|(h, d)| (h.distance - d).abs() < 1e-3));
        // Fewer than asked for when there are fewer.
        assert_eq!(space.scan(&scorer, 40, &|row| row < 7).len(), 7);
        assert!(space.scan(&scorer, 0, &|_| true).is_empty());
    }
}

/// Prints what a library of 100,000 costs; the bounds are loose, the machine may be busy.
#[test]
fn a_large_library_is_quick() {
    let mut rng = Rng::with_seed(14);
    let tracks: Vec<(TrackId, Latent)> =
        (0..100_000).map(|i| (id(i), std::array::from_fn(|_| rng.f32() - 0.5))).collect();
    let start = Instant::now();
    let space = Space::build("g".into(), Arc::default(), tracks);
    let built = start.elapsed();
    let of = |choice| Signature::of(&space, &members(0..5), &choice, Prior::default()).expect("members").scorer();
    let best = |scorer: &Scorer| {
        (0..15)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(space.scan(scorer, 100, &|row| row >= 5).len(), 100);
                start.elapsed()
            })
            .min()
            .unwrap_or_default()
    };
    let (all, four) = (best(&of(Choice::All)), best(&of(Choice::dims([1, 8, 20, 31]))));
    println!("100,000 tracks: build {built:?}, scan of 32 dimensions {all:?}, of 4 {four:?}");
    assert!(built.as_secs() < 5 && all.as_millis() < 50 && four.as_millis() < 20);
}
