//! The reply to each request about the library.

use std::fmt::Display;
use std::path::Path;

use super::answers::Answers;
use super::protocol::{Reply, Request};
use super::report::Hit;
use crate::library;
use crate::queue::next::Sounds;
use crate::queue::taste::TasteReport;
use crate::store::private;
use crate::training::snapshot;

impl Answers {
    /// Answers a question about the library.
    pub fn reply(&self, request: &Request) -> Reply {
        match request {
            Request::Similar { path, count } => told(self.similar(path, *count), Reply::Similar),
            Request::Tags(path) => told(self.tags(path), |card| Reply::Tags(Box::new(card))),
            Request::Words { text, count } => told(self.find(text, *count), |found| Reply::Words(Box::new(found))),
            Request::Signature(side) => told(self.signature(side), |card| Reply::Signature(Box::new(card))),
            Request::Compare(a, b) => told(self.compare(a, b), |c| Reply::Comparison(Box::new(c))),
            Request::Save { name, side } => told(self.save(name, side), |_| Reply::Done),
            Request::Search { text, fuzzy, count } => {
                told(self.search(text, *fuzzy, *count), |(hits, all)| Reply::Found { hits, all })
            }
            Request::Songs(tracks) => Reply::Songs(tracks.iter().map(|track| self.known(*track)).collect()),
            Request::Smart(smart) => told(self.smart(smart), |songs| {
                let hits: Vec<_> = songs.iter().map(|song| Hit::of(song)).collect();
                Reply::Found { all: hits.len(), hits }
            }),
            Request::Find(entries) => Reply::Places(self.places(entries)),
            Request::Cards => Reply::Cards(self.cards()),
            Request::Index => told(self.index_words(), Reply::Said),
            Request::Sounds => Reply::Sounds(Box::new(Sounds::of(&self.space, &self.catalog))),
            Request::Duplicates(kind) => Reply::Duplicates(self.duplicates(*kind)),
            Request::Snapshot(file) => told(snapshot::export(&self.catalog, file, &|_| None), Reply::Snapshot),
            Request::Described(file) => {
                let sound = |track| self.space.row(track).map(|row| self.space.named(row));
                told(snapshot::export(&self.catalog, file, &sound), Reply::Snapshot)
            }
            Request::Catalog(file) => {
                let fault = |why| format!("{}: {}", file.display(), private::explain(&why));
                let written = library::snapshot::write(file, Path::new("/"), &self.catalog);
                told(written.map_err(fault), |()| Reply::Done)
            }
            Request::Taste => Reply::Taste(Box::new(self.taste_report())),
            Request::Triplet { seed } => self.triplet(*seed),
            Request::Command(_)
            | Request::Open(_)
            | Request::Add { .. }
            | Request::Follow
            | Request::Attach(_)
            | Request::Status
            | Request::Note(_)
            | Request::Import { .. }
            | Request::Rename { .. } => Reply::Error("not a question about the library".into()),
        }
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
    fn triplet(&self, seed: u64) -> Reply {
        let Some((tracks, held_out)) = self.taste.question(&self.catalog, &self.space, seed) else {
            let few = "three analysed tracks by different artists are needed; run `jukebox scan DIR` first";
            return Reply::Error(few.into());
        };
        let songs = tracks.iter().filter_map(|&track| self.file_of(track).map(|song| Hit::of(song)));
        Reply::Triplet { tracks: tracks.to_vec(), songs: songs.collect(), held_out }
    }
}

/// The reply for an answer, or for the error in its place.
fn told<T, E: Display>(answer: Result<T, E>, reply: impl FnOnce(T) -> Reply) -> Reply {
    answer.map_or_else(|why| Reply::Error(why.to_string()), reply)
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
    fn the_catalogue_is_written_for_whoever_only_reads() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("catalog");
        let songs = (0..3).map(|n| Arc::new(Song::bare(format!("/m/{n}.mp3"), TrackId([n; 16])))).collect();
        let catalog: Arc<Catalog> = Catalog::new(songs).into();
        let answers = Answers::new(catalog.clone(), Arc::default(), Signatures::in_dir("/nonexistent".into()));
        assert!(matches!(answers.reply(&Request::Catalog(file.clone())), Reply::Done));
        let read = library::snapshot::read(&file, Path::new("/")).unwrap();
        assert_eq!(read.songs(), catalog.songs());
        let nowhere = dir.path().join("catalog/none");
        let Reply::Error(why) = answers.reply(&Request::Catalog(nowhere)) else { panic!("written below a file") };
        assert!(why.contains("catalog/none"), "{why}");
    }

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
