//! What is asked of everything that plays: paused or not, volume and fades.

use crate::audio::Shape;

/// How what begins is faded in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fade {
    /// Not at all: every bit of the beginning is left as it is.
    None,
    /// For a few milliseconds, so that a cut makes no click.
    Cut,
    /// As after a pause, for as long as the user has set.
    Pause,
}

impl Fade {
    /// The fade of a track that is begun at a second: its very beginning is left as it is.
    pub fn of(at: f64) -> Fade {
        if at > 0.0 { Fade::Cut } else { Fade::None }
    }
}

/// What is asked.
#[derive(Default)]
pub(super) struct Asked {
    /// Held.
    pub paused: bool,
    /// Volume, balance, mono and the length of fades.
    pub shape: Shape,
    /// The fade with which the track goes on when the output that was given back is open again, where the usual one would
    /// not do.
    pub entry: Option<Fade>,
}
