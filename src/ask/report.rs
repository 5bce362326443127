//! What the program tells of itself outside the screen: to the control socket, to scripts, as JSON.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::latent::SignatureReport;
use crate::library::Song;
use crate::library::playlist::How;
use crate::track::TrackId;

/// [`Status::state`] while no player runs, but a scan.
pub const SCANNING: &str = "scanning";

/// What `jukebox status` says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Process id of the running player or scan; `None` when none runs.
    pub pid: Option<u32>,
    /// "playing", "paused" or "stopped"; [`SCANNING`]; "not running".
    pub state: String,
    /// What plays.
    pub playing: Option<Playing>,
    /// Volume in percent.
    pub volume: u8,
    /// Whether the queue fills itself.
    pub auto: bool,
    /// The engine that fills it.
    pub engine: String,
    /// The saved signature that it follows instead of the playlist; empty for none.
    #[serde(default)]
    pub following: String,
    /// The direction or journey that it is on, and how far; empty for none.
    #[serde(default)]
    pub course: String,
    /// What comes, in order.
    pub ahead: Vec<Coming>,
    /// The output's name.
    pub output: String,
    /// Whether the output is the silent one.
    pub silent: bool,
    /// How often the sound broke off in the middle of a track since the player was started.
    #[serde(default)]
    pub underruns: u64,
    /// What analysis is doing; empty when idle.
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
    /// What was done and is not on the disk, and why: kept in memory until it can be written. Empty when all is written.
    #[serde(default)]
    pub unsaved: String,
}

/// The playing track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Playing {
    /// Title, or the file's name.
    pub title: String,
    /// Artist, or "".
    pub artist: String,
    /// Album, or "".
    pub album: String,
    /// The file, lossily where it is not UTF-8.
    pub path: String,
    /// Seconds from its beginning.
    pub position: f64,
    /// Duration in seconds, 0 when unknown.
    pub duration: f64,
}

/// A track that stands in the queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coming {
    /// Title, or the file's name.
    pub title: String,
    /// Artist, or "".
    pub artist: String,
    /// The file, lossily where it is not UTF-8.
    pub path: String,
    /// Put there by an engine rather than by the user.
    pub auto: bool,
    /// The library does not have its file, or not yet: it stays where it is and is passed over.
    #[serde(default)]
    pub away: bool,
    /// Why, in words; empty for the user's own.
    pub why: String,
    /// How well it fits, 0 to 1; absent for the user's own.
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
    /// The words that are said of it; none where the encoder has no words.
    #[serde(default)]
    pub words: Vec<String>,
}

/// What statistics need to know of a track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The track's present identity, where it was asked for by a former one; absent from an older player's answer.
    #[serde(default)]
    pub track: Option<TrackId>,
    /// Artist, or "".
    pub artist: String,
    /// Title, or the file's name.
    pub title: String,
    /// Genre tags.
    pub genres: Vec<String>,
    /// Beats a minute, 80 to 160, once it was listened to.
    pub tempo: Option<f64>,
}

/// Where an entry of a playlist lies.
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

/// A song that was searched for.
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
    /// What of its tags could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_fault: Option<String>,
}

impl Status {
    /// Whether it is that of a player.
    pub fn of_player(&self) -> bool {
        self.pid.is_some() && self.state != SCANNING
    }
}

impl Hit {
    /// A song, told.
    pub fn of(song: &Song) -> Hit {
        Hit {
            path: song.path.to_string_lossy().into_owned(),
            bytes: song.path.to_str().is_none().then(|| song.path.as_os_str().as_bytes().to_vec()),
            title: song.title(),
            artist: song.artist().into(),
            album: song.album().into(),
            genres: song.tags.genres.clone(),
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
    /// Files and tracks that are not known or not analysed yet.
    pub missing: usize,
    /// Whether it is of the whole library, against the model's reference.
    #[serde(default)]
    pub library: bool,
    /// The signature of the others.
    #[serde(flatten)]
    pub report: SignatureReport,
}
