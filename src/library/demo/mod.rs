//! The demo library: 32 short pieces in four clearly different styles, composed and rendered by the
//! program itself, so that a first start without music has something to play and to compare. The
//! samples are the same on every machine.

mod ambient;
mod chiptune;
mod drums;
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
/// A one-line message with the path if a directory or file cannot be written, or if encoding fails.
pub fn make(dir: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<usize, String> {
    let mut written = 0;
    for done in 0..PIECES {
        let (album, track) = (&ALBUMS[done / 4], done % 4);
        let format = format_of(done);
        let path = path_of(dir, album, track, format);
        if !path.is_file() {
            let bytes = format.file(&album.render(track), album, track)?;
            write_whole(&path, &bytes).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
            written += 1;
        }
        progress(done + 1, PIECES);
    }
    Ok(written)
}

/// Mostly FLAC, with one WAV or AIFF per album.
fn format_of(piece: usize) -> Format {
    match piece % 8 {
        1 => Format::Wav,
        6 => Format::Aiff,
        _ => Format::Flac,
    }
}

fn path_of(dir: &Path, album: &Album, track: usize, format: Format) -> PathBuf {
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
