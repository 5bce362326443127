//! Sort keys of queues and smart playlists.

use std::cmp::Ordering;

use crate::library::Song;

/// What a queue can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// Artist.
    Artist,
    /// Album.
    Album,
    /// Disc and number.
    Track,
    /// Title.
    Title,
    /// Year.
    Year,
    /// Duration.
    Length,
    /// When it was added to the library.
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
/// One line that names the keys.
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

/// Compares two songs by the keys in order; `true` beside a key means descending.
pub fn compare(a: &Song, b: &Song, keys: &[(SortKey, bool)]) -> Ordering {
    let by = |key: SortKey| match key {
        SortKey::Artist => a.artist().to_lowercase().cmp(&b.artist().to_lowercase()),
        SortKey::Album => a.album().to_lowercase().cmp(&b.album().to_lowercase()),
        SortKey::Track => (a.tags.disc, a.tags.track).cmp(&(b.tags.disc, b.tags.track)),
        SortKey::Title => a.title().to_lowercase().cmp(&b.title().to_lowercase()),
        SortKey::Year => a.tags.year.cmp(&b.tags.year),
        SortKey::Length => a.secs.total_cmp(&b.secs),
        SortKey::Added => a.added.cmp(&b.added),
        SortKey::Path => a.path.cmp(&b.path),
    };
    let orders = keys.iter().map(|(key, down)| if *down { by(*key).reverse() } else { by(*key) });
    orders.fold(Ordering::Equal, Ordering::then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_parsed() {
        assert_eq!(keys("artist, -year"), Ok(vec![(SortKey::Artist, false), (SortKey::Year, true)]));
        assert!(keys("").is_err() && keys("mood").unwrap_err().contains("title"));
    }
}
