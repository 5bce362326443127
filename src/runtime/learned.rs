//! The next-track model of an installation: gathers the listening history, trains the model in a process of its own,
//! and publishes it with its report as `data/next-track/model.safetensors` and `report.json`.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::learned_error::LearnedError;
use crate::analysis::pool;
use crate::files;
use crate::library::journal::Journal;
use crate::library::mixes::Mixes;
use crate::library::playlists::Playlists;
use crate::paths::Paths;
use crate::queue::next::{self, Learned, Lesson, NextTrack, Report, Sounds};
use crate::store::private;
use crate::worker::Worker;

/// The limit on training time: it takes seconds of processor time, but at the lowest priority.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The kind of worker process that trains.
pub const WORKER: &str = "next";

/// The history of an installation in the latent space of its library. A playlist that cannot be read is left out.
///
/// # Errors
/// When the journal cannot be read.
pub fn lesson(paths: &Paths, sounds: &Sounds) -> Result<Lesson, LearnedError> {
    let journal = paths.journal();
    let entries = Journal::read(&journal).map_err(|cause| LearnedError::File { file: journal, cause })?;
    let sessions = next::sessions(&entries, &|track| sounds.secs(track));
    let lists = Playlists::in_dir(paths.playlists());
    let tracks = |name: String| {
        let list = lists.load(&name).ok()?;
        Some(list.entries.iter().filter_map(|e| e.track).collect())
    };
    // The program's own mixes say nothing about the user.
    let mixes = Mixes::of(&lists).names();
    let own = lists.names().into_iter().filter(|name| !mixes.contains(name));
    let playlists: Vec<_> = own.filter_map(tracks).collect();
    Ok(Lesson::of(sounds, &sessions, &playlists))
}

/// Trains a model in a process of its own.
///
/// # Errors
/// One line with the reason.
pub fn learn(lesson: &Lesson) -> Result<Learned, LearnedError> {
    let mut worker: Worker<Lesson, Learned> = Worker::new(pool::spec(WORKER));
    worker.call(lesson, PATIENCE).map_err(LearnedError::Untrained)
}

/// The files of an installation's model, and the model as last read.
#[derive(Debug)]
pub struct Published {
    model: PathBuf,
    report: PathBuf,
    stamp: Option<Stamp>,
    read: Option<Arc<NextTrack>>,
}

/// Identifies a version of the file: inode, size, modification time.
type Stamp = (u64, u64, i64, i64);

impl Published {
    /// The files of an installation; reads nothing yet.
    pub fn of(paths: &Paths) -> Published {
        let dir = paths.next_track();
        Published { model: dir.join("model.safetensors"), report: dir.join("report.json"), stamp: None, read: None }
    }

    /// The last report; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, with the file and the fix.
    pub fn report(&self) -> Result<Option<Report>, LearnedError> {
        let damaged = |why: String| LearnedError::Damaged { file: self.report.clone(), why, again: "writes it" };
        match files::read(&self.report, files::SMALL) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| damaged(e.to_string())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(damaged(e.to_string())),
        }
    }

    /// Replaces the published model and report, at `now` (seconds since the Unix epoch). The model is written first, so
    /// that a report never describes a model that does not exist.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn publish(&self, learned: Learned, now: u64) -> Result<Report, LearnedError> {
        let unwritten = |file: &PathBuf| {
            let file = file.clone();
            move |cause| LearnedError::File { file, cause }
        };
        match &learned.model {
            Some(bytes) => private::replace(&self.model, bytes).map_err(unwritten(&self.model))?,
            None => match std::fs::remove_file(&self.model) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(unwritten(&self.model)(e)),
                _ => {}
            },
        }
        let report = Report { at: now, ..learned.report };
        let text = serde_json::to_vec_pretty(&report).map_err(|e| unwritten(&self.report)(e.into()))?;
        private::replace(&self.report, &text).map_err(unwritten(&self.report))?;
        Ok(report)
    }

    /// The model, read again when its file has changed; `None` when there is none.
    ///
    /// # Errors
    /// The file is damaged, with the fix; reported once for each version of the file, and then `None` is returned.
    pub fn model(&mut self) -> Result<Option<Arc<NextTrack>>, LearnedError> {
        let stamp = std::fs::metadata(&self.model).ok().map(|m| (m.ino(), m.len(), m.mtime(), m.mtime_nsec()));
        if stamp != self.stamp {
            self.stamp = stamp;
            self.read = None;
            if stamp.is_some() {
                let file = &self.model;
                let damaged = |why| LearnedError::Damaged { file: file.clone(), why, again: "trains it" };
                let bytes = files::read(file, files::MODEL).map_err(|e| damaged(e.to_string()))?;
                self.read = Some(Arc::new(next::read(&bytes).map_err(|e| damaged(e.to_string()))?));
            }
        }
        Ok(self.read.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::journal::{Entry, Event};
    use crate::library::playlist::{self, Playlist};
    use crate::queue::next::simulation::{Habit, history, library};
    use crate::track::TrackId;

    #[test]
    fn what_was_learned_takes_the_place_of_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let mut published = Published::of(&paths);
        assert!(published.report().unwrap().is_none() && published.model().unwrap().is_none());
        let learned = history(&library(1, 200), Habit::Step, 900, 1).learn().unwrap();
        let report = published.publish(learned.clone(), 77).unwrap();
        assert_eq!((report.at, published.report().unwrap().unwrap().words()), (77, report.words()));
        let model = published.model().unwrap().unwrap();
        assert_eq!(model.card().generation, "simulated");
        assert!(Arc::ptr_eq(&model, &published.model().unwrap().unwrap()), "read once");

        std::fs::write(paths.next_track().join("model.safetensors"), b"rubbish").unwrap();
        let why = published.model().unwrap_err().to_string();
        assert!(why.contains("model.safetensors: ") && why.ends_with("--train` trains it again"), "{why}");
        assert!(published.model().unwrap().is_none(), "said once");
        std::fs::write(paths.next_track().join("report.json"), b"{").unwrap();
        assert!(published.report().unwrap_err().to_string().contains("report.json: "));

        published.publish(learned.clone(), 78).unwrap();
        assert!(published.model().unwrap().is_some(), "it is noticed");
        published.publish(Learned { model: None, ..learned }, 79).unwrap();
        assert!(published.model().unwrap().is_none());
    }

    #[test]
    fn journal_and_playlists_are_gathered() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let id = |n: u8| TrackId([n; 16]);
        let sounds = Sounds {
            generation: "g".into(),
            tracks: (0..9).map(|n| (id(n), 60.0, [f32::from(n); 32])).collect(),
            former: vec![(id(77), id(8))],
        };
        assert_eq!(lesson(&paths, &sounds).unwrap().transitions(), 0);
        let (mut journal, _, _) = Journal::open(&paths.journal()).unwrap();
        for (at, n) in [(100, 1), (200, 2), (300, 3)] {
            journal.append(&Entry { at, event: Event::Played { track: id(n), secs: 60.0, whole: true } }).unwrap();
        }
        drop(journal);
        let entry =
            |n| playlist::Entry { path: format!("/m/{n}.mp3").into(), track: Some(id(n)), ..Default::default() };
        let list = Playlist { entries: (4..8).map(entry).collect(), ..Playlist::default() };
        Playlists::in_dir(paths.playlists()).save("mine", &list, false).unwrap();
        let lesson = lesson(&paths, &sounds).unwrap();
        assert_eq!((lesson.sessions.len(), lesson.playlists.len(), lesson.transitions()), (1, 1, 5));
        assert_eq!((lesson.library.len(), lesson.generation.as_str()), (9, "g"));
    }
}
