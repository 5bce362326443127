//! Errors of tables: `clips.tsv` of a pack, `tracks.csv` and `echonest.csv` of FMA.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::training::split::Part;

/// What is wrong with a table.
#[derive(Debug, Error)]
pub enum TableError {
    /// The table cannot be read.
    #[error("{}: cannot be read: {cause}{how}", path.display())]
    Unreadable {
        /// The table.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
        /// What to do, after a semicolon; may be empty.
        how: &'static str,
    },
    /// The text is no CSV.
    #[error("{}: {cause}", path.display())]
    Csv {
        /// The table.
        path: PathBuf,
        /// The reader's error.
        cause: csv::Error,
    },
    /// The file has fewer than three lines, which are its header.
    #[error("{}: expected three header lines, as in FMA's {}", .0.display(), file_name(.0))]
    NoHeader(PathBuf),
    /// A column of one of FMA's tables is missing.
    #[error("{}: no column ('{group}', '{field}'), is this FMA's {}?", path.display(), file_name(path))]
    NoColumn {
        /// The table.
        path: PathBuf,
        /// The upper part of the column's name.
        group: &'static str,
        /// The lower part.
        field: &'static str,
    },
    /// The first line is another one than it must be.
    #[error("{}: the first line must be `{}`", path.display(), wanted.replace('\t', " ⇥ "))]
    FirstLine {
        /// The table.
        path: PathBuf,
        /// The line that is wanted.
        wanted: &'static str,
    },
    /// A line cannot be used.
    #[error("{}, line {line}: {fault}", path.display())]
    Line {
        /// The table.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        fault: LineError,
    },
    /// There are too many clips.
    #[error("{}: more than {most} clips", path.display())]
    TooLong {
        /// The table.
        path: PathBuf,
        /// The most that there may be.
        most: usize,
    },
    /// There are no genres, or too many.
    #[error("{}: {genres} genres instead of 1 to 4096", path.display())]
    Genres {
        /// The table.
        path: PathBuf,
        /// Number of its genres.
        genres: usize,
    },
    /// No track of one of FMA's subsets has a genre.
    #[error("{}: no track of the {subset} subset has a genre", path.display())]
    NoGenre {
        /// The table.
        path: PathBuf,
        /// The subset.
        subset: &'static str,
    },
}

impl TableError {
    /// For `map_err`: the error of reading CSV from `path`.
    pub(in crate::training::data) fn csv(path: &Path) -> impl Fn(csv::Error) -> TableError + '_ {
        |cause| TableError::Csv { path: path.to_owned(), cause }
    }

    /// A line of `path` that cannot be used.
    pub(in crate::training::data) fn line(path: &Path, line: u64, fault: LineError) -> TableError {
        TableError::Line { path: path.to_owned(), line, fault }
    }
}

/// What is wrong with a line of a table.
#[derive(Debug, Error)]
pub enum LineError {
    /// Other than four fields.
    #[error("{0} fields instead of 4")]
    Fields(usize),
    /// The row's number is not the next one.
    #[error("row `{found}` instead of {wanted}")]
    Row {
        /// What stands there.
        found: String,
        /// The number that is wanted.
        wanted: usize,
    },
    /// A track's number that is none, or stands in an earlier line.
    #[error("`{0}` is not a track id, or is repeated")]
    Track(String),
    /// The name of no split.
    #[error("split `{0}` is not training, validation or test")]
    Split(String),
    /// There is no genre.
    #[error("the genre is empty")]
    NoGenre,
    /// The track is in another split by an earlier line.
    #[error(
        "track `{track}` has the split {} in an earlier line and {} in this one; give all its lines the same",
        earlier.name(), here.name()
    )]
    TwoSplits {
        /// The track.
        track: String,
        /// Its split by the earlier line.
        earlier: Part,
        /// Its split by this one.
        here: Part,
    },
    /// A feature that is no number.
    #[error("{feature} `{found}` is no number")]
    Number {
        /// The feature.
        feature: &'static str,
        /// What stands there.
        found: String,
    },
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
