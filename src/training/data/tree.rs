//! `tree:DIR`: folders named by genre, with audio files at any depth. Artist and album come from the tags, otherwise
//! from the containing folder.

use std::path::{Path, PathBuf};

use super::classes::{Candidate, artist_of, assemble};
use super::listen::Drawing;
use super::{DataError, DataSet, FolderError, Reading, described, listen, measured};
use crate::text;

/// Reads the tree; analyses files that are new.
pub(super) fn read(directory: &Path, drawing: Drawing, reading: &mut Reading<'_>) -> Result<DataSet, DataError> {
    let files = listen::audio_under(directory)?;
    let mut notes = Vec::new();
    // A file's top-level folder below the directory.
    let genre = |file: &PathBuf| {
        let mut below = file.strip_prefix(directory).ok()?.components();
        let first = below.next()?;
        below.next()?;
        Some(text::sanitize(&first.as_os_str().to_string_lossy()))
    };
    let (inside, outside): (Vec<PathBuf>, Vec<PathBuf>) = files.into_iter().partition(|f| genre(f).is_some());
    if inside.is_empty() {
        return Err(FolderError::NoGenres(directory.to_owned()).into());
    }
    if !outside.is_empty() {
        notes.push(format!("{} files are in no folder and have no genre", outside.len()));
    }
    let heard = listen::hear(&inside, drawing, reading.cache, reading.listener)?;
    let sounds = match reading.describe {
        true => measured::measure(&inside, &heard, reading.cache, reading.listener)?,
        false => Vec::new(),
    };
    let (mut tracks, mut faults, mut alone, mut out) = (Vec::new(), Vec::new(), 0, 0);
    for (at, (file, heard)) in inside.iter().zip(heard).enumerate() {
        let heard = match heard {
            Ok(heard) => heard,
            Err(why) => {
                faults.push((file.clone(), why));
                continue;
            }
        };
        let Some(genre) = genre(file) else { continue };
        let tagged = reading.genres.read(&[&genre]);
        if tagged.out {
            out += 1;
            continue;
        }
        // A folder is one class, even if its name would be split into several genres.
        let genre = if tagged.genres.len() == 1 { tagged.genres[0].clone() } else { genre };
        let tags = &heard.probe.tags;
        let artist = artist_of(tags.artist.as_deref(), tags.album_artist.as_deref()).to_string();
        let folder = file.parent().unwrap_or(directory);
        let below = folder.strip_prefix(directory).unwrap_or(folder);
        // The genre's own folder does not identify an artist, so a file directly in it counts by
        // itself.
        let own = if below.components().count() > 1 { below } else { file.strip_prefix(directory).unwrap_or(file) };
        alone += usize::from(artist.is_empty());
        let stem = || text::sanitize(&file.file_stem().unwrap_or_default().to_string_lossy());
        tracks.push(Candidate {
            artist,
            album: tags.album.as_deref().unwrap_or_default().into(),
            name: tags.title.as_deref().map_or_else(stem, Into::into),
            otherwise: text::sanitize(&own.to_string_lossy()),
            genres: vec![genre],
            part: None,
            images: heard.images,
            descriptors: sounds.get(at).map_or_else(Vec::new, described::numbers),
        });
    }
    notes.extend(super::reading::left_out(&faults, inside.len()));
    if out > 0 {
        notes.push(format!("{out} files are in folders that the genre table leaves out"));
    }
    if alone > 0 {
        notes.push(format!(
            "{alone} of {} tracks name no artist: their folder, or the file, counts as one",
            tracks.len()
        ));
    }
    let name = super::reading::name_of(directory);
    let set = assemble(name, tracks, reading.image, reading.genres, reading.least, notes)?;
    if reading.describe { described::named(set, &described::names(), described::MEASURED) } else { Ok(set) }
}
