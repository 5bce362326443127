//! The measurements of one maker's queues, one per seed.

use crate::measure::hubness;

use super::drift::{Anchor, Trail};
use super::findings::Totals;
use super::library::Library;
use super::listener::Listener;
use super::makers::{Maker, Setup, Workshop};
use super::measures::{Measure, Walk, mean};
use super::seeds::Seed;

/// The longest run of one artist that does not count as long.
pub const LONGEST_RUN: usize = 3;

/// The measurements of one maker's queues.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// One value per seed for each of [`Measure::all`].
    pub values: Vec<Vec<Option<f64>>>,
    /// The trails of the queues whose seed has a signature.
    trails: Vec<Trail>,
    /// The number of queues that contain each row.
    stands: Vec<u32>,
    totals: Totals,
}

impl Sample {
    /// The counts over all queues.
    pub fn totals(&self, tracks: usize) -> Totals {
        let used = self.stands.iter().filter(|&&count| count > 0).count();
        Totals { coverage: used as f64 / tracks.max(1) as f64, gini: hubness::gini(&self.stands), ..self.totals }
    }

    /// The mean over the queues at each position that at least half of them reach.
    pub fn by_position(&self, of: impl Fn(&Trail) -> &Vec<f64>) -> Vec<f64> {
        let mut out = Vec::new();
        loop {
            let here: Vec<f64> = self.trails.iter().filter_map(|trail| of(trail).get(out.len()).copied()).collect();
            match mean(here.iter().copied()) {
                Some(value) if 2 * here.len() >= self.trails.len() => out.push(value),
                _ => return out,
            }
        }
    }

    /// Adds a queue.
    pub(super) fn take(&mut self, measures: &[Measure], walk: &Walk, length: usize) {
        self.values.resize(measures.len(), Vec::new());
        for (values, measure) in self.values.iter_mut().zip(measures) {
            values.push(measure.of(walk));
        }
        self.stands.resize(walk.library.len(), 0);
        walk.once.iter().for_each(|&row| self.stands[row as usize] += 1);
        self.trails.extend(walk.trail.clone());
        let run = walk.longest_run();
        let t = &mut self.totals;
        t.longest_run = t.longest_run.max(run);
        t.long_runs += usize::from(run > LONGEST_RUN);
        t.repeats += walk.repeats();
        t.versions += walk.versions();
        t.short += usize::from(walk.rows.len() < length);
    }
}

/// Generates and measures the player's queues for a listener; also what the tracks of each are worth to the listener.
pub fn of_listener(
    library: &Library,
    setup: &Setup,
    seeds: &[Seed],
    listener: &Listener,
) -> (Sample, Vec<Option<f64>>) {
    let measures = Measure::all(library);
    let mut workshop = Workshop::new(library, setup).heard_by(listener);
    let (mut sample, mut liking) = (Sample::default(), Vec::with_capacity(seeds.len()));
    for seed in seeds {
        let anchor = Anchor::of(library, seed);
        let rows = workshop.make(Maker::Player, seed);
        sample.take(&measures, &Walk::of(library, seed, anchor.as_ref(), &rows), setup.length);
        liking.push(listener.liking(&rows));
    }
    (sample, liking)
}

/// Generates and measures the queues of several makers from the same seeds; one sample per maker.
pub fn of(library: &Library, setup: &Setup, seeds: &[Seed], makers: &[Maker]) -> Vec<Sample> {
    let measures = Measure::all(library);
    let mut workshop = Workshop::new(library, setup);
    let mut samples = vec![Sample::default(); makers.len()];
    for seed in seeds {
        let anchor = Anchor::of(library, seed);
        for (maker, sample) in makers.iter().zip(&mut samples) {
            let rows = workshop.make(*maker, seed);
            sample.take(&measures, &Walk::of(library, seed, anchor.as_ref(), &rows), setup.length);
        }
    }
    samples
}
