//! Simulated listeners with a known taste, to measure how much of it is learned.
//! `cargo run --example taste` prints it.

use std::sync::Arc;

use fastrand::Rng;

use crate::latent::simulation::{Kind, library, members as all_rows, space as space_of};
use crate::latent::{ALL_DIMS, Choice, DIMS, Prior, Scorer, Signature, Space};
use crate::library::journal::{Entry, Event, Verdict};
use crate::library::{Catalog, Song};
use crate::measure::auc;
use crate::track::TrackId;

use super::agreement::agreement;
use super::fit::WIDTH;
use super::seen::differences;
use super::{Learner, Taste};

/// Number of dimensions that count for a planted listener.
const PLANTED: usize = 4;
/// Share of answers or verdicts that are random.
const NOISE: f32 = 0.125;
/// Number of answers on which the learned taste is evaluated.
const JUDGED_BY: usize = 200;
/// Taste is fitted after every this many answers, to keep the simulation short.
const LEARN_EVERY: usize = 5;
/// Number of tracks in a simulated set, and of its nearest candidates, of which a random one is
/// played.
const SET: usize = 6;
const NEAR: usize = 150;

/// How a simulated listener decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// By four dimensions only; an eighth of the decisions are random.
    Planted,
    /// At random.
    Random,
}

/// The simulated library.
#[derive(Clone, Debug)]
pub struct World {
    /// The songs.
    pub catalog: Catalog,
    /// Their latents.
    pub space: Arc<Space>,
    /// Prior of a set's variance.
    pub prior: Prior,
}

impl World {
    /// A library of `tracks` tracks whose dimensions are independent and normal.
    pub fn simulated(seed: u64, tracks: usize) -> World {
        let mut rng = Rng::with_seed(seed);
        let space = space_of(library(&mut rng, tracks, Kind::Normal));
        let song = |row: u32| Some(Arc::new(Song::bare(format!("/music/{row:05}.flac"), space.id(row)?)));
        let songs = (0..space.len() as u32).filter_map(song).collect();
        World { catalog: Catalog::new(songs), space: Arc::new(space), prior: Prior::default() }
    }

    /// The encoder's dimensions that vary within the library.
    fn dims(&self) -> Vec<usize> {
        let varies = |dim: &usize| {
            let first = self.space.score(0, *dim as u8);
            (1..self.space.len() as u32).any(|row| self.space.score(row, *dim as u8) != first)
        };
        (0..DIMS).filter(varies).collect()
    }
}

/// Averages over all listeners after a number of answers or verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Learned {
    /// Number of answers (held-out ones included) or verdicts given.
    pub told: usize,
    /// Mean accuracy on answers, or mean AUC on skips, that were not learned from.
    pub foretold: f64,
    /// The same under equal weights.
    pub flat: f64,
    /// Mean correlation of the learned weights with the true ones; counts as 0 where nothing was
    /// learned.
    pub correlation: f64,
    /// Share of listeners for whom `Taste::learned` is set.
    pub learned: f64,
    /// Mean of `Taste::departure`.
    pub departure: f64,
}

/// Random true weights: 1 for `PLANTED` dimensions, 0 for the others.
fn planted(world: &World, rng: &mut Rng) -> [f32; ALL_DIMS] {
    let mut dims = world.dims();
    rng.shuffle(&mut dims);
    let mut weights = [0.0; ALL_DIMS];
    dims.into_iter().take(PLANTED).for_each(|dim| weights[dim] = 1.0);
    weights
}

/// The triplet with the track that the listener calls odd first.
fn answered(
    world: &World,
    truth: &[f32; ALL_DIMS],
    listener: Listener,
    mut three: [TrackId; 3],
    rng: &mut Rng,
) -> [TrackId; 3] {
    let odd = if listener == Listener::Random || rng.f32() < NOISE {
        rng.usize(..3)
    } else {
        let apart = differences(&world.space, &three).unwrap_or([[0.0; WIDTH]; 3]);
        let distance = |c: &usize| apart[*c].iter().zip(truth).map(|(x, w)| x * w).sum::<f32>();
        (0..3).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or_default()
    };
    three.swap(0, odd);
    three
}

/// Simulates listeners who answer the questions of `jukebox taste`, every fifth held out. `sizes`,
/// in ascending order, are the numbers of answers after which to evaluate. Empty when the library
/// yields no question.
pub fn answers(world: &World, listener: Listener, listeners: usize, sizes: &[usize], seed: u64) -> Vec<Learned> {
    let mut sums = start(sizes);
    for n in 0..listeners as u64 {
        let mut rng = Rng::with_seed(seed.wrapping_add(n));
        let truth = planted(world, &mut rng);
        let judges: Vec<[TrackId; 3]> = (0..JUDGED_BY)
            .filter_map(|_| {
                let three = super::question::any(&world.catalog, &world.space, &mut rng)?;
                Some(answered(world, &truth, listener, three, &mut rng))
            })
            .collect();
        let foretold = |taste: &Taste| agreement(&world.space, &taste.weights, judges.iter()).share();
        let mut learner = Learner::default();
        for (told, sum) in sizes.iter().zip(&mut sums) {
            while learner.history().answers() < *told {
                // The player fits after every answer; here it would take too long.
                if learner.history().answers().is_multiple_of(LEARN_EVERY) {
                    learner.learn(&world.catalog, &world.space, world.prior);
                }
                let Some((three, held_out)) = learner.question(&world.catalog, &world.space, rng.u64(..)) else {
                    return Vec::new();
                };
                let tracks = answered(world, &truth, listener, three, &mut rng).to_vec();
                learner.note(&Event::OddOne { tracks, odd: 0, held_out });
            }
            learner.learn(&world.catalog, &world.space, world.prior);
            sum.add(&truth, learner.taste(), foretold(learner.taste()), foretold(&Taste::default()));
        }
    }
    sums.iter().map(|sum| sum.over(listeners)).collect()
}

/// Simulates listeners who answer no questions: they hear tracks that suit them to the end and skip
/// the others. `sizes`, in ascending order, are the numbers of verdicts after which to evaluate.
/// Empty when no set could be made.
pub fn behaviour(world: &World, listener: Listener, listeners: usize, sizes: &[usize], seed: u64) -> Vec<Learned> {
    let mut sums = start(sizes);
    for n in 0..listeners as u64 {
        let mut rng = Rng::with_seed(seed.wrapping_add(n));
        let truth = planted(world, &mut rng);
        let judges: Vec<Play> = (0..2 * JUDGED_BY).filter_map(|_| play(world, &truth, listener, &mut rng)).collect();
        let foretold = |taste: &Taste| foretold(world, taste, &judges);
        let mut learner = Learner::default();
        let mut given = 0;
        for (told, sum) in sizes.iter().zip(&mut sums) {
            while given < *told {
                let Some(Play { track, among, liked }) = play(world, &truth, listener, &mut rng) else {
                    return Vec::new();
                };
                let verdict = if liked { Verdict::Heard } else { Verdict::Skipped };
                learner.note(&Event::Judged { track, verdict, among });
                given += 1;
            }
            learner.learn(&world.catalog, &world.space, world.prior);
            sum.add(&truth, learner.taste(), foretold(learner.taste()), foretold(&Taste::default()));
        }
    }
    sums.iter().map(|sum| sum.over(listeners)).collect()
}

/// The journal of a listener whose plays were imported: sessions of eight tracks, each of which is, of thirty random ones, the nearest to the
/// one before in the dimensions that count, or any. An hour passes between two sessions. Also returns the true weights.
pub fn listening(world: &World, listener: Listener, sessions: usize, seed: u64) -> (Vec<Entry>, [f32; ALL_DIMS]) {
    let mut rng = Rng::with_seed(seed);
    let truth = planted(world, &mut rng);
    let (mut entries, mut at) = (Vec::new(), 1_000_000);
    for _ in 0..sessions {
        let mut before = rng.u32(..world.space.len() as u32);
        for _ in 0..8 {
            let candidates: Vec<u32> = (0..30).map(|_| rng.u32(..world.space.len() as u32)).collect();
            let away = |row: &u32| -> f32 {
                let apart = |d: usize| {
                    let [a, b] = [before, *row].map(|row| world.space.score(row, d as u8).unwrap_or_default());
                    truth[d] * (a - b) * (a - b)
                };
                if *row == before { f32::INFINITY } else { (0..DIMS).map(apart).sum() }
            };
            let nearest = candidates.iter().copied().min_by(|a, b| away(a).total_cmp(&away(b)));
            before = if listener == Listener::Random { candidates[0] } else { nearest.unwrap_or(before) };
            at += 200;
            let played = |track| Entry { at, event: Event::Played { track, secs: 200.0, whole: true } };
            entries.extend(world.space.id(before).map(played));
        }
        at += 3600;
    }
    (entries, truth)
}

/// A track chosen for a set, and whether it was heard to its end.
struct Play {
    track: TrackId,
    among: Vec<TrackId>,
    liked: bool,
}

/// Plays a random one of the tracks nearest to a random set of similar tracks. A listener with a
/// taste skips it when its distance in the dimensions that count is in the upper half of those
/// candidates.
fn play(world: &World, truth: &[f32; ALL_DIMS], listener: Listener, rng: &mut Rng) -> Option<Play> {
    let space = &world.space;
    let first = rng.u32(..space.len() as u32);
    let near_one = space.scan(&Scorer::around(&space.point(first), 0..DIMS as u8), 5 * SET, &|_| true);
    let set: Vec<u32> = rng.choose_multiple(near_one.iter().map(|hit| hit.row), SET);
    let signature = Signature::of(space, &all_rows(set.iter().copied()), &Choice::Auto, world.prior)?;
    let scorer = signature.scorer();
    let near = space.scan(&scorer, NEAR.min(space.len() / 3), &|row| !set.contains(&row));
    let own = |row: u32| -> f32 {
        space.contributions(&scorer, row).iter().map(|&(dim, part)| part * truth[usize::from(dim)]).sum()
    };
    let mut distances: Vec<f32> = near.iter().map(|hit| own(hit.row)).collect();
    let row = near.get(rng.usize(..near.len().max(1)))?.row;
    distances.sort_by(f32::total_cmp);
    let suits = own(row) < distances[distances.len() / 2];
    let liked = if listener == Listener::Random || rng.f32() < NOISE { rng.bool() } else { suits };
    let among = set.iter().filter_map(|&row| space.id(row)).collect();
    Some(Play { track: space.id(row)?, among, liked })
}

/// AUC with which the weighted signature distance separates liked from skipped tracks.
fn foretold(world: &World, taste: &Taste, plays: &[Play]) -> f64 {
    let distance = |play: &Play| {
        let members = crate::queue::members(&world.catalog, &world.space, &play.among);
        let signature = Signature::of(&world.space, &members, &Choice::Auto, world.prior)?;
        let row = world.space.row(play.track)?;
        Some(world.space.distance(&signature.weighted(&taste.weights).scorer(), row))
    };
    let of = |liked: bool| plays.iter().filter(|p| p.liked == liked).filter_map(distance).collect::<Vec<_>>();
    auc(&of(true), &of(false)).unwrap_or(0.5)
}

fn start(sizes: &[usize]) -> Vec<Learned> {
    sizes.iter().map(|&told| Learned { told, ..Learned::default() }).collect()
}

impl Learned {
    fn add(&mut self, truth: &[f32; ALL_DIMS], taste: &Taste, foretold: f64, flat: f64) {
        self.foretold += foretold;
        self.flat += flat;
        self.correlation += correlation(truth, &taste.weights);
        self.learned += f64::from(u8::from(taste.learned));
        self.departure += f64::from(taste.departure());
    }

    fn over(&self, n: usize) -> Learned {
        let n = n.max(1) as f64;
        Learned {
            told: self.told,
            foretold: self.foretold / n,
            flat: self.flat / n,
            correlation: self.correlation / n,
            learned: self.learned / n,
            departure: self.departure / n,
        }
    }
}

/// Pearson correlation over the encoder's dimensions; 0 when either is constant.
pub(super) fn correlation(a: &[f32; ALL_DIMS], b: &[f32; ALL_DIMS]) -> f64 {
    let mean = |x: &[f32; ALL_DIMS]| x[..DIMS].iter().sum::<f32>() / DIMS as f32;
    let (ma, mb) = (mean(a), mean(b));
    let product = |x: &[f32; ALL_DIMS], mx: f32, y: &[f32; ALL_DIMS], my: f32| {
        (0..DIMS).map(|d| f64::from((x[d] - mx) * (y[d] - my))).sum::<f64>()
    };
    let scale = (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt();
    if scale > 1e-9 { product(a, ma, b, mb) / scale } else { 0.0 }
}
