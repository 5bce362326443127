//! Fuzzy search: songs whose artist, title and album contain the typed letters in order, best match
//! first.

use std::cmp::Reverse;
use std::sync::{Mutex, PoisonError};

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32String};

use super::Catalog;
use super::filter::fold;

/// Prefix of a fuzzy search where a filter could stand too: `?sgr hop`.
pub const SIGN: char = '?';

/// The search text if `text` starts with [`SIGN`].
pub fn typed(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix(SIGN)
}

/// The folded texts of a catalog's songs, and the results of the last search.
#[derive(Debug, Default)]
pub struct Fuzzy {
    /// Artist, title and album of each song, folded.
    texts: Vec<Utf32String>,
    /// The last search text and the indices of all its matches. A longer text matches a subset of
    /// them.
    last: Mutex<(String, Vec<u32>)>,
}

impl Fuzzy {
    /// Indexes a catalog.
    pub fn of(catalog: &Catalog) -> Fuzzy {
        let text = |song: &super::Song| fold(&format!("{} {} {}", song.artist(), song.title(), song.album())).into();
        Fuzzy { texts: catalog.songs().iter().map(|song| text(song)).collect(), last: Mutex::default() }
    }

    /// The `count` best songs for a search text, as indices into the catalog, and the number of all
    /// matches. Words may be in any order; case and accents are ignored. An empty text matches
    /// nothing.
    pub fn search(&self, typed: &str, count: usize) -> (Vec<usize>, usize) {
        // nucleo treats a backslash before a space as an escape, which would join two words.
        let typed = fold(&typed.replace('\\', " "));
        let pattern = Pattern::new(&typed, CaseMatching::Respect, Normalization::Never, AtomKind::Fuzzy);
        if pattern.atoms.is_empty() {
            return (Vec::new(), 0);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let narrowed = !last.0.is_empty() && typed.starts_with(&last.0);
        let mut found = match narrowed {
            true => self.matching(&pattern, &last.1),
            false => self.matching(&pattern, &(0..self.texts.len() as u32).collect::<Vec<_>>()),
        };
        *last = (typed, found.iter().map(|&(_, place)| place).collect());
        drop(last);
        // Songs of equal score keep the catalog's order.
        let key = |&(score, place): &(u32, u32)| (Reverse(score), place);
        let all = found.len();
        if count < all {
            found.select_nth_unstable_by_key(count, key);
            found.truncate(count);
        }
        found.sort_unstable_by_key(key);
        (found.into_iter().map(|(_, place)| place as usize).collect(), all)
    }

    /// Score and index of the matching songs among `places`, in that order.
    fn matching(&self, pattern: &Pattern, places: &[u32]) -> Vec<(u32, u32)> {
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let part = places.len().div_ceil(workers).max(2048);
        let of = |places: &[u32]| -> Vec<(u32, u32)> {
            let mut matcher = Matcher::new(Config::DEFAULT);
            let score = |place: &u32| pattern.score(self.texts[*place as usize].slice(..), &mut matcher);
            let mut score = score;
            places.iter().filter_map(|place| Some((score(place)?, *place))).collect()
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = places.chunks(part).skip(1).map(|part| scope.spawn(move || of(part))).collect();
            let mut found = of(&places[..part.min(places.len())]);
            for other in others {
                found.extend(other.join().unwrap_or_default());
            }
            found
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Song;
    use crate::track::{Tags, TrackId};
    use std::sync::Arc;

    fn song(n: u16, artist: &str, title: &str) -> Arc<Song> {
        let tags = Tags { artist: Some(artist.into()), title: Some(title.into()), ..Tags::default() };
        let mut id = [0; 16];
        id[..2].copy_from_slice(&n.to_le_bytes());
        Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}"), TrackId(id)) })
    }

    #[test]
    fn the_best_come_first_in_any_order_of_words() {
        let catalog = Catalog::new(vec![
            song(1, "Sigur Rós", "Hoppípolla"),
            song(2, "Siouxsie", "Happy House"),
            song(3, "坂本龍一", "青い鳥"),
            song(4, "Sigrid", "Up All Night"),
        ]);
        let fuzzy = Fuzzy::of(&catalog);
        let names = |typed: &str| -> Vec<String> {
            fuzzy.search(typed, 9).0.into_iter().map(|i| catalog.songs()[i].title()).collect()
        };
        assert_eq!(names("hoppipolla sigur"), ["Hoppípolla"]);
        assert_eq!(names("sgr").len(), 2, "letters in order, others between");
        assert_eq!(names("青い"), ["青い鳥"]);
        assert_eq!(names("happ")[0], "Happy House");
        assert_eq!(names("HAPP")[0], "Happy House");
        assert!(names("").is_empty() && names("zzz").is_empty() && names("\\").is_empty());
        assert_eq!((fuzzy.search("s", 1).0.len(), fuzzy.search("s", 1).1), (1, 3));
        assert_eq!((typed("?sgr"), typed("~a x")), (Some("sgr"), None));
    }

    #[test]
    fn letter_by_letter_finds_what_the_whole_finds() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut word = || (0..6).map(|_| random.char('a'..='f')).collect::<String>();
        let catalog = Catalog::new((0..9000).map(|n| song(n, &word(), &word())).collect());
        let typing = Fuzzy::of(&catalog);
        for text in ["abcd", "ab cd", "fe", "a b c"] {
            for end in 1..=text.len() {
                let typed = &text[..end];
                assert_eq!(typing.search(typed, 50), Fuzzy::of(&catalog).search(typed, 50), "{typed}");
            }
        }
    }
}
