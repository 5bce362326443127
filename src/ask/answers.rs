//! A library at one moment, with what is computed from it once: what every question is asked of. Nothing here changes
//! it but what the user does: journal entries, taste, the followed set.
//!
//! A store knows the files of every directory that was ever scanned, and nobody watches them: a library that was moved is in
//! it at both places, and one that was scanned through a link under two names. `Answers::file_of` chooses which file of a
//! track is told.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::audio::cue;
use crate::describe::Cards;
use crate::latent::lexicon::NO_WORDS;
use crate::latent::{Choice, Lexicon, Names, Prior, Space};
use crate::library::dimensions::OwnNames;
use crate::library::filter::{Folded, Language};
use crate::library::fuzzy::Fuzzy;
use crate::library::journal::{Entry, Tallies};
use crate::library::signatures::Signatures;
use crate::library::{Catalog, Song};
use crate::queue::taste::{Learner, Taste};
use crate::queue::{self, Versions};
use crate::track::TrackId;

/// A library and its latent space.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The songs.
    pub catalog: Arc<Catalog>,
    /// Their latents.
    pub space: Arc<Space>,
    /// What the library's albums teach about a set's variance.
    pub prior: Prior,
    /// What the user saved.
    pub signatures: Signatures,
    /// What can be searched for.
    pub language: Arc<Language>,
    /// What the journal adds up to.
    pub tallies: Arc<Tallies>,
    /// What the user said of tracks, and what was learned from it.
    pub taste: Arc<Learner>,
    /// Whether that counts.
    pub(super) heeds_taste: bool,
    /// Nobody looks after the files: see [`Answers::with_unwatched_files`].
    pub(super) unwatched: bool,
    cards: OnceLock<Arc<Cards>>,
    versions: OnceLock<Arc<Versions>>,
    /// What dimensions are called here.
    names: OnceLock<Arc<Names>>,
    /// What the user calls them, and where that is kept.
    own: (OwnNames, BTreeMap<String, String>),
    /// Made when first asked for, once for all copies.
    pub(super) folded: Arc<OnceLock<Arc<Vec<Folded>>>>,
    pub(super) fuzzy: Arc<OnceLock<Arc<Fuzzy>>>,
    /// What the queue follows: tracks and choice.
    pub(super) followed: Arc<(Vec<TrackId>, Choice)>,
}

impl Answers {
    /// The words of the encoder that serves; empty for one without a tag head.
    pub fn lexicon(&self) -> &Lexicon {
        self.space.lexicon()
    }

    /// The same, where there are words.
    ///
    /// # Errors
    /// The encoder in use has none.
    pub fn words(&self) -> Result<&Lexicon, String> {
        let lexicon = self.lexicon();
        if lexicon.is_empty() { Err(NO_WORDS.into()) } else { Ok(lexicon) }
    }

    /// The place of the word of the encoder that a text means.
    ///
    /// # Errors
    /// There is none; the nearest ones, and all.
    pub fn word(&self, text: &str) -> Result<usize, String> {
        let lexicon = self.words()?;
        lexicon.find(text).ok_or_else(|| {
            let names: Vec<&str> = lexicon.terms().iter().map(|term| term.name.as_str()).collect();
            let near = crate::text::nearest(text, names.iter().copied(), 3);
            let meant = if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) };
            format!("no tag '{}'; {meant}the tags are: {}", crate::text::sanitize(text), names.join(", "))
        })
    }

    /// A library at one moment.
    pub fn new(catalog: Arc<Catalog>, space: Arc<Space>, signatures: Signatures) -> Answers {
        let prior = queue::prior(&catalog, &space);
        let language = Arc::new(super::fields::language(&BTreeMap::new()));
        let (cards, versions) = (OnceLock::new(), OnceLock::new());
        let (folded, fuzzy) = (Arc::default(), Arc::default());
        let (tallies, followed) = (Arc::default(), Arc::new((Vec::new(), Choice::Auto)));
        let (taste, heeds_taste) = (Arc::default(), false);
        Answers {
            catalog,
            space,
            prior,
            signatures,
            language,
            tallies,
            taste,
            heeds_taste,
            unwatched: false,
            cards,
            versions,
            names: OnceLock::new(),
            own: Default::default(),
            folded,
            fuzzy,
            followed,
        }
    }

    /// The same with the user's named filters and journal.
    pub fn with_own(self, language: Language, tallies: Tallies) -> Answers {
        Answers { language: Arc::new(language), tallies: Arc::new(tallies), ..self }
    }

    /// The same with the user's names of dimensions. A file that cannot be read means that there are none; it is told when a name
    /// is given.
    pub fn with_names(self, own: OwnNames) -> Answers {
        let known = own.load().unwrap_or_default();
        Answers { own: (own, known), names: OnceLock::new(), cards: OnceLock::new(), ..self }
    }

    /// Gives a dimension another name, or takes the user's away where `name` is empty; what to say.
    ///
    /// # Errors
    /// There is no such dimension, it cannot be called so, or the file does not take it.
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
        (self.names, self.cards) = (OnceLock::new(), OnceLock::new());
        Ok(said)
    }

    /// What dimensions are called here.
    pub fn names(&self) -> Arc<Names> {
        self.names.get_or_init(|| Arc::new(Names::of(&self.space, &self.own.1))).clone()
    }

    /// The same with what the user said of tracks.
    pub fn with_taste(self, taste: Learner) -> Answers {
        Answers { taste: Arc::new(taste), ..self }
    }

    /// The same with other songs: cards are to be made again, for they speak of genres and titles.
    pub fn with_catalog(self, catalog: Arc<Catalog>) -> Answers {
        let (cards, versions) = (OnceLock::new(), OnceLock::new());
        Answers { catalog, cards, versions, folded: Arc::default(), fuzzy: Arc::default(), ..self }
    }

    /// The same with other latents.
    pub fn with_space(self, space: Arc<Space>) -> Answers {
        let prior = queue::prior(&self.catalog, &space);
        let (cards, versions, names) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Answers { space, prior, cards, versions, names, ..self }
    }

    /// Learns the user's taste anew where something was said since, or the latents are others. Whether it changed.
    pub fn learn(&mut self) -> bool {
        self.taste.is_stale(&self.space) && Arc::make_mut(&mut self.taste).learn(&self.catalog, &self.space, self.prior)
    }

    /// Lets the user's taste count, or not.
    pub fn heed_taste(&mut self, heed: bool) {
        self.heeds_taste = heed;
    }

    /// The taste that counts.
    pub fn counting_taste(&self) -> Arc<Taste> {
        if self.heeds_taste { self.taste.taste().clone() } else { Arc::default() }
    }

    /// Takes note of what the queue follows, for `fit`.
    pub fn follow(&mut self, tracks: Vec<TrackId>, choice: Choice) {
        self.followed = Arc::new((tracks, choice));
    }

    /// Adds an entry of the journal.
    pub fn note(&mut self, entry: &Entry) {
        Arc::make_mut(&mut self.tallies).note(entry);
        if entry.event.is_of_taste() {
            Arc::make_mut(&mut self.taste).note(&entry.event);
        }
    }

    /// What the dimensions mean; made when first asked for.
    pub fn cards(&self) -> Arc<Cards> {
        self.cards.get_or_init(|| Arc::new(Cards::of(&self.space, &self.catalog).with_names(&self.names()))).clone()
    }

    /// Which tracks are versions of one song; made when first asked for.
    pub fn versions(&self) -> Arc<Versions> {
        self.versions.get_or_init(|| Arc::new(Versions::of(&self.catalog, &self.space))).clone()
    }

    /// The same over files that nobody watches, perhaps of several directories.
    pub fn with_unwatched_files(mut self) -> Answers {
        self.unwatched = true;
        self
    }

    /// Whether a file is to be told of: it is the only one of its track, or it is there, under no other name that is
    /// told as well. Of a track none of whose files are there it is the first. Only tracks with several files cost a look.
    pub(super) fn is_told(&self, song: &Arc<Song>) -> bool {
        let files = || self.catalog.files_of(song.track);
        if !self.unwatched || files().nth(1).is_none() {
            return true;
        }
        let there: Vec<&Arc<Song>> = files().filter(|file| cue::is_there(&file.path)).collect();
        if there.is_empty() {
            return files().next().is_some_and(|first| first.path == song.path);
        }
        // A link's target is told in its stead.
        let target = || cue::canonicalize(&song.path).ok().filter(|target| **target != *song.path);
        there.iter().any(|file| file.path == song.path)
            && !target().is_some_and(|target| there.iter().any(|file| *file.path == *target))
    }

    /// The file of a track that is told.
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
