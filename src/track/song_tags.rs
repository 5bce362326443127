//! Tags in memory. The files of an album have most of their tags in common, so those are kept once for all of them.

use std::ops::Deref;
use std::sync::Arc;

use super::{AlbumTags, More, ReplayGain, Tags, Texts};

/// The tags of one song. What is usually the same for a whole album is kept in [`AlbumTags`], whose fields can be read as
/// if they were its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SongTags {
    /// As [`Tags::title`].
    pub title: Option<Box<str>>,
    /// As [`Tags::track`].
    pub track: Option<u32>,
    /// As [`Tags::replaygain`].
    pub replaygain: Option<Box<ReplayGain>>,
    /// As [`Tags::more`].
    pub more: Option<Box<More>>,
    album: Arc<AlbumTags>,
}

impl SongTags {
    /// Tags whose common part is shared already.
    pub fn new(
        title: Option<Box<str>>,
        track: Option<u32>,
        replaygain: Option<Box<ReplayGain>>,
        more: Option<Box<More>>,
        album: Arc<AlbumTags>,
    ) -> SongTags {
        SongTags { title, track, replaygain, more, album }
    }

    /// Replaces what other songs may have too by the copy in `texts`: the common part, or else each of its texts.
    pub fn share(&mut self, texts: &mut Texts) {
        texts.share_album(&mut self.album);
        self.more.as_mut().and_then(|more| more.composer.as_mut()).into_iter().for_each(|text| texts.share(text));
    }

    /// Year of the first release, if stated.
    pub fn original_year(&self) -> Option<i32> {
        self.more.as_ref()?.original_year
    }

    /// Composer; several are joined with ", ".
    pub fn composer(&self) -> Option<&str> {
        self.more.as_ref()?.composer.as_deref()
    }

    /// Comment, at most 160 characters of it.
    pub fn comment(&self) -> Option<&str> {
        self.more.as_ref()?.comment.as_deref()
    }
}

impl Deref for SongTags {
    type Target = AlbumTags;

    fn deref(&self) -> &AlbumTags {
        &self.album
    }
}

impl From<Tags> for SongTags {
    fn from(tags: Tags) -> SongTags {
        let Tags { title, artist, artists, album, album_artist, album_artists, compilation, .. } = tags;
        let Tags { genres, year, track, disc, lyrics, art, replaygain, more, .. } = tags;
        let common = AlbumTags {
            artist,
            artists,
            album,
            album_artist,
            album_artists,
            compilation,
            genres,
            year,
            disc,
            lyrics,
            art,
        };
        SongTags::new(title, track, replaygain, more, Arc::new(common))
    }
}

impl From<&SongTags> for Tags {
    fn from(song: &SongTags) -> Tags {
        let SongTags { title, track, replaygain, more, album: common } = song.clone();
        let AlbumTags { artist, artists, album, album_artist, album_artists, compilation, .. } =
            AlbumTags::clone(&common);
        let AlbumTags { ref genres, year, disc, lyrics, art, .. } = *common;
        Tags {
            title,
            artist,
            artists,
            album,
            album_artist,
            album_artists,
            compilation,
            genres: genres.clone(),
            year,
            track,
            disc,
            lyrics,
            art,
            replaygain,
            more,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tags with every field filled.
    fn tagged(title: &str, artist: &str) -> Tags {
        let more = More { composer: Some("Bach".into()), comment: Some("ripped".into()), ..More::default() };
        Tags {
            title: Some(title.into()),
            artist: Some(artist.into()),
            artists: [artist.into(), "Gould".into()].into(),
            album: Some("Suites".into()),
            album_artist: Some("Various".into()),
            album_artists: ["Various".into()].into(),
            compilation: true,
            genres: ["Baroque".into(), "Cello".into()].into(),
            year: Some(1983),
            track: Some(3),
            disc: Some(2),
            lyrics: true,
            art: true,
            replaygain: Some(Box::default()),
            more: Some(more.into()),
        }
    }

    #[test]
    fn tags_are_given_back_as_they_came() {
        for tags in [tagged("Prelude", "Bach"), Tags::default()] {
            let song = SongTags::from(tags.clone());
            assert_eq!(Tags::from(&song), tags);
            assert_eq!((&song.artist, song.year, song.disc), (&tags.artist, tags.year, tags.disc));
        }
        let song = SongTags::from(tagged("Prelude", "Bach"));
        assert_eq!((song.composer(), song.comment(), song.original_year()), (Some("Bach"), Some("ripped"), None));
    }

    #[test]
    fn songs_of_an_album_share_their_tags_and_others_their_texts() {
        let mut texts = Texts::default();
        let mut shared = |title, artist| {
            let mut tags = SongTags::from(tagged(title, artist));
            tags.share(&mut texts);
            assert_eq!(tags, tagged(title, artist).into());
            tags
        };
        let (one, two, other) = (shared("Prelude", "Bach"), shared("Gigue", "Bach"), shared("Air", "Britten"));
        assert!(Arc::ptr_eq(&one.album, &two.album) && !Arc::ptr_eq(&one.album, &other.album));
        let same = |a: &Option<Arc<str>>, b: &Option<Arc<str>>| Arc::ptr_eq(a.as_ref().unwrap(), b.as_ref().unwrap());
        assert!(same(&one.album.album, &other.album.album) && one.genres.is_same(&other.genres));
        assert!(same(&one.artist, &one.more.as_ref().unwrap().composer), "whatever the text is used for");
        // Bach, Britten, Suites, Various; two lists of artists, one of the album's, one of genres; two common parts.
        assert_eq!(texts.len(), 4 + 4 + 2);
        drop(other);
        texts.forget_unused();
        // The genres, the album and its artist are still those of the first two.
        assert_eq!(texts.len(), 3 + 3 + 1, "what no tags have is forgotten");
    }

    /// A byte here is 100 kB in a library of 100,000 songs.
    #[test]
    fn tags_of_a_song_take_little_memory() {
        assert!(size_of::<SongTags>() <= 48, "{}", size_of::<SongTags>());
    }
}
