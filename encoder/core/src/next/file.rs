//! The file of a next-track network: safetensors, with its card in the header, as for an encoder.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use crate::parameters::Parameters;
use crate::weights::{floats, pack, unpack};

use super::NextTrack;
use super::card::Card;
use super::network::specs;

/// The version of the format that this program writes and reads.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    next: Card,
}

impl NextTrack {
    /// Serializes the network with this card.
    ///
    /// # Errors
    /// When serialization fails.
    pub fn write(&self, card: &Card) -> Result<Vec<u8>> {
        let named = specs().into_iter().zip(&self.parameters.values);
        let tensors: Vec<_> = named.map(|(spec, values)| (spec.name, spec.shape, values.clone())).collect();
        pack(&tensors, &Header { format: FORMAT, next: card.clone() })
    }

    /// Reads and checks a whole file.
    ///
    /// # Errors
    /// When it is not a next-track network of this program, is damaged, or contains a non-finite number.
    pub fn read(bytes: &[u8]) -> Result<NextTrack> {
        let (file, header): (_, Header) = unpack(bytes)?;
        ensure!(header.format == FORMAT, "it is of format {}, this program reads format {FORMAT}", header.format);
        let values = specs().iter().map(|s| floats(&file, &s.name, &s.shape)).collect::<Result<_>>()?;
        Ok(NextTrack { parameters: Parameters { values }, card: header.next })
    }
}
