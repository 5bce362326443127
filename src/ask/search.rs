//! Searches of the library: by filter, by fuzzy search, by smart playlist.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::answers::Answers;
use super::error::SearchError;
use super::fields::{MAP, SOUND, WORDS};
use super::find;
use super::known::Known;
use super::map::percent;
use super::report::{About, Hit, Neighbour, Place};
use crate::latent::{Fits, NAMED, NamedValues, Signature, Space, Yardstick};
use crate::library::filter::{Expr, Facts, Folded, Lookup, Matcher};
use crate::library::fuzzy::{self, Fuzzy};
use crate::library::journal::Tallies;
use crate::library::lyrics;
use crate::library::playlist::smart::Smart;
use crate::library::playlist::sort::{self, SortKey};
use crate::library::playlist::{Entry, Finder, How};
use crate::library::{Catalog, Song};
use crate::queue;
use crate::track::TrackId;

/// The number of nearest tracks that `like()` selects.
const LIKE: usize = 100;
/// The most fuzzy matches shown.
const RANKED: usize = 1000;

/// Facts about songs that are not in their tags.
struct Filtered<'a> {
    tallies: &'a Tallies,
    space: &'a Space,
    /// The fit of each row, computed on first use.
    fits: OnceCell<Option<Vec<f32>>>,
    answers: &'a Answers,
}

impl Facts for Filtered<'_> {
    fn number(&self, song: &Song, field: u16) -> Option<f64> {
        match field {
            0 => Some(f64::from(self.tallies.of_song(song).plays)),
            1 => Some(f64::from(self.tallies.of_song(song).skips)),
            2 => self.tallies.of_song(song).last_played.map(|at| at as f64),
            3 => self.tallies.of_song(song).rating.map(f64::from),
            5 => {
                let fits = self.fits.get_or_init(|| self.answers.fits()).as_ref()?;
                fits.get(self.space.row(song.track)? as usize).map(|fit| 100.0 * f64::from(*fit))
            }
            4 => Some(f64::from(u8::from(self.tallies.of_song(song).loved))),
            MAP..WORDS => {
                let place = percent(self.answers.places.of(song.track)?);
                place.get(usize::from(field - MAP)).copied()
            }
            WORDS.. => {
                let place = usize::from(field - WORDS);
                let row = self.space.row(song.track)?;
                let said = self.answers.lexicon().say(place / 2, self.space.tags(), row)?;
                Some(if place.is_multiple_of(2) { f64::from(said.probability) } else { f64::from(u8::from(said.said)) })
            }
            _ => {
                let dim = usize::from(field.checked_sub(SOUND)?);
                let values = self.space.named(self.space.row(song.track)?);
                let value = f64::from(*values.get(dim)?);
                match NAMED.get(dim)?.name {
                    // The tempo is stored as octaves above 60 beats per minute, 0 to 1.
                    "tempo" => Some(bpm(value)),
                    "key" => key(&values),
                    _ => Some(value),
                }
            }
        }
    }
}

/// Resolves a filter's references before songs are matched.
struct Above<'a>(&'a Answers);

impl Lookup for Above<'_> {
    type Error = SearchError;

    /// The tracks nearest to the one at a path, including itself.
    fn like(&self, path: &str) -> Result<HashSet<TrackId>, SearchError> {
        let (path, catalog) = (Path::new(path), &self.0.catalog);
        let here = std::env::current_dir().map(|dir| dir.join(path)).unwrap_or_default();
        let known = [path, &here].into_iter().find_map(|p| catalog.of_path(p));
        let song = known.ok_or_else(|| SearchError::NotInLibrary(path.into()))?;
        let near = self.0.similar(&song.path, LIKE)?;
        let of = |hit: &Neighbour| catalog.of_path(&hit.file()).map(|song| song.track);
        Ok(near.iter().filter_map(of).chain([song.track]).collect())
    }

    fn word(&self, word: &str) -> Result<[u16; 2], SearchError> {
        let place = self.0.word(word)? as u16;
        Ok([WORDS + 2 * place, WORDS + 2 * place + 1])
    }

    fn lyrics(&self, holds: &dyn Fn(&str) -> bool) -> Result<HashSet<TrackId>, SearchError> {
        let words = self.0.lyrics.as_ref().ok_or(SearchError::NoLyrics)?;
        words.ask();
        let found = words.search(holds).map_err(Arc::new)?;
        let songs = self.0.catalog.songs().iter();
        Ok(songs.filter(|song| found.contains(&lyrics::key(&song.path))).map(|song| song.track).collect())
    }
}

/// A track's key as [`Kind::Key`](crate::library::filter::Kind::Key) counts it. The place on the circle of fifths does not
/// tell a major key from its relative minor; the mode does.
fn key(values: &NamedValues) -> Option<f64> {
    let [_, turns, mode, ..] = *values;
    if turns.is_nan() {
        return None;
    }
    let fifths = (turns * 12.0).round().rem_euclid(12.0);
    let number = f64::from((fifths + 7.0).rem_euclid(12.0)) + 1.0;
    Some(2.0 * number + if mode < 0.0 { 0.0 } else { 1.0 })
}

/// Converts octaves above 60 beats per minute into beats per minute from 80 to 160.
fn bpm(turns: f64) -> f64 {
    let low = 60.0 * turns.exp2();
    if low < 80.0 { 2.0 * low } else { low }
}

impl Answers {
    /// The songs that pass a filter, in the library's order; those found by fuzzy search or by words, the best first.
    ///
    /// # Errors
    /// What is wrong with the filter or the question; or the track of `like()` is not known.
    pub fn filtered(&self, text: &str) -> Result<Catalog, SearchError> {
        if let Some(question) = find::typed(text) {
            return Ok(self.found(question)?);
        }
        if let Some(typed) = fuzzy::typed(text) {
            return Ok(self.catalog.ranked(self.fuzzy().search(typed, RANKED).0));
        }
        self.passing(&self.language.parse(text)?)
    }

    /// The songs that pass a parsed filter.
    ///
    /// # Errors
    /// The track of `like()` is not known.
    pub fn passing(&self, expr: &Expr) -> Result<Catalog, SearchError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
        let matcher = Matcher::new(expr, now, &Above(self))?;
        let known = Filtered { tallies: &self.tallies, space: &self.space, fits: OnceCell::new(), answers: self };
        let folded = self.folded();
        Ok(self.catalog.subset(|i, song| matcher.matches(song, &folded[i], &known)))
    }

    /// The songs that `jukebox search` lists, at most `count`, and how many were found in all.
    ///
    /// # Errors
    /// As [`Answers::filtered`].
    pub fn search(&self, text: &str, fuzzy: bool, count: usize) -> Result<(Vec<Hit>, usize), SearchError> {
        let found = if fuzzy {
            let (found, _) = self.fuzzy().search(text, usize::MAX);
            self.catalog.ranked(found)
        } else {
            self.filtered(text)?
        };
        let told: Vec<&Arc<Song>> = found.songs().iter().filter(|song| self.is_told(song)).collect();
        Ok((told.iter().take(count).map(|song| Hit::of(song)).collect(), told.len()))
    }

    /// Prepares the search texts of filters or of fuzzy search, so that the first search is not slower than the others.
    pub fn ready_search(&self, fuzzy: bool) {
        if fuzzy { drop(self.fuzzy()) } else { drop(self.folded()) }
    }

    /// The folded texts of the catalog's songs, made on first use.
    pub(super) fn folded(&self) -> Arc<Vec<Folded>> {
        self.folded.get_or_init(|| Arc::new(self.catalog.songs().iter().map(|s| Folded::of(s)).collect())).clone()
    }

    /// The texts for fuzzy search, made on first use.
    fn fuzzy(&self) -> Arc<Fuzzy> {
        self.fuzzy.get_or_init(|| Arc::new(Fuzzy::of(&self.catalog))).clone()
    }

    /// The fit of each row of the space to what the queue follows, 0 to 1; `None` when it follows nothing.
    pub fn fits(&self) -> Option<Vec<f32>> {
        let (tracks, choice) = &*self.followed;
        let members = queue::members(&self.catalog, &self.space, tracks);
        let signature = Signature::of(&self.space, &members, choice, self.prior)?;
        let signature = signature.weighted(&self.counting_taste().weights);
        let yardstick = Yardstick::of(&self.space, &signature, &members, choice, self.prior);
        Some(self.space.distances(&signature.scorer()).into_iter().map(|d| yardstick.fit(d)).collect())
    }

    /// The songs that a smart playlist selects now, in its order.
    ///
    /// # Errors
    /// As [`Answers::filtered`]; or its sort keys are invalid.
    pub fn smart(&self, smart: &Smart) -> Result<Vec<Arc<Song>>, SearchError> {
        let mut songs = self.filtered(&smart.filter)?.songs().to_vec();
        songs.retain(|song| self.is_told(song));
        if !smart.sort.is_empty() {
            let keys = sort::keys(&smart.sort)?;
            let by_fit = keys.iter().any(|(key, _)| *key == SortKey::Fit);
            let fits = Fits::new(&self.space, by_fit.then(|| self.fits()).flatten());
            let known = Known { tallies: &self.tallies, space: &self.space, fits: &fits };
            songs.sort_by_cached_key(|song| sort::place(song, &keys, &known));
        }
        songs.truncate(smart.limit.unwrap_or(usize::MAX));
        Ok(songs)
    }

    /// The data of a track that statistics need.
    pub fn known(&self, track: TrackId) -> Option<About> {
        let song = self.catalog.of_track(track)?;
        let turns = self.space.row(track).map(|row| f64::from(self.space.named(row)[0])).filter(|t| t.is_finite());
        let (artist, title) = (song.artist().to_owned(), song.title());
        Some(About { track: Some(song.track), artist, title, genres: song.tags.genres.to_vec(), tempo: turns.map(bpm) })
    }

    /// The files of a playlist's entries.
    pub fn places(&self, entries: &[Entry]) -> Vec<Option<Place>> {
        let finder = Finder::new(&self.catalog);
        let place = |(song, how): (&Arc<Song>, How)| Place { path: song.path.to_path_buf(), track: song.track, how };
        let told = |(song, how): (_, How)| match self.is_told(song) {
            true => Some((song, how)),
            // Another file of the track is reported instead.
            false => self.file_of(song.track).map(|song| (song, if how == How::Path { How::Track } else { how })),
        };
        entries.iter().map(|entry| finder.find(entry).and_then(told).map(place)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::fields::{ABOVE, language};
    use crate::library::filter::Of;
    use crate::library::signatures::Signatures;

    #[test]
    fn fields_have_names_of_their_own_and_numbers_that_fit() {
        let language = language(&Default::default());
        let mut names = HashSet::new();
        for field in language.fields() {
            for name in std::iter::once(&field.name).chain(field.aliases) {
                assert!(names.insert(*name), "{name} stands twice");
            }
            assert!(!field.doc.is_empty(), "{}", field.name);
        }
        for (n, named) in NAMED.iter().enumerate() {
            let field =
                ABOVE.iter().find(|f| f.name == named.name).unwrap_or_else(|| panic!("{} is missing", named.name));
            assert!(matches!(field.of, Of::Above(at) if usize::from(at) == usize::from(SOUND) + n), "{}", named.name);
        }
    }

    #[test]
    fn lyrics_are_searched_by_lines() {
        let song = |n: u8| Song::bare(format!("/m/{n}.mp3"), TrackId([n; 16]));
        let catalog = Catalog::new((1..5).map(|n| Arc::new(song(n))).collect());
        let answers = Answers::new(catalog.into(), Arc::default(), Signatures::in_dir("/nonexistent".into()));
        assert!(answers.filtered("lyrics~moon").unwrap_err().to_string().contains("running player"));
        let dir = tempfile::tempdir().unwrap();
        let (words, asked) = lyrics::Words::in_file(dir.path().join("words"));
        for (n, text) in [(1, "Blue Moon\nyou saw me"), (2, "moon"), (3, "MOON\nriver")] {
            words.put(lyrics::key(Path::new(&format!("/m/{n}.mp3"))), 1, Some(&lyrics::parse(text))).unwrap();
        }
        let answers = answers.with_lyrics(words);
        let found = |filter: &str| -> Vec<u8> {
            let mut found: Vec<u8> = answers.filtered(filter).unwrap().songs().iter().map(|s| s.track.0[0]).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(
            (found("lyrics~moon"), found("lyrics~\"blue moon\""), found("!lyrics~moon")),
            (vec![1, 2, 3], vec![1], vec![4])
        );
        assert_eq!((found("lyrics=moon"), found("lyrics=*moon & lyrics~saw")), (vec![2, 3], vec![1]));
        assert_eq!((found("missing(lyrics)"), found("lyrics~me | lyric~river")), (vec![4], vec![1, 3]));
        assert_eq!(asked.try_iter().count(), 1, "they are read when somebody asks");
    }

    #[test]
    fn a_line_break_in_a_path_makes_no_second_line() {
        let song = Song::bare("/m/a\nb.mp3", TrackId([1; 16]));
        let catalog = Catalog::new(vec![Arc::new(song)]);
        let answers = Answers::new(catalog.into(), Arc::default(), Signatures::in_dir("/nonexistent".into()));
        for (path, why) in
            [("/m/a\nb.mp3", "/m/a?b.mp3: not analysed yet"), ("/x\ny", "like(/x?y): not in the library")]
        {
            assert_eq!(answers.filtered(&format!("like(\"{path}\")")).unwrap_err().line(), why);
        }
    }

    #[test]
    fn a_key_is_found_by_its_name_and_by_its_place_on_the_wheel() {
        use crate::sound::{Descriptors, Key};
        for (tonic, minor, camelot) in [(0, false, 17.0), (9, true, 16.0), (6, true, 22.0), (10, false, 13.0)] {
            let found = Key { tonic, minor, confidence: 1.0 };
            let mode = Some(if minor { -0.1 } else { 0.1 });
            let values =
                crate::latent::named::values(&Descriptors { key: Some(found), mode, ..Descriptors::default() }, None);
            assert_eq!(key(&values), Some(camelot), "{}", found.name());
            assert_eq!(found.camelot(), format!("{}{}", camelot as u8 / 2, if minor { 'A' } else { 'B' }));
        }
        assert_eq!(key(&crate::latent::named::values(&Descriptors::default(), None)), None);
    }

    #[test]
    fn tempos_lie_between_80_and_160() {
        for tempo in [61.0f32, 79.0, 80.0, 119.0, 120.0, 174.0] {
            let told = bpm(f64::from(crate::latent::named::turns_of_tempo(tempo)));
            assert!((80.0..160.0).contains(&told), "{tempo}: {told}");
            let octaves = (told / f64::from(tempo)).log2();
            assert!((octaves - octaves.round()).abs() < 1e-5, "{tempo}: {told}");
        }
    }
}
