//! What is measured of whole tracks at the end of a run of the outlook or of transfer.

use std::collections::BTreeMap;

use jukebox_encoder::train::{Clips, Trained};
use jukebox_encoder::{DIMS, Encoder};
use serde::{Deserialize, Serialize};

use super::parts::Parts;
use super::said::Said;
use crate::measure::accuracy;
use crate::measure::classes::largest;
use crate::training::exam::precision;
use crate::training::{Device, MeasureError};

/// What a run comes to, with the network of the epoch that is best on the validation clips.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Accuracy on the validation tracks, each by the mean of what is said of its clips.
    pub validation: f64,
    /// Genre precision at 10 of the validation tracks, each among those of other artists; `None` where there are not ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// Squared error of the decoder's images, where guessing each band's mean is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconstruction: Option<f64>,
    /// Explained share of the descriptors' variance, the mean over those that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub described: Option<f64>,
    /// The decoder's error in the last epoch, which genres do not choose; `None` in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_reconstruction: Option<f64>,
    /// The explained share of each descriptor's variance in the last epoch, by its name; empty in older records.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub last_described: BTreeMap<String, f64>,
    /// What is said of every validation track and test track; `None` in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<[Said; 2]>,
}

impl Outcome {
    /// The decoder's error in the last epoch, or, in older records, in the best one for genres.
    pub fn rebuilt(&self) -> Option<f64> {
        self.last_reconstruction.or(self.reconstruction)
    }

    /// The mean explained share of the descriptors' variance, of the same epoch.
    pub fn explained(&self) -> Option<f64> {
        let n = self.last_described.len();
        if n == 0 { self.described } else { Some(self.last_described.values().sum::<f64>() / n as f64) }
    }
}

/// A number rounded to what is worth keeping.
pub fn short(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

/// What a finished run comes to, and its accuracy on the test tracks if there are any. `artists` has a number for the artist of
/// every track.
///
/// # Errors
/// When the device fails.
pub fn measured(
    trained: &Trained,
    parts: &Parts,
    artists: &[u32],
    device: Device,
) -> Result<(Outcome, Option<f64>), MeasureError> {
    let encoder = Encoder::load(&trained.weights, device)?;
    let [validation, test] = parts.whole();
    let validation = Tracks::of(&encoder, validation)?;
    let test = if test.is_empty() { Tracks::default() } else { Tracks::of(&encoder, test)? };
    let best = trained.epochs.iter().rfind(|epoch| epoch.best);
    let last = trained.epochs.last();
    let shares = last.into_iter().flat_map(|epoch| &epoch.described);
    let named = parts.training.descriptor_names.iter().zip(shares);
    let outcome = Outcome {
        validation: short(validation.accuracy()),
        precision: validation.precision(artists).map(short),
        reconstruction: best.and_then(|epoch| epoch.reconstruction).map(short),
        described: best.and_then(|epoch| epoch.mean_described()).map(short),
        last_reconstruction: last.and_then(|epoch| epoch.reconstruction).map(short),
        last_described: named.filter_map(|(name, share)| Some((name.clone(), short((*share)?)))).collect(),
        said: Some([&validation, &test].map(|tracks| tracks.kept(artists))),
    };
    let tested = (!test.tracks.is_empty()).then(|| short(test.accuracy()));
    Ok((outcome, tested))
}

/// What an encoder makes of tracks, each by the mean over its clips.
#[derive(Debug, Default)]
struct Tracks {
    /// The track's number.
    tracks: Vec<u32>,
    /// Its genre.
    own: Vec<usize>,
    /// The genre that is most probable.
    said: Vec<usize>,
    latents: Vec<[f32; DIMS]>,
}

impl Tracks {
    fn of(encoder: &Encoder, clips: &Clips) -> Result<Tracks, MeasureError> {
        let heard = encoder.encode(&clips.images())?;
        let mut sums: BTreeMap<u32, (usize, usize, Vec<f64>, [f64; DIMS])> = BTreeMap::new();
        for ((heard, track), genre) in heard.iter().zip(&clips.tracks).zip(&clips.genres) {
            let empty = || (usize::from(*genre), 0, vec![0.0; heard.genres.len()], [0.0; DIMS]);
            let (_, count, said, latent) = sums.entry(*track).or_insert_with(empty);
            *count += 1;
            said.iter_mut().zip(&heard.genres).for_each(|(sum, p)| *sum += f64::from(*p));
            latent.iter_mut().zip(&heard.latent).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let mut out = Tracks::default();
        for (track, (genre, count, said, latent)) in sums {
            out.tracks.push(track);
            out.own.push(genre);
            out.said.push(largest(&said));
            // For latents that are directions, the mean is scaled to length 1.
            let length = latent.iter().map(|x| x * x).sum::<f64>().sqrt();
            let scale = if encoder.card().unit && length > 0.0 { length } else { count as f64 };
            out.latents.push(latent.map(|x| (x / scale) as f32));
        }
        Ok(out)
    }

    fn accuracy(&self) -> f64 {
        accuracy(&self.said, &self.own)
    }

    fn precision(&self, artists: &[u32]) -> Option<f64> {
        let genres: Vec<u32> = self.own.iter().map(|genre| *genre as u32).collect();
        precision(&self.latents, &genres, &self.artists(artists))
    }

    /// The number of each track's artist. A track of which no artist is known is one of its own.
    fn artists(&self, artists: &[u32]) -> Vec<u32> {
        let of = |track: &u32| artists.get(*track as usize).copied().unwrap_or(u32::MAX - track);
        self.tracks.iter().map(of).collect()
    }

    /// What is worth keeping of them.
    fn kept(&self, artists: &[u32]) -> Said {
        Said { artists: self.artists(artists), genres: self.own.clone(), said: self.said.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_records_have_the_heads_of_the_best_epoch() {
        let older = r#"{"validation":0.5,"reconstruction":0.9,"described":0.3}"#;
        let outcome: Outcome = serde_json::from_str(older).unwrap();
        assert_eq!((outcome.rebuilt(), outcome.explained()), (Some(0.9), Some(0.3)));
        assert_eq!(serde_json::to_string(&outcome).unwrap(), older, "it is written as it was read");
        let last_described = [("tempo".to_string(), 0.25), ("loudness".to_string(), 0.75)].into();
        let newer = Outcome { last_reconstruction: Some(0.4), last_described, ..outcome };
        assert_eq!((newer.rebuilt(), newer.explained()), (Some(0.4), Some(0.5)));
    }

    #[test]
    fn neighbours_by_the_same_artist_do_not_count() {
        // Twelve tracks of two genres on a line, one genre on either side, by one artist each but for two.
        let at = |x: f32| std::array::from_fn(|d| if d == 0 { x } else { 0.0 });
        let tracks = Tracks {
            tracks: (0..12).collect(),
            own: (0..12).map(|i| usize::from(i >= 6)).collect(),
            said: vec![0; 12],
            latents: (0..12).map(|i| at(i as f32 + if i >= 6 { 100.0 } else { 0.0 })).collect(),
        };
        assert!((tracks.accuracy() - 0.5).abs() < 1e-12);
        let each: Vec<u32> = (0..12).collect();
        // Five of the ten nearest are of the genre.
        assert!((tracks.precision(&each).unwrap() - 0.5).abs() < 1e-12);
        let mut two = each.clone();
        two[1] = 0;
        // For the first two only four others are.
        assert!((tracks.precision(&two).unwrap() - (10.0 * 0.5 + 2.0 * 0.4) / 12.0).abs() < 1e-12);
        assert_eq!(tracks.precision(&[0; 12]), None);
        let kept = tracks.kept(&two);
        assert_eq!((kept.artists[..3].to_vec(), kept.genres[11], kept.said[11]), (vec![0, 0, 2], 1, 0));
    }
}
