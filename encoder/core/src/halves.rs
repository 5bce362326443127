//! Images of powers: IEEE 754 half floats, and how they become decibels.

/// The smallest power that decibels tell apart, as librosa's `amin`.
const LEAST: f32 = 1e-10;

/// A half float in single precision.
pub fn from_bits(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f32::from(bits & 0x3ff);
    match i32::from(bits >> 10 & 31) {
        0 => sign * fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        exponent => sign * (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}

/// Decibels of a power, at least −100.
pub fn decibels(power: f32) -> f32 {
    10.0 * power.max(LEAST).log10()
}

/// The powers of a packed image: two bytes each, the lower one first.
pub fn powers(image: &[u8]) -> impl Iterator<Item = f32> + '_ {
    image.chunks_exact(2).map(|b| from_bits(u16::from_le_bytes([b[0], b[1]])))
}
