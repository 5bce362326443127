//! The steps between a finished encoder and its use: aligning its dimensions with the old ones, the guard's decision,
//! publishing. The implementation is passed in from above ([`Judge`]).

use std::path::Path;

use jukebox_encoder::{DIMS, Encoder};

use super::fault::Fault;
use super::{DataSet, Device, Part};

/// A candidate whose latents are aligned with its predecessor's.
#[derive(Clone, Debug, PartialEq)]
pub struct Aligned {
    /// The encoder's file, including the rotation.
    pub weights: Vec<u8>,
    /// Correlation of each dimension with the old one; empty when there is nothing to compare with.
    pub correlation: Vec<f64>,
}

/// One measure for the encoder in use and for the candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The measure's name.
    pub name: String,
    /// Its value before and after, 0 to 1.
    pub values: [f64; 2],
    /// Confidence interval of the paired difference, after minus before.
    pub difference: Option<[f64; 2]>,
}

/// The guard's decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Whether the candidate is significantly better.
    pub publish: bool,
    /// The reason, in one sentence with the numbers.
    pub why: String,
    /// The measures.
    pub measures: Vec<Compared>,
}

/// The result of publishing an encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its name.
    pub name: String,
    /// The name of the previous one, for going back with `jukebox model use`.
    pub previous: String,
}

/// Aligns, judges and publishes a finished encoder.
pub trait Judge {
    /// Aligns the candidate's dimensions with those of the encoder in use.
    ///
    /// # Errors
    /// When an encoder cannot be used.
    fn align(&mut self, candidate: Vec<u8>, data: &DataSet) -> Result<Aligned, Fault>;

    /// Compares the candidate with the encoder in use on data that neither was trained on.
    ///
    /// # Errors
    /// When an encoder cannot be used.
    fn judge(&mut self, candidate: &[u8], data: &DataSet) -> Result<Judgement, Fault>;

    /// Makes the candidate's file the encoder in use.
    ///
    /// # Errors
    /// When it is not usable or a file cannot be written.
    fn publish(&mut self, model: &Path) -> Result<Published, Fault>;
}

/// Correlation below which a dimension is flagged as having changed its meaning.
pub const FLAGGED: f64 = 0.8;

/// The dimensions, counted from 1, whose correlation with the old one is below [`FLAGGED`] or undefined.
pub fn flagged(correlation: &[f64]) -> Vec<usize> {
    (0..correlation.len().min(DIMS))
        .filter(|d| correlation[*d].is_nan() || correlation[*d] < FLAGGED)
        .map(|d| d + 1)
        .collect()
}

/// Confusion matrix of the validation clips: actual genre (row), predicted genre (column). Empty when the encoder has
/// other genres than the data.
pub(super) fn confusion(weights: &[u8], data: &DataSet, device: Device) -> Result<Vec<Vec<usize>>, Fault> {
    let clips = data.part(Part::Validation);
    let encoder = Encoder::load(weights, device)?;
    let mut counts = vec![vec![0; data.genres.len()]; data.genres.len()];
    for (said, &own) in encoder.encode(&clips.images())?.iter().zip(&clips.genres) {
        let most = (0..said.genres.len()).max_by(|a, b| said.genres[*a].total_cmp(&said.genres[*b])).unwrap_or(0);
        match counts.get_mut(usize::from(own)).and_then(|row| row.get_mut(most)) {
            Some(count) => *count += 1,
            None => return Ok(Vec::new()),
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_that_changed_are_flagged() {
        assert_eq!(flagged(&[0.9, 0.79, 0.8, f64::NAN, -0.95]), [2, 4, 5]);
        assert!(flagged(&[]).is_empty());
    }
}
