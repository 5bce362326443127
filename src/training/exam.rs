//! Evaluates an encoder on labelled tracks: genre accuracy, calibration of its probabilities, and the quality of its 32
//! dimensions.
//!
//! Data and encoder may have different genres. They are matched by name (letters and digits only, as for genre tags).
//! Accuracy is over the tracks whose genre the encoder knows, once among all its genres and once among the shared ones
//! only, with its probabilities restricted to them. All other genre measures are restricted.

use jukebox_encoder::{Card, DIMS};
use serde::Serialize;

use super::fault::MeasureError;
use super::heard::Heard;
use super::{DataSet, folded};
use crate::measure::classes::{
    ClassScore, brier, calibration_error, confusion, largest, macro_f1, per_class, surprise,
};
use crate::measure::dimensions::{covariance, dead, most_correlated, participation};
use crate::measure::precision_at;
use crate::text;

/// Bins of the calibration error.
const BINS: usize = 15;
/// k of the genre precision.
const NEIGHBOURS: usize = 10;
/// Maximum number of query tracks for the genre precision, spread evenly.
const QUERIES: usize = 2000;

/// The score of one genre.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GenreScore {
    /// Its name in the data.
    pub genre: String,
    /// Classification scores among the shared genres.
    #[serde(flatten)]
    pub score: ClassScore,
}

/// The results of an encoder on a set of tracks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exam {
    /// Tracks that were encoded.
    pub tracks: usize,
    /// Number of their clips.
    pub clips: usize,
    /// Tracks whose genre the encoder knows; the genre measures are over these.
    pub judged: usize,
    /// Genre accuracy among the shared genres, 0 to 1.
    pub accuracy: f64,
    /// Its standard error √(p(1 − p)/n).
    pub standard_error: f64,
    /// Genre accuracy among all genres of the encoder; the same when all are shared.
    pub accuracy_unrestricted: f64,
    /// Its standard error.
    pub standard_error_unrestricted: f64,
    /// Mean F1 over the genres that occur.
    pub macro_f1: f64,
    /// Scores of each shared genre.
    pub genres: Vec<GenreScore>,
    /// Confusion matrix of the shared genres: actual genre (row), predicted genre (column).
    pub confusion: Vec<Vec<usize>>,
    /// Expected calibration error in 15 bins, 0 to 1.
    pub calibration_error: f64,
    /// Mean Brier score, 0 to 2.
    pub brier: f64,
    /// Mean negative log-likelihood (nats) of the right genre.
    pub log_loss: f64,
    /// Genre precision at 10 by Euclidean distance of latents, without tracks of the same artist; `None` if no query
    /// has enough other tracks.
    pub precision_at_10: Option<f64>,
    /// Whether any artist is known. Otherwise tracks of the same artist could not be left out.
    pub artist_filter: bool,
    /// Participation ratio of the latents, 0 to 32.
    pub effective_dimensions: f64,
    /// Dimensions, from 1, with less than a tenth of the usual spread.
    pub dead_dimensions: Vec<usize>,
    /// The two most correlated dimensions, from 1, and their correlation.
    pub most_correlated: Option<(usize, usize, f64)>,
    /// Genres of the data that the encoder does not know; their tracks are not in the genre measures.
    pub unknown_to_model: Vec<String>,
    /// Genres of the encoder that the data does not have.
    pub absent_from_data: Vec<String>,
}

/// The predictions of an encoder, for comparing two of them; in the order of [`Heard::tracks`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Actual and predicted genre as indices into [`DataSet::genres`]; `None` when the encoder does not know the genre.
    pub genres: Vec<Option<(usize, usize)>>,
}

impl Said {
    /// 1 for correct, 0 for wrong predictions.
    pub fn right(&self) -> Vec<Option<f64>> {
        self.genres.iter().map(|g| g.map(|(actual, said)| f64::from(u8::from(actual == said)))).collect()
    }
}

/// Evaluates an encoder's output.
///
/// # Errors
/// When there is no output, or fewer than two genres are shared with the data.
pub fn examine(card: &Card, heard: &Heard, data: &DataSet) -> Result<(Exam, Said), MeasureError> {
    if heard.tracks.is_empty() {
        return Err(MeasureError::NoTracks);
    }
    let genres = heard.genres(data);
    let shared = Shared::of(&card.genres, &data.genres, &genres);
    if shared.of_data.len() < 2 {
        let (data, model) = (data.genres.clone(), card.genres.clone());
        return Err(MeasureError::FewGenres { shared: shared.of_data.len(), data, model });
    }
    let mut said = Said::default();
    let (mut actual, mut predicted, mut unrestricted) = (Vec::new(), Vec::new(), Vec::new());
    let (mut confidence, mut right) = (Vec::new(), Vec::new());
    let (mut squares, mut logs) = (0.0, 0.0);
    for (genre, all) in genres.iter().zip(&heard.probabilities) {
        let Some(own) = shared.of_data.iter().position(|g| *g as u32 == *genre) else {
            said.genres.push(None);
            continue;
        };
        let among = shared.restrict(all);
        let most = largest(&among);
        unrestricted.push(largest(all) == shared.of_model[own]);
        confidence.push(among[most]);
        right.push(most == own);
        squares += brier(&among, own);
        logs += surprise(&among, own);
        actual.push(own);
        predicted.push(most);
        said.genres.push(Some((shared.of_data[own], shared.of_data[most])));
    }
    let n = actual.len().max(1) as f64;
    let counts = confusion(shared.of_data.len(), &actual, &predicted);
    let scores = per_class(&counts);
    let [accuracy, standard_error] = share(&right);
    let [accuracy_unrestricted, standard_error_unrestricted] = share(&unrestricted);
    let spread = covariance(&heard.latents);
    let exam = Exam {
        tracks: heard.tracks.len(),
        clips: heard.clips.len(),
        judged: right.len(),
        accuracy,
        standard_error,
        accuracy_unrestricted,
        standard_error_unrestricted,
        macro_f1: macro_f1(&scores),
        genres: shared
            .of_data
            .iter()
            .zip(scores)
            .map(|(&g, score)| GenreScore { genre: data.genres[g].clone(), score })
            .collect(),
        confusion: counts,
        calibration_error: calibration_error(BINS, &confidence, &right),
        brier: squares / n,
        log_loss: logs / n,
        precision_at_10: precision(&heard.latents, &genres, &heard.artists(data)),
        artist_filter: heard.tracks.iter().any(|t| data.tracks.get(*t as usize).is_some_and(|t| !t.artist.is_empty())),
        effective_dimensions: participation(&spread),
        dead_dimensions: dead(&spread).iter().map(|d| d + 1).collect(),
        most_correlated: most_correlated(&spread).map(|(a, b, r)| (a + 1, b + 1, r)),
        unknown_to_model: shared.unknown.iter().map(|&g| data.genres[g].clone()).collect(),
        absent_from_data: shared.absent.iter().map(|&g| text::sanitize(&card.genres[g])).collect(),
    };
    Ok((exam, said))
}

/// The share of `true` and its standard error.
fn share(right: &[bool]) -> [f64; 2] {
    let n = right.len().max(1) as f64;
    let share = right.iter().filter(|r| **r).count() as f64 / n;
    [share, (share * (1.0 - share) / n).sqrt()]
}

/// The genres that both the encoder and the data know.
struct Shared {
    /// Indices into the data's genres, and into the encoder's, pairwise.
    of_data: Vec<usize>,
    of_model: Vec<usize>,
    /// Genres of tracks that the encoder does not know.
    unknown: Vec<usize>,
    /// Genres of the encoder that no track has.
    absent: Vec<usize>,
}

impl Shared {
    fn of(model: &[String], data: &[String], tracks: &[u32]) -> Shared {
        let names: Vec<String> = model.iter().map(|g| folded(g)).collect();
        let mut out = Shared { of_data: Vec::new(), of_model: Vec::new(), unknown: Vec::new(), absent: Vec::new() };
        // A genre without a track in this part could only attract wrong predictions.
        for (place, name) in data.iter().enumerate().filter(|(g, _)| tracks.contains(&(*g as u32))) {
            let name = folded(name);
            match names.iter().position(|own| *own == name) {
                Some(own) => {
                    out.of_data.push(place);
                    out.of_model.push(own);
                }
                None => out.unknown.push(place),
            }
        }
        out.absent = (0..model.len()).filter(|g| !out.of_model.contains(g)).collect();
        out
    }

    /// The probabilities of the shared genres, normalised to sum 1.
    fn restrict(&self, all: &[f64]) -> Vec<f64> {
        let own: Vec<f64> = self.of_model.iter().map(|&g| all.get(g).copied().unwrap_or(0.0)).collect();
        let sum: f64 = own.iter().sum();
        // All zero: use a uniform distribution.
        let even = 1.0 / own.len().max(1) as f64;
        own.iter().map(|p| if sum > 0.0 { p / sum } else { even }).collect()
    }
}

/// Genre precision at 10 with the artist filter.
pub(super) fn precision(latents: &[[f32; DIMS]], genre: &[u32], artist: &[u32]) -> Option<f64> {
    let n = latents.len();
    let step = n.div_ceil(QUERIES).max(1);
    let (mut sum, mut asked) = (0.0, 0);
    for query in (0..n).step_by(step) {
        let distance = |t: usize| latents[query].iter().zip(&latents[t]).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let mut others: Vec<(f32, usize)> =
            (0..n).filter(|&t| artist[t] != artist[query]).map(|t| (distance(t), t)).collect();
        if others.len() < NEIGHBOURS {
            continue;
        }
        others.select_nth_unstable_by(NEIGHBOURS - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        sum += precision_at(NEIGHBOURS, others[..NEIGHBOURS].iter().map(|(_, t)| genre[*t] == genre[query]));
        asked += 1;
    }
    (asked > 0).then(|| sum / f64::from(asked))
}

#[cfg(test)]
#[path = "exam_tests.rs"]
mod tests;
