//! Distinguishes failures caused by a job's file from failures with an external cause.

use std::io;

use rustix::io::Errno;

use crate::audio::AudioError;
use crate::system::ABSENT_MEDIUM;
use crate::track::FileFault;

/// Why a job has no result.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file is at fault: it is missing, not music, damaged or unreadable.
    OfFile(FileFault),
    /// See [`Found::Unable`](super::Found::Unable).
    Outside(String),
}

impl From<String> for Fault {
    fn from(why: String) -> Fault {
        Fault::OfFile(why.into())
    }
}

impl From<io::Error> for Fault {
    fn from(e: io::Error) -> Fault {
        AudioError::Io(e).into()
    }
}

impl From<AudioError> for Fault {
    fn from(e: AudioError) -> Fault {
        match &e {
            AudioError::Io(system) if is_outside(system) => Fault::Outside(e.to_string()),
            _ => Fault::OfFile((&e).into()),
        }
    }
}

/// Whether a system error is about the computer, the disk or the network, and not about the file.
pub(super) fn is_outside(e: &io::Error) -> bool {
    const OUTSIDE: [Errno; 16] = [
        Errno::MFILE,
        Errno::NFILE,
        Errno::NOMEM,
        Errno::AGAIN,
        Errno::INTR,
        Errno::IO,
        Errno::STALE,
        Errno::NODEV,
        Errno::NXIO,
        Errno::NOTCONN,
        Errno::CONNRESET,
        Errno::TIMEDOUT,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::NETDOWN,
        Errno::NETUNREACH,
    ];
    Errno::from_io_error(e).is_some_and(|e| OUTSIDE.contains(&e) || ABSENT_MEDIUM.contains(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_about_the_file_is_not_its_fault() {
        for (error, outside) in [(Errno::MFILE, true), (Errno::IO, true), (Errno::NOENT, false), (Errno::ACCESS, false)]
        {
            assert_eq!(matches!(Fault::from(io::Error::from(error)), Fault::Outside(_)), outside, "{error}");
        }
        assert!(matches!(Fault::from(AudioError::Empty), Fault::OfFile(_)));
    }
}
