//! The strobe cache: images are kept as they are made, and made up for where they are missing (the cache was deleted, or could
//! not be written), when everything else is done. So another encoder, and training, need not decode the library again.

use std::path::PathBuf;

use super::Coordinator;
use super::trouble::Blame;
use crate::analysis::agenda::Agenda;
use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::Outcome;
use crate::store::strobes::SEGMENT;
use crate::track::TrackId;

impl Coordinator {
    /// Keeps the images of a track. A silent one has none.
    pub(super) fn keep_strobes(&mut self, track: TrackId, images: &[Vec<u8>]) {
        let Some(cache) = &mut self.cache else { return };
        let images: Vec<[u8; SEGMENT]> = images.iter().filter_map(|i| i.as_slice().try_into().ok()).collect();
        if images.is_empty() {
            return;
        }
        if let Err(e) = cache.put(track, &images) {
            self.without_cache(&e);
        }
    }

    /// Whether a track's images are missing in a cache that could have them.
    pub(super) fn lacks_pictures(&self, track: TrackId) -> bool {
        self.cache.as_ref().is_some_and(|cache| !cache.contains(track))
    }

    /// The next track whose images are to be made up for, when everything has been heard.
    pub(super) fn take_picture(&mut self) -> Option<Job> {
        if !self.all_heard() {
            return None;
        }
        loop {
            let song = self.unpictured.take()?;
            if self.lacks_pictures(song.track) && !self.picturing.contains_key(&*song.path) {
                self.picturing.insert(song.path.to_path_buf(), song.track);
                return Some(Job::Listen { path: song.path.to_path_buf(), secs: song.secs });
            }
        }
    }

    /// A track was heard for its images alone.
    pub(super) fn pictured(&mut self, path: PathBuf, track: TrackId, outcome: Outcome) {
        match outcome {
            Outcome::Found(Found::Strobes { images, sound, .. }) if !images.is_empty() => {
                if !self.holds(&path, track) {
                    return;
                }
                self.keep_strobes(track, &images);
                if !self.shelf.described(track) {
                    self.shelf.put_sound(track, sound);
                    self.space_stale = true;
                }
            }
            // It has its latent: what is missing is no fault, only looked for again at the next scan.
            outcome => {
                if matches!(outcome, Outcome::NoWorker(_)) {
                    self.unpictured = Agenda::default();
                }
                match self.blame(&path, outcome) {
                    Blame::Again => self.again_for_pictures(path, track),
                    _ => {
                        self.aside.insert(track);
                    }
                }
            }
        }
    }

    fn again_for_pictures(&mut self, path: PathBuf, track: TrackId) {
        let secs = self.catalog.of_path(&path).map_or(0.0, |song| song.secs);
        self.picturing.insert(path.clone(), track);
        self.once_more.push_back(Job::Listen { path, secs });
    }
}
