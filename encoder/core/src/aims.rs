//! What the heads of a training are to guess of a clip ([`crate::heads`]): its image, averaged to a few numbers, and its
//! descriptors, each in units of its spread over the training clips.

use crate::coarse::Coarse;
use crate::heads::{Guessed, PIXELS};
use crate::job::{Clips, Config};
use crate::strobe::Standard;

/// See the module documentation. Empty parts belong to heads that do not exist.
#[derive(Clone, Debug)]
pub(crate) struct Aims {
    coarse: Option<Coarse>,
    /// The coarse images of the training clips, `[clips, 16, 32]`, where every step shows them as they are; else empty.
    kept: Vec<f32>,
    /// Mean and standard deviation of each descriptor; `None` where it is known of fewer than two clips, or does not
    /// differ between them: it is unknown of all clips then.
    descriptors: Vec<Option<[f64; 2]>>,
    /// How many descriptors of a training clip are known, on average.
    pub known_per_clip: f64,
    /// What the heads would have to guess of each validation clip.
    pub validation: Vec<Guessed>,
}

impl Aims {
    /// Measured on the training clips, without augmentation. `standard` is what the network's input is standardised by.
    pub fn of(config: &Config, [training, validation]: [&Clips; 2], standard: &Standard) -> Aims {
        let (coarse, kept) = (config.decode > 0.0).then(|| Coarse::of(config, training, standard)).unzip();
        let kept = kept.unwrap_or_default();
        let wide = if config.describe > 0.0 { training.descriptor_names.len() } else { 0 };
        let descriptors: Vec<_> = (0..wide).map(|d| scale(training, d)).collect();
        let all = training.descriptors.iter().zip(descriptors.iter().cycle());
        let known = all.filter(|(x, scale)| scale.is_some() && x.is_finite()).count();
        let known_per_clip = known as f64 / training.len().max(1) as f64;
        let mut aims = Aims { coarse, kept, descriptors, known_per_clip, validation: Vec::new() };
        aims.validation = aims.clips(validation);
        aims
    }

    /// Number of descriptors, 0 without the head.
    pub fn width(&self) -> usize {
        self.descriptors.len()
    }

    /// Whether there is a descriptor to learn.
    pub fn describes(&self) -> bool {
        self.descriptors.iter().any(Option::is_some)
    }

    /// The coarse images of the training clips that a step shows in so many views, `[views · n, 16, 32]`; `seen` is what the
    /// network sees of them, `[views · n, bands, steps]`. Over the training clips every coarse band has mean 0 and variance 1,
    /// so that the mean square is 1: the error of whoever guesses each band's mean. Empty without the head.
    pub fn images(&self, picked: &[usize], views: usize, seen: &[f32]) -> Vec<f32> {
        let Some(coarse) = &self.coarse else { return Vec::new() };
        if self.kept.is_empty() {
            return coarse.standardised(coarse.seen(seen));
        }
        let own = |i: &usize| &self.kept[i * PIXELS..(i + 1) * PIXELS];
        picked.iter().flat_map(own).copied().collect::<Vec<f32>>().repeat(views)
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

    /// What the heads would have to guess of clips as they are.
    fn clips(&self, clips: &Clips) -> Vec<Guessed> {
        let images = self.coarse.as_ref().map_or_else(Vec::new, |c| c.standardised(c.means(clips, 0..clips.len())));
        let one = |clip: usize| {
            let image = images.get(clip * PIXELS..(clip + 1) * PIXELS).unwrap_or_default().to_vec();
            let mut descriptors = Vec::new();
            self.descriptors(clips, clip, &mut descriptors);
            Guessed { image, descriptors }
        };
        (0..clips.len()).map(one).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Input;
    use crate::heads::{BANDS, STEPS};
    use crate::kernels::threads;
    use crate::recipe::Levels;
    use crate::strobe::Reader;

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
            let aims = Aims::of(&config, [&clips, &clips], &standard);
            let all: Vec<f32> = aims.validation.iter().flat_map(|own| own.image.clone()).collect();
            for band in 0..BANDS {
                let own = || all.chunks_exact(STEPS).skip(band).step_by(BANDS).flatten().map(|x| f64::from(*x));
                let n = own().count() as f64;
                let (mean, square) = (own().sum::<f64>() / n, own().map(|x| x * x).sum::<f64>() / n);
                assert!(n == 160.0 && mean.abs() < 1e-4 && (square - 1.0).abs() < 1e-3, "{levels} {band}: {square}");
            }
        }
    }

    #[test]
    fn images_that_are_kept_are_those_of_what_a_step_shows() {
        for levels in [Levels::Log, Levels::Power] {
            let clips = clips(Input::Power, 7);
            let mut config = Config { decode: 1.0, ..Config::default() };
            config.recipe.input = levels;
            let standard = || Standard::of(levels, &clips.strobes, clips.bands, clips.steps);
            let of = |config: &Config, allowed: usize| {
                threads::with(allowed, || Aims::of(config, [&clips, &clips], &standard()))
            };
            let (kept, same) = (of(&config, 1), of(&config, 3));
            assert_eq!((&kept.kept, &kept.validation), (&same.kept, &same.validation), "on any number of threads");
            config.augment.mixup = 0.2;
            let computed = of(&config, 2);
            assert_eq!((kept.kept.len(), computed.kept.len()), (7 * PIXELS, 0));
            let (picked, mut seen, reader) = ([4, 0, 6], Vec::new(), Reader::new(levels, &standard()));
            picked.iter().cycle().take(6).for_each(|i| reader.read(clips.image(*i), &mut seen));
            let images = kept.images(&picked, 2, &seen);
            assert_eq!(images, computed.images(&picked, 2, &seen));
            assert_eq!(images[3 * PIXELS..4 * PIXELS], kept.validation[4].image);
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
        let standard = Standard { mean: Vec::new(), std: Vec::new() };
        let aims = Aims::of(&config, [&clips, &Clips::default()], &standard);
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
        let none = Aims::of(&Config::default(), [&clips, &Clips::default()], &standard);
        assert!(!none.describes() && none.images(&[0], 1, &[0.0; 64]).is_empty());
    }
}
