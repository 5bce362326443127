//! The places that a playlist names.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::url;

/// A path as it is seen from a directory; both absolute.
pub(super) fn relative_to(path: &Path, dir: &Path) -> PathBuf {
    let shared = path.components().zip(dir.components()).take_while(|(a, b)| a == b).count();
    let up = dir.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

/// A path without `.` and `..`, by its text alone.
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

/// A place named in a playlist: a path, or a `file:` address. `None` for everything that is no local file.
pub(super) fn place(text: &[u8], dir: &Path) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let path = match url::scheme(text) {
        None => PathBuf::from(OsStr::from_bytes(text)),
        Some(_) => url::file(text).or_else(|| url::elsewhere(text))?,
    };
    let empty = path.as_os_str().is_empty() || path.as_os_str().as_bytes().contains(&0);
    (!empty).then(|| plain(&dir.join(path)))
}
