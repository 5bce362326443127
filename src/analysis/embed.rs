//! The encoder's own process, started when there is work, stopped when idle, and of low priority: a GPU fault or a
//! memory-hungry model cannot stop the music (docs/design.md, "Processes and untrusted data").

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use serde::{Deserialize, Serialize};

use super::error::{EncodeError, ThreadError};
use super::model::Source;
use super::pool;
use crate::latent::soundness::{self, SoundnessError, usable};
use crate::latent::{DIMS, Latent};
use crate::store::LatentRecord;
use crate::track::TrackId;
use crate::worker::{Limits, Worker, WorkerError};

/// A request to the encoder process: model, device and packed images.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The model.
    pub model: Source,
    /// "auto", "cpu" or "cuda".
    pub device: String,
    /// Packed images of the kind that the model takes.
    pub images: Vec<Vec<u8>>,
}

/// The output for one image.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Embedded {
    /// The 32-dimensional latent.
    pub latent: Vec<f32>,
    /// Probability of each genre in the model's card.
    pub genres: Vec<f32>,
    /// Probability of each tag in the model's card.
    pub tags: Vec<f32>,
}

/// The answer of the encoder process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    /// One for each image, in order.
    pub embedded: Vec<Embedded>,
    /// Whether the model's latents are directions ([`jukebox_encoder::Card::unit`]).
    pub unit: bool,
    /// The device that was used.
    pub device: String,
    /// Why the CPU was used although the GPU was tried first.
    pub fell_back: Option<String>,
}

/// The message when the GPU failed and the CPU took over.
pub fn fell_back(why: &str) -> String {
    format!("the GPU cannot be used ({why}); the encoder runs on the CPU")
}

/// Limits of the encoder process: low priority, but no memory limit, as a GPU driver maps far more than it uses.
pub const LIMITS: Limits = Limits { address_space: None, nice: 15, parent_death: true };
/// Time limit of a request: the first one includes loading the model and, on a GPU, compiling its kernels.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long an idle encoder process is kept.
const IDLE: Duration = Duration::from_secs(20);

/// Maximum number of attempts for the same images when the process is killed or cannot be started.
const TRIES: usize = 3;

/// Tracks with their segments' images.
pub type Heard = Vec<(TrackId, Vec<Vec<u8>>)>;

/// A task for the encoder process.
#[derive(Clone, Debug)]
pub enum Task {
    /// Embed tracks.
    Embed(Batch),
    /// Encode some images to check that the model's output is usable.
    Try {
        /// The model.
        model: Source,
        /// Packed images of different pieces.
        images: Vec<Vec<u8>>,
    },
}

/// Tracks that are embedded together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The model.
    pub model: Source,
    /// The tracks.
    pub tracks: Heard,
}

/// The result of a [`Task`].
#[derive(Debug)]
pub enum EncoderAnswer {
    /// Result of a batch.
    Embedded(Finished),
    /// Result of a trial.
    Tried {
        /// The hash of the model.
        model: String,
        /// Whether the model can be used.
        verdict: Result<(), Unfit>,
        /// A note for the user about the device used.
        note: Option<String>,
    },
}

/// Why a model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Its output is unusable.
    Numbers(SoundnessError),
    /// Undetermined: the encoder could not be run.
    Unknown(EncodeError),
}

/// The result of a batch.
#[derive(Debug)]
pub struct Finished {
    /// The tracks' records, or the error. A track without usable output has no record.
    pub outcome: Result<Vec<(TrackId, LatentRecord)>, EncodeError>,
    /// The batch's tracks.
    pub tracks: Vec<TrackId>,
    /// The hash of the model that was asked.
    pub model: String,
    /// A note for the user about the device used.
    pub note: Option<String>,
}

/// Starts the thread that drives the encoder process.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(mut device: String, tasks: Receiver<Task>, done: Sender<EncoderAnswer>) -> Result<(), ThreadError> {
    std::thread::Builder::new()
        .name("embed".into())
        .spawn(move || {
            let mut worker: Option<Worker<Request, Reply>> = None;
            loop {
                // Without a process there is nothing to stop when idle.
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
        .map_err(ThreadError::of("the encoder's thread"))
}

fn perform(worker: &mut Worker<Request, Reply>, device: &mut String, task: Task) -> EncoderAnswer {
    match task {
        Task::Embed(batch) => EncoderAnswer::Embedded(embed(worker, device, batch)),
        Task::Try { model, images } => {
            let hash = model.hash.clone();
            let (answer, note) = ask(worker, device, model, images);
            let verdict = answer.map_err(Unfit::Unknown).and_then(|reply| {
                let latents: Vec<Latent> =
                    reply.embedded.iter().filter_map(|e| e.latent.as_slice().try_into().ok()).collect();
                soundness::check(&latents).map_err(Unfit::Numbers)
            });
            EncoderAnswer::Tried { model: hash, verdict, note }
        }
    }
}

/// Embeds a batch.
fn embed(worker: &mut Worker<Request, Reply>, device: &mut String, batch: Batch) -> Finished {
    let Batch { model, tracks: batch } = batch;
    let hash = model.hash.clone();
    let tracks: Vec<TrackId> = batch.iter().map(|(t, _)| *t).collect();
    let counts: Vec<usize> = batch.iter().map(|(_, images)| images.len()).collect();
    let images: Vec<Vec<u8>> = batch.into_iter().flat_map(|(_, images)| images).collect();
    let (answer, note) = ask(worker, device, model, images);
    let outcome = answer.map(|Reply { embedded, unit, .. }| {
        let mut rest = embedded.as_slice();
        let mut records = Vec::with_capacity(tracks.len());
        for (&track, &count) in tracks.iter().zip(&counts) {
            let (own, others) = rest.split_at(count);
            rest = others;
            records.extend(combine(own, unit).map(|record| (track, record)));
        }
        records
    });
    Finished { outcome, tracks, model: hash, note }
}

/// Encodes images: a reply with one output per image, and a note for the user about the device. When the GPU fails,
/// `device` becomes the CPU permanently. A killed process is restarted.
fn ask(
    worker: &mut Worker<Request, Reply>,
    device: &mut String,
    model: Source,
    images: Vec<Vec<u8>>,
) -> (Result<Reply, EncodeError>, Option<String>) {
    let wanted = images.len();
    let mut request = Request { model, device: device.clone(), images };
    let mut note = None;
    let mut answer = worker.call(&request, PATIENCE);
    for _ in 1..TRIES {
        match &answer {
            // Accidental: out of memory or processes, or killed by someone.
            Err(WorkerError::Killed(_) | WorkerError::NotStarted(_)) => {}
            // The process falls back by itself where it can, but a driver may also crash or hang it.
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
        Ok(mut reply) if reply.embedded.len() == wanted => {
            if reply.fell_back.is_some() {
                *device = "cpu".into();
                note = reply.fell_back.take();
            }
            (Ok(reply), note)
        }
        Ok(reply) => (Err(EncodeError::Short { got: reply.embedded.len(), wanted }), note),
        Err(e) => (Err(e.into()), note),
    }
}

/// A mean direction shorter than this share of its parts' mean length is meaningless: they cancel out.
const SHORTEST: f32 = 1e-3;

/// Combines a track's segments into its record: mean and standard deviation. For directions (`unit`) the mean is
/// normalised to length 1, and the deviation scaled with it.
///
/// `None` without segments, if a number is not [`soundness::usable`], or if the directions cancel out.
pub fn combine(segments: &[Embedded], unit: bool) -> Option<LatentRecord> {
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
    if unit {
        let length = |latent: &[f32]| latent.iter().map(|x| x * x).sum::<f32>().sqrt();
        let (own, parts) = (length(&mean), segments.iter().map(|s| length(&s.latent)).sum::<f32>() / n);
        if own <= SHORTEST * parts || own <= f32::MIN_POSITIVE {
            return None;
        }
        mean.iter_mut().chain(&mut spread).for_each(|x| *x /= own);
        if !(usable(&mean) && usable(&spread)) {
            return None;
        }
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
        let record = combine(&[part(0.0), part(1.0)], false).unwrap();
        assert_eq!((record.mean[7], record.spread[7], record.segments), (0.5, 0.5, 2));
        assert_eq!((record.genres, record.tags), (vec![0.5, 0.5], vec![0.25]));
        assert!(combine(&[], false).is_none());
        for bad in [f32::NAN, f32::INFINITY, 1e30] {
            assert!(combine(&[part(0.5), part(bad)], false).is_none());
            assert!(combine(&[Embedded { genres: vec![bad], ..part(0.5) }], true).is_none(), "it could not be stored");
            assert!(combine(&[Embedded { tags: vec![bad], ..part(0.5) }], true).is_none(), "nor that");
        }
    }

    #[test]
    fn a_direction_is_brought_to_length_one() {
        let part = |first: f32, second: f32| {
            let mut latent = vec![0.0; DIMS];
            (latent[0], latent[1]) = (first, second);
            Embedded { latent, genres: Vec::new(), tags: vec![0.25] }
        };
        let record = combine(&[part(6.0, 0.0), part(6.0, 16.0)], true).unwrap();
        assert_eq!((record.mean[0], record.mean[1], record.mean[2]), (0.6, 0.8, 0.0));
        assert_eq!((record.spread[0], record.spread[1], record.segments), (0.0, 0.8, 2));
        assert_eq!((record.genres.len(), record.tags), (0, vec![0.25]));
        // A direction is kept however small; directions that cancel out are dropped.
        let soft = combine(&[part(1e-12, 0.0)], true).unwrap();
        assert_eq!(soft.mean[0], 1.0);
        for none in [&[part(0.0, 0.0)][..], &[part(3.0, 1.0), part(-3.0, -1.0)], &[part(1.0, 0.0), part(-1.0, 1e-4)]] {
            assert!(combine(none, true).is_none() && combine(none, false).is_some());
        }
    }
}
