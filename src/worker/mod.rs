//! Child processes: what may crash, hang or eat memory runs in one, and costs one answer when it does (docs/design.md,
//! "Processes and untrusted data").
//!
//! The parent holds a [`Worker`] and [`call`](Worker::call)s it; the child is the same program started with other
//! arguments, and ends up in [`serve`]. Between them go frames (`frame`) of postcard over the child's stdin and stdout.
//! What the jobs are is the business of the rooms above.

mod child;
mod error;
mod frame;
mod little;
mod parent;
mod patience;
mod quarantine;

pub use child::{Limits, niceness, serve};
pub use error::WorkerError;
pub use frame::MAX_FRAME;
pub use little::begin_anew_with_one_arena;
pub use parent::{Worker, WorkerSpec};
pub use patience::Patience;
pub use quarantine::{Quarantine, STRIKES};

/// Tells the child who its parent was, in case that died before the child could ask to be told.
const PARENT_ENV: &str = "JUKEBOX_WORKER_PARENT";

/// The frame that follows a child's hello: whether it can work.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
enum Ready {
    /// It waits for requests.
    Yes {
        /// The address space that it has, in bytes, where that is less than it asked for.
        cramped: Option<u64>,
    },
    /// It could not be set up, and ends.
    No(String),
}

/// What a child answers.
#[derive(serde::Serialize, serde::Deserialize)]
enum Answer<R> {
    /// The job's result.
    Done(R),
    /// The job's own error, or its panic.
    Refused(String),
    /// The request could not be understood.
    Garbled(String),
}
