//! The named dimensions, stored as columns like the latent's: for each track with a value, its score and the score's
//! *place*, the one-byte bin that the scan looks up in a table.
//!
//! Missing values are not evidence: they are left out of a set's statistics and add nothing to a distance.

use super::circular;
use super::named::{NAMED, NamedValues};
use super::z::{self, Reference, Tie};

/// The place that stands for a missing value.
pub(super) const MISSING: u8 = 255;
/// A named dimension is left out when fewer tracks than this have a value.
const FEWEST_VALUES: usize = 8;
/// Scores beyond ±`WIDEST` fall into the outermost place.
const WIDEST: f32 = 3.2;

/// One named dimension of a space.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// Whether the dimension is circular.
    pub circular: bool,
    /// Normal scores, or angles in uniform scores; NaN where missing. Empty when the dimension is not used.
    pub scores: Vec<f32>,
    /// The place of each score.
    pub places: Vec<u8>,
    /// Runs of equal values: the score they share and the variance (linear) or mean resultant (circular) within.
    pub ties: Vec<Tie>,
}

impl Column {
    /// Builds the column of the `index`-th named dimension from every track's values.
    pub fn build(index: usize, rows: &[NamedValues]) -> Column {
        let circular = NAMED[index].circular;
        let present: Vec<usize> = (0..rows.len()).filter(|&row| rows[row][index].is_finite()).collect();
        let values: Vec<f32> = present.iter().map(|&row| rows[row][index]).collect();
        let varied = values.iter().any(|v| *v != values[0]);
        if present.len() < FEWEST_VALUES || !varied {
            return Column { circular, ..Column::default() };
        }
        let z::Scores { z: found, ties } =
            if circular { uniform_scores(&values) } else { z::scores(&values, &Reference::default(), 0) };
        let mut scores = vec![f32::NAN; rows.len()];
        let mut places = vec![MISSING; rows.len()];
        for (&row, &score) in present.iter().zip(&found) {
            scores[row] = score;
            places[row] = if circular { circular::place(f64::from(score)) } else { place(score) };
        }
        Column { circular, scores, places, ties }
    }

    /// Whether the dimension is in use: enough tracks have values, and they differ.
    pub fn alive(&self) -> bool {
        !self.scores.is_empty()
    }

    /// The run of tied values that has this score, if any.
    pub fn tie(&self, score: f32) -> Option<Tie> {
        self.ties.binary_search_by(|t| t.z.total_cmp(&score)).ok().map(|i| self.ties[i])
    }

    /// The coordinates that correlations are computed from: the scores, or cosine and sine of the angles.
    pub fn coordinates(&self) -> Vec<Vec<f32>> {
        match (self.alive(), self.circular) {
            (false, _) => Vec::new(),
            (true, false) => vec![self.scores.clone()],
            (true, true) => {
                vec![self.scores.iter().map(|a| a.cos()).collect(), self.scores.iter().map(|a| a.sin()).collect()]
            }
        }
    }
}

/// The place of a normal score; places are 0.025 apart.
pub(super) fn place(z: f32) -> u8 {
    let at = (z.clamp(-WIDEST, WIDEST) + WIDEST) / (2.0 * WIDEST) * 254.0;
    at.round().clamp(0.0, 254.0) as u8
}

/// The normal score at the middle of a place.
pub(super) fn place_score(place: usize) -> f32 {
    place as f32 / 254.0 * 2.0 * WIDEST - WIDEST
}

/// Mid-rank angles: turns (0 to 1) become 2π·(below + equal/2)/all. Ties carry the mean resultant of their arc.
fn uniform_scores(turns: &[f32]) -> z::Scores {
    let n = turns.len() as f64;
    let mut order: Vec<usize> = (0..turns.len()).collect();
    order.sort_by(|&a, &b| turns[a].total_cmp(&turns[b]));
    let mut angles = vec![0.0; turns.len()];
    let mut ties = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let run = order[start..].iter().take_while(|&&i| turns[i] == turns[order[start]]).count();
        let angle = (std::f64::consts::TAU * (start as f64 + 0.5 * run as f64) / n) as f32;
        order[start..start + run].iter().for_each(|&i| angles[i] = angle);
        let share = run as f64 / n;
        if run > 1 && share >= z::TIE_SHARE {
            ties.push(Tie { z: angle, variance: circular::arc_length(share) as f32 });
        }
        start += run;
    }
    z::Scores { z: angles, ties }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(index: usize, values: &[f32]) -> Vec<NamedValues> {
        let mut row = [f32::NAN; NAMED.len()];
        values
            .iter()
            .map(|&v| {
                row[index] = v;
                row
            })
            .collect()
    }

    #[test]
    fn missing_values_take_no_part() {
        let mut values: Vec<f32> = (0..20).map(|i| i as f32).collect();
        values[3] = f32::NAN;
        let column = Column::build(3, &rows(3, &values));
        assert!(column.alive() && column.scores[3].is_nan() && column.places[3] == MISSING);
        assert!(column.scores.iter().filter(|s| s.is_finite()).sum::<f32>().abs() < 1e-4);
        assert!(column.places[0] < column.places[19] && column.places[19] < MISSING);
        for (&score, &p) in column.scores.iter().zip(&column.places).filter(|(s, _)| s.is_finite()) {
            assert!((place_score(usize::from(p)) - score).abs() < 0.02);
        }
    }

    #[test]
    fn what_few_have_or_all_share_is_left_out() {
        assert!(!Column::build(3, &rows(3, &[1.0; 50])).alive());
        assert!(!Column::build(3, &rows(3, &[1.0, 2.0, 3.0])).alive());
        assert!(!Column::build(3, &[]).alive());
    }

    #[test]
    fn angles_spread_evenly() {
        // Bunched between 0.4 and 0.5 turns; ranks spread them over the circle.
        let turns: Vec<f32> = (0..100).map(|i| 0.4 + 0.001 * i as f32).collect();
        let column = Column::build(0, &rows(0, &turns));
        let (_, r) = circular::resultant(column.scores.iter().map(|&a| (f64::from(a), 1.0, 1.0)));
        assert!(column.circular && r < 1e-6);
        assert_eq!(column.coordinates().len(), 2);
        // Two keys only: half a circle each.
        let keys: Vec<f32> = (0..40).map(|i| if i % 2 == 0 { 0.0 } else { 0.25 }).collect();
        let column = Column::build(1, &rows(1, &keys));
        let tie = column.tie(column.scores[0]).expect("a tie");
        assert!((f64::from(tie.variance) - circular::arc_length(0.5)).abs() < 1e-6);
    }
}
