//! The directory: walking it, following its events, noticing what vanished.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::around::Around;
use super::trouble::is_doubtful;
use super::{Coordinator, Walked};
use crate::analysis::model::Model;
use crate::audio::cue;
use crate::clock::Clock;
use crate::library::scan::{self, Changes, Known};
use crate::library::watch::{Dirty, Watcher, is_network_fs};
use crate::store::{FileRecord, private};
use crate::track::Stat;

/// How often to look whether the music directory is still the same.
const ROOT: Duration = Duration::from_secs(2);

/// What tells a directory from another one at the same place; none where there is none.
pub(super) fn identity(root: &Path) -> Option<(u64, u64)> {
    let meta = std::fs::metadata(root).ok()?;
    Some((meta.dev(), meta.ino()))
}

impl Coordinator {
    /// Walks a directory on a thread of its own: the whole library, or a tree in it.
    pub(super) fn walk(&mut self, dir: PathBuf) {
        let whole = dir == self.options.root;
        if whole && self.walking > 0 {
            self.rewalk = true;
            return;
        }
        let (answer, follow) = (self.walks.clone(), self.options.follow_links);
        let taken_apart = self.taken_apart(&dir);
        let started = std::thread::Builder::new().name("scan".into()).spawn(move || {
            let mut found = Vec::new();
            let report = scan::walk_over(&dir, follow, &taken_apart, &mut |path, stat| found.push((path, stat)));
            found.sort_unstable_by(|a, b| scan::order(&a.0, &b.0));
            found.dedup_by(|a, b| a.0 == b.0);
            let _ = answer.send(Walked { dir, report, found });
        });
        match started {
            Ok(_) => self.walking += 1,
            Err(e) => self.note(true, format!("cannot scan: {e}")),
        }
    }

    pub(super) fn walked(&mut self, walked: Walked) {
        self.walking = self.walking.saturating_sub(1);
        let Walked { dir, report, found } = walked;
        let whole = dir == self.options.root;
        if whole {
            self.walked_at = Some(Instant::now());
            self.another_try();
        }
        for (path, why) in report.errors.iter().chain(&report.faults) {
            self.fault(path.clone(), why.clone());
        }
        self.note_sheets(&dir, &report);
        let of = |r: &FileRecord| Known { stat: r.stat, gone: r.gone_since.is_some() };
        let known = |path: &Path| self.shelf.file(path).map(of);
        let all = self.shelf.files_under(&dir).map(|(path, r)| (path.as_ref(), of(r)));
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
        for path in vanished {
            self.gone(&path);
        }
        for (path, _) in back {
            self.back(&path);
        }
        let full = std::mem::take(&mut self.options.full);
        // What an older jukebox read, or what was read in another encoding, is read again.
        let mark = self.options.tag_encoding.mark();
        let outdated = |path: &PathBuf| self.shelf.file(path).is_some_and(|r| r.is_outdated(mark));
        let doubtful = |path: &PathBuf| whole && self.shelf.file(path).is_some_and(is_doubtful);
        let again = found.into_iter().filter(|(path, _)| full || outdated(path) || doubtful(path));
        let again: Vec<(PathBuf, Stat)> = again.collect();
        for (path, stat) in fresh.into_iter().chain(changed).chain(again) {
            if self.settler.scanned(&path, &stat, self.clock.now(), self.clock.unix_ns()) {
                self.want_probe(path);
            }
        }
        if whole && let Err(e) = self.shelf.forget_tombstones(self.clock.unix()) {
            self.note(true, format!("the store cannot be written: {e}"));
        }
    }

    pub(super) fn dirtied(&mut self, dirty: Dirty) {
        match dirty {
            Dirty::Path(path) => self.mark(path),
            Dirty::Tree(dir) => {
                let dir = self.sheeted_above(&dir).unwrap_or(dir);
                self.settler.mark_tree(dir, self.clock.now());
            }
            Dirty::All(why) => {
                if !why.is_empty() {
                    self.note(false, why);
                }
                self.watch_again();
                self.walk(self.options.root.clone());
            }
            Dirty::Blind(why) => {
                if !std::mem::replace(&mut self.blind, true) {
                    self.note(true, why);
                }
                self.walk(self.options.root.clone());
            }
        }
    }

    /// Everything is looked at again, as the user asked.
    pub(super) fn rescan(&mut self) {
        self.watch_again();
        self.walk(self.options.root.clone());
    }

    /// Begins to be told what changes around the library.
    pub(super) fn look_around(&mut self) {
        if self.options.watch {
            // There to be watched, also before there is a model in it. That it cannot be made is said when one is.
            let _ = private::dir(&self.options.paths.models());
            self.around = Around::watch(&self.options.root, &Model::file(&self.options.paths)).ok();
        }
    }

    /// Something changed around the library; or, if not `well`, nobody tells it any more.
    pub(super) fn stirred(&mut self, well: bool) {
        if !well {
            self.around = None;
        }
        self.look_for_model(true);
        self.look_for_root(true);
    }

    /// A disk that is mounted over the directory tells its watcher nothing; one that comes back is another directory. Looked
    /// at now, or when it is time.
    pub(super) fn look_for_root(&mut self, now: bool) {
        if !self.options.watch || !(now || self.root_seen.elapsed() >= ROOT) {
            return;
        }
        self.root_seen = Instant::now();
        let root = identity(&self.options.root);
        if root != self.root && root.is_some() {
            self.rescan();
        }
        self.root = root;
    }

    /// Watches what is there now. That something cannot be watched is said once.
    pub(super) fn watch_again(&mut self) {
        if !self.options.watch {
            return;
        }
        let why_not = match &mut self.watcher {
            Some(watcher) => watcher.again(),
            None => {
                let (watcher, why_not) =
                    Watcher::start(&self.options.root, self.options.follow_links, self.dirty_tx.clone());
                self.watcher = watcher;
                why_not
            }
        };
        let blind = why_not.is_some() || is_network_fs(&self.options.root);
        if let (Some(why), false) = (why_not, self.blind) {
            self.note(true, why);
        }
        self.blind = blind;
    }

    /// Takes up what has stopped changing.
    pub(super) fn settle(&mut self) {
        let mut looks = scan::Looks::new(self.options.follow_links);
        let mut stat = |path: &Path| looks.stat(path);
        let settled = self.settler.poll(self.clock.now(), self.clock.unix_ns(), &mut stat);
        for tree in settled.trees {
            self.walk(tree);
        }
        let mark = self.options.tag_encoding.mark();
        // What is to be read again for another reason than a change may have waited here because it is new.
        let as_known =
            |record: &FileRecord, stat| record.stat == stat && !record.is_outdated(mark) && !is_doubtful(record);
        for (path, stat) in settled.files {
            match stat {
                Some(stat) if self.shelf.file(&path).is_some_and(|record| as_known(record, stat)) => self.back(&path),
                // The walk that was waited for beside it found that it is no track by itself.
                Some(_) if self.apart.contains_key(&path) => {}
                Some(_) if cue::is_track(&path) => self.want_probe(path),
                Some(_) => {}
                None => self.gone(&path),
            }
        }
    }

    /// A file that had been missing is there again, just as it was.
    fn back(&mut self, path: &Path) {
        if self.shelf.file(path).is_some_and(|r| r.gone_since.is_some()) {
            self.shelf.mark_gone(path, None);
            self.catalog_stale = true;
        }
    }

    /// A file is not there any more.
    pub(super) fn gone(&mut self, path: &Path) {
        self.well(path);
        if self.shelf.file(path).is_some_and(|r| r.gone_since.is_none()) {
            self.shelf.mark_gone(path, Some(self.clock.unix()));
            self.hand_on();
            self.catalog_stale = true;
            self.vanished.get_or_insert_with(Instant::now);
        }
    }
}
