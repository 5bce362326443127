//! Which tracks of a library are spoken or Christmas music, by their genre tags and, for audiobooks, the names of their files.

use std::collections::HashMap;
use std::path::Path;

use crate::audio::cue;
use crate::config::Kind;
use crate::library::filter::fold;
use crate::library::{Catalog, Song};
use crate::track::TrackId;

/// Genre tags of each kind, folded and without anything but letters and digits. A genre that begins with one of them is of
/// that kind.
const GENRES: [(Kind, &[&str]); 4] = [
    (
        Kind::Audiobooks,
        &[
            "audiobook",
            "bookspoken",
            "booksspoken",
            "audioplay",
            "audiodrama",
            "radioplay",
            "horbuch",
            "hoerbuch",
            "horspiel",
            "hoerspiel",
            "livreaudio",
            "audiolibro",
            "luisterboek",
        ],
    ),
    (Kind::Podcasts, &["podcast"]),
    (Kind::SpokenWord, &["spokenword", "spoken", "speech", "lecture", "nonmusic"]),
    (Kind::Christmas, &["christmas", "xmas", "weihnacht", "noel", "navidad", "villancico", "jul", "natale"]),
];
/// Genre tags that have to be the whole genre.
const WHOLE: [&str; 3] = ["jul", "noel", "natale"];

/// The tracks of each kind; empty for most libraries, and small for the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kinds {
    /// A bit for each kind.
    of: HashMap<TrackId, u8>,
}

impl Kinds {
    /// Looks at every genre of a library once, and at the names of its files.
    pub fn of(catalog: &Catalog) -> Kinds {
        let mut known: HashMap<&str, u8> = HashMap::new();
        let mut of: HashMap<TrackId, u8> = HashMap::new();
        for song in catalog.songs() {
            let kinds = kinds(song, &mut known);
            if kinds > 0 {
                *of.entry(song.track).or_default() |= kinds;
            }
        }
        Kinds { of }
    }

    /// Whether a track is of one of the kinds.
    pub(super) fn is_one_of(&self, track: TrackId, kinds: u8) -> bool {
        kinds > 0 && !self.of.is_empty() && self.of.get(&track).is_some_and(|own| own & kinds > 0)
    }
}

/// The kinds as bits.
pub(super) fn bits<'a>(kinds: impl IntoIterator<Item = &'a Kind>) -> u8 {
    kinds.into_iter().fold(0, |bits, kind| bits | bit(*kind))
}

/// The bit of a kind.
pub(super) fn bit(kind: Kind) -> u8 {
    match kind {
        Kind::Audiobooks => 1,
        Kind::Podcasts => 2,
        Kind::SpokenWord => 4,
        Kind::Christmas => 8,
    }
}

/// Whether a path names an audiobook, or a chapter of one: nothing else is an `.m4b`, whose genre is that of the book
/// ("Fantasy") or none.
fn is_book(path: &Path) -> bool {
    let file = cue::split(path).map_or(path, |(file, _)| file);
    file.extension().is_some_and(|own| own.eq_ignore_ascii_case("m4b"))
}

/// The kinds of a song. What is tagged as music too ("Soul", "Spoken Word") is music, unless it is in an audiobook.
fn kinds<'a>(song: &'a Song, known: &mut HashMap<&'a str, u8>) -> u8 {
    let (mut all, mut music) = (0, false);
    for genre in song.tags.genres.iter() {
        let kinds = *known.entry(genre.as_str()).or_insert_with(|| of_genre(genre));
        all |= kinds;
        music |= kinds & !bit(Kind::Christmas) == 0;
    }
    match (is_book(&song.path), music) {
        (true, _) => all | bit(Kind::Audiobooks),
        (false, true) => all & bit(Kind::Christmas),
        (false, false) => all,
    }
}

fn of_genre(genre: &str) -> u8 {
    let plain: String = fold(genre).chars().filter(|c| c.is_alphanumeric()).collect();
    let is = |word: &&str| if WHOLE.contains(word) { plain == **word } else { plain.starts_with(*word) };
    GENRES.iter().filter(|(_, words)| words.iter().any(is)).fold(0, |bits, (kind, _)| bits | bit(*kind))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::track::Tags;

    fn song(n: u8, genres: &[&str]) -> Arc<Song> {
        let tags = Tags { genres: genres.iter().map(ToString::to_string).collect(), ..Tags::default() };
        Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}.mp3"), TrackId([n; 16])) })
    }

    #[test]
    fn genres_are_known_in_many_spellings() {
        let cases: [(&str, &[Kind]); 18] = [
            ("Audiobook", &[Kind::Audiobooks]),
            ("audio books", &[Kind::Audiobooks]),
            ("Books & Spoken", &[Kind::Audiobooks]),
            ("Hörbuch", &[Kind::Audiobooks]),
            ("Hörspiel", &[Kind::Audiobooks]),
            ("Podcast", &[Kind::Podcasts]),
            ("Podcasts", &[Kind::Podcasts]),
            ("Spoken Word", &[Kind::SpokenWord]),
            ("Speech", &[Kind::SpokenWord]),
            ("Christmas", &[Kind::Christmas]),
            ("Christmas Music", &[Kind::Christmas]),
            ("X-Mas", &[Kind::Christmas]),
            ("Weihnachtslieder", &[Kind::Christmas]),
            ("Noël", &[Kind::Christmas]),
            ("Rock", &[]),
            ("Julian Lennon", &[]),
            ("Jazz", &[]),
            ("", &[]),
        ];
        for (genre, kinds) in cases {
            assert_eq!(of_genre(genre), bits(kinds), "{genre}");
        }
    }

    #[test]
    fn an_audiobook_is_known_by_its_file_whatever_its_genre() {
        let book = Path::new("/m/The Book.m4b");
        let at = |n: u8, path: &Path, genres: &[&str]| {
            let tags = song(n, genres).tags.clone();
            Arc::new(Song { tags, ..Song::bare(path, TrackId([n; 16])) })
        };
        let catalog = Catalog::new(vec![
            at(1, book, &[]),
            at(2, &cue::name(book, 3), &["Fantasy"]),
            at(3, Path::new("/m/The Book.M4B"), &["Jazz", "Christmas"]),
            at(4, Path::new("/m/The Book.m4b/a.mp3"), &[]),
            at(5, Path::new("/m/The Book.m4a"), &["Fantasy"]),
        ]);
        let kinds = Kinds::of(&catalog);
        let is = |n: u8, kind| kinds.is_one_of(TrackId([n; 16]), bit(kind));
        assert_eq!([1, 2, 3, 4, 5].map(|n| is(n, Kind::Audiobooks)), [true, true, true, false, false]);
        assert_eq!([1, 2, 3, 4, 5].map(|n| is(n, Kind::Christmas)), [false, false, true, false, false]);
    }

    #[test]
    fn what_is_music_too_is_music() {
        let catalog = Catalog::new(vec![
            song(1, &["Soul", "Spoken Word"]),
            song(2, &["Spoken Word"]),
            song(3, &["Jazz", "Christmas"]),
            song(4, &["Podcast", "Speech"]),
            song(5, &["Jazz"]),
            song(6, &[]),
            song(7, &["Christmas", "Audiobook"]),
        ]);
        let kinds = Kinds::of(&catalog);
        let of =
            |n: u8| Kind::ALL.into_iter().filter(|k| kinds.is_one_of(TrackId([n; 16]), bit(*k))).collect::<Vec<_>>();
        assert!(of(1).is_empty() && of(5).is_empty() && of(6).is_empty());
        assert_eq!((of(2), of(3)), (vec![Kind::SpokenWord], vec![Kind::Christmas]));
        assert_eq!(of(4), [Kind::Podcasts, Kind::SpokenWord]);
        assert!(!kinds.is_one_of(TrackId([2; 16]), 0));
        // By one of its genres it is music.
        assert_eq!(of(7), [Kind::Christmas]);
    }
}
