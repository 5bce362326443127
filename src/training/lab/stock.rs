//! The clips of an experiment.

use jukebox_encoder::train::Clips;
use jukebox_encoder::{Input, strobe};

use super::arm::{Arm, Experiment};
use super::record::Setting;
use super::small;
use crate::training::{DataSet, Part, Split};

/// Clips to train on, to measure curves on, and to measure the end of a run on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// The clips to train on.
    pub training: Clips,
    /// The clips on which curves are measured.
    pub validation: Clips,
    /// The clips on which a finished run is measured, once; none where an experiment does without.
    pub test: Clips,
}

impl Parts {
    fn of(set: &DataSet, experiment: Experiment) -> Result<Parts, String> {
        let [training, validation] = [Part::Training, Part::Validation].map(|part| set.part(part));
        if training.len() < 2 || validation.is_empty() {
            let (name, training, validation) = (&set.name, training.len(), validation.len());
            return Err(format!(
                "{name}: it has {training} clips to train on and {validation} to validate on, and two and one are needed: \
                 use music of more artists, or mend the splits in clips.tsv"
            ));
        }
        let test = if experiment == Experiment::Table4 { set.part(Part::Test) } else { Clips::default() };
        if experiment == Experiment::Table4 && test.is_empty() {
            return Err(format!(
                "{}: it has no test clips, on which Table 4 is measured: use music of more artists, or give some tracks \
                 the split `test` in clips.tsv",
                set.name
            ));
        }
        Ok(Parts { training, validation, test })
    }
}

/// The clips of an experiment.
pub struct Stock {
    /// The names of the genres.
    pub genres: Vec<String>,
    /// The clips as the data splits them.
    pub own: Parts,
    /// The same clips split at random, as the paper's authors had it; empty unless an arm needs it.
    pub random: Parts,
    /// The data set's name.
    pub data: String,
    /// What the images are.
    pub images: String,
}

/// What the options of a command say of an experiment.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Width of the paper's networks.
    pub width: usize,
    /// Passes over the clips.
    pub epochs: usize,
    /// The rate of all arms instead of that of the pilots.
    pub rate: Option<f64>,
    /// The command that repeats it.
    pub command: String,
}

impl Stock {
    /// The clips of a data set for some arms of an experiment: for Table 4 its strobe images as they are, otherwise images of
    /// powers, averaged to 64 × 64 unless `full`.
    ///
    /// # Errors
    /// When its images are of a kind that the lab cannot use, or a part is empty.
    pub fn of(set: DataSet, experiment: Experiment, arms: &[Arm], full: bool) -> Result<Stock, String> {
        let (images, mut set) = match experiment {
            Experiment::Table4 => strobes(set)?,
            Experiment::Fig3 | Experiment::Ablation => (small::about(&set, full)?, small::powers(set, full)?),
        };
        let own = Parts::of(&set, experiment)?;
        let random = if arms.iter().any(|arm| arm.random) {
            set.split = shuffled(&set);
            Parts::of(&set, experiment)?
        } else {
            Parts::default()
        };
        Ok(Stock { genres: set.genres, own, random, data: set.name, images })
    }

    /// The setting of an experiment on these clips.
    pub fn setting(&self, experiment: Experiment, asked: &Asked) -> Setting {
        let mut hasher = blake3::Hasher::new();
        for clips in [&self.own.training, &self.own.validation, &self.own.test] {
            hasher.update(&clips.strobes);
            for genre in &clips.genres {
                hasher.update(&genre.to_le_bytes());
            }
        }
        Setting {
            experiment: experiment.name().into(),
            data: self.data.clone(),
            images: self.images.clone(),
            clips: hasher.finalize().to_hex()[..16].into(),
            counts: [self.own.training.len(), self.own.validation.len()],
            genres: self.genres.len(),
            width: asked.width,
            epochs: asked.epochs,
            rate: asked.rate,
            command: asked.command.clone(),
        }
    }
}

/// What strobe images are, in words, and the data set without a teacher: only genres are learned.
fn strobes(mut set: DataSet) -> Result<(String, DataSet), String> {
    if set.image != Input::Strobe {
        return Err(format!("{}: Table 4 takes strobe images; use strobe:DIR, tree:DIR or fma:DIR", set.name));
    }
    set.clips.teacher.clear();
    set.clips.logits.clear();
    Ok((format!("strobe images, {} × {}", strobe::BANDS, strobe::STEPS), set))
}

/// The seed of the random split.
const SEED: u64 = 42;

/// A split as the paper's authors have it: of all tracks in random order a tenth for the test, of the rest an eighth for
/// validation. It keeps neither artists nor albums apart.
fn shuffled(set: &DataSet) -> Split {
    let mut order: Vec<usize> = (0..set.tracks.len()).collect();
    fastrand::Rng::with_seed(SEED).shuffle(&mut order);
    let test = order.len().div_ceil(10);
    let validation = test + (order.len() - test).div_ceil(8);
    let mut parts = vec![Part::Training; order.len()];
    for (place, &track) in order.iter().enumerate().take(validation) {
        parts[track] = if place < test { Part::Test } else { Part::Validation };
    }
    Split(set.track.iter().map(|&track| parts[track as usize]).collect())
}
