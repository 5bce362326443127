//! The queues of several engines from the same seeds: a line for each.

use std::path::PathBuf;

use serde::Serialize;

use crate::eval::findings::{Facts, Settings};
use crate::eval::text::{corpus, wrapped};
use crate::measure::{Bootstrap, Interval};
use crate::queue::plugin::{self, Info, Kind};
use crate::queue::{AlbumsEngine, Find, SignatureEngine};
use crate::text::fit;

use super::drift::Anchor;
use super::findings::Totals;
use super::library::Library;
use super::makers::{Maker, Setup, Workshop};
use super::measures::{Measure, Walk};
use super::sample::Sample;
use super::seeds;
use super::text::number;

/// The engine before a filter or a rank, which chooses nothing by itself.
const BEFORE: &str = "radio";
/// Width of an engine's name in columns.
const NAME: usize = 22;
/// Width of a figure in columns.
const VALUE: usize = 10;
/// The measures that the table shows, by name.
const SHOWN: [&str; 4] = ["coherence", "genre", "drift", "artists"];

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The engines or chains of engines, as `:engine` takes them.
    pub engines: Vec<String>,
    /// The directories of the user's plugins.
    pub dirs: Vec<PathBuf>,
    /// Finds songs for the scripts.
    pub find: Find,
}

/// The results.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// The corpus that was measured.
    pub corpus: Facts,
    /// The settings of the evaluation.
    pub settings: Settings,
    /// Tracks per queue.
    pub length: usize,
    /// Number of seeds, single tracks.
    pub seeds: usize,
    /// The names of the measures.
    pub measures: Vec<String>,
    /// One for each engine.
    pub engines: Vec<Line>,
}

/// The queues of one engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Line {
    /// Its name.
    pub engine: String,
    /// One for each of [`Table::measures`]: the mean over queues, bootstrapped by the seed's artist.
    pub values: Vec<Option<Interval>>,
    /// Counts over all queues.
    pub totals: Totals,
    /// Number of requests that the engine did not answer, so that the signature's answer was taken.
    pub failed: usize,
    /// Why, the first time; empty if it answered all.
    pub why: String,
}

/// Every engine that ships with its usual options; filters and ranks after `radio`.
pub fn shipped() -> Vec<String> {
    let chain = |info: Info| match info.kind? {
        Kind::Source => Some(info.name),
        Kind::Filter | Kind::Rank => Some(format!("{BEFORE} | {}", info.name)),
    };
    let built_in = [SignatureEngine::NAME, AlbumsEngine::NAME].map(String::from);
    built_in.into_iter().chain(plugin::list(&[]).0.into_iter().filter_map(chain)).collect()
}

/// Generates and measures the queues of each engine from at most so many single tracks. `tell` receives progress messages.
pub fn run(
    library: &Library,
    corpus: Facts,
    setup: &Setup,
    settings: &Settings,
    seeds: usize,
    asked: &Asked,
    tell: &mut dyn FnMut(&str),
) -> Table {
    let draw = Bootstrap { rounds: settings.bootstrap, seed: settings.seed };
    let measures = Measure::all(library);
    let seeds = seeds::ones(library, seeds, settings.seed);
    let anchors: Vec<Option<Anchor>> = seeds.iter().map(|seed| Anchor::of(library, seed)).collect();
    let groups: Vec<u32> = seeds.iter().map(|s| s.group).collect();
    let mut line = |engine: &String| {
        tell(&format!("queues by {engine}: {} seeds", seeds.len()));
        let mut workshop = Workshop::new(library, setup).asking(engine, asked.dirs.clone(), asked.find.clone());
        let mut sample = Sample::default();
        for (seed, anchor) in seeds.iter().zip(&anchors) {
            let rows = workshop.make(Maker::Player, seed);
            sample.take(&measures, &Walk::of(library, seed, anchor.as_ref(), &rows), setup.length);
        }
        Line {
            engine: engine.clone(),
            values: sample.values.iter().map(|values| draw.mean(values, &groups)).collect(),
            totals: sample.totals(library.len()),
            failed: workshop.notes().len(),
            why: workshop.notes().first().cloned().unwrap_or_default(),
        }
    };
    Table {
        corpus,
        settings: *settings,
        length: setup.length,
        seeds: seeds.len(),
        engines: asked.engines.iter().map(&mut line).collect(),
        measures: measures.iter().map(|measure| measure.name(library)).collect(),
    }
}

/// The table as lines for a terminal of 100 columns. `library` names the units.
pub fn lines(table: &Table, library: &Library) -> Vec<String> {
    let mut out = corpus(&table.corpus);
    out.push(String::new());
    out.push("ENGINES".into());
    let about = format!(
        "{} seeds × {} tracks, each picked by the policy unless the engine keeps its order. Coherence: the mean difference of two \
         tracks of a queue relative to two random ones; lower is more coherent. Genre: percent of the seed's, its artist left out. \
         Drift: how much each track adds to the distance to the seed beyond the best still available. Artists: percent of the tracks. \
         Run: the longest of one artist. Repeats: tracks that come again. Short: queues with fewer tracks, such as those that an \
         engine ends. Failed: requests that it did not answer; the default engine did.",
        table.seeds, table.length
    );
    out.extend(wrapped(&about, 100));
    let measures = Measure::all(library);
    let shown: Vec<(usize, Measure)> = SHOWN
        .iter()
        .filter_map(|name| {
            let at = table.measures.iter().position(|measure| measure == name)?;
            Some((at, *measures.get(at)?))
        })
        .collect();
    let head = SHOWN.iter().chain(&["run", "repeats", "short", "failed"]);
    out.push(fit("", NAME) + &head.map(|name| fit(name, VALUE)).collect::<String>());
    for line in &table.engines {
        let figure = |&(at, measure): &(usize, Measure)| match line.values.get(at).copied().flatten() {
            Some(value) => number(value.mean, measure.unit()),
            None => "–".into(),
        };
        let t = &line.totals;
        let counts = [t.longest_run, t.repeats, t.short, line.failed].map(|count| count.to_string());
        let cells = shown.iter().map(figure).chain(counts);
        out.push(fit(&line.engine, NAME - 1) + " " + &cells.map(|cell| fit(&cell, VALUE)).collect::<String>());
    }
    for line in table.engines.iter().filter(|line| line.failed > 0) {
        out.extend(wrapped(&format!("{}: {}", line.engine, line.why), 100));
    }
    out.into_iter().map(|line| line.trim_end().to_string()).collect()
}
