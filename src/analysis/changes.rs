//! Which files a catalog has, and where, beside the one before it: for the log.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::library::{Catalog, Song};
use crate::track::TrackId;

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added(PathBuf),
    /// It has another name or place.
    Moved {
        /// The former path.
        from: PathBuf,
        /// The present one.
        to: PathBuf,
    },
    /// It is gone.
    Removed(PathBuf),
}

/// The files that came, moved and went between two catalogs: first those of the new one in its order, then those that are
/// gone. One that only got other tags is none of them.
pub(super) fn between(before: &Catalog, after: &Catalog) -> Vec<Change> {
    // The files of each track that are gone: a copy of one that stayed is no move, and one file moves to one place.
    let mut gone: HashMap<TrackId, Vec<&Arc<Song>>> = HashMap::new();
    for song in before.songs().iter().filter(|song| after.of_path(&song.path).is_none()) {
        gone.entry(song.track).or_default().push(song);
    }
    let come = after.songs().iter().filter(|song| before.of_path(&song.path).is_none());
    let mut changes: Vec<Change> = Vec::new();
    for song in come {
        let from = gone.get_mut(&song.track).and_then(Vec::pop);
        let to = song.path.to_path_buf();
        changes.push(match from {
            Some(from) => Change::Moved { from: from.path.to_path_buf(), to },
            None => Change::Added(to),
        });
    }
    let mut removed: Vec<PathBuf> = gone.into_values().flatten().map(|song| song.path.to_path_buf()).collect();
    removed.sort();
    changes.extend(removed.into_iter().map(Change::Removed));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(files: &[(&str, u8)]) -> Catalog {
        Catalog::new(files.iter().map(|(path, n)| Arc::new(Song::bare(*path, TrackId([*n; 16])))).collect())
    }

    #[test]
    fn files_come_move_and_go() {
        let before = catalog(&[("/m/a.mp3", 1), ("/m/b.mp3", 2), ("/m/c.mp3", 3), ("/m/d.mp3", 4)]);
        assert_eq!(between(&before, &before), []);
        // b was renamed, c was removed, d was copied, e is new; a is another recording at the same place.
        let after =
            catalog(&[("/m/a.mp3", 9), ("/m/z.mp3", 2), ("/m/d.mp3", 4), ("/m/d copy.mp3", 4), ("/m/e.mp3", 5)]);
        let changes = between(&before, &after);
        let wanted = [
            Change::Moved { from: "/m/b.mp3".into(), to: "/m/z.mp3".into() },
            Change::Added("/m/d copy.mp3".into()),
            Change::Added("/m/e.mp3".into()),
            Change::Removed("/m/c.mp3".into()),
        ];
        assert_eq!(changes.len(), wanted.len(), "{changes:?}");
        for change in wanted {
            assert!(changes.contains(&change), "{change:?} in {changes:?}");
        }
    }

    #[test]
    fn of_two_copies_one_moves_and_the_other_goes() {
        let before = catalog(&[("/m/a.mp3", 1), ("/m/b.mp3", 1)]);
        let changes = between(&before, &catalog(&[("/m/c.mp3", 1)]));
        assert!(matches!(&changes[..], [Change::Moved { .. }, Change::Removed(_)]), "{changes:?}");
    }
}
