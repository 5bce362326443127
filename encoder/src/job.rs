//! What a training is asked to do, what it tells while it runs, and its result.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::arch::Architecture;
use crate::device::Device;
use crate::{Augment, Input};

/// Labelled clips in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Clips {
    /// Mel bands of an image.
    pub bands: usize,
    /// Time steps of an image: 128 for strobe images, 1280 for full mels, 186 for patches.
    pub steps: usize,
    /// Packed images ([`Input`]), one after another.
    pub strobes: Vec<u8>,
    /// The genre of every clip, an index into the data set's names: what it is judged by. All 0 where there are no genres.
    pub genres: Vec<u16>,
    /// What it is taught: the share of every genre, clip after clip, each clip's summing to 1; or nothing at all, which
    /// means its genre alone.
    pub targets: Vec<f32>,
    /// A teacher's vector for every clip, one after another, of mean 0 and variance 1 a component; or none at all.
    pub teacher: Vec<f32>,
    /// A teacher's logits of every tag of the job, clip after clip; or none at all.
    pub logits: Vec<f32>,
    /// The track that each clip is of, any numbers; empty where every clip is a track of its own.
    pub tracks: Vec<u32>,
}

impl Default for Clips {
    fn default() -> Clips {
        Clips::of(Input::Strobe)
    }
}

impl Clips {
    /// No clips, of this kind of image.
    pub fn of(input: Input) -> Clips {
        let (strobes, genres, targets) = (Vec::new(), Vec::new(), Vec::new());
        let (teacher, logits, tracks) = (Vec::new(), Vec::new(), Vec::new());
        Clips { bands: input.bands(), steps: input.steps(), strobes, genres, targets, teacher, logits, tracks }
    }

    /// Bytes of a packed image.
    pub fn bytes(&self) -> usize {
        self.bands * self.steps / 2
    }

    /// A clip's packed image.
    pub fn image(&self, clip: usize) -> &[u8] {
        let size = self.bytes();
        &self.strobes[clip * size..(clip + 1) * size]
    }

    /// The teacher's logits of a clip; empty where there are none.
    pub(crate) fn said(&self, clip: usize, tags: usize) -> &[f32] {
        self.logits.get(clip * tags..(clip + 1) * tags).unwrap_or_default()
    }

    /// All packed images.
    pub fn images(&self) -> Vec<&[u8]> {
        self.strobes.chunks_exact(self.bytes()).collect()
    }

    /// How many clips there are.
    pub fn len(&self) -> usize {
        self.genres.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.genres.is_empty()
    }
}

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The network.
    pub arch: Architecture,
    /// Channels of the network's first stage; cost and size grow with its square. [`Architecture::width`] is the usual.
    pub width: usize,
    /// Times that every clip is seen.
    pub epochs: usize,
    /// Images a step: one for every clip, or two where views are to agree.
    pub batch: usize,
    /// Images that are normalised together, and the unit of parallel work; a divisor of `batch`.
    pub shard: usize,
    /// The highest learning rate.
    pub rate: f64,
    /// Weight decay.
    pub decay: f64,
    /// Begin and course of everything random.
    pub seed: u64,
    /// Label smoothing, 0 to 1.
    pub smoothing: f32,
    /// Weight of the distance to the teacher.
    pub distil: f32,
    /// Weight of the squared differences between the batch's cosines, of the teacher's vectors against the guessed ones and against
    /// the latents: which images are alike matters more than each number.
    #[serde(default)]
    pub cosines: f32,
    /// Weight of the cross-entropy of the tags.
    #[serde(default)]
    pub tags: f32,
    /// Weight of the contrast between tracks: how much likelier a clip's latent is to be found by another clip of its
    /// track than those of other tracks (InfoNCE; van den Oord et al. 2018). 0 where clips are shown in two views.
    #[serde(default)]
    pub contrast: f32,
    /// Weight of the penalty on correlated dimensions.
    pub decorrelate: f32,
    /// Weight of the distance between the latents of two views of a clip; 0 shows one view. An epoch then shows every
    /// clip twice, and takes twice as long.
    pub agree: f32,
    /// Share of pooled features that are dropped.
    pub dropout: f32,
    /// Decay of the moving average, a step.
    pub average: f64,
    /// What is done to the images.
    pub augment: Augment,
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
            decorrelate: 1.0,
            agree: 0.25,
            dropout: 0.1,
            average: 0.995,
            augment: Augment::default(),
        }
    }
}

impl Config {
    /// How many views of a clip are shown at once.
    pub(crate) fn views(&self) -> usize {
        if self.agree > 0.0 { 2 } else { 1 }
    }

    /// Whether clips of one track are shown in pairs, to be told from those of other tracks.
    pub(crate) fn pairs(&self, clips: &Clips) -> bool {
        self.contrast > 0.0 && self.views() == 1 && self.augment.mixup == 0.0 && !clips.tracks.is_empty()
    }

    /// Clips a step.
    pub fn clips_a_step(&self) -> usize {
        self.batch / self.views()
    }

    /// The usual training of an architecture. The paper's networks train as its authors ran them: Adam at 1e-4 on
    /// batches of 16, hard labels, nothing dropped, nothing decorrelated.
    pub fn of(arch: Architecture) -> Config {
        let usual = Config { arch, width: arch.width(), ..Config::default() };
        match arch {
            Architecture::Ear => Config {
                epochs: 12,
                smoothing: 0.0,
                cosines: 2.0,
                tags: 2.0,
                decorrelate: 0.0,
                agree: 0.0,
                dropout: 0.2,
                batch: 128,
                shard: 64,
                augment: Augment::masks(12, 30),
                ..usual
            },
            Architecture::Paper | Architecture::PaperAvg | Architecture::Paper1d => Config {
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

    /// Going on with an encoder that knows music already: a tenth of the rate, fewer epochs, and its own latents as the
    /// teacher with twice the weight (learning without forgetting; Li & Hoiem 2016): genres alone would overwrite what
    /// it knows beside them. One view: being taught what it says of the unchanged clip, it agrees with itself anyway.
    pub fn tuning(arch: Architecture) -> Config {
        let usual = Config::of(arch);
        Config { rate: usual.rate / 10.0, epochs: 16, distil: 2.0, agree: 0.0, ..usual }
    }
}

/// What one epoch came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// Counted from 1.
    pub epoch: usize,
    /// The mean loss while training.
    pub loss: f64,
    /// Its part from genres.
    pub genre_loss: f64,
    /// Its part from the teacher, before weighting.
    pub teacher_loss: f64,
    /// Its part from the teacher's cosines, before weighting.
    #[serde(default)]
    pub cosine_loss: f64,
    /// Its part from the tags, before weighting.
    #[serde(default)]
    pub tag_loss: f64,
    /// Its part from the contrast between tracks, before weighting.
    #[serde(default)]
    pub contrast_loss: f64,
    /// Its part from correlated dimensions, before weighting.
    pub decorrelation: f64,
    /// Its part from the distance between views, before weighting.
    #[serde(default)]
    pub disagreement: f64,
    /// Of the averaged network: the share of validation clips whose genre is right; without genres the share of the teacher's
    /// variance that is explained (R² of the vectors on the validation clips, below 0 when worse than their mean).
    pub validation: f64,
    /// Of the averaged network on the validation clips: cross-entropy; without genres the mean squared error of the vectors.
    pub validation_loss: f64,
    /// Share of validation clips of every genre that are right, in the genres' order.
    #[serde(default)]
    pub recalls: Vec<f64>,
    /// The learning rate at its end.
    #[serde(default)]
    pub rate: f64,
    /// Whether this is the best epoch so far.
    pub best: bool,
    /// How long it took.
    pub seconds: f64,
}

/// What is told while training.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A step is done.
    Step {
        /// Epoch, counted from 1.
        epoch: usize,
        /// Step in the epoch, counted from 1.
        step: usize,
        /// Steps of the epoch.
        steps: usize,
        /// The step's loss.
        loss: f64,
        /// The learning rate.
        rate: f64,
    },
    /// An epoch is done and, where there is one, the checkpoint is written.
    Epoch(&'a EpochReport),
}

/// What to train on, and where.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The names of the genres; none where only a teacher teaches.
    pub genres: &'a [String],
    /// The names of the teacher's tags, whose logits the clips have; none where they have none.
    pub tags: &'a [String],
    /// The clips to learn from.
    pub training: &'a Clips,
    /// The clips to choose the epoch by.
    pub validation: &'a Clips,
    /// How.
    pub config: &'a Config,
    /// Where.
    pub device: Device,
    /// The file of an encoder to begin from; its genre head is kept when it has as many genres.
    pub start: Option<&'a [u8]>,
    /// Where the state is written after every epoch.
    pub checkpoint: Option<&'a Path>,
    /// After how much time it is also written within an epoch: what a power cut may cost.
    pub every: Duration,
    /// Whether to take up the state that is there.
    pub resume: bool,
    /// What to write into the encoder's file about its data.
    pub data: &'a str,
}

/// The result of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The encoder's file, of the best epoch.
    pub weights: Vec<u8>,
    /// All epochs.
    pub epochs: Vec<EpochReport>,
    /// False when `progress` stopped it.
    pub finished: bool,
}
