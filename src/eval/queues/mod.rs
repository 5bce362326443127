//! `jukebox eval --queues`: the player's queues against other ways to make queues from the same files, without listeners.
//!
//! From each of many seeds the player's own session is simulated (`makers`), and so are the engine without the policy,
//! nearest neighbours, greedy chains and random picks. Cohesion is measured in the latent, which made the queue, and in
//! spaces that did not: descriptors, and the vectors of other systems.

pub mod ablation;
pub mod drift;
pub mod engines;
pub mod findings;
pub mod library;
pub mod listener;
pub mod makers;
pub mod measures;
pub mod page;
pub mod sample;
pub mod seeds;
#[cfg(test)]
mod tests;
pub mod text;

pub use findings::Findings;
pub use library::Library;
pub use makers::{Maker, Setup};

use crate::measure::Bootstrap;

use super::findings::{Difference, Facts, Settings, Verdict};
use findings::{Column, Floor, Line, Part};
use measures::{Measure, Table};
use sample::{LONGEST_RUN, Sample};
use seeds::Seed;

/// Maximum drift: the upper bound of the interval of the growth of the excess distance per track, in standard
/// deviations over the library.
const STEEPEST: f64 = 0.01;

/// The extent of the measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Maximum number of seeds of each kind.
    pub seeds: usize,
    /// Whether to try each weight at zero, half and double.
    pub ablate: bool,
}

/// Generates and measures the queues. `tell` receives progress messages.
pub fn run(
    library: &Library,
    corpus: Facts,
    setup: &Setup,
    settings: &Settings,
    plan: Plan,
    tell: &mut dyn FnMut(&str),
) -> Findings {
    let draw = Bootstrap { rounds: settings.bootstrap, seed: settings.seed };
    let measures = Measure::all(library);
    let column = |m: &Measure| Column { name: m.name(library), table: m.table(), unit: m.unit() };
    let ones = seeds::ones(library, plan.seeds, settings.seed);
    let sets = seeds::sets(library, plan.seeds, settings.seed);
    let kinds = [("one track", &ones), ("three to five tracks of an album or an artist", &sets)];
    let parts = kinds.into_iter().filter(|(_, seeds)| !seeds.is_empty()).map(|(name, seeds)| {
        tell(&format!("queues from {name}: {} seeds", seeds.len()));
        part(library, setup, &draw, name, seeds)
    });
    Findings {
        corpus,
        settings: *settings,
        length: setup.length,
        random: library.latent().random,
        median: library.latent().median,
        measures: measures.iter().map(column).collect(),
        parts: parts.collect(),
        ablation: if plan.ablate { ablation::run(library, setup, &draw, &ones, tell) } else { Vec::new() },
    }
}

/// All makers' queues from the given seeds.
fn part(library: &Library, setup: &Setup, draw: &Bootstrap, name: &str, seeds: &[Seed]) -> Part {
    let makers = Maker::all(library);
    let samples = sample::of(library, setup, seeds, &makers);
    let groups: Vec<u32> = seeds.iter().map(|s| s.group).collect();
    let line = |(maker, sample): (&Maker, &Sample)| Line {
        maker: maker.name(library),
        values: sample.values.iter().map(|values| draw.mean(values, &groups)).collect(),
        totals: sample.totals(library.len()),
        distance: sample.by_position(|trail| &trail.distance),
        best: sample.by_position(|trail| &trail.best),
    };
    let mut part = Part {
        seeds_are: name.into(),
        seeds: seeds.len(),
        lines: makers.iter().zip(&samples).map(line).collect(),
        ..Part::default()
    };
    let all = Measure::all(library);
    let others = makers.iter().filter(|m| !matches!(m, Maker::Player)).map(|&m| (Maker::Player, m));
    // The paper's claim is about the signature without a policy.
    for (of, against) in others.chain([(Maker::Scan, Maker::Nearest(0))]) {
        let of_maker = |maker: Maker| makers.iter().position(|&m| m == maker).map(|i| &samples[i]);
        let (Some(a), Some(b)) = (of_maker(of), of_maker(against)) else { continue };
        for (i, measure) in all.iter().enumerate().filter(|(_, m)| m.table() == Table::Cohesion) {
            let interval = draw.paired(&a.values[i], &b.values[i], &groups);
            let (of, against) = (of.name(library), against.name(library));
            part.differences.push(Difference::new(&of, &against, &measure.name(library), interval));
        }
    }
    part.floors = floors(&part, &all);
    part
}

/// The requirements that the player's queues must meet.
fn floors(part: &Part, measures: &[Measure]) -> Vec<Floor> {
    let Some(player) = part.lines.first() else { return Vec::new() };
    let floor = |what: &str, found: String, met: Option<bool>| Floor { what: what.into(), found, met };
    let drift =
        measures.iter().position(|&m| m == Measure::Drift).and_then(|i| player.values.get(i).copied().flatten());
    let bound = drift.and_then(|d| d.range).map(|[_, high]| high);
    let against_chance: Vec<Verdict> = part
        .differences
        .iter()
        .filter(|d| d.row == "player" && d.against == "random" && measures_coherence(&d.measure))
        .map(|d| d.verdict)
        .collect();
    let below = against_chance.iter().filter(|&&v| v == Verdict::Below).count();
    let t = &player.totals;
    vec![
        floor(
            &format!("drift: the excess grows at most {STEEPEST} standard deviations a track (upper bound)"),
            bound.map_or("not measured".into(), |high| format!("{high:.4}")),
            bound.map(|high| high <= STEEPEST),
        ),
        floor(
            &format!("no run of more than {LONGEST_RUN} tracks by one artist"),
            format!("{}, in {} queues of {} more than {LONGEST_RUN}", t.longest_run, t.long_runs, part.seeds),
            Some(t.longest_run <= LONGEST_RUN),
        ),
        floor("no track twice", t.repeats.to_string(), Some(t.repeats == 0)),
        floor("no other version of a track", t.versions.to_string(), Some(t.versions == 0)),
        floor(
            "more coherent than chance, in every space",
            format!("in {below} of {}", against_chance.len()),
            (!against_chance.is_empty()).then_some(below == against_chance.len()),
        ),
    ]
}

/// Whether a measure's name denotes coherence.
fn measures_coherence(name: &str) -> bool {
    name == "coherence" || name.starts_with("in ")
}
