//! What the player is told and what it tells.

use std::path::PathBuf;

use super::output::OutputError;
use super::player::spectrum::BANDS;
use crate::track::FileFault;

/// How a track is to sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sounding {
    /// Factor on its samples (its ReplayGain); 1 leaves every bit as it is.
    pub gain: f32,
    /// Its sample rate in Hz, for a device that can be opened at it; 0 when it is not known.
    pub rate: u32,
    /// Seconds over which it takes the place of the track before it; 0 joins them without a seam.
    pub crossfade: f32,
}

impl Default for Sounding {
    fn default() -> Self {
        Sounding { gain: 1.0, rate: 0, crossfade: 0.0 }
    }
}

/// How everything is to sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Volume in percent, 0 to 100, about as loudness is felt; 100 leaves every bit as it is.
    pub volume: u8,
    /// −100 (left only) to 100 (right only).
    pub balance: i8,
    /// Both sides get the mean of both.
    pub mono: bool,
    /// Seconds of the fade at a pause, at going on and at a stop.
    pub fade: f32,
}

impl Default for Shape {
    fn default() -> Self {
        Shape { volume: 100, balance: 0, mono: false, fade: 0.0 }
    }
}

/// What the player can be told. A `token` names one start of one track; events carry it back.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Drop what plays and play this from `at` seconds.
    Play {
        /// Name of this start.
        token: u64,
        /// File to play.
        path: PathBuf,
        /// Where to begin, in seconds.
        at: f64,
        /// Begin paused (a restored session).
        paused: bool,
        /// How it is to sound; its crossfade plays no part.
        sounding: Sounding,
    },
    /// What follows without a gap when the current track ends; replaces an earlier `Follow`.
    Follow {
        /// Name of this start.
        token: u64,
        /// File to play.
        path: PathBuf,
        /// How it is to sound.
        sounding: Sounding,
    },
    /// Another gain for a track that plays or follows.
    Gain {
        /// Which start.
        token: u64,
        /// See [`Sounding::gain`].
        gain: f32,
    },
    /// Nothing follows.
    Unfollow,
    /// Hold.
    Pause,
    /// Go on.
    Resume,
    /// Stop and drop the track.
    Stop,
    /// Go to this second of the current track.
    Seek(f64),
    /// How everything is to sound.
    Shape(Shape),
    /// Tell which outputs there are.
    Devices,
    /// Play to this output, by its [`Device::id`]; `None` for the default.
    Device(Option<String>),
    /// Whether to tell the spectrum.
    Spectrum(bool),
    /// End the player's threads.
    Quit,
}

/// An output that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// What it is called by, `hw:CARD=PCH,DEV=0`.
    pub id: String,
    /// What it is, in one line.
    pub about: String,
}

/// What has become of the chosen output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It plays, or will as soon as there is something to play.
    Plays,
    /// It is away; the default plays until it is back.
    StoodIn,
    /// It is away, and the music waits for it or plays silently.
    Missing,
}

/// What the player tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The first sample of a track is about to be heard.
    Started {
        /// Which start.
        token: u64,
        /// Duration in seconds when the decoder knows it.
        secs: Option<f64>,
    },
    /// Where the current track is; sent after a seek and about four times a second while playing.
    Position {
        /// Which start.
        token: u64,
        /// Seconds from the track's beginning.
        secs: f64,
    },
    /// The last sample of a track was heard. When a `Follow` was given, its `Started` comes at once.
    Finished {
        /// Which start.
        token: u64,
    },
    /// The track cannot be played (on); nothing plays now unless a `Follow` stands.
    Failed {
        /// Which start.
        token: u64,
        /// Why.
        why: FileFault,
    },
    /// The outputs that there are.
    Devices {
        /// Which, or why they cannot be listed.
        found: Result<Vec<Device>, OutputError>,
        /// The id of the chosen one; `None` for the default.
        chosen: Option<String>,
        /// What has become of it.
        standing: Standing,
    },
    /// How loud each band is now, low to high, 0 to 1; see [`spectrum`](super::player::spectrum).
    Spectrum([f32; BANDS]),
    /// How often since the start there was nothing to hear in the middle of a track; sent when it grew.
    Underruns(u64),
    /// An output cannot be had: why, and what is done instead.
    Refused(String),
    /// An output was opened, at the start and whenever the device changed.
    Output {
        /// Name for the screen and `doctor`.
        name: String,
        /// True for the clocked silent sink.
        silent: bool,
        /// Why there is no sound, when `silent` was not asked for.
        why: Option<String>,
    },
}
