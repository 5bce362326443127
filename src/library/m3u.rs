//! Playlists of other players: `.m3u` and `.m3u8`, a path a line.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A larger file is no playlist.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Whether a file's name is a playlist's.
pub fn is_playlist(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|e| ["m3u", "m3u8"].contains(&e.to_lowercase().as_str()))
}

/// The files that a playlist names, relative ones beside it; streams and comments are left out. Nothing is looked up: a
/// file that is named need not be there.
///
/// # Errors
/// One line when the playlist cannot be read.
pub fn read(path: &Path) -> Result<Vec<PathBuf>, String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    if std::fs::metadata(path).map_err(|e| explain(&e))?.len() > LARGEST {
        return Err(explain(&"too large for a playlist"));
    }
    let bytes = std::fs::read(path).map_err(|e| explain(&e))?;
    Ok(entries(&bytes, path.parent().unwrap_or(Path::new(""))))
}

/// The entries of a playlist that lies in `dir`. Names are bytes: an `.m3u` need not be UTF-8.
fn entries(bytes: &[u8], dir: &Path) -> Vec<PathBuf> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes
        .split(|&b| b == b'\n' || b == b'\r')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty() && line[0] != b'#' && !line.windows(3).any(|w| w == b"://"))
        .map(|line| dir.join(OsStr::from_bytes(line)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_paths() {
        let text = b"\xef\xbb\xbf#EXTM3U\r\n#EXTINF:12,X\r\na.mp3\r\n\r\n/abs/b.flac\nhttp://radio/x\nsub/caf\xe9.ogg";
        let expected: Vec<PathBuf> = [&b"/l/a.mp3"[..], b"/abs/b.flac", b"/l/sub/caf\xe9.ogg"]
            .map(|p| PathBuf::from(OsStr::from_bytes(p)))
            .into();
        assert_eq!(entries(text, Path::new("/l")), expected);
        assert!(is_playlist(Path::new("x.M3U8")) && !is_playlist(Path::new("x.mp3")) && !is_playlist(Path::new("m3u")));
        assert!(read(Path::new("/nonexistent.m3u")).unwrap_err().starts_with("/nonexistent.m3u: "));
    }
}
