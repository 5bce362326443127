//! The encoder in use, which a new one is turned onto, must beat, and takes the place of.

use std::path::Path;

use jukebox_encoder::{DIMS, Encoder};

use super::align::{self, Alignment};
use super::guard;
use super::heard::{Heard, hear};
use super::judging::{Aligned, Compared, Judge, Judgement, Published};
use super::models::Models;
use super::{DataSet, Device, Part};

/// Tracks that dimensions are aligned by, at most: a thousand numbers need no more.
const MOST: usize = 6000;

/// The encoder in use.
pub struct Incumbent {
    /// The home's models.
    pub models: Models,
    /// Its file's bytes.
    pub weights: Vec<u8>,
    /// Where both encoders hear.
    pub device: Device,
    /// The time, in seconds since 1970, UTC.
    pub unix: u64,
}

impl Incumbent {
    fn load(&self, weights: &[u8]) -> Result<Encoder, String> {
        Encoder::load(weights, self.device).map_err(|e| format!("{e:#}"))
    }

    /// The same tracks by both, if both hear such images.
    fn both(&self, candidate: &[u8], data: &DataSet, part: Part) -> Result<Option<[Heard; 2]>, String> {
        let (old, new) = (self.load(&self.weights)?, self.load(candidate)?);
        if old.card().steps != new.card().steps {
            return Ok(None);
        }
        Ok(Some([hear(&old, data, &[part])?, hear(&new, data, &[part])?]))
    }
}

impl Judge for Incumbent {
    /// Turns the candidate's dimensions onto those of the encoder in use, by the tracks that it learned from: the others
    /// are for judging. A candidate that hears other images, or too few tracks, stays as it is.
    fn align(&mut self, candidate: Vec<u8>, data: &DataSet) -> Result<Aligned, String> {
        let as_it_is = |weights| Aligned { weights, correlation: Vec::new() };
        let Some([old, new]) = self.both(&candidate, data, Part::Training)? else { return Ok(as_it_is(candidate)) };
        let step = old.latents.len().div_ceil(MOST).max(1);
        let some = |latents: &[[f32; DIMS]]| latents.iter().step_by(step).copied().collect::<Vec<_>>();
        if some(&new.latents).len() < align::FEWEST {
            return Ok(as_it_is(candidate));
        }
        let Alignment { turn, correlation } = align::align(&some(&new.latents), &some(&old.latents))?;
        let weights = jukebox_encoder::turned(&candidate, &turn, &new.clips).map_err(|e| format!("{e:#}"))?;
        Ok(Aligned { weights, correlation: correlation.to_vec() })
    }

    /// The guard's word on the test part: neither learned from it, and the candidate's epoch was not chosen by it.
    fn judge(&mut self, candidate: &[u8], data: &DataSet) -> Result<Judgement, String> {
        let Some([old, new]) = self.both(candidate, data, Part::Test)? else {
            let why = "Not published: it hears other images than the player makes; it can be measured, but not used.";
            return Ok(Judgement { publish: false, why: why.into(), measures: Vec::new() });
        };
        let verdict = guard::judge(&old.latents, &new.latents, &new.genres(data), &new.artists(data));
        let named = [("genre P@10", &verdict.genre), ("retrieval AUC", &verdict.retrieval)];
        let measures = named.into_iter().filter_map(|(name, compared)| {
            let c = compared.as_ref()?;
            Some(Compared { name: name.into(), values: [c.before.mean, c.after.mean], difference: c.difference.range })
        });
        Ok(Judgement { publish: verdict.publish, measures: measures.collect(), why: verdict.why })
    }

    /// Keeps the candidate under a name and makes it the one in use.
    fn publish(&mut self, model: &Path) -> Result<Published, String> {
        let bytes = std::fs::read(model).map_err(|e| format!("cannot read {}: {e}", model.display()))?;
        let name = self.models.add(&bytes, None, self.unix)?;
        let (name, previous) = self.models.use_model(&name, self.unix)?;
        Ok(Published { name, previous })
    }
}
