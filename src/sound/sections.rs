//! Where the sections of a track begin: peaks of its novelty, the difference between what precedes a moment and what follows.
//!
//! It is Foote's checkerboard kernel over self-similarity (2000) with squared Euclidean distances, for which it is twice the
//! squared distance of the two means, so that running sums suffice.

use super::full::BANDS;

/// Bands of the levels that are added together.
const WIDE: usize = 8;
/// Groups of bands.
const GROUPS: usize = BANDS / WIDE;
/// Seconds that are compared on either side.
const SIDE: f64 = 8.0;
/// The least columns on either side: fewer differ by chance.
const LEAST: usize = 8;
/// The least novelty, as a share of the variance of the whole track.
const SHARE: f64 = 0.5;

/// The columns at which sections begin, without the first. `levels` are those of [`Trace`](super::trace::Trace); `column`
/// is the duration of a column in seconds. None of a track that is too short.
pub fn boundaries(levels: &[u8], column: f64) -> Vec<usize> {
    let columns = levels.len() / BANDS;
    let most = columns / 4;
    if most < LEAST || column <= 0.0 {
        return Vec::new();
    }
    let side = ((SIDE / column) as usize).clamp(LEAST, most);
    let sums = running(levels);
    let mean = |from: usize, to: usize, group: usize| (sums[to][group] - sums[from][group]) / (to - from) as f64;
    let novelty = |at: usize| -> f64 {
        let far = |group| (mean(at - side, at, group) - mean(at, at + side, group)).powi(2);
        (0..GROUPS).map(far).sum()
    };
    let all: Vec<f64> = (side..=columns - side).map(novelty).collect();
    let average = all.iter().sum::<f64>() / all.len() as f64;
    let spread = (all.iter().map(|x| (x - average).powi(2)).sum::<f64>() / all.len() as f64).sqrt();
    let variance: f64 = (0..GROUPS).map(|group| variance(levels, group, mean(0, columns, group))).sum();
    let least = (average + spread).max(SHARE * variance).max(1.0);
    let peaks = (0..all.len()).filter(|&i| {
        let around = &all[i.saturating_sub(side / 2)..(i + side / 2 + 1).min(all.len())];
        // Of equal neighbours the first one.
        let first = !all[i.saturating_sub(side / 2)..i].contains(&all[i]);
        all[i] >= least && first && around.iter().all(|x| *x <= all[i])
    });
    peaks.map(|i| i + side).collect()
}

/// The level of a group of bands in a column.
fn level(column: &[u8], group: usize) -> f64 {
    let bands = column.iter().skip(group * WIDE).take(WIDE);
    bands.map(|code| f64::from(*code)).sum::<f64>() / WIDE as f64
}

/// For each column the sums of the groups over the columns before it, and those of all at the end.
fn running(levels: &[u8]) -> Vec<[f64; GROUPS]> {
    let mut sums = vec![[0.0; GROUPS]];
    let mut last = [0.0; GROUPS];
    for column in levels.chunks_exact(BANDS) {
        last.iter_mut().enumerate().for_each(|(group, sum)| *sum += level(column, group));
        sums.push(last);
    }
    sums
}

fn variance(levels: &[u8], group: usize, mean: f64) -> f64 {
    let columns = levels.chunks_exact(BANDS);
    let count = columns.len().max(1) as f64;
    columns.map(|column| (level(column, group) - mean).powi(2)).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of noise around levels that change at some columns.
    fn levels(columns: usize, changes: &[usize]) -> Vec<u8> {
        let mut rng = fastrand::Rng::with_seed(6);
        let part = |column: usize| changes.iter().filter(|at| **at <= column).count();
        (0..columns)
            .flat_map(|column| {
                let loud = part(column) % 2 == 1;
                let level = |band| if loud == (band < 40) { 140 } else { 90 };
                (0..BANDS).map(|band| level(band) + rng.u8(..12)).collect::<Vec<u8>>()
            })
            .collect()
    }

    #[test]
    fn sections_begin_where_the_sound_changes() {
        let found = boundaries(&levels(480, &[120, 300]), 0.5);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].abs_diff(120) <= 1 && found[1].abs_diff(300) <= 1, "{found:?}");
    }

    #[test]
    fn what_stays_the_same_and_what_is_short_has_no_sections() {
        assert!(boundaries(&levels(480, &[]), 0.5).is_empty());
        assert!(boundaries(&vec![100; 480 * BANDS], 0.5).is_empty());
        for columns in 0..40 {
            let found = boundaries(&levels(columns, &[columns / 2]), 0.05);
            assert!(found.iter().all(|at| *at < columns), "{columns}: {found:?}");
        }
        assert!(boundaries(&levels(20, &[10]), 0.05).is_empty() && boundaries(&[], 1.0).is_empty());
        assert!(boundaries(&levels(480, &[120]), 0.0).is_empty());
    }
}
