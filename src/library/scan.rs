//! Walks the music directory, and compares what it finds with what is known.

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

use super::unsupported;

/// The outcome of a walk, beside the files found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WalkReport {
    /// Directories and files that could not be read, and why. What is known below them is neither
    /// confirmed nor missing.
    pub errors: Vec<(PathBuf, String)>,
    /// Invalid cue sheets, and why. Their audio files count as if there were no sheet.
    pub faults: Vec<(PathBuf, String)>,
    /// Directories that contain cue sheets.
    pub sheeted: Vec<PathBuf>,
    /// Files not reported because a cue sheet splits them, each with the sheet.
    pub apart: HashMap<PathBuf, PathBuf>,
    /// Empty directories and dangling links: perhaps a disk is not mounted there.
    pub bare: Vec<PathBuf>,
    /// Audio files of formats that cannot be played ([`super::unsupported`]).
    pub unsupported: Vec<PathBuf>,
    /// Whether the root does not exist.
    pub root_missing: bool,
    /// Number of directories read.
    pub dirs: usize,
}

/// Walks a directory and passes every regular audio file (by [`is_audio`]) to `found`, in arbitrary
/// order. Names that begin with a dot are skipped, as in other players (`.Trash`, `._track.mp3` of
/// macOS), except for the root itself. Symbolic links below the root are followed only if
/// `follow_links`; a directory is then entered once, however many links point to it. If the root is
/// a file, it is the only one. A file that is split by a cue sheet beside or above it is replaced
/// by its pieces (see [`cue`]).
pub fn walk(root: &Path, follow_links: bool, found: &mut dyn FnMut(PathBuf, Stat)) -> WalkReport {
    walk_over(root, follow_links, &HashSet::new(), found)
}

/// As [`walk`], but also replaces the files `inside` by their pieces if they contain an embedded
/// cue sheet. A walk does not read files, so the caller has to name those that may have one.
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
            // Deleted since it was listed: as if it had never existed.
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
            // `stat` dominates the time of a scan: call it only where needed.
            let may_count = if kind.is_file() { is_audio(&path) } else { kind.is_dir() || kind.is_symlink() };
            if cue::is_sheet(&path) && !kind.is_dir() {
                sheets.push(path);
                continue;
            }
            if !may_count {
                if unsupported::format(&path).is_some() {
                    report.unsupported.push(path);
                }
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
                // A dangling link, or a file deleted since it was listed.
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

/// Passes a file to `found`, or its pieces if it is among `inside` and has an embedded cue sheet.
fn hand_out(
    path: PathBuf,
    stat: Stat,
    inside: &HashSet<PathBuf>,
    report: &mut WalkReport,
    found: &mut dyn FnMut(PathBuf, Stat),
) {
    // The sheet is the file itself, and the walk has already decided whether to follow a link to
    // it.
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

/// Device and inode of each split file (as its name may be spelled in several ways), and the sheet
/// that splits it.
type Apart = HashMap<(u64, u64), PathBuf>;

/// Passes the pieces of a directory's cue sheets to `found`, and adds the split files to `apart`. A
/// file is split by one sheet only: often there are two of them, an original and a corrected one.
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
            // Albums split into files often still have their sheet beside them.
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

/// The stat of a regular file or of a piece, as [`walk`] reports it and
/// [`Settler::poll`](super::settle::Settler::poll) expects it; `None` if it does not exist or is
/// something else.
///
/// # Errors
/// An I/O error, if it is unknown whether the file exists.
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

/// [`stat`] for many files: each cue sheet is read only once for all its pieces.
pub struct Looks {
    follow_links: bool,
    sheets: HashMap<PathBuf, HashMap<PathBuf, Piece>>,
}

impl Looks {
    /// Starts with an empty cache.
    pub fn new(follow_links: bool) -> Looks {
        Looks { follow_links, sheets: HashMap::new() }
    }

    /// As [`stat`].
    ///
    /// # Errors
    /// As [`stat`].
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

/// The pieces of a sheet; none if the sheet is a link and links are not followed.
fn pieces(sheet: &Path, follow_links: bool) -> io::Result<Vec<(PathBuf, Piece)>> {
    if !follow_links && sheet.is_symlink() {
        return Ok(Vec::new());
    }
    cue::pieces(sheet, follow_links)
}

/// Maps an error to `None` if the sheet or its file is missing or the sheet is invalid: then there
/// is no such piece.
fn absent_is_none<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(e) if is_absent(&e) || e.kind() == io::ErrorKind::InvalidData => Ok(None),
        Err(e) => Err(e),
    }
}

/// What is known about a file before a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its stat when it was last read.
    pub stat: Stat,
    /// Whether it was missing at the last scan.
    pub gone: bool,
}

/// The differences between the disk and what is known. A moved file appears as a vanished and a
/// fresh one, which the track's identity links.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Unknown files.
    pub fresh: Vec<(PathBuf, Stat)>,
    /// Files whose stat differs.
    pub changed: Vec<(PathBuf, Stat)>,
    /// Missing files; empty if the scan is suspicious.
    pub vanished: Vec<PathBuf>,
    /// Files that had been missing and are present again, unchanged.
    pub back: Vec<(PathBuf, Stat)>,
    /// Number of unchanged files.
    pub unchanged: usize,
    /// A message if so many files are missing that an unmounted disk is more likely than a
    /// deletion.
    pub suspicious: Option<String>,
}

/// Up to this many missing files are not suspicious, unless nothing was found at all.
const A_FEW: usize = 5;

/// Compares what is known with what a walk found. With `confirmed` (by the user, or because only a
/// part of the library was walked) every missing file counts as vanished. Otherwise none does if
/// the scan is suspicious: if the root is missing or empty, or if more than `A_FEW` files are
/// missing and either none of the files found is on a known device or more than half are missing.
/// Files below an unreadable directory never count as vanished, and files whose inode was found
/// under another name do not add to the suspicion.
///
/// A different device number alone is no change: btrfs, overlays and network mounts get a new one
/// at every boot.
///
/// `known` looks up a file, `all` iterates over all known files, and `found` is sorted by [`order`]
/// without duplicates. Only changes are copied, as in most scans a hundred thousand files are
/// unchanged.
pub fn compare<'a>(
    known: impl Fn(&Path) -> Option<Known>,
    all: impl Iterator<Item = (&'a Path, Known)> + Clone,
    found: &[(PathBuf, Stat)],
    walk: &WalkReport,
    confirmed: bool,
) -> Changes {
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
    // A file replaced by its pieces, or the other way round, is not missing: the inode is the same.
    let kinds = LazyCell::new(|| found.iter().map(|(p, s)| (s.ino, is_piece(p))).collect::<HashSet<(u64, bool)>>());
    let there = all.filter(|(_, k)| !k.gone);
    let expected = there.clone().count();
    let mut missing = 0;
    // Look for missing files only if there are any.
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
    // A deterministic order of work.
    changes.fresh.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    changes.changed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    changes.back.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    changes.vanished.sort_unstable();
    changes
}

/// Orders paths by their bytes, which is three times as fast as by components.
pub fn order(a: &Path, b: &Path) -> Ordering {
    a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes())
}

/// Whether `path` is `root` or below it. Both must be normalised as in a walk: no `.` and no
/// repeated slashes.
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
