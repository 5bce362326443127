//! Computes embeddings of packed images.

use anyhow::{Context, Result, ensure};
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};

use crate::input::PATCH_STEP;
use crate::kernels::Kernels;
use crate::model::{Dense, Guess, Model};
use crate::net::Frozen;
use crate::strobe::{Reader, bytes_of};
use crate::weights::{self, Card};
use crate::{DIMS, Embedding};

/// Multiply-accumulates per batch, which bounds the memory; equivalent to 32 strobe images.
const WORK: u64 = 1_200_000_000;

/// A network on a backend.
pub trait Embed: Send {
    /// Embeddings of packed images, each independent of the others.
    ///
    /// # Errors
    /// When an image has the wrong size, or the device fails.
    fn embed(&self, images: &[&[u8]]) -> Result<Vec<Embedding>>;

    /// Estimates of the teacher's outputs for packed images.
    ///
    /// # Errors
    /// As [`Embed::embed`].
    fn guess(&self, images: &[&[u8]]) -> Result<Vec<Guess>>;

    /// An estimate of the teacher's outputs for one unpacked patch, `[bands][frames]`, of an encoder that takes patches.
    ///
    /// # Errors
    /// When the length is not a whole number of frames, or the device fails.
    fn levels(&self, levels: &[f32]) -> Result<Guess>;
}

impl<B: Kernels> Embed for Inference<B> {
    fn embed(&self, images: &[&[u8]]) -> Result<Vec<Embedding>> {
        self.encode(images)
    }

    fn guess(&self, images: &[&[u8]]) -> Result<Vec<Guess>> {
        self.guesses(images)
    }

    fn levels(&self, levels: &[f32]) -> Result<Guess> {
        self.guess_levels(levels)
    }
}

/// Parses an encoder's file and places its network on the backend's default device.
///
/// # Errors
/// When the file is invalid ([`Card::read`]).
#[expect(private_bounds, reason = "a caller names a backend, not its kernels")]
pub fn network<B: Kernels>(weights: &[u8]) -> Result<(Card, Box<dyn Embed>)>
where
    B::Device: Default,
{
    let (card, model) = weights::read(weights).context("the encoder's file cannot be used")?;
    Ok((card, Box::new(Inference::<B>::new(&model, Default::default()))))
}

/// A model on a backend.
pub(crate) struct Inference<B: Backend> {
    frozen: Frozen<B>,
    dense: Dense,
    reader: Reader,
    bands: usize,
    steps: usize,
    bytes: usize,
    batch: usize,
    device: B::Device,
}

impl<B: Kernels> Inference<B> {
    pub fn new(model: &Model, device: B::Device) -> Self {
        let frozen = Frozen::new(model.arch, model.folded(), &device);
        let batch = (WORK / model.arch.cost().1.max(1)).clamp(1, 64) as usize;
        let (bands, steps, levels) = (model.arch.bands, model.arch.steps, model.arch.form.levels);
        let (reader, bytes) = (Reader::new(levels, &model.standard), bytes_of(levels, bands * steps));
        Inference { frozen, dense: model.dense(), reader, bands, steps, bytes, batch, device }
    }

    pub fn encode(&self, images: &[&[u8]]) -> Result<Vec<Embedding>> {
        self.each(images, |features| self.dense.apply(features))
    }

    /// Estimates of the teacher's outputs for packed images.
    pub fn guesses(&self, images: &[&[u8]]) -> Result<Vec<Guess>> {
        self.each(images, |features| self.dense.guess(features))
    }

    /// What `made` makes of each image's features, and what the heads of a training hear of it.
    pub fn heard<T>(&self, images: &[&[u8]], made: impl Fn(&Dense, &[f32]) -> T) -> Result<(Vec<T>, Vec<[f32; DIMS]>)> {
        let all = self.each(images, |features| (made(&self.dense, features), self.dense.latent(features)))?;
        Ok(all.into_iter().unzip())
    }

    /// An estimate of the teacher's outputs for one patch of levels ([`Embed::levels`]).
    fn guess_levels(&self, levels: &[f32]) -> Result<Guess> {
        let frames = levels.len() / self.bands;
        ensure!(frames > 0 && frames * self.bands == levels.len(), "{} levels are no frames", levels.len());
        let rows = levels.chunks_exact(frames).zip(&self.reader.table);
        let values = rows.flat_map(|(row, own)| row.iter().map(|x| own[0] + (own[1] - own[0]) * x / PATCH_STEP));
        let features = self.frozen.forward(place(values.collect(), [1, self.bands], &self.device));
        Ok(self.dense.guess(&numbers(features)?))
    }

    /// Applies `made` to each image's features.
    fn each<T>(&self, images: &[&[u8]], made: impl Fn(&[f32]) -> T) -> Result<Vec<T>> {
        for image in images {
            let (own, has) = (self.bytes, image.len());
            ensure!(has == own, "an image of {} bands × {} steps has {own} bytes, not {has}", self.bands, self.steps);
        }
        let mut out = Vec::with_capacity(images.len());
        for batch in images.chunks(self.batch) {
            let mut values = Vec::with_capacity(batch.len() * self.bands * self.steps);
            for image in batch {
                self.reader.read(image, &mut values);
            }
            let features = self.frozen.forward(place(values, [batch.len(), self.bands], &self.device));
            let features = numbers(features)?;
            out.extend(features.chunks_exact(features.len() / batch.len()).map(&made));
        }
        Ok(out)
    }

    /// Embeddings of concatenated packed images.
    pub fn latents(&self, images: &[u8]) -> Result<Vec<Embedding>> {
        self.encode(&images.chunks_exact(self.bytes).collect::<Vec<_>>())
    }
}

/// `n` standardised images as a tensor `[n, 1, bands, steps]`.
pub(crate) fn place<B: Backend>(values: Vec<f32>, [n, bands]: [usize; 2], device: &B::Device) -> Tensor<B, 4> {
    let steps = values.len() / (n * bands).max(1);
    Tensor::from_data(TensorData::new(values, [n, 1, bands, steps]), device)
}

/// Copies a tensor's numbers to the host.
pub(crate) fn numbers<B: Backend, const D: usize>(tensor: Tensor<B, D>) -> Result<Vec<f32>> {
    let data = tensor.try_into_data().map_err(|e| anyhow::anyhow!("the device failed: {e:?}"))?;
    data.convert::<f32>().into_vec::<f32>().map_err(|e| anyhow::anyhow!("the device's numbers are unreadable: {e:?}"))
}

/// The index of the largest number; the first of equal ones; 0 for an empty slice.
pub(crate) fn largest(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = i;
        }
    }
    best
}

/// The latents alone.
pub(crate) fn only_latents(embeddings: &[Embedding]) -> Vec<[f32; DIMS]> {
    embeddings.iter().map(|e| e.latent).collect()
}
