//! Watching the music directory: walking it, following kernel events, waiting until files have stopped changing, and
//! noticing files that vanished. Findings are reported as [`Seen`]; nothing here changes the records.

mod around;
mod away;
mod sheets;
mod walks;

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use self::around::Around;
use self::away::Away;
use self::sheets::Sheets;
use self::walks::Walks;
use super::messages::Options;
use super::shelf::Shelf;
use super::work::is_doubtful;
use crate::audio::cue;
use crate::clock::Clock;
use crate::library::Catalog;
use crate::library::scan::{self, Changes, WalkReport};
use crate::library::settle::Settler;
use crate::library::unsupported::Unsupported;
use crate::library::watch::{Dirty, Watcher};
use crate::notice::Kind;
use crate::store::FileRecord;
use crate::system::is_network_fs;
use crate::track::Stat;

pub(super) use self::walks::Walked;

/// Interval of full comparisons with the records: events may be incomplete.
const RECONCILE: Duration = Duration::from_secs(15 * 60);
/// Interval of checks that the music directory is still the same one.
const IDENTITY: Duration = Duration::from_secs(2);

/// A finding about a file or the directory.
#[derive(Debug, PartialEq)]
pub(super) enum Seen {
    /// The file is new or has changed, and is to be read.
    Changed(PathBuf),
    /// The file is there and unchanged since it was read.
    Back(PathBuf),
    /// The file is missing, or is not a track by itself.
    Gone(PathBuf),
    /// The file or directory cannot be used; the reason in one line.
    Fault(PathBuf, String),
    /// An earlier fault of this path no longer applies.
    Well(PathBuf),
    /// A picture that may be a cover came to this directory, changed, or went.
    Cover(PathBuf),
    /// The files whose formats cannot be played.
    Unsupported(Arc<Unsupported>),
    /// A message for the user.
    Note {
        /// What it is.
        kind: Kind,
        /// The text.
        text: String,
    },
}

/// A scan of the whole library.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    /// The paths below which scanning was not possible.
    pub unsure: Vec<PathBuf>,
    /// The highest number of a scan that was asked for before this one began; 0 for none.
    pub asked: u64,
}

/// The watch on the music directory.
pub(super) struct Watch {
    root: PathBuf,
    follow_links: bool,
    /// Whether changes are followed; otherwise the directory is only walked on request.
    follows: bool,
    /// Interval of full comparisons while changes cannot be watched.
    poll: Duration,
    /// The mark of the current way of reading tags ([`FileRecord::is_outdated`]).
    tags_mark: u16,
    /// Whether the next walk reads every file again.
    full: bool,
    clock: Box<dyn Clock>,
    settler: Settler,
    sheets: Sheets,
    away: Away,
    walks: Walks,
    /// The highest number of a scan that was asked for, and what it was when the last walk of the whole library began.
    asked: u64,
    asked_before_walk: u64,
    /// The last walk of the whole library, until [`Watch::take_scanned`].
    scanned: Option<Scanned>,
    /// The files whose formats cannot be played, as they were reported last.
    unsupported: Arc<Unsupported>,
    watcher: Option<Watcher>,
    // Kept so that the channel never closes: a closed one would always be ready.
    dirty_tx: Sender<Dirty>,
    dirty: Receiver<Dirty>,
    /// Whether some changes cannot be watched.
    blind: bool,
    /// Reports changes around the directory; without it the directory is checked every [`IDENTITY`].
    around: Option<Around>,
    identity: Option<(u64, u64)>,
    identity_at: Instant,
    seen: Vec<Seen>,
}

impl Watch {
    pub fn new(options: &Options, clock: Box<dyn Clock>) -> Watch {
        let (dirty_tx, dirty) = crossbeam_channel::unbounded();
        Watch {
            root: options.root.clone(),
            follow_links: options.follow_links,
            follows: options.watch,
            poll: options.poll,
            tags_mark: options.tag_encoding.mark(),
            full: options.full,
            clock,
            settler: Settler::default(),
            sheets: Sheets::default(),
            away: Away::new(),
            walks: Walks::new(),
            asked: 0,
            asked_before_walk: 0,
            scanned: None,
            unsupported: Arc::default(),
            watcher: None,
            dirty_tx,
            dirty,
            blind: false,
            around: None,
            identity: identity(&options.root),
            identity_at: Instant::now(),
            seen: Vec::new(),
        }
    }

    /// Kernel events, for [`Watch::dirtied`].
    pub fn events(&self) -> Receiver<Dirty> {
        self.dirty.clone()
    }

    /// Finished walks, for [`Watch::walked`].
    pub fn walks(&self) -> Receiver<Walked> {
        self.walks.results()
    }

    /// Signals of changes around the directory, for [`Watch::stirred`].
    pub fn stirs(&self) -> Receiver<()> {
        self.around.as_ref().map_or_else(crossbeam_channel::never, Around::stirred)
    }

    /// The findings since the last call, in order.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    /// Whether a walk is running.
    pub fn is_walking(&self) -> bool {
        self.walks.are_running()
    }

    /// Whether files may still be found: a walk is running, or some files are still changing.
    pub fn is_busy(&self) -> bool {
        self.is_walking() || !self.settler.is_empty()
    }

    /// Whether a cue sheet splits this file into tracks.
    pub fn takes_apart(&self, file: &Path) -> bool {
        self.sheets.take_apart(file)
    }

    /// How long the caller may sleep while nothing happens; `None` while something has to be polled.
    pub fn patience(&self) -> Option<Duration> {
        let reported = self.around.is_some() && self.away.is_empty();
        reported.then(|| self.often().saturating_sub(self.walks.age()))
    }

    /// Interval of full comparisons.
    fn often(&self) -> Duration {
        if self.blind { self.poll } else { RECONCILE }
    }

    fn note(&mut self, kind: Kind, text: String) {
        self.seen.push(Seen::Note { kind, text });
    }

    /// Starts a walk of the whole library or of a tree in it.
    fn walk(&mut self, dir: PathBuf, shelf: &Shelf) {
        if dir == self.root && self.walks.are_running() {
            return self.walks.once_more();
        }
        let inside = sheets::with_inner_sheet(&dir, shelf);
        let whole = dir == self.root;
        match self.walks.start(dir, self.follow_links, inside) {
            Ok(()) if whole => self.asked_before_walk = self.asked,
            Ok(()) => {}
            Err(e) => {
                if whole {
                    self.walks.put_off();
                }
                self.note(Kind::Error, format!("cannot scan: {e}"));
            }
        }
    }

    /// Whether a walk covered the whole library.
    pub fn is_whole(&self, walked: &Walked) -> bool {
        walked.dir == self.root
    }

    /// The files whose formats cannot be played, as the last walk of the whole library found them.
    pub fn unsupported(&self) -> &Unsupported {
        &self.unsupported
    }

    /// Compares the result of a walk with the records. `faulty`: the files whose faults are being shown.
    pub fn walked(&mut self, walked: Walked, shelf: &Shelf, faulty: &HashSet<PathBuf>) {
        let whole = self.is_whole(&walked);
        self.walks.end(whole);
        let Walked { dir, mut report, found } = walked;
        if whole && !report.root_missing {
            let unsupported = Unsupported::of(std::mem::take(&mut report.unsupported));
            if unsupported != *self.unsupported {
                self.unsupported = Arc::new(unsupported);
                self.seen.push(Seen::Unsupported(self.unsupported.clone()));
            }
        }
        self.mend(&dir, &report, shelf, faulty);
        self.sheets.note(&dir, &report);
        let all = shelf.known_under(&dir).map(|(path, known)| (path.as_ref(), known));
        let Changes { fresh, changed, vanished, back, suspicious, .. } =
            scan::compare(|path| shelf.known(path), all, &found, &report, !whole);
        if whole {
            let sure = suspicious.is_none() && !report.root_missing && !found.is_empty();
            let unsure = report.errors.iter().map(|(path, _)| path).chain(&report.bare).cloned();
            let asked = self.asked_before_walk;
            self.scanned = sure.then(|| Scanned { unsure: unsure.collect(), asked });
        }
        if let Some(why) = suspicious {
            self.note(Kind::Obstacle, why);
        }
        self.seen.extend(vanished.into_iter().map(Seen::Gone));
        self.seen.extend(back.into_iter().map(|(path, _)| Seen::Back(path)));
        let full = std::mem::take(&mut self.full);
        // Records of an older jukebox, or of another tag encoding, are read again.
        let outdated = |path: &Path| shelf.is_outdated(path, self.tags_mark);
        let doubtful = |path: &Path| whole && shelf.odd_file(path).is_some_and(|record| is_doubtful(&record));
        let again = found.into_iter().filter(|(path, _)| full || outdated(path) || doubtful(path));
        for (path, stat) in fresh.into_iter().chain(changed).chain(again) {
            if self.settler.scanned(&path, &stat, self.clock.now(), self.clock.unix_ns()) {
                self.seen.push(Seen::Changed(path));
            }
        }
    }

    /// Faults of sheets and directories are found by walks only: those of this walk replace the previous ones.
    fn mend(&mut self, dir: &Path, report: &WalkReport, shelf: &Shelf, faulty: &HashSet<PathBuf>) {
        let now = || report.errors.iter().chain(&report.faults);
        self.seen.extend(now().map(|(path, why)| Seen::Fault(path.clone(), why.clone())));
        let bad: HashSet<&Path> = now().map(|(path, _)| path.as_path()).collect();
        let mended = |path: &&PathBuf| {
            let file = !cue::is_sheet(path) && shelf.known(path).is_some();
            !file && scan::is_under(path, dir) && !bad.contains(path.as_path())
        };
        self.seen.extend(faulty.iter().filter(mended).cloned().map(Seen::Well));
    }

    /// Handles a kernel event.
    pub fn dirtied(&mut self, dirty: Dirty, shelf: &Shelf) {
        match dirty {
            Dirty::Path(path) => self.mark(path, shelf),
            // Nothing is kept of covers, so there is nothing to wait for or to compare.
            Dirty::Cover(path) => self.seen.extend(path.parent().map(|dir| Seen::Cover(dir.to_path_buf()))),
            Dirty::Tree(dir) => {
                let dir = self.sheets.above(&dir).unwrap_or(dir);
                self.settler.mark_tree(dir, self.clock.now());
            }
            Dirty::All(why) => {
                if !why.is_empty() {
                    self.note(Kind::Obstacle, why);
                }
                self.rescan(shelf);
            }
            Dirty::Blind(why) => {
                if !std::mem::replace(&mut self.blind, true) {
                    self.note(Kind::Obstacle, why);
                }
                self.walk(self.root.clone(), shelf);
            }
        }
    }

    /// Handles an event on a track, a sheet, or a file that a sheet splits. Which tracks a sheet defines is found by a
    /// walk; whether known ones still exist, by a stat of each.
    fn mark(&mut self, path: PathBuf, shelf: &Shelf) {
        let now = self.clock.now();
        let sheet = self.sheets.sheet_of(&path);
        if let Some(sheet) = &sheet {
            shelf.known_under(sheet).for_each(|(piece, _)| self.settler.mark(piece.to_path_buf(), now));
        }
        let around = sheet.as_deref().unwrap_or(&path).parent();
        if let Some(dir) = around.filter(|dir| sheet.is_some() || self.sheets.are_in(dir)) {
            self.settler.mark_tree(dir.to_path_buf(), now);
        }
        if sheet.is_none() {
            self.settler.mark(path, now);
        }
    }

    /// A file turned out to contain a cue sheet: its pieces are the tracks. (A sheet beside the file takes precedence;
    /// then the file is never read as a whole.)
    pub fn take_apart(&mut self, file: PathBuf, pieces: Vec<PathBuf>) {
        self.seen.push(Seen::Gone(file.clone()));
        self.sheets.note_inner(file);
        self.seen.extend(pieces.into_iter().map(Seen::Changed));
    }

    /// Has a file read once it has stopped changing: it changed while being read, or is due for another look.
    pub fn look_at(&mut self, path: PathBuf) {
        self.settler.mark(path, self.clock.now());
    }

    /// Scans everything again.
    pub fn rescan(&mut self, shelf: &Shelf) {
        self.watch_again();
        self.walk(self.root.clone(), shelf);
    }

    /// Scans everything again for whoever asked for the scan of this number, after the scan that is going on if there is
    /// one: that may have passed by what has come since.
    pub fn rescan_for(&mut self, number: u64, shelf: &Shelf) {
        self.asked = self.asked.max(number);
        self.rescan(shelf);
    }

    /// Starts a full comparison when one is due. `idle`: no other work is pending. `read`: all files found have been
    /// read, which is enough where changes cannot be watched, as embedding may take hours. One that was asked for during
    /// a walk only waits for the end of that.
    pub fn reconcile(&mut self, idle: bool, read: bool, shelf: &Shelf) {
        let enough = self.blind && read || self.walks.are_asked_again();
        let free = idle || enough && !self.is_busy();
        if free && self.follows && self.walks.take_due(self.often()) {
            if self.blind {
                self.watch_again();
            }
            self.walk(self.root.clone(), shelf);
        }
    }

    /// Starts watching the surroundings of the library and the file `model`.
    pub fn look_around(&mut self, model: &Path) {
        if self.follows {
            self.around = Around::watch(&self.root, model).ok();
        }
    }

    /// Handles a change around the library; with `well` false, changes are no longer reported.
    pub fn stirred(&mut self, well: bool, shelf: &Shelf) {
        if !well {
            self.around = None;
        }
        self.look_for_root(true, shelf);
    }

    /// Rescans when the root is another directory than before: mounting a disk over it causes no event, and a disk that
    /// returns is a new directory. Checks at once if `now`, otherwise when due.
    pub fn look_for_root(&mut self, now: bool, shelf: &Shelf) {
        if !self.follows || !(now || self.identity_at.elapsed() >= IDENTITY) {
            return;
        }
        self.identity_at = Instant::now();
        let root = identity(&self.root);
        if root != self.identity && root.is_some() {
            self.rescan(shelf);
        }
        self.identity = root;
    }

    /// Sets watches on the current tree. A failure to watch is reported once.
    fn watch_again(&mut self) {
        if !self.follows {
            return;
        }
        let why_not = match &mut self.watcher {
            Some(watcher) => watcher.again(),
            None => {
                let (watcher, why_not) = Watcher::start(&self.root, self.follow_links, self.dirty_tx.clone());
                self.watcher = watcher;
                why_not
            }
        };
        let blind = why_not.is_some() || is_network_fs(&self.root);
        if let (Some(why), false) = (why_not, self.blind) {
            self.note(Kind::Obstacle, why);
        }
        self.blind = blind;
    }

    /// Processes the paths that have stopped changing.
    pub fn settle(&mut self, shelf: &Shelf) {
        let mut looks = scan::Looks::new(self.follow_links);
        let mut stat = |path: &Path| looks.stat(path);
        let settled = self.settler.poll(self.clock.now(), self.clock.unix_ns(), &mut stat);
        for tree in settled.trees {
            self.walk(tree, shelf);
        }
        for (path, stat) in settled.files {
            self.seen.extend(match stat {
                Some(stat) if shelf.file(&path).is_some_and(|record| self.is_as_known(&record, stat)) => {
                    Some(Seen::Back(path))
                }
                // The walk that was awaited with it found that the file is split by a sheet.
                Some(_) if self.sheets.take_apart(&path) => None,
                Some(_) => cue::is_track(&path).then_some(Seen::Changed(path)),
                None => Some(Seen::Gone(path)),
            });
        }
    }

    /// Whether a file is unchanged and needs no new read for another reason. (A new file may have waited here for such
    /// a read.)
    fn is_as_known(&self, record: &FileRecord, stat: Stat) -> bool {
        record.stat == stat && !record.is_outdated(self.tags_mark) && !is_doubtful(record)
    }

    /// The player could not read a file (`missing`: because it did not exist). If it is away, the fault is withdrawn
    /// when it is back, or at once if it is back already. If it changed, it is read again; otherwise the fault is its
    /// own and stands until it changes.
    pub fn suspect(&mut self, path: PathBuf, missing: bool) {
        if cue::stat(&path).is_err() {
            return self.away.add(path);
        }
        if missing {
            self.seen.push(Seen::Well(path.clone()));
        }
        self.look_at(path);
    }

    /// Checks whether missing files are back.
    pub fn look_for_the_lost(&mut self, shelf: &Shelf, catalog: &Catalog) {
        for path in self.away.take_back(shelf, catalog) {
            self.seen.push(Seen::Well(path.clone()));
            self.look_at(path);
        }
    }

    /// The last scan of the whole library, once.
    pub fn take_scanned(&mut self) -> Option<Scanned> {
        if self.is_busy() { None } else { self.scanned.take() }
    }
}

/// Device and inode, which distinguish directories at the same path; `None` if there is none.
fn identity(root: &Path) -> Option<(u64, u64)> {
    let meta = std::fs::metadata(root).ok()?;
    Some((meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests;
