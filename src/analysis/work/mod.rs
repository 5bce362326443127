//! The work on files: probing, listening and deferred jobs. Decides what workers do next and handles their results.

mod bench;
mod images;
mod later;
mod listening;
mod probes;
mod readers;
#[cfg(test)]
mod tests;
mod trouble;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crossbeam_channel::Receiver;
use jukebox_encoder::Input;

use self::bench::Bench;
use self::images::Images;
use self::later::Later;
use self::listening::Listening;
use self::probes::Probes;
use self::readers::Readers;
use self::trouble::Trouble;
use super::agenda::Agenda;
use super::embed::{EncoderAnswer, Finished};
use super::error::ThreadError;
use super::jobs::Job;
use super::messages::Options;
use super::model::{Model, Source};
use super::pool::{Done, Outcome};
use super::progress::Stage;
use super::publish::Publisher;
use super::shelf::Shelf;
use super::teller::Teller;
use crate::notice::Kind;
use crate::sound::trial;
use crate::track::TrackId;

pub(super) use self::bench::Wish;
pub(super) use self::trouble::is_doubtful;

/// Number of library images that a model is tried on.
const TRIED: usize = 16;
/// Messages of probes between two tracks that are listened to while something plays and tags are still being read: of
/// those that come first because of the seed, …
const NEAR_AFTER: usize = 1;
/// … and of the spread over the library, which gains by knowing more of it first.
const SPREAD_AFTER: usize = 16;

/// The running and pending work.
pub(super) struct Work {
    /// Whether tracks are listened to; otherwise only their tags are read.
    listen: bool,
    loudness: bool,
    /// The current tag-reading mark ([`FileRecord::is_outdated`](crate::store::FileRecord::is_outdated)).
    tags_mark: u16,
    /// The file being played: the files in its directory are probed first.
    playing: Option<PathBuf>,
    /// The last file played that the user chose: it and what is related to it are listened to first.
    seed: Option<PathBuf>,
    probes: Probes,
    /// Messages of probes since a track was last listened to.
    probes_since: usize,
    listening: Listening,
    later: Later,
    bench: Bench,
}

impl Work {
    /// Starts the worker threads for a model's input; each worker process is started by its first job.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(options: &Options, model: &Model, teller: &Teller) -> Result<Work, ThreadError> {
        let (images, fault) = Images::open(&options.paths, model.input());
        if let Some(text) = fault {
            teller.note(Kind::Error, text);
        }
        let readers = Readers::start(options.workers, options.tag_encoding)?;
        Ok(Work {
            listen: options.listen,
            loudness: options.loudness,
            tags_mark: options.tag_encoding.mark(),
            playing: None,
            seed: None,
            probes: Probes::default(),
            probes_since: 0,
            listening: Listening::start(options.device.clone())?,
            later: Later::start()?,
            bench: Bench { readers, images, trouble: Trouble::default(), wishes: Vec::new(), later_stale: true },
        })
    }

    /// Finished jobs, for [`Work::finish`].
    pub fn results(&self) -> Receiver<Done> {
        self.bench.readers.results()
    }

    /// Results of the encoder, for [`Work::take_answer`].
    pub fn answers(&self) -> Receiver<EncoderAnswer> {
        self.listening.answers()
    }

    /// Loudness measurements, for [`Work::measured`].
    pub fn measurements(&self) -> Receiver<(u64, Done)> {
        self.later.measurements()
    }

    /// Requests to other components since the last call, in order.
    pub fn take_wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.bench.wishes)
    }

    /// Whether files are being probed or waiting to be.
    pub fn is_probing(&self) -> bool {
        self.probes.pending() > 0
    }

    /// Whether a file's loudness is being measured.
    pub fn is_measuring(&self) -> bool {
        self.later.is_measuring()
    }

    /// Number of files probed since the start.
    pub fn probed(&self) -> usize {
        self.probes.done()
    }

    /// Whether every file found has been read and embedded, as far as possible.
    pub fn all_heard(&self) -> bool {
        !self.is_probing() && self.listening.is_done()
    }

    fn all_described(&self) -> bool {
        self.later.all_described() && !self.bench.later_stale
    }

    /// Whether nothing is running or pending. Loudness measurements do not count if the scan is `endless`.
    pub fn is_quiet(&self, endless: bool) -> bool {
        let measuring = !endless && (self.later.is_measuring() || self.later.to_measure() > 0);
        self.all_heard() && self.all_described() && self.bench.readers.are_idle() && !measuring
    }

    /// Whether the encoder cannot be run in this scan.
    pub fn is_encoder_down(&self) -> bool {
        self.listening.is_down()
    }

    /// The current stage and the number of files or tracks left in it. `scanning`: the directory is being walked;
    /// `again`: another encoder is embedding the library.
    pub fn stage(&self, scanning: bool, again: bool) -> (Stage, usize) {
        let listening = self.listening.left();
        match () {
            () if self.is_probing() => (Stage::ReadingTags, self.probes.pending()),
            () if listening > 0 && again => (Stage::ListeningAgain, listening),
            () if listening > 0 => (Stage::Listening, listening),
            () if scanning => (Stage::Scanning, 0),
            () if self.later.to_describe() > 0 => (Stage::Describing, self.later.to_describe()),
            () if self.later.to_picture() > 0 => (Stage::KeepingImages, self.later.to_picture()),
            () if self.later.is_measuring() => (Stage::MeasuringLoudness, self.later.to_measure() + 1),
            () => (Stage::Idle, 0),
        }
    }

    /// Gives priority to a file that is being played, and its directory; if the user chose it, also to what picks for
    /// it are made from.
    pub fn prefer(&mut self, path: PathBuf, chosen: bool) {
        if let Some(dir) = path.parent() {
            self.probes.prefer(dir);
        }
        // An automatic track says less about the next picks than what it was picked for.
        if chosen || self.seed.is_none() {
            self.seed = Some(path.clone());
        }
        self.playing = Some(path);
    }

    /// Queues a file for probing.
    pub fn probe(&mut self, path: PathBuf) {
        self.probes.add(path, directory(self.playing.as_ref()));
    }

    /// Rebuilds the list of tracks to listen to; it is empty unless `hear`.
    pub fn plan(&mut self, publisher: &Publisher, hear: bool) {
        self.bench.later_stale = true;
        if self.listening.is_down() || !hear || !self.listen {
            self.listening.agenda = Agenda::default();
            return;
        }
        let shelf = &publisher.shelf;
        let songs = publisher.catalog().songs().iter();
        // Truncated files that were heard in part are not excluded.
        let faulty: HashSet<TrackId> =
            songs.filter(|s| shelf.is_unheard(&s.path) && shelf.sound(s.track).is_none()).map(|s| s.track).collect();
        let left = |t| self.listening.has(t) || faulty.contains(&t) || self.bench.trouble.aside.contains(&t);
        let wanted = |t| !shelf.heard(t) && !left(t);
        self.listening.agenda = Agenda::for_picks(publisher.catalog(), self.seed.as_deref(), wanted);
    }

    /// Keeps every worker busy. `busy`: the watch may find more files, so deferred jobs have to wait.
    pub fn feed(&mut self, shelf: &Shelf, busy: bool) {
        while self.bench.readers.want_work() {
            let Some(job) = self.next_job(shelf, busy) else { break };
            if !self.bench.readers.give(job) {
                break;
            }
        }
    }

    fn next_job(&mut self, shelf: &Shelf, busy: bool) -> Option<Job> {
        let first = directory(self.playing.as_ref());
        // What plays has its directory's tags read before anything else.
        let early = first.is_some() && !self.probes.next_is_in(first);
        let seed = if early { directory(self.seed.as_ref()) } else { None };
        let job = seed.and_then(|dir| self.listening.take_in(Some(dir), shelf, &self.bench.images));
        let job = job.or_else(|| self.bench.readers.take_repeated());
        let job = job.or_else(|| if early { self.take_between(shelf) } else { None });
        let job = job.or_else(|| {
            let probes = self.probes.take(self.bench.readers.count());
            self.probes_since += usize::from(probes.is_some());
            probes
        });
        let job = job.or_else(|| self.listening.take(shelf, &self.bench.images));
        if job.is_some() || busy || !self.all_heard() {
            return job;
        }
        self.later.take_describe(shelf).or_else(|| self.later.take_picture(&self.bench.images))
    }

    /// A track to listen to before the next probes, so that picks can be made while tags are still being read.
    fn take_between(&mut self, shelf: &Shelf) -> Option<Job> {
        let after = if self.listening.agenda.is_near() { NEAR_AFTER } else { SPREAD_AFTER };
        if self.probes_since < after {
            return None;
        }
        let job = self.listening.take(shelf, &self.bench.images)?;
        self.probes_since = 0;
        Some(job)
    }

    /// Handles the result of a job. `apart` says whether a cue sheet splits a file, so that it is no track by itself.
    pub fn finish(&mut self, done: Done, apart: impl Fn(&Path) -> bool, publisher: &mut Publisher) {
        self.bench.readers.finish();
        let (bench, outcome) = (&mut self.bench, done.outcome);
        match done.job {
            Job::Probe { path } => self.finish_probe(path, outcome, &apart, publisher),
            Job::Probes { paths } => {
                if let Outcome::Each(outcomes) = outcome {
                    for (path, outcome) in paths.into_iter().zip(outcomes) {
                        self.finish_probe(path, outcome, &apart, publisher);
                    }
                }
            }
            Job::Listen { path, input, .. } if self.later.is_picturing(&path) => {
                self.later.pictured(path, input, outcome, bench, publisher);
            }
            Job::Listen { path, secs, input } => self.listening.finish(path, (secs, input), outcome, bench, publisher),
            Job::Describe { path, .. } => self.later.described(path, outcome, bench, publisher),
            // Loudness is measured by a worker with its own channel; the others are only requested elsewhere.
            Job::Loudness { .. }
            | Job::Draw { .. }
            | Job::Views { .. }
            | Job::Cover { .. }
            | Job::Picture { .. }
            | Job::Lyrics { .. }
            | Job::Open { .. }
            | Job::Trace { .. } => {}
        }
    }

    fn finish_probe(
        &mut self,
        path: PathBuf,
        outcome: Outcome,
        apart: &impl Fn(&Path) -> bool,
        publisher: &mut Publisher,
    ) {
        if apart(&path) {
            // Its cue sheet appeared while it was being read.
            self.probes.leave(&path);
            return publisher.gone(&path);
        }
        let first = directory(self.playing.as_ref());
        self.probes.finish(path, outcome, first, self.tags_mark, &mut self.bench, publisher);
    }

    /// Sends what is ready to the encoder.
    pub fn embed(&mut self, model: &Model) {
        self.listening.embed(model, self.bench.readers.are_idle());
    }

    /// Has a model encode some images of the library and some fixed ones.
    pub fn try_out(&mut self, model: Source, input: Input) {
        let mut images = self.bench.images.sample(input, TRIED);
        images.extend(trial::images(input.bands(), input.steps()));
        self.listening.try_out(model, images);
    }

    /// Updates the state when the encoder answers, before the answer is processed.
    pub fn take_answer(&mut self, answer: &mut EncoderAnswer) {
        self.listening.take_answer(answer);
    }

    /// Handles the result of a batch. `model` is the one in use now.
    pub fn embedded(&mut self, finished: Finished, model: &Model, publisher: &mut Publisher) {
        self.listening.embedded(finished, model, &mut self.bench, publisher);
    }

    /// Rebuilds the lists of deferred jobs if they are stale.
    pub fn look_back(&mut self, publisher: &Publisher) {
        if std::mem::take(&mut self.bench.later_stale) {
            let asked = (self.listen, self.loudness);
            self.later.draw_up(asked, self.playing.as_deref(), &self.bench, publisher);
        }
    }

    /// Whether [`Work::look_back`] has anything to do.
    pub fn is_later_stale(&self) -> bool {
        self.bench.later_stale
    }

    /// Measures the next file's loudness when there is nothing else to do, and aborts the current measurement when
    /// there is. `busy` as in [`Work::feed`].
    pub fn measure(&mut self, shelf: &Shelf, busy: bool) {
        if !busy && self.all_heard() && self.all_described() {
            self.later.measure(shelf);
        } else if self.later.call_back() {
            self.bench.later_stale = true;
        }
    }

    /// Handles a measurement.
    pub fn measured(&mut self, answer: (u64, Done), publisher: &mut Publisher) {
        self.later.measured(answer, &mut self.bench, publisher);
    }

    /// Reports, once per scan, that a required process cannot be run.
    pub fn tell_no_worker(&mut self, why: String, teller: &Teller) {
        self.bench.trouble.tell_no_worker(why, teller);
    }

    /// Updates a track's identity.
    pub fn rename(&mut self, from: TrackId, to: TrackId, teller: &Teller) {
        self.listening.rename(from, to);
        self.later.rename(from, to);
        self.bench.rename(from, to, teller);
    }

    /// After a scan of the directory: retries what failed for reasons outside of the files. Returns whether there was
    /// anything.
    pub fn try_again(&mut self) -> bool {
        let failed = self.bench.trouble.forget() | self.listening.revive();
        self.bench.later_stale |= self.bench.images.reopen();
        failed
    }

    /// Allows the encoder to be run again; returns whether it had been disabled.
    pub fn revive(&mut self) -> bool {
        self.listening.revive()
    }

    /// Switches to another encoder, which may succeed where the last one failed and may take other images.
    pub fn change_encoder(&mut self, model: &Model, teller: &Teller) {
        self.listening.revive();
        self.bench.trouble.aside.clear();
        if model.input() != self.bench.input() {
            self.listening.forget_images();
            self.bench.later_stale = true;
            let fault = self.bench.images.change(model.input());
            fault.into_iter().for_each(|text| teller.note(Kind::Error, text));
        }
    }
}

/// The directory of the file being played.
fn directory(playing: Option<&PathBuf>) -> Option<&Path> {
    playing.and_then(|path| path.parent())
}
