//! Synthetic images for testing an encoder, in addition to music or when there is none yet.

/// Number of images.
pub const IMAGES: usize = 8;

/// [`IMAGES`] packed images of so many bands and steps that differ as music does: in the slope of the spectrum, in how much of it is
/// tone and how much noise, in beat and in arrangement. Always the same ones.
pub fn images(bands: usize, steps: usize) -> Vec<Vec<u8>> {
    let mut random = fastrand::Rng::with_seed(1);
    let image = |n: usize| {
        let mut pixels = vec![0; bands * steps];
        for (at, pixel) in pixels.iter_mut().enumerate() {
            let (band, step) = (at / steps, at % steps);
            let slope = 220.0 - (0.4 + 0.15 * n as f32) * band as f32;
            let tone = if band % (5 + n) == 0 { 60.0 } else { 0.0 };
            let beat = if step % (2 + n) == 0 { 40.0 } else { 0.0 };
            let part = if step / (steps / 4).max(1) % 2 == n % 2 { -30.0 } else { 0.0 };
            let noise = random.f32() * 12.0 * n as f32;
            *pixel = (slope + tone + beat + part + noise - 50.0).clamp(0.0, 255.0) as u8;
        }
        pixels.chunks_exact(2).map(|pair| (pair[0] & 0xf0) | (pair[1] >> 4)).collect()
    };
    (0..IMAGES).map(image).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_differ_and_are_always_the_same() {
        for (bands, steps) in [(128, 128), (96, 186)] {
            let all = images(bands, steps);
            assert_eq!(all.len(), IMAGES);
            for (i, image) in all.iter().enumerate() {
                assert!(all[..i].iter().all(|other| other != image), "{i}");
                // Neither black nor white.
                let levels: std::collections::HashSet<u8> = image.iter().copied().collect();
                assert!(levels.len() > 8 && image.len() == bands * steps / 2, "{i}: {}", levels.len());
            }
            assert_eq!(all, images(bands, steps));
        }
    }
}
