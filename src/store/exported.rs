//! Files and directories that the user names: exported playlists and signatures, pictures, reports. Another user may read
//! what the umask of the user permits, as with any other program. All else that is written is `private`, so is what
//! `jukebox export` writes.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::Mode;
use rustix::process::umask;

use super::private;

/// The umask that the process was started with.
static STARTED_WITH: OnceLock<Mode> = OnceLock::new();

/// What a file and a directory may permit at most.
const FILE: Mode = Mode::from_raw_mode(0o666);
const DIR: Mode = Mode::from_raw_mode(0o777);

/// Sets the umask so that only the user may read what the process creates, sled's own files included. The umask that it
/// was started with is remembered for what the user names.
pub fn restrict_umask() {
    let before = umask(Mode::from_raw_mode(0o077));
    // After a second call this would be the restricted one.
    let _ = STARTED_WITH.set(before);
}

/// Sets the umask back to the one that the process was started with, if [`restrict_umask`] was called: for a command
/// that writes only what the user names.
pub fn restore_umask() {
    if let Some(before) = STARTED_WITH.get() {
        umask(*before);
    }
}

/// Replaces or creates a file; missing directories are created. Symbolic links are followed, and a file that exists
/// keeps its permissions.
///
/// # Errors
/// As [`private::overwrite`].
pub fn overwrite(path: &Path, contents: &[u8]) -> io::Result<()> {
    written(path, contents, private::overwrite)
}

/// Creates a file where nothing exists; missing directories are created.
///
/// # Errors
/// As [`private::create`].
pub fn create(path: &Path, contents: &[u8]) -> io::Result<()> {
    written(path, contents, private::create)
}

/// Gives a file that was just created the permissions that the user's umask leaves.
pub fn permit(file: &Path) {
    permit_at_most(file, FILE, STARTED_WITH.get().copied());
}

fn written(path: &Path, contents: &[u8], write: fn(&Path, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let new = fs::metadata(path).is_err();
    let missing = path.ancestors().skip(1).take_while(|dir| !dir.as_os_str().is_empty() && !dir.exists());
    let missing: Vec<&Path> = missing.collect();
    write(path, contents)?;
    if new {
        permit(path);
    }
    missing.into_iter().for_each(|dir| permit_at_most(dir, DIR, STARTED_WITH.get().copied()));
    Ok(())
}

/// Permits what the umask leaves of `most`. Without a known umask all stays private.
fn permit_at_most(path: &Path, most: Mode, umask: Option<Mode>) {
    if let Some(umask) = umask {
        // Some file systems know no permissions; what was written is there all the same.
        let _ = rustix::fs::chmod(path, most - umask);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_umask_of_the_user_decides() {
        let tmp = tempfile::tempdir().unwrap();
        let file = tmp.path().join("file");
        create(&file, b"one").unwrap();
        for (umask, permitted) in [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600), (0o002, 0o664)] {
            permit_at_most(&file, FILE, Some(Mode::from_raw_mode(umask)));
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, permitted, "umask {umask:o}");
        }
        permit_at_most(&file, FILE, None);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o664, "unchanged");
        assert_eq!(create(&file, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        overwrite(&file, b"three").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"three");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o664, "as it was");
    }
}
