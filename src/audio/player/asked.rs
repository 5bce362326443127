//! The user's general playback settings: whether paused, volume, and fades.

use crate::audio::Shape;

/// How playback fades in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fade {
    /// Not at all: the beginning is bit-exact.
    None,
    /// For a few milliseconds, so that a cut makes no click.
    Cut,
    /// As after a pause, for as long as the user has set.
    Pause,
}

impl Fade {
    /// The fade for starting a track at a position in seconds; its very beginning is not faded.
    pub fn of(at: f64) -> Fade {
        if at > 0.0 { Fade::Cut } else { Fade::None }
    }
}

/// The general playback settings.
#[derive(Default)]
pub(super) struct Asked {
    /// Whether playback is paused.
    pub paused: bool,
    /// Volume, balance, mono and the length of fades.
    pub shape: Shape,
    /// The fade with which the track resumes when a closed output is open again; `None` for the usual one.
    pub entry: Option<Fade>,
}
