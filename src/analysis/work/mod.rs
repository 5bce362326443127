//! The work on files: probing, listening, and what can wait. Decides what the workers do next and takes in their results.

mod bench;
mod images;
mod later;
mod listening;
mod probes;
mod readers;
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
use super::embed::{Finished, Outcome as Encoded};
use super::jobs::Job;
use super::messages::Options;
use super::model::{Model, Source};
use super::pool::{Done, Outcome};
use super::progress::Stage;
use super::publish::Publisher;
use super::shelf::Shelf;
use super::teller::Teller;
use crate::sound::trial;
use crate::track::TrackId;

pub(super) use self::bench::Wish;
pub(super) use self::trouble::is_doubtful;

/// Images of the library that a model is tried on.
const TRIED: usize = 16;

/// The work that is being done and that waits.
pub(super) struct Work {
    /// Tracks are listened to; otherwise only their tags are read.
    listen: bool,
    loudness: bool,
    /// How tags are read now ([`FileRecord::is_outdated`](crate::store::FileRecord::is_outdated)).
    tags_mark: u16,
    /// The file that plays: it and its album go first.
    playing: Option<PathBuf>,
    probes: Probes,
    listening: Listening,
    later: Later,
    bench: Bench,
}

impl Work {
    /// Starts the workers' threads, which listen for a model; the processes are started by their first jobs.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(options: &Options, model: &Model, teller: &Teller) -> Result<Work, String> {
        let (images, fault) = Images::open(&options.paths, model.input());
        if let Some(text) = fault {
            teller.note(true, text);
        }
        let readers = Readers::start(options.workers, options.tag_encoding)?;
        Ok(Work {
            listen: options.listen,
            loudness: options.loudness,
            tags_mark: options.tag_encoding.mark(),
            playing: None,
            probes: Probes::default(),
            listening: Listening::start(options.device.clone())?,
            later: Later::start()?,
            bench: Bench { readers, images, trouble: Trouble::default(), wishes: Vec::new(), later_stale: true },
        })
    }

    /// Finished jobs, for [`Work::finish`].
    pub fn results(&self) -> Receiver<Done> {
        self.bench.readers.results()
    }

    /// Answers of the encoder, for [`Work::take_answer`].
    pub fn answers(&self) -> Receiver<Encoded> {
        self.listening.answers()
    }

    /// Measurements, for [`Work::measured`].
    pub fn measurements(&self) -> Receiver<(u64, Done)> {
        self.later.measurements()
    }

    /// What results have asked of others since this was called last, in order.
    pub fn take_wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.bench.wishes)
    }

    /// Whether files are being probed or wait for it.
    pub fn is_probing(&self) -> bool {
        self.probes.pending() > 0
    }

    /// Whether a file's loudness is being measured.
    pub fn is_measuring(&self) -> bool {
        self.later.is_measuring()
    }

    /// How many files have been probed since the start.
    pub fn probed(&self) -> usize {
        self.probes.done()
    }

    /// Whether every file that was found has been read and heard, as far as that can be.
    pub fn all_heard(&self) -> bool {
        !self.is_probing() && self.listening.is_done()
    }

    fn all_described(&self) -> bool {
        self.later.all_described() && !self.bench.later_stale
    }

    /// Whether nothing is being done or waits to be done. Measuring does not count if it is `endless`.
    pub fn is_quiet(&self, endless: bool) -> bool {
        let measuring = !endless && (self.later.is_measuring() || self.later.to_measure() > 0);
        self.all_heard() && self.all_described() && self.bench.readers.are_idle() && !measuring
    }

    /// Whether the encoder cannot be run in this scan.
    pub fn is_encoder_down(&self) -> bool {
        self.listening.is_down()
    }

    /// What is being done, and how many files or tracks of it are left. `scanning`: the directory is being walked; `again`:
    /// another encoder hears the library.
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

    /// This file plays.
    pub fn prefer(&mut self, path: PathBuf) {
        if let Some(dir) = path.parent() {
            self.probes.prefer(dir);
        }
        self.playing = Some(path);
    }

    /// Has a file probed.
    pub fn probe(&mut self, path: PathBuf) {
        self.probes.add(path, directory(self.playing.as_ref()));
    }

    /// Draws up anew what is to be heard: nothing, unless `hear`.
    pub fn plan(&mut self, publisher: &Publisher, hear: bool) {
        self.bench.later_stale = true;
        if self.listening.is_down() || !hear || !self.listen {
            self.listening.agenda = Agenda::default();
            return;
        }
        let shelf = &publisher.shelf;
        let songs = publisher.catalog().songs().iter();
        // What was heard in part, because it is cut short, can be heard again.
        let faulty: HashSet<TrackId> = songs
            .filter(|s| shelf.file(&s.path).is_some_and(|r| r.listen_fault.is_some()) && shelf.sound(s.track).is_none())
            .map(|s| s.track)
            .collect();
        let left = |t| self.listening.has(t) || faulty.contains(&t) || self.bench.trouble.aside.contains(&t);
        let wanted = |t| !shelf.heard(t) && !left(t);
        self.listening.agenda = Agenda::new(publisher.catalog(), self.playing.as_deref(), wanted);
    }

    /// Keeps every worker busy. `busy`: the watch may find more files, so that what can wait has to.
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
        let album = match first.is_some() && !self.probes.next_is_in(first) {
            true => self.listening.take_in(first, shelf, &self.bench.images),
            false => None,
        };
        let job = album.or_else(|| self.bench.readers.take_repeated());
        let job = job.or_else(|| self.probes.take(self.bench.readers.count()));
        let job = job.or_else(|| self.listening.take(shelf, &self.bench.images));
        if job.is_some() || busy || !self.all_heard() {
            return job;
        }
        self.later.take_describe(shelf).or_else(|| self.later.take_picture(&self.bench.images))
    }

    /// Takes in the result of a job. `apart` says whether a cue sheet takes a file apart, so that it is no track by itself.
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
            // Loudness is measured by a worker that answers by itself; the others are asked for elsewhere only.
            Job::Loudness { .. } | Job::Draw { .. } | Job::Extras { .. } | Job::Open { .. } => {}
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
            // Its sheet came while it was being read.
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

    /// Has a model of an input hear some images of the library, and some that are always the same.
    pub fn try_out(&mut self, model: Source, input: Input) {
        let mut images = self.bench.images.sample(input, TRIED);
        images.extend(trial::images(input.bands(), input.steps()));
        self.listening.try_out(model, images);
    }

    /// Takes note of an answer of the encoder, before it is looked into.
    pub fn take_answer(&mut self, answer: &mut Encoded) {
        self.listening.take_answer(answer);
    }

    /// Takes in what the encoder made of a batch. `model` is the one in use now.
    pub fn embedded(&mut self, finished: Finished, model: &Model, publisher: &mut Publisher) {
        self.listening.embedded(finished, model, &mut self.bench, publisher);
    }

    /// Draws up anew what can wait, if that has changed.
    pub fn look_back(&mut self, publisher: &Publisher) {
        if std::mem::take(&mut self.bench.later_stale) {
            let asked = (self.listen, self.loudness);
            self.later.draw_up(asked, self.playing.as_deref(), &self.bench, publisher);
        }
    }

    /// Whether [`Work::look_back`] has something to do.
    pub fn is_later_stale(&self) -> bool {
        self.bench.later_stale
    }

    /// Measures the next file when there is nothing else to do; gives up the one being measured when there is. `busy` as for
    /// [`Work::feed`].
    pub fn measure(&mut self, shelf: &Shelf, busy: bool) {
        if !busy && self.all_heard() && self.all_described() {
            self.later.measure(shelf);
        } else if self.later.call_back() {
            self.bench.later_stale = true;
        }
    }

    /// Takes in a measurement.
    pub fn measured(&mut self, answer: (u64, Done), publisher: &mut Publisher) {
        self.later.measured(answer, &mut self.bench, publisher);
    }

    /// Tells, once in a scan, that a process cannot be run that is needed.
    pub fn tell_no_worker(&mut self, why: String, teller: &Teller) {
        self.bench.trouble.tell_no_worker(why, teller);
    }

    /// A track has another identity now.
    pub fn rename(&mut self, from: TrackId, to: TrackId, teller: &Teller) {
        self.listening.rename(from, to);
        self.later.rename(from, to);
        self.bench.rename(from, to, teller);
    }

    /// The directory was looked through: what could not be done since the last time for reasons outside of the files is tried
    /// again. Whether that was anything.
    pub fn try_again(&mut self) -> bool {
        let failed = self.bench.trouble.forget() | self.listening.revive();
        self.bench.later_stale |= self.bench.images.reopen();
        failed
    }

    /// The encoder may run now; whether it could not.
    pub fn revive(&mut self) -> bool {
        self.listening.revive()
    }

    /// Another encoder listens from now on; it may do well where the last one failed, and may hear other images.
    pub fn change_encoder(&mut self, model: &Model, teller: &Teller) {
        self.listening.revive();
        self.bench.trouble.aside.clear();
        if model.input() != self.bench.input() {
            self.listening.forget_images();
            self.bench.later_stale = true;
            let fault = self.bench.images.change(model.input());
            fault.into_iter().for_each(|text| teller.note(true, text));
        }
    }
}

/// The directory of the file that plays.
fn directory(playing: Option<&PathBuf>) -> Option<&Path> {
    playing.and_then(|path| path.parent())
}
