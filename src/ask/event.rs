//! What happens in the player, for scripts and desktops that follow it: one JSON object per line on the control socket.

use serde::{Deserialize, Serialize};

use super::report::Playing;

/// Something that changed in the player. As JSON each has the field `event` with its name in lower case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Happening {
    /// Another track is the current one, or the current one's file has another path.
    Track {
        /// The track; `None` when there is none.
        track: Option<Playing>,
        /// Whether it was the current one before, and only its file was moved or renamed. Absent from the JSON where not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        moved: bool,
    },
    /// Playback was started, paused or stopped.
    State {
        /// "playing", "paused" or "stopped".
        state: String,
        /// Seconds from the track's beginning.
        position: f64,
    },
    /// The position within the track jumped.
    Seek {
        /// Seconds from the track's beginning.
        position: f64,
    },
    /// The volume was changed.
    Volume {
        /// Percent.
        volume: u8,
    },
    /// The queue changed.
    Queue {
        /// How many tracks come.
        ahead: usize,
        /// The title of the next one; empty when none comes.
        next: String,
    },
    /// Repeating or shuffling was changed.
    Modes {
        /// "off", "track" or "all".
        repeat: String,
        /// Whether the queue is shuffled.
        shuffle: bool,
    },
    /// The queue follows other dimensions.
    Signature {
        /// The choice of dimensions, as after `:signature`.
        choice: String,
        /// The saved signature that is followed; empty for none.
        following: String,
    },
    /// The analysis of the library went on.
    Analysis {
        /// The stage; empty when idle.
        stage: String,
        /// Files done of that stage.
        done: usize,
        /// Files of that stage in all.
        total: usize,
    },
}
