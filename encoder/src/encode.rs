//! Computes embeddings of packed images.

use anyhow::{Context, Result, ensure};
use burn::backend::Flex;
use burn::tensor::backend::Backend;
use burn::tensor::{Tensor, TensorData};

use crate::device::{Chosen, Device, choose};
use crate::input::PATCH_STEP;
use crate::kernels::Kernels;
use crate::model::{Dense, Guess, Model};
use crate::net::Frozen;
use crate::strobe::{Reader, bytes_of};
use crate::weights::{self, Card};
use crate::{DIMS, Embedding, Input};

/// Multiply-accumulates per batch, which bounds the memory; equivalent to 32 strobe images.
const WORK: u64 = 1_200_000_000;

/// A loaded encoder.
pub struct Encoder {
    card: Card,
    device: String,
    // Type-erased, so that no backend code is compiled again in dependent crates.
    network: Box<dyn Embed>,
}

trait Embed: Send {
    fn embed(&self, images: &[&[u8]]) -> Result<Vec<Embedding>>;
    fn guess(&self, images: &[&[u8]]) -> Result<Vec<Guess>>;
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

impl Encoder {
    /// Parses an encoder's file and loads it onto a device.
    ///
    /// # Errors
    /// When the file is invalid ([`Card::read`]) or the device is not available.
    pub fn load(weights: &[u8], device: Device) -> Result<Encoder> {
        let (card, model) = weights::read(weights).context("the encoder's file cannot be used")?;
        let (device, network): (_, Box<dyn Embed>) = match choose(device)? {
            Chosen::Cpu => ("CPU".to_owned(), Box::new(Inference::<Flex>::new(&model, Default::default()))),
            #[cfg(feature = "cuda")]
            Chosen::Cuda(name) => (name, Box::new(Inference::<burn::backend::Cuda>::new(&model, Default::default()))),
        };
        Ok(Encoder { card, device, network })
    }

    /// Embeds packed images ([`Card::input`]). Each embedding is independent of the other images.
    ///
    /// # Errors
    /// When an image has the wrong size, or the device fails.
    pub fn encode(&self, images: &[&[u8]]) -> Result<Vec<Embedding>> {
        self.network.embed(images)
    }

    /// The encoder's estimate of its teacher's outputs for packed images.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    pub fn guess(&self, images: &[&[u8]]) -> Result<Vec<Guess>> {
        self.network.guess(images)
    }

    /// The same for one unpacked patch: log₁₀(1 + 10⁴ · power), `[bands][frames]`, with any number of frames.
    ///
    /// # Errors
    /// When the length is not a whole number of frames, the encoder does not take patches, or the device fails.
    pub fn guess_levels(&self, levels: &[f32]) -> Result<Guess> {
        ensure!(self.card.input() == Some(Input::Patch), "`{}` does not hear patches", self.card.arch);
        self.network.levels(levels)
    }

    /// `CPU`, or the name of the GPU.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The card read from the file.
    pub fn card(&self) -> &Card {
        &self.card
    }
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

    /// An estimate of the teacher's outputs for one patch of levels ([`Encoder::guess_levels`]).
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
