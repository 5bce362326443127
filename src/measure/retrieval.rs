//! Measures of a ranking. A ranking is an iterator that says for each retrieved item, nearest first, whether it is relevant;
//! `total` is the number of relevant items.

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

/// Recall at k: the share of the relevant items that are among the first `k`. `None` when there were none to find.
pub fn recall_at(k: usize, relevant: impl Iterator<Item = bool>, total: usize) -> Option<f64> {
    (total > 0).then(|| relevant.take(k).filter(|&r| r).count() as f64 / total as f64)
}

/// R-precision: precision at the number of relevant items. `None` when there were none to find.
pub fn r_precision(relevant: impl Iterator<Item = bool>, total: usize) -> Option<f64> {
    recall_at(total, relevant, total)
}

/// Normalised discounted cumulative gain at k with gains of 0 and 1: Σ gainᵢ / log₂(i + 1) over the first `k`, i from 1,
/// divided by the same of the best ranking possible. `None` when there was nothing to find.
pub fn ndcg_at(k: usize, relevant: impl Iterator<Item = bool>, total: usize) -> Option<f64> {
    let discount = |i: usize| 1.0 / ((i + 2) as f64).log2();
    let best: f64 = (0..k.min(total)).map(discount).sum();
    let gained: f64 = relevant.take(k).enumerate().filter(|&(_, r)| r).map(|(i, _)| discount(i)).sum();
    (best > 0.0).then(|| gained / best)
}

/// 1 over the rank of the first relevant item, ranks from 1; 0 when none came. Its mean is the mean reciprocal rank.
pub fn reciprocal_rank(mut relevant: impl Iterator<Item = bool>) -> f64 {
    relevant.position(|r| r).map_or(0.0, |i| 1.0 / (i + 1) as f64)
}

/// Share of predictions that equal their label.
pub fn accuracy(predicted: &[usize], actual: &[usize]) -> f64 {
    if actual.is_empty() {
        return 0.0;
    }
    predicted.iter().zip(actual).filter(|(p, a)| p == a).count() as f64 / actual.len() as f64
}

/// The label that most of the first `k` neighbours have; of equally frequent ones the label that comes first. `None`
/// without neighbours.
pub fn vote(k: usize, labels: impl Iterator<Item = u32>) -> Option<u32> {
    let mut counts: Vec<(u32, usize)> = Vec::new();
    for label in labels.take(k) {
        match counts.iter_mut().find(|(l, _)| *l == label) {
            Some((_, n)) => *n += 1,
            None => counts.push((label, 1)),
        }
    }
    // `max_by_key` keeps the last of equals: going backwards makes that the first.
    counts.iter().rev().max_by_key(|(_, n)| *n).map(|&(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: [bool; 4] = [true, false, true, false];

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

    #[test]
    fn recall_divides_by_what_there_was_to_find() {
        assert_eq!(recall_at(2, FOUND.into_iter(), 4), Some(0.25));
        assert_eq!(recall_at(20, FOUND.into_iter(), 4), Some(0.5));
        assert_eq!(recall_at(2, FOUND.into_iter(), 0), None);
        assert_eq!(r_precision(FOUND.into_iter(), 3), Some(2.0 / 3.0));
    }

    #[test]
    fn gain_is_discounted_by_rank() {
        // Found at ranks 1 and 3 of two: (1 + 1/2) / (1 + 1/log₂ 3).
        let expected = 1.5 / (1.0 + 1.0 / 3f64.log2());
        assert!((ndcg_at(4, FOUND.into_iter(), 2).unwrap() - expected).abs() < 1e-12);
        assert_eq!(ndcg_at(2, [true, true].into_iter(), 9), Some(1.0));
        assert_eq!((ndcg_at(4, FOUND.into_iter(), 0), ndcg_at(0, FOUND.into_iter(), 2)), (None, None));
    }

    #[test]
    fn the_first_found_counts() {
        assert_eq!(reciprocal_rank([false, false, true, true].into_iter()), 1.0 / 3.0);
        assert_eq!(reciprocal_rank([false].into_iter()), 0.0);
    }

    #[test]
    fn neighbours_vote_and_the_nearer_wins_a_tie() {
        assert_eq!(vote(5, [7, 3, 3, 7, 9].into_iter()), Some(7));
        assert_eq!(vote(3, [7, 3, 3, 7, 7].into_iter()), Some(3));
        assert_eq!(vote(3, std::iter::empty()), None);
        assert_eq!(accuracy(&[1, 2, 3, 4], &[1, 2, 0, 0]), 0.5);
    }
}
