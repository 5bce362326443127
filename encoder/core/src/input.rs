//! The kinds of image that an encoder takes of a track's sound, and how they are packed.

use crate::MEL_STEPS;
use crate::strobe::{BANDS, STEPS};

/// Value of a step of a patch's nibble: nibble v means log₁₀(1 + 10⁴ · power) = 0.4·v.
pub(crate) const PATCH_STEP: f32 = 0.4;

/// The kinds of image. All but powers are packed alike: band by band, lowest first, two time steps per byte, the even one in the
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
    /// 128 mel bands × 1280 frames of half a minute, the powers themselves at their own level: two bytes each, a half
    /// float, the lower byte first.
    Power,
}

impl Input {
    /// All kinds.
    pub const ALL: [Input; 4] = [Input::Strobe, Input::Mel, Input::Patch, Input::Power];

    /// Number of mel bands.
    pub const fn bands(self) -> usize {
        match self {
            Input::Strobe | Input::Mel | Input::Power => BANDS,
            Input::Patch => 96,
        }
    }

    /// Number of time steps.
    pub const fn steps(self) -> usize {
        match self {
            Input::Strobe => STEPS,
            Input::Mel | Input::Power => MEL_STEPS,
            Input::Patch => 186,
        }
    }

    /// Bytes of a packed image: 8,192, 81,920, 8,928 or 327,680.
    pub const fn bytes(self) -> usize {
        let values = self.bands() * self.steps();
        if self.is_power() { 2 * values } else { values / 2 }
    }

    /// Whether its values are powers in half floats, not levels of 4 bits.
    pub const fn is_power(self) -> bool {
        matches!(self, Input::Power)
    }

    /// The kind of image with this many bands and steps, of powers or of levels.
    pub fn of(bands: usize, steps: usize, power: bool) -> Option<Input> {
        let size = |input: &Input| (input.bands(), input.steps(), input.is_power());
        Input::ALL.into_iter().find(|input| size(input) == (bands, steps, power))
    }
}
