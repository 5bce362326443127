//! Directories (0700) and files (0600) that only the user may read, and writing a whole file so that a crash leaves
//! the old one or the new one.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::files;

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

/// As [`replace`]; what stood there before is kept under another name in the same directory. There is a file under `path`
/// at every moment, except on file systems without hard links: there, a crash may leave the old one under `kept` only.
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
        // A leftover would only take room on what may be a full disk.
        let _ = fs::remove_file(&beside);
        return Err(e);
    }
    sync_dir(parent)
}

/// Gives a file a second name, which replaces what had that name before.
fn keep_as(path: &Path, kept: &Path) -> io::Result<()> {
    let mut name = kept.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let spare = kept.with_file_name(name);
    let _ = fs::remove_file(&spare);
    if fs::hard_link(path, &spare).is_err() {
        return fs::rename(path, kept);
    }
    let renamed = fs::rename(&spare, kept);
    // Where both names already mean the same file, rename leaves both.
    let _ = fs::remove_file(&spare);
    renamed
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

/// Writes a whole file where there is none, not even a link to nothing.
///
/// # Errors
/// The system's; [`io::ErrorKind::AlreadyExists`] when there is something. Nothing is then written.
pub fn create(path: &Path, contents: &[u8]) -> io::Result<()> {
    let parent = parent(path);
    dir(parent)?;
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = write_beside(path, contents, None)?;
    // Unlike a rename, this refuses what somebody has put there meanwhile.
    let linked = match fs::hard_link(&beside, path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return rename(&beside, path),
        linked => linked,
    };
    let _ = fs::remove_file(&beside);
    linked.and_then(|()| sync_dir(parent))
}

/// Writes over a file of the user's as a whole, or makes it. A link stays, and what it leads to is written over; the
/// permissions stay.
///
/// # Errors
/// The system's; the old file then stands unchanged. [`io::ErrorKind::InvalidInput`] for what is no regular file.
pub fn overwrite(path: &Path, contents: &[u8]) -> io::Result<()> {
    let target = led_to(path)?;
    let mode = match files::open(&target) {
        Ok((_, meta)) => Some(meta.permissions()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        // It may be written without being read.
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Some(fs::metadata(&target)?.permissions()),
        Err(e) => return Err(e),
    };
    dir(parent(&target))?;
    let beside = write_beside(&target, contents, mode)?;
    rename(&beside, &target)
}

/// The file that a path leads to over links, also when there is none.
fn led_to(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::read_link(&path) {
            // A relative one is seen from its own directory.
            Ok(target) => path = parent(&path).join(target),
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotFound) => return Ok(path),
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "too many links"))
}

/// A new file beside another, written and synced. Its name is its own: what the user has there is left alone.
fn write_beside(path: &Path, contents: &[u8], mode: Option<Permissions>) -> io::Result<PathBuf> {
    let mut tries = 0;
    let (beside, mut file) = loop {
        let own = path.file_name().unwrap_or_default().as_bytes();
        // Of a name that is as long as names may be, the beginning is enough.
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
