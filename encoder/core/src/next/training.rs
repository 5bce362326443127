//! Training of a next-track network: a few passes over a history, in one thread and a fixed order, so that the same
//! history and seed give the same network.

use serde::{Deserialize, Serialize};

use crate::DIMS;
use crate::optimise::{Moving, average, rate};
use crate::parameters::Parameters;
use crate::recipe::Recipe;

use super::network::{self, specs};
use super::{Card, HIDDEN, INPUTS, NextTrack, Step};

/// Number of negative samples per example.
const NEGATIVES: usize = 63;
/// How many of them are drawn from near the preceding tracks; the others come from the whole
/// library.
const NEAR: usize = 31;
/// "Near" means the nearest tenth of the library, but at most 256 tracks.
const NEARBY: (usize, usize) = (10, 256);
const BATCH: usize = 32;
const PEAK: f64 = 3e-3;
const DECAY: f64 = 0.1;
/// Dropout rate of the last state.
const DROPOUT: f32 = 0.25;
/// The probability that play data of the preceding tracks is masked, because the queue asks about tracks that have not
/// been played yet.
const MASKED: f32 = 0.5;
/// Decay of the moving average of the parameters.
const SLOW: f64 = 0.99;
/// Maximum and minimum number of passes, and in `LOOKS` the total number of examples processed for
/// a long history.
const MOST_PASSES: usize = 30;
const FEWEST_PASSES: usize = 4;
const LOOKS: usize = 60_000;
/// Number of passes without improvement after which training stops.
const PATIENCE: usize = 6;
/// One in this many examples, the latest, is used to select the pass.
const CHOSEN_BY: usize = 8;

/// Some tracks and the one that came next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The preceding tracks, oldest to latest; only the last [`super::STEPS`] are used.
    pub steps: Vec<Step>,
    /// The track that came next, as a row of the library.
    pub target: u32,
}

/// Training options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Seed of all random numbers.
    pub seed: u64,
}

/// Trains a network. `library` holds the normal scores of every track that can be a target or a negative; `examples`
/// are in chronological order. `None` if there are no examples, a target is out of range, or the library has fewer than
/// two tracks.
pub fn train(library: &[[f32; DIMS]], examples: &[Example], options: Options) -> Option<NextTrack> {
    let sound = examples.iter().all(|e| (e.target as usize) < library.len() && !e.steps.is_empty());
    if examples.is_empty() || library.len() < 2 || !sound {
        return None;
    }
    // The result is the same for all instruction sets, because no two operations are fused.
    let parameters = pulp::Arch::new().dispatch(|| run(library, examples, options));
    Some(NextTrack { parameters, card: Card { trained: examples.len(), seed: options.seed, ..Card::default() } })
}

#[inline(always)]
fn run(library: &[[f32; DIMS]], examples: &[Example], options: Options) -> Parameters {
    let specs = specs();
    let mut rng = fastrand::Rng::with_seed(options.seed);
    let mut now = Parameters::random(&specs, options.seed);
    let mut slow = now.clone();
    let (mut optimiser, recipe) = (Moving::new(&specs), Recipe::default());
    let pupils: Vec<Pupil> = examples.iter().map(|e| Pupil::new(library, e)).collect();
    let (learned, chosen_by) = pupils.split_at(pupils.len() - pupils.len() / CHOSEN_BY);
    let passes = (LOOKS / learned.len()).clamp(FEWEST_PASSES, MOST_PASSES);
    let steps = passes * learned.len().div_ceil(BATCH);
    let mut best = (lost(library, &slow, chosen_by, options.seed), slow.clone(), 0);
    let mut order: Vec<usize> = (0..learned.len()).collect();
    for pass in 1..=passes {
        rng.shuffle(&mut order);
        for batch in order.chunks(BATCH) {
            let mut grads = Parameters::zeros(&specs);
            for &i in batch {
                learned[i].learn(library, &now, &mut rng, &mut grads);
            }
            grads.values.iter_mut().flatten().for_each(|g| *g /= batch.len() as f32);
            let rate = rate(recipe.schedule, PEAK, optimiser.steps, steps as u64);
            optimiser.step(&specs, &mut now, &grads, [rate, DECAY], &recipe);
            average(&mut slow, &now, SLOW, optimiser.steps);
        }
        let lost = lost(library, &slow, chosen_by, options.seed);
        if chosen_by.is_empty() || lost < best.0 {
            best = (lost, slow.clone(), pass);
        } else if pass - best.2 >= PATIENCE {
            break;
        }
    }
    best.1
}

/// The mean loss, always over the same negatives.
#[inline(always)]
fn lost(library: &[[f32; DIMS]], parameters: &Parameters, pupils: &[Pupil], seed: u64) -> f64 {
    let mut rng = fastrand::Rng::with_seed(seed);
    let one = |p: &Pupil| {
        let trace = network::forward(parameters, &p.masked, None);
        f64::from(network::loss(parameters, &trace, &p.candidates(library, &mut rng), None, None))
    };
    pupils.iter().map(one).sum::<f64>() / pupils.len().max(1) as f64
}

/// A preprocessed example.
struct Pupil<'a> {
    example: &'a Example,
    inputs: Vec<[f32; INPUTS]>,
    /// The same with everything but the sound masked.
    masked: Vec<[f32; INPUTS]>,
    /// The library's rows nearest to the mean of the steps, in ascending order.
    near: Vec<u32>,
}

impl<'a> Pupil<'a> {
    #[inline(always)]
    fn new(library: &[[f32; DIMS]], example: &'a Example) -> Pupil<'a> {
        let steps = &example.steps[example.steps.len().saturating_sub(super::STEPS)..];
        let mut mean = [0.0f32; DIMS];
        for step in steps {
            mean.iter_mut().zip(step.z).for_each(|(m, z)| *m += z / steps.len() as f32);
        }
        let distance = |z: &[f32; DIMS]| (0..DIMS).map(|d| (z[d] - mean[d]) * (z[d] - mean[d])).sum::<f32>();
        let mut all: Vec<(f32, u32)> = library.iter().map(distance).zip(0..).collect();
        let count = (library.len() / NEARBY.0).clamp(1, NEARBY.1);
        all.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut near: Vec<u32> = all[..count].iter().map(|&(_, row)| row).collect();
        near.sort_unstable();
        let masked = steps.iter().map(|s| Step::of(s.z).inputs()).collect();
        Pupil { example, inputs: steps.iter().map(Step::inputs).collect(), masked, near }
    }

    /// The true track, then the negatives, each with the logarithm of its probability of being drawn.
    #[inline(always)]
    fn candidates(&self, library: &[[f32; DIMS]], rng: &mut fastrand::Rng) -> Vec<([f32; DIMS], f32)> {
        let anywhere = (NEGATIVES - NEAR) as f32 / NEGATIVES as f32 / library.len() as f32;
        let nearby = NEAR as f32 / NEGATIVES as f32 / self.near.len() as f32;
        let drawn = |row: u32| {
            let near = self.near.binary_search(&row).is_ok();
            (library[row as usize], (anywhere + if near { nearby } else { 0.0 }).ln())
        };
        let mut candidates = Vec::with_capacity(1 + NEGATIVES);
        candidates.push(drawn(self.example.target));
        for i in 0..NEGATIVES {
            let row = if i < NEAR { self.near[rng.usize(..self.near.len())] } else { rng.u32(..library.len() as u32) };
            // Tracks that were just played are never proposed, so they are no negatives.
            let z = &library[row as usize];
            if row != self.example.target && !self.example.steps.iter().any(|s| s.z == *z) {
                candidates.push(drawn(row));
            }
        }
        candidates
    }

    #[inline(always)]
    fn learn(&self, library: &[[f32; DIMS]], parameters: &Parameters, rng: &mut fastrand::Rng, grads: &mut Parameters) {
        let inputs = if rng.f32() < MASKED { &self.masked } else { &self.inputs };
        let drop: [f32; HIDDEN] =
            std::array::from_fn(|_| if rng.f32() < DROPOUT { 0.0 } else { 1.0 / (1.0 - DROPOUT) });
        let trace = network::forward(parameters, inputs, Some(&drop));
        let candidates = self.candidates(library, rng);
        network::loss(parameters, &trace, &candidates, Some(&drop), Some(grads));
    }
}
