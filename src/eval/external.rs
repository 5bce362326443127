//! Vectors computed by another system for the same files: CSV with one track per line, the path first.

mod error;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::corpus::Corpus;
use super::error::EvalError;
use super::row::{Kind, Points, Row};

use crate::files;

pub use error::{ExternalError, TableError};

/// Maximum length of a vector; files with longer ones are rejected.
const WIDEST: usize = 4096;

/// The vectors of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    /// The label of the row: the file's name without its extension.
    pub name: String,
    /// Length of each vector.
    pub dims: usize,
    /// The path and vector of each line.
    pub lines: Vec<(PathBuf, Vec<f32>)>,
}

impl External {
    /// Reads a CSV file.
    ///
    /// # Errors
    /// The file cannot be read, or has other content.
    pub fn read(file: &Path) -> Result<External, ExternalError> {
        let path = || file.to_path_buf();
        let text = files::text(file, files::ANY).map_err(|cause| ExternalError::Unread { path: path(), cause })?;
        let title = file.file_stem().unwrap_or_default().to_string_lossy();
        let read = External::parse(&crate::text::sanitize(&title), &text);
        read.map_err(|cause| ExternalError::Invalid { path: path(), cause })
    }

    fn parse(title: &str, text: &str) -> Result<External, TableError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut out = External { name: title.into(), dims: 0, lines: Vec::new() };
        for (i, record) in reader.records().enumerate() {
            let record = record.map_err(TableError::Csv)?;
            let line = record.position().map_or(0, csv::Position::line);
            let mut fields = record.iter();
            let path = fields.next().unwrap_or("");
            let numbers: Result<Vec<f32>, &str> = fields.map(|f| f.trim().parse::<f32>().map_err(|_| f)).collect();
            let numbers = match numbers {
                Ok(numbers) => numbers,
                // The first line may be a header.
                Err(_) if i == 0 => continue,
                Err(field) => {
                    let field = crate::text::fit(&crate::text::sanitize(field), 20);
                    return Err(TableError::Number { line, field: field.trim().into() });
                }
            };
            if out.lines.is_empty() {
                out.dims = numbers.len();
                if !(1..=WIDEST).contains(&out.dims) {
                    return Err(TableError::Width { line, most: WIDEST });
                }
            }
            if numbers.len() != out.dims {
                return Err(TableError::Length { line, found: numbers.len(), wanted: out.dims });
            }
            if path.is_empty() {
                return Err(TableError::NoPath(line));
            }
            if numbers.iter().any(|v| !v.is_finite()) {
                return Err(TableError::NotFinite(line));
            }
            out.lines.push((PathBuf::from(path), numbers));
        }
        if out.lines.is_empty() {
            return Err(TableError::Empty);
        }
        Ok(out)
    }

    /// The line of each track of a corpus, matched by canonical path, else by file name if it is unique among both the
    /// lines and the tracks.
    pub fn matched(&self, corpus: &Corpus) -> Vec<Option<usize>> {
        let mut by_path: HashMap<PathBuf, usize> = HashMap::new();
        let mut by_name: HashMap<&OsStr, Option<usize>> = HashMap::new();
        for (i, (path, _)) in self.lines.iter().enumerate() {
            by_path.insert(path.canonicalize().unwrap_or_else(|_| path.clone()), i);
            if let Some(name) = path.file_name() {
                by_name.entry(name).and_modify(|one| *one = None).or_insert(Some(i));
            }
        }
        let mut names: HashMap<&OsStr, usize> = HashMap::new();
        corpus.items.iter().filter_map(|t| t.path.file_name()).for_each(|n| *names.entry(n).or_default() += 1);
        let of = |path: &Path| {
            let by_name = || {
                let name = path.file_name().filter(|n| names.get(n) == Some(&1))?;
                by_name.get(name).copied().flatten()
            };
            by_path.get(path).copied().or_else(by_name)
        };
        corpus.items.iter().map(|item| of(&item.path)).collect()
    }

    /// The row of these vectors; `None` unless every track has one.
    pub fn row(&self, corpus: &Corpus) -> Option<Row> {
        let lines: Vec<usize> = self.matched(corpus).into_iter().collect::<Option<_>>()?;
        let values = lines.iter().flat_map(|&line| self.lines[line].1.iter().copied()).collect();
        let about = format!("{} numbers a track", self.dims);
        Some(Row::of(Kind::External, &self.name, &about, Points { dims: self.dims, values }))
    }
}

/// Restricts a corpus to the tracks for which every file has vectors, and adds notes on their
/// number.
///
/// # Errors
/// When a file has vectors for none of the tracks.
pub fn restrict(corpus: &Corpus, externals: &[External]) -> Result<Corpus, EvalError> {
    let mut kept: Vec<usize> = (0..corpus.items.len()).collect();
    let mut notes = Vec::new();
    for external in externals {
        let matched = external.matched(corpus);
        let found = matched.iter().flatten().count();
        if found == 0 {
            let (lines, external) = (external.lines.len(), external.name.clone());
            return Err(EvalError::NoneOfThem { external, lines, corpus: corpus.name.clone() });
        }
        kept.retain(|&i| matched[i].is_some());
        notes.push(format!("{}: vectors for {found} of {} tracks", external.name, corpus.items.len()));
    }
    if kept.len() < corpus.items.len() {
        notes.push(format!("every row is measured on the {} tracks that all have vectors for", kept.len()));
    }
    let mut corpus = corpus.only(&kept);
    corpus.notes.extend(notes);
    Ok(corpus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::corpus::Item;

    fn corpus(paths: &[&str]) -> Corpus {
        let items: Vec<Item> = paths.iter().map(|p| Item { path: p.into(), ..Item::default() }).collect();
        Corpus { name: "here".into(), named: vec![[f32::NAN; 13]; items.len()], items, ..Corpus::default() }
    }

    #[test]
    fn mistakes_are_named_by_line() {
        for (text, why) in [
            ("", "no vectors"),
            ("path,a,b\n", "no vectors"),
            ("/a,1,2\n/b,1\n", "line 2: 1 numbers instead of 2"),
            ("path,a\n/a,1\n/b,x\n", "line 3: 'x' is not a number"),
            ("/a,1\n/b,nan\n", "line 2: a number is not finite"),
            ("/a\n", "line 1: expected a path and 1 to"),
            ("/a,1\n,1\n", "line 2: the path is empty"),
        ] {
            let found = External::parse("x", text).unwrap_err().to_string();
            assert!(found.contains(why), "{text:?}: {found}");
        }
        let read = External::parse("x", "path,v\n\"/a, b.mp3\",1.5\r\n/c,-2\n").unwrap();
        assert_eq!((read.dims, read.lines.len(), read.lines[0].0.to_str()), (1, 2, Some("/a, b.mp3")));
    }

    #[test]
    fn tracks_are_matched_by_path_then_by_a_name_that_is_one_only() {
        let read = External::parse("x", "/m/a/1.mp3,1\n/else/2.mp3,2\n/else/3.mp3,3\n/other/3.mp3,4\n").unwrap();
        let corpus = corpus(&["/m/a/1.mp3", "/m/a/2.mp3", "/m/a/3.mp3", "/m/b/1.mp3"]);
        assert_eq!(read.matched(&corpus), [Some(0), Some(1), None, None]);
        assert!(read.row(&corpus).is_none());
        let kept = restrict(&corpus, std::slice::from_ref(&read)).unwrap();
        assert_eq!(read.row(&kept).unwrap().points.unwrap().values, [1.0, 2.0]);
        assert_eq!(kept.notes[0], "x: vectors for 2 of 4 tracks");
        assert!(kept.notes[1].contains("the 2 tracks that all"), "{:?}", kept.notes);
        let strange = External::parse("y", "/q,1\n").unwrap();
        assert!(restrict(&corpus, &[strange]).unwrap_err().to_string().contains("none of its 1 paths"));
    }
}
