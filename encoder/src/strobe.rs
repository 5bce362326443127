//! Strobe images (128 mel bands × 128 time steps at 4 bits), and the packing and standardisation of every kind of
//! image.

/// Mel bands of an image, band 0 the lowest.
pub const BANDS: usize = 128;
/// Time steps of an image.
pub const STEPS: usize = 128;
/// Bytes of a packed image.
pub const BYTES: usize = BANDS * STEPS / 2;

/// A packed image: 128 bands × 64 bytes, with the even time step in the high nibble; nibble v is the grey level 16·v +
/// 8 of 0..255.
pub type Strobe = [u8; BYTES];

/// The grey level of a nibble, 0 to 1.
pub(crate) fn grey(nibble: u8) -> f32 {
    (16.0 * f32::from(nibble & 15) + 8.0) / 255.0
}

/// Bytes of a packed image of 128 bands with this many time steps.
pub const fn bytes(steps: usize) -> usize {
    BANDS * steps / 2
}

/// The nibble of a band at a time step of an image of `steps` steps.
#[inline]
pub(crate) fn nibble(image: &[u8], steps: usize, band: usize, step: usize) -> u8 {
    let byte = image[band * (steps / 2) + step / 2];
    if step.is_multiple_of(2) { byte >> 4 } else { byte & 15 }
}

/// Mean and standard deviation of every band over a set of images, in grey levels of 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standard {
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
}

impl Standard {
    /// Measures packed images of `bands` × `steps`, concatenated.
    pub fn measure(images: &[u8], bands: usize, steps: usize) -> Standard {
        let (mut mean, mut std) = (vec![0.5; bands], vec![0.25; bands]);
        for band in 0..bands {
            let mut counts = [0u64; 16];
            for image in images.chunks_exact((bands * steps / 2).max(1)) {
                for byte in &image[band * (steps / 2)..(band + 1) * (steps / 2)] {
                    counts[usize::from(byte >> 4)] += 1;
                    counts[usize::from(byte & 15)] += 1;
                }
            }
            let total = counts.iter().sum::<u64>() as f64;
            if total > 0.0 {
                let moment = |f: &dyn Fn(f64) -> f64| {
                    (0..16).map(|v| counts[v] as f64 * f(f64::from(grey(v as u8)))).sum::<f64>() / total
                };
                let m = moment(&|g| g);
                mean[band] = m as f32;
                // A constant band must not be amplified.
                std[band] = (moment(&|g| (g - m) * (g - m)).sqrt() as f32).max(0.02);
            }
        }
        Standard { mean, std }
    }

    /// The standardised value of each of the sixteen nibbles, per band.
    pub fn table(&self) -> Vec<[f32; 16]> {
        (0..self.mean.len()).map(|b| std::array::from_fn(|v| (grey(v as u8) - self.mean[b]) / self.std[b])).collect()
    }
}

/// Appends an image's standardised values, band by band.
pub(crate) fn unpack(image: &[u8], table: &[[f32; 16]], out: &mut Vec<f32>) {
    for (row, levels) in image.chunks_exact((image.len() / table.len().max(1)).max(1)).zip(table) {
        for byte in row {
            out.push(levels[usize::from(byte >> 4)]);
            out.push(levels[usize::from(byte & 15)]);
        }
    }
}
