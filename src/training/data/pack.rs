//! A pack: strobe images that were made elsewhere, in three files.
//!
//! `strobe:DIR` is a directory with `clips.tsv` (a header, then `row`, `track_id`, `genre` and `split`, tab-separated),
//! `mel128.q4.zst` (zstd; the packed image of every row, 8192 bytes each), and optionally `vggish128.f16` (per row a
//! teacher's vector of 128 little-endian half floats). Rows with the same `track_id` are clips of one track and have one
//! split. A part without rows is empty; code that needs its clips reports that.

use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::path::Path;

use jukebox_encoder::Input;
pub(crate) use jukebox_encoder::halves::from_bits as half;
use jukebox_encoder::strobe::BYTES;
use jukebox_encoder::train::Clips;

use super::{DataError, DataSet, LineError, PackError, Source, TableError};
use crate::files;
use crate::text;
use crate::training::split::{Part, Split};

/// Length of a teacher's vector.
const TEACHER: usize = 128;
/// Maximum number of clips; larger packs are rejected.
const MOST_CLIPS: usize = 1_000_000;

/// Reads a pack.
pub(super) fn read(directory: &Path) -> Result<DataSet, DataError> {
    let Rows { genres, labels, split, tracks, track } = read_clips(&directory.join("clips.tsv"))?;
    let strobes = read_images(&directory.join("mel128.q4.zst"), labels.len())?;
    let teacher = directory.join("vggish128.f16");
    let teacher = if teacher.exists() { read_teacher(&teacher, labels.len(), &split)? } else { Vec::new() };
    let mut of_tracks = vec![Vec::new(); tracks.len()];
    for (track, label) in track.iter().zip(&labels) {
        of_tracks[*track as usize] = vec![*label];
    }
    let clips = Clips { strobes, genres: labels, teacher, ..Clips::default() };
    let (name, image, notes) = (super::reading::name_of(directory), Input::Strobe, Vec::new());
    let tags = Vec::new();
    Ok(DataSet { genres, tags, split, clips, tracks, track, labels: of_tracks, notes, image, name })
}

/// The contents of `clips.tsv`.
struct Rows {
    genres: Vec<String>,
    labels: Vec<u16>,
    split: Split,
    tracks: Vec<Source>,
    track: Vec<u32>,
}

fn read_clips(path: &Path) -> Result<Rows, DataError> {
    let all = files::text(path, files::ANY).map_err(|cause| PackError::NoClips { path: path.to_owned(), cause })?;
    Ok(rows(path, &all)?)
}

fn rows(path: &Path, all: &str) -> Result<Rows, TableError> {
    let mut lines = all.lines().enumerate();
    let header = "row\ttrack_id\tgenre\tsplit";
    if lines.next().map(|(_, l)| l) != Some(header) {
        return Err(TableError::FirstLine { path: path.to_owned(), wanted: header });
    }
    let mut names: Vec<String> = Vec::new();
    let mut split = Split::default();
    let (mut numbers, mut tracks, mut track) = (HashMap::new(), Vec::new(), Vec::new());
    for (i, line) in lines.filter(|(_, l)| !l.is_empty()) {
        let fault = |fault| Err(TableError::line(path, i as u64 + 1, fault));
        let fields: Vec<&str> = line.split('\t').collect();
        let &[row, id, genre, part] = &fields[..] else {
            return fault(LineError::Fields(fields.len()));
        };
        if row.parse() != Ok(names.len()) {
            return fault(LineError::Row { found: row.into(), wanted: names.len() });
        }
        let Some(part) = Part::named(part) else { return fault(LineError::Split(part.into())) };
        if genre.is_empty() {
            return fault(LineError::NoGenre);
        }
        if names.len() >= MOST_CLIPS {
            return Err(TableError::TooLong { path: path.to_owned(), most: MOST_CLIPS });
        }
        let (number, own) = *numbers.entry(id).or_insert_with(|| {
            tracks.push(Source { name: text::sanitize(id), ..Source::default() });
            (tracks.len() as u32 - 1, part)
        });
        // What a clip teaches would be measured on another clip of the same track.
        if part != own {
            return fault(LineError::TwoSplits { track: id.into(), earlier: own, here: part });
        }
        names.push(text::sanitize(genre));
        split.0.push(part);
        track.push(number);
    }
    let mut genres = names.clone();
    genres.sort();
    genres.dedup();
    if genres.is_empty() || genres.len() > 4096 {
        return Err(TableError::Genres { path: path.to_owned(), genres: genres.len() });
    }
    let labels = names.iter().map(|n| genres.binary_search(n).unwrap_or(0) as u16).collect();
    Ok(Rows { genres, labels, split, tracks, track })
}

fn read_images(path: &Path, clips: usize) -> Result<Vec<u8>, PackError> {
    let failed = PackError::unreadable(path);
    let (file, _) = files::open(path).map_err(&failed)?;
    let decoder = zstd::Decoder::new(BufReader::new(file)).map_err(failed)?;
    let expected = clips * BYTES;
    let mut images = Vec::new();
    // Read one byte beyond the expected size, so that too large a file is detected without unpacking all of it.
    let damaged = |cause| PackError::Damaged { path: path.to_owned(), cause };
    decoder.take(expected as u64 + 1).read_to_end(&mut images).map_err(damaged)?;
    if images.len() != expected {
        let has = (images.len() < expected).then_some(images.len());
        return Err(PackError::Images { path: path.to_owned(), clips, wanted: expected, has });
    }
    Ok(images)
}

fn read_teacher(path: &Path, clips: usize, split: &Split) -> Result<Vec<f32>, PackError> {
    let bytes = files::read(path, files::MODEL).map_err(PackError::unreadable(path))?;
    if bytes.len() != clips * TEACHER * 2 {
        let (has, wanted) = (bytes.len(), clips * TEACHER * 2);
        return Err(PackError::Vectors { path: path.to_owned(), clips, wanted, has });
    }
    let mut values: Vec<f32> = bytes.chunks_exact(2).map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect();
    if let Some(i) = values.iter().position(|v| !v.is_finite()) {
        return Err(PackError::NotFinite { path: path.to_owned(), row: i / TEACHER });
    }
    let mut training: Vec<usize> = split.of(Part::Training).collect();
    if training.is_empty() {
        training = (0..clips).collect();
    }
    let n = training.len().max(1) as f64;
    for component in 0..TEACHER {
        let of = |i: &usize| f64::from(values[i * TEACHER + component]);
        let mean = training.iter().map(of).sum::<f64>() / n;
        let variance = training.iter().map(|i| (of(i) - mean).powi(2)).sum::<f64>() / n;
        // A constant component carries no information.
        let scale = if variance > 1e-12 { 1.0 / variance.sqrt() } else { 0.0 };
        for row in values.chunks_exact_mut(TEACHER) {
            row[component] = ((f64::from(row[component]) - mean) * scale) as f32;
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_floats() {
        assert_eq!(half(0x3c00), 1.0);
        assert_eq!(half(0xc000), -2.0);
        assert_eq!(half(0x0001), 2f32.powi(-24));
        assert_eq!(half(0x7bff), 65504.0);
        assert_eq!(half(0x7c00), f32::INFINITY);
        assert!(half(0x7e00).is_nan());
    }
}
