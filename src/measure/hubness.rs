//! Hubness: in many dimensions a few points are neighbours of everyone and many are neighbours of nobody
//! (Radovanović, Nanopoulos and Ivanović, JMLR 11, 2010; Schnitzer, Flexer, Schedl and Widmer, JMLR 13, 2012).

/// The k-occurrence Oₖ of each of `n` points: the number of neighbour lists that contain it. Numbers of `n` or more are
/// ignored.
pub fn occurrences<'a>(n: usize, lists: impl Iterator<Item = &'a [u32]>) -> Vec<u32> {
    let mut counts = vec![0; n];
    for &point in lists.flatten() {
        if let Some(count) = counts.get_mut(point as usize) {
            *count += 1;
        }
    }
    counts
}

/// Skewness Sₖ = E[(O − μ)³] / σ³ of the k-occurrences; above about 1.4 hubness is called high. 0 when all are equal.
pub fn skewness(occurrences: &[u32]) -> f64 {
    let n = occurrences.len().max(1) as f64;
    let mean = mean(occurrences);
    let moment = |power| occurrences.iter().map(|&o| (f64::from(o) - mean).powi(power)).sum::<f64>() / n;
    let variance = moment(2);
    if variance < 1e-12 { 0.0 } else { moment(3) / variance.powf(1.5) }
}

/// The greatest k-occurrence divided by k, where 1 is the average.
pub fn max_hub(occurrences: &[u32], k: usize) -> f64 {
    f64::from(occurrences.iter().copied().max().unwrap_or(0)) / k.max(1) as f64
}

/// Share of points in no list (MIREX: orphans).
pub fn anti_hubs(occurrences: &[u32]) -> f64 {
    occurrences.iter().filter(|&&o| o == 0).count() as f64 / occurrences.len().max(1) as f64
}

/// Share of points in at least one list.
pub fn reachability(occurrences: &[u32]) -> f64 {
    if occurrences.is_empty() { 0.0 } else { 1.0 - anti_hubs(occurrences) }
}

/// The Robin Hood (Hoover) index: the share of all list places that would have to be redistributed for every point to
/// have equally many, Σ|O − μ| / (2·ΣO). 0 is even.
pub fn robin_hood(occurrences: &[u32]) -> f64 {
    let mean = mean(occurrences);
    let total = mean * occurrences.len() as f64;
    if total <= 0.0 {
        return 0.0;
    }
    occurrences.iter().map(|&o| (f64::from(o) - mean).abs()).sum::<f64>() / (2.0 * total)
}

/// Gini coefficient of the k-occurrences: half their mean absolute difference, divided by their mean; 0 is even, near 1
/// one point has all.
pub fn gini(occurrences: &[u32]) -> f64 {
    let mut sorted = occurrences.to_vec();
    sorted.sort_unstable();
    let n = sorted.len() as f64;
    let total: f64 = sorted.iter().map(|&o| f64::from(o)).sum();
    if total <= 0.0 {
        return 0.0;
    }
    let ranked: f64 = sorted.iter().enumerate().map(|(i, &o)| (i as f64 + 1.0) * f64::from(o)).sum();
    (2.0 * ranked / total - (n + 1.0)) / n
}

fn mean(occurrences: &[u32]) -> f64 {
    occurrences.iter().map(|&o| f64::from(o)).sum::<f64>() / occurrences.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_is_counted() {
        // Everybody names 0; 0 names 1; nobody names 2 and 3.
        let lists: [&[u32]; 4] = [&[1], &[0], &[0], &[0, 99]];
        let o = occurrences(4, lists.into_iter());
        assert_eq!(o, [3, 1, 0, 0]);
        assert_eq!((max_hub(&o, 1), anti_hubs(&o), reachability(&o)), (3.0, 0.5, 0.5));
        // |3−1| + 0 + 1 + 1 = 4, half of it of 4 places.
        assert_eq!(robin_hood(&o), 0.5);
        // Mean absolute difference of all 16 ordered pairs 20/16, over twice the mean of 1.
        assert!((gini(&o) - 0.625).abs() < 1e-12 && gini(&[2; 5]).abs() < 1e-12 && gini(&[0]) == 0.0);
        // Σ(O−1)² = 6, Σ(O−1)³ = 6: (6/4) / (6/4)^1.5.
        assert!((skewness(&o) - 1.5f64.powf(-0.5)).abs() < 1e-12);
    }

    #[test]
    fn even_lists_have_none() {
        assert_eq!((skewness(&[5, 5, 5]), robin_hood(&[5, 5, 5]), anti_hubs(&[5, 5, 5])), (0.0, 0.0, 0.0));
        assert_eq!((skewness(&[]), robin_hood(&[]), reachability(&[]), max_hub(&[], 0)), (0.0, 0.0, 0.0, 0.0));
    }
}
