//! Why a file cannot be read or played, as far as decisions depend on it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a file cannot be read or played. Displayed, it is one line without the path.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(into = "Stored", from = "Stored")]
pub enum FileFault {
    /// There is no such file.
    #[error("not there any more, or on a disk that is not mounted")]
    Missing,
    /// The process that read it crashed: how.
    #[error("its reader died ({0})")]
    Crashed(String),
    /// The process that read it answered something that cannot be decoded: what.
    #[error("its reader went astray ({0})")]
    Astray(String),
    /// The process that read it was still computing after this many seconds.
    #[error("took longer than {0} s to read")]
    TooLong(u64),
    /// Its reader was ended from outside, or the system failed: why. Another attempt may succeed.
    #[error("{0}")]
    Outside(String),
    /// Anything else: the file is damaged, silent, of an unknown format, or may not be read.
    #[error("{0}")]
    Other(String),
}

impl FileFault {
    /// Whether reading the file ended a process, so that the player must not open it. (A file that only took too long may
    /// be played: the player never waits for a file.)
    pub fn is_deadly(&self) -> bool {
        matches!(self, FileFault::Crashed(_) | FileFault::Astray(_))
    }
}

impl From<String> for FileFault {
    fn from(why: String) -> FileFault {
        FileFault::Other(why)
    }
}

impl From<&str> for FileFault {
    fn from(why: &str) -> FileFault {
        FileFault::Other(why.into())
    }
}

/// The form on disk and between processes: a string, as it has been since the first version of the store. The prefixes are
/// part of that format and must stay as they are, whatever is displayed.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Stored(String);

const MISSING: &str = "not there any more, or on a disk that is not mounted";
const CRASHED: &str = "its reader died (";
const ASTRAY: &str = "its reader went astray (";
/// Signals sent from outside. Early versions recorded workers ended by them as crashes.
const FROM_OUTSIDE: [&str; 4] = ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"];

impl From<FileFault> for Stored {
    fn from(fault: FileFault) -> Stored {
        Stored(match fault {
            FileFault::Missing => MISSING.into(),
            FileFault::Crashed(how) => format!("{CRASHED}{how})"),
            FileFault::Astray(what) => format!("{ASTRAY}{what})"),
            FileFault::TooLong(_) => fault.to_string(),
            FileFault::Outside(why) | FileFault::Other(why) => why,
        })
    }
}

impl From<Stored> for FileFault {
    fn from(Stored(text): Stored) -> FileFault {
        let inside = |prefix| text.strip_prefix(prefix).and_then(|rest: &str| rest.strip_suffix(')'));
        match (inside(CRASHED), inside(ASTRAY)) {
            (Some(how), _) if FROM_OUTSIDE.iter().any(|signal| how.contains(signal)) => FileFault::Outside(text),
            (Some(how), _) => FileFault::Crashed(how.into()),
            (_, Some(what)) => FileFault::Astray(what.into()),
            _ if text == MISSING => FileFault::Missing,
            _ => FileFault::Other(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str) -> FileFault {
        Stored(text.into()).into()
    }

    #[test]
    fn what_is_decided_by_survives_the_disk() {
        let faults = [
            FileFault::Missing,
            FileFault::Crashed("signal: 11 (SIGSEGV)".into()),
            FileFault::Astray("a frame of 4294967295 bytes".into()),
            FileFault::Other("damaged audio (x)".into()),
        ];
        for fault in faults {
            let bytes = postcard::to_stdvec(&fault).unwrap();
            assert_eq!(postcard::from_bytes::<FileFault>(&bytes).unwrap(), fault);
        }
        assert!(!FileFault::TooLong(30).is_deadly());
    }

    #[test]
    fn faults_of_earlier_versions_are_understood() {
        assert!(stored("its reader died (signal: 11 (SIGSEGV))").is_deadly());
        assert!(stored("its reader went astray (a frame of 4294967295 bytes)").is_deadly());
        assert!(matches!(stored("its reader died (signal: 9 (SIGKILL))"), FileFault::Outside(_)));
        assert!(!stored("damaged audio (x)").is_deadly());
    }
}
