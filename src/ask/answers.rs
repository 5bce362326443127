//! A snapshot of a library with values derived from it on demand, against which all questions are answered. Only the
//! user's actions change it: journal entries, taste, the followed set, names of dimensions.
//!
//! A store has the files of every directory that was ever scanned, and without a player nobody watches them: a library
//! that was moved is listed at both places, and one scanned through a symbolic link under two names.
//! `Answers::file_of` chooses which file of a track to report.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::error::WordError;
use crate::audio::cue;
use crate::describe::Cards;
use crate::latent::map::Places;
use crate::latent::searcher::CROSSING;
use crate::latent::{Choice, Histograms, Lexicon, Names, Prior, Searcher, Space};
use crate::library::dimensions::OwnNames;
use crate::library::filter::{Folded, Language};
use crate::library::fuzzy::Fuzzy;
use crate::library::journal::{Entry, Tallies};
use crate::library::lyrics::Words;
use crate::library::signatures::Signatures;
use crate::library::{Catalog, Song};
use crate::queue::taste::{Learner, Taste};
use crate::queue::{self, Kinds, Versions};
use crate::track::TrackId;

/// A library and its latent space.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The songs.
    pub catalog: Arc<Catalog>,
    /// Their latents.
    pub space: Arc<Space>,
    /// Searches an index of them; `None` while there is none, or while the one there is has to be brought up to date.
    pub(super) searcher: Option<Arc<Searcher>>,
    /// The prior of a set's variance, estimated from the library's albums.
    pub prior: Prior,
    /// The saved signatures.
    pub signatures: Signatures,
    /// The filter language: fields and named filters.
    pub language: Arc<Language>,
    /// Plays, ratings and the like, summed over the journal.
    pub tallies: Arc<Tallies>,
    /// Where the tracks stand on the map; empty until it was made.
    pub places: Arc<Places>,
    /// The user's judgements of tracks, and the taste learned from them.
    pub taste: Arc<Learner>,
    /// Whether the learned taste is used.
    pub(super) heeds_taste: bool,
    /// Whether nobody watches the files: see [`Answers::with_unwatched_files`].
    pub(super) unwatched: bool,
    // Each of the following is made on first use, for all clones with the same library.
    cards: Arc<OnceLock<Arc<Cards>>>,
    versions: Arc<OnceLock<Arc<Versions>>>,
    /// Which tracks are spoken or Christmas music.
    kinds: Arc<OnceLock<Arc<Kinds>>>,
    histograms: Arc<OnceLock<Arc<Histograms>>>,
    /// What dimensions are called here.
    names: OnceLock<Arc<Names>>,
    /// The file of the user's names of dimensions, and those names.
    own: (OwnNames, BTreeMap<String, String>),
    /// The words of the lyrics; `None` where nobody reads them.
    pub(super) lyrics: Option<Words>,
    /// Search texts, made on first use and shared by all clones.
    pub(super) folded: Arc<OnceLock<Arc<Vec<Folded>>>>,
    pub(super) fuzzy: Arc<OnceLock<Arc<Fuzzy>>>,
    /// The tracks that the queue follows, and the choice of dimensions.
    pub(super) followed: Arc<(Vec<TrackId>, Choice)>,
}

impl Answers {
    /// The words of the encoder in use; empty for one without a tag head.
    pub fn lexicon(&self) -> &Lexicon {
        self.space.lexicon()
    }

    /// The encoder's words.
    ///
    /// # Errors
    /// The encoder in use has none.
    pub fn words(&self) -> Result<&Lexicon, WordError> {
        let lexicon = self.lexicon();
        if lexicon.is_empty() { Err(WordError::NoWords) } else { Ok(lexicon) }
    }

    /// The index of the encoder's word that a text means.
    ///
    /// # Errors
    /// There is no such word; names the nearest ones, and all.
    pub fn word(&self, text: &str) -> Result<usize, WordError> {
        let lexicon = self.words()?;
        lexicon.find(text).ok_or_else(|| {
            let names = || lexicon.terms().iter().map(|term| term.name.as_str());
            let near = crate::text::nearest(text, names(), 3).into_iter().map(str::to_string).collect();
            WordError::Unknown { word: text.into(), near, there: names().map(str::to_string).collect() }
        })
    }

    /// A snapshot of a library.
    pub fn new(catalog: Arc<Catalog>, space: Arc<Space>, signatures: Signatures) -> Answers {
        let prior = queue::prior(&catalog, &space);
        let language = Arc::new(super::fields::language(&BTreeMap::new()));
        let (folded, fuzzy) = (Arc::default(), Arc::default());
        let (tallies, followed) = (Arc::default(), Arc::new((Vec::new(), Choice::Auto)));
        let (taste, heeds_taste) = (Arc::default(), false);
        Answers {
            catalog,
            space,
            searcher: None,
            prior,
            signatures,
            language,
            tallies,
            places: Arc::default(),
            taste,
            heeds_taste,
            unwatched: false,
            cards: Arc::default(),
            versions: Arc::default(),
            kinds: Arc::default(),
            histograms: Arc::default(),
            names: OnceLock::new(),
            own: Default::default(),
            lyrics: None,
            folded,
            fuzzy,
            followed,
        }
    }

    /// Sets the user's named filters and journal totals.
    pub fn with_own(self, language: Language, tallies: Tallies) -> Answers {
        Answers { language: Arc::new(language), tallies: Arc::new(tallies), ..self }
    }

    /// Sets the words of the lyrics.
    pub fn with_lyrics(self, words: Words) -> Answers {
        Answers { lyrics: Some(words), ..self }
    }

    /// Sets the user's names of dimensions. If their file cannot be read there are none, and only [`Answers::rename`]
    /// reports the error.
    pub fn with_names(self, own: OwnNames) -> Answers {
        let known = own.load().unwrap_or_default();
        Answers { own: (own, known), names: OnceLock::new(), cards: Arc::default(), ..self }
    }

    /// Renames a dimension, or removes the user's name if `name` is empty. Returns the notice.
    ///
    /// # Errors
    /// There is no such dimension, the name is not allowed, or the file cannot be read or written.
    pub fn rename(&mut self, dim: &str, name: &str) -> Result<String, String> {
        let names = self.names();
        let dim = names.one(dim)?.dim;
        let (key, name) = (names.key_of(dim), name.trim());
        let number = u32::from(dim) + 1;
        let said = match name {
            "" => {
                names.own(dim).ok_or_else(|| format!("dimension {number} has no name of yours"))?;
                format!("dimension {number} is called {key} again")
            }
            name => {
                names.check(dim, name)?;
                format!("dimension {number} is called {name}")
            }
        };
        self.own.1 = self.own.0.put(&key, Some(name).filter(|n| !n.is_empty()))?;
        (self.names, self.cards) = (OnceLock::new(), Arc::default());
        Ok(said)
    }

    /// What dimensions are called here.
    pub fn names(&self) -> Arc<Names> {
        self.names.get_or_init(|| Arc::new(Names::of(&self.space, &self.own.1))).clone()
    }

    /// Sets the places on the map, for the fields `mapx` and `mapy`.
    pub fn with_places(self, places: Arc<Places>) -> Answers {
        Answers { places, ..self }
    }

    /// Sets the learner of the user's taste.
    pub fn with_taste(self, taste: Learner) -> Answers {
        Answers { taste: Arc::new(taste), ..self }
    }

    /// Replaces the songs; cards have to be made again, because they mention genres and titles.
    pub fn with_catalog(self, catalog: Arc<Catalog>) -> Answers {
        let (cards, versions, kinds) = (Arc::default(), Arc::default(), Arc::default());
        Answers { catalog, cards, versions, kinds, folded: Arc::default(), fuzzy: Arc::default(), ..self }
    }

    /// Replaces the latents.
    pub fn with_space(self, space: Arc<Space>) -> Answers {
        let prior = queue::prior(&self.catalog, &space);
        let (cards, versions, histograms, names) = (Arc::default(), Arc::default(), Arc::default(), OnceLock::new());
        Answers { space, searcher: None, prior, cards, versions, histograms, names, ..self }
    }

    /// Uses an index of the latents from now on, unless they have changed meanwhile.
    pub fn search_with(&mut self, searcher: Arc<Searcher>) {
        if Arc::ptr_eq(searcher.space(), &self.space) {
            self.searcher = Some(searcher);
        }
    }

    /// How the nearest tracks are found, in words.
    ///
    /// # Errors
    /// There is an index, and it finds too few of them to be used.
    pub fn index_words(&self) -> Result<String, String> {
        let tracks = self.space.len();
        match &self.searcher {
            Some(searcher) => searcher.words(),
            None if tracks < CROSSING => {
                Ok(format!("exact scan of {tracks} tracks; from {CROSSING} on there is an index"))
            }
            None => Ok(format!(
                "exact scan of {tracks} tracks; the index is built when the library has not changed for a while"
            )),
        }
    }

    /// Learns the user's taste again if there are new judgements or other latents. Returns whether it changed.
    pub fn learn(&mut self) -> bool {
        self.taste.is_stale(&self.space) && Arc::make_mut(&mut self.taste).learn(&self.catalog, &self.space, self.prior)
    }

    /// Switches the use of the learned taste.
    pub fn heed_taste(&mut self, heed: bool) {
        self.heeds_taste = heed;
    }

    /// The learned taste, or the default one if its use is off.
    pub fn counting_taste(&self) -> Arc<Taste> {
        if self.heeds_taste { self.taste.taste().clone() } else { Arc::default() }
    }

    /// Sets what the queue follows, for the field `fit`.
    pub fn follow(&mut self, tracks: Vec<TrackId>, choice: Choice) {
        self.followed = Arc::new((tracks, choice));
    }

    /// What the queue follows.
    pub fn followed(&self) -> &(Vec<TrackId>, Choice) {
        &self.followed
    }

    /// Adds an entry of the journal.
    pub fn note(&mut self, entry: &Entry) {
        Arc::make_mut(&mut self.tallies).note(entry);
        if entry.event.is_of_taste() {
            Arc::make_mut(&mut self.taste).note(&entry.event);
        }
    }

    /// Replaces the journal's totals and the user's judgements, because entries were imported. The learned taste counts
    /// until it is learned again.
    pub fn recall(&mut self, tallies: Tallies, taste: Learner) {
        self.tallies = Arc::new(tallies);
        self.taste = Arc::new(taste.instead_of(&self.taste));
    }

    /// Reads the user's names of dimensions again, because their file may have come from elsewhere. Returns whether they
    /// are others now; a file that cannot be read changes nothing.
    pub fn read_names(&mut self) -> bool {
        match self.own.0.load() {
            Ok(names) if names != self.own.1 => {
                self.own.1 = names;
                (self.names, self.cards) = (OnceLock::new(), Arc::default());
                true
            }
            _ => false,
        }
    }

    /// The descriptions of the dimensions; made on first use.
    pub fn cards(&self) -> Arc<Cards> {
        self.cards.get_or_init(|| Arc::new(Cards::of(&self.space, &self.catalog).with_names(&self.names()))).clone()
    }

    /// The groups of tracks that are versions of one song; made on first use.
    pub fn versions(&self) -> Arc<Versions> {
        self.versions.get_or_init(|| Arc::new(Versions::of(&self.catalog, &self.space))).clone()
    }

    /// Which tracks are spoken or Christmas music; looked up on first use.
    pub fn kinds(&self) -> Arc<Kinds> {
        self.kinds.get_or_init(|| Arc::new(Kinds::of(&self.catalog))).clone()
    }

    /// The distributions of the library in the dimensions; made on first use.
    pub fn histograms(&self) -> Arc<Histograms> {
        self.histograms.get_or_init(|| Arc::new(Histograms::of(&self.space))).clone()
    }

    /// Makes what the first picks and the first look at a signature need of the library, which takes seconds for 100,000
    /// tracks. Clones have it too; who asks for what is being made waits for it. Returns the versions.
    pub fn prepare(&self) -> Arc<Versions> {
        self.kinds();
        self.histograms();
        self.versions()
    }

    /// Marks the files as not watched and perhaps of several directories: missing ones and links are left out.
    pub fn with_unwatched_files(mut self) -> Answers {
        self.unwatched = true;
        self
    }

    /// Whether a file is reported: it is its track's only one, or it exists and is no link to another one listed. If
    /// none of a track's files exist, the first is reported. Only tracks with several files need disk access.
    pub(super) fn is_told(&self, song: &Arc<Song>) -> bool {
        let files = || self.catalog.files_of(song.track);
        if !self.unwatched || files().nth(1).is_none() {
            return true;
        }
        let there: Vec<&Arc<Song>> = files().filter(|file| cue::is_there(&file.path)).collect();
        if there.is_empty() {
            return files().next().is_some_and(|first| first.path == song.path);
        }
        // A link's target is reported instead of the link.
        let target = || cue::canonicalize(&song.path).ok().filter(|target| **target != *song.path);
        there.iter().any(|file| file.path == song.path)
            && !target().is_some_and(|target| there.iter().any(|file| *file.path == *target))
    }

    /// The file of a track to report.
    pub(super) fn file_of(&self, track: TrackId) -> Option<&Arc<Song>> {
        self.catalog.files_of(track).find(|song| self.is_told(song)).or_else(|| self.catalog.of_track(track))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Space;
    use crate::library::Catalog;
    use crate::library::playlist::{Entry, How};
    use crate::library::signatures::Signatures;

    #[test]
    fn a_library_that_was_moved_is_told_once_at_its_new_place() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (old, new, link) = (root.join("old"), root.join("new"), root.join("link"));
        std::fs::create_dir(&new).unwrap();
        std::os::unix::fs::symlink(&new, &link).unwrap();
        for name in ["1.mp3", "2.mp3", "copy of 2.mp3"] {
            std::fs::write(new.join(name), name).unwrap();
        }
        let id = |n: u8| TrackId([n; 16]);
        let song = |path: std::path::PathBuf, n: u8| Arc::new(Song::bare(path, id(n)));
        let songs = vec![
            song(old.join("1.mp3"), 1),
            song(new.join("1.mp3"), 1),
            song(link.join("1.mp3"), 1),
            song(new.join("2.mp3"), 2),
            song(new.join("copy of 2.mp3"), 2),
            song(root.join("unplugged/3.mp3"), 3),
            song(root.join("unplugged too/3.mp3"), 3),
        ];
        let space = Space::build("test".into(), Arc::default(), Vec::new());
        let signatures = Signatures::in_dir("/nonexistent".into());
        let watched = Answers::new(Catalog::new(songs).into(), space.into(), signatures);
        let found = |answers: &Answers| {
            let (hits, all) = answers.search("", false, usize::MAX).unwrap();
            assert_eq!(hits.len(), all);
            let paths = hits.iter().map(|hit| hit.file().strip_prefix(&root).unwrap().display().to_string());
            paths.collect::<Vec<_>>()
        };
        assert_eq!(found(&watched).len(), 7);
        let answers = watched.with_unwatched_files();
        assert_eq!(found(&answers), ["new/1.mp3", "new/2.mp3", "new/copy of 2.mp3", "unplugged/3.mp3"]);
        assert_eq!(*answers.file_of(id(1)).unwrap().path, *new.join("1.mp3"));
        let entry = Entry { path: old.join("1.mp3"), track: Some(id(1)), ..Entry::default() };
        let place = answers.places(&[entry]).remove(0).unwrap();
        assert_eq!((place.path, place.how), (new.join("1.mp3"), How::Track));
    }
}
