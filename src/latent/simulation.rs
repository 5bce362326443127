//! Simulated libraries with known ground truth: how well the signature distance finds held-out members, and how often a
//! random set passes the agreement test. `make signature-check` prints both.

use std::sync::Arc;

use fastrand::Rng;

use crate::measure::{auc, precision_at};
use crate::track::TrackId;

use super::distribution::normal_quantile;
use super::named::{NAMED, NamedValues};
use super::{Choice, DIMS, Latent, Member, Prior, Scorer, Signature, Space, signature};

/// How the values of a simulated library are distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// N(0, 1), independent.
    Normal,
    /// Two thirds exact zeros and a long tail, like the output of a ReLU.
    Skewed,
    /// Six well separated styles.
    Clustered,
}

/// A standard normal random number.
pub fn normal(rng: &mut Rng) -> f32 {
    normal_quantile(rng.f64().max(1e-12)) as f32
}

/// The i-th simulated track's identity.
pub fn id(i: usize) -> TrackId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&(i as u64).to_be_bytes());
    TrackId(bytes)
}

/// A space of these tracks, row by row, without a reference.
pub fn space(tracks: Vec<Latent>) -> Space {
    let tracks = tracks.into_iter().enumerate().map(|(i, z)| (id(i), z)).collect();
    Space::build("simulated".into(), Arc::default(), tracks)
}

/// The tracks of a simulated library.
pub fn library(rng: &mut Rng, n: usize, kind: Kind) -> Vec<Latent> {
    let plain: Vec<Latent> = (0..n).map(|_| std::array::from_fn(|_| normal(rng))).collect();
    match kind {
        Kind::Normal => plain,
        Kind::Skewed => plain.iter().map(|z| z.map(|x| (x - 0.43).max(0.0).exp() - 1.0)).collect(),
        Kind::Clustered => {
            let centres: Vec<Latent> = (0..6).map(|_| std::array::from_fn(|_| 3.0 * normal(rng))).collect();
            let shift = |(i, z): (usize, &Latent)| std::array::from_fn(|d| centres[i % 6][d] + z[d]);
            plain.iter().enumerate().map(shift).collect()
        }
    }
}

/// Named values like those of real libraries: tempi cluster around 120, a few favourite keys, a tenth of either
/// missing.
pub fn named(rng: &mut Rng, n: usize) -> Vec<NamedValues> {
    let one = |rng: &mut Rng| -> NamedValues {
        let mut row: NamedValues = std::array::from_fn(|_| normal(rng).exp());
        row[0] = (0.1 * normal(rng)).rem_euclid(1.0);
        row[1] = (normal(rng) * 2.0).round().rem_euclid(12.0) / 12.0;
        for value in &mut row[..2] {
            *value = if rng.f32() < 0.1 { f32::NAN } else { *value };
        }
        row
    };
    const { assert!(matches!(NAMED[1].name.as_bytes(), b"key")) };
    (0..n).map(|_| one(rng)).collect()
}

/// Tracks that agree in four dimensions at variance 0.15 and are like the library in the others.
pub fn set(rng: &mut Rng, n: usize) -> Vec<Latent> {
    let mut dims: Vec<usize> = (0..DIMS).collect();
    rng.shuffle(&mut dims);
    let centre: Vec<f32> = (0..4).map(|_| normal(rng) * 0.85f32.sqrt()).collect();
    let track = |rng: &mut Rng| {
        let mut z: Latent = std::array::from_fn(|_| normal(rng));
        for (&d, c) in dims.iter().zip(&centre) {
            z[d] = c + normal(rng) * 0.15f32.sqrt();
        }
        z
    };
    (0..n).map(|_| track(rng)).collect()
}

/// Rows as members of a set, each a group of its own.
pub fn members(rows: impl Iterator<Item = u32>) -> Vec<Member> {
    rows.map(|row| Member { row, group: u64::from(row) }).collect()
}

/// How well held-out members are found, by each of several distances.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Found {
    /// Number of members that the signature was made from.
    pub n: usize,
    /// AUC by each of [`DISTANCES`].
    pub auc: [f64; DISTANCES.len()],
    /// Precision at 20, likewise.
    pub precision: [f64; DISTANCES.len()],
}

/// The distances of [`Found`], in order.
pub const DISTANCES: [&str; 4] = ["signature distance", "chosen dimensions", "Euclid to the mean", "inverse variance"];

/// Held-out AUC and precision: for each size of set, `sets` sets with 20 members held out among `library_size` others.
pub fn retrieval(seed: u64, sizes: &[usize], library_size: usize, sets: usize) -> Vec<Found> {
    const HELD_OUT: usize = 20;
    let mut rng = Rng::with_seed(seed);
    let one = |rng: &mut Rng, n: usize| {
        let mut tracks = set(rng, n + HELD_OUT);
        tracks.extend(library(rng, library_size, Kind::Normal));
        let space = space(tracks);
        let chosen: Vec<u32> = (0..n as u32).collect();
        let ours = Signature::of(&space, &members(chosen.iter().copied()), &Choice::Auto, Prior::default());
        let scorers = [
            ours.as_ref().map(Signature::scorer),
            ours.as_ref().map(Signature::chosen_scorer),
            Some(to_the_mean(&space, &chosen)),
            Some(inverse_variance(&space, &chosen)),
        ];
        let mut found = Found { n, ..Found::default() };
        for (i, scorer) in scorers.iter().flatten().enumerate() {
            let others = n as u32..space.len() as u32;
            let distances: Vec<f32> = others.map(|r| space.distance(scorer, r)).collect();
            found.auc[i] = auc(&distances[..HELD_OUT], &distances[HELD_OUT..]).unwrap_or_default();
            let hits = space.scan(scorer, 20, &|r| r >= n as u32);
            found.precision[i] = precision_at(20, hits.iter().map(|h| (h.row as usize) < n + HELD_OUT));
        }
        found
    };
    sizes
        .iter()
        .map(|&n| {
            let all: Vec<Found> = (0..sets).map(|_| one(&mut rng, n)).collect();
            let mean = |of: &dyn Fn(&Found) -> f64| all.iter().map(of).sum::<f64>() / all.len().max(1) as f64;
            Found {
                n,
                auc: std::array::from_fn(|i| mean(&|f| f.auc[i])),
                precision: std::array::from_fn(|i| mean(&|f| f.precision[i])),
            }
        })
        .collect()
}

/// Squared Euclid to the mean of some rows.
pub fn to_the_mean(space: &Space, rows: &[u32]) -> Scorer {
    Scorer::weighted(&moments(space, rows).0, &[1.0; DIMS])
}

/// Inverse variance as bliss 0.11.3 defines it: weights 1/(population variance + 1e-6) around the mean.
pub fn inverse_variance(space: &Space, rows: &[u32]) -> Scorer {
    let (mean, variance) = moments(space, rows);
    Scorer::weighted(&mean, &variance.map(|v| 1.0 / (v + 1e-6)))
}

/// Mean and population variance.
fn moments(space: &Space, rows: &[u32]) -> (Latent, Latent) {
    let n = rows.len().max(1) as f32;
    let (mut mean, mut variance) = ([0.0; DIMS], [0.0; DIMS]);
    for &row in rows {
        mean.iter_mut().zip(space.point(row)).for_each(|(m, z)| *m += z / n);
    }
    for &row in rows {
        let z = space.point(row);
        (0..DIMS).for_each(|d| variance[d] += (z[d] - mean[d]) * (z[d] - mean[d]) / n);
    }
    (mean, variance)
}

/// How many of 20 planted outliers reach the top 20 of a set of `n`: the worst of `sets`, and whether one came first.
pub fn outliers(seed: u64, n: usize, sets: usize) -> (usize, bool) {
    let mut rng = Rng::with_seed(seed);
    let (mut worst, mut first_place) = (0, false);
    for _ in 0..sets {
        let mut tracks = set(&mut rng, n);
        tracks.extend(library(&mut rng, 2000, Kind::Normal));
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
        let Some(signature) = Signature::of(&space, &set, &Choice::Auto, Prior::default()) else { continue };
        let hits = space.scan(&signature.scorer(), 20, &|row| row >= n as u32);
        worst = worst.max(hits.iter().filter(|h| h.row >= first).count());
        first_place |= hits.first().is_some_and(|h| h.row >= first);
    }
    (worst, first_place)
}

/// Over `trials` random sets of `n` tracks: the share in which three or more dimensions pass the agreement test, and
/// the mean number that pass. `with_named` includes the named dimensions.
pub fn null_rate(seed: u64, kind: Kind, n: usize, trials: usize, with_named: bool) -> (f64, f64) {
    const LIBRARY: usize = 1200;
    let mut rng = Rng::with_seed(seed);
    let mut space = space(library(&mut rng, LIBRARY, kind));
    if with_named {
        let rows = named(&mut rng, LIBRARY);
        space = space.with_named(|track| {
            let i = u64::from_be_bytes(*track.0.last_chunk::<8>()?);
            rows.get(i as usize).copied()
        });
    }
    let mut rows: Vec<u32> = (0..space.len() as u32).collect();
    let (mut many, mut all) = (0, 0);
    for _ in 0..trials {
        rng.shuffle(&mut rows);
        let set = members(rows[..n].iter().copied());
        let found = Signature::of(&space, &set, &Choice::Auto, Prior::default())
            .map_or(0, |s| signature::significant(&s.profile).len());
        many += usize::from(found >= signature::FEWEST_DIMS);
        all += found;
    }
    (many as f64 / trials.max(1) as f64, all as f64 / trials.max(1) as f64)
}
