//! What every decoder keeps to.

/// The longest side of a picture that is decoded.
const LONGEST: usize = 8192;
/// The most pixels of one.
const MOST: usize = 36_000_000;

/// Checks the sides that a picture says to have.
///
/// # Errors
/// One line: it has no pixels, or too many.
pub(super) fn check(width: usize, height: usize) -> Result<(), String> {
    let pixels = width.saturating_mul(height);
    match pixels {
        0 => Err("it has no pixels".into()),
        _ if width > LONGEST || height > LONGEST || pixels > MOST => {
            Err(format!("{width}×{height} pixels are too many: at most {LONGEST} a side, {} million", MOST / 1_000_000))
        }
        _ => Ok(()),
    }
}

/// A level over black.
pub(super) fn faded(level: u8, alpha: u8) -> u8 {
    ((u16::from(level) * u16::from(alpha) + 127) / 255) as u8
}
