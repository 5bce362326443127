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

use super::{DataSet, Source};
use crate::files;
use crate::text;
use crate::training::split::{Part, Split};

/// Length of a teacher's vector.
const TEACHER: usize = 128;
/// Maximum number of clips; larger packs are rejected.
const MOST_CLIPS: usize = 1_000_000;

/// Reads a pack.
pub(super) fn read(directory: &Path) -> Result<DataSet, String> {
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

fn read_clips(path: &Path) -> Result<Rows, String> {
    let name = path.display();
    let all = files::text(path, files::ANY)
        .map_err(|e| format!("cannot read {name}: {e}; a data set is a directory with clips.tsv and mel128.q4.zst"))?;
    let mut lines = all.lines().enumerate();
    let header = "row\ttrack_id\tgenre\tsplit";
    if lines.next().map(|(_, l)| l) != Some(header) {
        return Err(format!("{name}: the first line must be `{}`", header.replace('\t', " ⇥ ")));
    }
    let mut names: Vec<String> = Vec::new();
    let mut split = Split::default();
    let (mut numbers, mut tracks, mut track) = (HashMap::new(), Vec::new(), Vec::new());
    for (i, line) in lines.filter(|(_, l)| !l.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[row, id, genre, part] = &fields[..] else {
            return Err(format!("{name}, line {}: {} fields instead of 4", i + 1, fields.len()));
        };
        if row.parse() != Ok(names.len()) {
            return Err(format!("{name}, line {}: row `{row}` instead of {}", i + 1, names.len()));
        }
        let Some(part) = Part::named(part) else {
            return Err(format!("{name}, line {}: split `{part}` is not training, validation or test", i + 1));
        };
        if genre.is_empty() {
            return Err(format!("{name}, line {}: the genre is empty", i + 1));
        }
        if names.len() >= MOST_CLIPS {
            return Err(format!("{name}: more than {MOST_CLIPS} clips"));
        }
        let (number, own) = *numbers.entry(id).or_insert_with(|| {
            tracks.push(Source { name: text::sanitize(id), ..Source::default() });
            (tracks.len() as u32 - 1, part)
        });
        // What a clip teaches would be measured on another clip of the same track.
        if part != own {
            let (part, own) = (part.name(), own.name());
            return Err(format!(
                "{name}, line {}: track `{id}` has the split {own} in an earlier line and {part} in this one; give all its \
                 lines the same",
                i + 1
            ));
        }
        names.push(text::sanitize(genre));
        split.0.push(part);
        track.push(number);
    }
    let mut genres = names.clone();
    genres.sort();
    genres.dedup();
    if genres.is_empty() || genres.len() > 4096 {
        return Err(format!("{name}: {} genres instead of 1 to 4096", genres.len()));
    }
    let labels = names.iter().map(|n| genres.binary_search(n).unwrap_or(0) as u16).collect();
    Ok(Rows { genres, labels, split, tracks, track })
}

fn read_images(path: &Path, clips: usize) -> Result<Vec<u8>, String> {
    let name = path.display();
    let failed = |e: std::io::Error| format!("cannot read {name}: {e}");
    let (file, _) = files::open(path).map_err(failed)?;
    let decoder = zstd::Decoder::new(BufReader::new(file)).map_err(failed)?;
    let expected = clips * BYTES;
    let mut images = Vec::new();
    // Read one byte beyond the expected size, so that too large a file is detected without unpacking all of it.
    let damaged = |e: std::io::Error| format!("{name} is not a zstd file, or damaged ({e}): fetch it again");
    decoder.take(expected as u64 + 1).read_to_end(&mut images).map_err(damaged)?;
    if images.len() != expected {
        let has = if images.len() > expected { "more".to_owned() } else { images.len().to_string() };
        return Err(format!("{name}: {clips} clips in clips.tsv need {expected} bytes, it has {has}"));
    }
    Ok(images)
}

fn read_teacher(path: &Path, clips: usize, split: &Split) -> Result<Vec<f32>, String> {
    let name = path.display();
    let bytes = files::read(path, files::MODEL).map_err(|e| format!("cannot read {name}: {e}"))?;
    if bytes.len() != clips * TEACHER * 2 {
        let (has, expected) = (bytes.len(), clips * TEACHER * 2);
        return Err(format!("{name}: {clips} clips in clips.tsv need {expected} bytes, it has {has}; or remove it"));
    }
    let mut values: Vec<f32> = bytes.chunks_exact(2).map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect();
    if let Some(i) = values.iter().position(|v| !v.is_finite()) {
        return Err(format!("{name}: row {} holds a number that is not finite; fetch it again", i / TEACHER));
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
