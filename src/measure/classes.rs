//! Measures of a classifier: its confusions, per-class scores, and the calibration of its probabilities.

use serde::Serialize;

/// How well one class is recognised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ClassScore {
    /// Items of this class.
    pub support: usize,
    /// Precision: the share of predictions of this class that are right; 0 without predictions.
    pub precision: f64,
    /// Recall: the share of items of this class that are predicted as such; 0 if there are none.
    pub recall: f64,
    /// F1, the harmonic mean of both; 0 if both are 0.
    pub f1: f64,
}

/// How often each class (row) was taken for each class (column), `classes` × `classes`. Pairs with a class past the end
/// are left out.
pub fn confusion(classes: usize, actual: &[usize], predicted: &[usize]) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; classes]; classes];
    for (&a, &p) in actual.iter().zip(predicted) {
        if let Some(count) = counts.get_mut(a).and_then(|row| row.get_mut(p)) {
            *count += 1;
        }
    }
    counts
}

/// The scores of each class in a square confusion matrix.
pub fn per_class(confusion: &[Vec<usize>]) -> Vec<ClassScore> {
    let share = |part: usize, of: usize| if of == 0 { 0.0 } else { part as f64 / of as f64 };
    (0..confusion.len())
        .map(|c| {
            let right = confusion[c].get(c).copied().unwrap_or(0);
            let support = confusion[c].iter().sum();
            let called = confusion.iter().filter_map(|row| row.get(c)).sum();
            let (precision, recall) = (share(right, called), share(right, support));
            // 2PR/(P + R), written with counts so that it stays exact.
            let f1 = share(2 * right, support + called);
            ClassScore { support, precision, recall, f1 }
        })
        .collect()
}

/// The mean F1 of the classes that occur, each counting the same; 0 when none does.
pub fn macro_f1(scores: &[ClassScore]) -> f64 {
    let known: Vec<f64> = scores.iter().filter(|s| s.support > 0).map(|s| s.f1).collect();
    known.iter().sum::<f64>() / known.len().max(1) as f64
}

/// Expected calibration error: in `bins` equal intervals of the highest probability, the mean distance between it and the
/// share that is right, weighted by how many fall in (Guo, Pleiss, Sun and Weinberger, ICML 2017). 0 without items.
pub fn calibration_error(bins: usize, confidence: &[f64], right: &[bool]) -> f64 {
    let bins = bins.max(1);
    let n = confidence.len().min(right.len());
    let (mut sure, mut hits) = (vec![0.0; bins], vec![0.0; bins]);
    for (c, &r) in confidence.iter().zip(right) {
        // Intervals are open below and closed above, as the paper's.
        let bin = ((c * bins as f64).ceil() as usize).clamp(1, bins) - 1;
        sure[bin] += c;
        hits[bin] += f64::from(u8::from(r));
    }
    sure.iter().zip(&hits).map(|(s, h)| (s - h).abs()).sum::<f64>() / n.max(1) as f64
}

/// The Brier score of one prediction: Σ over classes (p − [it is this one])², 0 to 2.
pub fn brier(probabilities: &[f64], actual: usize) -> f64 {
    let target = |c: usize| f64::from(u8::from(c == actual));
    probabilities.iter().enumerate().map(|(c, p)| (p - target(c)).powi(2)).sum()
}

/// −ln of the true class's probability, which is clamped to at least 10⁻⁷ so that one certain mistake cannot outweigh
/// all else.
pub fn surprise(probabilities: &[f64], actual: usize) -> f64 {
    -probabilities.get(actual).copied().unwrap_or(0.0).max(1e-7).ln()
}

/// The index of the largest number, the first of equals; 0 for none.
pub fn largest(values: &[f64]) -> usize {
    // `max_by` keeps the last of equals: going backwards makes that the first.
    (0..values.len()).rev().max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_one_by_one() {
        // Three of class 0 (two found), two of class 1 (one found), none of class 2 (called once).
        let counts = confusion(3, &[0, 0, 0, 1, 1, 9], &[0, 0, 1, 1, 2, 0]);
        assert_eq!(counts, [[2, 1, 0], [0, 1, 1], [0, 0, 0]]);
        let scores = per_class(&counts);
        assert_eq!(scores[0], ClassScore { support: 3, precision: 1.0, recall: 2.0 / 3.0, f1: 0.8 });
        assert_eq!(scores[1], ClassScore { support: 2, precision: 0.5, recall: 0.5, f1: 0.5 });
        assert_eq!(scores[2], ClassScore::default());
        // The class that does not occur takes no part.
        assert!((macro_f1(&scores) - 0.65).abs() < 1e-12);
        assert_eq!(macro_f1(&[]), 0.0);
    }

    #[test]
    fn calibration_is_the_gap_of_each_bin() {
        // Both fall into the bin up to 0.8: sure of 1.6 of 2, right once: |1.6 − 1| / 2.
        assert!((calibration_error(5, &[0.8, 0.8], &[true, false]) - 0.3).abs() < 1e-12);
        // In bins of their own, 0.2 and 0.8 away, nothing cancels.
        assert!((calibration_error(5, &[0.8, 0.2], &[true, true]) - 0.5).abs() < 1e-12);
        assert!(calibration_error(15, &[1.0, 1.0], &[true, true]).abs() < 1e-12);
        assert_eq!(calibration_error(15, &[], &[]), 0.0);
    }

    #[test]
    fn probabilities_are_scored() {
        assert_eq!(brier(&[1.0, 0.0], 0), 0.0);
        assert_eq!(brier(&[1.0, 0.0], 1), 2.0);
        assert!((surprise(&[0.5, 0.5], 1) - 2f64.ln()).abs() < 1e-12);
        assert!(surprise(&[1.0, 0.0], 1) < 17.0);
        assert_eq!((largest(&[0.2, 0.4, 0.4]), largest(&[])), (1, 0));
    }
}
