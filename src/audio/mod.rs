//! Sound in and out: decoding (symphonia), resampling, output devices and the player.
//!
//! [`decode::Decoder`] turns a file into samples, [`segment`] reads pieces of a file for analysis,
//! [`probe::probe`] finds duration and identity without decoding, [`player::Player`] plays.

use std::path::PathBuf;

mod codecs;
mod container;
pub mod decode;
mod error;
#[cfg(test)]
mod fixture;
pub mod output;
pub mod player;
pub mod probe;
pub mod resample;
pub mod segment;

pub use error::AudioError;

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
    },
    /// What follows without a gap when the current track ends; replaces an earlier `Follow`.
    Follow {
        /// Name of this start.
        token: u64,
        /// File to play.
        path: PathBuf,
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
    /// Volume in percent, 0 to 100.
    Volume(u8),
    /// End the player's threads.
    Quit,
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
        /// Why, in one line.
        why: String,
    },
    /// How often since the start there was nothing to hear in the middle of a track; sent when it grew.
    Underruns(u64),
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
