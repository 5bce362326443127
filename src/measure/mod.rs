//! Pure metrics: numbers in, numbers out. Definitions as in the field (MIREX, scikit-learn), each stated.

/// The area under the ROC curve of a ranking by distance: the probability that a random positive lies nearer
/// than a random negative, ties counting half (Mann–Whitney U / (|P|·|N|)). `None` when either side is empty.
pub fn auc(positives: &[f32], negatives: &[f32]) -> Option<f64> {
    if positives.is_empty() || negatives.is_empty() {
        return None;
    }
    let mut sorted = negatives.to_vec();
    sorted.sort_by(f32::total_cmp);
    let wins: f64 = positives
        .iter()
        .map(|p| {
            let below = sorted.partition_point(|n| n < p);
            let not_above = sorted.partition_point(|n| n <= p);
            (sorted.len() - not_above) as f64 + 0.5 * (not_above - below) as f64
        })
        .sum();
    Some(wins / (positives.len() as f64 * negatives.len() as f64))
}

/// Precision at k: the share of the first `k` retrieved that are relevant; divides by `k` even when fewer came.
pub fn precision_at(k: usize, relevant: impl Iterator<Item = bool>) -> f64 {
    if k == 0 {
        return 0.0;
    }
    relevant.take(k).filter(|&r| r).count() as f64 / k as f64
}

/// Share of predictions that equal their label.
pub fn accuracy(predicted: &[usize], actual: &[usize]) -> f64 {
    if actual.is_empty() {
        return 0.0;
    }
    predicted.iter().zip(actual).filter(|(p, a)| p == a).count() as f64 / actual.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_is_one_for_a_perfect_ranking_and_half_for_ties() {
        assert_eq!(auc(&[0.1, 0.2], &[0.3, 0.4]), Some(1.0));
        assert_eq!(auc(&[0.3, 0.4], &[0.1, 0.2]), Some(0.0));
        assert_eq!(auc(&[0.5, 0.5], &[0.5]), Some(0.5));
        assert_eq!(auc(&[], &[0.5]), None);
        assert_eq!(auc(&[1.0, 3.0], &[2.0]), Some(0.5));
    }

    #[test]
    fn precision_divides_by_k() {
        assert_eq!(precision_at(4, [true, false, true].into_iter()), 0.5);
        assert_eq!(precision_at(0, [true].into_iter()), 0.0);
    }
}
