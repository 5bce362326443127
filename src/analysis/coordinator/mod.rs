//! The coordinator: owns what is known, decides what is read next, and tells the rest of the program.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, select};

use self::around::Around;
use crate::analysis::agenda::Agenda;
use crate::analysis::embed::{self, Heard, Task};
use crate::analysis::jobs::Job;
use crate::analysis::messages::{Options, Order, Update};
use crate::analysis::model::Model;
use crate::analysis::pool::{self, Done, Idler};
use crate::analysis::progress::Meter;
use crate::analysis::progress::Progress;
use crate::analysis::shelf::Shelf;
use crate::clock::SystemClock;
use crate::library::Catalog;
use crate::library::scan::WalkReport;
use crate::library::settle::Settler;
use crate::library::watch::{Dirty, Watcher};
use crate::paths::Paths;
use crate::store::{FileRecord, Generation, Outcome, StoreError, StrobeCache};
use crate::track::{FileFault, Stat, TrackId};
use crate::worker::Quarantine;

/// Reconcile with the directory this often while idle: events are hints, never the truth.
const RECONCILE: Duration = Duration::from_secs(15 * 60);
/// How long to wait for whoever holds the store.
pub const HELD: Duration = Duration::from_secs(3);
/// Tracks embedded at once, when that many are ready.
const BATCH: usize = 8;
/// How long a track may wait for company.
const LINGER: Duration = Duration::from_millis(400);
const PUBLISH: Duration = Duration::from_millis(700);

/// What a walk found.
struct Walked {
    dir: PathBuf,
    report: WalkReport,
    /// Sorted by [`scan::order`](crate::library::scan::order), each once.
    found: Vec<(PathBuf, Stat)>,
}

mod around;
mod away;
mod changing;
mod directory;
mod later;
mod pictures;
mod reading;
mod sheets;
mod telling;
mod trouble;

/// Runs until told to stop.
///
/// # Errors
/// One line for the user when it cannot begin at all: the store is held by another jukebox, or cannot be made.
pub fn run(options: Options, orders: Receiver<Order>, updates: Sender<Update>) -> Result<(), String> {
    // Looked at before it is read: what changes in between is noticed.
    let model_file = changing::stat(&options.paths);
    let model = match Model::in_use(&options.paths) {
        Ok(model) => model,
        Err(e) => {
            let _ = updates.send(Update::Note { error: true, text: e });
            Model::shipped()?
        }
    };
    let (shelf, notes) =
        open(&options.paths, model.generation()?).map_err(|e| format!("{}: {e}", options.paths.store().display()))?;
    for text in notes {
        let _ = updates.send(Update::Note { error: true, text });
    }
    let cache = match StrobeCache::open(&options.paths.strobes()) {
        Ok(cache) => Some(cache),
        Err(e) => {
            let text = format!("{}: no strobe cache: {e}", options.paths.strobes().display());
            let _ = updates.send(Update::Note { error: true, text });
            None
        }
    };
    Coordinator::new(options, (model, model_file), shelf, cache, updates)?.run(&orders)
}

/// Opens the store. A command that asks it something holds it for a moment; that is waited for.
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
    clock: SystemClock,
    model: Model,
    /// The user's model file as it was when it was read; `None` where there was none.
    model_file: Option<Stat>,
    model_looked_at: Instant,
    /// A model that is being tried before it is used.
    trying: Option<Model>,
    /// One that can serve, until the store takes it.
    proven: Option<Model>,
    /// The model in use was not tried yet, and has heard nothing: so long nothing is heard.
    unproven: bool,
    /// The encoder could not be run to try one: it is tried again at the next scan.
    untried: bool,
    shelf: Shelf,
    cache: Option<StrobeCache>,
    updates: Sender<Update>,
    catalog: Arc<Catalog>,
    catalog_stale: bool,
    space_stale: bool,
    loudness_stale: bool,
    published: Instant,
    publish_cost: Duration,
    playing: Option<PathBuf>,
    probes: VecDeque<PathBuf>,
    probing: HashSet<PathBuf>,
    /// Files looked at since the start, and how many of them were when there was nothing to do last.
    probes_done: usize,
    probes_told: usize,
    /// Files whose fault was told.
    faulty: HashSet<PathBuf>,
    /// How often the reader of a file died over it in this scan.
    struck: Quarantine,
    /// Tracks that could not be heard in this scan.
    aside: HashSet<TrackId>,
    /// Jobs that are to be done once more, before all others.
    once_more: VecDeque<Job>,
    /// No worker can be run; said once in a scan.
    no_worker: bool,
    /// Those of them that were not there when they were looked at, and when that was last.
    away: HashSet<PathBuf>,
    /// When files were found to be gone first since the catalog was published.
    vanished: Option<Instant>,
    away_seen: Instant,
    /// Something could not be watched; said once.
    blind: bool,
    agenda: Agenda,
    listening: HashSet<TrackId>,
    /// The files that workers listen to, each with the track that it was when that began.
    hearing: HashMap<PathBuf, TrackId>,
    /// Former identities and what they have become: of tracks that are at the encoder.
    renamed: HashMap<TrackId, TrackId>,
    /// Tracks that were heard before there were descriptors, or these: for when everything else is done.
    undescribed: Agenda,
    describing: HashMap<PathBuf, TrackId>,
    /// Tracks that were heard and are not in the strobe cache.
    unpictured: Agenda,
    picturing: HashMap<PathBuf, TrackId>,
    unmeasured: Agenda,
    idler: Idler,
    measuring: Option<TrackId>,
    /// Loudness measured since the space was published.
    untold: usize,
    /// `undescribed`, `unpictured` and `unmeasured` are to be drawn up anew.
    later_stale: bool,
    settler: Settler,
    jobs: Sender<Job>,
    done: Receiver<Done>,
    in_flight: usize,
    capacity: usize,
    ready: Heard,
    ready_since: Option<Instant>,
    tasks: Sender<Task>,
    encoded: Receiver<embed::Outcome>,
    /// Batches and trials at the encoder.
    embedding: usize,
    encoder_down: bool,
    walks: Sender<Walked>,
    walked: Receiver<Walked>,
    walking: usize,
    walked_at: Option<Instant>,
    rewalk: bool,
    /// What a walk of the whole library was not sure of; told once everything that it found has been read.
    scanned: Option<Vec<PathBuf>>,
    /// Directories with cue sheets in them; files that a sheet takes apart, each with the sheet.
    sheeted: HashSet<PathBuf>,
    apart: HashMap<PathBuf, PathBuf>,
    watcher: Option<Watcher>,
    // Kept although nobody else may send: a channel without senders is ready for ever, and the loop would spin.
    dirty_tx: Sender<Dirty>,
    dirty: Receiver<Dirty>,
    meter: Meter,
    last_progress: Progress,
    flushed: Instant,
    write_fault: bool,
    /// Everything has been heard.
    heard: bool,
    idle: bool,
    /// Which directory the root was when last looked, and when that was.
    root: Option<(u64, u64)>,
    root_seen: Instant,
    /// Tells when either may have changed, and the model; without it they are looked at every so often.
    around: Option<Around>,
}

/// How often the loop turns when nothing comes, while something is being done.
const TURN: Duration = Duration::from_millis(250);
/// While nothing is and nobody tells what changes around the library.
const IDLE_TURN: Duration = Duration::from_secs(2);

impl Coordinator {
    fn new(
        options: Options,
        (model, model_file): (Model, Option<Stat>),
        shelf: Shelf,
        cache: Option<StrobeCache>,
        updates: Sender<Update>,
    ) -> Result<Coordinator, String> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let capacity = if options.workers == 0 { cores.saturating_sub(1).max(1) } else { options.workers };
        let (jobs, todo) = crossbeam_channel::unbounded();
        let (done_tx, done) = crossbeam_channel::unbounded();
        pool::start(capacity, &pool::reader(options.tag_encoding), &todo, &done_tx)?;
        let (tasks, given) = crossbeam_channel::unbounded();
        let (encoded_tx, encoded) = crossbeam_channel::unbounded();
        embed::start(options.device.clone(), given, encoded_tx)?;
        let (walks, walked) = crossbeam_channel::unbounded();
        let (dirty_tx, dirty) = crossbeam_channel::unbounded();
        let now = Instant::now();
        let root = directory::identity(&options.root);
        Ok(Coordinator {
            options,
            clock: SystemClock::new(),
            model,
            model_file,
            model_looked_at: now,
            trying: None,
            proven: None,
            unproven: false,
            untried: false,
            shelf,
            cache,
            updates,
            catalog: Arc::default(),
            catalog_stale: true,
            space_stale: true,
            loudness_stale: true,
            published: now,
            publish_cost: Duration::ZERO,
            playing: None,
            probes: VecDeque::new(),
            probing: HashSet::new(),
            probes_done: 0,
            probes_told: 0,
            faulty: HashSet::new(),
            struck: Quarantine::default(),
            aside: HashSet::new(),
            once_more: VecDeque::new(),
            no_worker: false,
            away: HashSet::new(),
            vanished: None,
            away_seen: now,
            blind: false,
            agenda: Agenda::default(),
            listening: HashSet::new(),
            hearing: HashMap::new(),
            renamed: HashMap::new(),
            undescribed: Agenda::default(),
            describing: HashMap::new(),
            unpictured: Agenda::default(),
            picturing: HashMap::new(),
            unmeasured: Agenda::default(),
            idler: Idler::start("listen-idle", pool::spec("listen"))?,
            measuring: None,
            untold: 0,
            later_stale: true,
            settler: Settler::default(),
            jobs,
            done,
            in_flight: 0,
            capacity,
            ready: Vec::new(),
            ready_since: None,
            tasks,
            encoded,
            embedding: 0,
            encoder_down: false,
            walks,
            walked,
            walking: 0,
            walked_at: None,
            rewalk: false,
            scanned: None,
            sheeted: HashSet::new(),
            apart: HashMap::new(),
            watcher: None,
            dirty_tx,
            dirty,
            meter: Meter::default(),
            last_progress: Progress::default(),
            flushed: now,
            write_fault: false,
            heard: false,
            idle: false,
            root,
            root_seen: now,
            around: None,
        })
    }

    fn run(mut self, orders: &Receiver<Order>) -> Result<(), String> {
        // What is known is told first: a watch for every directory takes its time. Faults come before the songs, so that a
        // session that goes on with the catalog leaves alone what must not be opened.
        self.hand_on();
        self.tell_known_faults();
        self.prove();
        self.publish_catalog();
        // Watch first, then scan: what changes in between is seen by one of the two.
        self.look_around();
        self.rescan();
        self.publish(true);
        if let Err(e) = self.shelf.slim() {
            return Err(format!("{}: {e}", self.options.paths.store().display()));
        }
        loop {
            // A receiver cloned per turn costs an Arc count; it lets `self` be borrowed in the arms.
            let (done, encoded, walked, dirty) =
                (self.done.clone(), self.encoded.clone(), self.walked.clone(), self.dirty.clone());
            let measured = self.idler.answers();
            let stirred = self.around.as_ref().map_or_else(crossbeam_channel::never, Around::stirred);
            select! {
                recv(orders) -> order => match order {
                    Ok(Order::Prefer(path)) => { self.playing = Some(path); self.prefer_probes(); self.plan(); }
                    Ok(Order::Suspect { path, missing }) => self.suspect(path, missing),
                    Ok(Order::Rescan) => { self.look_for_model(true); self.rescan(); }
                    Ok(Order::Stop) | Err(_) => break,
                },
                recv(done) -> d => if let Ok(d) = d { self.finished(d) },
                recv(encoded) -> e => if let Ok(e) = e { self.encoded(e) },
                recv(measured) -> m => if let Ok(m) = m { self.measured(m) },
                recv(walked) -> w => if let Ok(w) = w { self.walked(w) },
                recv(dirty) -> d => if let Ok(d) = d { self.dirtied(d) },
                recv(stirred) -> s => self.stirred(s.is_ok()),
                default(self.patience()) => {}
            }
            self.turn();
        }
        if let Err(e) = self.shelf.flush() {
            return Err(format!("what was found last could not be kept: {e}"));
        }
        Ok(())
    }

    /// How long the loop may wait for something to come.
    fn patience(&self) -> Duration {
        if !self.idle || self.idler.busy() || self.catalog_stale || self.space_stale {
            TURN
        } else if self.around.is_none() || self.shelf.dirty() || self.write_fault || !self.away.is_empty() {
            IDLE_TURN
        } else {
            let since = self.walked_at.map_or(Duration::ZERO, |t| t.elapsed());
            (self.often() + TURN).saturating_sub(since).max(TURN)
        }
    }

    /// How often the whole directory is compared with what is known.
    fn often(&self) -> Duration {
        if self.blind { self.options.poll } else { RECONCILE }
    }

    /// What every turn of the loop looks after.
    fn turn(&mut self) {
        self.look_for_model(false);
        self.look_for_root(false);
        self.look_for_the_lost();
        self.settle();
        self.feed();
        self.embed();
        self.publish(false);
        self.tell_scanned();
        self.flush();
        self.progress(false);
        if self.all_heard() && (self.catalog_stale || self.later_stale) {
            // What was found last may be work still to be planned.
            self.publish(true);
            self.look_back();
            self.feed();
        }
        self.measure();
        let heard = self.all_heard();
        if heard && !self.heard {
            if !self.encoder_down {
                self.complete();
            }
            // What was read, compared and taken apart has left holes.
            jukebox_encoder::memory::give_back();
        }
        self.heard = heard;
        let idle = self.quiet();
        if idle && !self.idle {
            self.publish(true);
            self.progress(true);
            self.tell(Update::Idle);
        }
        self.idle = idle;
        let stale = self.walked_at.is_some_and(|t| t.elapsed() > self.often());
        // Blind, it cannot wait until everything is heard: that may take hours.
        let read = self.walking == 0 && self.probing.is_empty() && self.settler.is_empty();
        if (idle || self.blind && read) && self.options.watch && (stale || self.rewalk) {
            self.rewalk = false;
            if self.blind {
                self.watch_again();
            }
            self.walk(self.options.root.clone());
        }
    }

    /// Whether every file has been read and heard, as far as that can be.
    fn all_heard(&self) -> bool {
        let reading = self.walking > 0 || !self.probing.is_empty() || !self.settler.is_empty();
        let listening = !(self.agenda.is_empty() && self.listening.is_empty() && self.ready.is_empty());
        !(reading || listening || self.embedding > 0)
    }

    /// Whether nothing is being done or waits to be done. Measuring behind a player that follows its library never ends
    /// for long and does not count.
    fn quiet(&self) -> bool {
        let measuring = !self.options.watch && (self.idler.busy() || !self.unmeasured.is_empty());
        self.all_heard() && self.all_described() && self.in_flight == 0 && !measuring
    }

    fn tell(&self, update: Update) {
        let _ = self.updates.send(update);
    }

    fn note(&self, error: bool, text: String) {
        self.tell(Update::Note { error, text });
    }

    fn fault(&mut self, path: PathBuf, why: impl Into<FileFault>) {
        let why = why.into();
        self.faulty.insert(path.clone());
        self.tell(Update::Fault { path, why });
    }

    /// A file is well again or gone. Told only of those that were not: a first scan has a hundred thousand good ones.
    fn well(&mut self, path: &Path) {
        if self.faulty.remove(path) {
            self.tell(Update::FaultGone(path.to_path_buf()));
        }
    }

    fn tell_known_faults(&mut self) {
        let why = |record: &FileRecord| match (&record.outcome, &record.listen_fault) {
            _ if record.gone_since.is_some() => None,
            (Outcome::Failed { why, .. }, _) | (_, Some(why)) => Some(why.clone()),
            _ => None,
        };
        let known = self.shelf.files_under(&self.options.root);
        let faults: Vec<_> = known.filter_map(|(path, record)| Some((path.to_path_buf(), why(record)?))).collect();
        for (path, why) in faults {
            self.fault(path, why);
        }
    }
}
