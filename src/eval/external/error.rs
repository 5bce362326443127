//! Errors of other systems' vectors.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file of vectors was not read. Its `Display` form is one line with the file.
#[derive(Debug, Error)]
pub enum ExternalError {
    /// The file could not be read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// The file has other content.
    #[error("{}: {cause}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: TableError,
    },
}

/// What is wrong with a table of vectors. Lines are numbered from 1.
#[derive(Debug, Error)]
pub enum TableError {
    /// It is not CSV.
    #[error("{} ({})", not_csv(.0), .0)]
    Csv(#[source] csv::Error),
    /// A field is not a number.
    #[error("line {line}: '{field}' is not a number")]
    Number {
        /// The line.
        line: u64,
        /// The field, shortened and safe for a terminal.
        field: String,
    },
    /// A vector has no numbers, or too many.
    #[error("line {line}: expected a path and 1 to {most} numbers")]
    Width {
        /// The line.
        line: u64,
        /// The most numbers.
        most: usize,
    },
    /// A vector has another length than those before.
    #[error("line {line}: {found} numbers instead of {wanted}")]
    Length {
        /// The line.
        line: u64,
        /// Number of its numbers.
        found: usize,
        /// That of the lines before.
        wanted: usize,
    },
    /// A line has no path.
    #[error("line {0}: the path is empty")]
    NoPath(u64),
    /// A number is not finite.
    #[error("line {0}: a number is not finite")]
    NotFinite(u64),
    /// There are no vectors.
    #[error("no vectors; a line is path,v1,v2,…")]
    Empty,
}

fn not_csv(error: &csv::Error) -> String {
    error.position().map_or_else(|| "no CSV".into(), |at| format!("line {}: not CSV", at.line()))
}
