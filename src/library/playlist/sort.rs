//! Sort keys of the library, the queue and smart playlists: one table for all of them.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use crate::library::Song;

/// A key to sort songs by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// Title.
    Title,
    /// Artist.
    Artist,
    /// Album.
    Album,
    /// Year.
    Year,
    /// Duration.
    Length,
    /// Beats per minute.
    Tempo,
    /// How forceful it sounds.
    Energy,
    /// Spectral centroid.
    Brightness,
    /// How well it fits what the queue follows.
    Fit,
    /// Number of plays.
    Plays,
    /// Rating.
    Rating,
    /// Time when it was added to the library.
    Added,
    /// Disc and track number.
    Track,
    /// Path.
    Path,
}

/// The keys with their names.
pub const KEYS: [(&str, SortKey); 14] = [
    ("title", SortKey::Title),
    ("artist", SortKey::Artist),
    ("album", SortKey::Album),
    ("year", SortKey::Year),
    ("length", SortKey::Length),
    ("tempo", SortKey::Tempo),
    ("energy", SortKey::Energy),
    ("brightness", SortKey::Brightness),
    ("fit", SortKey::Fit),
    ("plays", SortKey::Plays),
    ("rating", SortKey::Rating),
    ("added", SortKey::Added),
    ("track", SortKey::Track),
    ("path", SortKey::Path),
];

/// How many of [`KEYS`], from the first, [`next`] goes through.
const STEPS: usize = 12;

/// A key, and whether it sorts in descending order.
pub type Order = (SortKey, bool);

/// Values of songs that are not in their tags.
pub trait Facts {
    /// A song's value for a key; `None` where it is unknown, and for keys about tags.
    fn value(&self, song: &Song, key: SortKey) -> Option<f64>;
}

/// Nothing is known of any song.
pub struct NoFacts;

impl Facts for NoFacts {
    fn value(&self, _: &Song, _: SortKey) -> Option<f64> {
        None
    }
}

impl SortKey {
    /// Its name.
    pub fn name(self) -> &'static str {
        KEYS.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }

    /// The order in which it is sorted at first: of plays, ratings and the like the highest come first.
    pub fn first(self) -> Order {
        (self, matches!(self, SortKey::Fit | SortKey::Plays | SortKey::Rating | SortKey::Added))
    }
}

/// A list of keys is empty, or one of them is not known. Its `Display` form is one line with the available keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("sort takes keys such as artist,-year: {}", KEYS.map(|(name, _)| name).join(", "))]
pub struct KeysError;

/// Parses a comma-separated list of keys, like `artist,-year`; `-` sorts in descending order.
///
/// # Errors
/// A key is not known, or there is none.
pub fn keys(text: &str) -> Result<Vec<Order>, KeysError> {
    let key = |word: &str| {
        let (name, down) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        KEYS.iter().find(|(n, _)| *n == name).map(|(_, key)| (*key, down))
    };
    let words = text.split([',', ' ']).filter(|w| !w.is_empty());
    let found: Option<Vec<_>> = words.map(key).collect();
    found.filter(|keys| !keys.is_empty()).ok_or(KeysError)
}

/// Keys as [`keys`] reads them.
pub fn text(keys: &[Order]) -> String {
    let word = |(key, down): &Order| format!("{}{}", if *down { "-" } else { "" }, key.name());
    keys.iter().map(word).collect::<Vec<_>>().join(",")
}

/// Keys as a heading shows them: `tempo ↓, title ↑`.
pub fn shown(keys: &[Order]) -> String {
    let word = |(key, down): &Order| format!("{} {}", key.name(), if *down { '↓' } else { '↑' });
    keys.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// The order after this one, by the next key; `None` after the last. An empty order comes before the first.
pub fn next(keys: &[Order]) -> Option<Order> {
    let at = keys.first().map(|(now, _)| KEYS.iter().position(|(_, key)| key == now).unwrap_or(STEPS));
    let (_, key) = KEYS[..STEPS].get(at.map_or(0, |at| at + 1))?;
    Some(key.first())
}

/// The sort key of a song: compares by `keys` in order, where `true` means descending. What is unknown of a song stands
/// last in either direction. Text is lower-cased here, once per song.
pub fn place(song: &Song, keys: &[Order], facts: &dyn Facts) -> Vec<Place> {
    let text = |text: &str| Some(text).filter(|text| !text.is_empty()).map(|text| Value::Text(text.to_lowercase()));
    let value = |key: SortKey| match key {
        SortKey::Artist => text(song.artist()),
        SortKey::Album => text(song.album()),
        SortKey::Title => text(&song.title()),
        SortKey::Track => Some(Value::Track(song.tags.disc, song.tags.track)),
        SortKey::Year => song.tags.year.map(Value::Year),
        SortKey::Length => (song.secs > 0.0).then(|| Value::Number(song.secs.to_bits())),
        SortKey::Added => (song.added > 0).then_some(Value::Number(song.added)),
        SortKey::Path => Some(Value::Path(song.path.clone())),
        SortKey::Tempo | SortKey::Energy | SortKey::Brightness | SortKey::Fit | SortKey::Plays | SortKey::Rating => {
            facts.value(song, key).filter(|v| v.is_finite()).map(|v| Value::Number(ordered(v)))
        }
    };
    let place = |&(key, down): &Order| match (value(key), down) {
        (None, _) => Place::Unknown,
        (Some(value), true) => Place::Down(Reverse(value)),
        (Some(value), false) => Place::Up(value),
    };
    keys.iter().map(place).collect()
}

/// Bits that are ordered like finite numbers.
fn ordered(value: f64) -> u64 {
    // Of two zeros one would come first.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// A song's value for one key, ascending or descending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Ascending.
    Up(Value),
    /// Descending.
    Down(Reverse<Value>),
    /// The song has no value: after all that have one.
    Unknown,
}

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Lower-case text.
    Text(String),
    /// Disc and track number.
    Track(Option<u32>, Option<u32>),
    /// A year.
    Year(i32),
    /// Seconds since the Unix epoch, or bits that are ordered like the numbers that they stand for.
    Number(u64),
    /// A path.
    Path(Arc<Path>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Tags, TrackId};

    #[test]
    fn keys_are_parsed_and_written() {
        assert_eq!(keys("artist, -year"), Ok(vec![(SortKey::Artist, false), (SortKey::Year, true)]));
        assert!(keys("").is_err() && keys("mood").unwrap_err().to_string().contains("title"));
        for (name, key) in KEYS {
            assert_eq!((keys(name), key.name()), (Ok(vec![(key, false)]), name));
        }
        assert_eq!(text(&keys("artist,-year").unwrap()), "artist,-year");
    }

    #[test]
    fn the_orders_follow_each_other_once() {
        let mut order = Vec::new();
        let mut seen = Vec::new();
        while let Some(one) = next(&order) {
            assert!(!seen.contains(&one.0) && seen.len() < KEYS.len(), "{seen:?}");
            seen.push(one.0);
            order = vec![one];
        }
        assert_eq!((seen.len(), seen[0], seen[11]), (12, SortKey::Title, SortKey::Added));
        assert_eq!(next(&[(SortKey::Path, false)]), None);
        assert_eq!((SortKey::Fit.first(), SortKey::Title.first()), ((SortKey::Fit, true), (SortKey::Title, false)));
    }

    fn song(title: &str, year: Option<i32>, secs: f64) -> Song {
        let tags = Tags { title: Some(title.into()), year, ..Tags::default() };
        Song { tags: tags.into(), secs, ..Song::bare(format!("/m/{title}"), TrackId([1; 16])) }
    }

    /// Plays are the length of the title less 2; nothing is known of the tempo of "c".
    struct Titles;

    impl Facts for Titles {
        fn value(&self, song: &Song, key: SortKey) -> Option<f64> {
            let letter = f64::from(song.title().bytes().next()?);
            match key {
                SortKey::Plays => Some(song.title().len() as f64 - 2.0),
                SortKey::Tempo => (song.title() != "c").then_some(letter),
                _ => None,
            }
        }
    }

    #[test]
    fn songs_are_placed_by_the_first_key_that_differs() {
        let mut songs = [song("b", Some(1970), 9.5), song("A", Some(1970), 100.0), song("c", None, 0.0)];
        let mut titles = |text: &str| {
            songs.sort_by_cached_key(|song| place(song, &keys(text).unwrap(), &Titles));
            songs.iter().map(Song::title).collect::<String>()
        };
        assert_eq!((titles("title").as_str(), titles("-title").as_str()), ("Abc", "cbA"));
        assert_eq!((titles("-year,title").as_str(), titles("length").as_str()), ("Abc", "bAc"));
        assert_eq!((titles("year,-title").as_str(), titles("-length").as_str()), ("bAc", "Abc"));
        assert_eq!((titles("tempo").as_str(), titles("-tempo").as_str()), ("Abc", "bAc"), "the unknown stand last");
    }

    #[test]
    fn numbers_keep_their_order() {
        let numbers = [-1e9, -2.0, -0.5, 0.0, 1e-9, 0.5, 3.0, 1e12];
        assert!(numbers.windows(2).all(|pair| ordered(pair[0]) < ordered(pair[1])));
        assert_eq!(ordered(-0.0), ordered(0.0));
        let mut songs = [song("ccccc", None, 0.0), song("b", None, 0.0), song("aaa", None, 0.0)];
        songs.sort_by_cached_key(|song| place(song, &[(SortKey::Plays, false)], &Titles));
        assert_eq!(songs.map(|song| song.title().len()), [1, 3, 5]);
    }
}
