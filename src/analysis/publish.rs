//! Publishing: writes the library's records from time to time, and passes changes on to the rest of the program.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::changes;
use super::messages::Update;
use super::model::Model;
use super::progress::{Done, Reporter, Stage};
use super::shelf::Shelf;
use super::teller::Teller;
use crate::clock::Clock;
use crate::library::Catalog;
use crate::notice::Kind;
use crate::sound::{Descriptors, Loudness};
use crate::store::{FileRecord, LatentRecord, Outcome, StoreError};
use crate::track::{FileFault, TrackId};

/// Minimum interval between publications.
const PUBLISH: Duration = Duration::from_millis(700);
/// Interval of writing to the store.
const FLUSH: Duration = Duration::from_secs(2);
/// How long vanished files are still shown while others are being read: they may have been moved.
const MOVING: Duration = Duration::from_secs(5);
/// The space is published again after this many new loudnesses: one more value of one track changes little.
const LOUDNESSES: usize = 16;

/// The library's records, and what of them has been published.
pub(super) struct Publisher {
    root: PathBuf,
    clock: Box<dyn Clock>,
    pub shelf: Shelf,
    pub teller: Teller,
    catalog: Arc<Catalog>,
    catalog_stale: bool,
    space_stale: bool,
    loudness_stale: bool,
    /// Loudnesses measured since the space was last published.
    unpublished: usize,
    published: Instant,
    cost: Duration,
    /// When the first file vanished since the catalog was last published.
    vanished: Option<Instant>,
    flushed: Instant,
    write_fault: bool,
    reporter: Reporter,
    /// Whether the whole library was scanned: what comes after that is news.
    scanned: bool,
}

impl Publisher {
    /// A publisher for the records in `shelf` of the directory `root`.
    pub fn new(root: PathBuf, shelf: Shelf, teller: Teller, clock: Box<dyn Clock>) -> Publisher {
        let now = Instant::now();
        Publisher {
            root,
            clock,
            shelf,
            teller,
            catalog: Arc::default(),
            catalog_stale: true,
            space_stale: true,
            loudness_stale: true,
            unpublished: 0,
            published: now,
            cost: Duration::ZERO,
            vanished: None,
            flushed: now,
            write_fault: false,
            reporter: Reporter::default(),
            scanned: false,
        }
    }

    /// The catalog that was published last.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Seconds since the Unix epoch.
    pub fn unix(&self) -> u64 {
        self.clock.unix()
    }

    /// Whether the catalog or the space has changed since it was published.
    pub fn is_stale(&self) -> bool {
        self.catalog_stale || self.space_stale
    }

    /// Whether the catalog has changed since it was published.
    pub fn is_catalog_stale(&self) -> bool {
        self.catalog_stale
    }

    /// Whether there are changes that are not on disk yet.
    pub fn is_unwritten(&self) -> bool {
        self.shelf.dirty() || self.write_fault
    }

    /// The duration of a file in seconds; 0 when unknown.
    pub fn secs(&self, path: &Path) -> f64 {
        self.catalog.of_path(path).map_or(0.0, |song| song.secs)
    }

    /// Whether a file still is the track that it was when a job about it started.
    pub fn holds(&self, path: &Path, track: TrackId) -> bool {
        matches!(self.shelf.file(path).map(|r| r.outcome), Some(Outcome::Probed(probe)) if probe.track == track)
    }

    /// Stores the record of a file.
    pub fn put_file(&mut self, path: PathBuf, record: FileRecord) {
        self.shelf.put_file(path, record);
        self.catalog_stale = true;
    }

    /// Marks a file as gone.
    pub fn gone(&mut self, path: &Path) {
        self.teller.well(path);
        if self.shelf.known(path).is_some_and(|known| !known.gone) {
            self.shelf.mark_gone(path, Some(self.clock.unix()));
            self.catalog_stale = true;
            self.vanished.get_or_insert_with(Instant::now);
        }
    }

    /// Marks a missing file as back, unchanged.
    pub fn back(&mut self, path: &Path) {
        if self.shelf.known(path).is_some_and(|known| known.gone) {
            self.shelf.mark_gone(path, None);
            self.catalog_stale = true;
        }
    }

    /// Records that a file cannot be decoded, or not to its end.
    pub fn unheard(&mut self, path: &Path, why: FileFault) {
        self.teller.fault(path.to_path_buf(), why.clone());
        self.shelf.mark_unheard(path, why);
    }

    /// Stores the latents of tracks.
    pub fn put_latents(&mut self, records: Vec<(TrackId, LatentRecord)>) {
        records.into_iter().for_each(|(track, record)| self.shelf.put_latent(track, record));
        // While the previous generation is served, new latents do not show.
        self.space_stale |= !self.shelf.serves_previous(&self.catalog);
    }

    /// Stores the descriptors of a track.
    pub fn put_sound(&mut self, track: TrackId, sound: Descriptors) {
        self.shelf.put_sound(track, sound);
        self.space_stale = true;
    }

    /// Stores the loudness of a track, if there is one; `last`: no other is to be measured.
    pub fn put_loudness(&mut self, measured: Option<(TrackId, Loudness)>, last: bool) {
        if let Some((track, loudness)) = measured {
            self.shelf.put_loudness(track, loudness);
            self.loudness_stale = true;
            self.unpublished += 1;
        }
        if self.unpublished >= LOUDNESSES || (self.unpublished > 0 && last) {
            self.unpublished = 0;
            self.space_stale = true;
        }
    }

    /// The (former, present) identities of tracks renamed since the last call.
    pub fn take_renamed(&mut self) -> Vec<(TrackId, TrackId)> {
        let renamed = self.shelf.take_handed_on();
        self.space_stale |= !renamed.is_empty();
        renamed
    }

    /// Removes the records of files that vanished long ago.
    pub fn forget_tombstones(&mut self) {
        if let Err(e) = self.shelf.forget_tombstones(self.clock.unix()) {
            self.teller.note(Kind::Error, format!("the store cannot be written: {e}"));
        }
    }

    /// Reports the faults that are known from earlier runs.
    pub fn tell_known_faults(&mut self) {
        let why = |record: FileRecord| match (record.outcome, record.listen_fault) {
            _ if record.gone_since.is_some() => None,
            (Outcome::Failed { why, .. }, _) | (_, Some(why)) => Some(why),
            _ => None,
        };
        let known = self.shelf.odd_files_under(&self.root);
        let faults: Vec<_> = known.filter_map(|(path, record)| Some((path.to_path_buf(), why(record)?))).collect();
        for (path, why) in faults {
            self.teller.fault(path, why);
        }
    }

    /// Publishes changes, at most so often that it takes a tenth of the time, or at once if `now`. `reading`: files may
    /// still be found or read. Returns whether there is a new catalog.
    pub fn publish(&mut self, now: bool, reading: bool, model: &Model) -> bool {
        if !self.is_stale() {
            return false;
        }
        // The first few latents matter most: the first pick waits for them.
        let patience = if self.reporter.latents() < 64 { PUBLISH / 4 } else { PUBLISH };
        if !now && self.published.elapsed() < patience.max(self.cost * 10) {
            return false;
        }
        // Vanished files may have been renamed: published together with their new names, they never seem to be gone.
        if !now && reading && self.vanished.is_some_and(|at| at.elapsed() < MOVING) {
            return false;
        }
        self.vanished = None;
        let begun = Instant::now();
        let renewed = self.publish_catalog();
        if std::mem::take(&mut self.space_stale) {
            self.shelf.settle();
            let space = self.shelf.space(&self.catalog, &model.reference());
            self.teller.tell(Update::Space(Arc::new(space)));
            if std::mem::take(&mut self.loudness_stale) {
                self.teller.tell(Update::Loudness(Arc::new(self.shelf.loudness())));
            }
        }
        self.published = Instant::now();
        self.cost = begun.elapsed();
        renewed
    }

    /// The whole library was scanned, and everything in it was read and published.
    pub fn scanned(&mut self, unsure: Vec<PathBuf>, asked: u64) {
        self.scanned = true;
        self.teller.tell(Update::Scanned { unsure: unsure.into(), asked });
    }

    /// Publishes the catalog if it changed; returns whether it did.
    pub fn publish_catalog(&mut self) -> bool {
        let stale = std::mem::take(&mut self.catalog_stale);
        if stale {
            let before = std::mem::replace(&mut self.catalog, Arc::new(self.shelf.catalog(&self.root)));
            self.teller.tell(Update::Catalog(self.catalog.clone()));
            let changes = if self.scanned { changes::between(&before, &self.catalog) } else { Vec::new() };
            if !changes.is_empty() {
                self.teller.tell(Update::Files(changes));
            }
            self.space_stale = true;
        }
        stale
    }

    /// Writes changes to the store every [`FLUSH`].
    pub fn flush(&mut self) {
        if self.flushed.elapsed() < FLUSH || !self.shelf.dirty() {
            return;
        }
        self.flushed = Instant::now();
        match self.shelf.flush() {
            Ok(()) => self.write_fault = false,
            // Tried again every two seconds.
            Err(e) => self.tell_write_fault(format!("what was found is kept in memory for now: {e}")),
        }
    }

    fn tell_write_fault(&mut self, text: String) {
        // Reported once.
        if !std::mem::replace(&mut self.write_fault, true) {
            self.teller.note(Kind::Error, text);
        }
    }

    /// Switches to another model; false when the store does not allow it now, which is reported once.
    pub fn change_model(&mut self, to: &Model, from: &Model) -> bool {
        let changed = to
            .generation()
            .map_err(String::from)
            .and_then(|to| self.shelf.change_generation(to, from.reference()).map_err(|e| e.to_string()));
        match changed {
            Ok(()) => {
                let until = "until it is through, the encoder so far is used";
                self.teller.note(Kind::Hint, format!("listening again with {}; {until}", to.name()));
                self.write_fault = false;
                self.space_stale = true;
                true
            }
            Err(why) => {
                self.tell_write_fault(format!("the new encoder waits: {why}"));
                false
            }
        }
    }

    /// Called once everything has been embedded: serves the latents of the model in use from now on. Returns whether
    /// they replace another model's.
    pub fn complete(&mut self) -> bool {
        if self.shelf.heard_nothing() && self.shelf.serves_previous(&self.catalog) {
            // An encoder that could embed nothing does not replace one that could.
            return false;
        }
        let completed: Result<bool, StoreError> = self.shelf.complete_generation();
        if completed.is_err() {
            self.teller.note(Kind::Error, "the store cannot be written: what was heard is kept in memory only".into());
        }
        self.space_stale |= !matches!(completed, Ok(false));
        completed.unwrap_or(false)
    }

    /// Reports progress when it changed, at most twice a second unless `now`. `read`: files read since the start;
    /// `left`: what remains of the stage.
    pub fn progress(&mut self, stage: Stage, left: usize, read: usize, model: &Model, now: bool) {
        let at = self.clock.now();
        let name = || model.name();
        if !now && self.reporter.is_recent(stage, at) {
            return;
        }
        let (described, measured) = self.shelf.sounds_of(&self.catalog);
        let latents = self.shelf.heard_of(&self.catalog);
        let tracks = self.catalog.tracks().count();
        let again = self.shelf.serves_previous(&self.catalog);
        let done = Done { latents, described, measured, read, tracks, again };
        if let Some(progress) = self.reporter.report(stage, left, done, name, at) {
            self.teller.tell(Update::Progress(progress));
        }
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::Receiver;

    use super::*;
    use crate::clock::ManualClock;
    use crate::track::{Probe, Stat, Tags};

    fn publisher() -> (tempfile::TempDir, Publisher, Receiver<Update>) {
        let dir = tempfile::tempdir().unwrap();
        let (shelf, _) = Shelf::open(dir.path(), "aa".parse().unwrap()).unwrap();
        let (updates, told) = crossbeam_channel::unbounded();
        let clock = Box::new(ManualClock::default());
        (dir, Publisher::new("/music".into(), shelf, Teller::new(updates), clock), told)
    }

    fn add(publisher: &mut Publisher, n: u8) -> PathBuf {
        let track = TrackId([n; 16]);
        let (tags, codec) = (Arc::new(Tags::default()), "mp3");
        let probe = Probe { track, former: track, secs: 9.0, rate: 44_100, channels: 2, codec, tags, tag_fault: None };
        let (stat, outcome) =
            (Stat { dev: 1, ino: n.into(), size: 1, mtime_ns: 1, ctime_ns: 1 }, Outcome::Probed(probe));
        let path = PathBuf::from(format!("/music/{n}.mp3"));
        let record = FileRecord { stat, outcome, listen_fault: None, added: 0, tags_version: 0, gone_since: None };
        publisher.put_file(path.clone(), record);
        path
    }

    #[test]
    fn what_changed_is_published_once() {
        let (_dir, mut publisher, told) = publisher();
        let path = add(&mut publisher, 1);
        let model = Model::shipped().unwrap();
        assert!(publisher.publish(true, false, &model) && !publisher.is_stale());
        let told: Vec<Update> = told.try_iter().collect();
        assert!(matches!(told[..], [Update::Catalog(_), Update::Space(_), Update::Loudness(_)]), "{told:?}");
        assert!(!publisher.publish(true, false, &model), "nothing new");
        publisher.gone(&path);
        publisher.gone(&path);
        assert!(publisher.is_stale() && publisher.publish(true, true, &model));
        assert_eq!(publisher.catalog().songs().len(), 0);
        publisher.back(&path);
        assert!(publisher.publish(true, false, &model));
        assert_eq!((publisher.catalog().songs().len(), publisher.secs(&path)), (1, 9.0));
    }

    #[test]
    fn what_comes_and_goes_after_the_first_scan_is_told() {
        let (_dir, mut publisher, told) = publisher();
        let model = Model::shipped().unwrap();
        add(&mut publisher, 1);
        publisher.publish(true, false, &model);
        publisher.scanned(Vec::new(), 0);
        assert!(!told.try_iter().any(|update| matches!(update, Update::Files(_))), "it was there");
        let path = add(&mut publisher, 2);
        publisher.publish(true, false, &model);
        publisher.gone(&path);
        publisher.publish(true, false, &model);
        let files =
            told.try_iter().filter_map(|update| if let Update::Files(files) = update { Some(files) } else { None });
        let wanted = [changes::Change::Added(path.clone()), changes::Change::Removed(path)];
        assert_eq!(files.flatten().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn loudness_is_published_many_at_a_time_or_at_the_end() {
        let (_dir, mut publisher, _told) = publisher();
        let model = Model::shipped().unwrap();
        publisher.publish(true, false, &model);
        let measured = |n: usize| Some((TrackId([n as u8; 16]), Loudness::default()));
        for n in 1..LOUDNESSES {
            publisher.put_loudness(measured(n), false);
            assert!(!publisher.is_stale(), "{n}");
        }
        publisher.put_loudness(measured(LOUDNESSES), false);
        assert!(publisher.is_stale());
        publisher.publish(true, false, &model);
        publisher.put_loudness(measured(1), true);
        assert!(publisher.is_stale(), "the last one");
        publisher.publish(true, false, &model);
        publisher.put_loudness(None, true);
        assert!(!publisher.is_stale());
    }

    #[test]
    fn a_fault_is_withdrawn_when_its_file_is_gone() {
        let (_dir, mut publisher, told) = publisher();
        let (bad, good) = (add(&mut publisher, 1), add(&mut publisher, 2));
        publisher.unheard(&bad, "silent".into());
        [&bad, &bad, &good].into_iter().for_each(|path| publisher.gone(path));
        let told: Vec<Update> = told.try_iter().collect();
        assert!(matches!(told[..], [Update::Fault { .. }, Update::FaultGone(_)]), "{told:?}");
    }
}
