//! Keeps the files that the player opened last open: after a seek, a pause or a change of output the track goes on even if its
//! file was renamed, replaced or deleted in the meantime.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::feed::{OpenTrack, Opener};
use crate::audio::AudioError;
use crate::audio::decode::Decoder;
use crate::audio::open::Opened;

/// The current track, the next and the previous one.
const MOST: usize = 3;

/// The open files, the latest last.
#[derive(Debug, Default)]
pub(super) struct Held(Mutex<Vec<Opened>>);

impl Held {
    /// The player's opener.
    pub fn opener(self: &Arc<Held>) -> Opener {
        let held = self.clone();
        Arc::new(move |path, at| held.open(path, at))
    }

    /// Closes all: an open file keeps its disk from being unmounted.
    pub fn release(&self) {
        self.files().clear();
    }

    /// Opens a track at a position in seconds; one that cannot be reached becomes the beginning. From its beginning a track is
    /// opened by its path; in the middle, or when the path cannot be opened any more, the file that was open under it before is
    /// used.
    pub fn open(&self, path: &Path, at: f64) -> Result<OpenTrack, AudioError> {
        let before = self.files().iter().rev().find(|file| file.path() == path).cloned();
        let file = match (Opened::open(path), before) {
            (Ok(now), Some(before)) if at > 0.0 && !now.is_same(&before) => before,
            (Ok(now), _) => now,
            (Err(AudioError::Io(_)), Some(before)) => before,
            (Err(error), _) => return Err(error),
        };
        self.keep(&file);
        let mut decoder = Decoder::of(file.clone())?;
        if at <= 0.0 {
            return Ok((Box::new(decoder), 0.0));
        }
        match decoder.seek(at) {
            Ok(landed) => Ok((Box::new(decoder), landed)),
            Err(AudioError::Io(error)) => Err(error.into()),
            Err(_) => Ok((Box::new(Decoder::of(file)?), 0.0)),
        }
    }

    fn keep(&self, file: &Opened) {
        let mut files = self.files();
        files.retain(|known| known.path() != file.path());
        if files.len() == MOST {
            files.remove(0);
        }
        files.push(file.clone());
    }

    fn files(&self) -> std::sync::MutexGuard<'_, Vec<Opened>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::fixture::{noise, wav, write};

    fn first((mut samples, _): OpenTrack) -> f32 {
        let mut out = Vec::new();
        samples.next(&mut out).unwrap();
        out[0]
    }

    /// A second of a constant value.
    fn still(value: f32) -> Vec<u8> {
        wav(&vec![value; 88_200], 2, 44_100)
    }

    #[test]
    fn what_was_open_plays_on_under_no_name() {
        let dir = tempfile::tempdir().unwrap();
        let (held, path) = (Held::default(), write(dir.path(), "a.wav", &still(0.5)));
        held.open(&path, 0.0).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(first(held.open(&path, 0.25).unwrap()) > 0.4);
        assert!(first(held.open(&path, 0.0).unwrap()) > 0.4, "from its beginning too");
        // With another file in its place, a seek stays in the file being played, and a new start plays the new file.
        write(dir.path(), "a.wav", &still(-0.5));
        assert!(first(held.open(&path, 0.25).unwrap()) > 0.4);
        assert!(first(held.open(&path, 0.0).unwrap()) < -0.4);
        assert!(first(held.open(&path, 0.25).unwrap()) < -0.4);
        std::fs::remove_file(&path).unwrap();
        held.release();
        assert!(matches!(held.open(&path, 0.25), Err(AudioError::Io(_))));
    }

    #[test]
    fn only_a_few_stay_open() {
        let dir = tempfile::tempdir().unwrap();
        let held = Held::default();
        let paths: Vec<_> =
            (0..5).map(|n| write(dir.path(), &format!("{n}.wav"), &wav(&noise(900, n), 2, 44_100))).collect();
        paths.iter().for_each(|path| drop(held.open(path, 0.0).unwrap()));
        assert_eq!(held.files().iter().map(|f| f.path().to_owned()).collect::<Vec<_>>(), paths[2..]);
    }
}
