//! Strobe images (128 mel bands × 128 time steps at 4 bits), and the packing and standardisation of every kind of
//! image.

use crate::halves;
use crate::kernels::threads;
use crate::recipe::Levels;

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

/// The least standard deviation that a band is taken to have, so that a constant band is not amplified: in grey levels,
/// and in decibels.
const LEAST: f32 = 0.02;
const LEAST_DECIBELS: f32 = 1.0;

/// Bytes of an image with this many values.
pub(crate) fn bytes_of(levels: Levels, values: usize) -> usize {
    if levels == Levels::Log4 { values / 2 } else { 2 * values }
}

/// Mean and standard deviation of every band over a set of images: in grey levels of 0 to 1, or in decibels; 0 and 1 for
/// powers, which are not standardised.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standard {
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
}

impl Standard {
    /// Measures images of `bands` × `steps`, concatenated.
    pub fn of(levels: Levels, images: &[u8], bands: usize, steps: usize) -> Standard {
        match levels {
            Levels::Log4 => Standard::measure(images, bands, steps),
            Levels::Log => Standard::decibels(images, bands, steps),
            Levels::Power => Standard { mean: vec![0.0; bands], std: vec![1.0; bands] },
        }
    }

    /// Measures the decibels of images of powers, band by band.
    fn decibels(images: &[u8], bands: usize, steps: usize) -> Standard {
        let row = (2 * steps).max(1);
        let one = |_: &mut (), band: usize| {
            let (mut sum, mut squares) = (0.0f64, 0.0f64);
            for image in images.chunks_exact((bands * row).max(1)) {
                for db in halves::powers(&image[band * row..(band + 1) * row]).map(|p| f64::from(halves::decibels(p))) {
                    sum += db;
                    squares += db * db;
                }
            }
            (sum, squares)
        };
        let (sums, squares): (Vec<f64>, Vec<f64>) =
            threads::each((0..bands).collect(), threads::allowed(), || (), one).into_iter().unzip();
        let n = (images.len() / (bands * row).max(1) * steps).max(1) as f64;
        let mean: Vec<f64> = sums.iter().map(|s| s / n).collect();
        let std = squares.iter().zip(&mean).map(|(s, m)| (s / n - m * m).max(0.0).sqrt() as f32);
        let std = std.map(|s| s.max(LEAST_DECIBELS)).collect();
        Standard { mean: mean.into_iter().map(|m| m as f32).collect(), std }
    }

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
                std[band] = (moment(&|g| (g - m) * (g - m)).sqrt() as f32).max(LEAST);
            }
        }
        Standard { mean, std }
    }

    /// The standardised value of each of the sixteen nibbles, per band.
    pub fn table(&self) -> Vec<[f32; 16]> {
        (0..self.mean.len()).map(|b| std::array::from_fn(|v| (grey(v as u8) - self.mean[b]) / self.std[b])).collect()
    }
}

/// Turns images into what the network sees.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    levels: Levels,
    /// For 4-bit images, the value of each of the sixteen nibbles, per band.
    pub table: Vec<[f32; 16]>,
    standard: Standard,
}

impl Reader {
    pub fn new(levels: Levels, standard: &Standard) -> Reader {
        Reader { levels, table: standard.table(), standard: standard.clone() }
    }

    /// Appends an image's standardised values, band by band.
    pub fn read(&self, image: &[u8], out: &mut Vec<f32>) {
        if self.levels == Levels::Log4 {
            return unpack(image, &self.table, out);
        }
        let bands = self.standard.mean.len().max(1);
        let scale = self.standard.mean.iter().zip(&self.standard.std);
        for (row, (mean, std)) in image.chunks_exact((image.len() / bands).max(1)).zip(scale) {
            match self.levels {
                Levels::Log => out.extend(halves::powers(row).map(|p| (halves::decibels(p) - mean) / std)),
                _ => out.extend(halves::powers(row)),
            }
        }
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
