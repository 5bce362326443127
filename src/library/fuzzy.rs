//! Fuzzy search: the songs whose artist, title and album hold the typed letters in order, the best first.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::Catalog;

/// The `count` best songs for what was typed, by their place in the catalog. Words may come in any order; case and
/// accents do not count. Nothing typed finds nothing.
pub fn search(catalog: &Catalog, typed: &str, count: usize) -> Vec<usize> {
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    if pattern.atoms.is_empty() {
        return Vec::new();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let (mut text, mut letters) = (String::new(), Vec::new());
    let mut found: Vec<(u32, usize)> = Vec::new();
    for (place, song) in catalog.songs().iter().enumerate() {
        text.clear();
        for part in [song.artist(), " ", song.tags.title.as_deref().unwrap_or_default(), " ", song.album()] {
            text.push_str(part);
        }
        if song.tags.title.is_none() {
            text.push_str(&song.title());
        }
        let score = pattern.score(Utf32Str::new(&text, &mut letters), &mut matcher);
        found.extend(score.map(|score| (score, place)));
    }
    // Among equals the catalog's order.
    found.sort_unstable_by_key(|&(score, place)| (std::cmp::Reverse(score), place));
    found.truncate(count);
    found.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Song;
    use crate::track::{Tags, TrackId};
    use std::sync::Arc;

    #[test]
    fn the_best_come_first_in_any_order_of_words() {
        let song = |n: u8, artist: &str, title: &str| {
            let tags = Tags { artist: Some(artist.into()), title: Some(title.into()), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}").into(), TrackId([n; 16])) })
        };
        let catalog = Catalog::new(vec![
            song(1, "Sigur Rós", "Hoppípolla"),
            song(2, "Siouxsie", "Happy House"),
            song(3, "坂本龍一", "青い鳥"),
            song(4, "Sigrid", "Up All Night"),
        ]);
        let names = |typed: &str| -> Vec<String> {
            search(&catalog, typed, 9).into_iter().map(|i| catalog.songs()[i].title()).collect()
        };
        assert_eq!(names("hoppipolla sigur"), ["Hoppípolla"]);
        assert_eq!(names("sgr").len(), 2, "letters in order, others between");
        assert_eq!(names("青い"), ["青い鳥"]);
        assert_eq!(names("happ")[0], "Happy House");
        assert!(names("").is_empty() && names("zzz").is_empty());
        assert_eq!(search(&catalog, "s", 1).len(), 1);
    }
}
