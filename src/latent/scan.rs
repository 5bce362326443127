//! The inner loops of the exact scan: distances for a range of rows from columns of scores, and the nearest of them.
//!
//! Up to eight columns are read side by side: the running sums stay in registers instead of going through memory once
//! per dimension, and the processor prefetches eight streams. The compiler vectorises these loops; sixteen columns at a
//! time no longer fit the registers.

use std::cmp::Ordering;

/// A track found by a scan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its row.
    pub row: u32,
    /// Its distance by the scorer; lower is nearer.
    pub distance: f32,
}

impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Rows per chunk: their distances (8 KiB) stay in the L1 cache, and each column's slice is long enough to prefetch.
pub(super) const CHUNK: usize = 2048;

/// Number of distances compared with the limit at a time.
const LANES: usize = 16;

/// The term scale·((value − shift) / unit − mean)² over a slice of one column.
#[derive(Clone, Copy)]
pub(super) struct Square<'a> {
    /// At least as long as the output.
    pub values: &'a [f32],
    /// Where the values are counted from, and their unit: 0 and 1 for scores.
    pub shift: f32,
    pub unit: f32,
    pub mean: f32,
    pub scale: f32,
}

/// A table look-up by place, over a slice of one column of places.
#[derive(Clone, Copy)]
pub(super) struct LookUp<'a> {
    /// At least as long as the output.
    pub places: &'a [u8],
    pub adds: &'a [f32; 256],
}

/// Adds Σ scale·((value − shift) / unit − mean)² to each distance.
pub(super) fn add_squares(out: &mut [f32], terms: &[Square]) {
    let (eights, rest) = terms.as_chunks::<8>();
    eights.iter().for_each(|group| squares(out, group));
    let (fours, rest) = rest.as_chunks::<4>();
    fours.iter().for_each(|group| squares(out, group));
    let (ones, _) = rest.as_chunks::<1>();
    ones.iter().for_each(|group| squares(out, group));
}

/// Adds Σ adds[place] to each distance.
pub(super) fn add_looked_up(out: &mut [f32], terms: &[LookUp]) {
    let (eights, rest) = terms.as_chunks::<8>();
    eights.iter().for_each(|group| looked_up(out, group));
    let (fours, rest) = rest.as_chunks::<4>();
    fours.iter().for_each(|group| looked_up(out, group));
    let (ones, _) = rest.as_chunks::<1>();
    ones.iter().for_each(|group| looked_up(out, group));
}

fn squares<const K: usize>(out: &mut [f32], group: &[Square; K]) {
    // Slices of the same known length let the loop below skip bounds checks.
    let rows = out.len();
    let columns = group.map(|t| &t.values[..rows]);
    let (shifts, units) = (group.map(|t| t.shift), group.map(|t| t.unit));
    let (means, scales) = (group.map(|t| t.mean), group.map(|t| t.scale));
    for row in 0..rows {
        let mut sum = out[row];
        for k in 0..K {
            let x = (columns[k][row] - shifts[k]) / units[k] - means[k];
            sum += scales[k] * x * x;
        }
        out[row] = sum;
    }
}

fn looked_up<const K: usize>(out: &mut [f32], group: &[LookUp; K]) {
    let rows = out.len();
    let adds = group.map(|t| t.adds);
    let columns = group.map(|t| t.places[..rows].as_chunks::<8>());
    // Eight rows at a time: one load fetches their places, and their sums stay in registers.
    let (blocks, rest) = out.as_chunks_mut::<8>();
    for (block, sums) in blocks.iter_mut().enumerate() {
        let mut sum = *sums;
        for k in 0..K {
            let places = u64::from_le_bytes(columns[k].0[block]);
            for (lane, sum) in sum.iter_mut().enumerate() {
                *sum += adds[k][usize::from((places >> (8 * lane)) as u8)];
            }
        }
        *sums = sum;
    }
    for (row, sum) in rest.iter_mut().enumerate() {
        *sum += (0..K).map(|k| adds[k][usize::from(columns[k].1[row])]).sum::<f32>();
    }
}

/// The `k` nearest of the rows offered so far.
///
/// Candidates collect until there are twice as many as wanted, then the farther half is dropped: a tenth of a heap's
/// cost when a few hundred of a hundred thousand enter.
pub(super) struct Nearest {
    k: usize,
    /// The nearest so far and some farther ones, unordered.
    hits: Vec<Hit>,
    /// Distances must be below this to enter.
    limit: f32,
}

impl Nearest {
    /// Empty; at most `most` rows will be offered.
    pub fn new(k: usize, most: usize) -> Nearest {
        let limit = if k == 0 { f32::NEG_INFINITY } else { f32::INFINITY };
        Nearest { k, hits: Vec::with_capacity((2 * k.min(most)).max(LANES)), limit }
    }

    /// Offers the distances of the rows from `start` on. `keep` is called only for rows near enough to enter. A tie
    /// with the farthest kept row does not enter: of rows offered in ascending order the first stays. Nor does NaN.
    pub fn offer(&mut self, start: u32, distances: &[f32], keep: &dyn Fn(u32) -> bool) {
        for (first, lanes) in (start..).step_by(LANES).zip(distances.chunks(LANES)) {
            // Almost always none is near; without an early exit the comparison is one SIMD instruction per four lanes.
            let limit = self.limit;
            if lanes.iter().fold(false, |near, &d| near | (d < limit)) {
                for (row, &distance) in (first..).zip(lanes) {
                    if distance < self.limit && keep(row) {
                        self.push(Hit { row, distance });
                    }
                }
            }
        }
    }

    fn push(&mut self, hit: Hit) {
        self.hits.push(hit);
        if self.hits.len() >= self.k.saturating_mul(2).max(LANES) {
            self.hits.select_nth_unstable(self.k - 1);
            self.hits.truncate(self.k);
            self.limit = self.hits.last().map_or(self.limit, |farthest| farthest.distance);
        }
    }

    /// Number of rows kept, at most `k`.
    pub fn len(&self) -> usize {
        self.hits.len().min(self.k)
    }

    /// The hits, nearest first, ties by row.
    pub fn into_hits(mut self) -> Vec<Hit> {
        self.hits.sort_unstable();
        self.hits.truncate(self.k);
        self.hits
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    fn square<'a>(rng: &mut Rng, values: &'a [f32]) -> Square<'a> {
        let (shift, unit) = (rng.f32() - 0.5, rng.f32() + 1.0);
        Square { values, shift, unit, mean: rng.f32(), scale: rng.f32() + 0.5 }
    }

    #[test]
    fn any_number_of_columns_adds_up() {
        let mut rng = Rng::with_seed(1);
        for (columns, rows) in [(0, 5), (1, 17), (3, 64), (4, 1), (7, 33), (8, 100), (13, 31), (32, 50)] {
            let values: Vec<Vec<f32>> = (0..columns).map(|_| (0..rows).map(|_| rng.f32() - 0.5).collect()).collect();
            let squares: Vec<Square> = values.iter().map(|values| square(&mut rng, values)).collect();
            let places: Vec<Vec<u8>> = (0..columns).map(|_| (0..rows).map(|_| rng.u8(..)).collect()).collect();
            let adds: Vec<[f32; 256]> = (0..columns).map(|_| std::array::from_fn(|_| rng.f32() - 0.5)).collect();
            let tables: Vec<LookUp> = places.iter().zip(&adds).map(|(places, adds)| LookUp { places, adds }).collect();
            let mut out = vec![1.0; rows];
            add_squares(&mut out, &squares);
            add_looked_up(&mut out, &tables);
            for (row, &sum) in out.iter().enumerate() {
                let squares: f32 =
                    squares.iter().map(|t| t.scale * ((t.values[row] - t.shift) / t.unit - t.mean).powi(2)).sum();
                let looked_up: f32 = tables.iter().map(|t| t.adds[usize::from(t.places[row])]).sum();
                assert!((sum - 1.0 - squares - looked_up).abs() < 1e-4, "{columns} columns, row {row}");
            }
        }
    }

    #[test]
    fn the_nearest_are_those_of_a_sort() {
        let mut rng = Rng::with_seed(2);
        // Few distinct values: many ties.
        let distances: Vec<f32> = (0..777).map(|i| if i % 50 == 7 { f32::NAN } else { rng.u8(..40).into() }).collect();
        let keep = |row: u32| row % 3 != 1;
        for k in [0, 1, 20, 300, 2000] {
            let mut nearest = Nearest::new(k, distances.len());
            for (i, chunk) in distances.chunks(100).enumerate() {
                nearest.offer(100 * i as u32, chunk, &keep);
            }
            let mut expected: Vec<Hit> = (0..)
                .zip(&distances)
                .filter(|&(row, d)| keep(row) && !d.is_nan())
                .map(|(row, &distance)| Hit { row, distance })
                .collect();
            expected.sort();
            expected.truncate(k);
            assert_eq!(nearest.into_hits(), expected, "{k}");
        }
    }
}
