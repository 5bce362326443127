//! Reads what the user saved, for the view of the playlists.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use crate::app::state::lists::{Kind, Listed};
use crate::ask::answers::Answers;
use crate::library::Catalog;
use crate::library::playlist::Finder;
use crate::library::playlists::Playlists;
use crate::track::Stat;

/// What was read last. A list whose file is as it was, in a library that is as it was, is not read again. What a smart
/// playlist finds depends on more than that, so it is looked for each time.
#[derive(Default)]
pub(super) struct Readings {
    catalog: Weak<Catalog>,
    read: HashMap<PathBuf, (Stat, Listed)>,
}

impl Readings {
    /// Every playlist and saved signature with the songs that the library has of it. One that cannot be read says why.
    pub(super) fn all(&mut self, answers: &Answers, playlists: &Playlists) -> Vec<Listed> {
        let catalog = Arc::downgrade(&answers.catalog);
        let mut former = std::mem::take(&mut self.read);
        if !self.catalog.ptr_eq(&catalog) {
            (self.catalog, former) = (catalog, HashMap::new());
        }
        let finder = LazyCell::new(|| Finder::new(&answers.catalog));
        let mut all = Vec::new();
        for name in playlists.names() {
            let file = playlists.existing(&name).ok();
            all.push(self.reading(&mut former, file, || playlist(answers, playlists, &finder, name)));
        }
        for name in answers.signatures.names() {
            let file = answers.signatures.existing(&name).ok();
            all.push(self.reading(&mut former, file, || signature(answers, name)));
        }
        // The names are sorted already; the kinds stand together.
        all.sort_by_key(|list| list.kind as u8);
        all
    }

    /// The list in a file: the former one, if the file has not changed since, else as `read` reads it.
    fn reading(
        &mut self,
        former: &mut HashMap<PathBuf, (Stat, Listed)>,
        file: Option<PathBuf>,
        read: impl FnOnce() -> Listed,
    ) -> Listed {
        let stat = file.as_deref().and_then(|file| std::fs::metadata(file).ok()).map(|meta| Stat::of(&meta));
        let Some((file, stat)) = file.zip(stat) else { return read() };
        let list = former.remove(&file).filter(|(then, _)| *then == stat).map_or_else(read, |(_, list)| list);
        if list.kind != Kind::Smart && !list.broken {
            self.read.insert(file, (stat, list.clone()));
        }
        list
    }
}

/// One playlist, smart or not.
pub(super) fn one(answers: &Answers, playlists: &Playlists, name: String) -> Listed {
    playlist(answers, playlists, &Finder::new(&answers.catalog), name)
}

fn playlist(answers: &Answers, playlists: &Playlists, finder: &Finder, name: String) -> Listed {
    let kind = if playlists.is_smart(&name) { Kind::Smart } else { Kind::Playlist };
    let read = match playlists.smart(&name) {
        Ok(Some(smart)) => {
            let songs = answers.smart(&smart).map_err(|why| why.line());
            songs.map(|songs| Listed::new(kind, name.clone(), smart.line(), songs, 0))
        }
        Ok(None) => playlists.load(&name).map_err(String::from).map(|list| {
            let songs = list.entries.iter().filter_map(|entry| finder.find(entry));
            let songs: Vec<_> = songs.map(|(song, _)| song.clone()).collect();
            let missing = list.entries.len() + list.left_out - songs.len();
            Listed::new(kind, name.clone(), String::new(), songs, missing)
        }),
        Err(why) => Err(why.into()),
    };
    read.unwrap_or_else(|why| Listed::broken(kind, name, why))
}

fn signature(answers: &Answers, name: String) -> Listed {
    match answers.saved(&name) {
        Ok((members, choice, missing)) => {
            let songs = members.iter().filter_map(|track| answers.catalog.of_track(*track).cloned()).collect();
            Listed::new(Kind::Signature, name, choice.to_string(), songs, missing)
        }
        Err(why) => Listed::broken(Kind::Signature, name, why.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_again_when_its_file_has_changed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("evening.m3u8");
        std::fs::write(&file, "a.mp3").unwrap();
        let (mut readings, mut read) = (Readings::default(), 0);
        let mut look = |kind, readings: &mut Readings| {
            let mut former = std::mem::take(&mut readings.read);
            let list = readings.reading(&mut former, Some(file.clone()), || {
                read += 1;
                Listed::new(kind, "evening".into(), String::new(), Vec::new(), 1)
            });
            assert_eq!(list.missing, 1);
            read
        };
        assert_eq!([look(Kind::Playlist, &mut readings), look(Kind::Playlist, &mut readings)], [1, 1]);
        std::fs::write(&file, "a.mp3\nb.mp3").unwrap();
        assert_eq!([look(Kind::Playlist, &mut readings), look(Kind::Playlist, &mut readings)], [2, 2]);
        // What a smart playlist finds may change without its file.
        std::fs::write(&file, "rock").unwrap();
        assert_eq!([look(Kind::Smart, &mut readings), look(Kind::Smart, &mut readings)], [3, 4]);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(look(Kind::Playlist, &mut readings), 5);
    }

    #[test]
    fn another_library_has_every_list_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let playlists = Playlists::in_dir(dir.path().join("playlists"));
        std::fs::create_dir(dir.path().join("playlists")).unwrap();
        std::fs::write(dir.path().join("playlists/evening.m3u8"), "/music/gone.mp3\n").unwrap();
        let signatures = crate::library::signatures::Signatures::in_dir(dir.path().join("signatures"));
        let answers = Answers::new(Arc::default(), Arc::default(), signatures);
        let mut readings = Readings::default();
        let all = readings.all(&answers, &playlists);
        assert_eq!(all.iter().map(|list| (list.name.as_str(), list.missing)).collect::<Vec<_>>(), [("evening", 1)]);
        assert_eq!(readings.all(&answers, &playlists), all);
        let known = readings.catalog.clone();
        let other = answers.with_catalog(Arc::new(Catalog::new(Vec::new())));
        assert_eq!(readings.all(&other, &playlists), all);
        assert!(!readings.catalog.ptr_eq(&known));
    }
}
