//! The image of powers: the mel spectrogram that the paper's authors trained on, at its own level.
//!
//! Mono at 22,050 Hz; STFT (2048, hop 512, periodic Hann, centred, zero-padded); power; 128 Slaney mel bands from 0 to
//! 11,025 Hz; the first 1280 frames: librosa's `feature.melspectrogram` of 29.7 s (`tests/mel.rs`). No decibels, no
//! normalising. Kept as half floats, whose steps are a 2,048th of the value or less; powers below 6·10⁻⁸ become 0.

use super::full::powers;

/// Bytes of a packed image.
pub const PACKED: usize = super::full::BANDS * super::full::STEPS * 2;

/// The packed image of powers of mono samples at 22,050 Hz: [`PACKED`] bytes, band-major, the lowest band first, each
/// value a half float with its lower byte first. `None` for silence, for an empty input, and if a sample is not finite.
pub fn power(samples_22k05: &[f32]) -> Option<Vec<u8>> {
    let image = powers(samples_22k05)?;
    Some(image.into_iter().flat_map(|power| half(power).to_le_bytes()).collect())
}

/// The half float nearest to a number that is not negative, at most 65,504.
pub fn half(value: f32) -> u16 {
    if value.is_nan() || value <= 0.0 {
        return 0;
    }
    if value >= 65_504.0 {
        return 0x7bff;
    }
    // Below 2⁻¹⁴ the steps are 2⁻²⁴ each; above, 1024 of them between two powers of 2. A rounding up to the next power
    // of 2 carries into the exponent.
    let exponent = ((value.to_bits() >> 23) as i32 - 127).max(-14);
    let steps = (value / 2f32.powi(exponent - 10)).round_ties_even() as i32;
    (((exponent + 14) << 10) + steps).clamp(0, 0x7bff) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::full::{BANDS, RATE, STEPS};

    #[test]
    fn half_floats_are_the_nearest() {
        let cases = [
            (0.0, 0x0000),
            (1.0, 0x3c00),
            (0.1, 0x2e66),
            (1000.3, 0x63d1),
            (65_000.0, 0x7bef),
            (1e9, 0x7bff),
            (2f32.powi(-24), 0x0001),
            (2f32.powi(-14), 0x0400),
            // Just under 2 rounds up to it.
            (1.999_99, 0x4000),
        ];
        for (value, bits) in cases {
            assert_eq!(half(value), bits, "{value}");
        }
        assert_eq!((half(f32::NAN), half(-1.0)), (0, 0));
    }

    #[test]
    fn the_level_is_kept() {
        let tone =
            |level: f32| -> Vec<f32> { (0..RATE as usize * 30).map(|i| level * (i as f32 * 0.1).sin()).collect() };
        let sum = |image: &[u8]| -> f64 {
            // Of a half float that is neither negative nor infinite; the smallest ones count as 0.
            let value = |b: &[u8]| match i32::from(b[1] >> 2) {
                0 => 0.0,
                exponent => {
                    let steps = 1024 + (i32::from(b[1] & 3) << 8) + i32::from(b[0]);
                    f64::from(steps) * 2f64.powi(exponent - 25)
                }
            };
            image.chunks_exact(2).map(value).sum()
        };
        let [loud, soft] = [0.5, 0.05].map(|level| power(&tone(level)).unwrap());
        assert_eq!(loud.len(), 2 * BANDS * STEPS);
        let ratio = sum(&loud) / sum(&soft);
        assert!((ratio - 100.0).abs() < 1.0, "20 dB are a hundred times the power, not {ratio}");
        assert_eq!(power(&vec![0.0; 1000]), None);
    }
}
