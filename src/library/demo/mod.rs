//! The demo library: 32 short pieces in four clearly different styles, composed and rendered by the
//! program itself, so that a first start without music has something to play and to compare. The
//! samples are the same on every machine.

mod ambient;
mod chiptune;
mod drums;
mod error;
mod folk;
mod format;
mod mix;
mod pieces;
mod score;
mod synth;
mod techno;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

pub use error::DemoError;
use format::Format;
use pieces::{ALBUMS, Album};

/// Number of pieces: four on each of eight albums, two albums per style.
pub const PIECES: usize = ALBUMS.len() * 4;

/// Writes the demo library to `dir` (created if missing): `Artist/Album/NN Title.ext`, tagged, as
/// FLAC, WAV and AIFF. Existing files are kept, and an interrupted run leaves no partial file under
/// a final name. `progress` is called with (pieces done, [`PIECES`]) after each piece. Returns the
/// number of files written by this call.
///
/// # Errors
/// A directory or file cannot be written, or encoding fails.
pub fn make(dir: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<usize, DemoError> {
    let mut written = 0;
    for done in 0..PIECES {
        written += usize::from(compose(dir, done)?);
        progress(done + 1, PIECES);
    }
    Ok(written)
}

/// Writes the first piece alone, so that a player has something to play while [`make`] composes the
/// others. Returns its path if the piece was missing.
///
/// # Errors
/// As those of [`make`].
pub fn make_first(dir: &Path) -> Result<Option<PathBuf>, DemoError> {
    Ok(compose(dir, 0)?.then(|| path_of(dir, 0)))
}

/// Writes a piece unless it exists; true if it was written.
fn compose(dir: &Path, piece: usize) -> Result<bool, DemoError> {
    let path = path_of(dir, piece);
    if path.is_file() {
        return Ok(false);
    }
    let (album, track) = place(piece);
    let bytes = format_of(piece).file(&album.render(track), album, track)?;
    match write_whole(&path, &bytes) {
        // Another program that composes the same library was faster.
        Err(_) if path.is_file() => Ok(false),
        Err(cause) => Err(DemoError::Unwritten { path, cause }),
        Ok(()) => Ok(true),
    }
}

/// The album of a piece and its track in it, from 0. A track of every album comes before the next
/// track of any, so that an incomplete library already holds every style.
fn place(piece: usize) -> (&'static Album, usize) {
    (&ALBUMS[piece % ALBUMS.len()], piece / ALBUMS.len())
}

/// Mostly FLAC, with one WAV or AIFF per album.
fn format_of(piece: usize) -> Format {
    match (piece % ALBUMS.len() % 2, piece / ALBUMS.len()) {
        (0, 1) => Format::Wav,
        (1, 2) => Format::Aiff,
        _ => Format::Flac,
    }
}

fn path_of(dir: &Path, piece: usize) -> PathBuf {
    let ((album, track), format) = (place(piece), format_of(piece));
    let name = format!("{:02} {}.{}", track + 1, album.tracks[track], format.extension());
    dir.join(album.artist).join(album.title).join(name)
}

/// Writes a file under the temporary name `PATH.part`, syncs it, and renames it to its final name.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

#[cfg(test)]
mod tests;
