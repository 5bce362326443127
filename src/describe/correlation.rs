//! Rank correlations of two columns of numbers, which are insensitive to skew.

use std::f64::consts::TAU;

/// A column as mid-ranks between 0 and 1; NaN where the value is missing.
#[derive(Clone, Debug)]
pub(super) struct Ranks {
    /// One per value, in their order.
    pub at: Vec<f32>,
    /// How many values are known.
    pub known: usize,
    /// The share of the known values that equal the commonest of them; 0 when no two are equal.
    pub ties: f32,
}

impl Ranks {
    /// Ranks values; non-finite values are missing.
    pub fn of(values: &[f32]) -> Ranks {
        let mut order: Vec<u32> = (0..values.len() as u32).filter(|&i| values[i as usize].is_finite()).collect();
        order.sort_unstable_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
        let n = order.len();
        let mut at = vec![f32::NAN; values.len()];
        let (mut start, mut longest) = (0, 1);
        while start < n {
            let value = values[order[start] as usize];
            let run = order[start..].iter().take_while(|&&i| values[i as usize] == value).count();
            let rank = (start as f32 + 0.5 * run as f32) / n as f32;
            order[start..start + run].iter().for_each(|&i| at[i as usize] = rank);
            longest = longest.max(run);
            start += run;
        }
        let ties = if longest > 1 { longest as f32 / n as f32 } else { 0.0 };
        Ranks { at, known: n, ties }
    }

    /// Whether any two values differ.
    pub fn varies(&self) -> bool {
        self.known > 1 && self.ties < 1.0
    }
}

/// A circular column, in turns: its cosine and sine, which correlate on their own.
#[derive(Clone, Debug)]
pub(super) struct Circle {
    cos: Vec<f32>,
    sin: Vec<f32>,
    across: f64,
}

impl Circle {
    /// Of values in turns; non-finite values are missing.
    pub fn of(turns: &[f32]) -> Circle {
        let angle = |t: &f32| f64::from(*t) * TAU;
        let cos: Vec<f32> = turns.iter().map(|t| angle(t).cos() as f32).collect();
        let sin: Vec<f32> = turns.iter().map(|t| angle(t).sin() as f32).collect();
        let across = pearson(&cos, &sin).map_or(0.0, |(r, _)| r);
        Circle { cos, sin, across }
    }
}

/// Pearson's correlation over the pairs that are both known, and how many they are; `None` where one side does not
/// vary. Of ranks it is Spearman's ρ (where values are missing, the ranks among all known values serve).
pub(super) fn pearson(a: &[f32], b: &[f32]) -> Option<(f64, usize)> {
    let (mut n, mut sx, mut sy, mut sxx, mut syy, mut sxy) = (0usize, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (&x, &y) in a.iter().zip(b) {
        // NaN taints the sum, so one test serves both.
        if (x + y).is_nan() {
            continue;
        }
        let (x, y) = (f64::from(x), f64::from(y));
        n += 1;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    let count = n as f64;
    let (vx, vy) = (sxx - sx * sx / count, syy - sy * sy / count);
    (n > 2 && vx > 1e-9 && vy > 1e-9).then(|| ((sxy - sx * sy / count) / (vx * vy).sqrt(), n))
}

/// The correlation of a column with a circle, 0 to 1, and the number of pairs: R² = (c² + s² − 2·c·s·x)/(1 − x²) with c
/// and s the correlations with cosine and sine and x theirs with each other (Mardia & Jupp, Directional Statistics,
/// §11.2).
pub(super) fn with_circle(a: &[f32], circle: &Circle) -> Option<(f64, usize)> {
    let (c, n) = pearson(a, &circle.cos)?;
    let (s, _) = pearson(a, &circle.sin)?;
    let x = circle.across;
    let square = (c * c + s * s - 2.0 * c * s * x) / (1.0 - x * x).max(1e-6);
    Some((square.clamp(0.0, 1.0).sqrt(), n))
}

/// The rank-biserial correlation of a column with membership in a group: 2·AUC − 1, the probability that a member lies
/// higher than another less that it lies lower; with how many members and others have a value. `members` are indices.
pub(super) fn with_group(ranks: &Ranks, members: &[u32]) -> Option<(f64, usize, usize)> {
    let (mut sum, mut n1) = (0.0, 0usize);
    for &i in members {
        let rank = ranks.at.get(i as usize).copied().unwrap_or(f32::NAN);
        if !rank.is_nan() {
            sum += f64::from(rank);
            n1 += 1;
        }
    }
    let n0 = ranks.known.checked_sub(n1).filter(|&n0| n0 > 0 && n1 > 0)?;
    // Mid-ranks run from ½ to n − ½, so the least sum of n₁ of them is n₁²/2.
    let all = ranks.known as f64;
    let u = sum * all - 0.5 * (n1 * n1) as f64;
    Some((2.0 * u / (n1 * n0) as f64 - 1.0, n1, n0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_in_the_middle_of_ties_and_leave_out_the_missing() {
        let ranks = Ranks::of(&[5.0, f32::NAN, 1.0, 5.0, 9.0]);
        assert_eq!((ranks.known, ranks.ties), (4, 0.5));
        assert_eq!((ranks.at[2], ranks.at[0], ranks.at[3], ranks.at[4]), (0.125, 0.5, 0.5, 0.875));
        assert!(ranks.at[1].is_nan() && ranks.varies());
        assert!(!Ranks::of(&[3.0; 4]).varies() && !Ranks::of(&[f32::NAN; 4]).varies());
        assert_eq!(Ranks::of(&[1.0, 2.0]).ties, 0.0);
    }

    #[test]
    fn spearman_of_a_curve_is_one() {
        let x: Vec<f32> = (0..50).map(|i| i as f32).collect();
        let y: Vec<f32> = x.iter().map(|x| -x.exp().min(1e30)).collect();
        let (r, n) = pearson(&Ranks::of(&x).at, &Ranks::of(&y).at).unwrap();
        assert!(r < -0.99 && n == 50, "{r}");
        assert_eq!(pearson(&[1.0; 9], &[2.0; 9]), None);
        // Known value: scipy.stats.spearmanr([1,2,3,4,5], [2,1,4,3,5]) = 0.8.
        let (r, _) = pearson(&Ranks::of(&[1., 2., 3., 4., 5.]).at, &Ranks::of(&[2., 1., 4., 3., 5.]).at).unwrap();
        assert!((r - 0.8).abs() < 1e-6);
    }

    #[test]
    fn a_circle_is_followed_round() {
        let turns: Vec<f32> = (0..200).map(|i| (i as f32 * 0.377).fract()).collect();
        // Highest at a quarter turn, wherever the circle is cut open.
        let y: Vec<f32> = turns.iter().map(|t| (t * std::f32::consts::TAU).sin()).collect();
        assert!(with_circle(&y, &Circle::of(&turns)).unwrap().0 > 0.99);
        let other: Vec<f32> = (0..200).map(|i| (i as f32 * 0.7548).fract()).collect();
        assert!(with_circle(&other, &Circle::of(&turns)).unwrap().0 < 0.2);
    }

    #[test]
    fn a_group_at_the_top_is_one_and_in_the_middle_nothing() {
        let ranks = Ranks::of(&(0..10).map(|i| i as f32).collect::<Vec<_>>());
        let (r, n1, n0) = with_group(&ranks, &[7, 8, 9]).unwrap();
        assert!((r - 1.0).abs() < 1e-6 && (n1, n0) == (3, 7));
        assert!((with_group(&ranks, &[0, 1]).unwrap().0 + 1.0).abs() < 1e-6);
        assert!(with_group(&ranks, &[0, 9, 4, 5]).unwrap().0.abs() < 1e-6);
        assert_eq!(with_group(&ranks, &[]), None);
    }
}
