//! The inputs of a training, its progress reports, and its result.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::arch::Architecture;
use crate::device::Device;
use crate::recipe::{Norm, Recipe};
use crate::{Augment, Input};

/// Labelled clips in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Clips {
    /// Mel bands of an image.
    pub bands: usize,
    /// Time steps of an image: 128 for strobe images, 1280 for full mels, 186 for patches.
    pub steps: usize,
    /// Whether the images are of powers in half floats ([`Input::Power`]), not of levels of 4 bits.
    pub power: bool,
    /// Packed images ([`Input`]), concatenated.
    pub strobes: Vec<u8>,
    /// The genre of every clip, an index into the data set's names, used for evaluation. All 0 without genres.
    pub genres: Vec<u16>,
    /// The training targets: the share of every genre, `[clips][genres]`, each row summing to 1. Empty means that each
    /// clip's genre is the target.
    pub targets: Vec<f32>,
    /// A teacher's vector for every clip, `[clips][components]`, each component with mean 0 and variance 1; or empty.
    pub teacher: Vec<f32>,
    /// A teacher's logits, `[clips][tags]`, for the tags of the job; or empty.
    pub logits: Vec<f32>,
    /// The track of each clip, as arbitrary numbers; empty if every clip is a track.
    pub tracks: Vec<u32>,
    /// Descriptors of the sound of each clip, `[clips][descriptors]`, in any unit; NaN where unknown, empty if there are
    /// none.
    pub descriptors: Vec<f32>,
    /// Their names.
    pub descriptor_names: Vec<String>,
    /// Further images of each clip, `[clips][variants]`, as many of each, packed like its own: a training step shows one of
    /// them or the clip's own, drawn anew every time. Empty if there are none.
    pub variants: Vec<u8>,
}

impl Default for Clips {
    fn default() -> Clips {
        Clips::of(Input::Strobe)
    }
}

impl Clips {
    /// An empty set for this kind of image.
    pub fn of(input: Input) -> Clips {
        let (strobes, genres, targets) = (Vec::new(), Vec::new(), Vec::new());
        let (teacher, logits, tracks) = (Vec::new(), Vec::new(), Vec::new());
        let (descriptors, descriptor_names, variants) = (Vec::new(), Vec::new(), Vec::new());
        let (bands, steps, power) = (input.bands(), input.steps(), input.is_power());
        Clips {
            bands,
            steps,
            power,
            strobes,
            genres,
            targets,
            teacher,
            logits,
            tracks,
            descriptors,
            descriptor_names,
            variants,
        }
    }

    /// Bytes of a packed image.
    pub fn bytes(&self) -> usize {
        let values = self.bands * self.steps;
        if self.power { 2 * values } else { values / 2 }
    }

    /// A clip's packed image.
    pub fn image(&self, clip: usize) -> &[u8] {
        let size = self.bytes();
        &self.strobes[clip * size..(clip + 1) * size]
    }

    /// Number of further images of each clip.
    fn variants(&self) -> usize {
        self.variants.len().checked_div(self.bytes() * self.len()).unwrap_or(0)
    }

    /// The packed image that a step shows of a clip: its own, or one of its variants.
    pub(crate) fn drawn(&self, clip: usize, rng: &mut fastrand::Rng) -> &[u8] {
        let (size, variants) = (self.bytes(), self.variants());
        match if variants > 0 { rng.usize(0..=variants) } else { 0 } {
            0 => self.image(clip),
            one => &self.variants[(clip * variants + one - 1) * size..][..size],
        }
    }

    /// The teacher's logits of a clip; empty if there are none.
    pub(crate) fn said(&self, clip: usize, tags: usize) -> &[f32] {
        self.logits.get(clip * tags..(clip + 1) * tags).unwrap_or_default()
    }

    /// All packed images.
    pub fn images(&self) -> Vec<&[u8]> {
        self.strobes.chunks_exact(self.bytes()).collect()
    }

    /// Number of clips.
    pub fn len(&self) -> usize {
        self.genres.len()
    }

    /// Whether there are no clips.
    pub fn is_empty(&self) -> bool {
        self.genres.is_empty()
    }
}

/// The configuration of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The network.
    pub arch: Architecture,
    /// Channels of the network's first stage; cost and size grow with its square. [`Architecture::width`] is the
    /// default.
    pub width: usize,
    /// Number of passes over the clips.
    pub epochs: usize,
    /// Images per step: one per clip, or two if views are to agree.
    pub batch: usize,
    /// Images that are normalised together, and the unit of parallel work; a divisor of `batch`.
    pub shard: usize,
    /// The maximum learning rate.
    pub rate: f64,
    /// Weight decay.
    pub decay: f64,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Label smoothing, 0 to 1.
    pub smoothing: f32,
    /// Weight of the distance from the teacher's vectors.
    pub distil: f32,
    /// Weight of the squared differences between the cosine similarities within a batch: those of the teacher's vectors
    /// against those of the estimated vectors and of the latents. Which images are similar matters more than each
    /// number.
    #[serde(default)]
    pub cosines: f32,
    /// Weight of the cross-entropy of the tags.
    #[serde(default)]
    pub tags: f32,
    /// Weight of the contrast between tracks: how much likelier a clip's latent is to be found by another clip of its
    /// track than those of other tracks (InfoNCE; van den Oord et al. 2018). 0 where clips are shown in two views.
    #[serde(default)]
    pub contrast: f32,
    /// Weight of the squared error of a coarse image that a decoder guesses from the latent (§6.1 of the paper); 0 for no
    /// decoder.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub decode: f32,
    /// Weight of the squared error of the clips' descriptors, guessed linearly from the latent (§6.2); 0 for no guess.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub describe: f32,
    /// Whether the encoder that the training starts from stays as it is, and only heads are trained, which are new. Its
    /// normalisations are those of the new clips all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frozen: bool,
    /// Weight of the penalty on correlated dimensions.
    pub decorrelate: f32,
    /// Weight of the distance between the latents of two views of a clip. With 0, each clip has one view; otherwise an
    /// epoch shows every clip twice and takes twice as long.
    pub agree: f32,
    /// Dropout rate of pooled features.
    pub dropout: f32,
    /// Decay per step of the moving average of the parameters.
    pub average: f64,
    /// Augmentation of the images.
    pub augment: Augment,
    /// Every other choice.
    #[serde(default)]
    pub recipe: Recipe,
}

/// Whether a weight is 0: those that came later are not written then, so that files of trainings without them stay the
/// same.
fn is_zero(weight: &f32) -> bool {
    *weight == 0.0
}

impl Default for Config {
    fn default() -> Self {
        Config {
            arch: Architecture::Strobe,
            width: Architecture::Strobe.width(),
            epochs: 20,
            batch: 64,
            shard: 32,
            rate: 3e-3,
            decay: 0.05,
            seed: 1,
            smoothing: 0.1,
            distil: 1.0,
            cosines: 0.0,
            tags: 0.0,
            contrast: 0.0,
            decode: 0.0,
            describe: 0.0,
            frozen: false,
            decorrelate: 1.0,
            agree: 0.25,
            dropout: 0.1,
            average: 0.995,
            augment: Augment::default(),
            recipe: Recipe::default(),
        }
    }
}

impl Config {
    /// Number of views of each clip in a step.
    pub(crate) fn views(&self) -> usize {
        if self.agree > 0.0 { 2 } else { 1 }
    }

    /// Whether clips of one track are shown in pairs, to be told from those of other tracks.
    pub(crate) fn pairs(&self, clips: &Clips) -> bool {
        self.contrast > 0.0 && self.views() == 1 && self.augment.mixup == 0.0 && !clips.tracks.is_empty()
    }

    /// Clips per step.
    pub fn clips_a_step(&self) -> usize {
        self.batch / self.views()
    }

    /// Whether statistics of normalisations are averaged over the steps.
    pub(crate) fn runs_statistics(&self) -> bool {
        self.recipe.norm == Some(Norm::Running)
    }

    /// What the paper's authors' code does with an architecture ([`Recipe::authors`]): batches of 16 at a rate of 1e-4,
    /// hard labels, no decay, no averaging, no augmentation, 48 epochs as in the paper's Figure 3.
    pub fn authors(arch: Architecture) -> Config {
        Config {
            arch,
            width: arch.width(),
            epochs: 48,
            batch: 16,
            shard: 16,
            rate: 1e-4,
            decay: 0.0,
            smoothing: 0.0,
            decorrelate: 0.0,
            agree: 0.0,
            dropout: 0.0,
            average: 0.0,
            augment: Augment::none(),
            recipe: Recipe::authors(),
            ..Config::default()
        }
    }

    /// The default configuration for an architecture. The paper's networks take from their authors the rate of 1e-4, the
    /// batches of 16, and hard labels without decay, dropout or decorrelation; images, one-cycle schedule, clipping,
    /// averaging and augmentation are those of all others. [`Config::authors`] is the authors' whole recipe.
    pub fn of(arch: Architecture) -> Config {
        let usual = Config { arch, width: arch.width(), ..Config::default() };
        match arch {
            Architecture::Ear => Config {
                epochs: 12,
                smoothing: 0.0,
                cosines: 2.0,
                tags: 2.0,
                contrast: 0.12,
                decorrelate: 0.0,
                agree: 0.0,
                dropout: 0.2,
                batch: 128,
                shard: 64,
                augment: Augment::masks(12, 30),
                ..usual
            },
            paper if paper.is_paper() => Config {
                batch: 16,
                shard: 8,
                rate: 1e-4,
                decay: 0.0,
                smoothing: 0.0,
                decorrelate: 0.0,
                agree: 0.0,
                dropout: 0.0,
                ..usual
            },
            _ => usual,
        }
    }

    /// Configuration for tuning a trained encoder: a tenth of the rate, fewer epochs, and its own latents as the
    /// teacher with twice the weight (learning without forgetting; Li & Hoiem 2016), since genres alone would overwrite
    /// everything else it has learned. One view: as its teacher is its own output for the unaugmented clip, views agree
    /// anyway.
    pub fn tuning(arch: Architecture) -> Config {
        let usual = Config::of(arch);
        Config { rate: usual.rate / 10.0, epochs: 16, distil: 2.0, contrast: 0.0, agree: 0.0, ..usual }
    }
}

/// The report of one epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// 1-based.
    pub epoch: usize,
    /// The mean training loss.
    pub loss: f64,
    /// The part of the loss from genres.
    pub genre_loss: f64,
    /// The part from the teacher's vectors, before weighting.
    pub teacher_loss: f64,
    /// The part from the teacher's cosine similarities, before weighting.
    #[serde(default)]
    pub cosine_loss: f64,
    /// The part from the tags, before weighting.
    #[serde(default)]
    pub tag_loss: f64,
    /// Its part from the contrast between tracks, before weighting.
    #[serde(default)]
    pub contrast_loss: f64,
    /// Its part from the decoder, before weighting; `None` without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoder_loss: Option<f64>,
    /// Its part from the descriptors, before weighting; `None` where none are guessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptor_loss: Option<f64>,
    /// The part from correlated dimensions, before weighting.
    pub decorrelation: f64,
    /// The part from the distance between views, before weighting.
    #[serde(default)]
    pub disagreement: f64,
    /// The averaged network's accuracy on the validation clips; without genres, the explained share of the teacher's
    /// variance (R² of the vectors, below 0 if worse than predicting their mean).
    pub validation: f64,
    /// The averaged network's cross-entropy on the validation clips; without genres, the mean squared error of the
    /// vectors.
    pub validation_loss: f64,
    /// Accuracy on the validation clips of each genre, in the genres' order.
    #[serde(default)]
    pub recalls: Vec<f64>,
    /// Squared error of the decoder's images of the validation clips, as a share of that of the training clips' mean in
    /// each band: 1 is no better than that mean, 0 is without error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconstruction: Option<f64>,
    /// The explained share of each descriptor's variance on the validation clips (R², below 0 if worse than predicting
    /// their mean), in the order of [`Clips::descriptor_names`]; `None` for one that fewer than 20 of them have, or all
    /// alike. Empty where none are guessed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub described: Vec<Option<f64>>,
    /// The learning rate at the end of the epoch.
    #[serde(default)]
    pub rate: f64,
    /// Whether this is the best epoch so far.
    pub best: bool,
    /// Duration in seconds.
    pub seconds: f64,
}

impl EpochReport {
    /// The mean of [`EpochReport::described`] over the descriptors that have an R².
    pub fn mean_described(&self) -> Option<f64> {
        let known: Vec<f64> = self.described.iter().copied().flatten().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }
}

/// Progress reports of a training.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A step is complete.
    Step {
        /// Epoch, 1-based.
        epoch: usize,
        /// Step within the epoch, 1-based.
        step: usize,
        /// Steps per epoch.
        steps: usize,
        /// The step's loss.
        loss: f64,
        /// The learning rate.
        rate: f64,
    },
    /// An epoch is complete and its checkpoint, if any, is written.
    Epoch(&'a EpochReport),
}

/// What to train on, and how.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The names of the genres; empty when training by a teacher only.
    pub genres: &'a [String],
    /// The names of the teacher's tags, for which the clips have logits; empty if they have none.
    pub tags: &'a [String],
    /// The training clips.
    pub training: &'a Clips,
    /// The clips that select the epoch.
    pub validation: &'a Clips,
    /// The configuration.
    pub config: &'a Config,
    /// The device to train on.
    pub device: Device,
    /// The file of an encoder to start from; its genre head is kept if the number of genres is the
    /// same.
    pub start: Option<&'a [u8]>,
    /// The file to which the state is written after every epoch.
    pub checkpoint: Option<&'a Path>,
    /// Interval at which the state is also written within an epoch; the most that a power failure
    /// can lose.
    pub every: Duration,
    /// Whether to resume from an existing state.
    pub resume: bool,
    /// A description of the data for the encoder's file.
    pub data: &'a str,
}

/// The coarse image of a validation clip, and the decoder's guess of it. Both are `[16][32]`, bands by time steps, the lowest
/// band first; each value is its distance from the band's mean over the training clips, in standard deviations of the band.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconstruction {
    /// The clip's position among the validation clips.
    pub clip: usize,
    /// The clip's own image.
    pub own: Vec<f32>,
    /// What the decoder guesses of it.
    pub guessed: Vec<f32>,
}

impl Reconstruction {
    /// Time steps of an image.
    pub const STEPS: usize = crate::heads::STEPS;
}

/// The result of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The encoder's file for the best epoch.
    pub weights: Vec<u8>,
    /// The reports of all epochs.
    pub epochs: Vec<EpochReport>,
    /// What the decoder of the best epoch guesses of six validation clips at most, evenly spaced over the genres and within each;
    /// empty without a decoder or validation clips.
    pub reconstructions: Vec<Reconstruction>,
    /// Whether it ran to the end; false if `progress` stopped it.
    pub finished: bool,
}
