//! Confidence intervals of a mean for grouped data. Tracks of one artist are not independent, so whole artists are resampled
//! (the cluster bootstrap, Davison and Hinkley 1997, §3.8), with percentile intervals.

use serde::{Deserialize, Serialize};

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The mean over all values.
    pub mean: f64,
    /// The 2.5 % and 97.5 % percentiles of the resampled means; `None` with fewer than two groups, which show no spread.
    pub range: Option<[f64; 2]>,
    /// How many values there were.
    pub values: usize,
    /// In how many groups.
    pub groups: usize,
}

/// How to resample. The same settings draw the same groups, so that two rows are compared on the same resamples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Number of resamplings.
    pub rounds: usize,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Bootstrap {
    /// The mean of the known values; `groups` holds each value's group, any numbers. `None` without a value.
    pub fn mean(&self, values: &[Option<f64>], groups: &[u32]) -> Option<Interval> {
        let counted: Vec<Option<[f64; 2]>> = values.iter().map(|value| value.map(|value| [value, 1.0])).collect();
        self.of_sums(&counted, groups, |[sum, count]| sum / count)
    }

    /// A figure made of the sums over the known items, such as a ratio of two means: every resampling sums the items of its
    /// groups anew, so that all sums come from the same groups. The interval's `mean` is the figure of all items.
    pub fn of_sums<const N: usize>(
        &self,
        items: &[Option<[f64; N]>],
        groups: &[u32],
        figure: impl Fn([f64; N]) -> f64,
    ) -> Option<Interval> {
        let mut known: Vec<(u32, [f64; N])> =
            groups.iter().zip(items).filter_map(|(&group, item)| Some((group, (*item)?))).collect();
        if known.is_empty() {
            return None;
        }
        known.sort_by_key(|&(group, _)| group);
        let sums: Vec<[f64; N]> =
            known.chunk_by(|a, b| a.0 == b.0).map(|group| total(group.iter().map(|&(_, item)| item))).collect();
        let mean = figure(total(sums.iter().copied()));
        let range = (sums.len() > 1 && self.rounds > 1).then(|| {
            let mut random = fastrand::Rng::with_seed(self.seed);
            let mut figures: Vec<f64> = (0..self.rounds)
                .map(|_| figure(total((0..sums.len()).map(|_| sums[random.usize(..sums.len())]))))
                .collect();
            figures.sort_by(f64::total_cmp);
            [percentile(&figures, 0.025), percentile(&figures, 0.975)]
        });
        Some(Interval { mean, range, values: known.len(), groups: sums.len() })
    }

    /// The mean of a − b over the items known in both. Resampling groups of pairs is the same as using the same
    /// resamples for both rows: what makes a query hard for both cancels.
    pub fn paired(&self, a: &[Option<f64>], b: &[Option<f64>], groups: &[u32]) -> Option<Interval> {
        let differences: Vec<Option<f64>> = a.iter().zip(b).map(|(a, b)| Some((*a)? - (*b)?)).collect();
        self.mean(&differences, groups)
    }
}

/// Adds items up, sum by sum.
fn total<const N: usize>(items: impl Iterator<Item = [f64; N]>) -> [f64; N] {
    items.fold([0.0; N], |mut sums, item| {
        sums.iter_mut().zip(item).for_each(|(sum, value)| *sum += value);
        sums
    })
}

/// The `p` quantile of ascending values, linear between them (Hyndman and Fan's seventh).
fn percentile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let below = place as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAW: Bootstrap = Bootstrap { rounds: 2000, seed: 1 };

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().map(|&v| Some(v)).collect()
    }

    #[test]
    fn equal_values_are_certain_and_one_group_is_not() {
        let all = DRAW.mean(&some(&[0.5; 6]), &[0, 0, 1, 1, 2, 2]).unwrap();
        assert_eq!((all.mean, all.range, all.values, all.groups), (0.5, Some([0.5, 0.5]), 6, 3));
        assert_eq!(DRAW.mean(&some(&[1.0, 0.0]), &[4, 4]).unwrap().range, None);
        assert_eq!(DRAW.mean(&[None, None], &[0, 1]), None);
    }

    #[test]
    fn two_groups_draw_three_means() {
        // Both the first (¼), one of each (½), both the second (¼): the percentiles are the extremes.
        let two = DRAW.mean(&some(&[0.0, 1.0]), &[0, 1]).unwrap();
        assert_eq!((two.mean, two.range), (0.5, Some([0.0, 1.0])));
    }

    #[test]
    fn the_interval_of_many_is_the_normal_one() {
        let mut random = fastrand::Rng::with_seed(5);
        let values: Vec<f64> = (0..400).map(|_| random.f64()).collect();
        let groups: Vec<u32> = (0..400).collect();
        let [low, high] = DRAW.mean(&some(&values), &groups).unwrap().range.unwrap();
        // Uniform: σ = 1/√12, so 2·1.96·σ/√400 = 0.0566.
        assert!((high - low - 0.0566).abs() < 0.006, "{}", high - low);
        // In groups of equal values there are only 40 facts, and the interval widens by √10.
        let grouped: Vec<f64> = (0..400).map(|i| values[i / 10]).collect();
        let groups: Vec<u32> = (0..400).map(|i| i / 10).collect();
        let [low, high] = DRAW.mean(&some(&grouped), &groups).unwrap().range.unwrap();
        assert!((0.13..0.23).contains(&(high - low)), "{}", high - low);
    }

    #[test]
    fn a_ratio_keeps_its_sums_together() {
        // In every group the first sum is half of the second, whatever their size: no draw can tell otherwise.
        let halves: Vec<Option<[f64; 2]>> = (1..40).map(|i| Some([f64::from(i), 2.0 * f64::from(i)])).collect();
        let groups: Vec<u32> = (1..40).map(|i| i / 4).collect();
        let half = DRAW.of_sums(&halves, &groups, |[a, b]| a / b).unwrap();
        assert_eq!((half.mean, half.range, half.values, half.groups), (0.5, Some([0.5, 0.5]), 39, 10));
        // A ratio of means is not the mean of ratios, which would be 11/3 here.
        let uneven =
            DRAW.of_sums(&[Some([1.0, 1.0]), None, Some([10.0, 1.0]), Some([0.0, 9.0])], &[0, 0, 1, 2], |[a, b]| a / b);
        let uneven = uneven.unwrap();
        assert_eq!((uneven.mean, uneven.range, uneven.values), (1.0, Some([0.0, 10.0]), 3));
        assert_eq!(DRAW.of_sums(&[None::<[f64; 1]>], &[0], |[a]| a), None);
    }

    #[test]
    fn pairs_cancel_what_is_common() {
        let a: Vec<f64> = (0..50).map(|i| f64::from(i) + 0.1).collect();
        let b: Vec<f64> = (0..50).map(f64::from).collect();
        let groups: Vec<u32> = (0..50).collect();
        let mut with_gap = some(&b);
        with_gap[7] = None;
        let d = DRAW.paired(&some(&a), &with_gap, &groups).unwrap();
        let [low, high] = d.range.unwrap();
        assert!((low - 0.1).abs() < 1e-9 && (high - 0.1).abs() < 1e-9 && d.values == 49);
    }
}
