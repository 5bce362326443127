//! One shard of a batch: images, loss, gradients.

use anyhow::Result;
use burn::tensor::backend::AutodiffBackend;
use burn::tensor::{Tensor, TensorData, activation};
use serde::{Deserialize, Serialize};

use crate::DIMS;
use crate::arch::Arch;
use crate::encode::{numbers, place};
use crate::job::{Clips, Config};
use crate::kernels::Kernels;
use crate::net::Tracked;
use crate::parameters::Parameters;
use crate::strobe::{BANDS, Standard};

/// The parts of a loss, means over the shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Losses {
    pub total: f64,
    pub genre: f64,
    pub teacher: f64,
    pub decorrelation: f64,
    pub agreement: f64,
}

impl Losses {
    /// Adds a weighted part of another.
    pub fn add(&mut self, other: Losses, weight: f64) {
        self.total += weight * other.total;
        self.genre += weight * other.genre;
        self.teacher += weight * other.teacher;
        self.decorrelation += weight * other.decorrelation;
        self.agreement += weight * other.agreement;
    }
}

/// What one shard learns from.
struct Shard {
    n: usize,
    images: Vec<f32>,
    /// `[n, genres]`, every row sums to 1.
    genres: Vec<f32>,
    /// `[n, teacher]`
    teacher: Vec<f32>,
    /// `[n, features]`: 0, or 1 over the share that is kept.
    drop: Vec<f32>,
}

fn prepare(
    arch: &Arch,
    clips: &Clips,
    picked: &[usize],
    config: &Config,
    standard: &Standard,
    rng: &mut fastrand::Rng,
) -> Shard {
    let (views, size) = (config.views(), BANDS * clips.steps);
    let n = views * picked.len();
    let mut images = Vec::with_capacity(n * size);
    let mut genres = Vec::with_capacity(n * arch.genres);
    let mut teacher = Vec::with_capacity(n * arch.teacher);
    // Both views of a clip are mixed with the same other clip, by the same share.
    let shares: Vec<f32> = picked.iter().map(|_| config.augment.share(rng)).collect();
    for _ in 0..views {
        let at = [images.len(), genres.len(), teacher.len()];
        for &i in picked {
            config.augment.apply(clips.image(i), standard, rng, &mut images);
            let rest = config.smoothing / arch.genres as f32;
            let own = usize::from(clips.genres[i]);
            let target = |g: usize| match clips.targets.get(i * arch.genres + g) {
                Some(share) => *share,
                None => f32::from(u8::from(g == own)),
            };
            genres.extend((0..arch.genres).map(|g| rest + (1.0 - config.smoothing) * target(g)));
            teacher.extend_from_slice(&clips.teacher[i * arch.teacher..(i + 1) * arch.teacher]);
        }
        mix(&mut images[at[0]..], size, &shares);
        mix(&mut genres[at[1]..], arch.genres, &shares);
        mix(&mut teacher[at[2]..], arch.teacher, &shares);
    }
    let keep = 1.0 - config.dropout;
    let drop = if config.dropout > 0.0 {
        (0..n * arch.features()).map(|_| if rng.f32() < keep { 1.0 / keep } else { 0.0 }).collect()
    } else {
        Vec::new()
    };
    Shard { n, images, genres, teacher, drop }
}

/// Mixes every row with the next one; the last with the first.
fn mix(rows: &mut [f32], size: usize, shares: &[f32]) {
    if size == 0 || shares.len() < 2 || shares.iter().all(|s| *s == 1.0) {
        return;
    }
    let first = rows[..size].to_vec();
    for (i, &share) in shares.iter().enumerate() {
        let (own, rest) = rows[i * size..].split_at_mut(size);
        let next = if rest.is_empty() { &first[..] } else { &rest[..size] };
        for (x, y) in own.iter_mut().zip(next) {
            *x = share * *x + (1.0 - share) * y;
        }
    }
}

/// What all the shards of a step share.
pub(crate) struct Lesson<'a, A: AutodiffBackend> {
    pub arch: Arch,
    pub clips: &'a Clips,
    pub config: &'a Config,
    pub standard: &'a Standard,
    pub device: &'a A::Device,
}

impl<A: AutodiffBackend + Kernels> Lesson<'_, A> {
    /// The losses of the picked clips and their gradients, as means over the shard.
    pub fn gradients(
        &self,
        parameters: &Parameters,
        picked: &[usize],
        rng: &mut fastrand::Rng,
    ) -> Result<(Parameters, Losses)> {
        let shard = prepare(&self.arch, self.clips, picked, self.config, self.standard, rng);
        let n = shard.n;
        let matrix = |values: Vec<f32>| {
            let width = values.len() / n;
            Tensor::<A, 2>::from_data(TensorData::new(values, [n, width]), self.device)
        };
        let network = Tracked::<A>::new(self.arch, parameters, self.device);
        let drop = (!shard.drop.is_empty()).then(|| matrix(shard.drop));
        let pass = network.forward(place(shard.images, n, self.device), drop);

        let genre = (matrix(shard.genres) * activation::log_softmax(pass.logits, 1)).sum().div_scalar(-(n as f32));
        // Covariances off the diagonal, squared: the latents have mean 0 and variance 1 over the shard.
        let outside = (0..DIMS * DIMS).map(|i| if i / DIMS == i % DIMS { 0.0 } else { 1.0f32 }).collect::<Vec<_>>();
        let outside = Tensor::<A, 2>::from_data(TensorData::new(outside, [DIMS, DIMS]), self.device);
        let latent = pass.latent;
        let covariance = latent.clone().transpose().matmul(latent.clone()).div_scalar(n as f32) * outside;
        let decorrelation = (covariance.clone() * covariance).sum().div_scalar((DIMS * (DIMS - 1)) as f32);
        let mut total = genre.clone() + decorrelation.clone().mul_scalar(self.config.decorrelate);
        let mut losses = vec![genre, decorrelation];
        if let Some(said) = pass.teacher {
            let off = said - matrix(shard.teacher);
            let distance = (off.clone() * off).mean();
            total = total + distance.clone().mul_scalar(self.config.distil);
            losses.push(distance);
        }
        let mut agreement = None;
        if self.config.views() == 2 {
            let half = n / 2;
            let off = latent.clone().slice([0..half, 0..DIMS]) - latent.slice([half..n, 0..DIMS]);
            let distance = (off.clone() * off).mean();
            total = total + distance.clone().mul_scalar(self.config.agree);
            agreement = Some(distance);
        }
        let gradients = total.backward();
        let values = network
            .tensors
            .iter()
            .zip(&parameters.values)
            .map(|(t, p)| t.grad(&gradients).map_or_else(|| Ok(vec![0.0; p.len()]), numbers))
            .collect::<Result<_>>()?;
        let scalar = |t: Tensor<A, 1>| Ok::<f64, anyhow::Error>(numbers(t)?.first().map_or(0.0, |x| f64::from(*x)));
        let total = scalar(total)?;
        let mut parts = losses.into_iter().map(scalar);
        let mut next = || parts.next().unwrap_or(Ok(0.0));
        let agreement = agreement.map_or(Ok(0.0), scalar)?;
        let losses = Losses { total, genre: next()?, decorrelation: next()?, teacher: next()?, agreement };
        Ok((Parameters { values }, losses))
    }
}
