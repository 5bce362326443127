//! Watching the music directory: walking it, following the kernel's events, waiting until files have stopped changing, and
//! noticing what vanished. What is found out is handed over as [`Seen`]; nothing here changes what is known.

mod around;
mod away;
mod sheets;
mod walks;

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
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
use crate::library::scan::{self, Changes, Known, WalkReport};
use crate::library::settle::Settler;
use crate::library::watch::{Dirty, Watcher, is_network_fs};
use crate::store::FileRecord;
use crate::track::Stat;

pub(super) use self::walks::Walked;

/// Compare the directory with what is known this often: events are hints, never the truth.
const RECONCILE: Duration = Duration::from_secs(15 * 60);
/// How often to look whether the music directory is still the same.
const IDENTITY: Duration = Duration::from_secs(2);

/// Something found out about a file or about the directory.
#[derive(Debug, PartialEq)]
pub(super) enum Seen {
    /// The file is new or has changed, and is to be read.
    Changed(PathBuf),
    /// The file is there, as it was when it was read.
    Back(PathBuf),
    /// The file is not there, or is no track by itself.
    Gone(PathBuf),
    /// The file or directory cannot be used: why, in one line.
    Fault(PathBuf, String),
    /// An earlier fault of this path does not hold any more.
    Well(PathBuf),
    /// Something for the user to read.
    Note {
        /// Whether it is an error.
        error: bool,
        /// The text.
        text: String,
    },
}

/// The watch over the music directory.
pub(super) struct Watch {
    root: PathBuf,
    follow_links: bool,
    /// Changes are followed; otherwise the directory is only walked when asked to.
    follows: bool,
    /// How often to compare everything while changes cannot be watched.
    poll: Duration,
    /// How tags are read now ([`FileRecord::is_outdated`]).
    tags_mark: u16,
    /// Every file is to be read again at the next walk.
    full: bool,
    clock: Box<dyn Clock>,
    settler: Settler,
    sheets: Sheets,
    away: Away,
    walks: Walks,
    /// The paths of which the last walk of the whole library was not sure, until [`Watch::take_scanned`].
    scanned: Option<Vec<PathBuf>>,
    watcher: Option<Watcher>,
    // Kept so that the channel never closes: a closed one would be ready for ever.
    dirty_tx: Sender<Dirty>,
    dirty: Receiver<Dirty>,
    /// Not everything can be watched.
    blind: bool,
    /// Reports changes around the directory; without it the directory is looked at every [`IDENTITY`].
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
            scanned: None,
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

    /// Events from the kernel, for [`Watch::dirtied`].
    pub fn events(&self) -> Receiver<Dirty> {
        self.dirty.clone()
    }

    /// Walks that have ended, for [`Watch::walked`].
    pub fn walks(&self) -> Receiver<Walked> {
        self.walks.results()
    }

    /// Signals that something changed around the directory, for [`Watch::stirred`].
    pub fn stirs(&self) -> Receiver<()> {
        self.around.as_ref().map_or_else(crossbeam_channel::never, Around::stirred)
    }

    /// What was found out since this was called last, in order.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    /// Whether a walk is under way.
    pub fn is_walking(&self) -> bool {
        self.walks.are_running()
    }

    /// Whether files may still be found: a walk is under way, or some are still changing.
    pub fn is_busy(&self) -> bool {
        self.is_walking() || !self.settler.is_empty()
    }

    /// Whether a cue sheet takes a file apart.
    pub fn takes_apart(&self, file: &Path) -> bool {
        self.sheets.take_apart(file)
    }

    /// How long nothing needs to be looked at while nothing happens; none while something is to be looked at regularly.
    pub fn patience(&self) -> Option<Duration> {
        let reported = self.around.is_some() && self.away.is_empty();
        reported.then(|| self.often().saturating_sub(self.walks.age()))
    }

    /// How often the whole directory is compared with what is known.
    fn often(&self) -> Duration {
        if self.blind { self.poll } else { RECONCILE }
    }

    fn note(&mut self, error: bool, text: String) {
        self.seen.push(Seen::Note { error, text });
    }

    /// Walks a directory: the whole library, or a tree in it.
    fn walk(&mut self, dir: PathBuf, shelf: &Shelf) {
        if dir == self.root && self.walks.are_running() {
            return self.walks.once_more();
        }
        let inside = sheets::with_inner_sheet(&dir, shelf);
        if let Err(e) = self.walks.start(dir, self.follow_links, inside) {
            self.note(true, format!("cannot scan: {e}"));
        }
    }

    /// Whether a walk was one of the whole library.
    pub fn is_whole(&self, walked: &Walked) -> bool {
        walked.dir == self.root
    }

    /// Compares what a walk found with what is known. `faulty` are the files whose faults are being shown.
    pub fn walked(&mut self, walked: Walked, shelf: &Shelf, faulty: &HashSet<PathBuf>) {
        let whole = self.is_whole(&walked);
        self.walks.end(whole);
        let Walked { dir, report, found } = walked;
        self.mend(&dir, &report, shelf, faulty);
        self.sheets.note(&dir, &report);
        let of = |r: &FileRecord| Known { stat: r.stat, gone: r.gone_since.is_some() };
        let known = |path: &Path| shelf.file(path).map(of);
        let all = shelf.files_under(&dir).map(|(path, r)| (path.as_ref(), of(r)));
        let Changes { fresh, changed, vanished, back, suspicious, .. } =
            scan::compare(known, all, &found, &report, !whole);
        if whole {
            let sure = suspicious.is_none() && !report.root_missing && !found.is_empty();
            let unsure = report.errors.iter().map(|(path, _)| path).chain(&report.bare).cloned();
            self.scanned = sure.then(|| unsure.collect());
        }
        if let Some(why) = suspicious {
            self.note(true, why);
        }
        self.seen.extend(vanished.into_iter().map(Seen::Gone));
        self.seen.extend(back.into_iter().map(|(path, _)| Seen::Back(path)));
        let full = std::mem::take(&mut self.full);
        // What an older jukebox read, or what was read in another encoding, is read again.
        let outdated = |path: &Path| shelf.file(path).is_some_and(|r| r.is_outdated(self.tags_mark));
        let doubtful = |path: &Path| whole && shelf.file(path).is_some_and(is_doubtful);
        let again = found.into_iter().filter(|(path, _)| full || outdated(path) || doubtful(path));
        for (path, stat) in fresh.into_iter().chain(changed).chain(again) {
            if self.settler.scanned(&path, &stat, self.clock.now(), self.clock.unix_ns()) {
                self.seen.push(Seen::Changed(path));
            }
        }
    }

    /// Faults of sheets and directories come from walks alone: this one's replace those of the walk before.
    fn mend(&mut self, dir: &Path, report: &WalkReport, shelf: &Shelf, faulty: &HashSet<PathBuf>) {
        let now = || report.errors.iter().chain(&report.faults);
        self.seen.extend(now().map(|(path, why)| Seen::Fault(path.clone(), why.clone())));
        let bad: HashSet<&Path> = now().map(|(path, _)| path.as_path()).collect();
        let mended = |path: &&PathBuf| {
            let file = !cue::is_sheet(path) && shelf.file(path).is_some();
            !file && scan::is_under(path, dir) && !bad.contains(path.as_path())
        };
        self.seen.extend(faulty.iter().filter(mended).cloned().map(Seen::Well));
    }

    /// Takes in an event from the kernel.
    pub fn dirtied(&mut self, dirty: Dirty, shelf: &Shelf) {
        match dirty {
            Dirty::Path(path) => self.mark(path, shelf),
            Dirty::Tree(dir) => {
                let dir = self.sheets.above(&dir).unwrap_or(dir);
                self.settler.mark_tree(dir, self.clock.now());
            }
            Dirty::All(why) => {
                if !why.is_empty() {
                    self.note(false, why);
                }
                self.rescan(shelf);
            }
            Dirty::Blind(why) => {
                if !std::mem::replace(&mut self.blind, true) {
                    self.note(true, why);
                }
                self.walk(self.root.clone(), shelf);
            }
        }
    }

    /// Something happened to a file: to a track, to a sheet, or to a file that a sheet takes apart. Which tracks there are
    /// where sheets are, only a walk tells; whether the known ones are still there, a look at each.
    fn mark(&mut self, path: PathBuf, shelf: &Shelf) {
        let now = self.clock.now();
        let sheet = self.sheets.sheet_of(&path);
        if let Some(sheet) = &sheet {
            shelf.files_under(sheet).for_each(|(piece, _)| self.settler.mark(piece.to_path_buf(), now));
        }
        let around = sheet.as_deref().unwrap_or(&path).parent();
        if let Some(dir) = around.filter(|dir| sheet.is_some() || self.sheets.are_in(dir)) {
            self.settler.mark_tree(dir.to_path_buf(), now);
        }
        if sheet.is_none() {
            self.settler.mark(path, now);
        }
    }

    /// A file was found to hold a sheet: its pieces are the tracks. (A sheet beside it goes before; then the file is never
    /// read as a whole.)
    pub fn take_apart(&mut self, file: PathBuf, pieces: Vec<PathBuf>) {
        self.seen.push(Seen::Gone(file.clone()));
        self.sheets.note_inner(file);
        self.seen.extend(pieces.into_iter().map(Seen::Changed));
    }

    /// A file changed while it was read, or should be looked at for another reason: it is read when it has stopped changing.
    pub fn look_at(&mut self, path: PathBuf) {
        self.settler.mark(path, self.clock.now());
    }

    /// Looks at everything again.
    pub fn rescan(&mut self, shelf: &Shelf) {
        self.watch_again();
        self.walk(self.root.clone(), shelf);
    }

    /// Compares the whole directory with what is known when that is due. `idle`: nothing else is being done; `read`:
    /// everything that was found has been read, which is enough where changes cannot be watched: hearing it may take hours.
    pub fn reconcile(&mut self, idle: bool, read: bool, shelf: &Shelf) {
        let free = idle || self.blind && read && !self.is_busy();
        if free && self.follows && self.walks.take_due(self.often()) {
            if self.blind {
                self.watch_again();
            }
            self.walk(self.root.clone(), shelf);
        }
    }

    /// Begins to be told what changes around the library, and when the file `model` does.
    pub fn look_around(&mut self, model: &Path) {
        if self.follows {
            self.around = Around::watch(&self.root, model).ok();
        }
    }

    /// Something changed around the library; or, if not `well`, changes are not reported any longer.
    pub fn stirred(&mut self, well: bool, shelf: &Shelf) {
        if !well {
            self.around = None;
        }
        self.look_for_root(true, shelf);
    }

    /// A disk that is mounted over the directory tells its watcher nothing; one that comes back is another directory. Looks
    /// `now`, or when it is time.
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

    /// Watches what is there now. That something cannot be watched is said once.
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
            self.note(true, why);
        }
        self.blind = blind;
    }

    /// Takes up what has stopped changing.
    pub fn settle(&mut self, shelf: &Shelf) {
        let mut looks = scan::Looks::new(self.follow_links);
        let mut stat = |path: &Path| looks.stat(path);
        let settled = self.settler.poll(self.clock.now(), self.clock.unix_ns(), &mut stat);
        for tree in settled.trees {
            self.walk(tree, shelf);
        }
        for (path, stat) in settled.files {
            self.seen.extend(match stat {
                Some(stat) if shelf.file(&path).is_some_and(|record| self.is_as_known(record, stat)) => {
                    Some(Seen::Back(path))
                }
                // The walk that was waited for beside it found that it is no track by itself.
                Some(_) if self.sheets.take_apart(&path) => None,
                Some(_) => cue::is_track(&path).then_some(Seen::Changed(path)),
                None => Some(Seen::Gone(path)),
            });
        }
    }

    /// Whether a file is as it was when it was read. One that is to be read again for another reason than a change may have
    /// waited here because it is new.
    fn is_as_known(&self, record: &FileRecord, stat: Stat) -> bool {
        record.stat == stat && !record.is_outdated(self.tags_mark) && !is_doubtful(record)
    }

    /// The player could not read a file; `missing`: because it was not there. If it is away, the fault is withdrawn when it
    /// is back, and at once where it is back already. If it has changed, it is read; otherwise the fault is the file's own
    /// and stands until it changes.
    pub fn suspect(&mut self, path: PathBuf, missing: bool) {
        if cue::stat(&path).is_err() {
            return self.away.add(path);
        }
        if missing {
            self.seen.push(Seen::Well(path.clone()));
        }
        self.look_at(path);
    }

    /// Looks whether files are back that were away.
    pub fn look_for_the_lost(&mut self, shelf: &Shelf, catalog: &Catalog) {
        for path in self.away.take_back(shelf, catalog) {
            self.seen.push(Seen::Well(path.clone()));
            self.look_at(path);
        }
    }

    /// Once the whole library was looked through: the paths below which that was not possible.
    pub fn take_scanned(&mut self) -> Option<Vec<PathBuf>> {
        if self.is_busy() { None } else { self.scanned.take() }
    }
}

/// Device and inode, which tell a directory from another one at the same place; none where there is none.
fn identity(root: &Path) -> Option<(u64, u64)> {
    let meta = std::fs::metadata(root).ok()?;
    Some((meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests;
