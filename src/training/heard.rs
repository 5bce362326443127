//! An encoder's outputs on a data set, track by track.

use std::collections::HashMap;

use jukebox_encoder::{DIMS, Encoder};

use super::fault::MeasureError;
use super::{DataSet, Part};
use crate::latent::soundness::usable;

/// An encoder's outputs on the tracks of some parts of a data set. A track's outputs are the means over its clips; the
/// mean latent is scaled to length 1 if the encoder's latents are directions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// The tracks, as positions in [`DataSet::tracks`].
    pub tracks: Vec<u32>,
    /// Each track's latent.
    pub latents: Vec<[f32; DIMS]>,
    /// Each track's probabilities of the encoder's genres.
    pub probabilities: Vec<Vec<f64>>,
    /// The latents of all clips, in the data set's order.
    pub clips: Vec<[f32; DIMS]>,
}

/// Runs the encoder on the tracks of some parts.
///
/// # Errors
/// When the encoder takes another kind of image than the data has, yields unusable numbers for some of them, or its
/// device fails.
pub fn hear(encoder: &Encoder, data: &DataSet, parts: &[Part]) -> Result<Heard, MeasureError> {
    let (bands, steps, unit) = (encoder.card().bands, encoder.card().steps, encoder.card().unit);
    if (data.clips.bands, data.clips.steps) != (bands, steps) {
        let has = [data.clips.bands, data.clips.steps];
        return Err(MeasureError::Images { data: data.name.clone(), has, needs: [bands, steps] });
    }
    let own: Vec<usize> = (0..data.clips.len()).filter(|&i| parts.contains(&data.split.0[i])).collect();
    let images: Vec<&[u8]> = own.iter().map(|&i| data.clips.image(i)).collect();
    let embeddings = encoder.encode(&images)?;
    let unusable = embeddings.iter().filter(|e| !(usable(&e.latent) && usable(&e.genres))).count();
    if unusable > 0 {
        return Err(MeasureError::Unusable { bad: unusable, clips: own.len() });
    }
    let mut out = Heard::default();
    // The position of each track in the output; `counts`: the number of its clips added.
    let mut place: Vec<Option<usize>> = vec![None; data.tracks.len()];
    let mut counts: Vec<f64> = Vec::new();
    let mut sums: Vec<[f64; DIMS]> = Vec::new();
    for (&clip, heard) in own.iter().zip(&embeddings) {
        let track = data.track[clip];
        let at = match place[track as usize] {
            Some(at) => at,
            None => {
                out.tracks.push(track);
                out.probabilities.push(vec![0.0; heard.genres.len()]);
                counts.push(0.0);
                sums.push([0.0; DIMS]);
                place[track as usize] = Some(counts.len() - 1);
                counts.len() - 1
            }
        };
        counts[at] += 1.0;
        sums[at].iter_mut().zip(&heard.latent).for_each(|(s, x)| *s += f64::from(*x));
        out.probabilities[at].iter_mut().zip(&heard.genres).for_each(|(s, p)| *s += f64::from(*p));
        out.clips.push(heard.latent);
    }
    for (probabilities, n) in out.probabilities.iter_mut().zip(&counts) {
        probabilities.iter_mut().for_each(|p| *p /= n);
    }
    out.latents = sums
        .iter()
        .zip(&counts)
        .map(|(sum, n)| {
            // For latents that are directions, scale the mean to length 1.
            let length = sum.iter().map(|s| s * s).sum::<f64>().sqrt();
            let scale = if unit && length > 0.0 { length } else { *n };
            sum.map(|s| (s / scale) as f32)
        })
        .collect();
    Ok(out)
}

impl Heard {
    /// Each track's main genre, as a position in [`DataSet::genres`]; `u32::MAX` if it has none.
    pub fn genres(&self, data: &DataSet) -> Vec<u32> {
        let of = |t: &u32| data.labels.get(*t as usize).and_then(|all| all.first());
        self.tracks.iter().map(|t| of(t).map_or(u32::MAX, |g| u32::from(*g))).collect()
    }

    /// A number for each track's artist. A track of an unknown artist gets a number of its own.
    pub fn artists(&self, data: &DataSet) -> Vec<u32> {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut next = 0;
        let mut out = Vec::with_capacity(self.tracks.len());
        for &track in &self.tracks {
            let artist = data.tracks.get(track as usize).map_or("", |t| t.artist.as_str());
            let fresh = next;
            let own = if artist.is_empty() { fresh } else { *known.entry(artist).or_insert(fresh) };
            next += u32::from(own == fresh);
            out.push(own);
        }
        out
    }
}
