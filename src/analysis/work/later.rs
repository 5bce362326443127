//! Deferred work, once everything is embedded: missing descriptors (of tracks analysed by an older jukebox, or whose
//! images were in the cache), missing images (the cache was deleted or could not be written), then the loudness of
//! whole files, one at a time and only while there is nothing else to do.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crossbeam_channel::Receiver;
use jukebox_encoder::Input;

use super::bench::Bench;
use super::images::Images;
use super::trouble::Blame;
use crate::analysis::agenda::Agenda;
use crate::analysis::error::ThreadError;
use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{self, Done, Idler, Outcome};
use crate::analysis::publish::Publisher;
use crate::analysis::shelf::Shelf;
use crate::sound::{Descriptors, Loudness};
use crate::track::TrackId;

/// The deferred work.
pub(super) struct Later {
    undescribed: Agenda,
    describing: HashMap<PathBuf, TrackId>,
    unpictured: Agenda,
    picturing: HashMap<PathBuf, TrackId>,
    unmeasured: Agenda,
    measuring: Option<TrackId>,
    idler: Idler,
}

impl Later {
    /// Starts the thread that measures loudness.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start() -> Result<Later, ThreadError> {
        Ok(Later {
            undescribed: Agenda::default(),
            describing: HashMap::new(),
            unpictured: Agenda::default(),
            picturing: HashMap::new(),
            unmeasured: Agenda::default(),
            measuring: None,
            idler: Idler::start("listen-idle", pool::spec("listen"))?,
        })
    }

    /// Rebuilds the lists of what is left: descriptors and images if `listen`, loudness if `loudness`.
    pub fn draw_up(
        &mut self,
        (listen, loudness): (bool, bool),
        playing: Option<&Path>,
        bench: &Bench,
        publisher: &Publisher,
    ) {
        let (shelf, catalog) = (&publisher.shelf, publisher.catalog());
        let at_work = |jobs: &HashMap<PathBuf, TrackId>, track| jobs.values().any(|own| *own == track);
        let waits = |t| shelf.heard(t) && !bench.trouble.aside.contains(&t);
        // Making images also computes the descriptors.
        let lacks = |t| bench.images.lack(t);
        let undescribed = |t| waits(t) && !shelf.described(t) && !at_work(&self.describing, t) && !lacks(t);
        let unpictured = |t| waits(t) && lacks(t) && !at_work(&self.picturing, t);
        let to_do = |asked: bool, wanted: &dyn Fn(TrackId) -> bool| match asked {
            true => Agenda::new(catalog, playing, wanted),
            false => Agenda::default(),
        };
        (self.undescribed, self.unpictured) = (to_do(listen, &undescribed), to_do(listen, &unpictured));
        // The file that is being measured is no longer one of those that wait.
        let measuring = self.measuring.filter(|_| self.idler.busy());
        self.unmeasured = to_do(loudness, &|t| waits(t) && !shelf.measured(t) && measuring != Some(t));
    }

    /// Number of tracks without descriptors, including those in progress.
    pub fn to_describe(&self) -> usize {
        self.undescribed.len() + self.describing.len()
    }

    /// Number of tracks without images, including those in progress.
    pub fn to_picture(&self) -> usize {
        self.unpictured.len() + self.picturing.len()
    }

    /// Number of tracks waiting for loudness measurement.
    pub fn to_measure(&self) -> usize {
        self.unmeasured.len()
    }

    /// Whether a file's loudness is being measured.
    pub fn is_measuring(&self) -> bool {
        self.idler.busy()
    }

    /// Whether everything has descriptors and images, as far as possible.
    pub fn all_described(&self) -> bool {
        self.to_describe() == 0 && self.to_picture() == 0
    }

    /// The next track to describe.
    pub fn take_describe(&mut self, shelf: &Shelf) -> Option<Job> {
        loop {
            let song = self.undescribed.take()?;
            if !shelf.described(song.track) && !self.describing.contains_key(&*song.path) {
                self.describing.insert(song.path.to_path_buf(), song.track);
                return Some(Job::Describe { path: song.path.to_path_buf(), secs: song.secs });
            }
        }
    }

    /// The next track to make images of.
    pub fn take_picture(&mut self, images: &Images) -> Option<Job> {
        loop {
            let song = self.unpictured.take()?;
            if images.lack(song.track) && !self.picturing.contains_key(&*song.path) {
                self.picturing.insert(song.path.to_path_buf(), song.track);
                let (path, secs, input) = (song.path.to_path_buf(), song.secs, images.input());
                return Some(Job::Listen { path, secs, input });
            }
        }
    }

    /// Handles the result of [`Later::take_describe`].
    pub fn described(&mut self, path: PathBuf, outcome: Outcome, bench: &mut Bench, publisher: &mut Publisher) {
        let Some(track) = self.describing.remove(&path) else { return };
        let sound = match outcome {
            Outcome::Found(Found::Sound(sound)) => sound,
            Outcome::Found(_) | Outcome::Each(_) => return bench.settle(path),
            outcome => {
                if matches!(outcome, Outcome::NoWorker(_)) {
                    self.undescribed = Agenda::default();
                }
                match bench.trouble.blame(&path, outcome, &publisher.teller) {
                    Blame::Again => {
                        let secs = publisher.secs(&path);
                        self.describing.insert(path.clone(), track);
                        return bench.readers.repeat(Job::Describe { path, secs });
                    }
                    Blame::Later(_) | Blame::Gone => {
                        bench.trouble.aside.insert(track);
                        return;
                    }
                    // It could be decoded before but not now: store empty descriptors, so that it is not tried again.
                    Blame::File(_) => Descriptors::default(),
                }
            }
        };
        if publisher.holds(&path, track) {
            publisher.put_sound(track, sound);
        }
    }

    /// Whether a file is read for its images only; its result then goes to [`Later::pictured`].
    pub fn is_picturing(&self, path: &Path) -> bool {
        self.picturing.contains_key(path)
    }

    /// Handles the result of [`Later::take_picture`], with images of this kind.
    pub fn pictured(
        &mut self,
        path: PathBuf,
        input: Input,
        outcome: Outcome,
        bench: &mut Bench,
        publisher: &mut Publisher,
    ) {
        let Some(track) = self.picturing.remove(&path) else { return };
        if input != bench.input() {
            // Another encoder, which takes other images, is in use by now.
            return bench.later_stale = true;
        }
        match outcome {
            Outcome::Found(Found::Heard { images, sound, .. }) if !images.is_empty() => {
                if !publisher.holds(&path, track) {
                    return;
                }
                bench.keep_images(track, &images, &publisher.teller);
                if !publisher.shelf.described(track) {
                    publisher.put_sound(track, sound);
                }
            }
            // The track has a latent, so missing images are no fault; the next scan tries again.
            outcome => {
                if matches!(outcome, Outcome::NoWorker(_)) {
                    self.unpictured = Agenda::default();
                }
                match bench.trouble.blame(&path, outcome, &publisher.teller) {
                    Blame::Again => {
                        let secs = publisher.secs(&path);
                        self.picturing.insert(path.clone(), track);
                        bench.readers.repeat(Job::Listen { path, secs, input });
                    }
                    _ => drop(bench.trouble.aside.insert(track)),
                }
            }
        }
    }

    /// Results of [`Later::measure`], for [`Later::measured`].
    pub fn measurements(&self) -> Receiver<(u64, Done)> {
        self.idler.answers()
    }

    /// Measures the next file, unless a measurement is running.
    pub fn measure(&mut self, shelf: &Shelf) {
        while !self.idler.busy()
            && let Some(song) = self.unmeasured.take()
        {
            if !shelf.measured(song.track) {
                self.measuring = Some(song.track);
                self.idler.give(Job::Loudness { path: song.path.to_path_buf(), secs: song.secs });
            }
        }
    }

    /// Cancels the current measurement; returns whether there was one.
    pub fn call_back(&mut self) -> bool {
        let busy = self.idler.busy();
        if busy {
            self.idler.call_back();
        }
        busy
    }

    /// Handles a measurement.
    pub fn measured(&mut self, answer: (u64, Done), bench: &mut Bench, publisher: &mut Publisher) {
        let Some(Done { job, outcome }) = self.idler.accept(answer) else { return };
        let Some(track) = self.measuring.take() else { return };
        let path = job.path().to_path_buf();
        let loudness = match outcome {
            Outcome::Found(Found::Loudness(loudness)) => loudness,
            Outcome::Found(_) | Outcome::Each(_) => return bench.settle(path),
            outcome => {
                if matches!(outcome, Outcome::NoWorker(_)) {
                    self.unmeasured = Agenda::default();
                }
                match bench.trouble.blame(&path, outcome, &publisher.teller) {
                    // The rebuilt list will contain it.
                    Blame::Again => return bench.later_stale = true,
                    Blame::Later(_) | Blame::Gone => {
                        bench.trouble.aside.insert(track);
                        return;
                    }
                    Blame::File(_) => Loudness::default(),
                }
            }
        };
        let known = publisher.holds(&path, track).then_some((track, loudness));
        publisher.put_loudness(known, self.unmeasured.is_empty());
    }

    /// Updates a track's identity.
    pub fn rename(&mut self, from: TrackId, to: TrackId) {
        let own = self.describing.values_mut().chain(self.picturing.values_mut());
        own.filter(|track| **track == from).for_each(|track| *track = to);
    }
}
