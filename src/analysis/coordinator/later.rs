//! What is done when everything has been heard: descriptors of tracks that have none (they were heard by an older jukebox,
//! or from the strobe cache), images that the cache lacks, then the loudness of whole files, one at a time and only while
//! there is nothing else.

use std::path::PathBuf;

use super::Coordinator;
use super::trouble::Blame;
use crate::analysis::agenda::Agenda;
use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{Done, Outcome};
use crate::clock::Clock;
use crate::sound::{Descriptors, Loudness};
use crate::store::Outcome as Looked;
use crate::track::TrackId;

/// The space is published again when so many tracks have got a loudness: one more number of one track changes little.
const TELL: usize = 16;

impl Coordinator {
    /// Draws up what is left to be described and measured.
    pub(super) fn look_back(&mut self) {
        if !std::mem::take(&mut self.later_stale) {
            return;
        }
        let (shelf, playing) = (&self.shelf, self.playing.as_deref());
        let now: Vec<TrackId> = self.describing.values().copied().collect();
        let waits = |t| shelf.heard(t) && !self.aside.contains(&t);
        // Whoever makes images describes as well.
        let undescribed = |t| waits(t) && !shelf.described(t) && !now.contains(&t) && !self.lacks_pictures(t);
        let drawing: Vec<TrackId> = self.picturing.values().copied().collect();
        let unpictured = |t| waits(t) && self.lacks_pictures(t) && !drawing.contains(&t);
        (self.undescribed, self.unpictured) = match self.options.listen {
            true => {
                let to_do = |wanted: &dyn Fn(TrackId) -> bool| Agenda::new(&self.catalog, playing, wanted);
                (to_do(&undescribed), to_do(&unpictured))
            }
            false => Default::default(),
        };
        self.unmeasured = match self.options.loudness {
            true => Agenda::new(&self.catalog, playing, |t| waits(t) && !shelf.measured(t)),
            false => Agenda::default(),
        };
    }

    /// Whether every track that was heard is described and has its images, as far as that can be.
    pub(super) fn all_described(&self) -> bool {
        let described = self.undescribed.is_empty() && self.describing.is_empty();
        described && self.unpictured.is_empty() && self.picturing.is_empty() && !self.later_stale
    }

    /// The next track to be described, when everything has been heard.
    pub(super) fn take_describe(&mut self) -> Option<Job> {
        if !self.all_heard() {
            return None;
        }
        loop {
            let song = self.undescribed.take()?;
            if !self.shelf.described(song.track) && !self.describing.contains_key(&*song.path) {
                self.describing.insert(song.path.to_path_buf(), song.track);
                return Some(Job::Describe { path: song.path.to_path_buf(), secs: song.secs });
            }
        }
    }

    pub(super) fn described(&mut self, path: PathBuf, outcome: Outcome) {
        let Some(track) = self.describing.remove(&path) else { return };
        let sound = match outcome {
            Outcome::Found(Found::Sound(sound)) => sound,
            Outcome::Found(_) | Outcome::Each(_) => return self.settler.mark(path, self.clock.now()),
            outcome => {
                if matches!(outcome, Outcome::NoWorker(_)) {
                    self.undescribed = Agenda::default();
                }
                match self.blame(&path, outcome) {
                    Blame::Again => {
                        let secs = self.catalog.of_path(&path).map_or(0.0, |song| song.secs);
                        self.describing.insert(path.clone(), track);
                        return self.once_more.push_back(Job::Describe { path, secs });
                    }
                    Blame::Later(_) | Blame::Gone => {
                        self.aside.insert(track);
                        return;
                    }
                    // It was heard once and cannot be now: nothing is known of it, and it is not asked again.
                    Blame::File(_) => Descriptors::default(),
                }
            }
        };
        if self.holds(&path, track) {
            self.shelf.put_sound(track, sound);
            self.space_stale = true;
        }
    }

    /// Measures the next file when there is nothing else to do; drops the one being measured when there is.
    pub(super) fn measure(&mut self) {
        if !(self.all_heard() && self.all_described()) {
            if self.idler.busy() {
                self.idler.call_back();
                self.later_stale = true;
            }
            return;
        }
        while !self.idler.busy()
            && let Some(song) = self.unmeasured.take()
        {
            if !self.shelf.measured(song.track) {
                self.measuring = Some(song.track);
                self.idler.give(Job::Loudness { path: song.path.to_path_buf(), secs: song.secs });
            }
        }
    }

    pub(super) fn measured(&mut self, answer: (u64, Done)) {
        let Some(Done { job, outcome }) = self.idler.accept(answer) else { return };
        let Some(track) = self.measuring.take() else { return };
        let path = job.path().to_path_buf();
        let loudness = match outcome {
            Outcome::Found(Found::Loudness(loudness)) => loudness,
            Outcome::Found(_) | Outcome::Each(_) => return self.settler.mark(path, self.clock.now()),
            outcome => {
                if matches!(outcome, Outcome::NoWorker(_)) {
                    self.unmeasured = Agenda::default();
                }
                match self.blame(&path, outcome) {
                    // Drawn up anew, it is among them.
                    Blame::Again => return self.later_stale = true,
                    Blame::Later(_) | Blame::Gone => {
                        self.aside.insert(track);
                        return;
                    }
                    Blame::File(_) => Loudness::default(),
                }
            }
        };
        if self.holds(&path, track) {
            self.shelf.put_loudness(track, loudness);
            self.loudness_stale = true;
            self.untold += 1;
        }
        if self.untold >= TELL || (self.untold > 0 && self.unmeasured.is_empty()) {
            self.untold = 0;
            self.space_stale = true;
        }
    }

    /// Whether a file still is the track that it was when its job began.
    pub(super) fn holds(&self, path: &std::path::Path, track: TrackId) -> bool {
        matches!(self.shelf.file(path).map(|r| &r.outcome), Some(Looked::Probed(probe)) if probe.track == track)
    }
}
