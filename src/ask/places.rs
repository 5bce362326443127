//! Which of the files of a track are told. A store knows the files of every directory that was ever scanned, and nobody
//! watches them: a library that was moved is in it at both places, and one that was scanned through a link under two
//! names.

use std::sync::Arc;

use super::answer::Answers;
use crate::audio::cue;
use crate::library::Song;
use crate::track::TrackId;

impl Answers {
    /// The same over files that nobody watches, perhaps of several directories.
    pub fn with_unwatched_files(mut self) -> Answers {
        self.unwatched = true;
        self
    }

    /// Whether a file is to be told of: it is the only one of its track, or it is there, under no other name that is
    /// told as well. Of a track none of whose files are there it is the first. Only tracks with several files cost a look.
    pub(super) fn is_told(&self, song: &Arc<Song>) -> bool {
        let files = || self.catalog.files_of(song.track);
        if !self.unwatched || files().nth(1).is_none() {
            return true;
        }
        let there: Vec<&Arc<Song>> = files().filter(|file| cue::is_there(&file.path)).collect();
        if there.is_empty() {
            return files().next().is_some_and(|first| first.path == song.path);
        }
        // A link's target is told in its stead.
        let target = || cue::canonicalize(&song.path).ok().filter(|target| **target != *song.path);
        there.iter().any(|file| file.path == song.path)
            && !target().is_some_and(|target| there.iter().any(|file| *file.path == *target))
    }

    /// The file of a track that is told.
    pub(super) fn file_of(&self, track: TrackId) -> Option<&Arc<Song>> {
        self.catalog.files_of(track).find(|song| self.is_told(song)).or_else(|| self.catalog.of_track(track))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Space;
    use crate::library::Catalog;
    use crate::library::playlist::{Entry, How};
    use crate::library::signatures::Signatures;

    #[test]
    fn a_library_that_was_moved_is_told_once_at_its_new_place() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (old, new, link) = (root.join("old"), root.join("new"), root.join("link"));
        std::fs::create_dir(&new).unwrap();
        std::os::unix::fs::symlink(&new, &link).unwrap();
        for name in ["1.mp3", "2.mp3", "copy of 2.mp3"] {
            std::fs::write(new.join(name), name).unwrap();
        }
        let id = |n: u8| TrackId([n; 16]);
        let song = |path: std::path::PathBuf, n: u8| Arc::new(Song::bare(path, id(n)));
        let songs = vec![
            song(old.join("1.mp3"), 1),
            song(new.join("1.mp3"), 1),
            song(link.join("1.mp3"), 1),
            song(new.join("2.mp3"), 2),
            song(new.join("copy of 2.mp3"), 2),
            song(root.join("unplugged/3.mp3"), 3),
            song(root.join("unplugged too/3.mp3"), 3),
        ];
        let space = Space::build("test".into(), Arc::default(), Vec::new());
        let signatures = Signatures::in_dir("/nonexistent".into());
        let watched = Answers::new(Catalog::new(songs).into(), space.into(), signatures);
        let found = |answers: &Answers| {
            let (hits, all) = answers.search("", false, usize::MAX).unwrap();
            assert_eq!(hits.len(), all);
            let paths = hits.iter().map(|hit| hit.file().strip_prefix(&root).unwrap().display().to_string());
            paths.collect::<Vec<_>>()
        };
        assert_eq!(found(&watched).len(), 7);
        let answers = watched.with_unwatched_files();
        assert_eq!(found(&answers), ["new/1.mp3", "new/2.mp3", "new/copy of 2.mp3", "unplugged/3.mp3"]);
        assert_eq!(*answers.file_of(id(1)).unwrap().path, *new.join("1.mp3"));
        let entry = Entry { path: old.join("1.mp3"), track: Some(id(1)), ..Entry::default() };
        let place = answers.places(&[entry]).remove(0).unwrap();
        assert_eq!((place.path, place.how), (new.join("1.mp3"), How::Track));
    }
}
