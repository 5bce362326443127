//! The reply to each request about the library.

use super::answers::Answers;
use super::protocol::{Reply, Request};
use super::report::Hit;
use crate::queue::next::Sounds;
use crate::queue::taste::TasteReport;
use crate::training::snapshot;

impl Answers {
    /// Answers a question about the library.
    pub fn reply(&self, request: &Request) -> Reply {
        let answered = match request {
            Request::Similar { path, count } => self.similar(path, *count).map(Reply::Similar),
            Request::Tags(path) => self.tags(path).map(|card| Reply::Tags(Box::new(card))),
            Request::Words { text, count } => self.find(text, *count).map(|found| Reply::Words(Box::new(found))),
            Request::Signature(side) => self.signature(side).map(|card| Reply::Signature(Box::new(card))),
            Request::Compare(a, b) => self.compare(a, b).map(|c| Reply::Comparison(Box::new(c))),
            Request::Save { name, side } => self.save(name, side).map(|_| Reply::Done),
            Request::Search { text, fuzzy, count } => {
                self.search(text, *fuzzy, *count).map(|(hits, all)| Reply::Found { hits, all })
            }
            Request::Songs(tracks) => Ok(Reply::Songs(tracks.iter().map(|track| self.known(*track)).collect())),
            Request::Smart(smart) => self.smart(smart).map(|songs| {
                let hits: Vec<_> = songs.iter().map(|song| Hit::of(song)).collect();
                Reply::Found { all: hits.len(), hits }
            }),
            Request::Find(entries) => Ok(Reply::Places(self.places(entries))),
            Request::Cards => Ok(Reply::Cards(self.cards())),
            Request::Index => self.index_words().map(Reply::Said),
            Request::Sounds => Ok(Reply::Sounds(Box::new(Sounds::of(&self.space, &self.catalog)))),
            Request::Duplicates(kind) => Ok(Reply::Duplicates(self.duplicates(*kind))),
            Request::Snapshot(file) => snapshot::export(&self.catalog, file, &|_| None).map(Reply::Snapshot),
            Request::Described(file) => {
                let sound = |track| self.space.row(track).map(|row| self.space.named(row));
                snapshot::export(&self.catalog, file, &sound).map(Reply::Snapshot)
            }
            Request::Taste => Ok(Reply::Taste(Box::new(self.taste_report()))),
            Request::Triplet { seed } => self.triplet(*seed),
            Request::Command(_)
            | Request::Open(_)
            | Request::Add { .. }
            | Request::Follow
            | Request::Attach(_)
            | Request::Status
            | Request::Note(_)
            | Request::Rename { .. } => Err("not a question about the library".into()),
        };
        answered.unwrap_or_else(Reply::Error)
    }

    /// The report on the learned taste, with the dimensions' names.
    pub fn taste_report(&self) -> TasteReport {
        let (last, names) = (self.taste.history().last(), self.names());
        let undoes = last.map_or(String::new(), |step| super::taste::taken_back(Some(step), &self.catalog, &names));
        let mut report = TasteReport { undoes, ..self.taste.report(&self.space) };
        report.dims.iter_mut().for_each(|dim| dim.name = names.label(dim.dim.saturating_sub(1)));
        report
    }

    /// Three tracks for the user to choose the odd one out of.
    ///
    /// # Errors
    /// There are not enough analysed tracks by different artists.
    fn triplet(&self, seed: u64) -> Result<Reply, String> {
        let asked = self.taste.question(&self.catalog, &self.space, seed);
        let (tracks, held_out) =
            asked.ok_or("three analysed tracks by different artists are needed; run `jukebox scan DIR` first")?;
        let songs = tracks.iter().filter_map(|&track| self.file_of(track).map(|song| Hit::of(song)));
        Ok(Reply::Triplet { tracks: tracks.to_vec(), songs: songs.collect(), held_out })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::latent::{DIMS, NAMED, Space};
    use crate::library::signatures::Signatures;
    use crate::library::{Catalog, Song};
    use crate::track::TrackId;

    #[test]
    fn a_snapshot_has_descriptors_of_the_tracks_in_the_space_if_they_are_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("snapshot.jsonl");
        let songs = (0..3).map(|n| Arc::new(Song::bare(format!("/m/{n}.mp3"), TrackId([n; 16])))).collect();
        let latents = [0, 1].map(|n| (TrackId([n; 16]), [f32::from(n); DIMS])).to_vec();
        let named = |track: TrackId| {
            let mut values = [f32::NAN; NAMED.len()];
            values[3] = 1000.0 + f32::from(track.0[0]);
            Some(values)
        };
        let space = Space::build("x".into(), Arc::default(), latents).with_named(named);
        let answers = Answers::new(Catalog::new(songs).into(), space.into(), Signatures::in_dir("/nonexistent".into()));
        let taken = |request: Request| {
            assert!(matches!(answers.reply(&request), Reply::Snapshot(3)));
            let entries = snapshot::entries(&file).unwrap();
            entries.iter().map(|entry| entry.descriptors.get("brightness").copied()).collect::<Vec<_>>()
        };
        assert_eq!(taken(Request::Snapshot(file.clone())), [None; 3]);
        assert_eq!(taken(Request::Described(file.clone())), [Some(1000.0), Some(1001.0), None]);
    }
}
