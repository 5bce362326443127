//! Processing of one shard of a batch: images, loss and gradients.

use anyhow::Result;
use burn::tensor::backend::{AutodiffBackend, Backend};
use burn::tensor::{Tensor, TensorData, activation};

use crate::DIMS;
use crate::aims::Aims;
use crate::arch::Arch;
use crate::augment::mix;
use crate::encode::{numbers, place};
use crate::heads::PIXELS;
use crate::job::{Clips, Config};
use crate::kernels::Kernels;
use crate::losses::Losses;
use crate::net::{Noise, Tracked};
use crate::pairs::Pairs;
use crate::parameters::Parameters;
use crate::recipe::Levels;
use crate::strobe::{Reader, Standard};

/// Number of losses that a step returns besides its gradients.
const LOSSES: usize = 10;

/// The training data of one shard.
struct Shard {
    n: usize,
    images: Vec<f32>,
    /// `[n, genres]`; each row sums to 1.
    genres: Vec<f32>,
    /// `[n, teacher]`
    teacher: Vec<f32>,
    /// `[n, tags]`, probabilities
    tags: Vec<f32>,
    /// The dropout mask, `[n, features]`: 0, or 1 over the share kept.
    drop: Vec<f32>,
    /// The share that each clip keeps of itself; the rest is of the next clip.
    shares: Vec<f32>,
}

fn prepare(
    arch: &Arch,
    clips: &Clips,
    picked: &[usize],
    config: &Config,
    standard: &Standard,
    rng: &mut fastrand::Rng,
    threads: usize,
) -> Shard {
    let (views, size) = (config.views(), clips.bands * clips.steps);
    let n = views * picked.len();
    let mut images = Vec::with_capacity(n * size);
    let mut genres = Vec::with_capacity(n * arch.genres);
    let mut teacher = Vec::with_capacity(n * arch.teacher);
    let mut tags = Vec::with_capacity(n * arch.tags);
    // Both views of a clip are mixed with the same other clip and share.
    let shares: Vec<f32> = picked.iter().map(|_| config.augment.share(rng)).collect();
    for _ in 0..views {
        let at = [images.len(), genres.len(), teacher.len(), tags.len()];
        draw(clips, picked, config, standard, rng, threads, &mut images);
        for &i in picked {
            let rest = config.smoothing / arch.genres.max(1) as f32;
            let own = usize::from(clips.genres[i]);
            let target = |g: usize| match clips.targets.get(i * arch.genres + g) {
                Some(share) => *share,
                None => f32::from(u8::from(g == own)),
            };
            genres.extend((0..arch.genres).map(|g| rest + (1.0 - config.smoothing) * target(g)));
            teacher.extend_from_slice(&clips.teacher[i * arch.teacher..(i + 1) * arch.teacher]);
            tags.extend(clips.logits[i * arch.tags..(i + 1) * arch.tags].iter().map(|l| 1.0 / (1.0 + (-l).exp())));
        }
        mix(&mut images[at[0]..], size, &shares);
        mix(&mut genres[at[1]..], arch.genres, &shares);
        mix(&mut teacher[at[2]..], arch.teacher, &shares);
        mix(&mut tags[at[3]..], arch.tags, &shares);
    }
    let keep = 1.0 - config.dropout;
    let drop = if config.dropout > 0.0 {
        (0..n * arch.features()).map(|_| if rng.f32() < keep { 1.0 / keep } else { 0.0 }).collect()
    } else {
        Vec::new()
    };
    Shard { n, images, genres, teacher, tags, drop, shares }
}

/// Appends the augmented images of the picked clips. With several threads, each clip has its own random numbers, so
/// that the result does not depend on the timing of threads.
fn draw(
    clips: &Clips,
    picked: &[usize],
    config: &Config,
    standard: &Standard,
    rng: &mut fastrand::Rng,
    threads: usize,
    images: &mut Vec<f32>,
) {
    if config.recipe.input != Levels::Log4 {
        // Images of powers are not augmented.
        let reader = Reader::new(config.recipe.input, standard);
        picked.iter().for_each(|&i| reader.read(clips.drawn(i, rng), images));
        return;
    }
    if threads < 2 {
        picked.iter().for_each(|&i| config.augment.apply(clips.drawn(i, rng), standard, rng, images));
        return;
    }
    let seeded: Vec<(usize, u64)> = picked.iter().map(|&i| (i, rng.u64(..))).collect();
    let one = |part: &[(usize, u64)]| {
        let mut out = Vec::with_capacity(part.len() * clips.bands * clips.steps);
        for &(i, seed) in part {
            let rng = &mut fastrand::Rng::with_seed(seed);
            config.augment.apply(clips.drawn(i, rng), standard, rng, &mut out);
        }
        out
    };
    let one = &one;
    std::thread::scope(|scope| {
        let parts = seeded.chunks(seeded.len().div_ceil(threads).max(1));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || one(part))).collect();
        for thread in threads {
            match thread.join() {
                Ok(part) => images.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
}

/// The descriptors that a shard's clips are to be guessed to have, `[n, descriptors]`, NaN where unknown: a mixed clip's
/// are known if those of both its parts are.
fn described(aims: &Aims, clips: &Clips, picked: &[usize], views: usize, shares: &[f32]) -> Vec<f32> {
    let mut rows = Vec::new();
    picked.iter().for_each(|&i| aims.descriptors(clips, i, &mut rows));
    mix(&mut rows, aims.width(), shares);
    rows.repeat(views)
}

/// The squared differences of what is known from `own`, which is NaN elsewhere, as a sum over the rows divided by their number
/// and by `known`, how many values of a row are known on average. Means over shards, weighted by their clips, are then the
/// mean over all that is known: a clip's weight does not depend on how much is known of those beside it.
fn apart<B: Backend>(said: Tensor<B, 2>, mut own: Vec<f32>, known: f64) -> Tensor<B, 1> {
    let (shape, device) = (said.dims(), said.device());
    let there: Vec<f32> = own.iter().map(|x| f32::from(u8::from(x.is_finite()))).collect();
    own.iter_mut().filter(|x| !x.is_finite()).for_each(|x| *x = 0.0);
    let [own, there] = [own, there].map(|values| Tensor::<B, 2>::from_data(TensorData::new(values, shape), &device));
    let off = (said - own) * there;
    (off.clone() * off).sum().div_scalar(shape[0] as f64 * known)
}

/// The cosine similarities of all pairs of rows, `[n, n]`.
fn cosines<B: Backend>(x: Tensor<B, 2>) -> Tensor<B, 2> {
    let length = (x.clone() * x.clone()).sum_dim(1).add_scalar(1e-9).sqrt();
    let x = x / length;
    x.clone().matmul(x.transpose())
}

/// Cosines are multiplied by this before they are compared: the inverse of InfoNCE's temperature.
const SHARPNESS: f32 = 20.0;

/// What all shards of a step share.
pub(crate) struct Lesson<'a, A: AutodiffBackend> {
    pub arch: Arch,
    pub clips: &'a Clips,
    pub config: &'a Config,
    pub standard: &'a Standard,
    pub aims: &'a Aims,
    pub device: &'a A::Device,
    /// Number of threads that prepare a shard's images.
    pub threads: usize,
}

impl<A: AutodiffBackend + Kernels> Lesson<'_, A> {
    /// The losses of the picked clips and their gradients, as means over the shard; and, if statistics are averaged over
    /// the steps, mean and variance of each normalised layer in turn, else nothing.
    pub fn gradients(
        &self,
        parameters: &Parameters,
        picked: &[usize],
        rng: &mut fastrand::Rng,
    ) -> Result<(Parameters, Losses, Parameters)> {
        let shard = prepare(&self.arch, self.clips, picked, self.config, self.standard, rng, self.threads);
        let n = shard.n;
        let coarse = self.aims.images(picked, self.config.views(), &shard.images);
        let matrix = |values: Vec<f32>| {
            let width = values.len() / n;
            Tensor::<A, 2>::from_data(TensorData::new(values, [n, width]), self.device)
        };
        let network = Tracked::<A>::new(self.arch, parameters, self.device);
        let drop = (!shard.drop.is_empty()).then(|| matrix(shard.drop));
        let recipe = &self.config.recipe;
        let noise = (recipe.dropout_convolutions > 0.0 || recipe.dropout_head > 0.0).then_some(Noise {
            convolutions: recipe.dropout_convolutions,
            head: recipe.dropout_head,
            rng,
        });
        let pass = network.forward(place(shard.images, [n, self.clips.bands], self.device), drop, noise);
        let mut moments = pass.moments;
        // The last are those of the latent.
        moments.pop();
        if !self.config.runs_statistics() {
            moments.clear();
        }

        let nothing = || Tensor::<A, 1>::zeros([1], self.device);
        let genre = pass.logits.map_or_else(nothing, |logits| {
            (matrix(shard.genres) * activation::log_softmax(logits, 1)).sum().div_scalar(-(n as f32))
        });
        // The squared covariances off the diagonal; the latents have mean 0 and variance 1 over the shard.
        let outside = (0..DIMS * DIMS).map(|i| if i / DIMS == i % DIMS { 0.0 } else { 1.0f32 }).collect::<Vec<_>>();
        let outside = Tensor::<A, 2>::from_data(TensorData::new(outside, [DIMS, DIMS]), self.device);
        let latent = pass.latent;
        let covariance = latent.clone().transpose().matmul(latent.clone()).div_scalar(n as f32) * outside;
        let decorrelation = (covariance.clone() * covariance).sum().div_scalar((DIMS * (DIMS - 1)) as f32);
        let mut total = genre.clone() + decorrelation.clone().mul_scalar(self.config.decorrelate);
        let [mut teacher, mut alike, mut tags, mut contrast, mut agreement] = std::array::from_fn(|_| nothing());
        let [mut decode, mut describe] = std::array::from_fn(|_| nothing());
        if let Some(said) = pass.teacher {
            let own = matrix(shard.teacher);
            let off = said.clone() - own.clone();
            teacher = (off.clone() * off).mean();
            total = total + teacher.clone().mul_scalar(self.config.distil);
            if self.config.cosines > 0.0 {
                let own = cosines(own);
                let off = |x| cosines(x) - own.clone();
                let (said, heard) = (off(said), off(latent.clone()));
                alike = (said.clone() * said).mean() + (heard.clone() * heard).mean();
                total = total + alike.clone().mul_scalar(self.config.cosines);
            }
        }
        if let Some(logits) = pass.tags.filter(|_| self.config.tags > 0.0) {
            // Binary cross-entropy of each tag: ln(1 + e^x) − p·x, without overflow.
            let own = matrix(shard.tags);
            let soft = activation::relu(logits.clone()) + logits.clone().abs().neg().exp().add_scalar(1.0).log();
            tags = (soft - own * logits).mean();
            total = total + tags.clone().mul_scalar(self.config.tags);
        }
        if self.config.pairs(self.clips) {
            let tracks: Vec<u32> = picked.iter().map(|&i| self.clips.tracks[i]).collect();
            let Pairs { hidden, partners } = Pairs::of(&tracks);
            let likeness = cosines(latent.clone()).mul_scalar(SHARPNESS) + matrix(hidden);
            contrast = (activation::log_softmax(likeness, 1) * matrix(partners)).sum().neg();
            total = total + contrast.clone().mul_scalar(self.config.contrast);
        }
        if self.config.views() == 2 {
            let half = n / 2;
            let off = latent.clone().slice([0..half, 0..DIMS]) - latent.slice([half..n, 0..DIMS]);
            let distance = (off.clone() * off).mean();
            total = total + distance.clone().mul_scalar(self.config.agree);
            agreement = distance;
        }
        if let Some(image) = pass.image {
            decode = apart(image, coarse, PIXELS as f64);
            total = total + decode.clone().mul_scalar(self.config.decode);
        }
        if let Some(said) = pass.descriptors {
            let own = described(self.aims, self.clips, picked, self.config.views(), &shard.shares);
            describe = apart(said, own, self.aims.known_per_clip);
            total = total + describe.clone().mul_scalar(self.config.describe);
        }
        let gradients = total.backward();
        // All values are read at once, because each read waits for the device.
        let slopes = network.tensors.iter().zip(&parameters.values).map(|(t, p)| {
            t.grad(&gradients).unwrap_or_else(|| Tensor::<A::InnerBackend, 1>::zeros([p.len()], self.device))
        });
        let losses = [total, genre, decorrelation, teacher, alike, tags, contrast, agreement, decode, describe];
        let losses = losses.map(|t| t.inner());
        let statistics: Vec<_> = moments.into_iter().flat_map(|m| [m.mean.inner(), m.var.inner()]).collect();
        let channels: Vec<usize> = statistics.iter().map(|s| s.dims()[0]).collect();
        let flat = numbers(Tensor::cat(losses.into_iter().chain(slopes).chain(statistics).collect(), 0))?;
        let (losses, mut rest) = flat.split_at(LOSSES);
        let mut taken = |sizes: Vec<usize>| {
            let values = sizes.into_iter().map(|size| {
                let (own, others) = rest.split_at(size);
                rest = others;
                own.to_vec()
            });
            Parameters { values: values.collect() }
        };
        let parameters = taken(parameters.values.iter().map(Vec::len).collect());
        let statistics = taken(channels);
        let loss = |i: usize| losses.get(i).map_or(0.0, |x| f64::from(*x));
        let losses = Losses {
            total: loss(0),
            genre: loss(1),
            decorrelation: loss(2),
            teacher: loss(3),
            cosines: loss(4),
            tags: loss(5),
            contrast: loss(6),
            agreement: loss(7),
            decode: loss(8),
            describe: loss(9),
        };
        Ok((parameters, losses, statistics))
    }
}
