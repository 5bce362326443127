//! What is on the disk, and how it differs from what is known.

use std::cell::LazyCell;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::audio::cue::{self, Piece};
use crate::audio::is_absent;
use crate::track::{Stat, is_audio};

/// How a walk went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WalkReport {
    /// Directories and files that could not be looked at, and why. What is known below them is neither confirmed nor
    /// gone.
    pub errors: Vec<(PathBuf, String)>,
    /// Cue sheets that make no sense, and why. Their files are tracks as if there were no sheet.
    pub faults: Vec<(PathBuf, String)>,
    /// Directories with cue sheets in them.
    pub sheeted: Vec<PathBuf>,
    /// Files that are not handed out because a cue sheet takes them apart, each with the sheet.
    pub apart: HashMap<PathBuf, PathBuf>,
    /// Directories that hold nothing at all, and links that lead nowhere: perhaps a disk is not mounted there.
    pub bare: Vec<PathBuf>,
    /// The root itself is not there.
    pub root_missing: bool,
    /// How many directories were read.
    pub dirs: usize,
}

/// Walks a directory and hands every regular audio file (by [`is_audio`]) to `found`, in no particular order. Names
/// that begin with a dot are skipped, as every player does (`.Trash`, `._track.mp3` of macOS); of the root itself
/// any name will do. Symbolic links below the root are followed only if `follow_links`; a directory is then entered
/// once, however many links lead there. A root that is a file is that file. In place of a file that a cue sheet beside or
/// above it takes apart come its pieces (see [`cue`]).
pub fn walk(root: &Path, follow_links: bool, found: &mut dyn FnMut(PathBuf, Stat)) -> WalkReport {
    walk_over(root, follow_links, &HashSet::new(), found)
}

/// As [`walk`]; in place of those of the files `inside` that hold a cue sheet of their own, which no walk can tell of
/// others, come their pieces.
pub fn walk_over(
    root: &Path,
    follow_links: bool,
    inside: &HashSet<PathBuf>,
    found: &mut dyn FnMut(PathBuf, Stat),
) -> WalkReport {
    let mut report = WalkReport::default();
    let mut entered: HashSet<(u64, u64)> = HashSet::new();
    let mut waiting = Vec::new();
    let mut apart = Apart::new();
    match fs::metadata(root) {
        Ok(meta) if meta.is_dir() => {
            entered.insert((meta.dev(), meta.ino()));
            waiting.push(root.to_owned());
        }
        Ok(meta) if meta.is_file() && is_audio(root) => {
            hand_out(root.to_owned(), Stat::of(&meta), inside, &mut report, found);
        }
        Ok(_) => report.errors.push((root.to_owned(), "neither a directory nor an audio file".into())),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            report.root_missing = true;
        }
        Err(e) => report.errors.push((root.to_owned(), e.to_string())),
    }
    while let Some(dir) = waiting.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            // Gone since it was listed: as good as never there.
            Err(e) if e.kind() == io::ErrorKind::NotFound && dir != root => continue,
            Err(e) => {
                report.errors.push((dir, e.to_string()));
                continue;
            }
        };
        report.dirs += 1;
        let (mut sheets, mut files) = (Vec::new(), Vec::new());
        let mut bare = true;
        for entry in entries {
            bare = false;
            let entry = match entry {
                Ok(entry) => entry,
                Err(e) => {
                    report.errors.push((dir.clone(), e.to_string()));
                    break;
                }
            };
            let name = entry.file_name();
            if name.as_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_symlink() && !follow_links => continue,
                Ok(kind) => kind,
                Err(e) => {
                    report.errors.push((path, e.to_string()));
                    continue;
                }
            };
            // A stat is what a scan spends its time on: only of what may count.
            let may_count = if kind.is_file() { is_audio(&path) } else { kind.is_dir() || kind.is_symlink() };
            if cue::is_sheet(&path) && !kind.is_dir() {
                sheets.push(path);
                continue;
            }
            if !may_count {
                continue;
            }
            if kind.is_dir() && !follow_links {
                waiting.push(path);
                continue;
            }
            match fs::metadata(&path) {
                Ok(meta) if meta.is_file() && is_audio(&path) => files.push((path, Stat::of(&meta))),
                Ok(meta) if meta.is_dir() && entered.insert((meta.dev(), meta.ino())) => waiting.push(path),
                Ok(_) => {}
                // A dangling link, or a file that has just gone.
                Err(e) if e.kind() == io::ErrorKind::NotFound => report.bare.push(path),
                Err(e) => report.errors.push((path, e.to_string())),
            }
        }
        if bare {
            report.bare.push(dir.clone());
        }
        if !sheets.is_empty() {
            take_apart(sheets, (files.is_empty(), follow_links), &mut apart, &mut report, found);
            report.sheeted.push(dir);
        }
        for (path, stat) in files {
            match apart.get(&(stat.dev, stat.ino)) {
                Some(sheet) => drop(report.apart.insert(path, sheet.clone())),
                None => hand_out(path, stat, inside, &mut report, found),
            }
        }
    }
    report
}

/// Hands out a file, or its pieces where it may hold a cue sheet of its own and does.
fn hand_out(
    path: PathBuf,
    stat: Stat,
    inside: &HashSet<PathBuf>,
    report: &mut WalkReport,
    found: &mut dyn FnMut(PathBuf, Stat),
) {
    // Its sheet is the file itself: whether links lead there was seen to.
    let pieces = if inside.contains(&path) { absent_is_none(cue::pieces(&path, true)) } else { Ok(None) };
    match pieces {
        Ok(pieces) if pieces.as_ref().is_none_or(Vec::is_empty) => found(path, stat),
        Ok(pieces) => {
            pieces.into_iter().flatten().for_each(|(name, _)| found(name, stat));
            report.apart.insert(path.clone(), path);
        }
        Err(e) => report.errors.push((path, e.to_string())),
    }
}

/// Device and inode of each file that is taken apart (a name may be written in two ways), and by which sheet.
type Apart = HashMap<(u64, u64), PathBuf>;

/// Hands out the pieces of a directory's cue sheets and notes in `apart` of which files they are. A file is taken apart by
/// one sheet only; many lie there twice, as they were made and mended.
fn take_apart(
    mut sheets: Vec<PathBuf>,
    (alone, follow_links): (bool, bool),
    apart: &mut Apart,
    report: &mut WalkReport,
    found: &mut dyn FnMut(PathBuf, Stat),
) {
    sheets.sort_unstable();
    for sheet in sheets {
        let pieces = match cue::pieces(&sheet, follow_links) {
            Ok(pieces) => pieces,
            // What was split into files by its sheet often still has it beside.
            Err(e) if e.kind() == io::ErrorKind::NotFound && !alone => continue,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
                report.faults.push((sheet, e.to_string()));
                continue;
            }
            Err(e) => {
                report.errors.push((sheet, e.to_string()));
                continue;
            }
        };
        for (path, piece) in pieces {
            match cue::joint(&path, &piece) {
                Ok(stat) => {
                    if apart.entry((stat.dev, stat.ino)).or_insert_with(|| sheet.clone()) == &sheet {
                        found(path, stat);
                    }
                }
                Err(e) => report.errors.push((path, e.to_string())),
            }
        }
    }
}

/// The stat of a regular file, or of a piece of one; none when nothing is there or it is something else. What [`walk`]
/// would hand out for it, and what [`Settler::poll`](super::settle::Settler::poll) wants.
///
/// # Errors
/// An I/O error when it is unknown: such a file is not gone.
pub fn stat(path: &Path, follow_links: bool) -> io::Result<Option<Stat>> {
    if let Some((sheet, _)) = cue::split(path) {
        let pieces = absent_is_none(pieces(sheet, follow_links))?.unwrap_or_default();
        let piece = pieces.iter().find(|(name, _)| name == path);
        return piece.map_or(Ok(None), |(_, piece)| absent_is_none(cue::joint(path, piece)));
    }
    let meta = if follow_links { fs::metadata(path) } else { fs::symlink_metadata(path) };
    match meta {
        Ok(meta) => Ok(meta.is_file().then(|| Stat::of(&meta))),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Looks at several files, as [`stat`] does at one; a cue sheet is read once for all its pieces.
pub struct Looks {
    follow_links: bool,
    sheets: HashMap<PathBuf, HashMap<PathBuf, Piece>>,
}

impl Looks {
    /// Nothing was looked at yet.
    pub fn new(follow_links: bool) -> Looks {
        Looks { follow_links, sheets: HashMap::new() }
    }

    /// What [`stat`] says of it.
    ///
    /// # Errors
    /// Those of [`stat`].
    pub fn stat(&mut self, path: &Path) -> io::Result<Option<Stat>> {
        let Some((sheet, _)) = cue::split(path) else { return stat(path, self.follow_links) };
        if !self.sheets.contains_key(sheet) {
            let pieces = absent_is_none(pieces(sheet, self.follow_links))?.unwrap_or_default();
            self.sheets.insert(sheet.to_owned(), pieces.into_iter().collect());
        }
        let piece = self.sheets.get(sheet).and_then(|pieces| pieces.get(path));
        piece.map_or(Ok(None), |piece| absent_is_none(cue::joint(path, piece)))
    }
}

/// The pieces of a sheet, which itself may be a link.
fn pieces(sheet: &Path, follow_links: bool) -> io::Result<Vec<(PathBuf, Piece)>> {
    if !follow_links && sheet.is_symlink() {
        return Ok(Vec::new());
    }
    cue::pieces(sheet, follow_links)
}

/// A sheet that is gone or says something else now, or whose file is gone, has no such piece.
fn absent_is_none<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(e) if is_absent(&e) || e.kind() == io::ErrorKind::InvalidData => Ok(None),
        Err(e) => Err(e),
    }
}

/// What is known of a file before a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The stat it had when it was looked at.
    pub stat: Stat,
    /// Whether it was missing at the last scan already.
    pub gone: bool,
}

/// How the disk differs from what is known. A moved file is one that vanished and a fresh one; the track's identity
/// brings them together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Files that were not known.
    pub fresh: Vec<(PathBuf, Stat)>,
    /// Files that are not as they were.
    pub changed: Vec<(PathBuf, Stat)>,
    /// Files that are no longer there. Empty when the scan is suspicious.
    pub vanished: Vec<PathBuf>,
    /// Files that had been missing and are there again, just as they were.
    pub back: Vec<(PathBuf, Stat)>,
    /// How many files are as they were.
    pub unchanged: usize,
    /// Why so much is missing that nothing is believed to be gone: an unmounted disk rather than a deletion.
    pub suspicious: Option<String>,
}

/// Fewer missing files than this are never suspicious.
const A_FEW: usize = 5;

/// Compares what is known with what a walk found. With `confirmed` (the user said so, or only a part of the library
/// was walked) a file that is missing is believed to be gone however many there are; otherwise none is when the root is
/// missing or empty, when no file lies on a device that was known, or when more than a few and more than half vanished.
/// Files below what could not be read, and files whose inode turned up under another name, are no evidence.
///
/// A device number alone is no change: btrfs, overlays and network mounts get a new one at every boot.
///
/// `known` tells what is known of a file, `all` goes over everything that is; `found` is sorted by [`order`]. Nothing is
/// copied but what changed: most scans find a hundred thousand files as they were.
pub fn compare<'a>(
    known: impl Fn(&Path) -> Option<Known>,
    all: impl Iterator<Item = (&'a Path, Known)> + Clone,
    found: &[(PathBuf, Stat)],
    walk: &WalkReport,
    confirmed: bool,
) -> Changes {
    debug_assert!(found.is_sorted_by(|a, b| order(&a.0, &b.0).is_lt()), "sorted, each once");
    let mut changes = Changes::default();
    let mut met = 0;
    for (path, stat) in found {
        let known = known(path);
        met += usize::from(known.is_some_and(|k| !k.gone));
        match known {
            None => changes.fresh.push((path.clone(), *stat)),
            Some(k) if !same(&k.stat, stat) => changes.changed.push((path.clone(), *stat)),
            Some(k) if k.gone => changes.back.push((path.clone(), *stat)),
            Some(_) => changes.unchanged += 1,
        }
    }
    let unread: HashSet<&Path> = walk.errors.iter().map(|(path, _)| path.as_path()).collect();
    let elsewhere: HashSet<(u64, u64, i64)> = changes.fresh.iter().map(|(_, s)| (s.ino, s.size, s.mtime_ns)).collect();
    // A file that was traded for its pieces, or they for it, is not missing: they have its inode.
    let kinds = LazyCell::new(|| found.iter().map(|(p, s)| (s.ino, is_piece(p))).collect::<HashSet<(u64, bool)>>());
    let there = all.filter(|(_, k)| !k.gone);
    let expected = there.clone().count();
    let mut missing = 0;
    // Which files are missing is asked only when some are.
    let lost = |path: &Path| met < expected && found.binary_search_by(|(p, _)| order(p, path)).is_err();
    for (path, k) in there.clone().filter(|(path, _)| lost(path)) {
        if !unread.is_empty() && path.ancestors().any(|a| unread.contains(a)) {
            continue;
        }
        let traded = kinds.contains(&(k.stat.ino, !is_piece(path)));
        if !traded && !elsewhere.contains(&(k.stat.ino, k.stat.size, k.stat.mtime_ns)) {
            missing += 1;
        }
        changes.vanished.push(path.to_owned());
    }
    if missing > 0 && !confirmed {
        changes.suspicious = suspicion(there, found, walk, missing, expected);
        if changes.suspicious.is_some() {
            changes.vanished.clear();
        }
    }
    // The same disk always gives the same order of work.
    changes.fresh.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    changes.changed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    changes.back.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    changes.vanished.sort_unstable();
    changes
}

/// The order of paths by their bytes; three times as fast as the one by their parts.
pub fn order(a: &Path, b: &Path) -> Ordering {
    a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes())
}

/// Whether a path is `root` or lies below it; both as a walk makes them, without `.` and doubled slashes.
pub fn is_under(path: &Path, root: &Path) -> bool {
    let (path, root) = (path.as_os_str().as_bytes(), root.as_os_str().as_bytes());
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest[0] == b'/' || root.ends_with(b"/"))
}

fn is_piece(path: &Path) -> bool {
    cue::split(path).is_some()
}

fn same(a: &Stat, b: &Stat) -> bool {
    Stat { dev: 0, ..*a } == Stat { dev: 0, ..*b }
}

fn suspicion<'a>(
    there: impl Iterator<Item = (&'a Path, Known)>,
    found: &[(PathBuf, Stat)],
    walk: &WalkReport,
    missing: usize,
    expected: usize,
) -> Option<String> {
    let kept = "nothing was forgotten";
    if walk.root_missing {
        return Some(format!("the music directory is missing; {kept}"));
    }
    if found.is_empty() {
        return Some(format!("the music directory is empty: is a disk not mounted? {kept}"));
    }
    if missing <= A_FEW {
        return None;
    }
    let devices: HashSet<u64> = there.map(|(_, k)| k.stat.dev).collect();
    if !found.iter().any(|(_, s)| devices.contains(&s.dev)) {
        return Some(format!("the music directory is on another disk and {missing} files are missing; {kept}"));
    }
    if 2 * missing > expected {
        return Some(format!("{missing} of {expected} files are missing: is a disk not mounted? {kept}"));
    }
    None
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
