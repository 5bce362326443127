//! The report of a night: `report.md` and its figures, in the run directory.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fault::Fault;
use super::judging::{FLAGGED, Judgement, Published, flagged};
use super::limit::span;
use super::{Config, EpochReport, TestReport, heads};
use crate::picture::{self, Bar, Curve};
use crate::store::private;

/// The name of the report in the run directory.
pub const REPORT: &str = "report.md";

/// Why learning ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All epochs are done.
    Finished,
    /// The time limit was reached.
    Time,
    /// The user stopped it.
    Asked,
}

/// The contents of the report. Unknown values are empty.
#[derive(Clone, Debug)]
pub struct Story {
    /// The data set, as given by the user.
    pub data: String,
    /// The data set, in words.
    pub about: String,
    /// The names of the genres.
    pub genres: Vec<String>,
    /// Remarks about the data.
    pub notes: Vec<String>,
    /// The training configuration.
    pub config: Config,
    /// The device, in words.
    pub device: String,
    /// Whether this continued an earlier run.
    pub resumed: bool,
    /// Why learning ended.
    pub stop: Stop,
    /// Duration of this part of the run.
    pub elapsed: Duration,
    /// All epochs.
    pub epochs: Vec<EpochReport>,
    /// The names of the descriptors of the clips, and of how many validation clips each is known.
    pub descriptors: Vec<(String, usize)>,
    /// What the decoder guesses of a few validation clips, as SVG; `None` without a decoder.
    pub reconstructions: Option<String>,
    /// Epoch (with its fraction) and learning rate of this part's steps.
    pub rates: Vec<(f64, f64)>,
    /// Confusion matrix of the validation clips: actual genre (row), predicted genre (column).
    pub confusion: Vec<Vec<usize>>,
    /// Correlation of each dimension with the old one.
    pub correlation: Vec<f64>,
    /// Results on the test clips.
    pub test: Option<TestReport>,
    /// The guard's decision.
    pub judgement: Option<Judgement>,
    /// Where the encoder was published; `None` if it was not.
    pub published: Option<Published>,
    /// The encoder's file.
    pub model: PathBuf,
}

/// The best epoch so far.
fn best(epochs: &[EpochReport]) -> Option<&EpochReport> {
    epochs.iter().rfind(|e| e.best)
}

impl Default for Story {
    fn default() -> Self {
        Story {
            data: String::new(),
            about: String::new(),
            genres: Vec::new(),
            notes: Vec::new(),
            config: Config::default(),
            device: String::new(),
            resumed: false,
            stop: Stop::Finished,
            elapsed: Duration::ZERO,
            epochs: Vec::new(),
            descriptors: Vec::new(),
            reconstructions: None,
            rates: Vec::new(),
            confusion: Vec::new(),
            correlation: Vec::new(),
            test: None,
            judgement: None,
            published: None,
            model: PathBuf::new(),
        }
    }
}

impl Story {
    /// Recall of each genre on the validation clips; `None` for a genre without such clips.
    pub fn recall(&self) -> Vec<Option<f64>> {
        let share = |(g, row): (usize, &Vec<usize>)| {
            let all: usize = row.iter().sum();
            (all > 0).then(|| row.get(g).copied().unwrap_or(0) as f64 / all as f64)
        };
        self.confusion.iter().enumerate().map(share).collect()
    }
}

/// Writes the report and its figures into a directory.
///
/// # Errors
/// The file that cannot be written.
pub fn write(directory: &Path, story: &Story) -> Result<PathBuf, Fault> {
    let save = |name: &str, bytes: &[u8]| {
        let path = directory.join(name);
        private::replace(&path, bytes).map_err(Fault::unwritten(&path))?;
        Ok::<PathBuf, Fault>(path)
    };
    let mut text = String::new();
    head(&mut text, story);
    for (name, heading, words, svg) in pictures(story) {
        save(&format!("{name}.svg"), picture::standalone(&svg).as_bytes())?;
        let _ = write!(text, "\n## {heading}\n\n![{heading}]({name}.svg)\n\n{words}\n");
    }
    genres(&mut text, story);
    text += &best(&story.epochs).map_or_else(String::new, |epoch| heads::section(epoch, &story.descriptors));
    way_back(&mut text, directory, story);
    save(REPORT, text.as_bytes())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Escapes external text for Markdown: no markup, one line.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

fn head(text: &mut String, s: &Story) {
    let verdict = match (&s.judgement, &s.published) {
        (_, Some(p)) => format!("**Published** as `{}`.", p.name),
        (Some(_), None) => "**Kept aside**: the encoder in use stays.".into(),
        (None, None) => "**Stopped**: nothing was judged, the encoder in use stays.".into(),
    };
    let _ = writeln!(text, "# A training\n\n{verdict}");
    if let Some(judgement) = &s.judgement {
        let forced =
            if s.published.is_some() && !judgement.publish { " Published all the same: `--publish`." } else { "" };
        let _ = writeln!(text, "{}{forced}", plain(&judgement.why));
    }
    let _ = writeln!(text, "\n| | |\n|---|---|");
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "| {name} | {value} |");
    };
    row("data", plain(&s.data));
    row("learned from", plain(&s.about));
    if !s.genres.is_empty() {
        row("genres", plain(&s.genres.join(", ")));
    }
    row("network", format!("{} of width {}", s.config.arch.name(), s.config.width));
    row("device", plain(&s.device));
    let stop = match s.stop {
        Stop::Finished => "all epochs are done",
        Stop::Time => "the time was up",
        Stop::Asked => "it was asked to stop",
    };
    row("epochs", format!("{} of {}: {stop}", s.epochs.len(), s.config.epochs));
    let learning: f64 = s.epochs.iter().map(|e| e.seconds).sum();
    row("time in these epochs", span(Duration::from_secs_f64(learning.max(0.0))));
    row(if s.resumed { "time since it was resumed" } else { "time in all" }, span(s.elapsed));
    row("seed", s.config.seed.to_string());
    for (name, value) in s.config.choices() {
        row(name, value);
    }
    if let Some(best) = best(&s.epochs) {
        row(measured(s).0, format!("{} (epoch {}, the one that is kept)", percent(best.validation), best.epoch));
        heads::rows(best).into_iter().for_each(|(name, value)| row(name, value));
    }
    if let Some(test) = &s.test {
        let (error, clips) = (100.0 * test.error, test.clips);
        row("test accuracy", format!("{:.1} ± {error:.1} % of {clips} clips", 100.0 * test.accuracy));
        row("test genre precision at 10", percent(test.precision));
    }
    if !s.notes.is_empty() {
        let _ = writeln!(text, "\nAbout the data:\n");
        for note in &s.notes {
            let _ = writeln!(text, "- {}", plain(note));
        }
    }
}

/// Name and explanation of the validation measure.
fn measured(s: &Story) -> (&'static str, &'static str) {
    match s.genres.is_empty() {
        true => (
            "variance explained",
            "Share of the variance of the teacher's numbers that is explained on validation clips.",
        ),
        false => ("validation accuracy", "Share of validation clips with the right genre."),
    }
}

type Shown = (&'static str, &'static str, String, String);

fn pictures(s: &Story) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let mark = best(&s.epochs).map(|e| e.epoch as f64);
    let curve = |name: &str, of: fn(&EpochReport) -> f64| Curve {
        name: name.into(),
        points: s.epochs.iter().map(|e| (e.epoch as f64, of(e))).collect(),
    };
    if !s.epochs.is_empty() {
        let part = match s.genres.is_empty() {
            true => curve("of the teacher's numbers", |e| e.teacher_loss),
            false => curve("of genres", |e| e.genre_loss),
        };
        let loss = [curve("loss", |e| e.loss), part, curve("validation", |e| e.validation_loss)];
        let svg = picture::curves(&loss, "epoch", &|v| format!("{v:.2}"), mark);
        let words = match s.genres.is_empty() {
            true => {
                "The loss while training, its part from the teacher's numbers, and the mean squared error of those on validation; dashed: the \
                 epoch that is kept. The first two are measured on masked images, so the lines do not compare."
            }
            false => {
                "The loss while training, its part from genres, and the cross-entropy on validation; dashed: the epoch that is kept. The first \
                 holds label smoothing and mixed clips, so the lines do not compare."
            }
        };
        all.push(("loss", "Loss", words.into(), svg));
        let (name, words) = measured(s);
        let accuracy = [curve(name, |e| e.validation)];
        let svg = picture::curves(&accuracy, "epoch", &|v| format!("{:.0} %", 100.0 * v), mark);
        all.push(("accuracy", if s.genres.is_empty() { "Validation" } else { "Accuracy" }, words.into(), svg));
        all.extend(heads::pictures(&s.epochs, mark, s.reconstructions.as_deref()));
    }
    // Of an earlier part of the run only the epochs are known, not the steps.
    let by_epoch = s.epochs.iter().map(|e| (e.epoch as f64, e.rate)).collect();
    let points: Vec<(f64, f64)> = if s.resumed { by_epoch } else { s.rates.clone() };
    if !points.is_empty() {
        let svg =
            picture::curves(&[Curve { name: "learning rate".into(), points }], "epoch", &|v| format!("{v:.1e}"), None);
        all.push(("rate", "Learning rate", "The learning rate on its way up and down.".into(), svg));
    }
    if !s.confusion.is_empty() {
        let words = "Validation clips by genre (row) and prediction (column); shaded by share of the row.";
        all.push(("confusion", "Confusion", words.into(), picture::heat(&s.genres, &s.confusion)));
    }
    if !s.correlation.is_empty() {
        all.push(("dimensions", "Dimensions", dimensions(s), picture::levels(&s.correlation, FLAGGED)));
    }
    if let Some(judgement) = s.judgement.as_ref().filter(|j| !j.measures.is_empty()) {
        all.push(("guard", "Before and after", compared(judgement), before_and_after(judgement)));
    }
    all
}

fn dimensions(s: &Story) -> String {
    let flags = flagged(&s.correlation);
    let mut words = String::from("The correlation of each dimension with its old self. ");
    if flags.is_empty() {
        words += &format!("All of them keep their meaning (at least {FLAGGED}).");
    } else {
        let named = |d: &usize| format!("{d} ({:.2})", s.correlation[d - 1]);
        let list: Vec<String> = flags.iter().map(named).collect();
        words += &format!(
            "Under {FLAGGED}, so that they may mean something else from now on: {}. Signatures that were chosen by these \
             numbers should be looked at.",
            list.join(", ")
        );
    }
    words
}

fn before_and_after(judgement: &Judgement) -> String {
    let bars = judgement.measures.iter().flat_map(|m| {
        ["before", "after"].into_iter().zip(m.values).map(|(when, value)| Bar {
            name: format!("{} {when}", m.name),
            value: if value.is_finite() { value } else { 0.0 },
            range: None,
            main: when == "after",
        })
    });
    picture::bars(&bars.collect::<Vec<_>>(), None)
}

fn compared(judgement: &Judgement) -> String {
    let mut words =
        String::from("| on held-out artists | before | after | paired difference, 95 % |\n|---|---|---|---|\n");
    for m in &judgement.measures {
        let difference = m
            .difference
            .map_or("–".into(), |[low, high]| format!("{:+.1} to {:+.1} points", 100.0 * low, 100.0 * high));
        let _ = writeln!(
            words,
            "| {} | {} | {} | {difference} |",
            plain(&m.name),
            percent(m.values[0]),
            percent(m.values[1])
        );
    }
    words
}

fn genres(text: &mut String, s: &Story) {
    let recall = s.recall();
    if recall.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## Genres\n\n| genre | validation clips | correct |\n|---|---|---|");
    for ((name, row), share) in s.genres.iter().zip(&s.confusion).zip(recall) {
        let clips: usize = row.iter().sum();
        let _ = writeln!(text, "| {} | {clips} | {} |", plain(name), share.map_or("–".into(), percent));
    }
}

fn way_back(text: &mut String, directory: &Path, s: &Story) {
    let _ = writeln!(text, "\n## What to do with it\n");
    match (&s.published, s.judgement.is_some()) {
        (Some(p), _) => {
            let _ = writeln!(text, "Back to the encoder that was in use before: `jukebox model use {}`.", p.previous);
        }
        (None, true) => {
            let _ = writeln!(
                text,
                "The encoder is kept as `{}`. Use it all the same: `jukebox train --resume --publish --out {}`.",
                s.model.display(),
                directory.display()
            );
        }
        (None, false) => {}
    }
    if s.epochs.len() < s.config.epochs {
        let _ = writeln!(text, "\nContinue this run: `jukebox train --resume --out {}`.", directory.display());
    }
}
