//! What jukebox keeps and can make again: file records and latents in sled, the strobe cache in a file of its own.
//!
//! One thread owns a [`Store`]; everybody else reads what it loaded into memory. A damaged store is never fatal: it is
//! set aside and an empty one takes its place, with a note for the user (DESIGN §4). Nothing here knows what a record
//! means, and nothing that the user made is kept here: that is `library::journal`'s.

mod lock;
mod older;
mod open;
pub mod private;
mod sled_store;
pub mod strobes;
mod values;

pub use open::{Opened, wait_until_free};
pub use sled_store::Store;
pub use strobes::StrobeCache;
pub use values::{FileRecord, LatentRecord, Outcome, ValueError};

use std::fmt;
use std::io;
use std::str::FromStr;

/// The name of a latent space: the first hexadecimal digits of its encoder's hash. Latents of two generations are
/// never mixed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Generation(String);

impl Generation {
    /// The most digits a name may have.
    pub const MAX_DIGITS: usize = 64;

    /// The name as hexadecimal digits, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Generation {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let digits = s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if s.is_empty() || s.len() > Self::MAX_DIGITS || !digits {
            return Err(format!("a generation is 1 to 64 lower-case hexadecimal digits, not '{s}'"));
        }
        Ok(Generation(s.to_owned()))
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why the store could not do what it was asked.
#[derive(Debug)]
pub enum StoreError {
    /// Another process holds the store; its id, when it could be read.
    Held {
        /// The process that holds it.
        pid: Option<u32>,
    },
    /// The disk or its permissions: nothing is wrong with the data, so nothing was set aside. After the cause is gone
    /// (space was freed), [`Store::reopen`] before going on: sled stays stuck on its first I/O error.
    Io(io::Error),
    /// The data on disk is damaged; the owner answers with [`Store::set_aside_and_reopen`].
    Damaged(String),
    /// A value that may not be stored (not finite, too long): the caller's mistake, nothing was written.
    Value(ValueError),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Held { pid: Some(pid) } => write!(f, "another jukebox (process {pid}) is running"),
            StoreError::Held { pid: None } => write!(f, "another jukebox is running"),
            StoreError::Io(e) if matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                write!(f, "the store cannot be written: the disk is full; free some space")
            }
            StoreError::Io(e) => write!(f, "the store cannot be read or written: {e}"),
            StoreError::Damaged(what) => write!(f, "the store is damaged: {what}"),
            StoreError::Value(e) => write!(f, "a value that cannot be stored: {e}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<io::Error> for StoreError {
    fn from(e: io::Error) -> Self {
        StoreError::Io(e)
    }
}

impl From<sled::Error> for StoreError {
    fn from(e: sled::Error) -> Self {
        match e {
            sled::Error::Io(e) if is_environment(&e) => StoreError::Io(e),
            other => StoreError::Damaged(other.to_string()),
        }
    }
}

/// Whether an I/O error speaks of the machine rather than of the data. Only such an error leaves a store where it is;
/// a file that ends early or holds nonsense is damage.
fn is_environment(e: &io::Error) -> bool {
    use io::ErrorKind::*;
    matches!(
        e.kind(),
        PermissionDenied | StorageFull | QuotaExceeded | ReadOnlyFilesystem | FileTooLarge | OutOfMemory | Interrupted
    ) || matches!(e.raw_os_error(), Some(EIO | ENFILE | EMFILE))
}

// Linux numbers, the same on every architecture.
const EIO: i32 = 5;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_are_hexadecimal() {
        assert_eq!("00ffab12".parse::<Generation>().unwrap().as_str(), "00ffab12");
        for bad in ["", "FF", "xyz", "../x", &"0".repeat(65)] {
            assert!(bad.parse::<Generation>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_full_disk_is_not_damage() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(matches!(StoreError::from(sled::Error::Io(full)), StoreError::Io(_)));
        let short = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert!(matches!(StoreError::from(sled::Error::Io(short)), StoreError::Damaged(_)));
    }
}
