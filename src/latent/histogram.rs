//! How a library is spread over each dimension: a small histogram of the values as they are, since normal scores have the
//! same shape in every dimension. Scores are placed on it, so that a set's centre and spread can be shown over it.

use std::f32::consts::TAU;

use crate::track::TrackId;

use super::Space;
use super::named::{ALL_DIMS, NAMED};

/// Number of cells; narrower pictures add neighbours together.
pub const CELLS: usize = 48;
/// Maximum number of tracks counted, spread evenly over the library.
const SAMPLE: usize = 8192;
/// The share of tracks beyond either end of the picture; they are counted in its outermost cells.
const TAIL: f64 = 0.005;
/// Tracks kept at each end.
pub const ENDS: usize = 3;

/// The histograms of all dimensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histograms {
    /// By 0-based dimension; `None` where no value is known or all are equal.
    of: Vec<Option<Histogram>>,
}

impl Histograms {
    /// The histograms of a space.
    pub fn of(space: &Space) -> Histograms {
        Histograms { of: (0..ALL_DIMS as u8).map(|dim| Histogram::of(space, dim)).collect() }
    }

    /// The histogram of a 0-based dimension.
    pub fn get(&self, dim: u8) -> Option<&Histogram> {
        self.of.get(usize::from(dim))?.as_ref()
    }
}

/// How a library is spread over one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The number of tracks in each of [`CELLS`] cells of equal width.
    counts: Vec<u32>,
    /// The highest score up to and with each cell.
    tops: Vec<f32>,
    /// Whether the dimension is circular: its last cell joins its first.
    pub circular: bool,
    /// The tracks with the lowest values, the lowest first, each with its normal score, or with its value in a named
    /// dimension; none for a circular dimension.
    pub lowest: Vec<(TrackId, f32)>,
    /// Those with the highest, the highest first.
    pub highest: Vec<(TrackId, f32)>,
}

impl Histogram {
    fn of(space: &Space, dim: u8) -> Option<Histogram> {
        let circular =
            usize::from(dim).checked_sub(super::DIMS).is_some_and(|i| NAMED.get(i).is_some_and(|n| n.circular));
        let pair = |row: u32| Some((space.value(row, dim)?, space.score(row, dim)?));
        let mut pairs: Vec<(f32, f32)> = space.spread(SAMPLE).filter_map(pair).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let last = pairs.len().checked_sub(1)?;
        let at = |share: f64| pairs.get((share * last as f64).round() as usize).map_or(0.0, |pair| pair.0);
        let (mut low, mut high) = if circular { (0.0, 1.0) } else { (at(TAIL), at(1.0 - TAIL)) };
        if low >= high {
            // Nearly all values are equal.
            (low, high) = (at(0.0), at(1.0));
        }
        if low >= high {
            return None;
        }
        let (mut counts, mut tops) = (vec![0; CELLS], vec![f32::NEG_INFINITY; CELLS]);
        for (value, score) in pairs {
            let cell = ((value - low) / (high - low) * CELLS as f32).floor().clamp(0.0, (CELLS - 1) as f32) as usize;
            counts[cell] += 1;
            tops[cell] = tops[cell].max(score);
        }
        let mut top = f32::NEG_INFINITY;
        for cell in &mut tops {
            top = top.max(*cell);
            *cell = top;
        }
        let (lowest, highest) = if circular { (Vec::new(), Vec::new()) } else { ends(space, dim) };
        Some(Histogram { counts, tops, circular, lowest, highest })
    }

    /// The heights of `cells` cells, 0 to 1, the highest 1; `cells` divides [`CELLS`].
    pub fn heights(&self, cells: usize) -> Vec<f32> {
        let sums: Vec<u32> = self.counts.chunks(step(cells)).map(|chunk| chunk.iter().sum()).collect();
        let most = sums.iter().copied().max().unwrap_or(0).max(1) as f32;
        sums.into_iter().map(|sum| sum as f32 / most).collect()
    }

    /// The cell of `cells` in which a score (of a circular dimension an angle) lies.
    pub fn place(&self, score: f32, cells: usize) -> usize {
        self.cell(score) / step(cells)
    }

    /// The cell of a centre among `cells`, and for each cell whether it is within a spread around that; both in scores.
    pub fn band(&self, centre: f32, spread: f32, cells: usize) -> (usize, Vec<bool>) {
        let finite = |v: f32| if v.is_finite() { v } else { 0.0 };
        let (centre, spread) = (finite(centre), finite(spread).abs());
        let step = step(cells);
        let mut within = vec![false; CELLS.div_ceil(step)];
        if self.circular {
            let turn = centre.rem_euclid(TAU);
            for (cell, inside) in (0..CELLS).map(|cell| (cell, self.gap(cell, turn) <= spread)) {
                within[cell / step] |= inside;
            }
        } else {
            let (low, high) = (self.cell(centre - spread), self.cell(centre + spread));
            within[low / step..=high / step].fill(true);
        }
        (self.cell(centre) / step, within)
    }

    /// How far the middle of a cell is from an angle, around the circle.
    fn gap(&self, cell: usize, angle: f32) -> f32 {
        let below = cell.checked_sub(1).map_or(0.0, |i| self.tops[i].max(0.0));
        let middle = 0.5 * (below + self.tops[cell].max(below));
        let gap = (middle - angle).abs();
        gap.min(TAU - gap)
    }

    fn cell(&self, score: f32) -> usize {
        let score = match (score.is_finite(), self.circular) {
            (false, _) => 0.0,
            (true, true) => score.rem_euclid(TAU),
            (true, false) => score,
        };
        self.tops.partition_point(|top| *top < score).min(CELLS - 1)
    }
}

/// How many of the cells become one of `cells`.
fn step(cells: usize) -> usize {
    CELLS / cells.clamp(1, CELLS)
}

/// Tracks with their values, the most extreme first.
type End = Vec<(TrackId, f32)>;

/// The tracks with the lowest and the highest values.
fn ends(space: &Space, dim: u8) -> (End, End) {
    let (mut low, mut high) = (Vec::new(), Vec::new());
    let offer = |end: &mut Vec<(f32, u32)>, value: f32, row: u32| {
        if end.len() == ENDS && end.last().is_some_and(|last| value >= last.0) {
            return;
        }
        end.insert(end.partition_point(|known| known.0 <= value), (value, row));
        end.truncate(ENDS);
    };
    for row in 0..space.len() as u32 {
        if let Some(value) = space.value(row, dim) {
            offer(&mut low, value, row);
            offer(&mut high, -value, row);
        }
    }
    // The encoder's own numbers mean nothing to a listener.
    let shown = |row| if usize::from(dim) < super::DIMS { space.score(row, dim) } else { space.value(row, dim) };
    let tracks = |end: Vec<(f32, u32)>| {
        end.into_iter().filter_map(|(_, row)| Some((space.id(row)?, shown(row)?))).collect::<Vec<_>>()
    };
    (tracks(low), tracks(high))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{DIMS, Latent, NamedValues, Reference};
    use super::*;

    fn id(n: u16) -> TrackId {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        TrackId(bytes)
    }

    /// Dimension 1 is skewed, 2 is constant; tempo stands at a quarter turn for one track in ten, else anywhere.
    fn space(unit: bool) -> Space {
        let mut rng = fastrand::Rng::with_seed(8);
        let latent = |n: u16, rng: &mut fastrand::Rng| -> Latent {
            std::array::from_fn(|dim| match dim {
                0 => (f32::from(n) / 400.0).powi(3),
                1 => 0.5,
                _ => rng.f32() - 0.5,
            })
        };
        let tracks = (0..400).map(|n| (id(n), latent(n, &mut rng))).collect();
        let turns: Vec<f32> = (0..400).map(|n| if n % 10 == 0 { 0.25 } else { rng.f32() }).collect();
        let named = |track: TrackId| -> Option<NamedValues> {
            let n = u16::from_be_bytes([track.0[0], track.0[1]]);
            let mut values = [f32::NAN; NAMED.len()];
            values[0] = turns[usize::from(n)];
            Some(values)
        };
        let reference = Reference { unit, ..Reference::default() };
        Space::build("x".into(), Arc::new(reference), tracks).with_named(named)
    }

    #[test]
    fn a_histogram_shows_the_values_as_they_are() {
        let all = Histograms::of(&space(true));
        let skewed = all.get(0).unwrap();
        let heights = skewed.heights(12);
        assert_eq!((heights.len(), heights[0]), (12, 1.0), "most values are small: {heights:?}");
        assert!(heights[11] < 0.2, "{heights:?}");
        assert!(all.get(1).is_none(), "a dimension without variation has none");
        assert!(all.get(35).is_none(), "nor one of which nothing is known");
        assert_eq!((skewed.lowest[0].0, skewed.highest[0].0), (id(0), id(399)));
        assert!(skewed.lowest.len() == ENDS && skewed.lowest.is_sorted_by(|a, b| a.1 <= b.1));
    }

    #[test]
    fn scores_lie_where_their_values_do() {
        for unit in [false, true] {
            let space = space(unit);
            let all = Histograms::of(&space);
            for dim in [0, 5, DIMS as u8] {
                let histogram = all.get(dim).unwrap();
                for cells in [12, 24, 48] {
                    let places: Vec<usize> = {
                        let mut rows: Vec<u32> = (0..space.len() as u32).collect();
                        rows.sort_by(|&a, &b| space.value(a, dim).unwrap().total_cmp(&space.value(b, dim).unwrap()));
                        rows.iter().map(|&row| histogram.place(space.score(row, dim).unwrap(), cells)).collect()
                    };
                    assert!(places.is_sorted(), "{dim} in {cells}: a higher value never lies further left");
                    assert_eq!((places[0], places[places.len() - 1]), (0, cells - 1));
                    assert_eq!(histogram.heights(cells).len(), cells);
                }
            }
        }
    }

    #[test]
    fn a_band_surrounds_its_centre_and_goes_round_a_circle() {
        let all = Histograms::of(&space(true));
        let linear = all.get(5).unwrap();
        let (centre, within) = linear.band(0.0, 0.5, 24);
        assert!(within[centre] && !within[0] && !within[23], "{centre} {within:?}");
        assert!(within.iter().filter(|inside| **inside).count() >= 3);
        let (centre, within) = linear.band(f32::NAN, f32::INFINITY, 24);
        assert!(within[centre], "nonsense is drawn somewhere");
        let round = all.get(DIMS as u8).unwrap();
        let (centre, within) = round.band(0.05, 0.6, 24);
        assert!(centre == 0 && within[0] && within[23] && !within[12], "{centre} {within:?}");
    }

    #[test]
    fn an_empty_space_has_none() {
        assert!((0..ALL_DIMS as u8).all(|dim| Histograms::of(&Space::default()).get(dim).is_none()));
    }
}
