//! What is done when everything has been heard: descriptors of tracks that have none (an older jukebox heard them, or their
//! images were in the cache), images that the cache lacks (it was deleted, or could not be written), then the loudness of
//! whole files, one at a time and only while there is nothing else.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crossbeam_channel::Receiver;
use jukebox_encoder::Input;

use super::bench::Bench;
use super::images::Images;
use super::trouble::Blame;
use crate::analysis::agenda::Agenda;
use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{self, Done, Idler, Outcome};
use crate::analysis::publish::Publisher;
use crate::analysis::shelf::Shelf;
use crate::sound::{Descriptors, Loudness};
use crate::track::TrackId;

/// The work that can wait.
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
    /// When it cannot be started.
    pub fn start() -> Result<Later, String> {
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

    /// Draws up what is left to be done: for sound (descriptors and images) if `listen`, and for `loudness`.
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
        // Whoever makes images describes as well.
        let lacks = |t| bench.images.lack(t);
        let undescribed = |t| waits(t) && !shelf.described(t) && !at_work(&self.describing, t) && !lacks(t);
        let unpictured = |t| waits(t) && lacks(t) && !at_work(&self.picturing, t);
        let to_do = |asked: bool, wanted: &dyn Fn(TrackId) -> bool| match asked {
            true => Agenda::new(catalog, playing, wanted),
            false => Agenda::default(),
        };
        (self.undescribed, self.unpictured) = (to_do(listen, &undescribed), to_do(listen, &unpictured));
        self.unmeasured = to_do(loudness, &|t| waits(t) && !shelf.measured(t));
    }

    /// How many tracks are to be described or are being described.
    pub fn to_describe(&self) -> usize {
        self.undescribed.len() + self.describing.len()
    }

    /// How many tracks lack images or are being given some.
    pub fn to_picture(&self) -> usize {
        self.unpictured.len() + self.picturing.len()
    }

    /// How many tracks wait to be measured.
    pub fn to_measure(&self) -> usize {
        self.unmeasured.len()
    }

    /// Whether a file is being measured.
    pub fn is_measuring(&self) -> bool {
        self.idler.busy()
    }

    /// Whether everything is described and has its images, as far as that can be.
    pub fn all_described(&self) -> bool {
        self.to_describe() == 0 && self.to_picture() == 0
    }

    /// The next track to be described.
    pub fn take_describe(&mut self, shelf: &Shelf) -> Option<Job> {
        loop {
            let song = self.undescribed.take()?;
            if !shelf.described(song.track) && !self.describing.contains_key(&*song.path) {
                self.describing.insert(song.path.to_path_buf(), song.track);
                return Some(Job::Describe { path: song.path.to_path_buf(), secs: song.secs });
            }
        }
    }

    /// The next track whose images are to be made.
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

    /// Takes in the result of [`Later::take_describe`].
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
                    // It was heard once and cannot be now: nothing is known of it, and it is not asked again.
                    Blame::File(_) => Descriptors::default(),
                }
            }
        };
        if publisher.holds(&path, track) {
            publisher.put_sound(track, sound);
        }
    }

    /// Whether a file is read for its images alone; [`Later::pictured`] is to be called with its result.
    pub fn is_picturing(&self, path: &Path) -> bool {
        self.picturing.contains_key(path)
    }

    /// Takes in the result of [`Later::take_picture`], images of this kind.
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
            // Another encoder listens meanwhile, which hears other images.
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
            // The track has its latent: missing images are no fault, and are only looked for again at the next scan.
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

    /// Measures the next file, unless one is being measured.
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

    /// Gives up the file that is being measured; whether there was one.
    pub fn call_back(&mut self) -> bool {
        let busy = self.idler.busy();
        if busy {
            self.idler.call_back();
        }
        busy
    }

    /// Takes in a measurement.
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
                    // It is among those that are drawn up anew.
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

    /// A track has another identity now.
    pub fn rename(&mut self, from: TrackId, to: TrackId) {
        let own = self.describing.values_mut().chain(self.picturing.values_mut());
        own.filter(|track| **track == from).for_each(|track| *track = to);
    }
}
