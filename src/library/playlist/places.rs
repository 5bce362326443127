//! Paths in playlists.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::url;

/// The path relative to a directory; both are absolute.
pub(super) fn relative_to(path: &Path, dir: &Path) -> PathBuf {
    let shared = path.components().zip(dir.components()).take_while(|(a, b)| a == b).count();
    let up = dir.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

/// Resolves `.` and `..` lexically.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Parses a path or a `file:` URL of a playlist, relative to `dir`. `None` for anything that is not
/// a local file.
pub(super) fn place(text: &[u8], dir: &Path) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let path = match url::scheme(text) {
        None => PathBuf::from(OsStr::from_bytes(text)),
        Some(_) => url::file(text).or_else(|| url::elsewhere(text))?,
    };
    let empty = path.as_os_str().is_empty() || path.as_os_str().as_bytes().contains(&0);
    (!empty).then(|| plain(&dir.join(path)))
}
