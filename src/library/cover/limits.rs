//! What every decoder keeps to.

use super::error::PictureError;

/// The longest side of a picture that is decoded.
const LONGEST: usize = 8192;
/// The most pixels of one.
const MOST: usize = 36_000_000;

/// Checks the sides that a picture says to have.
///
/// # Errors
/// It has no pixels, or too many.
pub(super) fn check(width: usize, height: usize) -> Result<(), PictureError> {
    let pixels = width.saturating_mul(height);
    match pixels {
        0 => Err(PictureError::Empty),
        _ if width > LONGEST || height > LONGEST || pixels > MOST => {
            Err(PictureError::TooLarge { width, height, side: LONGEST, millions: MOST / 1_000_000 })
        }
        _ => Ok(()),
    }
}

/// A level over black.
pub(super) fn faded(level: u8, alpha: u8) -> u8 {
    ((u16::from(level) * u16::from(alpha) + 127) / 255) as u8
}
