//! Coarse images, which the decoder of a training guesses ([`crate::heads`]): 16 bands × 32 steps, each number the mean over a
//! block of an image that the network sees, of decibels where it sees powers; in units of the training clips' spread.

use std::ops::Range;

use crate::halves;
use crate::heads::{BANDS, PIXELS, STEPS};
use crate::job::{Clips, Config};
use crate::kernels::threads;
use crate::recipe::Levels;
use crate::strobe::{Reader, Standard};

/// The least spread of a band over the training clips, in units of the network's input: a band that hardly ever changes
/// is not worth more than others.
const LEAST: f64 = 0.01;
/// Clips whose images are averaged at a time: where they are not kept, those of all clips need not fit into memory.
const AT_ONCE: usize = 1024;

/// See the module documentation.
#[derive(Clone, Debug)]
pub(crate) struct Coarse {
    bands: usize,
    steps: usize,
    reader: Reader,
    /// Of powers, which the network sees as they are, the mean and standard deviation of each band's decibels; `None`
    /// where the network sees standardised values.
    decibels: Option<Standard>,
    /// Mean and standard deviation of each coarse band.
    scale: [[f64; 2]; BANDS],
}

impl Coarse {
    /// Its scale is that of the training clips. Returns their coarse images too if all steps show the clips as they are:
    /// images of powers, which are not augmented, unless they are mixed or have variants.
    pub fn of(config: &Config, clips: &Clips, standard: &Standard) -> (Coarse, Vec<f32>) {
        let (levels, bands, steps) = (config.recipe.input, clips.bands, clips.steps);
        let decibels = (levels == Levels::Power).then(|| Standard::of(Levels::Log, &clips.strobes, bands, steps));
        let reader = Reader::new(levels, standard);
        let mut coarse = Coarse { bands, steps, reader, decibels, scale: [[0.0, 1.0]; BANDS] };
        let keeps = levels != Levels::Log4 && config.augment.mixup == 0.0 && clips.variants.is_empty();
        let (mut kept, mut sums) = (Vec::new(), [[0.0f64; 2]; BANDS]);
        for from in (0..clips.len()).step_by(AT_ONCE) {
            let means = coarse.means(clips, from..(from + AT_ONCE).min(clips.len()));
            for image in means.chunks_exact(PIXELS) {
                for (row, [sum, squares]) in image.chunks_exact(STEPS).zip(&mut sums) {
                    *sum += row.iter().map(|x| f64::from(*x)).sum::<f64>();
                    *squares += row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
                }
            }
            if keeps {
                kept.extend(means);
            }
        }
        let n = (clips.len() * STEPS).max(1) as f64;
        coarse.scale = sums.map(|[sum, squares]| {
            let mean = sum / n;
            [mean, (squares / n - mean * mean).max(0.0).sqrt().max(LEAST)]
        });
        let kept = coarse.standardised(kept);
        (coarse, kept)
    }

    /// The means over the blocks of clips as they are, `[n, 16, 32]`, worked out on as many threads as are allowed.
    pub fn means(&self, clips: &Clips, some: Range<usize>) -> Vec<f32> {
        let one = |seen: &mut Vec<f32>, clip: usize| {
            seen.clear();
            self.reader.read(clips.image(clip), seen);
            self.averaged(seen)
        };
        threads::each(some.collect(), threads::allowed(), Vec::new, one).concat()
    }

    /// The same of images that the network sees, `[n, bands, steps]`.
    pub fn seen(&self, images: &[f32]) -> Vec<f32> {
        images.chunks_exact((self.bands * self.steps).max(1)).flat_map(|image| self.averaged(image)).collect()
    }

    fn averaged(&self, image: &[f32]) -> Vec<f32> {
        let Some(Standard { mean, std }) = &self.decibels else { return blocks(image, [self.bands, self.steps]) };
        let rows = image.chunks_exact(self.steps.max(1)).zip(mean.iter().zip(std));
        let level = |p: &f32, mean: f32, std: f32| (halves::decibels(*p) - mean) / std;
        let levels: Vec<f32> = rows.flat_map(|(row, (m, s))| row.iter().map(move |p| level(p, *m, *s))).collect();
        blocks(&levels, [self.bands, self.steps])
    }

    /// These means in units of the training clips' spread.
    pub fn standardised(&self, mut means: Vec<f32>) -> Vec<f32> {
        for (row, [mean, std]) in means.chunks_exact_mut(STEPS).zip(self.scale.iter().cycle()) {
            row.iter_mut().for_each(|x| *x = ((f64::from(*x) - mean) / std) as f32);
        }
        means
    }
}

/// The means over 16 × 32 blocks of an image that are as equal as its size allows: 186 steps make blocks of 5 or 6.
fn blocks(image: &[f32], [bands, steps]: [usize; 2]) -> Vec<f32> {
    let mut out = vec![0.0f32; PIXELS];
    for (band, row) in out.chunks_exact_mut(STEPS).enumerate() {
        let lines = band * bands / BANDS..(band + 1) * bands / BANDS;
        for line in lines.clone() {
            let values = &image[line * steps..(line + 1) * steps];
            for (step, sum) in row.iter_mut().enumerate() {
                *sum += values[step * steps / STEPS..(step + 1) * steps / STEPS].iter().sum::<f32>();
            }
        }
        for (step, sum) in row.iter_mut().enumerate() {
            let size = lines.len() * ((step + 1) * steps / STEPS - step * steps / STEPS);
            *sum /= size.max(1) as f32;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_an_image_of_any_size() {
        for [bands, steps] in [[64, 64], [128, 128], [128, 1280], [96, 186]] {
            // The sum of each band's own number and of the step's place, from 0 to 1.
            let image: Vec<f32> =
                (0..bands * steps).map(|i| (i / steps) as f32 + (i % steps) as f32 / steps as f32).collect();
            let means = blocks(&image, [bands, steps]);
            let high = bands / BANDS;
            for (i, mean) in means.iter().enumerate() {
                let (band, step) = (i / STEPS, i % STEPS);
                let (from, to) = (step * steps / STEPS, (step + 1) * steps / STEPS);
                let expected =
                    (band * high) as f32 + (high - 1) as f32 / 2.0 + (from + to - 1) as f32 / 2.0 / steps as f32;
                assert!(
                    (mean - expected).abs() < 1e-3 * expected.max(1.0),
                    "{bands} × {steps}, {i}: {mean} {expected}"
                );
            }
        }
    }
}
