//! Directories (0700) and files (0600) that only the user may read, and atomic replacement of whole files: after a
//! crash there is either the old file or the new one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::files;

/// Creates a directory and its missing parents, each with mode 0700. An existing one is left unchanged.
///
/// # Errors
/// Any I/O error.
pub fn dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Options to open a file with; a file created by them has mode 0600.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Replaces a whole file: writes a temporary file beside it, syncs, renames it over the old one, syncs the directory.
/// Missing directories are created.
///
/// # Errors
/// Any I/O error; the old file is then unchanged.
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    replace_keeping(path, contents, None)
}

/// As [`replace`], but keeps the old file as `kept` in the same directory. There is always a file at `path`, except on
/// file systems without hard links: there, a crash may leave the old one as `kept` only.
///
/// # Errors
/// Any I/O error; the old file is then unchanged, under one of the two names.
pub fn replace_keeping(path: &Path, contents: &[u8], kept: Option<&Path>) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    dir(parent)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = (|| {
        let (mut file, _) = files::with(options().write(true).create(true).truncate(true), &beside)?;
        file.write_all(contents)?;
        file.sync_all()?;
        if let Some(kept) = kept
            && path.is_file()
        {
            keep_as(path, kept)?;
        }
        fs::rename(&beside, path)
    })();
    if let Err(e) = written {
        // A leftover would only waste space on a disk that may be full.
        let _ = fs::remove_file(&beside);
        return Err(e);
    }
    sync_dir(parent)
}

/// Hard-links a file to a second name, replacing what had that name.
fn keep_as(path: &Path, kept: &Path) -> io::Result<()> {
    let mut name = kept.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let spare = kept.with_file_name(name);
    let _ = fs::remove_file(&spare);
    if fs::hard_link(path, &spare).is_err() {
        return fs::rename(path, kept);
    }
    let renamed = fs::rename(&spare, kept);
    // If both names already refer to the same file, rename leaves both.
    let _ = fs::remove_file(&spare);
    renamed
}

/// A message for a write error, with advice where there is any.
pub fn explain(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::StorageFull => "the disk is full; free some space".into(),
        io::ErrorKind::QuotaExceeded => "the quota is used up; free some space".into(),
        io::ErrorKind::FileTooLarge => "the file may not grow any more; raise the limit (ulimit -f)".into(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk can only be read; mount it for writing".into(),
        _ => e.to_string(),
    }
}

/// Creates a whole file where nothing exists, not even a dangling link.
///
/// # Errors
/// Any I/O error; [`io::ErrorKind::AlreadyExists`] when something exists. Nothing is then written.
pub fn create(path: &Path, contents: &[u8]) -> io::Result<()> {
    let parent = parent(path);
    dir(parent)?;
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = write_beside(path, contents, None)?;
    // Unlike a rename, this fails if something was created there meanwhile.
    let linked = match fs::hard_link(&beside, path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return rename(&beside, path),
        linked => linked,
    };
    let _ = fs::remove_file(&beside);
    linked.and_then(|()| sync_dir(parent))
}

/// Replaces or creates a file of the user's. Symbolic links are followed, and permissions are kept.
///
/// # Errors
/// Any I/O error; the old file is then unchanged. [`io::ErrorKind::InvalidInput`] if it is no regular file.
pub fn overwrite(path: &Path, contents: &[u8]) -> io::Result<()> {
    let target = led_to(path)?;
    let mode = match files::open(&target) {
        Ok((_, meta)) => Some(meta.permissions()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        // The file may be writable without being readable.
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Some(fs::metadata(&target)?.permissions()),
        Err(e) => return Err(e),
    };
    dir(parent(&target))?;
    let beside = write_beside(&target, contents, mode)?;
    rename(&beside, &target)
}

/// Resolves symbolic links; the final target need not exist.
fn led_to(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::read_link(&path) {
            // Relative targets are relative to the link's directory.
            Ok(target) => path = parent(&path).join(target),
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotFound) => return Ok(path),
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "too many links"))
}

/// Writes and syncs a new file beside another, under an unused name.
fn write_beside(path: &Path, contents: &[u8], mode: Option<Permissions>) -> io::Result<PathBuf> {
    let mut tries = 0;
    let (beside, mut file) = loop {
        let own = path.file_name().unwrap_or_default().as_bytes();
        // Truncate the name, which may already have the maximum length.
        let mut name = OsString::from(".");
        name.push(OsStr::from_bytes(&own[..own.len().min(200)]));
        name.push(format!(".{}-{tries}.new", std::process::id()));
        let beside = path.with_file_name(name);
        match options().write(true).create_new(true).open(&beside) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && tries < 100 => tries += 1,
            file => break (beside, file?),
        }
    };
    let written = file.write_all(contents).and_then(|()| mode.map_or(Ok(()), |mode| file.set_permissions(mode)));
    match written.and_then(|()| file.sync_all()) {
        Ok(()) => Ok(beside),
        Err(e) => {
            let _ = fs::remove_file(&beside);
            Err(e)
        }
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Ok(()) => sync_dir(parent(to)),
        Err(e) => {
            let _ = fs::remove_file(from);
            Err(e)
        }
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes renames and creations in a directory durable.
///
/// # Errors
/// Any I/O error.
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

    #[test]
    fn the_version_before_is_kept() {
        let tmp = tempfile::tempdir().unwrap();
        let (file, kept) = (tmp.path().join("file"), tmp.path().join("file.bak"));
        let read = |p: &Path| fs::read_to_string(p).unwrap();
        replace_keeping(&file, b"one", Some(&kept)).unwrap();
        assert!(!kept.exists(), "nothing stood there before");
        replace_keeping(&file, b"two", Some(&kept)).unwrap();
        assert_eq!((read(&file), read(&kept)), ("two".into(), "one".into()));
        // A crash in the middle leaves both names to the same file, and may leave the spare name.
        fs::remove_file(&kept).unwrap();
        fs::hard_link(&file, &kept).unwrap();
        fs::write(tmp.path().join("file.bak.new"), "spare").unwrap();
        replace_keeping(&file, b"three", Some(&kept)).unwrap();
        assert_eq!((read(&file), read(&kept)), ("three".into(), "two".into()));
        assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 2, "nothing is left beside");
    }

    #[test]
    fn what_is_there_is_kept_or_written_over_as_it_is() {
        let tmp = tempfile::tempdir().unwrap();
        let at = |name: &str| tmp.path().join(name);
        let taken = |name: &str| create(&at(name), b"x").unwrap_err().kind() == io::ErrorKind::AlreadyExists;
        create(&at("file"), b"one").unwrap();
        fs::set_permissions(at("file"), Permissions::from_mode(0o640)).unwrap();
        fs::create_dir(at("links")).unwrap();
        std::os::unix::fs::symlink("../file", at("links/link")).unwrap();
        std::os::unix::fs::symlink("nothing", at("links/empty")).unwrap();
        assert!(taken("file") && taken("links/link") && taken("links/empty"));
        assert_eq!(fs::read(at("file")).unwrap(), b"one");
        overwrite(&at("links/link"), b"two").unwrap();
        overwrite(&at("links/empty"), b"three").unwrap();
        assert_eq!(
            (fs::read(at("file")).unwrap(), fs::read(at("links/nothing")).unwrap()),
            (b"two".into(), b"three".into())
        );
        assert!(at("links/link").is_symlink() && at("links/empty").is_symlink());
        assert_eq!(fs::metadata(at("file")).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(overwrite(tmp.path(), b"x").is_err() && overwrite(Path::new("/dev/null"), b"x").is_err());
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        assert!(overwrite(&at("loop"), b"x").is_err());
        let long = at(&"x".repeat(255));
        create(&long, b"one").unwrap();
        overwrite(&long, b"two").unwrap();
        assert_eq!(fs::read(&long).unwrap(), b"two");
        let mut names: Vec<_> = fs::read_dir(at("links")).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["empty", "link", "nothing"], "nothing is left beside");
    }
}
