//! Why a worker has no result, and whose fault that is.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::process::Signal;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerError {
    /// The time was over; the child was killed.
    TimedOut {
        /// Whether it computed for a good part of that time. Otherwise it waited: for a disk that does not answer, or for a
        /// processor that others keep busy.
        computed: bool,
    },
    /// The child died over this request: how, in words ("signal: 6 (SIGABRT)").
    Died(String),
    /// The child ended in the middle of this request for a reason outside of it: somebody or the system killed it, or it had
    /// less memory than it asked for. How, in words.
    Killed(String),
    /// The job's own error, or its panic; the child lives on.
    Refused(String),
    /// The two sides do not understand each other: a request or answer too long or not decodable.
    Protocol(String),
    /// There is no child that works: it could not be started or set up, ended before it was ready, or is no worker.
    NotStarted(String),
}

impl WorkerError {
    /// Whether the request may be to blame for a child's end: what [`super::Quarantine`] counts.
    pub fn is_strike(&self) -> bool {
        matches!(self, WorkerError::TimedOut { .. } | WorkerError::Died(_) | WorkerError::Killed(_))
    }
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WorkerError::TimedOut { .. } => write!(f, "the worker took too long and was stopped"),
            WorkerError::Died(how) => write!(f, "the worker died over it ({how})"),
            WorkerError::Killed(how) => write!(f, "the worker was ended from outside ({how})"),
            WorkerError::Refused(why) => f.write_str(why),
            WorkerError::Protocol(why) => write!(f, "the worker was not understood: {why}"),
            WorkerError::NotStarted(why) => write!(f, "no worker could be started: {why}"),
        }
    }
}

impl std::error::Error for WorkerError {}

/// Whether a process that ended so ended by its own doing: it crashed, gave up, or said something about what it was asked. Any
/// other signal was sent by somebody: a user, a supervisor, the kernel when memory or processor time runs out.
pub(super) fn is_own_doing(status: ExitStatus) -> bool {
    const CRASHES: [Signal; 7] =
        [Signal::SEGV, Signal::ABORT, Signal::BUS, Signal::ILL, Signal::FPE, Signal::TRAP, Signal::SYS];
    status.signal().is_none_or(|signal| CRASHES.iter().any(|s| s.as_raw() == signal))
}

/// What a worker that has less memory than it asked for says of an end that may come of that.
pub(super) fn cramped(how: &str, bytes: u64) -> String {
    format!("{how}, within {} MiB of memory, the limit of whoever started jukebox (ulimit -v)", bytes >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_told_from_a_kill() {
        // As wait(2) has them: a signal in the low bits, an exit code above.
        let ended = ExitStatus::from_raw;
        for own in [11, 6, 7, 4, 8, 5, 31, 6 | 0x80, 1 << 8, 101 << 8, 127 << 8] {
            assert!(is_own_doing(ended(own)), "{own}");
        }
        for others in [9, 15, 1, 2, 3, 13, 14, 10, 12, 24, 25, 34] {
            assert!(!is_own_doing(ended(others)), "{others}");
        }
    }
}
