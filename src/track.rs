//! What a track is: its identity, a file's stat, its tags, and what is read from a file's headers.
//!
//! A *file* is (path, stat, tags); the *track* is the audio itself. Several files may contain the same track; plays,
//! ratings and latents belong to the track and survive renaming, moving and retagging.

mod fault;
mod id_error;
mod list;
mod song_tags;
mod texts;

use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use fault::FileFault;
pub use id_error::IdError;
pub use list::List;
pub use song_tags::SongTags;
pub use texts::{AlbumTags, Texts};

/// The identity of a track: a version byte and 15 bytes of a hash over codec parameters, payload length and the encoded
/// audio, but not the tags. [`crate::audio::probe`] says which bytes of the audio are hashed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrackId(pub [u8; 16]);

impl TrackId {
    /// The version of the recipe, kept in the first byte so that a new recipe can never collide with an old one.
    pub const VERSION: u8 = 2;
    /// The previous version, which hashes only the first and last [`Self::EDGE`] bytes. Older journals, playlists and
    /// saved signatures name tracks by it, so a file's former identity is kept beside the new one (see
    /// [`Probe::former`]).
    pub const FORMER: u8 = 1;
    /// Number of bytes at each end of the encoded audio that are hashed in every version.
    pub const EDGE: usize = 64 * 1024;

    /// Hashes the parts of an identity. `length` is the payload length in the container's own unit (bytes, or samples
    /// where the container does not state bytes); `content` and `more` are the hashed bytes of the audio, in two parts.
    pub fn from_parts(codec: &str, rate: u32, channels: u16, length: u64, content: &[u8], more: &[u8]) -> TrackId {
        TrackId::hashed(Self::VERSION, (codec, rate, channels), length, [content, more])
    }

    /// The identity as computed by the previous version: `head` and `tail` are the first and last [`Self::EDGE`] bytes
    /// of the encoded audio, or all of it if there is less.
    pub fn former(codec: &str, rate: u32, channels: u16, length: u64, head: &[u8], tail: &[u8]) -> TrackId {
        TrackId::hashed(Self::FORMER, (codec, rate, channels), length, [head, tail])
    }

    fn hashed(version: u8, (codec, rate, channels): (&str, u32, u16), length: u64, parts: [&[u8]; 2]) -> TrackId {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[version]);
        // Lengths go in front of the variable parts so that no two different sets of parts hash alike.
        for part in [codec.as_bytes(), parts[0], parts[1]] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.update(&rate.to_le_bytes());
        hasher.update(&channels.to_le_bytes());
        hasher.update(&length.to_le_bytes());
        let mut id = [0u8; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        id[0] = version;
        TrackId(id)
    }

    /// Whether it was computed by the previous version.
    pub fn is_former(self) -> bool {
        self.0[0] == Self::FORMER
    }
}

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrackId({self})")
    }
}

impl FromStr for TrackId {
    type Err = IdError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.len() != 32 || !s.is_ascii() {
            return Err(IdError::Length(s.into()));
        }
        let mut id = [0u8; 16];
        for (i, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&s[2 * i..2 * i + 2], 16).map_err(|_| IdError::Digits(s.into()))?;
        }
        Ok(TrackId(id))
    }
}

/// Serializes a track id as hexadecimal digits, for readable JSON. For `#[serde(with = "…")]`.
pub mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::TrackId;

    /// Writes the digits.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(track: &TrackId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(track)
    }

    /// Reads the digits.
    ///
    /// # Errors
    /// The deserializer's, or that it is not a track id.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TrackId, D::Error> {
        String::deserialize(from)?.parse().map_err(|_| D::Error::custom("no track: 32 hexadecimal digits are one"))
    }
}

/// Identifies a version of a file without reading it. `ctime` catches tools that restore `mtime`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// Device number.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
    /// Size in bytes.
    pub size: u64,
    /// Modification time, nanoseconds since the epoch.
    pub mtime_ns: i64,
    /// Change time of the inode, nanoseconds since the epoch.
    pub ctime_ns: i64,
}

impl Stat {
    /// The stat in a file's metadata.
    pub fn of(meta: &Metadata) -> Stat {
        let ns = |s: i64, n: i64| s.saturating_mul(1_000_000_000).saturating_add(n);
        Stat {
            dev: meta.dev(),
            ino: meta.ino(),
            size: meta.size(),
            mtime_ns: ns(meta.mtime(), meta.mtime_nsec()),
            ctime_ns: ns(meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// Version of the tag reader; tags read by an older version are read again. At most 255.
pub const TAGS_VERSION: u16 = 4;

/// The tags of a file. Every text has passed [`crate::text::sanitize`]; empty ones are `None`. Texts that many files have
/// in common are counted references, so that [`Texts`] can keep one copy of each. In memory a song has [`SongTags`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// Title of the track.
    pub title: Option<Box<str>>,
    /// Performing artist, as it is shown.
    pub artist: Option<Arc<str>>,
    /// Every performing artist, in the file's order; empty if there is only one.
    pub artists: List,
    /// Album title.
    pub album: Option<Arc<str>>,
    /// Artist of the whole album, where it differs (compilations).
    pub album_artist: Option<Arc<str>>,
    /// Every artist of the album, in the file's order; empty if there is only one.
    pub album_artists: List,
    /// The album is a compilation of several artists.
    pub compilation: bool,
    /// Every genre, in the file's order.
    pub genres: List,
    /// Year of release.
    pub year: Option<i32>,
    /// Number of the track on its disc.
    pub track: Option<u32>,
    /// Number of the disc.
    pub disc: Option<u32>,
    /// The file has lyrics in it.
    pub lyrics: bool,
    /// The file has a picture in it.
    pub art: bool,
    /// ReplayGain, if a tagger measured it.
    pub replaygain: Option<Box<ReplayGain>>,
    /// Rare tags, boxed so that files without them use no space for them.
    pub more: Option<Box<More>>,
}

/// ReplayGain 2.0 as stated in a file: the gain in dB that brings the track, or its album, to −18 LUFS, and the peak
/// sample values, 1 being full scale. All numbers are finite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReplayGain {
    /// For the track.
    pub track: Option<f32>,
    /// For the whole album.
    pub album: Option<f32>,
    /// Peak of the track.
    pub track_peak: Option<f32>,
    /// Peak of the album.
    pub album_peak: Option<f32>,
}

/// Tags that few files have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct More {
    /// Year of the first release.
    pub original_year: Option<i32>,
    /// Composer; several are joined with ", ".
    pub composer: Option<Arc<str>>,
    /// Comment, at most 160 characters of it.
    pub comment: Option<Box<str>>,
    /// MusicBrainz id of the recording.
    pub mbid_track: Option<Mbid>,
    /// MusicBrainz id of the release.
    pub mbid_album: Option<Mbid>,
    /// MusicBrainz id of the (first) artist.
    pub mbid_artist: Option<Mbid>,
}

impl Tags {
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

/// A MusicBrainz id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mbid(pub [u8; 16]);

impl FromStr for Mbid {
    type Err = IdError;

    /// Parses 32 hexadecimal digits; hyphens are ignored.
    fn from_str(text: &str) -> Result<Mbid, IdError> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let id = digits.parse::<TrackId>().map_err(|_| IdError::MusicBrainz(text.into()))?;
        Ok(Mbid(id.0))
    }
}

impl fmt::Display for Mbid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            let hyphen = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{hyphen}{byte:02x}")?;
        }
        Ok(())
    }
}

/// What is read from a file without decoding it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Identity of the audio in the file.
    pub track: TrackId,
    /// Its identity in the previous version, by which older plays, ratings and playlists name it.
    pub former: TrackId,
    /// Duration in seconds; 0 if the container does not state it.
    pub secs: f64,
    /// Sample rate in Hz.
    pub rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Short name of the codec, one of [`CODECS`].
    #[serde(with = "codec")]
    pub codec: Codec,
    /// The file's tags, as far as they could be read.
    pub tags: Arc<Tags>,
    /// Why some of the tags could not be read, if so. The track stays playable.
    pub tag_fault: Option<String>,
}

/// The short names of the codecs.
pub const CODECS: [&str; 10] = ["mp1", "mp2", "mp3", "flac", "vorbis", "opus", "pcm", "aac", "alac", "adpcm"];

/// One of [`CODECS`].
pub type Codec = &'static str;

/// Serializes a codec as text; an unknown one becomes "".
mod codec {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(name: &&'static str, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<super::Codec, D::Error> {
        String::deserialize(from).map(|name| super::codec_named(&name))
    }
}

/// One of [`CODECS`], or none, in a byte.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ShortCodec(u8);

impl ShortCodec {
    /// Its name; "" if unknown.
    pub fn name(self) -> Codec {
        usize::from(self.0).checked_sub(1).and_then(|at| CODECS.get(at)).copied().unwrap_or_default()
    }
}

impl From<&str> for ShortCodec {
    fn from(name: &str) -> ShortCodec {
        ShortCodec(CODECS.iter().position(|known| *known == name).map_or(0, |at| at as u8 + 1))
    }
}

impl fmt::Debug for ShortCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The codec with this name; "" if unknown.
pub fn codec_named(name: &str) -> Codec {
    CODECS.into_iter().find(|known| *known == name).unwrap_or_default()
}

/// Extensions of audio files, in lower case.
pub const EXTENSIONS: [&str; 26] = [
    "mp3", "flac", "ogg", "oga", "opus", "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "m4a", "m4b",
    "m4r", "mp4", "aac", "mp2", "mp1", "mka", "webm", "weba", "caf", "au", "snd",
];

/// Whether a path has the extension of an audio file.
pub fn is_audio(path: &std::path::Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| EXTENSIONS.contains(&e.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let id = TrackId::from_parts("mp3", 44_100, 2, 1234, b"head", b"tail");
        assert_eq!(id.0[0], TrackId::VERSION);
        assert_eq!(id.to_string().parse::<TrackId>(), Ok(id));
        assert!("zz".parse::<TrackId>().is_err());
    }

    #[test]
    fn a_musicbrainz_id_survives_its_text() {
        let text = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";
        assert_eq!(text.parse::<Mbid>().unwrap().to_string(), text);
        assert!("no id".parse::<Mbid>().is_err() && text[1..].parse::<Mbid>().is_err());
    }

    #[test]
    fn a_codec_survives_its_byte() {
        assert!(CODECS.iter().all(|name| ShortCodec::from(*name).name() == *name));
        assert_eq!((ShortCodec::from("wma").name(), ShortCodec::default().name()), ("", ""));
    }

    #[test]
    fn every_part_counts() {
        let base = TrackId::from_parts("mp3", 44_100, 2, 1234, b"head", b"tail");
        for other in [
            TrackId::from_parts("aac", 44_100, 2, 1234, b"head", b"tail"),
            TrackId::from_parts("mp3", 48_000, 2, 1234, b"head", b"tail"),
            TrackId::from_parts("mp3", 44_100, 1, 1234, b"head", b"tail"),
            TrackId::from_parts("mp3", 44_100, 2, 1235, b"head", b"tail"),
            TrackId::from_parts("mp3", 44_100, 2, 1234, b"headt", b"ail"),
        ] {
            assert_ne!(base, other);
        }
        let former = TrackId::former("mp3", 44_100, 2, 1234, b"head", b"tail");
        assert!(former.is_former() && !base.is_former() && former != base);
        // Journals and playlists contain such identities, so they must never change.
        assert_eq!(former.to_string(), "01735017c8df3c3de3671f85bbe5812a");
    }
}
