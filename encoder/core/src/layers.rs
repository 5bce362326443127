//! The table of an architecture's layers: shapes, parameters and cost.

use crate::arch::{Arch, Architecture};
use crate::net::Pool;

/// The kinds of layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A convolution, with its normalisation and ReLU.
    Convolution,
    /// A pool that takes the maximum.
    MaxPool,
    /// A pool that takes the mean.
    MeanPool,
    /// A dense or a recurrent layer.
    Dense,
}

/// A layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its name in the weights file; `pool` for pools.
    pub name: String,
    /// Its kind.
    pub what: What,
    /// Kernel or window, stride and padding as `[bands, steps]`; `None` for a dense layer.
    pub window: Option<[[usize; 2]; 3]>,
    /// Channels, bands and steps of its result.
    pub shape: [usize; 3],
    /// Number of parameters.
    pub parameters: usize,
    /// Multiply-accumulates per clip.
    pub macs: u64,
}

impl Architecture {
    /// The layers at a width for images of `[bands, steps]`, with a head for this many genres; `None` if it does not take
    /// such images ([`Architecture::takes`]).
    pub fn layers(self, width: usize, [bands, steps]: [usize; 2], genres: usize) -> Option<Vec<Layer>> {
        if !self.takes(bands, steps) {
            return None;
        }
        let plan = Arch { width, bands, steps, ..Arch::of(self, genres) }.plan();
        let layer = |row: crate::net::Row| {
            let what = match (row.pool, row.window) {
                (Some(Pool::Max), _) => What::MaxPool,
                (Some(Pool::Mean), _) => What::MeanPool,
                (None, Some(_)) => What::Convolution,
                (None, None) => What::Dense,
            };
            let crate::net::Row { name, window, shape, parameters, macs, .. } = row;
            Layer { name, what, window, shape, parameters, macs }
        };
        Some(plan.rows.into_iter().map(layer).collect())
    }
}
