//! How well a projection keeps neighbourhoods (Venna and Kaski, Neural Networks 14, 2001): trustworthiness is lowered by
//! points that are neighbours in the projection only, continuity by neighbours that the projection tears apart.

/// Trustworthiness and continuity, 0 to 1 each: the mean over the queries, where 1 is a projection that keeps all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Kept {
    /// 1 − 2 / (k (2n − 3k − 1)) · Σ (rank among the originals − k), over the `k` nearest in the projection, a query.
    pub trustworthiness: f64,
    /// The same with original and projection exchanged.
    pub continuity: f64,
}

/// Measures a projection of `n` points at `k` neighbours, for these queries. `original` and `projected` are distances of two
/// points by their indices. Zeros with fewer than 2k + 2 points, where ranks mean nothing.
pub fn kept(
    n: usize,
    k: usize,
    queries: impl Iterator<Item = usize>,
    original: &dyn Fn(usize, usize) -> f32,
    projected: &dyn Fn(usize, usize) -> f32,
) -> Kept {
    if k == 0 || n < 2 * k + 2 {
        return Kept::default();
    }
    let (mut sums, mut asked) = ((0.0, 0.0), 0.0_f64);
    for query in queries.filter(|query| *query < n) {
        let order = |distance: &dyn Fn(usize, usize) -> f32| {
            let mut all: Vec<(f32, usize)> =
                (0..n).filter(|at| *at != query).map(|at| (distance(query, at), at)).collect();
            all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            all.into_iter().map(|(_, at)| at).collect::<Vec<usize>>()
        };
        let (high, low) = (order(original), order(projected));
        sums.0 += intruding(&high, &low, k);
        sums.1 += intruding(&low, &high, k);
        asked += 1.0;
    }
    let (n, k) = (n as f64, k as f64);
    let share = |sum: f64| 1.0 - 2.0 * sum / (asked.max(1.0) * k * (2.0 * n - 3.0 * k - 1.0));
    Kept { trustworthiness: share(sums.0), continuity: share(sums.1) }
}

/// By how many ranks the `k` first of `other` lie beyond the `k` first of `order`.
fn intruding(order: &[usize], other: &[usize], k: usize) -> f64 {
    let mut ranks = vec![0_usize; order.len() + 1];
    for (rank, at) in order.iter().enumerate() {
        if let Some(own) = ranks.get_mut(*at) {
            *own = rank + 1;
        }
    }
    let beyond = |at: &usize| ranks.get(*at).map_or(0, |rank| rank.saturating_sub(k));
    other.iter().take(k).map(beyond).sum::<usize>() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_all_is_1_and_what_turns_all_over_is_low() {
        let line = |a: usize, b: usize| a.abs_diff(b) as f32;
        assert_eq!(kept(40, 5, 0..40, &line, &line), Kept { trustworthiness: 1.0, continuity: 1.0 });
        let over = |a: usize, b: usize| -line(a, b);
        let worst = kept(40, 5, 0..40, &line, &over);
        assert!(worst.trustworthiness < 0.35 && worst.continuity < 0.35, "{worst:?}");
        assert_eq!(kept(11, 5, 0..11, &line, &line), Kept::default(), "too few points");
    }

    #[test]
    fn folding_is_not_trustworthy_and_tearing_is_not_continuous() {
        let line = |a: usize, b: usize| a.abs_diff(b) as f32;
        // Both halves of a line on top of each other: no neighbour is lost, strangers come between.
        let folded = kept(60, 5, 0..60, &line, &|a, b| ((a % 30).abs_diff(b % 30) as f32) + 0.1 * line(a / 30, b / 30));
        assert!(folded.continuity > folded.trustworthiness, "{folded:?}");
    }
}
