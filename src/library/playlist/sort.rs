//! Sort keys of queues and smart playlists.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;

use crate::library::Song;

/// A key to sort songs by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// Artist.
    Artist,
    /// Album.
    Album,
    /// Disc and track number.
    Track,
    /// Title.
    Title,
    /// Year.
    Year,
    /// Duration.
    Length,
    /// Time when it was added to the library.
    Added,
    /// Path.
    Path,
}

/// The keys with their names.
pub const KEYS: &[(&str, SortKey)] = &[
    ("artist", SortKey::Artist),
    ("album", SortKey::Album),
    ("track", SortKey::Track),
    ("title", SortKey::Title),
    ("year", SortKey::Year),
    ("length", SortKey::Length),
    ("added", SortKey::Added),
    ("path", SortKey::Path),
];

/// Parses a comma-separated list of keys, like `artist,-year`; `-` sorts in descending order.
///
/// # Errors
/// A one-line message with the available keys.
pub fn keys(text: &str) -> Result<Vec<(SortKey, bool)>, String> {
    let key = |word: &str| {
        let (name, down) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        KEYS.iter().find(|(n, _)| *n == name).map(|(_, key)| (*key, down))
    };
    let words = text.split([',', ' ']).filter(|w| !w.is_empty());
    let found: Option<Vec<_>> = words.map(key).collect();
    found.filter(|keys| !keys.is_empty()).ok_or_else(|| {
        let names: Vec<_> = KEYS.iter().map(|(name, _)| *name).collect();
        format!("sort takes keys such as artist,-year: {}", names.join(", "))
    })
}

/// The sort key of a song: compares by `keys` in order, where `true` means descending. Text is
/// lower-cased here, once per song.
pub fn place(song: &Song, keys: &[(SortKey, bool)]) -> Vec<Place> {
    let value = |key: SortKey| match key {
        SortKey::Artist => Value::Text(song.artist().to_lowercase()),
        SortKey::Album => Value::Text(song.album().to_lowercase()),
        SortKey::Track => Value::Track(song.tags.disc, song.tags.track),
        SortKey::Title => Value::Text(song.title().to_lowercase()),
        SortKey::Year => Value::Year(song.tags.year),
        SortKey::Length => Value::Number(song.secs.max(0.0).to_bits()),
        SortKey::Added => Value::Number(song.added),
        SortKey::Path => Value::Path(song.path.clone()),
    };
    let place = |&(key, down): &(SortKey, bool)| match down {
        true => Place::Down(Reverse(value(key))),
        false => Place::Up(value(key)),
    };
    keys.iter().map(place).collect()
}

/// A song's value for one key, ascending or descending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Ascending.
    Up(Value),
    /// Descending.
    Down(Reverse<Value>),
}

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Lower-case text.
    Text(String),
    /// Disc and track number.
    Track(Option<u32>, Option<u32>),
    /// A year.
    Year(Option<i32>),
    /// Seconds since the Unix epoch, or the bits of a non-negative duration, which are ordered like
    /// durations.
    Number(u64),
    /// A path.
    Path(Arc<Path>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Tags, TrackId};

    #[test]
    fn keys_are_parsed() {
        assert_eq!(keys("artist, -year"), Ok(vec![(SortKey::Artist, false), (SortKey::Year, true)]));
        assert!(keys("").is_err() && keys("mood").unwrap_err().contains("title"));
    }

    #[test]
    fn songs_are_placed_by_the_first_key_that_differs() {
        let song = |title: &str, year, secs| {
            let tags = Tags { title: Some(title.into()), year: Some(year), ..Tags::default() };
            Song { tags: tags.into(), secs, ..Song::bare(format!("/m/{title}"), TrackId([1; 16])) }
        };
        let mut songs = [song("b", 1970, 9.5), song("A", 1970, 100.0), song("c", 1999, 0.0)];
        let mut titles = |text: &str| {
            songs.sort_by_cached_key(|song| place(song, &keys(text).unwrap()));
            songs.iter().map(Song::title).collect::<String>()
        };
        assert_eq!((titles("title").as_str(), titles("-title").as_str()), ("Abc", "cbA"));
        assert_eq!((titles("-year,title").as_str(), titles("length").as_str()), ("cAb", "cbA"));
    }
}
