//! Texts that many files have in common: an artist, an album, the genres.

use std::collections::HashSet;
use std::sync::Arc;

use super::list::List;

/// The tags that the files of an album usually have in common, as in [`super::Tags`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AlbumTags {
    /// Performing artist, as it is shown.
    pub artist: Option<Arc<str>>,
    /// Every performing artist; empty if there is only one.
    pub artists: List,
    /// Album title.
    pub album: Option<Arc<str>>,
    /// Artist of the whole album, where it differs.
    pub album_artist: Option<Arc<str>>,
    /// Every artist of the album; empty if there is only one.
    pub album_artists: List,
    /// The album is a compilation of several artists.
    pub compilation: bool,
    /// Every genre.
    pub genres: List,
    /// Year of release.
    pub year: Option<i32>,
    /// Number of the disc.
    pub disc: Option<u32>,
    /// The file has lyrics in it.
    pub lyrics: bool,
    /// The file has a picture in it.
    pub art: bool,
}

impl AlbumTags {
    /// Replaces the texts and lists by their copies in `texts`.
    fn share(&mut self, texts: &mut Texts) {
        let own = [&mut self.artist, &mut self.album, &mut self.album_artist];
        own.into_iter().flatten().for_each(|text| texts.share(text));
        [&mut self.artists, &mut self.album_artists, &mut self.genres].into_iter().for_each(|l| texts.share_list(l));
    }
}

/// One copy of each text, of each list of texts, and of each album's tags, that is shared ([`super::SongTags::share`]).
#[derive(Debug, Default)]
pub struct Texts {
    texts: HashSet<Arc<str>>,
    lists: HashSet<List>,
    albums: HashSet<Arc<AlbumTags>>,
}

impl Texts {
    /// Replaces a text by the copy of it that is kept here; the first of its kind is kept itself.
    pub(super) fn share(&mut self, text: &mut Arc<str>) {
        match self.texts.get(&**text) {
            Some(known) => *text = known.clone(),
            None => drop(self.texts.insert(text.clone())),
        }
    }

    /// As [`Texts::share`], for a list.
    fn share_list(&mut self, list: &mut List) {
        match self.lists.get(list) {
            Some(known) => *list = known.clone(),
            None if list.is_empty() => {}
            None => drop(self.lists.insert(list.clone())),
        }
    }

    /// As [`Texts::share`], for what the songs of an album have in common. Of one that is new here, the texts are shared.
    pub(super) fn share_album(&mut self, album: &mut Arc<AlbumTags>) {
        if let Some(known) = self.albums.get(&**album) {
            return *album = known.clone();
        }
        // One that somebody else has already stays as it is.
        if let Some(own) = Arc::get_mut(album) {
            own.share(self);
        }
        self.albums.insert(album.clone());
    }

    /// Drops the copies that nobody else has any more.
    pub fn forget_unused(&mut self) {
        // These have texts and lists themselves.
        self.albums.retain(|album| Arc::strong_count(album) > 1);
        self.texts.retain(|text| Arc::strong_count(text) > 1);
        self.lists.retain(List::is_shared);
    }

    /// How many texts, lists and albums' tags are kept.
    pub fn len(&self) -> usize {
        self.texts.len() + self.lists.len() + self.albums.len()
    }

    /// Whether none are kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
