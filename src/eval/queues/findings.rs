//! The results about queues: plain numbers, shown as text, JSON and an HTML page.

use serde::Serialize;

use crate::eval::findings::{Difference, Facts, Settings};
use crate::measure::Interval;

use super::measures::{Table, Unit};

/// All results of one evaluation of queues.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// The corpus that was measured.
    pub corpus: Facts,
    /// The settings of the evaluation.
    pub settings: Settings,
    /// Tracks per queue.
    pub length: usize,
    /// Mean difference of two random tracks in the latent.
    pub random: f64,
    /// Median difference of two random tracks; longer steps count as harsh.
    pub median: f64,
    /// The measures, one per column.
    pub measures: Vec<Column>,
    /// Results for queues from single tracks, then for those from several.
    pub parts: Vec<Part>,
    /// The effect of each policy weight; empty unless requested.
    pub ablation: Vec<Variant>,
}

/// A measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The table that shows it.
    #[serde(skip)]
    pub table: Table,
    /// The format of its values.
    #[serde(skip)]
    pub unit: Unit,
}

/// Results for one kind of seed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    /// The kind of seed, in words.
    pub seeds_are: String,
    /// Number of seeds.
    pub seeds: usize,
    /// One entry per maker.
    pub lines: Vec<Line>,
    /// The differences that are reported.
    pub differences: Vec<Difference>,
    /// The player's requirements.
    pub floors: Vec<Floor>,
}

/// Results of one maker.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Line {
    /// The maker's name.
    pub maker: String,
    /// One for each of [`Findings::measures`]: the mean over queues, bootstrapped by the seed's artist.
    pub values: Vec<Option<Interval>>,
    /// Counts over all queues.
    pub totals: Totals,
    /// Mean distance to the seed's signature at each position, in the library's standard deviations.
    pub distance: Vec<f64>,
    /// Mean distance, at each position, of the nearest track still available.
    pub best: Vec<f64>,
}

/// Counts over all queues of a maker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// The longest run of one artist in any queue.
    pub longest_run: usize,
    /// Number of queues with a run of four or more.
    pub long_runs: usize,
    /// Share of the library that is in at least one queue.
    pub coverage: f64,
    /// Gini coefficient of the number of queues that each track is in.
    pub gini: f64,
    /// Number of tracks that were already in their queue or seed.
    pub repeats: usize,
    /// Number of tracks that are another version or duplicate of an earlier track of the queue.
    pub versions: usize,
    /// Number of queues with too few tracks.
    pub short: usize,
}

/// A requirement on the player's queues.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Floor {
    /// The requirement.
    pub what: String,
    /// The result.
    pub found: String,
    /// Whether it is met; `None` when it could not be measured.
    pub met: Option<bool>,
}

/// Results of the player's queues with one weight changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Variant {
    /// The weight's name in `[queue.weights]`; "" for the unchanged weights.
    pub weight: String,
    /// The changed value.
    pub value: f32,
    /// One for each of [`Findings::measures`].
    pub values: Vec<Option<Interval>>,
    /// Each minus its value with the unchanged weights, on the same seeds.
    pub change: Vec<Option<Interval>>,
    /// Counts over all queues.
    pub totals: Totals,
    /// What the tracks are worth to a simulated listener, in standard deviations over the library.
    pub liking: Option<Interval>,
    /// That minus its value with the unchanged weights.
    pub liking_change: Option<Interval>,
}
