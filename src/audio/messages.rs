//! The player's commands and events.

use std::path::PathBuf;

use super::output::OutputError;
use super::player::spectrum::BANDS;
use crate::track::FileFault;

/// Playback settings of one track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sounding {
    /// Factor applied to its samples (its ReplayGain); 1 leaves them bit-exact.
    pub gain: f32,
    /// Its sample rate in Hz, so that a device that supports it is opened at it; 0 when unknown.
    pub rate: u32,
    /// Duration of the crossfade from the previous track, in seconds; 0 joins them without a gap.
    pub crossfade: f32,
}

impl Default for Sounding {
    fn default() -> Self {
        Sounding { gain: 1.0, rate: 0, crossfade: 0.0 }
    }
}

/// Volume and the like, which apply to everything that plays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Volume in percent, 0 to 100, roughly proportional to perceived loudness; 100 leaves samples bit-exact.
    pub volume: u8,
    /// −100 (left only) to 100 (right only).
    pub balance: i8,
    /// Both channels play the mean of both.
    pub mono: bool,
    /// Duration of the fade when pausing, resuming and stopping, in seconds.
    pub fade: f32,
}

impl Default for Shape {
    fn default() -> Self {
        Shape { volume: 100, balance: 0, mono: false, fade: 0.0 }
    }
}

/// A command to the player. A `token` names one start of one track; events carry it back.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Plays this file from `at` seconds, in place of the current track.
    Play {
        /// Name of this start.
        token: u64,
        /// File to play.
        path: PathBuf,
        /// Position to start at, in seconds.
        at: f64,
        /// Start paused (a restored session).
        paused: bool,
        /// Its playback settings; the crossfade is ignored.
        sounding: Sounding,
    },
    /// Sets the track that follows without a gap when the current one ends; replaces an earlier `Follow`.
    Follow {
        /// Name of this start.
        token: u64,
        /// File to play.
        path: PathBuf,
        /// Its playback settings.
        sounding: Sounding,
    },
    /// Changes the gain of the current or the following track.
    Gain {
        /// Which start.
        token: u64,
        /// See [`Sounding::gain`].
        gain: f32,
    },
    /// Withdraws the following track.
    Unfollow,
    /// Pauses.
    Pause,
    /// Resumes.
    Resume,
    /// Stops and unloads the track.
    Stop,
    /// Seeks to a position in the current track, in seconds.
    Seek(f64),
    /// Sets volume and the like.
    Shape(Shape),
    /// Lists the outputs; the answer is [`Event::Devices`].
    Devices,
    /// Plays to this output, by its [`Device::id`]; `None` for the default.
    Device(Option<String>),
    /// Whether to send [`Event::Spectrum`].
    Spectrum(bool),
    /// Ends the player's threads.
    Quit,
}

/// An output that can be selected.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Its id, such as `hw:CARD=PCH,DEV=0`.
    pub id: String,
    /// Its description, in one line.
    pub about: String,
}

/// The state of the chosen output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It plays, or will when there is something to play.
    Plays,
    /// It is unavailable; the default plays until it is back.
    StoodIn,
    /// It is unavailable, and the music waits for it or plays silently.
    Missing,
}

/// What the player reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The first sample of a track is audible.
    Started {
        /// Which start.
        token: u64,
        /// Duration in seconds, when the decoder knows it.
        secs: Option<f64>,
    },
    /// Position in the current track; sent after a seek and about four times a second while playing.
    Position {
        /// Which start.
        token: u64,
        /// Seconds from the track's beginning.
        secs: f64,
    },
    /// The last sample of a track was played. If another follows, its `Started` comes next.
    Finished {
        /// Which start.
        token: u64,
    },
    /// The track cannot be played, or not to its end; nothing plays now unless another follows.
    Failed {
        /// Which start.
        token: u64,
        /// Why.
        why: FileFault,
    },
    /// The available outputs.
    Devices {
        /// The outputs, or why they cannot be listed.
        found: Result<Vec<Device>, OutputError>,
        /// The id of the selected output; `None` for the default.
        chosen: Option<String>,
        /// The state of the selected output.
        standing: Standing,
    },
    /// The level of each frequency band, low to high, 0 to 1; see [`spectrum`](super::player::spectrum).
    Spectrum([f32; BANDS]),
    /// Number of dropouts since the start; sent when it grows.
    Underruns(u64),
    /// An output cannot be opened: why, and what happens instead, for the user.
    Refused(String),
    /// An output was opened: at the start, and whenever it changes.
    Output {
        /// Name for the screen and `doctor`.
        name: String,
        /// Whether it is the silent clock.
        silent: bool,
        /// Why there is no sound, unless silence was asked for.
        why: Option<String>,
    },
}
