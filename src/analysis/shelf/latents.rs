//! The latents of a generation in memory: a table, which the space that was published shares, and what came since that
//! table was made.

use std::collections::{BTreeMap, HashSet};

use crate::latent::table::{Row, Table};
use crate::latent::{Latent, Spread, tags};
use crate::library::Catalog;
use crate::store::LatentRecord;
use crate::track::TrackId;

/// Latents by track.
#[derive(Default)]
pub(super) struct Latents {
    table: Table,
    /// The tracks of the table of which it does not say what is known: they were renamed, or heard again.
    left: HashSet<TrackId>,
    /// What is known beside the table.
    new: BTreeMap<TrackId, Row>,
}

/// What is kept of a record. The spread over the segments takes a quarter of the memory that it takes on disk.
pub(super) fn row(track: TrackId, record: &LatentRecord) -> Row {
    let tags = if record.tags.is_empty() { Box::default() } else { tags::encode(&record.tags) };
    Row { track, mean: record.mean, spread: Spread::of(&record.spread, record.segments), tags }
}

impl Latents {
    /// The latents of these rows.
    pub fn of(rows: Vec<Row>) -> Latents {
        Latents { table: Table::of(rows), ..Latents::default() }
    }

    /// The mean of a track.
    pub fn get(&self, track: TrackId) -> Option<Latent> {
        let new = self.new.get(&track).map(|row| row.mean);
        new.or_else(|| Some(self.table.mean(self.place(track)?)))
    }

    /// Whether there is anything of a track.
    pub fn has(&self, track: TrackId) -> bool {
        self.new.contains_key(&track) || self.place(track).is_some()
    }

    /// Puts a record in the place of what was known of the track.
    pub fn insert(&mut self, track: TrackId, record: &LatentRecord) {
        self.put(row(track, record));
    }

    /// Hands a track's latent on to another identity of it, unless that has one.
    pub fn rename(&mut self, from: TrackId, to: TrackId) {
        if let Some(row) = self.take(from)
            && !self.has(to)
        {
            self.put(Row { track: to, ..row });
        }
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.table.len() - self.left.len() + self.new.len()
    }

    /// Makes one table of everything.
    pub fn settle(&mut self) {
        if !self.is_settled() {
            *self = Latents { table: self.merged(), ..Latents::default() };
        }
    }

    /// A table of the tracks of a catalog: after [`Latents::settle`] the one that is kept here, without a copy, where the
    /// catalog has all its tracks.
    pub fn of_catalog(&self, catalog: &Catalog) -> Table {
        let all = if self.is_settled() { self.table.clone() } else { self.merged() };
        all.of_tracks(catalog.tracks())
    }

    fn is_settled(&self) -> bool {
        self.left.is_empty() && self.new.is_empty()
    }

    fn merged(&self) -> Table {
        let table = (0..self.table.len() as u32).filter_map(|row| self.table.get(row));
        let kept = table.filter(|row| !self.left.contains(&row.track));
        Table::of(kept.chain(self.new.values().cloned()).collect())
    }

    /// The row of the table that says what is known of a track.
    fn place(&self, track: TrackId) -> Option<u32> {
        self.table.row(track).filter(|_| !self.left.contains(&track))
    }

    fn put(&mut self, row: Row) {
        if self.table.row(row.track).is_some() {
            self.left.insert(row.track);
        }
        self.new.insert(row.track, row);
    }

    fn take(&mut self, track: TrackId) -> Option<Row> {
        if let Some(row) = self.new.remove(&track) {
            return Some(row);
        }
        let row = self.table.get(self.place(track)?);
        self.left.insert(track);
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::DIMS;
    use crate::library::Song;
    use std::sync::Arc;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    fn record(value: f32) -> LatentRecord {
        LatentRecord { mean: [value; DIMS], spread: [0.1; DIMS], segments: 3, genres: Vec::new(), tags: vec![0.5; 2] }
    }

    fn values(latents: &Latents) -> Vec<Option<f32>> {
        (0..6).map(|n| latents.get(id(n)).map(|mean| mean[0])).collect()
    }

    #[test]
    fn what_came_later_counts_before_and_after_it_is_settled() {
        let mut latents = Latents::of((0..3).map(|n| row(id(n), &record(f32::from(n)))).collect());
        latents.insert(id(1), &record(10.0));
        latents.insert(id(4), &record(4.0));
        latents.rename(id(0), id(5));
        // One that has a latent keeps it.
        latents.rename(id(4), id(2));
        latents.rename(id(9), id(1));
        let expected = [None, Some(10.0), Some(2.0), None, None, Some(0.0)];
        assert_eq!((values(&latents), latents.len()), (expected.to_vec(), 3));
        assert!(latents.has(id(5)) && !latents.has(id(0)) && !latents.has(id(4)));
        latents.settle();
        assert_eq!((values(&latents), latents.len()), (expected.to_vec(), 3));
        let kept = latents.table.get(0).unwrap();
        assert_eq!(kept, row(id(1), &record(10.0)), "with spread and tags");
        // A name that was given up may come back.
        latents.rename(id(5), id(0));
        latents.insert(id(5), &record(50.0));
        assert_eq!((latents.get(id(0)).unwrap()[0], latents.get(id(5)).unwrap()[0], latents.len()), (0.0, 50.0, 4));
    }

    #[test]
    fn a_catalog_of_all_tracks_shares_the_table() {
        let catalog = |n: u8| {
            let song = |n: u8| Arc::new(Song::bare(format!("/m/{n}"), id(n)));
            Catalog::new((0..n).map(song).collect())
        };
        let mut latents = Latents::default();
        (0..4).for_each(|n| latents.insert(id(n), &record(f32::from(n))));
        assert_eq!(latents.of_catalog(&catalog(9)).len(), 4, "also before it is settled");
        latents.settle();
        assert!(latents.of_catalog(&catalog(4)).is_same(&latents.table));
        assert!(latents.of_catalog(&catalog(9)).is_same(&latents.table));
        assert_eq!(latents.of_catalog(&catalog(2)).ids(), [id(0), id(1)]);
    }
}
