//! The session files: one per music directory, each with a backup of the previous one.

use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::app::state::session::{Place, Session};
use crate::files;
use crate::paths::Paths;
use crate::store::private;

/// A larger file was not written by jukebox.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The session file of a music directory.
#[derive(Clone, Debug)]
pub struct Sessions {
    root: PathBuf,
    /// The session of this directory.
    file: PathBuf,
    /// The directory of all of them.
    dir: PathBuf,
    /// The single file that older versions wrote for all directories. It is only read.
    older: PathBuf,
    /// The checksum of the session last written, to which a place belongs.
    written: Cell<u32>,
}

/// A place as saved beside its session.
#[derive(Serialize, Deserialize)]
struct PlaceOf {
    /// CRC-32 of the session's file. A place of another session, or of one edited since, is ignored.
    session: u32,
    place: Place,
}

impl Sessions {
    /// The session of a music directory, given by its canonical path.
    pub fn of(paths: &Paths, root: &Path) -> Sessions {
        let dir = paths.sessions();
        Sessions { root: root.into(), file: paths.session_of(root), dir, older: paths.session(), written: Cell::new(0) }
    }

    /// The last session of this directory, with notes for the user. A damaged file is renamed and reported, and its
    /// backup is used, or else the file of an older version. A directory without a session takes the settings of the
    /// newest session of any directory, and its queue too if that directory is gone: it was probably moved here.
    pub fn load(&self) -> (Option<Session>, Vec<String>) {
        let mut notes = Vec::new();
        let mut found = read(&self.file).unwrap_or_else(|e| {
            let aside = self.file.with_extension("damaged.json");
            let kept = std::fs::rename(&self.file, &aside).is_ok();
            let where_to = if kept { format!(" (kept as {})", aside.display()) } else { String::new() };
            notes.push(fault(&self.file, &format!("the last session is damaged{where_to}: {e}")));
            None
        });
        if found.is_none() {
            found = read(&self.before()).unwrap_or_else(|e| {
                notes.push(fault(&self.before(), &format!("the session before it is damaged too: {e}")));
                None
            });
            if let (Some(_), Some(note)) = (&found, notes.last_mut()) {
                note.push_str("; the one before it is used");
            }
        }
        if found.is_none() {
            found = self.of_older(&mut notes);
        }
        // A moved library has the same music in another directory: its queue is found by the tracks' identities.
        let begun = || self.newest().map(|last| if has_moved(&last) { last } else { last.without_queue() });
        (found.or_else(begun), notes)
    }

    /// Writes the session; the previous one is kept as a backup.
    ///
    /// # Errors
    /// One line with the file's name; both files are then unchanged.
    pub fn save(&self, session: &Session) -> Result<(), SessionError> {
        let explain = |cause| SessionError { file: self.file.clone(), cause };
        let bytes = serde_json::to_vec_pretty(session).map_err(|e| explain(e.into()))?;
        let before = self.before();
        let alone = !self.file.exists() && !before.exists();
        private::replace_keeping(&self.file, &bytes, Some(&before)).map_err(explain)?;
        self.written.set(crc32fast::hash(&bytes));
        if alone {
            // The first session has no previous one: a copy serves as the backup. Failing to write it does no harm yet.
            let _ = private::replace(&before, &bytes);
        }
        Ok(())
    }

    /// Writes the place in the session that was written last.
    ///
    /// # Errors
    /// One line with the file's name; the previous place is then unchanged.
    pub fn save_place(&self, place: &Place) -> Result<(), SessionError> {
        let file = place_of(&self.file);
        let explain = |cause| SessionError { file: file.clone(), cause };
        let of = PlaceOf { session: self.written.get(), place: place.clone() };
        let bytes = serde_json::to_vec_pretty(&of).map_err(|e| explain(e.into()))?;
        private::replace(&file, &bytes).map_err(explain)
    }

    /// The backup file.
    fn before(&self) -> PathBuf {
        self.file.with_extension("json.bak")
    }

    /// The session of an older version, if it belongs to this directory.
    fn of_older(&self, notes: &mut Vec<String>) -> Option<Session> {
        match read(&self.older) {
            Ok(session) => session.filter(|session| session.is_of(&self.root)),
            Err(e) => {
                notes.push(fault(&self.older, &format!("the last session is damaged: {e}")));
                None
            }
        }
    }

    /// The session written most recently, of any directory.
    fn newest(&self) -> Option<Session> {
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten().flatten().map(|e| e.path());
        let files = entries.filter(|p| p.extension().is_some_and(|e| e == "json")).chain([self.older.clone()]);
        let mut dated: Vec<(SystemTime, PathBuf)> =
            files.filter_map(|p| Some((modified(&p)?.max(modified(&place_of(&p)).unwrap_or(UNIX_EPOCH)), p))).collect();
        dated.sort_unstable();
        dated.iter().rev().find_map(|(_, file)| read(file).ok().flatten())
    }
}

/// A session, or the place in it, could not be written. The `Display` form is one line.
#[derive(Debug, Error)]
#[error("{}: {}", file.display(), private::explain(cause))]
pub struct SessionError {
    file: PathBuf,
    #[source]
    cause: io::Error,
}

/// The file of a session's place.
fn place_of(session: &Path) -> PathBuf {
    session.with_extension("place")
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

/// The file and what is wrong with it, in one line.
fn fault(file: &Path, e: &dyn Display) -> String {
    format!("{}: {e}", file.display())
}

/// Whether the music directory of a session no longer exists. False for older sessions, which do not name it.
fn has_moved(session: &Session) -> bool {
    session.root.as_ref().is_some_and(|root| !root.exists())
}

/// Reads a session; `None` if there is no file. Only regular files are accepted: reading a pipe would block.
fn read(file: &Path) -> io::Result<Option<Session>> {
    let bytes = match files::read(file, LARGEST) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) if matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::FileTooLarge) => {
            return Err(io::Error::new(ErrorKind::InvalidData, e.to_string()));
        }
        Err(e) => return Err(e),
    };
    // Must be a JSON object: serde would also accept an array as a session.
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes)?;
    let mut session: Session = serde_json::from_value(fields.into())?;
    // An unreadable place is ignored: the session file has an older one.
    let place = files::read(&place_of(file), LARGEST).ok().and_then(|p| serde_json::from_slice::<PlaceOf>(&p).ok());
    if let Some(PlaceOf { place, .. }) = place.filter(|p| p.session == crc32fast::hash(&bytes)) {
        session.set_place(place);
    }
    Ok(Some(session))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::session::SavedItem;

    fn session(items: &[&str], volume: u8) -> Session {
        let items = items.iter().map(|path| SavedItem { path: Some(path.into()), ..SavedItem::default() }).collect();
        Session { items, volume, filter: "x".into(), ..Session::default() }
    }

    fn place() -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        (dir, paths)
    }

    #[test]
    fn each_directory_has_its_own_session() {
        let (_dir, paths) = place();
        let (one, other) = (Sessions::of(&paths, Path::new("/one")), Sessions::of(&paths, Path::new("/other")));
        assert_eq!(one.load(), (None, vec![]));
        let of_one = session(&["/one/a", "/one/b"], 33);
        one.save(&of_one).unwrap();
        // Another directory begins with an empty queue, as loud as before, and what it writes is its own.
        let (begun, notes) = other.load();
        let begun = begun.unwrap();
        assert_eq!((begun.items.len(), begun.filter.as_str(), begun.volume, notes.len()), (0, "", 33, 0));
        other.save(&session(&["/other/c"], 50)).unwrap();
        assert_eq!(one.load(), (Some(of_one), vec![]));
        assert_eq!(other.load().0.unwrap().items.len(), 1);
    }

    #[test]
    fn the_queue_of_a_library_that_was_moved_goes_with_it() {
        let (dir, paths) = place();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        std::fs::create_dir(&old).unwrap();
        let queued = Session { root: Some(old.clone()), ..session(&["/old/a"], 33) };
        Sessions::of(&paths, &old).save(&queued).unwrap();
        let begun = || Sessions::of(&paths, &new).load().0.unwrap();
        assert!(begun().items.is_empty(), "both are there");
        std::fs::rename(&old, &new).unwrap();
        assert_eq!(begun(), queued);
    }

    #[test]
    fn a_damaged_session_gives_way_to_the_one_before() {
        let (_dir, paths) = place();
        let sessions = Sessions::of(&paths, Path::new("/m"));
        let file = paths.session_of(Path::new("/m"));
        let forty = session(&["/m/a"; 40], 33);
        // Also the very first one has one beside it.
        sessions.save(&forty).unwrap();
        for damage in ["", "{\"items\": [", "[]", "{\"items\": 7}"] {
            std::fs::write(&file, damage).unwrap();
            let (found, notes) = sessions.load();
            assert_eq!(found, Some(forty.clone()), "{damage:?}");
            assert!(notes[0].contains("damaged (kept as ") && notes[0].contains("before it is used"), "{notes:?}");
            assert_eq!(std::fs::read_to_string(file.with_extension("damaged.json")).unwrap(), damage);
            // What is written next stands beside the good one.
            sessions.save(&session(&["/m/a"; 39], 33)).unwrap();
            assert_eq!(sessions.load().0.unwrap().items.len(), 39);
        }
        std::fs::write(&file, "{").unwrap();
        std::fs::write(file.with_extension("json.bak"), "{").unwrap();
        let (found, notes) = sessions.load();
        assert!(found.is_none() && notes[1].contains("damaged too"), "{notes:?}");
    }

    #[test]
    fn what_an_older_jukebox_wrote_is_taken_over_by_its_own_directory_only() {
        let (_dir, paths) = place();
        private::replace(&paths.session(), &serde_json::to_vec(&session(&["/one/a"], 21)).unwrap()).unwrap();
        let before = std::fs::read(paths.session()).unwrap();
        let (one, other) = (Sessions::of(&paths, Path::new("/one")), Sessions::of(&paths, Path::new("/other")));
        let (begun, _) = other.load();
        assert_eq!(begun.as_ref().map(|s| (s.items.len(), s.volume)), Some((0, 21)));
        other.save(&begun.unwrap()).unwrap();
        assert_eq!(one.load().0.map(|s| s.items.len()), Some(1));
        assert_eq!(std::fs::read(paths.session()).unwrap(), before, "it is only read");
    }

    #[test]
    fn a_write_that_fails_leaves_both_as_they_were() {
        let (_dir, paths) = place();
        let sessions = Sessions::of(&paths, Path::new("/m"));
        sessions.save(&session(&["/m/a"], 1)).unwrap();
        sessions.save(&session(&["/m/a", "/m/b"], 1)).unwrap();
        let file = paths.session_of(Path::new("/m"));
        // A directory where the new file would be written beside.
        let mut beside = file.clone().into_os_string();
        beside.push(".new");
        std::fs::create_dir(&beside).unwrap();
        let why = sessions.save(&session(&[], 1)).unwrap_err().to_string();
        assert!(why.starts_with(&file.display().to_string()), "{why}");
        assert_eq!(sessions.load().0.unwrap().items.len(), 2);
        assert_eq!(read(&file.with_extension("json.bak")).unwrap().unwrap().items.len(), 1);
    }

    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let (_dir, paths) = place();
        let sessions = Sessions::of(&paths, Path::new("/m"));
        let file = paths.session_of(Path::new("/m"));
        private::dir(file.parent().unwrap()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&file).status();
        if made.is_ok_and(|s| s.success()) {
            let (found, notes) = sessions.load();
            assert!(found.is_none() && notes[0].contains("not a regular file"), "{notes:?}");
        }
    }

    #[test]
    fn a_place_belongs_to_the_session_that_was_written_before_it() {
        let tmp = tempfile::tempdir().unwrap();
        let paths = Paths::under(tmp.path());
        let sessions = Sessions::of(&paths, Path::new("/m"));
        let place = |played| Place { played, live: true, position: 61.5, volume: 44, ..Place::default() };
        let load = || Sessions::of(&paths, Path::new("/m")).load().0.unwrap();
        sessions.save(&session(&["/m/a", "/m/b"], 1)).unwrap();
        sessions.save_place(&place(1)).unwrap();
        let loaded = load();
        assert_eq!((loaded.items.len(), loaded.played, loaded.live, loaded.volume), (2, 1, true, 44));
        assert!((loaded.position - 61.5).abs() < 1e-9);
        // Another session: the place that is still there was in the one before.
        sessions.save(&session(&["/m/b"], 7)).unwrap();
        assert_eq!((load().played, load().volume), (0, 7));
        sessions.save_place(&place(1)).unwrap();
        assert_eq!(load().volume, 44);
        // A damaged place, or one of a session that was edited, counts for nothing.
        let file = paths.session_of(Path::new("/m"));
        std::fs::write(file.with_extension("place"), "{").unwrap();
        assert_eq!(load().volume, 7);
        sessions.save_place(&place(1)).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("\"volume\": 7", "\"volume\": 8")).unwrap();
        assert_eq!(load().volume, 8);
    }
}
