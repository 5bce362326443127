//! Cue sheets in the directory: which files are tracks by themselves changes with what lies beside them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Coordinator;
use crate::audio::cue;
use crate::clock::Clock;
use crate::library::scan::{self, WalkReport};

impl Coordinator {
    /// Keeps what a walk found out about sheets.
    pub(super) fn note_sheets(&mut self, dir: &Path, report: &WalkReport) {
        let bad: HashSet<&Path> = report.faults.iter().chain(&report.errors).map(|(path, _)| path.as_path()).collect();
        // A sheet, or a directory that could not be read: what is known of files is not told by a walk.
        let mended = |path: &&PathBuf| {
            let file = !cue::is_sheet(path) && self.shelf.file(path).is_some();
            !file && scan::is_under(path, dir) && !bad.contains(path.as_path())
        };
        for path in self.faulty.iter().filter(mended).cloned().collect::<Vec<_>>() {
            self.well(&path);
        }
        self.sheeted.retain(|known| !scan::is_under(known, dir));
        self.sheeted.extend(report.sheeted.iter().cloned());
        self.apart.retain(|file, _| !scan::is_under(file, dir));
        self.apart.extend(report.apart.iter().map(|(file, sheet)| (file.clone(), sheet.clone())));
    }

    /// Something happened to a file: to a track, to a sheet, or to a file that a sheet takes apart. Which tracks there are
    /// where sheets are, only a walk tells; whether those are still there that were, a look at each.
    pub(super) fn mark(&mut self, path: PathBuf) {
        let now = self.clock.now();
        let sheet = if cue::is_sheet(&path) { Some(path.clone()) } else { self.apart.get(&path).cloned() };
        if let Some(sheet) = &sheet {
            let pieces: Vec<PathBuf> = self.shelf.files_under(sheet).map(|(piece, _)| piece.to_path_buf()).collect();
            pieces.into_iter().for_each(|piece| self.settler.mark(piece, now));
        }
        let around = sheet.as_deref().unwrap_or(&path).parent();
        if let Some(dir) = around.filter(|dir| sheet.is_some() || self.sheeted.contains(*dir)) {
            self.settler.mark_tree(dir.to_path_buf(), now);
        }
        if sheet.is_none() {
            self.settler.mark(path, now);
        }
    }

    /// A file was found to hold a sheet: its pieces are the tracks. (A sheet beside it goes before; then nobody reads the file
    /// as a whole.)
    pub(super) fn take_apart(&mut self, file: PathBuf, pieces: Vec<PathBuf>) {
        self.gone(&file);
        self.apart.insert(file.clone(), file);
        pieces.into_iter().for_each(|piece| self.want_probe(piece));
    }

    /// The files in a directory that held a sheet when they were read.
    pub(super) fn taken_apart(&self, dir: &Path) -> HashSet<PathBuf> {
        let own = |(path, _): (&Arc<Path>, _)| {
            cue::split(path).map(|(sheet, _)| sheet).filter(|sheet| !cue::is_sheet(sheet)).map(Path::to_path_buf)
        };
        self.shelf.files_under(dir).filter_map(own).collect()
    }

    /// The directory of a sheet above a tree that takes a file in it apart.
    pub(super) fn sheeted_above(&self, tree: &Path) -> Option<PathBuf> {
        let reaches = |file: &Path, sheet: &Path| scan::is_under(file, tree) && !scan::is_under(sheet, tree);
        let sheet = self.apart.iter().find(|(file, sheet)| reaches(file, sheet)).map(|(_, sheet)| sheet);
        sheet.and_then(|sheet| sheet.parent()).map(Path::to_path_buf)
    }
}
