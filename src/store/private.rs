//! Directories (0700) and files (0600) that only the user may read, and writing a whole file so that a crash leaves
//! the old one or the new one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Creates a directory and its missing parents, each 0700. One that exists is left as it is.
///
/// # Errors
/// The system's, when it cannot be created.
pub fn dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Options to open a file with that make it 0600 when it is created.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Replaces a file as a whole: written beside, synced, renamed over, the directory synced. Missing directories are
/// created.
///
/// # Errors
/// The system's; the old file then stands unchanged.
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    replace_keeping(path, contents, None)
}

/// As [`replace`]; what stood there before is kept under another name in the same directory. A crash between the two
/// leaves it under that name only.
///
/// # Errors
/// The system's; the old file then stands unchanged, under one of the two names.
pub fn replace_keeping(path: &Path, contents: &[u8], kept: Option<&Path>) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    dir(parent)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = (|| {
        let mut file = options().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(contents)?;
        file.sync_all()?;
        if let Some(kept) = kept
            && path.is_file()
        {
            fs::rename(path, kept)?;
        }
        fs::rename(&beside, path)
    })();
    if let Err(e) = written {
        // A leftover would only take room on what may be a full disk.
        let _ = fs::remove_file(&beside);
        return Err(e);
    }
    sync_dir(parent)
}

/// Why something could not be written, in words that say what to do where that is known.
pub fn explain(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::StorageFull => "the disk is full; free some space".into(),
        io::ErrorKind::QuotaExceeded => "the quota is used up; free some space".into(),
        io::ErrorKind::FileTooLarge => "the file may not grow any more; raise the limit (ulimit -f)".into(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk can only be read; mount it for writing".into(),
        _ => e.to_string(),
    }
}

/// Makes renames and creations in a directory durable.
///
/// # Errors
/// The system's.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_made_is_private() {
        let tmp = tempfile::tempdir().unwrap();
        let file = tmp.path().join("a/b/file");
        replace(&file, b"one").unwrap();
        replace(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(&tmp.path().join("a")), 0o700);
        assert_eq!(mode(&tmp.path().join("a/b")), 0o700);
        assert_eq!(fs::read_dir(tmp.path().join("a/b")).unwrap().count(), 1, "nothing is left beside");
    }
}
