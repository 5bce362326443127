//! `library`: the user's own music with its genre tags. The store's records are first written to a *snapshot*, one line
//! per track, so that the store is free during training; the images come from the image cache of the encoder's input.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use jukebox_encoder::Input;
use serde::{Deserialize, Serialize};

use super::classes::{Candidate, artist_of, assemble};
use super::{DataError, DataSet, EntryError, LibraryError, Reading, SnapshotError, described};
use crate::files;
use crate::latent::named::{NAMED, NamedValues};
use crate::library::{Catalog, Song};
use crate::store::{ImageCache, private};
use crate::track::TrackId;

/// The name of a snapshot's file.
pub const SNAPSHOT: &str = "snapshot.jsonl";

/// One line of a snapshot. Unknown texts are "".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The track's identity, 32 hexadecimal digits.
    pub track: String,
    /// The performing artist.
    pub artist: String,
    /// The album's artist.
    pub album_artist: String,
    /// The album.
    pub album: String,
    /// The title, or the file's name.
    pub title: String,
    /// The genre tags as they are.
    pub genres: Vec<String>,
    /// The descriptors of its sound that are known, by their names ([`NAMED`]); empty in a snapshot without them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub descriptors: BTreeMap<String, f32>,
}

impl Entry {
    /// The track that it is of.
    fn identity(&self) -> Result<TrackId, EntryError> {
        self.track.parse::<TrackId>().map_err(|e| EntryError::Identity(e.to_string()))
    }

    /// The numbers that stand for its descriptors.
    pub(super) fn numbers(&self) -> Vec<f32> {
        described::numbers(&NAMED.map(|named| self.descriptors.get(named.name).copied().unwrap_or(f32::NAN)))
    }
}

/// Writes a snapshot of a catalog atomically, one line per track, and returns the number of tracks. Each track is
/// represented by one file: the first by path. `sound` is what is known of a track's sound, as far as training needs it.
///
/// # Errors
/// When the file cannot be written; it is then unchanged.
pub fn export(
    catalog: &Catalog,
    file: &Path,
    sound: &dyn Fn(TrackId) -> Option<NamedValues>,
) -> Result<usize, SnapshotError> {
    let fault = |cause: io::Error| SnapshotError::Unwritten { path: file.to_owned(), cause };
    let by_path: BTreeMap<&Path, &Song> = catalog.songs().iter().map(|s| (&*s.path, &**s)).collect();
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for song in by_path.values().filter(|s| seen.insert(s.track)) {
        let text = |t: &Option<Arc<str>>| t.as_deref().unwrap_or_default().to_string();
        let entry = Entry {
            track: song.track.to_string(),
            artist: text(&song.tags.artist),
            album_artist: text(&song.tags.album_artist),
            album: text(&song.tags.album),
            title: song.title(),
            genres: song.tags.genres.to_vec(),
            descriptors: sound(song.track).map_or_else(BTreeMap::new, |values| known(&values)),
        };
        serde_json::to_writer(&mut out, &entry).map_err(|e| fault(e.into()))?;
        out.push(b'\n');
    }
    private::replace(file, &out).map_err(fault)?;
    Ok(seen.len())
}

/// The descriptors that are known, by their names.
fn known(values: &NamedValues) -> BTreeMap<String, f32> {
    let known = NAMED.iter().zip(values).filter(|(_, value)| value.is_finite());
    known.map(|(named, value)| (named.name.to_string(), *value)).collect()
}

/// Reads a snapshot.
///
/// # Errors
/// When the file cannot be read, or a line is invalid.
pub fn entries(file: &Path) -> Result<Vec<Entry>, SnapshotError> {
    let (lines, _) = files::open(file).map_err(|cause| SnapshotError::Unreadable { path: file.to_owned(), cause })?;
    let mut entries = Vec::new();
    for (number, line) in BufReader::new(lines).lines().enumerate() {
        let fault = |cause| SnapshotError::Line { path: file.to_owned(), line: number + 1, cause };
        entries.push(parse(line).map_err(fault)?);
    }
    Ok(entries)
}

/// The track of a line.
fn parse(line: io::Result<String>) -> Result<Entry, EntryError> {
    let entry: Entry = serde_json::from_str(&line?)?;
    entry.identity()?;
    Ok(entry)
}

/// The snapshot's tracks and, if it exists, the cache of their images.
pub(super) fn open<'a>(reading: &Reading<'a>) -> Result<(Vec<Entry>, Option<ImageCache>, &'a Path), LibraryError> {
    let Some((snapshot, cached)) = reading.library else { return Err(LibraryError::Missing) };
    if matches!(reading.image, Input::Mel | Input::Power) {
        return Err(LibraryError::OtherImages);
    }
    let entries = entries(snapshot)?;
    if entries.is_empty() {
        return Err(LibraryError::Empty);
    }
    let cache = match ImageCache::open_read(cached, reading.image.bytes()) {
        Ok(cache) => Some(cache),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(cause) => return Err(LibraryError::Images { path: cached.to_owned(), cause }),
    };
    Ok((entries, cache, cached))
}

/// The images of a track in the cache at `path`, if it has some.
pub(super) fn images(
    entry: &Entry,
    cache: Option<&ImageCache>,
    path: &Path,
) -> Result<Option<Vec<Vec<u8>>>, LibraryError> {
    let track = entry.identity()?;
    let images = cache.map(|cache| cache.get(track)).transpose();
    Ok(images.map_err(|cause| LibraryError::Image { path: path.to_owned(), cause })?.flatten())
}

/// Reads the library's data set from its snapshot and the image cache.
pub(super) fn read(reading: &Reading<'_>) -> Result<DataSet, DataError> {
    let (entries, cache, cached) = open(reading)?;
    let all = entries.len();
    let (mut tracks, mut untagged, mut out, mut unheard, mut nameless) = (Vec::new(), 0, 0, 0, 0);
    for entry in entries {
        let tagged = reading.genres.read(&entry.genres);
        if tagged.out {
            out += 1;
            continue;
        }
        if tagged.genres.is_empty() {
            untagged += 1;
            continue;
        }
        let Some(images) = images(&entry, cache.as_ref(), cached)? else {
            unheard += 1;
            continue;
        };
        let artist = artist_of(Some(&entry.artist), Some(&entry.album_artist)).to_string();
        nameless += usize::from(artist.is_empty());
        let descriptors = if reading.describe { entry.numbers() } else { Vec::new() };
        tracks.push(Candidate {
            artist,
            otherwise: if entry.album.is_empty() { entry.track } else { format!("album {}", entry.album) },
            album: entry.album,
            name: entry.title,
            genres: tagged.genres,
            part: None,
            images: images.concat(),
            descriptors,
        });
    }
    if untagged + out == all {
        return Err(LibraryError::Untagged(all).into());
    }
    if tracks.is_empty() {
        return Err(LibraryError::NoImages { tracks: unheard, cache: cached.to_owned() }.into());
    }
    let mut notes = Vec::new();
    let mut note = |n: usize, what: &str| {
        if n > 0 {
            notes.push(format!("{n} of {all} tracks {what}"));
        }
    };
    note(untagged, "have no genre tag and are left out");
    note(out, "are left out by their genre (audiobooks and what [train.genres] maps to \"\")");
    note(unheard, "have a genre but no images yet and are left out; `jukebox scan` listens to them");
    note(nameless, "have no artist; the album, or the track, counts as one");
    let set = assemble("library".into(), tracks, reading.image, reading.genres, reading.least, notes)?;
    if reading.describe { described::named(set, &described::names(), described::SCANNED) } else { Ok(set) }
}
