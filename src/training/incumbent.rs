//! The encoder in use: a new encoder is aligned with it, must beat it, and then replaces it.

use std::path::Path;

use jukebox_encoder::{DIMS, Encoder};

use super::agreement;
use super::align::{self, Alignment};
use super::fault::{Fault, ModelError};
use super::guard;
use super::heard::{Heard, hear};
use super::judging::{Aligned, Compared, Judge, Judgement, Published};
use super::models::Models;
use super::{DataSet, Device, Part};

use crate::files;

/// Maximum number of tracks for the alignment; more do not improve the estimate of about a thousand
/// parameters.
const MOST: usize = 6000;

/// The encoder in use.
pub struct Incumbent {
    /// The models of this installation.
    pub models: Models,
    /// The bytes of its file.
    pub weights: Vec<u8>,
    /// The device on which both encoders run.
    pub device: Device,
    /// The current time in Unix seconds.
    pub unix: u64,
}

impl Incumbent {
    fn load(&self, weights: &[u8]) -> Result<Encoder, Fault> {
        Ok(Encoder::load(weights, self.device)?)
    }

    /// Runs both encoders on the same tracks, if both take the same kind of image.
    fn both(&self, candidate: &[u8], data: &DataSet, part: Part) -> Result<Both, Fault> {
        let (old, new) = (self.load(&self.weights)?, self.load(candidate)?);
        if old.card().input() != new.card().input() {
            return Ok(Both::Neither(
                "it hears other images than the encoder in use, so that they cannot be compared on the same ones; measure it with \
                 `jukebox eval` or `jukebox model compare`, then use it with `jukebox model use FILE`."
                    .into(),
            ));
        }
        let heard = |encoder, whose| hear(encoder, data, &[part]).map_err(|e| format!("{whose}: {e}."));
        let both = heard(&new, "the new one").and_then(|new| Ok([heard(&old, "the one in use")?, new]));
        Ok(both.map_or_else(Both::Neither, |both| Both::Heard(Box::new(both))))
    }
}

/// The outputs of two encoders on the same tracks.
enum Both {
    /// The encoder in use, and the candidate.
    Heard(Box<[Heard; 2]>),
    /// They cannot be compared, for this reason.
    Neither(String),
}

impl Judge for Incumbent {
    /// Rotates the candidate's dimensions onto those of the encoder in use, by the training tracks; the others are
    /// reserved for judging. A candidate that takes another kind of image, or data with too few tracks, leaves it
    /// unchanged.
    fn align(&mut self, candidate: Vec<u8>, data: &DataSet) -> Result<Aligned, Fault> {
        let as_it_is = |weights| Aligned { weights, correlation: Vec::new() };
        if !data.can_judge() {
            // Its dimensions were already rotated towards words; they have no previous meaning to keep.
            return Ok(as_it_is(candidate));
        }
        let Both::Heard(both) = self.both(&candidate, data, Part::Training)? else { return Ok(as_it_is(candidate)) };
        let [old, new] = *both;
        let step = old.latents.len().div_ceil(MOST).max(1);
        let some = |latents: &[[f32; DIMS]]| latents.iter().step_by(step).copied().collect::<Vec<_>>();
        if some(&new.latents).len() < align::FEWEST {
            return Ok(as_it_is(candidate));
        }
        let Alignment { turn, correlation } = align::align(&some(&new.latents), &some(&old.latents))?;
        let weights = jukebox_encoder::turned(&candidate, &turn, &new.clips)?;
        Ok(Aligned { weights, correlation: correlation.to_vec() })
    }

    /// The guard's verdict on the test part, on which neither was trained and which did not select the candidate's
    /// epoch.
    fn judge(&mut self, candidate: &[u8], data: &DataSet) -> Result<Judgement, Fault> {
        if !data.can_judge() {
            let why = "Not published: data without genres cannot tell which encoder is better; measure it with `jukebox eval`, then use it with `jukebox model use FILE`.";
            return Ok(Judgement { publish: false, why: why.into(), measures: Vec::new() });
        }
        let [old, new] = match self.both(candidate, data, Part::Test)? {
            Both::Heard(both) => *both,
            Both::Neither(why) => {
                let why = format!("Not published: {why}");
                return Ok(Judgement { publish: false, why, measures: Vec::new() });
            }
        };
        if data.genres.is_empty() {
            let teacher = data.said_of(&old.tracks);
            return Ok(agreement::judge(&old.latents, &new.latents, &teacher, &new.artists(data)));
        }
        let verdict = guard::judge(&old.latents, &new.latents, &new.genres(data), &new.artists(data));
        let named = [("genre P@10", &verdict.genre), ("retrieval AUC", &verdict.retrieval)];
        let measures = named.into_iter().filter_map(|(name, compared)| {
            let c = compared.as_ref()?;
            Some(Compared { name: name.into(), values: [c.before.mean, c.after.mean], difference: c.difference.range })
        });
        Ok(Judgement { publish: verdict.publish, measures: measures.collect(), why: verdict.why })
    }

    /// Adds the candidate to the models and puts it in use.
    fn publish(&mut self, model: &Path) -> Result<Published, Fault> {
        let unreadable = |cause| ModelError::Unreadable { path: model.to_owned(), cause };
        let bytes = files::read(model, files::MODEL).map_err(unreadable)?;
        let unused = |why| ModelError::Unused { model: model.display().to_string(), why, how: "" };
        self.models.try_out(&bytes).map_err(unused)?;
        let name = self.models.add(&bytes, None, self.unix)?;
        let (name, previous) = self.models.use_model(&name, self.unix)?;
        Ok(Published { name, previous })
    }
}

#[cfg(test)]
mod tests {
    use jukebox_encoder::train::Clips;

    use super::*;
    use crate::training::{Source, Split};

    static SHIPPED: &[u8] = include_bytes!("../../models/strobe.safetensors");

    /// 160 training tracks and 60 test tracks, each with its own bands.
    fn data() -> DataSet {
        let mut random = fastrand::Rng::with_seed(3);
        let n = 220;
        let mut strobes = Vec::with_capacity(n * 8192);
        for _ in 0..n {
            let shape: [u8; 8] = std::array::from_fn(|_| random.u8(..));
            strobes.extend((0..8192usize).map(|b| shape[b / 1024] ^ (shape[b % 64 / 8] & 0x33)));
        }
        let part = |i: usize| if i < 160 { Part::Training } else { Part::Test };
        DataSet {
            genres: vec!["jazz".into(), "rock".into()],
            tags: Vec::new(),
            split: Split((0..n).map(part).collect()),
            clips: Clips { strobes, genres: (0..n).map(|i| (i % 2) as u16).collect(), ..Clips::default() },
            tracks: (0..n).map(|i| Source { artist: format!("artist {}", i / 3), ..Source::default() }).collect(),
            track: (0..n as u32).collect(),
            labels: (0..n).map(|i| vec![(i % 2) as u16]).collect(),
            notes: Vec::new(),
            image: jukebox_encoder::Input::default(),
            name: "toy".into(),
        }
    }

    fn incumbent(home: &Path) -> Incumbent {
        Incumbent { models: Models::new(home, SHIPPED), weights: SHIPPED.to_vec(), device: Device::Cpu, unix: 0 }
    }

    #[test]
    fn a_candidate_is_turned_back_judged_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let (mut incumbent, data) = (incumbent(home.path()), data());
        // The shipped encoder with its dimensions reversed: equally good, not better.
        let turn = std::array::from_fn(|i| std::array::from_fn(|j| f32::from(u8::from(i + j == DIMS - 1))));
        let candidate = jukebox_encoder::turned(SHIPPED, &turn, &[[0.0; DIMS]; 50]).unwrap();
        let aligned = incumbent.align(candidate, &data).unwrap();
        assert!(aligned.correlation.iter().all(|r| *r > 0.999), "{:?}", aligned.correlation);
        let Both::Heard(both) = incumbent.both(&aligned.weights, &data, Part::Test).unwrap() else {
            panic!("not heard")
        };
        let [old, new] = *both;
        for (a, b) in old.latents.iter().flatten().zip(new.latents.iter().flatten()) {
            assert!((a - b).abs() < 0.02, "{a} became {b}");
        }
        let word = incumbent.judge(&aligned.weights, &data).unwrap();
        assert!(!word.publish && word.why.starts_with("Not published"), "{}", word.why);

        let file = home.path().join("made.bin");
        std::fs::write(&file, &aligned.weights).unwrap();
        let published = incumbent.publish(&file).unwrap();
        assert_eq!((published.name.as_str(), published.previous.as_str()), ("strobe-1970-01-01", "shipped"));
        assert_eq!(std::fs::read(incumbent.models.current_file()).unwrap(), aligned.weights);
    }

    #[test]
    fn too_few_tracks_leave_it_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let (mut incumbent, mut data) = (incumbent(home.path()), data());
        data.split.0.iter_mut().skip(100).for_each(|part| *part = Part::Validation);
        let aligned = incumbent.align(SHIPPED.to_vec(), &data).unwrap();
        assert_eq!((aligned.weights == SHIPPED, aligned.correlation.len()), (true, 0));
        let word = incumbent.judge(SHIPPED, &data).unwrap();
        assert!(word.why.contains("are too few"), "{}", word.why);
    }
}
