//! The kinds of image that an encoder takes of a track's sound, and how they are packed.

use crate::MEL_STEPS;
use crate::strobe::{BANDS, STEPS};

/// Value of a step of a patch's nibble: nibble v means log₁₀(1 + 10⁴ · power) = 0.4·v.
pub(crate) const PATCH_STEP: f32 = 0.4;

/// The kinds of image. All are packed alike: band by band, lowest first, two time steps per byte, the even one in the
/// high nibble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Input {
    /// 128 mel bands × 128 single frames out of half a minute, relative to its maximum.
    #[default]
    Strobe,
    /// 128 mel bands × 1280 steps: every frame of half a minute, relative to its maximum.
    Mel,
    /// 96 mel bands × 186 frames: every frame of 3 s of sound at 16 kHz, at its own level (nibble v stands for log10(1 + 10⁴ power) = 0.4 v).
    Patch,
}

impl Input {
    /// All kinds.
    pub const ALL: [Input; 3] = [Input::Strobe, Input::Mel, Input::Patch];

    /// Number of mel bands.
    pub const fn bands(self) -> usize {
        match self {
            Input::Strobe | Input::Mel => BANDS,
            Input::Patch => 96,
        }
    }

    /// Number of time steps.
    pub const fn steps(self) -> usize {
        match self {
            Input::Strobe => STEPS,
            Input::Mel => MEL_STEPS,
            Input::Patch => 186,
        }
    }

    /// Bytes of a packed image: 8,192, 81,920 or 8,928.
    pub const fn bytes(self) -> usize {
        self.bands() * self.steps() / 2
    }

    /// The kind of image with this many bands and steps.
    pub fn of(bands: usize, steps: usize) -> Option<Input> {
        Input::ALL.into_iter().find(|input| (input.bands(), input.steps()) == (bands, steps))
    }
}
