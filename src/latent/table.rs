//! The latents of tracks, in columns. Whoever keeps them and the spaces made of them share one table: for 100,000 tracks
//! the means take 12.8 MB, spreads and tags up to 8 MB more.

use std::sync::Arc;

use super::spread::Spread;
use super::{DIMS, Latent};
use crate::track::TrackId;

/// What an encoder says of one track.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The track.
    pub track: TrackId,
    /// The mean of its segments.
    pub mean: Latent,
    /// How certain that is.
    pub spread: Spread,
    /// The tag head's output, as bytes from [`super::tags::encode`]; empty without one.
    pub tags: Box<[u8]>,
}

/// Rows by ascending identity. Immutable; a clone shares everything.
#[derive(Clone, Debug, Default)]
pub struct Table {
    ids: Arc<[TrackId]>,
    /// `DIMS` columns of `ids.len()` numbers.
    means: Arc<[f32]>,
    /// One for each row; empty where none is known.
    spreads: Arc<[Spread]>,
    /// `width` bytes for each row, [`super::tags::UNKNOWN`] where a row has none.
    tags: Arc<[u8]>,
    width: usize,
}

impl Table {
    /// A table of rows; of those of one track the first stays. Rows whose tags have another number than those of the first
    /// row that has any lose them.
    pub fn of(mut rows: Vec<Row>) -> Table {
        rows.sort_by_key(|row| row.track);
        rows.dedup_by_key(|row| row.track);
        let mut means = Vec::with_capacity(rows.len() * DIMS);
        for dim in 0..DIMS {
            means.extend(rows.iter().map(|row| row.mean[dim]));
        }
        let known = rows.iter().any(|row| row.spread != Spread::UNKNOWN);
        let spreads = if known { rows.iter().map(|row| row.spread).collect() } else { Arc::default() };
        let width = rows.iter().map(|row| row.tags.len()).find(|&width| width > 0).unwrap_or(0);
        let mut tags = Vec::with_capacity(rows.len() * width);
        for row in rows.iter().filter(|_| width > 0) {
            match row.tags.len() == width {
                true => tags.extend_from_slice(&row.tags),
                false => tags.resize(tags.len() + width, super::tags::UNKNOWN),
            }
        }
        let ids = rows.iter().map(|row| row.track).collect();
        Table { ids, means: means.into(), spreads, tags: tags.into(), width }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The tracks, row by row.
    pub fn ids(&self) -> &[TrackId] {
        &self.ids
    }

    /// The same, to be kept.
    pub(super) fn shared_ids(&self) -> Arc<[TrackId]> {
        self.ids.clone()
    }

    /// The row of a track.
    pub fn row(&self, track: TrackId) -> Option<u32> {
        self.ids.binary_search(&track).ok().map(|row| row as u32)
    }

    /// The means in a 0-based dimension, row by row.
    pub(super) fn column(&self, dim: usize) -> &[f32] {
        &self.means[dim * self.len()..(dim + 1) * self.len()]
    }

    /// The mean of a row; zeros past the end.
    pub fn mean(&self, row: u32) -> Latent {
        let (row, n) = (row as usize, self.len());
        if row < n { std::array::from_fn(|dim| self.means[dim * n + row]) } else { [0.0; DIMS] }
    }

    /// The spread of every row; empty where none is known.
    pub(super) fn spreads(&self) -> &Arc<[Spread]> {
        &self.spreads
    }

    /// The tags of all rows, so many bytes for each; `None` where they have not that many.
    pub(super) fn tags(&self, width: usize) -> Option<&Arc<[u8]>> {
        (self.width == width).then_some(&self.tags)
    }

    /// A row; `None` past the end.
    pub fn get(&self, row: u32) -> Option<Row> {
        let at = row as usize;
        let tags = || self.tags.get(at * self.width..(at + 1) * self.width).unwrap_or_default();
        Some(Row {
            track: *self.ids.get(at)?,
            mean: self.mean(row),
            spread: self.spreads.get(at).copied().unwrap_or(Spread::UNKNOWN),
            tags: tags().into(),
        })
    }

    /// The rows of these tracks whose means are finite: this table itself, not a copy, where those are all.
    pub fn of_tracks(&self, tracks: impl Iterator<Item = TrackId>) -> Table {
        let mut kept = vec![false; self.len()];
        tracks.filter_map(|track| self.row(track)).for_each(|row| kept[row as usize] = true);
        for dim in 0..DIMS {
            kept.iter_mut().zip(self.column(dim)).for_each(|(kept, value)| *kept &= value.is_finite());
        }
        if kept.iter().all(|kept| *kept) {
            return self.clone();
        }
        let rows = (0..).zip(&kept).filter(|(_, kept)| **kept).filter_map(|(row, _)| self.get(row));
        Table::of(rows.collect())
    }

    /// Whether two tables share their means.
    pub fn is_same(&self, other: &Table) -> bool {
        Arc::ptr_eq(&self.means, &other.means)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    fn row(n: u8, tags: &[u8]) -> Row {
        let mean = std::array::from_fn(|dim| f32::from(n) + dim as f32 / 100.0);
        Row { track: id(n), mean, spread: Spread::of(&[0.5; DIMS], n), tags: tags.into() }
    }

    #[test]
    fn rows_are_given_back_in_order() {
        let table = Table::of(vec![row(9, &[1, 2]), row(3, &[]), row(5, &[3, 4]), row(9, &[7, 7]), row(7, &[5])]);
        assert_eq!((table.len(), table.row(id(5)), table.row(id(4))), (4, Some(1), None));
        assert_eq!(table.ids(), [id(3), id(5), id(7), id(9)]);
        assert_eq!(table.get(1), Some(row(5, &[3, 4])));
        assert_eq!(table.get(3), Some(row(9, &[1, 2])), "the first of two");
        let unknown = super::super::tags::UNKNOWN;
        assert_eq!(table.get(0), Some(row(3, &[unknown; 2])));
        assert_eq!(table.get(2), Some(row(7, &[unknown; 2])), "of another width");
        assert_eq!((table.get(4), table.mean(4)), (None, [0.0; DIMS]));
        assert_eq!(table.column(3), [3.03, 5.03, 7.03, 9.03]);
        assert!(table.tags(2).is_some() && table.tags(3).is_none());
    }

    #[test]
    fn a_part_is_a_copy_and_the_whole_is_none() {
        let table = Table::of((1..6).map(|n| row(n, &[])).collect());
        let all = table.of_tracks([5, 2, 1, 4, 3, 99].map(id).into_iter());
        assert!(table.is_same(&all));
        let some = table.of_tracks([5, 2].map(id).into_iter());
        assert_eq!((some.ids(), some.get(1)), (&[id(2), id(5)][..], table.get(4)));
        let broken = Row { mean: [f32::NAN; DIMS], ..row(6, &[]) };
        let table = Table::of(vec![row(1, &[]), broken]);
        assert_eq!(table.of_tracks([1, 6].map(id).into_iter()).ids(), [id(1)]);
        assert!(Table::default().of_tracks([id(1)].into_iter()).is_empty());
    }
}
