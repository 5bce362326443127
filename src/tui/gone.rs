//! Why a terminal cannot be used, or no longer.

use std::io;

use thiserror::Error;

/// Why a terminal cannot be used, or no longer. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum TerminalError {
    /// Standard input or output is no terminal.
    #[error("not a terminal: use jukebox status, jukebox --help")]
    None,
    /// A terminal without a screen.
    #[error("TERM=dumb cannot show a screen: use jukebox status, jukebox --help")]
    Dumb,
    /// It cannot be prepared for drawing.
    #[error("the terminal cannot be prepared: {0}")]
    Unprepared(#[source] io::Error),
    /// It does not tell its size.
    #[error("the terminal does not tell its size: {0}")]
    Sizeless(#[source] io::Error),
    /// A thread cannot be started.
    #[error("no thread for the {what}: {cause}")]
    Thread {
        /// What it would read.
        what: &'static str,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// It failed while it was used.
    #[error("{0}")]
    Failed(#[from] io::Error),
    /// The thread that reads it ended.
    #[error("its reader ended")]
    Unread,
    /// It hung up.
    #[error("hung up")]
    HungUp,
    /// The connection to the player cannot be read beside being written to.
    #[error("no second handle of the connection: {0}")]
    Handle(#[source] io::Error),
    /// The player does not take the terminal: what it or the connection to it says.
    #[error("{0}")]
    Refused(String),
    /// The player takes no input any more.
    #[error("the player hangs: it takes nothing of what is typed; the music may go on")]
    Hangs,
    /// The player is another version: what was wrong with what it sent.
    #[error(
        "{0} than this one ({version}), and cannot be shown; it plays on: `jukebox send quit` ends it, then start it anew",
        version = env!("CARGO_PKG_VERSION")
    )]
    Version(String),
}
