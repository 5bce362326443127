//! The tables of FMA's metadata: CSV with three header lines, two of which name each column together.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use csv::StringRecord;

use super::TableError;

/// The lines of a table as they are read.
pub(super) type Records = csv::StringRecordsIntoIter<BufReader<File>>;

/// The lines of the table at `path` below the header, and the three of the header.
pub(super) fn records(path: &Path, file: File) -> Result<(Records, [StringRecord; 3]), TableError> {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(BufReader::new(file));
    let mut records = reader.into_records();
    let mut header = || {
        let line = records.next().ok_or_else(|| TableError::NoHeader(path.to_owned()))?;
        line.map_err(TableError::csv(path))
    };
    let lines = [header()?, header()?, header()?];
    Ok((records, lines))
}

/// The place of the column that the two lines of the header `names` name `group` and `field`.
pub(super) fn column(
    path: &Path,
    names: [&StringRecord; 2],
    group: &'static str,
    field: &'static str,
) -> Result<usize, TableError> {
    let place = names[0].iter().zip(names[1]).position(|(a, b)| a == group && b == field);
    place.ok_or_else(|| TableError::NoColumn { path: path.to_owned(), group, field })
}
