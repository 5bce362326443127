//! The clips of an experiment.

use std::collections::{BTreeSet, HashMap};

use jukebox_encoder::train::Clips;
use jukebox_encoder::{Input, strobe};

use super::arm::{Arm, Experiment};
use super::fault::ClipsError;
use super::parts::{Parts, Take};
use super::record::Setting;
use super::small;
use crate::training::{DataSet, Part, Split};

impl Parts {
    fn of(set: &DataSet, experiment: Experiment, take: Take) -> Result<Parts, ClipsError> {
        let mut parts = take.of(set);
        if parts.training.len() < 2 || parts.validation.is_empty() {
            let (data, training, validation) = (set.name.clone(), parts.training.len(), parts.validation.len());
            return Err(ClipsError::TooFew { data, training, validation });
        }
        match experiment {
            Experiment::Fig3 | Experiment::Ablation => parts.test = Clips::default(),
            Experiment::Table4 if parts.test.is_empty() => return Err(ClipsError::NoTest(set.name.clone())),
            Experiment::Table4 | Experiment::Outlook | Experiment::Transfer => {}
        }
        Ok(parts)
    }

    /// The number of tracks of some clips.
    pub fn tracks(clips: &Clips) -> usize {
        clips.tracks.iter().collect::<BTreeSet<_>>().len()
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
    /// Those that arms take otherwise than most arms of the experiment.
    others: Vec<(Take, Parts)>,
    /// A number for the artist of every track; tracks of unknown artists have one each.
    pub artists: Vec<u32>,
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
    /// The rate of all arms instead of that of the pilots; see [`Arm::rate`].
    pub rate: Option<f64>,
    /// The command that repeats it.
    pub command: String,
}

impl Asked {
    /// The setting of an experiment as far as it was asked for: of no clips, and so without runs.
    pub fn setting(&self, experiment: Experiment) -> Setting {
        Setting {
            experiment: experiment.name().into(),
            data: String::new(),
            images: String::new(),
            clips: String::new(),
            counts: [0, 0],
            genres: 0,
            width: self.width,
            epochs: self.epochs,
            rate: self.rate,
            command: self.command.clone(),
        }
    }
}

impl Stock {
    /// The clips of a data set for some arms of an experiment: for Table 4 and transfer its images as they are, for the
    /// outlook its views, otherwise images of powers, averaged to 64 × 64 unless `full`.
    ///
    /// # Errors
    /// When its images are of a kind that the lab cannot use, or a part is empty.
    pub fn of(set: DataSet, experiment: Experiment, arms: &[Arm], full: bool) -> Result<Stock, ClipsError> {
        let (images, mut set) = match experiment {
            Experiment::Table4 => strobes(set, ClipsError::NoStrobes)?,
            Experiment::Outlook => strobes(set, ClipsError::NoViews)?,
            Experiment::Transfer => patches(set)?,
            Experiment::Fig3 | Experiment::Ablation => (small::about(&set, full)?, small::powers(set, full)?),
        };
        let usual = if experiment == Experiment::Outlook { Take::Middle } else { Take::All };
        let own = Parts::of(&set, experiment, usual)?;
        let mut others: Vec<(Take, Parts)> = Vec::new();
        for take in arms.iter().map(|arm| arm.take) {
            if take != usual && others.iter().all(|(other, _)| *other != take) {
                let parts = Parts::of(&set, experiment, take)?;
                if take == Take::Pitched && parts.training.variants.is_empty() {
                    return Err(ClipsError::NoPitches(set.name));
                }
                others.push((take, parts));
            }
        }
        let random = if arms.iter().any(|arm| arm.random) {
            set.split = shuffled(&set);
            Parts::of(&set, experiment, usual)?
        } else {
            Parts::default()
        };
        let artists = artists(&set);
        Ok(Stock { genres: set.genres, own, random, others, artists, data: set.name, images })
    }

    /// The clips of an arm, which is split at random or as the data is.
    pub fn parts(&self, random: bool, take: Take) -> &Parts {
        let other = self.others.iter().find(|(other, _)| *other == take).map(|(_, parts)| parts);
        if random { &self.random } else { other.unwrap_or(&self.own) }
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
            data: self.data.clone(),
            images: self.images.clone(),
            clips: hasher.finalize().to_hex()[..16].into(),
            counts: [&self.own.training, &self.own.validation].map(|clips| match experiment.goes_beyond() {
                true => Parts::tracks(clips),
                false => clips.len(),
            }),
            genres: self.genres.len(),
            ..asked.setting(experiment)
        }
    }
}

/// What patches are, in words, and the data set as it is.
fn patches(set: DataSet) -> Result<(String, DataSet), ClipsError> {
    if set.image != Input::Patch {
        return Err(ClipsError::NoPatches(set.name));
    }
    Ok((format!("patches of 3 s, {} × {}", Input::Patch.bands(), Input::Patch.steps()), set))
}

/// A number for each track's artist.
fn artists(set: &DataSet) -> Vec<u32> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut out = Vec::with_capacity(set.tracks.len());
    for (track, own) in set.tracks.iter().zip(0..) {
        let artist = track.artist.as_str();
        out.push(if artist.is_empty() { own } else { *known.entry(artist).or_insert(own) });
    }
    out
}

/// What strobe images are, in words, and the data set without a teacher: only genres are learned. `other`: the error for
/// images of another kind.
fn strobes(mut set: DataSet, other: fn(String) -> ClipsError) -> Result<(String, DataSet), ClipsError> {
    if set.image != Input::Strobe {
        return Err(other(set.name));
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
