//! Reports on the player and its library for the control socket and for scripts, as JSON.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::latent::SignatureReport;
use crate::library::Song;
use crate::library::playlist::How;
use crate::track::TrackId;

/// [`Status::state`] while a scan runs and no player.
pub const SCANNING: &str = "scanning";

/// The output of `jukebox status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Process id of the running player or scan; `None` when none runs.
    pub pid: Option<u32>,
    /// "playing", "paused" or "stopped"; [`SCANNING`]; "not running".
    pub state: String,
    /// Whether the player has no screen of its own, so that terminals can be attached to it.
    #[serde(default)]
    pub headless: bool,
    /// The music directory of the player or scan, lossily where it is not UTF-8; empty when neither runs.
    #[serde(default)]
    pub music: String,
    /// The playing track.
    pub playing: Option<Playing>,
    /// Volume in percent.
    pub volume: u8,
    /// What repeats: "off", "track" or "all"; empty without a player.
    #[serde(default)]
    pub repeat: String,
    /// Whether what the user added comes in a random order.
    #[serde(default)]
    pub shuffle: bool,
    /// Whether automatic filling is on.
    pub auto: bool,
    /// The name of the engine.
    pub engine: String,
    /// The saved signature or blend followed instead of the playlist; empty for none.
    #[serde(default)]
    pub following: String,
    /// The direction or journey in progress, and how far it is; empty for none.
    #[serde(default)]
    pub course: String,
    /// The limits of the queue and when it ends, in words; empty for none.
    #[serde(default)]
    pub limits: String,
    /// The upcoming tracks, in order.
    pub ahead: Vec<Coming>,
    /// The output's name.
    pub output: String,
    /// Whether the output is the silent one.
    pub silent: bool,
    /// The number of dropouts within tracks since the player was started.
    #[serde(default)]
    pub underruns: u64,
    /// The stage of the analysis; empty when idle.
    pub stage: String,
    /// Files done of that stage.
    pub done: usize,
    /// Files of that stage in all.
    pub total: usize,
    /// Songs in the library.
    pub songs: usize,
    /// Tracks that have a latent.
    pub latents: usize,
    /// Tracks that have descriptors.
    #[serde(default)]
    pub described: usize,
    /// Tracks whose loudness is known.
    #[serde(default)]
    pub measured: usize,
    /// Files that cannot be used.
    pub faults: usize,
    /// Files whose formats cannot be played, by the name of the format.
    #[serde(default)]
    pub unsupported: BTreeMap<String, usize>,
    /// Changes kept in memory because they could not be written to the disk, and why; empty when all is written.
    #[serde(default)]
    pub unsaved: String,
}

/// The playing track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Playing {
    /// Title, or the file's name.
    pub title: String,
    /// Artist, or ""; several are joined.
    pub artist: String,
    /// Each of its artists.
    #[serde(default)]
    pub artists: Vec<String>,
    /// Album, or "".
    pub album: String,
    /// The file, lossily where it is not UTF-8.
    pub path: String,
    /// Seconds from its beginning.
    pub position: f64,
    /// Duration in seconds, 0 when unknown.
    pub duration: f64,
    /// Its genres.
    #[serde(default)]
    pub genres: Vec<String>,
    /// Its number on the disc.
    #[serde(default)]
    pub number: Option<u32>,
    /// The number of the disc.
    #[serde(default)]
    pub disc: Option<u32>,
    /// The artists of the album.
    #[serde(default)]
    pub album_artists: Vec<String>,
    /// The file with the exact bytes of its name, which JSON cannot hold: empty in another process.
    #[serde(skip)]
    pub file: PathBuf,
}

impl Playing {
    /// A song at a position, with its duration (0 when unknown), in seconds.
    pub fn of(song: &Song, position: f64, duration: f64) -> Playing {
        let tags = &song.tags;
        // The lists are empty where there is only one.
        let artists = match tags.artists.to_vec() {
            none if none.is_empty() => {
                Some(song.artist().to_string()).filter(|name| !name.is_empty()).into_iter().collect()
            }
            several => several,
        };
        let album_artists = match tags.album_artists.to_vec() {
            none if none.is_empty() => tags.album_artist.iter().map(ToString::to_string).collect(),
            several => several,
        };
        Playing {
            title: song.title(),
            artist: song.artist().into(),
            artists,
            album: song.album().into(),
            path: song.path.to_string_lossy().into_owned(),
            position,
            duration,
            genres: tags.genres.to_vec(),
            number: tags.track,
            disc: tags.disc,
            album_artists,
            file: song.path.to_path_buf(),
        }
    }
}

/// An upcoming track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coming {
    /// Title, or the file's name.
    pub title: String,
    /// Artist, or "".
    pub artist: String,
    /// The file, lossily where it is not UTF-8.
    pub path: String,
    /// Whether it was added by an engine rather than by the user.
    pub auto: bool,
    /// Whether the library does not have its file (yet): it stays in the queue and is skipped.
    #[serde(default)]
    pub away: bool,
    /// Why it was picked, in words; empty if the user added it.
    pub why: String,
    /// How well it fits, 0 to 1; absent if the user added it.
    #[serde(default)]
    pub fit: Option<f32>,
}

/// A neighbour of a track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The file, lossily where it is not UTF-8.
    pub path: String,
    /// The file's bytes, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
    /// Title, or the file's name.
    pub title: String,
    /// Artist, or "".
    pub artist: String,
    /// Album, or "".
    pub album: String,
    /// Genre tags.
    pub genres: Vec<String>,
    /// Signature distance; lower is nearer.
    pub distance: f32,
    /// Share of the library that lies farther, 0 to 1.
    pub fit: f32,
    /// The encoder's words that apply to it; empty if the encoder has none.
    #[serde(default)]
    pub words: Vec<String>,
}

/// The data of a track that statistics need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The track's current identity, even if a former one was asked for; absent in an older player's answer.
    #[serde(default)]
    pub track: Option<TrackId>,
    /// Artist, or "".
    pub artist: String,
    /// Title, or the file's name.
    pub title: String,
    /// Genre tags.
    pub genres: Vec<String>,
    /// Beats per minute, 80 to 160, once analysed.
    pub tempo: Option<f64>,
}

/// The file of a playlist's entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    #[serde(with = "crate::paths::raw")]
    pub path: PathBuf,
    /// Its track.
    pub track: TrackId,
    /// How it was found.
    pub how: How,
}

/// A song found by a search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The file, lossily where it is not UTF-8.
    pub path: String,
    /// The file's bytes, where it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
    /// Title, or the file's name.
    pub title: String,
    /// Artist, or "".
    pub artist: String,
    /// Album, or "".
    pub album: String,
    /// Genre tags.
    pub genres: Vec<String>,
    /// Year of release.
    pub year: Option<i32>,
    /// Duration in seconds, 0 when unknown.
    pub secs: f64,
    /// What is wrong with its tags, if they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_fault: Option<String>,
}

impl Status {
    /// Whether it is the status of a player.
    pub fn of_player(&self) -> bool {
        self.pid.is_some() && self.state != SCANNING
    }
}

impl Hit {
    /// The report of a song.
    pub fn of(song: &Song) -> Hit {
        Hit {
            path: song.path.to_string_lossy().into_owned(),
            bytes: song.path.to_str().is_none().then(|| song.path.as_os_str().as_bytes().to_vec()),
            title: song.title(),
            artist: song.artist().into(),
            album: song.album().into(),
            genres: song.tags.genres.to_vec(),
            year: song.tags.year,
            secs: song.secs,
            tag_fault: song.tag_fault.as_deref().map(Into::into),
        }
    }

    /// The file, exactly.
    pub fn file(&self) -> PathBuf {
        match &self.bytes {
            Some(bytes) => PathBuf::from(OsString::from_vec(bytes.clone())),
            None => PathBuf::from(&self.path),
        }
    }
}

impl Neighbour {
    /// The file, exactly.
    pub fn file(&self) -> PathBuf {
        match &self.bytes {
            Some(bytes) => PathBuf::from(OsString::from_vec(bytes.clone())),
            None => PathBuf::from(&self.path),
        }
    }
}

/// A signature of a set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignatureCard {
    /// The number of files and tracks that are unknown or not analysed yet.
    pub missing: usize,
    /// Whether it compares the whole library with the model's reference.
    #[serde(default)]
    pub library: bool,
    /// The signature of the others.
    #[serde(flatten)]
    pub report: SignatureReport,
}
