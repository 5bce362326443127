//! Whether an encoder's output is usable at all: finite and varied numbers, whatever they mean.

use thiserror::Error;

use super::Latent;

/// Numbers of a latent above this are rejected: trained dimensions have a variance of 1, and their squares are summed
/// in single precision.
pub const LARGEST: f32 = 1e6;
/// Relative tolerance (absolute for numbers below 1) within which values count as equal.
const SAME: f32 = 1e-6;

/// Whether all numbers (of a latent, its spread or its genre probabilities) are finite and not huge.
pub fn usable(numbers: &[f32]) -> bool {
    numbers.iter().all(|x| x.abs() <= LARGEST)
}

/// Why an encoder's output is not usable. Its `Display` form is one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SoundnessError {
    /// Some output is not finite, or is huge.
    #[error("its output for {bad} of {images} images is unusable (not finite, or huge)")]
    Unusable {
        /// Number of images with such output.
        bad: usize,
        /// Number of all images.
        images: usize,
    },
    /// The output does not depend on the image.
    #[error("its output is the same for {images} different images")]
    Same {
        /// Number of images.
        images: usize,
    },
}

/// Checks an encoder's output for different images, at least two.
///
/// # Errors
/// When some output is not finite or is huge, or all images give the same output.
pub fn check(heard: &[Latent]) -> Result<(), SoundnessError> {
    let images = heard.len();
    let bad = heard.iter().filter(|latent| !usable(*latent)).count();
    if bad > 0 {
        return Err(SoundnessError::Unusable { bad, images });
    }
    let varies = |d: usize| {
        let of = |f: fn(f32, f32) -> f32, start| heard.iter().map(|latent| latent[d]).fold(start, f);
        let (low, high) = (of(f32::min, f32::INFINITY), of(f32::max, f32::NEG_INFINITY));
        high - low > SAME * high.abs().max(low.abs()).max(1.0)
    };
    if !(0..super::DIMS).any(varies) {
        return Err(SoundnessError::Same { images });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::DIMS;

    fn heard() -> Vec<Latent> {
        (0..9).map(|i| std::array::from_fn(|d| (i * (d + 1) % 7) as f32 - 3.0)).collect()
    }

    #[test]
    fn numbers_that_differ_are_sound() {
        assert_eq!(check(&heard()), Ok(()));
        let mut one_dimension = vec![[2.0; DIMS]; 9];
        one_dimension[4][31] = 2.1;
        assert_eq!(check(&one_dimension), Ok(()));
    }

    #[test]
    fn what_is_no_number_or_always_the_same_is_not() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38, -1e7] {
            let mut some = heard();
            some[3][17] = bad;
            assert!(check(&some).unwrap_err().to_string().contains("1 of 9 images"), "{bad}");
        }
        assert!(check(&[[0.5; DIMS]; 9]).unwrap_err().to_string().contains("the same for 9"));
        let mut nearly = vec![[900.0; DIMS]; 9];
        nearly[2][0] += 1e-4;
        assert!(check(&nearly).is_err());
    }
}
