//! Opening files that the user or another program may have put there.
//!
//! A configuration, a theme or a playlist is a regular file. A FIFO in its place would block the opener until a writer comes,
//! a device could deliver bytes without end, and opening one may already have an effect (rewind a tape). So such a file is
//! checked before it is opened, opened without blocking, and checked again.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// Larger than any hand-written file (configuration, theme, plugin, signature, moods), in bytes.
pub const SMALL: u64 = 16 * 1024 * 1024;
/// Larger than any model that is read as a whole, in bytes.
pub const MODEL: u64 = 4 * 1024 * 1024 * 1024;
/// No limit: for files that grow with use, such as the journal.
pub const ANY: u64 = u64::MAX;

/// Opens a regular file for reading, following symlinks.
///
/// # Errors
/// An I/O error; [`ErrorKind::InvalidInput`] for anything but a regular file, naming what it is instead.
pub fn open(path: &Path) -> io::Result<(File, Metadata)> {
    regular(fs::metadata(path)?.file_type())?;
    with(OpenOptions::new().read(true), path)
}

/// Opens a regular file with `options`, or creates one if they say so.
///
/// # Errors
/// As [`open`].
pub fn with(options: &mut OpenOptions, path: &Path) -> io::Result<(File, Metadata)> {
    match fs::metadata(path) {
        Ok(meta) => regular(meta.file_type())?,
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = options.custom_flags(flags.bits() as i32).open(path)?;
    // It may have been replaced in between.
    let meta = file.metadata()?;
    regular(meta.file_type())?;
    Ok((file, meta))
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open`]; [`ErrorKind::FileTooLarge`] when there is more in it.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, meta) = open(path)?;
    let too_large = || {
        let limit = if limit < 1 << 20 { format!("{} KiB", limit >> 10) } else { format!("{} MiB", limit >> 20) };
        io::Error::new(ErrorKind::FileTooLarge, format!("larger than {limit}"))
    };
    if meta.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile, and files in /proc report no length.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// Reads a regular file of at most `limit` bytes that holds text in UTF-8; a byte order mark is left out.
///
/// # Errors
/// As [`read`]; [`ErrorKind::InvalidData`] for other text.
pub fn text(path: &Path, limit: u64) -> io::Result<String> {
    let text = String::from_utf8(read(path, limit)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "not text in UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Whether there is no room left: the disk is full, or the user's quota is used up.
pub fn is_full(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Whether a kind of file is a regular one.
fn regular(kind: FileType) -> io::Result<()> {
    let instead = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a FIFO",
        () if kind.is_socket() => "a socket",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "something else",
    };
    Err(io::Error::new(ErrorKind::InvalidInput, format!("{instead}, not a regular file")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn only_regular_files_are_opened_and_nothing_waits() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        std::os::unix::fs::symlink("fifo", at("link")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (path, what) in [
            (at("fifo"), "a FIFO"),
            (at("link"), "a FIFO"),
            (at("socket"), "a socket"),
            (at(""), "a directory"),
            ("/dev/zero".into(), "a device"),
            ("/dev/tty".into(), "a device"),
        ] {
            let why = format!("{what}, not a regular file");
            assert_eq!(read(&path, ANY).unwrap_err().to_string(), why);
            assert_eq!(with(OpenOptions::new().append(true).create(true), &path).unwrap_err().to_string(), why);
        }
        assert_eq!(read(&at("none"), ANY).unwrap_err().kind(), ErrorKind::NotFound);
        fs::write(at("file"), "\u{feff}text").unwrap();
        std::os::unix::fs::symlink("file", at("good")).unwrap();
        assert_eq!(text(&at("good"), SMALL).unwrap(), "text");
        assert_eq!(read(&at("file"), 7).unwrap().len(), 7);
        assert_eq!(read(&at("file"), 6).unwrap_err().kind(), ErrorKind::FileTooLarge);
        fs::write(at("latin"), b"caf\xe9").unwrap();
        assert_eq!(text(&at("latin"), SMALL).unwrap_err().to_string(), "not text in UTF-8");
    }

    #[test]
    fn what_has_no_length_is_read_up_to_the_limit() {
        assert!(text(Path::new("/proc/self/status"), SMALL).unwrap().contains("Name:"));
        assert_eq!(read(Path::new("/proc/self/status"), 10).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
