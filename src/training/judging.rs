//! What stands between a finished encoder and its use: the dimensions turned onto their old selves, the guard's word,
//! publishing. Who does it is given from above ([`Judge`]).

use std::path::Path;

use jukebox_encoder::{DIMS, Encoder};

use super::fault::Fault;
use super::{DataSet, Device, Part};

/// A candidate's latents turned onto its predecessor's.
#[derive(Clone, Debug, PartialEq)]
pub struct Aligned {
    /// The encoder's file with the turn in it.
    pub weights: Vec<u8>,
    /// The correlation of each dimension with its old self; empty when there is nothing to compare with.
    pub correlation: Vec<f64>,
}

/// One measure of the encoder in use and of the candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What is measured.
    pub name: String,
    /// Its value before and after, 0 to 1.
    pub values: [f64; 2],
    /// The interval of the paired difference, after less before.
    pub difference: Option<[f64; 2]>,
}

/// The guard's word.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Whether the candidate is better for certain.
    pub publish: bool,
    /// Why, in one sentence with the numbers.
    pub why: String,
    /// What was compared.
    pub measures: Vec<Compared>,
}

/// Where a published encoder went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its name.
    pub name: String,
    /// The name of the one that was in use before: `jukebox model use` goes back to it.
    pub previous: String,
}

/// What a finished encoder goes through before it is used.
pub trait Judge {
    /// Turns the candidate's dimensions onto those of the encoder in use.
    ///
    /// # Errors
    /// A line for the user.
    fn align(&mut self, candidate: Vec<u8>, data: &DataSet) -> Result<Aligned, String>;

    /// Compares the candidate with the encoder in use on what neither has learned from.
    ///
    /// # Errors
    /// A line for the user.
    fn judge(&mut self, candidate: &[u8], data: &DataSet) -> Result<Judgement, String>;

    /// Makes the candidate's file the encoder in use.
    ///
    /// # Errors
    /// When it is not usable or a file cannot be written.
    fn publish(&mut self, model: &Path) -> Result<Published, Fault>;
}

/// The correlation under which a dimension is flagged: it no longer means what it meant.
pub const FLAGGED: f64 = 0.8;

/// The dimensions, counted from 1, whose correlation with their old self is under [`FLAGGED`].
pub fn flagged(correlation: &[f64]) -> Vec<usize> {
    (0..correlation.len().min(DIMS))
        .filter(|d| correlation[*d].is_nan() || correlation[*d] < FLAGGED)
        .map(|d| d + 1)
        .collect()
}

/// How often each genre (row) of the validation clips was said to be each genre (column). Empty when the encoder knows
/// other genres than the data.
pub(super) fn confusion(weights: &[u8], data: &DataSet, device: Device) -> Result<Vec<Vec<usize>>, String> {
    let clips = data.part(Part::Validation);
    let words = |e: anyhow::Error| format!("{e:#}");
    let encoder = Encoder::load(weights, device).map_err(words)?;
    let mut counts = vec![vec![0; data.genres.len()]; data.genres.len()];
    for (said, &own) in encoder.encode(&clips.images()).map_err(words)?.iter().zip(&clips.genres) {
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
