//! The encoder's own process: started when there is work, gone when idle, of low priority — a GPU fault or a
//! hungry model cannot stop the music (docs/design.md, "Processes and untrusted data").

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use serde::{Deserialize, Serialize};

use super::model::Source;
use super::pool;
use crate::latent::soundness::{self, usable};
use crate::latent::{DIMS, Latent};
use crate::store::LatentRecord;
use crate::track::TrackId;
use crate::worker::{Limits, Worker, WorkerError};

/// What the encoder process is asked: which model on which device, and packed strobe images.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The model.
    pub model: Source,
    /// "auto", "cpu" or "cuda".
    pub device: String,
    /// Packed strobe images, 8192 bytes each.
    pub strobes: Vec<Vec<u8>>,
}

/// One image's answer: its latent and the genre head's probabilities.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Embedded {
    /// The 32 numbers.
    pub latent: Vec<f32>,
    /// Probability of each genre of the model's card.
    pub genres: Vec<f32>,
    /// Probability of each tag of the model's card.
    pub tags: Vec<f32>,
}

/// What the encoder process answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    /// One for each image, in order.
    pub embedded: Vec<Embedded>,
    /// Where it ran.
    pub device: String,
    /// Why it ran on the processor although the GPU was to be tried first.
    pub fell_back: Option<String>,
}

/// What is said when the GPU failed and the processor took over.
pub fn fell_back(why: &str) -> String {
    format!("the GPU cannot be used ({why}); the encoder runs on the CPU")
}

/// The encoder keeps to itself by priority, not by memory: a GPU's driver maps far more than it uses.
pub const LIMITS: Limits = Limits { address_space: None, nice: 15, parent_death: true };
/// The first answer includes loading the model and, on a GPU, compiling its kernels.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long an encoder process without work is kept.
const IDLE: Duration = Duration::from_secs(20);

/// How often a process that somebody ended, or that could not be started, is followed by another for the same images.
const TRIES: usize = 3;

/// Tracks with the images of their segments.
pub type Heard = Vec<(TrackId, Vec<Vec<u8>>)>;

/// What the encoder process is to do.
#[derive(Clone, Debug)]
pub enum Task {
    /// Embed tracks.
    Embed(Batch),
    /// Hear some images, to see whether what the model makes of them can serve at all.
    Try {
        /// The model.
        model: Source,
        /// Packed strobe images of different pieces.
        images: Vec<Vec<u8>>,
    },
}

/// What is embedded at once.
#[derive(Clone, Debug)]
pub struct Batch {
    /// By which model.
    pub model: Source,
    /// The tracks.
    pub tracks: Heard,
}

/// What became of a [`Task`].
#[derive(Debug)]
pub enum Outcome {
    /// Of a batch.
    Embedded(Finished),
    /// Of a trial.
    Tried {
        /// The hash of the model.
        model: String,
        /// Whether it can serve.
        verdict: Result<(), Unfit>,
        /// What the user should know of where it ran.
        note: Option<String>,
    },
}

/// Why a model cannot serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// For what it makes of images: why.
    Numbers(String),
    /// Nobody knows: the encoder could not be run.
    Unknown(String),
}

/// What became of a batch.
#[derive(Debug)]
pub struct Finished {
    /// The tracks' records, or why there are none. A track of which the encoder makes no usable numbers has none.
    pub outcome: Result<Vec<(TrackId, LatentRecord)>, String>,
    /// The batch's tracks.
    pub tracks: Vec<TrackId>,
    /// The hash of the model that was asked.
    pub model: String,
    /// What the user should know of where it ran.
    pub note: Option<String>,
}

/// Starts the thread that drives the encoder process.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(mut device: String, tasks: Receiver<Task>, done: Sender<Outcome>) -> Result<(), String> {
    std::thread::Builder::new()
        .name("embed".into())
        .spawn(move || {
            let mut worker: Option<Worker<Request, Reply>> = None;
            loop {
                // Without a process there is nothing to wake up for.
                let next = if worker.is_some() { tasks.recv_timeout(IDLE) } else { tasks.recv().map_err(Into::into) };
                match next {
                    Ok(task) => {
                        let worker = worker.get_or_insert_with(|| Worker::new(pool::spec("encode")));
                        if done.send(perform(worker, &mut device, task)).is_err() {
                            return;
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => worker = None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })
        .map(|_| ())
        .map_err(|e| format!("cannot start the encoder's thread: {e}"))
}

fn perform(worker: &mut Worker<Request, Reply>, device: &mut String, task: Task) -> Outcome {
    match task {
        Task::Embed(batch) => Outcome::Embedded(embed(worker, device, batch)),
        Task::Try { model, images } => {
            let hash = model.hash.clone();
            let (answer, note) = ask(worker, device, model, images);
            let verdict = answer.map_err(Unfit::Unknown).and_then(|embedded| {
                let latents: Vec<Latent> =
                    embedded.iter().filter_map(|e| e.latent.as_slice().try_into().ok()).collect();
                soundness::check(&latents).map_err(Unfit::Numbers)
            });
            Outcome::Tried { model: hash, verdict, note }
        }
    }
}

/// Embeds a batch.
fn embed(worker: &mut Worker<Request, Reply>, device: &mut String, batch: Batch) -> Finished {
    let Batch { model, tracks: batch } = batch;
    let hash = model.hash.clone();
    let tracks: Vec<TrackId> = batch.iter().map(|(t, _)| *t).collect();
    let counts: Vec<usize> = batch.iter().map(|(_, images)| images.len()).collect();
    let strobes: Vec<Vec<u8>> = batch.into_iter().flat_map(|(_, images)| images).collect();
    let (answer, note) = ask(worker, device, model, strobes);
    let outcome = answer.map(|embedded| {
        let mut rest = embedded.as_slice();
        let mut records = Vec::with_capacity(tracks.len());
        for (&track, &count) in tracks.iter().zip(&counts) {
            let (own, others) = rest.split_at(count);
            rest = others;
            records.extend(combine(own).map(|record| (track, record)));
        }
        records
    });
    Finished { outcome, tracks, model: hash, note }
}

/// Asks for images: an answer for each, and what the user should know of where it ran. When the GPU fails, `device` becomes
/// the processor for good. A process that somebody ended is followed by another.
fn ask(
    worker: &mut Worker<Request, Reply>,
    device: &mut String,
    model: Source,
    strobes: Vec<Vec<u8>>,
) -> (Result<Vec<Embedded>, String>, Option<String>) {
    let wanted = strobes.len();
    let mut request = Request { model, device: device.clone(), strobes };
    let mut note = None;
    let mut answer = worker.call(&request, PATIENCE);
    for _ in 1..TRIES {
        match &answer {
            // By chance: memory or processes ran out, somebody ended it.
            Err(WorkerError::Killed(_) | WorkerError::NotStarted(_)) => {}
            // The process fell back by itself where it could; a driver may also take it down or hang.
            Err(e) if e.is_strike() && device == "auto" => {
                note = Some(fell_back(&e.to_string()));
                *device = "cpu".into();
                request.device = device.clone();
            }
            _ => break,
        }
        answer = worker.call(&request, PATIENCE);
    }
    match answer {
        Ok(reply) if reply.embedded.len() == wanted => {
            if reply.fell_back.is_some() {
                *device = "cpu".into();
                note = reply.fell_back;
            }
            (Ok(reply.embedded), note)
        }
        Ok(reply) => (Err(format!("the encoder answered {} of {wanted} images", reply.embedded.len())), note),
        Err(e) => (Err(format!("the encoder failed: {e}")), note),
    }
}

/// A track's record from those of its segments: the mean, and the standard deviation over segments beside it.
/// `None` without segments or when a number is not [`soundness::usable`].
pub fn combine(segments: &[Embedded]) -> Option<LatentRecord> {
    let n = segments.len() as f32;
    let sound = |s: &Embedded| s.latent.len() == DIMS && usable(&s.latent) && usable(&s.genres) && usable(&s.tags);
    if segments.is_empty() || !segments.iter().all(sound) {
        return None;
    }
    let mut mean: Latent = [0.0; DIMS];
    let mut spread: Latent = [0.0; DIMS];
    for d in 0..DIMS {
        mean[d] = segments.iter().map(|s| s.latent[d]).sum::<f32>() / n;
        spread[d] = (segments.iter().map(|s| (s.latent[d] - mean[d]).powi(2)).sum::<f32>() / n).sqrt();
    }
    let means = |of: &dyn Fn(&Embedded) -> &[f32]| -> Vec<f32> {
        let mean = |k: usize| segments.iter().map(|s| of(s).get(k).copied().unwrap_or(0.0)).sum::<f32>() / n;
        (0..of(&segments[0]).len()).map(mean).collect()
    };
    let (genres, tags) = (means(&|s| &s.genres), means(&|s| &s.tags));
    Some(LatentRecord { mean, spread, segments: segments.len().min(255) as u8, genres, tags })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_the_mean_of_its_segments() {
        let part = |v: f32| Embedded { latent: vec![v; DIMS], genres: vec![v, 1.0 - v], tags: vec![v / 2.0] };
        let record = combine(&[part(0.0), part(1.0)]).unwrap();
        assert_eq!((record.mean[7], record.spread[7], record.segments), (0.5, 0.5, 2));
        assert_eq!((record.genres, record.tags), (vec![0.5, 0.5], vec![0.25]));
        assert!(combine(&[]).is_none());
        for bad in [f32::NAN, f32::INFINITY, 1e30] {
            assert!(combine(&[part(0.5), part(bad)]).is_none());
            assert!(combine(&[Embedded { genres: vec![bad], ..part(0.5) }]).is_none(), "it could not be stored");
            assert!(combine(&[Embedded { tags: vec![bad], ..part(0.5) }]).is_none(), "nor that");
        }
    }
}
