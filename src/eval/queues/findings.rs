//! The results about queues: plain numbers, shown as text, JSON and a page.

use serde::Serialize;

use crate::eval::findings::{Difference, Facts, Settings};
use crate::measure::Interval;

use super::measures::{Table, Unit};

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// What was measured on.
    pub corpus: Facts,
    /// How.
    pub settings: Settings,
    /// Tracks of a queue.
    pub length: usize,
    /// The mean difference of two random tracks in the latent.
    pub random: f64,
    /// The median: longer steps are harsh.
    pub median: f64,
    /// What was measured of each queue.
    pub measures: Vec<Column>,
    /// Queues from single tracks, then those from several.
    pub parts: Vec<Part>,
    /// What each of the policy's weights does; empty unless asked for.
    pub ablation: Vec<Variant>,
}

/// A measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// What to call it.
    pub name: String,
    /// Where it is shown.
    #[serde(skip)]
    pub table: Table,
    /// How it is written.
    #[serde(skip)]
    pub unit: Unit,
}

/// The queues from one kind of seed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Part {
    /// What kind, in words.
    pub seeds_are: String,
    /// How many seeds.
    pub seeds: usize,
    /// One line a maker.
    pub lines: Vec<Line>,
    /// The differences that matter.
    pub differences: Vec<Difference>,
    /// What the player must hold.
    pub floors: Vec<Floor>,
}

/// What one maker's queues are like.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Line {
    /// Who made them.
    pub maker: String,
    /// One for each of [`Findings::measures`]: the mean over queues, drawn by the seed's artist.
    pub values: Vec<Option<Interval>>,
    /// What is counted over all queues.
    pub totals: Totals,
    /// The mean distance to the seed's signature at each position, in the library's standard deviations.
    pub distance: Vec<f64>,
    /// The mean distance of the nearest track that could still have been taken there.
    pub best: Vec<f64>,
}

/// What is counted over all queues of a maker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// The longest run of one artist in any queue.
    pub longest_run: usize,
    /// Queues with a run of four or more.
    pub long_runs: usize,
    /// The share of the library that is in any queue.
    pub coverage: f64,
    /// How unevenly: Gini's coefficient of how often each track stands in one.
    pub gini: f64,
    /// Tracks that were in their queue or seed already.
    pub repeats: usize,
    /// Other versions and duplicates of tracks that were in the queue already.
    pub versions: usize,
    /// Queues that came short of tracks.
    pub short: usize,
}

/// Something that the player must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Floor {
    /// What.
    pub what: String,
    /// What was found.
    pub found: String,
    /// Whether it was held; `None` when it could not be measured.
    pub met: Option<bool>,
}

/// The player's queues with one of the weights changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Variant {
    /// The weight's name in `[queue.weights]`; "" for the weights as they are.
    pub weight: String,
    /// What it is.
    pub value: f32,
    /// One for each of [`Findings::measures`].
    pub values: Vec<Option<Interval>>,
    /// Each less that with the weights as they are, on the same seeds.
    pub change: Vec<Option<Interval>>,
    /// What is counted.
    pub totals: Totals,
}
