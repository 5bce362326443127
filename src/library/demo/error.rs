//! Errors of making the demo library.

use std::io;
use std::path::PathBuf;

use flacenc::bitsink::ByteSink;
use flacenc::error::{EncodeError, OutputError, VerifyError};
use lofty::error::FileEncodingError;
use thiserror::Error;

/// Why the demo library is not complete. Its `Display` form is one line.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A file could not be written.
    #[error("cannot write {}: {cause}", path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The settings of the FLAC encoder are not valid.
    #[error("cannot set up the FLAC encoder: {0}")]
    Settings(#[source] VerifyError),
    /// The FLAC encoder failed.
    #[error("cannot encode FLAC: {0}")]
    Encoder(#[source] EncodeError),
    /// The size of the blocks is not valid.
    #[error("cannot encode FLAC: {0}")]
    Blocks(#[source] VerifyError),
    /// The encoded blocks cannot be put together.
    #[error("cannot write FLAC: {0}")]
    Stream(#[source] OutputError<ByteSink>),
    /// The tags cannot be added.
    #[error("cannot write tags: {0}")]
    Tags(#[source] FileEncodingError),
}
