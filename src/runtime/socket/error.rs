//! What can go wrong with the control socket.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// Why the control socket cannot be made, or what went wrong with the player behind it. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum SocketError {
    /// It cannot be made.
    #[error("{}: no control socket: {cause}", path.display())]
    Unmade {
        /// The socket.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// Its directory is another user's.
    #[error("{}: no control socket: the directory belongs to somebody else", .0.display())]
    Directory(PathBuf),
    /// A player runs, but does not answer as it should.
    #[error("{}: the running jukebox does not answer as it should: {why}", path.display())]
    Odd {
        /// The socket.
        path: PathBuf,
        /// What it does instead.
        #[source]
        why: Odd,
    },
    /// The request is too long.
    #[error("too much for one request, which has at most {most} MiB: name fewer files")]
    TooMuch {
        /// The most MiB.
        most: u64,
    },
    /// Another user's player, which is not to write to this terminal.
    #[error("{}: the socket of another user", .0.display())]
    Foreign(PathBuf),
    /// The player refuses what it was asked: its own words.
    #[error("{0}")]
    Refused(String),
}

/// What a player does that does not answer as it should. The `Display` form ends a sentence about the player.
#[derive(Debug, Error)]
pub enum Odd {
    /// The connection failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It hung up before it answered.
    #[error("it hung up")]
    HungUp,
    /// It hung up while it answered.
    #[error("it hung up in the middle of its answer")]
    Cut,
    /// Its answer is not understood: programs change what they say.
    #[error(
        "it is another version than this one ({version}); `jukebox send quit` ends it, then start it anew ({0})",
        version = env!("CARGO_PKG_VERSION")
    )]
    Version(#[source] serde_json::Error),
    /// It answered something else than it was asked.
    #[error("another version")]
    Other,
}

/// What is wrong with a request. The `Display` form is one line, for whoever sent it.
#[derive(Debug, Error)]
pub(super) enum BadRequest {
    /// It is none.
    #[error("not a request to jukebox {version}: {0}", version = env!("CARGO_PKG_VERSION"))]
    Unread(#[from] serde_json::Error),
    /// It is too long, or was cut off.
    #[error("a request has at most {most} bytes and ends with a newline")]
    Unended {
        /// The most bytes.
        most: u64,
    },
    /// Another large one takes too long.
    #[error("another large request is being answered; try again in a moment")]
    Busy,
    /// It is large, and takes too long to arrive.
    #[error("a request of more than {small} bytes has to arrive within {} seconds", limit.as_secs())]
    Slow {
        /// The bytes of one that may take longer.
        small: u64,
        /// How long it may take.
        limit: Duration,
    },
    /// A text in it is too long.
    #[error("a text of {long} bytes; at most {most} are allowed")]
    TooLong {
        /// Its bytes.
        long: usize,
        /// The most.
        most: usize,
    },
}

/// For callers that only show the error.
impl From<SocketError> for String {
    fn from(error: SocketError) -> String {
        error.to_string()
    }
}
