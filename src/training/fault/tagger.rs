//! Errors of the package of a public tagger.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use zip::result::ZipError;

/// How the package is fetched.
const HOW: &str = "`pip download --no-deps musicnn==0.1.0` fetches it";

/// Why a tagger's package cannot be imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The wheel cannot be read.
    #[error("cannot read {}: {cause}; {HOW}", path.display())]
    NoWheel {
        /// The wheel.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The file is no wheel.
    #[error("{}: neither a wheel nor the folder of an unpacked one ({cause}); {HOW}", path.display())]
    NoArchive {
        /// The file.
        path: PathBuf,
        /// The archive's error.
        cause: ZipError,
    },
    /// The wheel lacks a file of the network.
    #[error("{}: it has no {name} ({cause}); {HOW}", path.display())]
    NoPart {
        /// The wheel.
        path: PathBuf,
        /// The name of the file in it.
        name: String,
        /// The archive's error.
        cause: ZipError,
    },
    /// A file of the network cannot be unpacked.
    #[error("{}: {name}: {cause}; {HOW}", path.display())]
    Damaged {
        /// The wheel.
        path: PathBuf,
        /// The name of the file in it.
        name: String,
        /// The decoder's error.
        cause: io::Error,
    },
    /// A file of the network is too large.
    #[error("{}: {name} is larger than any such file; {HOW}", path.display())]
    TooLarge {
        /// The wheel.
        path: PathBuf,
        /// The name of the file in it.
        name: String,
    },
    /// The folder has no network in it.
    #[error("{}: there is no {network} in it; {HOW}", path.display())]
    NoNetwork {
        /// The folder.
        path: PathBuf,
        /// The folder of the network that is wanted in it.
        network: &'static str,
    },
    /// A file of an unpacked network cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The network cannot be understood.
    #[error("{}: {cause:#}; {HOW}", path.display())]
    Network {
        /// The package.
        path: PathBuf,
        /// What the encoder's reader says.
        cause: anyhow::Error,
    },
}

/// For callers that only show the error.
impl From<ImportError> for String {
    fn from(error: ImportError) -> String {
        error.to_string()
    }
}
