//! Training an encoder: data sets, splits, the run directory, resuming, judging, publishing.
//!
//! Each run has its own directory: `config.json` (the request), `start.safetensors` (the encoder that it continues),
//! `log.jsonl` (one line per epoch), `checkpoint.safetensors` (all state, after every epoch), `progress.json` (how it
//! stands, for other processes), and at the end
//! `model.safetensors`, `outcome.json` and the report. Nothing else is written until [`judging::Judge::publish`] puts the
//! model where the player looks for it, by one rename ([`models`]). [`train()`] is a training alone; [`night`] is a whole unattended run.

pub mod agreement;
pub mod align;
pub mod contrast;
pub mod curve;
mod data;
pub mod exam;
mod fault;
pub mod guard;
pub mod heads;
pub mod heard;
pub mod incumbent;
pub mod judging;
pub mod lab;
pub mod limit;
mod lock;
pub mod models;
pub mod night;
mod options;
mod progress;
pub mod reconstructions;
pub mod report;
mod run;
pub mod runs;
mod split;
pub mod standing;
pub mod tagger;
#[cfg(test)]
mod tests;
mod timing;

use std::path::PathBuf;

use jukebox_encoder::train::{self, Job};
use jukebox_encoder::{Encoder, Facts};

pub(crate) use data::half;
pub use data::library as snapshot;
pub use data::{
    Amount, Asked, CacheError, DataError, DataSet, DistilError, Each, EachSound, EntryError, FolderError, GenreAmount,
    Genres, GenresError, HELD_OUT, Insufficient, Lack, Least, LibraryError, LineError, ListenError, Listener,
    PackError, Reading, ShardError, SnapshotError, Source, Summary, TAUGHT, TableError, Tagged, TaughtError, Teacher,
    Unheard, folded,
};
pub use fault::{
    AlignError, ClockError, Damage, Fault, ImportError, LockError, MeasureError, ModelError, NameError, ParseTimeError,
    RunError, Unfit,
};
pub use jukebox_encoder::Device;
pub use jukebox_encoder::train::{Config, EpochReport};
pub use lock::{Holder, Lock, holder};
pub use options::Options;
pub use progress::{Genre, Progress, Stage};
pub use run::{Begun, begun, latest_unfinished, may_begin};
pub use split::{Part, Split, artist_key};

use crate::measure;

/// Time between checkpoints within a long epoch, the most that a power cut can lose.
const CHECKPOINT: std::time::Duration = std::time::Duration::from_secs(300);

/// The result of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Genre accuracy on the validation clips, 0 to 1: the criterion by which the epoch was chosen.
    pub validation: f64,
    /// Results on the test clips, if requested.
    pub test: Option<TestReport>,
    /// The encoder's file.
    pub model: PathBuf,
    /// Number of completed epochs.
    pub epochs: usize,
    /// False when `progress` stopped it; `resume` continues from there.
    pub finished: bool,
}

/// Measures on a split that was not used for any choice.
#[derive(Clone, Debug, PartialEq)]
pub struct TestReport {
    /// Number of clips.
    pub clips: usize,
    /// Share whose most probable genre is right.
    pub accuracy: f64,
    /// Standard error of the accuracy, √(p(1−p)/n).
    pub error: f64,
    /// Genre precision at 10 by Euclidean distance in the latent, for every clip among all others.
    pub precision: f64,
}

/// Trains as configured. `progress` returns false to stop after the epochs that are done.
///
/// # Errors
/// A message for the user that names the file and the fix: missing or damaged data, a run directory that cannot be
/// written or belongs to another training, a device failure.
pub fn train(options: &Options, progress: &mut dyn FnMut(&Progress) -> bool) -> Result<Outcome, Fault> {
    let data = DataSet::read(&options.data)?;
    let run = run::Run::open(&options.out, options)?;
    let learned = learn(&data, &run, options, progress)?;
    finish(&data, &run, options, learned)
}

/// The result of learning: the best epoch's encoder and all epochs.
struct Learned {
    weights: Vec<u8>,
    epochs: Vec<EpochReport>,
    finished: bool,
    about: String,
    /// The picture of the decoder's guesses, as SVG.
    reconstructions: Option<String>,
}

impl Learned {
    /// Genre accuracy on the validation clips of the chosen epoch.
    fn validation(&self) -> f64 {
        self.epochs.iter().rfind(|e| e.best).map_or(0.0, |e| e.validation)
    }
}

/// What the starting encoder predicts its own teacher to say of the clips or, if it has none, its latents: vectors with
/// a mean of about 0 and a variance of about 1 per number, and the logits of its tags.
#[derive(Default)]
struct Remembered {
    vectors: Vec<f32>,
    logits: Vec<f32>,
    tags: Vec<String>,
}

impl Remembered {
    /// Runs the starting encoder on the clips. Empty when it takes other images.
    fn of(start: &[u8], clips: &train::Clips, device: Device) -> Result<Remembered, Fault> {
        let words = |e: anyhow::Error| e.context("the encoder to start from");
        let encoder = Encoder::load(start, device).map_err(words)?;
        let card = encoder.card();
        if (card.bands, card.steps) != (clips.bands, clips.steps) || clips.power {
            return Ok(Remembered::default());
        }
        if !card.unit {
            let vectors = encoder.encode(&clips.images()).map_err(words)?.iter().flat_map(|e| e.latent).collect();
            return Ok(Remembered { vectors, ..Remembered::default() });
        }
        let mut said = Remembered { tags: card.tags.clone(), ..Remembered::default() };
        for guess in encoder.guess(&clips.images()).map_err(words)? {
            said.vectors.extend(guess.vector);
            said.logits.extend(guess.logits);
        }
        Ok(said)
    }
}

/// Trains in an open run directory, logging every epoch.
fn learn(
    data: &DataSet,
    run: &run::Run,
    options: &Options,
    progress: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Learned, Fault> {
    let [mut training, validation, test] = [Part::Training, Part::Validation, Part::Test].map(|p| data.part(p));
    if training.is_empty() || validation.is_empty() {
        return Err(Fault::Split(options.data.clone()));
    }
    let count = |g: usize| training.genres.iter().filter(|own| usize::from(**own) == g).count();
    let genre = |(g, name): (usize, &String)| Genre { name: name.clone(), clips: count(g), artists: None };
    let clips = [training.len(), validation.len(), test.len()];
    let (genres, teacher) = (data.genres.iter().enumerate().map(genre).collect(), !training.teacher.is_empty());
    if !progress(&Progress::Ready { clips, genres, teacher }) {
        return Err(Fault::NotBegun);
    }
    let about = data.about(clips[0]);
    let checkpoint = run.checkpoint();
    let start = run.start()?;
    let mut tags = data.tags.clone();
    if let Some(start) = start.as_deref().filter(|_| training.teacher.is_empty()) {
        let said = Remembered::of(start, &training, options.device)?;
        (training.teacher, training.logits, tags) = (said.vectors, said.logits, said.tags);
    }
    let job = Job {
        genres: &data.genres,
        tags: &tags,
        training: &training,
        validation: &validation,
        config: &options.config,
        device: options.device,
        start: start.as_deref(),
        checkpoint: Some(&checkpoint),
        every: CHECKPOINT,
        resume: options.resume,
        data: &about,
    };
    let (mut log_failure, mut stopped) = (None, false);
    let trained = train::train(&job, &mut |step| {
        let go_on = match step {
            train::Progress::Step { epoch, step, steps, loss, rate } => {
                progress(&Progress::Step { epoch, step, steps, loss, rate: Some(rate) })
            }
            train::Progress::Epoch(report) => {
                if let Err(e) = run.log(report) {
                    log_failure = Some(e);
                    return false;
                }
                progress(&Progress::Epoch(report.clone()))
            }
        };
        stopped |= !go_on;
        go_on
    });
    let trained = trained.map_err(|e| match e.chain().any(|cause| cause.is::<std::io::Error>()) {
        // It fails on a stop request only if there is nothing to keep yet.
        false if stopped => Fault::Early { cause: e, time_up: false },
        _ => Fault::Encoder(e),
    })?;
    if let Some(e) = log_failure {
        return Err(e);
    }
    // Rewrite the whole log: a run killed between checkpoint and log entry leaves a gap.
    run.rewrite_log(&trained.epochs)?;
    let reconstructions = reconstructions::drawn(&trained.reconstructions, &validation.genres, &data.genres, "");
    let train::Trained { weights, epochs, finished, .. } = trained;
    Ok(Learned { weights, epochs, finished, about, reconstructions })
}

/// Evaluates a finished encoder on the test clips if requested, and writes it into the run directory.
fn finish(data: &DataSet, run: &run::Run, options: &Options, learned: Learned) -> Result<Outcome, Fault> {
    let (validation, test) = (learned.validation(), data.part(Part::Test));
    let mut weights = learned.weights;
    let mut report = None;
    if options.test && learned.finished && !test.is_empty() && !data.genres.is_empty() {
        let measured = measure_on(&weights, &test, options.device)?;
        let facts = Facts {
            data: learned.about,
            validation: Some(validation),
            test: Some(measured.accuracy),
            seed: options.config.seed,
            epochs: learned.epochs.len(),
        };
        weights = jukebox_encoder::with_facts(&weights, &facts)?;
        report = Some(measured);
    }
    let model = run.save_model(&weights)?;
    Ok(Outcome { validation, test: report, model, epochs: learned.epochs.len(), finished: learned.finished })
}

/// Evaluates an encoder on labelled clips.
///
/// # Errors
/// When the encoder's file is bad or the device fails.
pub fn measure_on(weights: &[u8], clips: &train::Clips, device: Device) -> Result<TestReport, MeasureError> {
    let encoder = Encoder::load(weights, device)?;
    let heard = encoder.encode(&clips.images())?;
    let most = |p: &[f32]| (0..p.len()).max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap_or(0);
    let predicted: Vec<usize> = heard.iter().map(|e| most(&e.genres)).collect();
    let actual: Vec<usize> = clips.genres.iter().map(|g| usize::from(*g)).collect();
    let accuracy = measure::accuracy(&predicted, &actual);
    let n = clips.len();
    let precision = (0..n).map(|q| {
        let away =
            |t: usize| -> f32 { heard[q].latent.iter().zip(&heard[t].latent).map(|(a, b)| (a - b) * (a - b)).sum() };
        let mut others: Vec<(f32, usize)> = (0..n).filter(|t| *t != q).map(|t| (away(t), t)).collect();
        others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        measure::precision_at(10, others.iter().map(|(_, t)| actual[*t] == actual[q]))
    });
    let precision = precision.sum::<f64>() / n.max(1) as f64;
    let error = (accuracy * (1.0 - accuracy) / n.max(1) as f64).sqrt();
    Ok(TestReport { clips: n, accuracy, error, precision })
}

/// Evaluates an untrained encoder, of which only the statistics of the training clips are set, on one part of the data:
/// the baseline for a trained one.
///
/// # Errors
/// As [`train()`].
pub fn untrained(options: &Options, part: Part) -> Result<TestReport, Fault> {
    let data = DataSet::read(&options.data)?;
    let (training, validation, measured) = (data.part(Part::Training), train::Clips::default(), data.part(part));
    let job = Job {
        genres: &data.genres,
        tags: &[],
        training: &training,
        validation: &validation,
        config: &options.config,
        device: options.device,
        start: None,
        checkpoint: None,
        every: std::time::Duration::MAX,
        resume: false,
        data: "nothing",
    };
    let weights = train::untrained(&job)?;
    Ok(measure_on(&weights, &measured, options.device)?)
}
