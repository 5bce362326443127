//! Why an order about trainings or encoders is not carried out.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why an order about trainings or encoders is not carried out. The `Display` form is one line.
#[derive(Debug, Error)]
pub(super) enum OrderError {
    /// There is nothing to be done.
    #[error("there is nothing to be done")]
    Nothing,
    /// A training runs already.
    #[error("a training is running already; :train stop ends it")]
    Running,
    /// A training was started a moment ago.
    #[error("a training begins at this moment; :train shows it")]
    Beginning,
    /// A training that was started a moment ago cannot be stopped yet.
    #[error("the training begins at this moment; try again")]
    TooEarly,
    /// None runs.
    #[error("no training is running")]
    NoneRuns,
    /// The training that runs cannot be reached yet.
    #[error("the training that runs has not said which process it is; try again")]
    NoProcess,
    /// There is no run of this name.
    #[error("there is no run '{0}'")]
    NoRun(String),
    /// No run can be gone on with, or published.
    #[error("no run can {0}")]
    NoneCan(&'static str),
    /// This run cannot.
    #[error("the run {name} is {state}: it cannot {be}")]
    Cannot {
        /// Its name.
        name: String,
        /// How it stands.
        state: String,
        /// What it cannot.
        be: &'static str,
    },
    /// The path of a run cannot be an argument.
    #[error("the run's directory has no name in UTF-8")]
    Path,
    /// The process of the training cannot be started.
    #[error("the training cannot be started, with its output in {}: {cause}", log.display())]
    Unstarted {
        /// Where its output goes.
        log: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The process of the training cannot be told to stop.
    #[error("the training (process {pid}) cannot be stopped: {cause}")]
    Unstopped {
        /// Its number.
        pid: i32,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// Another command of this program cannot be run.
    #[error("it cannot be carried out: {0}")]
    Uncarried(#[source] io::Error),
    /// Another command of this program failed, or the files of the encoders cannot be read: what is said of it.
    #[error("{0}")]
    Said(String),
}
