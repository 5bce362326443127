//! Builds a data set from tracks with genre names: chooses the genres with enough data, and each track's part.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jukebox_encoder::Input;
use jukebox_encoder::train::Clips;

use super::genres::{Genres, folded};
use super::{DataError, DataSet, Source};
use crate::text;
use crate::training::split::{self, Part, Split};

/// The minimum data for a genre. With fewer than five artists, a genre is the sound of one or two of them (and one in
/// six such genres would have no artist left for testing); with fewer than twenty tracks its accuracy is known to ±20
/// points at best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Least {
    /// Number of artists.
    pub artists: usize,
    /// Number of tracks.
    pub tracks: usize,
}

impl Default for Least {
    fn default() -> Least {
        Least { artists: 5, tracks: 20 }
    }
}

/// A track considered for a data set.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    /// The artist as tagged; "" when unknown.
    pub artist: String,
    /// The album, "" when unknown.
    pub album: String,
    /// A name for display.
    pub name: String,
    /// Stands for the artist when no tag names one: the album or folder, or the track itself.
    pub otherwise: String,
    /// Its genres, the principal one first.
    pub genres: Vec<String>,
    /// The part given by the data set itself, if any.
    pub part: Option<Part>,
    /// Packed images.
    pub images: Vec<u8>,
    /// Descriptors of its sound, as many as all other tracks have; empty if none is known.
    pub descriptors: Vec<f32>,
}

impl Candidate {
    /// The artist's key in the split: equal for all spellings of a name.
    fn key(&self) -> String {
        key_of(&self.artist, &self.otherwise)
    }
}

/// The key of a track's artist in the split; derived from `otherwise` if the artist is unknown.
pub(super) fn key_of(artist: &str, otherwise: &str) -> String {
    match split::artist_key(artist) {
        key if key.is_empty() => format!("\0{otherwise}"),
        key => key,
    }
}

/// The artist for the split: the album artist, except on compilations, where it is the track's.
pub(super) fn artist_of<'a>(artist: Option<&'a str>, album_artist: Option<&'a str>) -> &'a str {
    let named = |name: &&str| !name.is_empty() && !split::is_various(name);
    album_artist.filter(named).or(artist.filter(named)).unwrap_or("")
}

/// Builds the data set. With `least`, genres with too little data are merged into their parent or left out; otherwise
/// all are kept.
///
/// # Errors
/// When there are more genres than can be learned.
pub(super) fn assemble(
    name: String,
    mut tracks: Vec<Candidate>,
    image: Input,
    table: &Genres,
    least: Option<Least>,
    mut notes: Vec<String>,
) -> Result<DataSet, DataError> {
    spell(&mut tracks);
    let keys: Vec<String> = tracks.iter().map(Candidate::key).collect();
    let parts: Vec<Part> =
        tracks.iter().zip(&keys).map(|(t, key)| t.part.unwrap_or_else(|| Part::of_artist(key))).collect();
    if let Some(least) = least {
        fold(&mut tracks, &keys, &parts, table, least, &mut notes);
    }
    let genres: Vec<String> =
        tracks.iter().flat_map(|t| t.genres.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect();
    if genres.len() > 4096 {
        return Err(DataError::TooManyGenres { data: name, genres: genres.len() });
    }
    let places: HashMap<&str, u16> = genres.iter().zip(0..).map(|(g, i)| (g.as_str(), i)).collect();
    let wide = tracks.iter().map(|t| t.descriptors.len()).max().unwrap_or(0);
    let several = tracks.iter().any(|t| t.genres.len() > 1);
    // One spelling per artist: the first.
    let mut artists: HashMap<&str, &str> = HashMap::new();
    for (track, key) in tracks.iter().zip(&keys) {
        artists.entry(key).or_insert(if track.artist.is_empty() { &track.otherwise } else { &track.artist });
    }
    let mut set = DataSet {
        genres: Vec::new(),
        tags: Vec::new(),
        split: Split::default(),
        clips: Clips::of(image),
        tracks: Vec::new(),
        track: Vec::new(),
        labels: Vec::new(),
        notes,
        image,
        name,
    };
    for ((track, key), part) in tracks.iter().zip(&keys).zip(&parts) {
        let labels: Vec<u16> = track.genres.iter().filter_map(|g| places.get(g.as_str()).copied()).collect();
        let Some(&principal) = labels.first() else { continue };
        let clips = track.images.len() / image.bytes();
        let number = set.tracks.len() as u32;
        set.clips.strobes.extend_from_slice(&track.images[..clips * image.bytes()]);
        for _ in 0..clips {
            set.split.0.push(*part);
            set.track.push(number);
            set.clips.genres.push(principal);
            let descriptor = |d: usize| track.descriptors.get(d).copied().unwrap_or(f32::NAN);
            set.clips.descriptors.extend((0..wide).map(descriptor));
            if several {
                let share = 1.0 / labels.len() as f32;
                set.clips
                    .targets
                    .extend((0..genres.len() as u16).map(|g| if labels.contains(&g) { share } else { 0.0 }));
            }
        }
        let artist = artists.get(key.as_str()).copied().unwrap_or_default().to_string();
        set.tracks.push(Source { artist, album: track.album.clone(), name: track.name.clone() });
        set.labels.push(labels);
    }
    set.genres = genres;
    Ok(set)
}

/// Gives genres that differ only in spelling the first spelling.
fn spell(tracks: &mut [Candidate]) {
    let mut first: HashMap<String, String> = HashMap::new();
    for genre in tracks.iter_mut().flat_map(|t| &mut t.genres) {
        let name = text::sanitize(genre);
        *genre = first.entry(folded(&name)).or_insert(name).clone();
    }
    for track in tracks {
        let mut seen = BTreeSet::new();
        track.genres.retain(|g| seen.insert(g.clone()));
    }
}

/// Counts for one genre.
#[derive(Default)]
struct Count<'a> {
    artists: BTreeSet<&'a str>,
    tracks: usize,
    learned: bool,
    held: bool,
}

impl Count<'_> {
    /// Why the genre cannot be learned; `None` when it can.
    fn lacks(&self, least: Least) -> Option<String> {
        let many = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let has = || format!("{}, {}", many(self.artists.len(), "artist"), many(self.tracks, "track"));
        if self.artists.len() < least.artists || self.tracks < least.tracks {
            return Some(format!(
                "{}; {} and {} are needed",
                has(),
                many(least.artists, "artist"),
                many(least.tracks, "track")
            ));
        }
        let missing = match (self.learned, self.held) {
            (true, true) => return None,
            (false, _) => "to learn it from",
            (_, false) => "held out to measure it on",
        };
        Some(format!("{}; none of these artists is {missing}", has()))
    }
}

/// Merges genres with too little data into their parents, the deepest first, or leaves them out.
fn fold(
    tracks: &mut [Candidate],
    keys: &[String],
    parts: &[Part],
    table: &Genres,
    least: Least,
    notes: &mut Vec<String>,
) {
    loop {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for ((track, key), part) in tracks.iter().zip(keys).zip(parts) {
            for genre in &track.genres {
                let count = counts.entry(genre).or_default();
                count.artists.insert(key);
                count.tracks += 1;
                count.learned |= *part == Part::Training;
                count.held |= *part != Part::Training;
            }
        }
        let lacking = counts.iter().filter_map(|(genre, count)| Some((*genre, count.lacks(least)?)));
        // Deepest first, so that a parent is complete before it is checked; ties in order of name.
        let worst = lacking.rev().max_by_key(|(genre, _)| table.depth(genre));
        let Some((genre, why)) = worst.map(|(genre, why)| (genre.to_string(), why)) else { return };
        let parent = table.parent(&genre);
        notes.push(match parent {
            Some(parent) => format!("{genre} counts as {parent}: {why}"),
            None => format!("{genre} is left out: {why}"),
        });
        for track in tracks.iter_mut().filter(|t| t.genres.contains(&genre)) {
            let taken: Vec<String> = std::mem::take(&mut track.genres);
            for name in taken {
                let name = if name == genre { parent } else { Some(name.as_str()) };
                if let Some(name) = name.filter(|n| !track.genres.iter().any(|g| g == n)) {
                    track.genres.push(name.to_string());
                }
            }
        }
    }
}
