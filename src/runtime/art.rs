//! Covers for the desktop, which takes them as URLs of files: the picture in a file's tags, of which a copy is kept in the
//! cache, or else the cover that lies beside it. The screen shows the same (`runtime::covers`).

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::analysis::jobs::{Found, Job};
use crate::audio::cue;
use crate::library::{cover, playlist, tags};
use crate::store::Pictures;
use crate::worker::{Worker, WorkerSpec};

/// Finds covers, one after the other.
pub(super) struct Art {
    worker: Mutex<Worker<Job, Found>>,
    pictures: Pictures,
    follow_links: bool,
}

impl Art {
    /// `worker` reads tags, which are strangers' (docs/design.md, "Processes and untrusted data"); `pictures` keeps what is in
    /// them. Covers that are symbolic links count if `follow_links`.
    pub fn new(worker: WorkerSpec, pictures: Pictures, follow_links: bool) -> Art {
        Art { worker: Mutex::new(Worker::new(worker)), pictures, follow_links }
    }

    /// The URL of the cover of a track, if it has one. This starts a process and may take seconds, so it is not for a thread
    /// that somebody waits for.
    pub fn of(&self, track: &Path) -> Option<String> {
        self.in_tags(track).or_else(|| beside(track, self.follow_links))
    }

    fn in_tags(&self, track: &Path) -> Option<String> {
        // Kept until the picture is written, as `Pictures::keep` demands.
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let job = Job::Picture { path: track.to_path_buf() };
        let found = worker.call(&job, job.patience());
        // It will be minutes until the next track.
        worker.stop();
        let Ok(Found::Picture(Some(bytes))) = found else { return None };
        let kept = self.pictures.keep(&bytes, tags::Coding::of(&bytes)?.ending()).ok()?;
        Some(playlist::address_of_file(&kept))
    }
}

/// The URL of the cover that lies beside a file; a piece of a file has the cover of the file.
fn beside(track: &Path, follow_links: bool) -> Option<String> {
    let file = cue::file(track).unwrap_or_else(|_| track.to_owned());
    let found = cover::beside(&file, follow_links).into_iter().find(|cover| cover.is_file());
    found.map(|cover| playlist::address_of_file(&cover))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_picture_in_the_tags_it_is_the_cover_beside_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.mp3");
        let none = WorkerSpec { program: "/no/such/program".into(), args: vec![], env: vec![], log: None };
        let art = Art::new(none, Pictures::in_dir(dir.path().join("covers")), false);
        assert_eq!(art.of(&file), None);
        std::fs::create_dir(dir.path().join("cover.jpg")).unwrap();
        for name in ["back.jpg", "Folder.JPG", "cover.png", "cover.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        assert_eq!(art.of(&file).unwrap(), format!("{}/cover.png", playlist::address_of_file(dir.path())));
        assert!(!dir.path().join("covers").exists(), "no copy is made of what is a file");
    }
}
