//! Normal scores in memory, two bytes each: for 100,000 tracks 6.4 MB instead of 12.8.

use std::ops::Range;

use super::DIMS;

/// Steps per unit of a score, so that scores are exact to 0.0001: a hundredth of what their ranks are worth in a library
/// of 10,000 tracks, and less than a hundredth of a place. The widest, ±5.46, is that of a library of 20 million.
const STEPS: f32 = 6000.0;

/// The scores of a space: one column per dimension of the latent.
#[derive(Clone, Debug, Default)]
pub(super) struct Scores {
    codes: Vec<i16>,
    rows: usize,
}

impl Scores {
    /// No scores yet, of so many tracks.
    pub fn of_rows(rows: usize) -> Scores {
        Scores { codes: Vec::with_capacity(rows * DIMS), rows }
    }

    /// Adds the next column.
    pub fn push(&mut self, column: &[f32]) {
        self.codes.extend(column.iter().map(|&score| code(score)));
    }

    /// The score of a row in a 0-based dimension; `None` past the end.
    pub fn get(&self, row: usize, dim: usize) -> Option<f32> {
        if row < self.rows { self.codes.get(dim * self.rows + row).copied().map(score) } else { None }
    }

    /// The scores of these rows in a 0-based dimension, which must exist.
    pub fn column(&self, dim: usize, rows: Range<usize>) -> impl Iterator<Item = f32> {
        let first = dim * self.rows;
        self.codes[first + rows.start..first + rows.end].iter().copied().map(score)
    }
}

/// A score as it is given back.
pub(super) fn rounded(z: f32) -> f32 {
    score(code(z))
}

fn code(z: f32) -> i16 {
    // A cast saturates.
    (z * STEPS).round() as i16
}

fn score(code: i16) -> f32 {
    f32::from(code) / STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_given_back_to_a_ten_thousandth() {
        let column = [0.0, -0.0, 1e-9, 0.123_456, -2.5, 5.3, -5.3, 9.0, -9.0];
        let mut scores = Scores::of_rows(column.len());
        (0..DIMS).for_each(|_| scores.push(&column));
        for (row, z) in column.into_iter().enumerate() {
            let kept = scores.get(row, DIMS - 1).unwrap();
            assert!(
                (kept - z.clamp(-5.47, 5.47)).abs() < 1e-2 && kept.to_bits() == rounded(z).to_bits(),
                "{z}: {kept}"
            );
            assert!(z.abs() > 5.4 || (kept - z).abs() < 1e-4, "{z}: {kept}");
            assert_eq!(rounded(kept).to_bits(), kept.to_bits());
        }
        assert_eq!(scores.column(2, 3..5).collect::<Vec<_>>(), [rounded(0.123_456), -2.5]);
        assert_eq!((scores.get(0, 0), scores.get(column.len(), 0), scores.get(0, DIMS)), (Some(0.0), None, None));
        assert_eq!(Scores::default().get(0, 0), None);
    }
}
