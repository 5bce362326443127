//! Cue sheets in the directory: whether a file is a track depends on the sheets beside it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analysis::shelf::Shelf;
use crate::audio::cue;
use crate::library::scan::{self, WalkReport};

/// What the walks found about cue sheets.
#[derive(Default)]
pub(super) struct Sheets {
    /// Directories that contain cue sheets.
    dirs: HashSet<PathBuf>,
    /// Files that a sheet splits into pieces, with the sheet.
    apart: HashMap<PathBuf, PathBuf>,
}

impl Sheets {
    /// Replaces what is known about `dir` with the result of a walk of it. What lies where the walk could not read, or below,
    /// stays as it was known: a walk that broke off says nothing about the sheets.
    pub fn note(&mut self, dir: &Path, report: &WalkReport) {
        let unread = |path: &Path| report.errors.iter().any(|(bad, _)| scan::is_under(path, bad));
        let stays = |path: &Path| !scan::is_under(path, dir) || unread(path);
        self.dirs.retain(|known| stays(known));
        self.dirs.extend(report.sheeted.iter().cloned());
        self.apart.retain(|file, _| stays(file));
        self.apart.extend(report.apart.iter().map(|(file, sheet)| (file.clone(), sheet.clone())));
    }

    /// Whether a sheet splits the file, so that the file itself is not a track.
    pub fn take_apart(&self, file: &Path) -> bool {
        self.apart.contains_key(file)
    }

    /// Records that a file has an embedded sheet.
    pub fn note_inner(&mut self, file: PathBuf) {
        self.apart.insert(file.clone(), file);
    }

    /// The sheet that decides about a file: the file itself if it is a sheet, else the one that splits it.
    pub fn sheet_of(&self, path: &Path) -> Option<PathBuf> {
        if cue::is_sheet(path) { Some(path.to_path_buf()) } else { self.apart.get(path).cloned() }
    }

    /// Whether a directory contains sheets.
    pub fn are_in(&self, dir: &Path) -> bool {
        self.dirs.contains(dir)
    }

    /// The directory of a sheet outside the tree that splits a file inside it.
    pub fn above(&self, tree: &Path) -> Option<PathBuf> {
        let reaches = |file: &Path, sheet: &Path| scan::is_under(file, tree) && !scan::is_under(sheet, tree);
        let sheet = self.apart.iter().find(|(file, sheet)| reaches(file, sheet)).map(|(_, sheet)| sheet);
        sheet.and_then(|sheet| sheet.parent()).map(Path::to_path_buf)
    }
}

/// The files under a directory that had an embedded sheet when last read.
pub(super) fn with_inner_sheet(dir: &Path, shelf: &Shelf) -> HashSet<PathBuf> {
    let own = |(path, _): (&Arc<Path>, _)| {
        cue::split(path).map(|(sheet, _)| sheet).filter(|sheet| !cue::is_sheet(sheet)).map(Path::to_path_buf)
    };
    shelf.known_under(dir).filter_map(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_walk_could_not_read_stays_as_it_was_known() {
        let (dir, file, music) = (Path::new("/m/a"), Path::new("/m/a/x.flac"), Path::new("/m"));
        let mut sheets = Sheets::default();
        let known = |sheets: &Sheets| (sheets.take_apart(file), sheets.are_in(dir));
        let (sheeted, apart) = ([dir.to_owned()], [(file.to_owned(), dir.join("x.cue"))]);
        let whole = || WalkReport {
            sheeted: sheeted.clone().into_iter().collect(),
            apart: apart.clone().into_iter().collect(),
            ..WalkReport::default()
        };
        let failed = |at: &str| WalkReport { errors: vec![(at.into(), "no".into())], ..WalkReport::default() };
        sheets.note(music, &whole());
        assert_eq!(known(&sheets), (true, true));
        for at in ["/m", "/m/a"] {
            sheets.note(music, &failed(at));
            assert_eq!(known(&sheets), (true, true), "{at}");
        }
        sheets.note(music, &failed("/m/b"));
        assert_eq!(known(&sheets), (false, false), "the sheet is gone");
    }
}
