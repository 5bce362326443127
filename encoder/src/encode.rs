//! A loaded encoder on the device that was chosen.

use anyhow::{Result, ensure};
use burn::backend::Flex;
use jukebox_encoder_core::device::{Chosen, choose};
use jukebox_encoder_core::encode::{Embed, network};
use jukebox_encoder_core::{Card, Device, Embedding, Guess, Input};

/// A loaded encoder.
pub struct Encoder {
    card: Card,
    device: String,
    // Type-erased, so that no backend code is compiled again in dependent crates.
    network: Box<dyn Embed>,
}

impl Encoder {
    /// Parses an encoder's file and loads it onto a device.
    ///
    /// # Errors
    /// When the file is invalid ([`Card::read`]) or the device is not available.
    pub fn load(weights: &[u8], device: Device) -> Result<Encoder> {
        let (device, (card, network)) = match choose(device)? {
            Chosen::Cpu => ("CPU".to_owned(), network::<Flex>(weights)?),
            #[cfg(feature = "cuda")]
            Chosen::Cuda(name) => (name, jukebox_encoder_cuda::network(weights)?),
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
