//! The file of a next-track network: safetensors, like an encoder's, with its card in the header.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use crate::parameters::Parameters;
use crate::weights::{floats, pack, unpack};

use super::NextTrack;
use super::network::specs;

/// The version of the format that this program writes and reads.
const FORMAT: u32 = 1;

/// What is known of a network beside its numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The generation of latents (the encoder's hash) that it was trained in: in another its numbers mean nothing.
    pub generation: String,
    /// Pairs of tracks and what came after them that it was trained on.
    pub trained: usize,
    /// Pairs that were held out.
    pub held_out: usize,
    /// Mean reciprocal rank of the held-out tracks; `None` when none were held out.
    pub mrr: Option<f64>,
    /// Whether it found more than everything that it had to find more than.
    pub proven: bool,
    /// Seed of the training.
    pub seed: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    next: Card,
}

impl NextTrack {
    /// The bytes of a file, with this card.
    ///
    /// # Errors
    /// When they cannot be laid out.
    pub fn write(&self, card: &Card) -> Result<Vec<u8>> {
        let named = specs().into_iter().zip(&self.parameters.values);
        let tensors: Vec<_> = named.map(|(spec, values)| (spec.name, spec.shape, values.clone())).collect();
        pack(&tensors, &Header { format: FORMAT, next: card.clone() })
    }

    /// Reads and checks a whole file.
    ///
    /// # Errors
    /// When it is no next-track network of this program, damaged, or holds a number that is not finite.
    pub fn read(bytes: &[u8]) -> Result<NextTrack> {
        let (file, header): (_, Header) = unpack(bytes)?;
        ensure!(header.format == FORMAT, "it is of format {}, this program reads format {FORMAT}", header.format);
        let values = specs().iter().map(|s| floats(&file, &s.name, &s.shape)).collect::<Result<_>>()?;
        Ok(NextTrack { parameters: Parameters { values }, card: header.next })
    }
}
