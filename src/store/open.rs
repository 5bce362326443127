//! Guarded opening. For a damaged directory sled 0.34.7 returns an error or panics, and a leftover of its own snapshot
//! writing causes an error although nothing is lost. In every case the player gets a store.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::StoreError;
use super::lock::Lock;
use super::private;
use super::trees::{Trees, panic_text};
use crate::{files, system};

/// sled's page cache. The default of 1 GiB is meant for servers; the player reads everything once and keeps it itself.
const CACHE: u64 = 8 << 20;
/// Permitted delay of the wake-ups of sled's threads, in nanoseconds: an hour.
const SLACK: u64 = 3_600_000_000_000;
/// sled's own lock can remain held until the threads of a failed opening end.
const LOCK_PATIENCE: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Opens the trees in `dir`, repairing or, as a last resort, setting aside what cannot be opened.
pub(super) fn open(dir: &Path, notes: &mut Vec<String>) -> Result<Trees, StoreError> {
    private::dir(dir)?;
    // If the process is killed during sled's snapshot, a file remains that sled takes for the
    // newest snapshot.
    let unfinished = remove_snapshots(dir, ".generating")?;
    if unfinished > 0 {
        notes.push("removed an unfinished snapshot of the store; nothing is lost".into());
    }
    let first = match attempt(dir) {
        Err(StoreError::Damaged(why)) => why,
        done => return done,
    };
    // The snapshot is only a shortcut over the log: without it sled reads the log from its beginning.
    if remove_snapshots(dir, "")? > 0 {
        match attempt(dir) {
            Err(StoreError::Damaged(_)) => {}
            done => {
                notes.push("the store's snapshot was damaged; the store was recovered from its log".into());
                return done;
            }
        }
    }
    set_aside(dir, &first, notes)?;
    attempt(dir)
}

/// Renames the store's directory to `<name>.corrupt-<unix>` beside it, deletes older such directories, and creates an
/// empty directory.
pub(super) fn set_aside(dir: &Path, why: &str, notes: &mut Vec<String>) -> Result<(), StoreError> {
    let prefix = corrupt_prefix(dir);
    let mut older = Vec::new();
    for entry in fs::read_dir(parent(dir))? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            older.push(entry.path());
        }
    }
    let mut unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let target = loop {
        let mut name = prefix.clone();
        name.push(unix.to_string());
        let target = dir.with_file_name(name);
        if !older.contains(&target) {
            break target;
        }
        unix += 1;
    };
    fs::rename(dir, &target)?;
    for old in older {
        // This only frees disk space: a failure is ignored.
        let _ = fs::remove_dir_all(old);
    }
    private::dir(dir)?;
    notes.push(format!(
        "the store was damaged ({why}); it was set aside as {} and is being rebuilt. Plays, ratings and playlists are \
         not in it and are untouched",
        target.display()
    ));
    Ok(())
}

fn corrupt_prefix(dir: &Path) -> OsString {
    let mut prefix = dir.file_name().unwrap_or_default().to_owned();
    prefix.push(".corrupt-");
    prefix
}

fn parent(dir: &Path) -> &Path {
    match dir.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// Waits until no other process holds the store at `dir`, or the time limit is reached.
pub fn wait_until_free(dir: &Path, patience: Duration) {
    let begun = Instant::now();
    // Without a lock file there is no holder; other faults are reported when the store is opened.
    while lock_path(dir).exists()
        && matches!(Lock::take(&lock_path(dir)), Err(StoreError::Held { .. }))
        && begun.elapsed() < patience
    {
        thread::sleep(LOCK_PAUSE);
    }
}

/// The lock file beside a store's directory.
pub(super) fn lock_path(dir: &Path) -> PathBuf {
    dir.with_extension("lock")
}

/// Removes sled's snapshots whose names end with `suffix`; returns their number.
fn remove_snapshots(dir: &Path, suffix: &str) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(b"snap.") && name.ends_with(suffix.as_bytes()) {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Opens the trees on a separate thread, which contains panics of sled.
fn attempt(dir: &Path) -> Result<Trees, StoreError> {
    // The store's own lock is held, so sled's lock can only belong to a failed opening whose threads have not ended
    // yet.
    for _ in 0..LOCK_PATIENCE {
        if !is_locked_by_sled(dir) {
            return attempt_once(dir);
        }
        thread::sleep(LOCK_PAUSE);
    }
    Err(StoreError::Io(io::Error::new(io::ErrorKind::ResourceBusy, "sled's own lock is still held")))
}

/// Whether sled's lock on its file `db` is held; false if that cannot be determined.
fn is_locked_by_sled(dir: &Path) -> bool {
    let Ok((file, _)) = files::open(&dir.join("db")) else { return false };
    let held = matches!(flock(&file, FlockOperation::NonBlockingLockExclusive), Err(Errno::WOULDBLOCK));
    let _ = flock(&file, FlockOperation::Unlock);
    held
}

fn attempt_once(dir: &Path) -> Result<Trees, StoreError> {
    let path = dir.to_owned();
    let open = move || -> Result<Trees, StoreError> {
        // sled's threads poll every second, which would wake the processor seven times per second. They inherit this
        // thread's leave to be woken late; actual work still wakes them immediately.
        system::let_wakes_be_late(SLACK);
        // Writers flush explicitly whatever must be durable; sled's own flush thread would only wake the processor
        // twice a second.
        let config =
            sled::Config::new().path(path).cache_capacity(CACHE).mode(sled::Mode::LowSpace).flush_every_ms(None);
        Trees::open(config.open()?)
    };
    let thread = thread::Builder::new().name("store-open".into()).spawn(open)?;
    thread.join().unwrap_or_else(|panic| Err(StoreError::Damaged(panic_text(&*panic))))
}
