//! Worker processes: code that may crash, hang or exhaust memory runs in a child process, so that a failure costs only
//! one answer (docs/design.md, "Processes and untrusted data").
//!
//! The parent holds a [`Worker`] and [`call`](Worker::call)s it; the child is the same program started with other
//! arguments, which runs [`serve`]. They exchange postcard values in frames (`frame`) over the child's stdin and
//! stdout. The jobs themselves are defined by the modules above this one.

mod child;
mod error;
mod frame;
mod parent;
mod patience;
mod priority;
mod quarantine;

pub use child::{Limits, serve};
pub use error::WorkerError;
pub use frame::MAX_FRAME;
pub use parent::{Worker, WorkerSpec};
pub use patience::Patience;
pub use priority::niceness;
pub use quarantine::{Quarantine, STRIKES};

/// Passes the parent's process id to the child, so that it detects a parent that died before the child asked for the
/// death signal.
const PARENT_ENV: &str = "JUKEBOX_WORKER_PARENT";

/// The frame that follows a child's hello: whether it is ready to work.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
enum Ready {
    /// It is waiting for requests.
    Yes {
        /// Its address space in bytes, if that is less than it asked for.
        cramped: Option<u64>,
    },
    /// It could not be set up, for this reason, and exits.
    No(String),
}

/// A child's answer.
#[derive(serde::Serialize, serde::Deserialize)]
enum Answer<R> {
    /// The job's result.
    Done(R),
    /// The job failed or panicked.
    Refused(String),
    /// The request could not be decoded.
    Garbled(String),
}
