//! The coordinator: one thread that owns the watch on the directory, the work on files and publishing, and passes
//! messages between them.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, select};

use super::embed::{EncoderAnswer, Finished};
use super::error::AnalysisError;
use super::messages::{Options, Order, Update};
use super::model::Model;
use super::publish::Publisher;
use super::shelf::Shelf;
use super::switch::{Look, Switch, Trial};
use super::teller::Teller;
use super::watch::{Scanned, Seen, Walked, Watch};
use super::work::{Wish, Work};
use crate::clock::SystemClock;
use crate::library::unsupported;
use crate::notice::Kind;
use crate::paths::Paths;
use crate::store::{Generation, StoreError, private};

/// How long to wait while another process holds the store.
pub const HELD: Duration = Duration::from_secs(3);
/// Loop interval while work is in progress.
const TURN: Duration = Duration::from_millis(250);
/// Added to the niceness of the coordinator's thread, far less than that of its workers, which wait for it.
const NICE: i32 = 5;
/// Loop interval while idle, if something has to be polled.
const IDLE_TURN: Duration = Duration::from_secs(2);

/// Runs until told to stop.
///
/// # Errors
/// It cannot start: another jukebox holds the store, or it cannot be created. Or what was found cannot be kept.
pub fn run(options: Options, orders: Receiver<Order>, updates: Sender<Update>) -> Result<(), AnalysisError> {
    Coordinator::new(options, Teller::new(updates))?.run(&orders)
}

/// Opens the store, waiting while a command holds it briefly for a query.
fn open(paths: &Paths, generation: Generation) -> Result<(Shelf, Vec<String>), StoreError> {
    let begun = Instant::now();
    loop {
        match Shelf::open(&paths.store(), generation.clone()) {
            Err(StoreError::Held { .. }) if begun.elapsed() < HELD => std::thread::sleep(Duration::from_millis(50)),
            done => return done,
        }
    }
}

struct Coordinator {
    options: Options,
    watch: Watch,
    work: Work,
    publisher: Publisher,
    switch: Switch,
    /// Whether everything had been embedded at the end of the last turn.
    heard: bool,
    /// Whether the coordinator was idle at the end of the last turn.
    idle: bool,
}

impl Coordinator {
    fn new(options: Options, teller: Teller) -> Result<Coordinator, AnalysisError> {
        let (switch, fault) = Switch::new(&options)?;
        fault.into_iter().for_each(|why| teller.note(Kind::Error, why.to_string()));
        let (shelf, notes) = open(&options.paths, switch.model.generation()?)
            .map_err(|cause| AnalysisError::Store { store: options.paths.store(), cause })?;
        notes.into_iter().for_each(|text| teller.note(Kind::Error, text));
        let clock = SystemClock::new();
        Ok(Coordinator {
            watch: Watch::new(&options, Box::new(clock.clone())),
            work: Work::start(&options, &switch.model, &teller)?,
            publisher: Publisher::new(options.root.clone(), shelf, teller, Box::new(clock)),
            switch,
            options,
            heard: false,
            idle: false,
        })
    }

    fn run(mut self, orders: &Receiver<Order>) -> Result<(), AnalysisError> {
        // On Linux a niceness is that of a thread: this one makes catalogs and spaces while the user moves a cursor. The
        // threads of the workers run already, so theirs stays. It works without the priority too.
        let _ = rustix::process::nice(NICE);
        // Publish what is stored first: setting a watch on every directory takes time. Faults are sent before the
        // catalog, so that a resumed session does not open faulty files.
        self.pass_on();
        self.publisher.tell_known_faults();
        if self.options.listen && self.publisher.shelf.heard_nothing() {
            let doubted = self.switch.doubt();
            doubted.into_iter().for_each(|model| self.try_model(model));
        }
        if self.publisher.publish_catalog() {
            self.plan();
        }
        // Watch first, then scan: either of them sees a change in between.
        if self.options.watch {
            // The directory must exist to be watched. An error is reported when a model is written.
            let _ = private::dir(&self.options.paths.models());
            self.watch.look_around(&Model::file(&self.options.paths));
        }
        self.watch.rescan(&self.publisher.shelf);
        self.pass_on();
        self.publish(true);
        let slimmed = self.publisher.shelf.slim();
        slimmed.map_err(|cause| AnalysisError::Store { store: self.options.paths.store(), cause })?;
        loop {
            // Cloning a receiver costs a reference count; it lets `self` be borrowed in the arms.
            let (done, encoded, measured) = (self.work.results(), self.work.answers(), self.work.measurements());
            let (walked, dirty, stirred) = (self.watch.walks(), self.watch.events(), self.watch.stirs());
            select! {
                recv(orders) -> order => match order {
                    Ok(Order::Prefer { path, chosen }) => { self.work.prefer(path, chosen); self.plan(); }
                    Ok(Order::Suspect { path, missing }) => {
                        self.publisher.teller.note_fault(path.clone());
                        self.watch.suspect(path, missing);
                    }
                    Ok(Order::Rescan(number)) => {
                        self.look_for_model(true);
                        self.watch.rescan_for(number, &self.publisher.shelf);
                    }
                    Ok(Order::Stop) | Err(_) => break,
                },
                recv(done) -> d => if let Ok(d) = d {
                    self.work.finish(d, |path| self.watch.takes_apart(path), &mut self.publisher);
                },
                recv(encoded) -> e => if let Ok(e) = e { self.encoded(e) },
                recv(measured) -> m => if let Ok(m) = m { self.work.measured(m, &mut self.publisher) },
                recv(walked) -> w => if let Ok(w) = w { self.walked(w) },
                recv(dirty) -> d => if let Ok(d) = d { self.watch.dirtied(d, &self.publisher.shelf) },
                recv(stirred) -> s => {
                    self.look_for_model(true);
                    self.watch.stirred(s.is_ok(), &self.publisher.shelf);
                }
                default(self.patience()) => {}
            }
            self.pass_on();
            self.turn();
        }
        self.publisher.shelf.flush().map_err(AnalysisError::Unkept)
    }

    /// How long the loop may wait for a message.
    fn patience(&self) -> Duration {
        if !self.idle || self.work.is_measuring() || self.publisher.is_stale() {
            return TURN;
        }
        match self.watch.patience() {
            Some(patience) if !self.publisher.is_unwritten() => patience + TURN,
            _ => IDLE_TURN,
        }
    }

    /// Housekeeping in every turn of the loop.
    fn turn(&mut self) {
        self.look_for_model(false);
        self.watch.look_for_root(false, &self.publisher.shelf);
        self.watch.look_for_the_lost(&self.publisher.shelf, self.publisher.catalog());
        self.watch.settle(&self.publisher.shelf);
        self.pass_on();
        self.feed();
        self.work.embed(&self.switch.model);
        self.publish(false);
        self.tell_scanned();
        self.publisher.flush();
        if self.all_heard() && (self.publisher.is_catalog_stale() || self.work.is_later_stale()) {
            // The last findings may require work that is not planned yet.
            self.publish(true);
            self.work.look_back(&self.publisher);
            self.feed();
        }
        self.work.measure(&self.publisher.shelf, self.watch.is_busy());
        // Once the next work was given out: between two files there is no idleness to tell of.
        self.progress(false);
        let heard = self.all_heard();
        if heard && !self.heard {
            if !self.work.is_encoder_down() && self.publisher.complete() {
                self.publish(true);
                self.publisher.teller.note(Kind::Hint, format!("now in use: {}", self.switch.model.name()));
            }
            // Scanning and analysis have left free memory in the allocator.
            jukebox_encoder::memory::give_back();
        }
        self.heard = heard;
        let idle = !self.watch.is_busy() && self.work.is_quiet(self.options.watch);
        if idle && !self.idle {
            self.publish(true);
            self.progress(true);
            self.publisher.teller.tell(Update::Idle);
        }
        self.idle = idle;
        self.watch.reconcile(idle, !self.work.is_probing(), &self.publisher.shelf);
    }

    /// Whether files may still be found or read.
    fn is_reading(&self) -> bool {
        self.watch.is_busy() || self.work.is_probing()
    }

    /// Whether every file has been read and embedded, as far as possible.
    fn all_heard(&self) -> bool {
        !self.watch.is_busy() && self.work.all_heard()
    }

    fn feed(&mut self) {
        self.work.feed(&self.publisher.shelf, self.watch.is_busy());
    }

    fn plan(&mut self) {
        self.work.plan(&self.publisher, self.switch.may_listen());
    }

    fn publish(&mut self, now: bool) {
        if self.publisher.publish(now, self.is_reading(), &self.switch.model) {
            self.plan();
        }
    }

    fn progress(&mut self, now: bool) {
        let (stage, left) = self.work.stage(self.watch.is_walking(), self.publisher.shelf.is_changing());
        self.publisher.progress(stage, left, self.work.probed(), &self.switch.model, now);
    }

    /// Reports a complete scan of the library once everything found has been read: what is not in the catalog by then
    /// did not exist when the scan began.
    fn tell_scanned(&mut self) {
        if !self.is_reading()
            && let Some(Scanned { unsure, asked }) = self.watch.take_scanned()
        {
            self.publish(true);
            self.publisher.scanned(unsure, asked);
        }
    }

    /// Passes on the findings of the watch, the requests of the work, and renamed identities.
    fn pass_on(&mut self) {
        for wish in self.work.take_wishes() {
            match wish {
                Wish::Settle(path) => self.watch.look_at(path),
                Wish::TakeApart(file, pieces) => self.watch.take_apart(file, pieces),
                Wish::Plan => self.plan(),
            }
        }
        for seen in self.watch.take_seen() {
            match seen {
                Seen::Changed(path) => self.work.probe(path),
                Seen::Back(path) => self.publisher.back(&path),
                Seen::Gone(path) => self.publisher.gone(&path),
                Seen::Fault(path, why) => self.publisher.teller.fault(path, why),
                Seen::Well(path) => self.publisher.teller.well(&path),
                Seen::Cover(dir) => self.publisher.teller.tell(Update::Cover(dir)),
                Seen::Unsupported(files) => self.publisher.teller.tell(Update::Unsupported(files)),
                Seen::Note { kind, text } => self.publisher.teller.note(kind, text),
            }
        }
        for (from, to) in self.publisher.take_renamed() {
            self.work.rename(from, to, &self.publisher.teller);
        }
    }

    fn walked(&mut self, walked: Walked) {
        let whole = self.watch.is_whole(&walked);
        if whole {
            let failed = self.work.try_again();
            match self.switch.take_untried() {
                Some(model) => self.try_model(model),
                None => self.look_for_model(true),
            }
            if failed {
                self.plan();
            }
        }
        let seen = whole && !walked.report.root_missing;
        self.watch.walked(walked, &self.publisher.shelf, self.publisher.teller.faulty());
        self.pass_on();
        if seen {
            let Options { paths, root, .. } = &self.options;
            // On a full disk they are counted again by the next scan.
            let _ = unsupported::keep(&paths.unsupported_of(root), root, &self.watch.unsupported().counts);
        }
        if whole {
            self.publisher.forget_tombstones();
        }
    }

    /// Handles an answer of the encoder's process.
    fn encoded(&mut self, mut answer: EncoderAnswer) {
        self.work.take_answer(&mut answer);
        let (EncoderAnswer::Embedded(Finished { note, .. }) | EncoderAnswer::Tried { note, .. }) = &answer;
        if let Some(text) = note {
            self.publisher.teller.note(Kind::Obstacle, text.clone());
        }
        match answer {
            EncoderAnswer::Embedded(finished) => {
                if finished.outcome.is_err() {
                    // The model may have been replaced while it was loaded, which is no failure.
                    self.look_for_model(true);
                }
                self.work.embedded(finished, &self.switch.model, &mut self.publisher);
            }
            EncoderAnswer::Tried { model, verdict, .. } => match self.switch.tried(&model, verdict) {
                Trial::Stale => {}
                Trial::Good => self.plan(),
                Trial::Proven => self.use_proven(),
                Trial::Unfit(text) => {
                    self.publisher.teller.note(Kind::Error, text);
                    self.use_proven();
                }
                Trial::Untried(why) => self.work.tell_no_worker(why, &self.publisher.teller),
            },
        }
    }

    /// Checks for another model, because of `now` or when due, and has it tried.
    fn look_for_model(&mut self, now: bool) {
        if !self.switch.is_due(now) {
            return;
        }
        self.use_proven();
        match self.switch.look() {
            Look::Same => {}
            Look::Rewritten => {
                if self.work.revive() {
                    self.plan();
                }
            }
            Look::Another(model) => self.try_model(*model),
            // The model in use stays.
            Look::Unusable(why) => self.publisher.teller.note(Kind::Error, why.to_string()),
        }
    }

    fn try_model(&mut self, model: Model) {
        let (source, input) = (model.source(), model.input());
        if self.switch.take_up(model) {
            self.work.try_out(source, input);
        } else {
            self.use_proven();
        }
    }

    /// Switches to a usable model. If the store does not allow it now, the model waits.
    fn use_proven(&mut self) {
        let Some(model) = self.switch.take_proven() else { return };
        if !self.publisher.change_model(&model, &self.switch.model) {
            return self.switch.wait(model);
        }
        self.switch.model = model;
        self.work.change_encoder(&self.switch.model, &self.publisher.teller);
        (self.heard, self.idle) = (false, false);
        self.plan();
    }
}
