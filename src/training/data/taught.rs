//! `taught:MODEL`: the user's library without its genre tags; the targets are an imported tagger's outputs for every
//! patch.
//!
//! Like `library`, it reads the snapshot and the image cache, and splits by artist. The test part is for the guard: the
//! tagger's outputs for it are never trained on.

use jukebox_encoder::Input;
use jukebox_encoder::train::Clips;

use super::classes::{artist_of, key_of};
use super::library::{self, Entry};
use super::standard::standardise;
use super::{DataError, DataSet, Reading, Source, TaughtError, described};
use crate::training::split::{Part, Split};

/// Reads the library and runs the tagger on it.
pub(super) fn read(reading: &mut Reading<'_>) -> Result<DataSet, DataError> {
    let name = reading.teacher.as_ref().ok_or(TaughtError::NoTagger)?.name.clone();
    if reading.image != Input::Patch {
        return Err(TaughtError::OtherImages(name).into());
    }
    let (entries, cache, cached) = library::open(reading)?;
    let Some(teacher) = &mut reading.teacher else { return Err(TaughtError::NoTagger.into()) };
    let mut set = DataSet {
        genres: Vec::new(),
        tags: teacher.encoders.first().map_or_else(Vec::new, |e| e.card().tags.clone()),
        split: Split::default(),
        clips: Clips::of(Input::Patch),
        tracks: Vec::new(),
        track: Vec::new(),
        labels: Vec::new(),
        notes: Vec::new(),
        image: Input::Patch,
        name: format!("library, labelled by {name}"),
    };
    let all = entries.len();
    for entry in entries {
        let images = library::images(&entry, cache.as_ref(), cached)?;
        let Some(images) = images.filter(|images| !images.is_empty()) else { continue };
        add(&mut set, entry, &images, reading.describe);
    }
    let unheard = all - set.tracks.len();
    if set.tracks.is_empty() {
        return Err(TaughtError::NoImages { tracks: all, cache: cached.to_owned() }.into());
    }
    if unheard > 0 {
        set.notes.push(format!(
            "{unheard} of {all} tracks have no images yet and are left out; `jukebox scan` listens to them"
        ));
    }
    if reading.describe {
        // Before the tagger is asked about every patch, which takes long.
        set = described::named(set, &described::names(), described::SCANNED)?;
    }
    for guess in teacher.ask(&set.clips.images())? {
        set.clips.teacher.extend(guess.vector);
        set.clips.logits.extend(guess.logits);
    }
    standardise(&mut set);
    Ok(set)
}

/// Adds the patches of one track.
fn add<I: AsRef<[u8]>>(set: &mut DataSet, entry: Entry, images: &[I], describe: bool) {
    let descriptors = if describe { entry.numbers() } else { Vec::new() };
    let artist = artist_of(Some(&entry.artist), Some(&entry.album_artist)).to_string();
    let otherwise = if entry.album.is_empty() { entry.track } else { format!("album {}", entry.album) };
    let key = key_of(&artist, &otherwise);
    let part = Part::of_artist(&key);
    let number = set.tracks.len() as u32;
    for image in images {
        set.clips.strobes.extend_from_slice(image.as_ref());
        set.clips.genres.push(0);
        set.clips.descriptors.extend_from_slice(&descriptors);
        set.track.push(number);
        set.split.0.push(part);
    }
    set.labels.push(Vec::new());
    let artist = if artist.is_empty() { otherwise } else { artist };
    set.tracks.push(Source { artist, album: entry.album, name: entry.title });
}
