//! Why a request to a worker has no result, and whether the request may be the cause.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::process::Signal;
use thiserror::Error;

/// Why a request has no result. The `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WorkerError {
    /// The child did not answer in time and was killed.
    #[error("the worker took too long and was stopped")]
    TimedOut {
        /// Whether it computed for a good part of that time. Otherwise it was waiting, for a disk that does not respond or
        /// for a processor that other programs keep busy.
        computed: bool,
    },
    /// The child crashed or exited during this request; how, for instance "signal: 6 (SIGABRT)".
    #[error("the worker died over it ({0})")]
    Died(String),
    /// The child ended during this request for an external reason: a user or the system killed it, or it had less
    /// memory than it asked for. How it ended.
    #[error("the worker was ended from outside ({0})")]
    Killed(String),
    /// The job failed or panicked; the child keeps running. The job's own message.
    #[error("{0}")]
    Refused(String),
    /// A violation of the protocol: a request or answer is too long or cannot be decoded.
    #[error("the worker was not understood: {0}")]
    Protocol(String),
    /// No working child: it could not be started or set up, ended before it was ready, or is not a worker.
    #[error("no worker could be started: {0}")]
    NotStarted(String),
}

impl WorkerError {
    /// Whether the request may have ended the child; [`super::Quarantine`] counts these.
    pub fn is_strike(&self) -> bool {
        matches!(self, WorkerError::TimedOut { .. } | WorkerError::Died(_) | WorkerError::Killed(_))
    }
}

/// Whether a process ended by itself: it exited, or by a signal that indicates a crash. Any other signal came from a
/// user, a supervisor, or the kernel when memory or processor time ran out.
pub(super) fn is_own_doing(status: ExitStatus) -> bool {
    const CRASHES: [Signal; 7] =
        [Signal::SEGV, Signal::ABORT, Signal::BUS, Signal::ILL, Signal::FPE, Signal::TRAP, Signal::SYS];
    status.signal().is_none_or(|signal| CRASHES.iter().any(|s| s.as_raw() == signal))
}

/// Describes the end of a worker that had fewer bytes of address space than it asked for, which may be the cause.
pub(super) fn cramped(how: &str, bytes: u64) -> String {
    format!("{how}, within {} MiB of memory, the limit of whoever started jukebox (ulimit -v)", bytes >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_told_from_a_kill() {
        // Raw status as in wait(2): the signal in the low bits, the exit code above.
        let ended = ExitStatus::from_raw;
        for own in [11, 6, 7, 4, 8, 5, 31, 6 | 0x80, 1 << 8, 101 << 8, 127 << 8] {
            assert!(is_own_doing(ended(own)), "{own}");
        }
        for others in [9, 15, 1, 2, 3, 13, 14, 10, 12, 24, 25, 34] {
            assert!(!is_own_doing(ended(others)), "{others}");
        }
    }
}
