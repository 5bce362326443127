//! A song: one playable file of the library and what is known of it.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use crate::audio::cue;
use crate::track::{Probe, ShortCodec, SongTags, TrackId};

/// One playable file.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    /// Its path; raw bytes, not necessarily UTF-8. Shared with the record that it comes from.
    pub path: Arc<Path>,
    /// The track behind it.
    pub track: TrackId,
    /// The track's identity by the version before; what the user made then names it so.
    pub former: TrackId,
    /// Its tags (sanitised).
    pub tags: SongTags,
    /// Duration in seconds, 0 when unknown.
    pub secs: f64,
    /// When it was seen first, seconds since the Unix epoch.
    pub added: u64,
    /// The codec, as in [`Probe::codec`].
    pub codec: ShortCodec,
    /// Sample rate in Hz.
    pub rate: u32,
    /// Mean bitrate of the file in kbit/s, 0 when unknown.
    pub kbps: u16,
    /// Number of channels, 0 when unknown.
    pub channels: u8,
    /// What of its tags could not be read, as in [`Probe::tag_fault`].
    pub tag_fault: Option<Box<str>>,
}

impl Song {
    /// A song from a first look at its file, and when that was.
    pub fn new(path: Arc<Path>, probe: Probe, added: u64) -> Song {
        let Probe { track, former, secs, rate, channels, codec, tags, tag_fault } = probe;
        let tag_fault = tag_fault.map(Into::into);
        let channels = u8::try_from(channels).unwrap_or(u8::MAX);
        let (codec, tags) = (codec.into(), Arc::unwrap_or_clone(tags).into());
        Song { path, track, former, tags, secs, added, codec, rate, kbps: 0, channels, tag_fault }
    }

    /// With the bitrate that follows from the file's size in bytes. A piece of a file has no size of its own.
    #[must_use]
    pub fn of_size(mut self, bytes: u64) -> Song {
        let kbps = bytes as f64 * 8.0 / 1000.0 / self.secs;
        if self.secs > 0.0 && kbps.is_finite() && cue::split(&self.path).is_none() {
            self.kbps = kbps.round() as u16;
        }
        self
    }

    /// A song of which nothing is known but its file and its track.
    pub fn bare(path: impl AsRef<Path>, track: TrackId) -> Song {
        let (path, tags) = (path.as_ref().into(), SongTags::default());
        Song {
            path,
            track,
            former: track,
            tags,
            secs: 0.0,
            added: 0,
            codec: Default::default(),
            rate: 0,
            kbps: 0,
            channels: 0,
            tag_fault: None,
        }
    }

    /// The title, or the file's name when there is none in which anything can be seen (sanitised); never blank.
    pub fn title(&self) -> String {
        if let Some(title) = seen(self.tags.title.as_deref()) {
            return title.to_string();
        }
        let named = crate::text::sanitize(&self.path.file_stem().unwrap_or_default().to_string_lossy());
        if named.is_empty() { "(untitled)".into() } else { named }
    }

    /// The artist, or "" when unknown.
    pub fn artist(&self) -> &str {
        seen(self.tags.artist.as_deref()).or_else(|| seen(self.tags.album_artist.as_deref())).unwrap_or("")
    }

    /// The album, or "" when unknown.
    pub fn album(&self) -> &str {
        seen(self.tags.album.as_deref()).unwrap_or("")
    }

    /// What makes an album one album: its artist, title, year and directory (two albums of one name in two
    /// directories stay two; the discs of one in "CD1", "CD2" are one). Files without an album tag belong to their
    /// directory. [`crate::library::Catalog::albums`] looks closer.
    pub fn album_key(&self) -> (&str, &str, i32, &Path) {
        let (artist, album, year) = self.album_tags();
        (artist, album, year, album_dir(&self.path))
    }

    /// Whether both songs have the same [`Song::album_key`]; quick for neighbours in a directory.
    pub fn shares_album(&self, other: &Song) -> bool {
        // Files of one directory, or pieces of one sheet, belong to the album of one directory.
        let beside = folder(&self.path) == folder(&other.path);
        self.album_tags() == other.album_tags() && (beside || album_dir(&self.path) == album_dir(&other.path))
    }

    fn album_tags(&self) -> (&str, &str, i32) {
        match &self.tags.album {
            // A compilation's tracks have different artists but one directory.
            Some(album) => (self.tags.album_artist.as_deref().unwrap_or(""), album, self.tags.year.unwrap_or(0)),
            None => ("", "", 0),
        }
    }
}

/// What stands before the last slash of a path.
fn folder(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    bytes.iter().rposition(|byte| *byte == b'/').map_or(&bytes[..0], |slash| &bytes[..slash])
}

/// A text of a tag, unless nothing of it can be seen: stores of older versions hold such.
fn seen(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !crate::text::is_blank(text))
}

/// The directory of a file; a piece lies where its cue sheet does, or the file that has it inside.
pub fn dir_of(path: &Path) -> &Path {
    cue::split(path).map_or(path, |(sheet, _)| sheet).parent().unwrap_or(Path::new(""))
}

/// The directory of a file's album: its own, or the one around it when its own is only a disc's. A piece lies where its cue
/// sheet does.
pub(super) fn album_dir(path: &Path) -> &Path {
    let dir = dir_of(path);
    match (dir.file_name().and_then(|n| n.to_str()), dir.parent()) {
        (Some(name), Some(around)) if is_disc(name) => around,
        _ => dir,
    }
}

/// Whether a directory's name says that it is one disc of several: "CD1", "Disc 2", "disk_03 - Live".
fn is_disc(name: &str) -> bool {
    let name = name.to_lowercase();
    let rest = ["cd", "disc", "disk", "dvd"].iter().find_map(|word| name.strip_prefix(word));
    let number = rest.map(|r| r.trim_start_matches([' ', '_', '-', '.', '#']));
    number.is_some_and(|n| {
        let digits = n.bytes().take_while(u8::is_ascii_digit).count();
        (1..=2).contains(&digits) && !n[digits..].starts_with(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::Tags;

    #[test]
    fn an_album_is_shared_by_those_of_one_key() {
        let song = |path: &str, artist: Option<&str>, album: Option<&str>, year: Option<i32>| {
            let (album_artist, album) = (artist.map(Into::into), album.map(Into::into));
            let tags = Tags { album_artist, album, year, ..Tags::default() };
            Song { tags: tags.into(), ..Song::bare(path, TrackId([1; 16])) }
        };
        let songs = [
            song("/m/a/1.mp3", None, Some("A"), None),
            song("/m/a/2.mp3", None, Some("A"), None),
            song("/m/a/3.mp3", Some("X"), Some("A"), None),
            song("/m/a/4.mp3", None, Some("A"), Some(1999)),
            song("/m/a/5.mp3", None, None, Some(1999)),
            song("/m/a/6.mp3", Some("Y"), None, None),
            song("/m/a/CD1/1.mp3", None, Some("A"), None),
            song("/m/a/cd 2/1.mp3", None, Some("A"), None),
            song("/m/a/b/1.mp3", None, Some("A"), None),
            song("/m/a/all.cue/track0001", None, Some("A"), None),
            song("/m/a/all.cue/track0002", None, Some("A"), None),
            song("/m/a/all.flac/track0002", None, Some("A"), None),
            song("bare.mp3", None, Some("A"), None),
            song("other.mp3", None, Some("A"), None),
        ];
        for a in &songs {
            for b in &songs {
                assert_eq!(a.shares_album(b), a.album_key() == b.album_key(), "{:?} {:?}", a.path, b.path);
            }
        }
        assert!(songs[0].shares_album(&songs[6]) && !songs[0].shares_album(&songs[8]));
    }

    /// A byte here is 100 kB in a library of 100,000 songs; with the counts of its `Arc` and the allocator's header it
    /// takes a block of 160.
    #[test]
    fn a_song_takes_little_memory() {
        assert!(size_of::<Song>() <= 136, "{}", size_of::<Song>());
    }

    #[test]
    fn a_bitrate_follows_from_size_and_length() {
        let song = |path: &str, secs| Song { secs, ..Song::bare(path, TrackId([1; 16])) };
        assert_eq!(song("/m/a.mp3", 200.0).of_size(8_000_000).kbps, 320);
        assert_eq!(song("/m/a.wav", 0.001).of_size(u64::MAX).kbps, u16::MAX);
        assert_eq!(song("/m/a.mp3", 0.0).of_size(8_000_000).kbps, 0, "the length is not known");
        assert_eq!(song("/m/a.cue/track0001", 200.0).of_size(8_000_000).kbps, 0, "a piece of a file");
    }

    #[test]
    fn a_title_can_always_be_seen() {
        let titled = |path: &str, title: Option<&str>| {
            let tags = Tags { title: title.map(Into::into), artist: Some("\u{3164}".into()), ..Tags::default() };
            Song { tags: tags.into(), ..Song::bare(path, TrackId([1; 16])) }
        };
        let joiners = "\u{200d}\u{200c}\u{200d}";
        assert_eq!(titled("/m/a song.mp3", Some("So What")).title(), "So What");
        assert_eq!(titled("/m/a song.mp3", Some(joiners)).title(), "a song");
        assert_eq!(titled(&format!("/m/{joiners}.mp3"), Some("\u{2800}")).title(), "(untitled)");
        assert_eq!(titled("/m/a.mp3", None).artist(), "");
    }
}
