//! What the heads of a training are to guess of a clip ([`crate::heads`]): its image, averaged to a few numbers, and its
//! descriptors, each in units of its spread over the training clips.

use crate::halves;
use crate::heads::{BANDS, Guessed, PIXELS, STEPS};
use crate::job::{Clips, Config};
use crate::recipe::Levels;
use crate::strobe::{Reader, Standard};

/// The least spread of a band over the training clips, in units of the network's input: a band that hardly ever changes
/// is not worth more than others.
const LEAST: f64 = 0.01;

/// See the module documentation. Empty parts belong to heads that do not exist.
#[derive(Clone, Debug)]
pub(crate) struct Aims {
    coarse: Option<Coarse>,
    /// Mean and standard deviation of each descriptor; `None` where it is known of fewer than two clips, or does not
    /// differ between them: it is unknown of all clips then.
    descriptors: Vec<Option<[f64; 2]>>,
    /// How many descriptors of a training clip are known, on average.
    pub known_per_clip: f64,
}

/// How an image becomes a coarse one.
#[derive(Clone, Debug)]
struct Coarse {
    bands: usize,
    steps: usize,
    /// Of powers, which the network sees as they are, the mean and standard deviation of each band's decibels; `None`
    /// where the network sees standardised values.
    decibels: Option<Standard>,
    /// Mean and standard deviation of each coarse band.
    scale: [[f64; 2]; BANDS],
}

impl Aims {
    /// Measured on the training clips, without augmentation. `standard` is what the network's input is standardised by.
    pub fn of(config: &Config, clips: &Clips, standard: &Standard) -> Aims {
        let coarse = (config.decode > 0.0).then(|| Coarse::of(config.recipe.input, clips, standard));
        let wide = if config.describe > 0.0 { clips.descriptor_names.len() } else { 0 };
        let descriptors: Vec<_> = (0..wide).map(|d| scale(clips, d)).collect();
        let all = clips.descriptors.iter().zip(descriptors.iter().cycle());
        let known = all.filter(|(x, scale)| scale.is_some() && x.is_finite()).count();
        Aims { coarse, descriptors, known_per_clip: known as f64 / clips.len().max(1) as f64 }
    }

    /// Number of descriptors, 0 without the head.
    pub fn width(&self) -> usize {
        self.descriptors.len()
    }

    /// Whether there is a descriptor to learn.
    pub fn describes(&self) -> bool {
        self.descriptors.iter().any(Option::is_some)
    }

    /// The coarse images of what the network sees, `[n, bands, steps]` → `[n, 16, 32]`: means over blocks of bands and
    /// steps, of decibels for powers. Over the training clips every coarse band has mean 0 and variance 1, so that the
    /// mean square is 1: the error of whoever guesses each band's mean. Empty without the head.
    pub fn images(&self, seen: &[f32]) -> Vec<f32> {
        let Some(coarse) = &self.coarse else { return Vec::new() };
        let mut out = Vec::with_capacity(seen.len() / (coarse.bands * coarse.steps).max(1) * PIXELS);
        for image in seen.chunks_exact((coarse.bands * coarse.steps).max(1)) {
            let means = coarse.averaged(image);
            for (row, [mean, std]) in means.chunks_exact(STEPS).zip(coarse.scale) {
                out.extend(row.iter().map(|x| ((f64::from(*x) - mean) / std) as f32));
            }
        }
        out
    }

    /// Appends the standardised descriptors of a clip, NaN where unknown; nothing without the head.
    pub fn descriptors(&self, clips: &Clips, clip: usize, out: &mut Vec<f32>) {
        let wide = self.descriptors.len();
        let own = clips.descriptors.get(clip * wide..(clip + 1) * wide).unwrap_or_default();
        out.extend(own.iter().zip(&self.descriptors).map(|(x, scale)| match scale {
            Some([mean, std]) if x.is_finite() => ((f64::from(*x) - mean) / std) as f32,
            _ => f32::NAN,
        }));
    }

    /// What the heads would have to guess of a clip as it is.
    pub fn clip(&self, clips: &Clips, clip: usize, reader: &Reader) -> Guessed {
        let (mut seen, mut descriptors) = (Vec::new(), Vec::new());
        if self.coarse.is_some() {
            reader.read(clips.image(clip), &mut seen);
        }
        self.descriptors(clips, clip, &mut descriptors);
        Guessed { image: self.images(&seen), descriptors }
    }
}

/// Mean and standard deviation of a descriptor over the clips of which it is known.
fn scale(clips: &Clips, descriptor: usize) -> Option<[f64; 2]> {
    let wide = clips.descriptor_names.len();
    let own = clips.descriptors.iter().skip(descriptor).step_by(wide.max(1));
    let known: Vec<f64> = own.filter(|x| x.is_finite()).map(|x| f64::from(*x)).collect();
    let n = known.len().max(1) as f64;
    let mean = known.iter().sum::<f64>() / n;
    let std = (known.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    // Equal values differ from their mean by rounding.
    (known.len() >= 2 && std > 1e-6 * mean.abs() && std > 0.0).then_some([mean, std])
}

impl Coarse {
    fn of(levels: Levels, clips: &Clips, standard: &Standard) -> Coarse {
        let (bands, steps) = (clips.bands, clips.steps);
        let decibels =
            (levels == Levels::Power).then(|| Standard::of(Levels::Log, &clips.strobes, clips.bands, clips.steps));
        let mut coarse = Coarse { bands, steps, decibels, scale: [[0.0, 1.0]; BANDS] };
        let (reader, mut seen) = (Reader::new(levels, standard), Vec::new());
        let mut sums = [[0.0f64; 2]; BANDS];
        for clip in 0..clips.len() {
            seen.clear();
            reader.read(clips.image(clip), &mut seen);
            for (row, [sum, squares]) in coarse.averaged(&seen).chunks_exact(STEPS).zip(&mut sums) {
                *sum += row.iter().map(|x| f64::from(*x)).sum::<f64>();
                *squares += row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
            }
        }
        let n = (clips.len() * STEPS).max(1) as f64;
        coarse.scale = sums.map(|[sum, squares]| {
            let mean = sum / n;
            [mean, (squares / n - mean * mean).max(0.0).sqrt().max(LEAST)]
        });
        coarse
    }

    /// The means over blocks of an image that the network sees.
    fn averaged(&self, image: &[f32]) -> Vec<f32> {
        let Some(Standard { mean, std }) = &self.decibels else { return blocks(image, [self.bands, self.steps]) };
        let rows = image.chunks_exact(self.steps.max(1)).zip(mean.iter().zip(std));
        let level = |p: &f32, mean: f32, std: f32| (halves::decibels(*p) - mean) / std;
        let levels: Vec<f32> = rows.flat_map(|(row, (m, s))| row.iter().map(move |p| level(p, *m, *s))).collect();
        blocks(&levels, [self.bands, self.steps])
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
    use crate::Input;

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

    /// Clips of random half floats or nibbles.
    fn clips(input: Input, n: usize) -> Clips {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut clips = Clips::of(input);
        if clips.power {
            (clips.bands, clips.steps) = (64, 64);
        }
        for _ in 0..n * clips.bytes() / 2 {
            let value = if clips.power { 0x1000 + rng.u16(0..0x3400) } else { rng.u16(..) };
            clips.strobes.extend(value.to_le_bytes());
        }
        clips.genres = vec![0; n];
        clips
    }

    #[test]
    fn the_mean_square_of_the_training_clips_is_one() {
        for (levels, input) in
            [(Levels::Log4, Input::Patch), (Levels::Log, Input::Power), (Levels::Power, Input::Power)]
        {
            let clips = clips(input, 5);
            let mut config = Config { decode: 1.0, ..Config::default() };
            config.recipe.input = levels;
            let standard = Standard::of(levels, &clips.strobes, clips.bands, clips.steps);
            let (aims, reader) = (Aims::of(&config, &clips, &standard), Reader::new(levels, &standard));
            let all: Vec<f32> = (0..5).flat_map(|i| aims.clip(&clips, i, &reader).image).collect();
            for band in 0..BANDS {
                let own = || all.chunks_exact(STEPS).skip(band).step_by(BANDS).flatten().map(|x| f64::from(*x));
                let n = own().count() as f64;
                let (mean, square) = (own().sum::<f64>() / n, own().map(|x| x * x).sum::<f64>() / n);
                assert!(n == 160.0 && mean.abs() < 1e-4 && (square - 1.0).abs() < 1e-3, "{levels} {band}: {square}");
            }
        }
    }

    #[test]
    fn descriptors_are_standardised_where_they_are_known() {
        let nan = f32::NAN;
        let clips = Clips {
            genres: vec![0; 4],
            descriptor_names: ["a", "b", "c", "d"].map(String::from).to_vec(),
            descriptors: vec![1.0, nan, 7.0, nan, 3.0, 5.0, 7.0, nan, nan, nan, 7.0, nan, 5.0, nan, 7.0, nan],
            ..Clips::default()
        };
        let config = Config { describe: 1.0, ..Config::default() };
        let aims = Aims::of(&config, &clips, &Standard { mean: Vec::new(), std: Vec::new() });
        let of = |clip: usize| {
            let mut out = Vec::new();
            aims.descriptors(&clips, clip, &mut out);
            out
        };
        // 1, 3 and 5 have a standard deviation of √(8/3).
        let one = (2.0 / (8.0f64 / 3.0).sqrt()) as f32;
        assert!((of(0)[0] + one).abs() < 1e-6 && of(1)[0].abs() < 1e-6 && (of(3)[0] - one).abs() < 1e-6);
        assert!(of(2)[0].is_nan(), "unknown");
        // One clip says nothing, equal ones neither.
        assert!((0..4).all(|clip| of(clip)[1..].iter().all(|x| x.is_nan())));
        assert!(aims.describes() && aims.known_per_clip == 0.75);
        let none = Aims::of(&Config::default(), &clips, &Standard { mean: Vec::new(), std: Vec::new() });
        assert!(!none.describes() && none.images(&[0.0; 64]).is_empty());
    }
}
