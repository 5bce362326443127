//! The encoders of jukebox on any backend of Burn: networks, kernels, training and files, behind plain types.
//!
//! What runs on a backend is generic here, and is compiled where the backend is chosen: in `jukebox-encoder` for the CPU, in
//! `jukebox-encoder-cuda` for a GPU. The two compile beside each other, and each has an optimisation level of its own.

pub mod concepts;
pub mod device;
pub mod halves;
pub mod import;
pub mod linear;
pub mod memory;
pub mod next;
pub mod procrustes;
pub mod recipe;
pub mod strobe;

mod aims;
mod arch;
mod augment;
mod calibrate;
mod check;
mod checkpoint;
mod choices;
mod coarse;
pub mod encode;
mod evaluate;
mod fault;
pub mod fit;
mod heads;
mod input;
pub mod job;
mod kernels;
mod layers;
mod losses;
mod model;
mod naming;
mod net;
mod optimise;
mod pairs;
mod parameters;
mod reconstruct;
mod rotation;
mod running;
mod step;
mod weights;

pub use arch::{Architecture, SMALL};
pub use augment::Augment;
pub use device::Device;
pub use fault::{Diverged, UnknownName};
pub use input::Input;
pub use layers::{Layer, What};
pub use model::Guess;
pub use naming::Axis;
pub use recipe::Recipe;
pub use strobe::Strobe;
pub use weights::{Card, Facts, turned, with_facts};

/// Number of dimensions of a latent.
pub const DIMS: usize = 32;

/// Time steps of a full-resolution mel: 29.7 s in hops of 512 at 22,050 Hz.
pub const MEL_STEPS: usize = 1280;

/// The encoder's output for one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedding {
    /// The latent. For an encoder with [`Card::unit`]: mean 0 over the training images, of any length; a track's latent
    /// is the mean over its images, scaled to length 1. For other encoders: decorrelated dimensions of variance 1 over
    /// the training clips.
    pub latent: [f32; DIMS],
    /// The probability of each genre of [`Card::genres`], in the same order; they sum to 1.
    pub genres: Vec<f32>,
    /// The probability of each tag of [`Card::tags`], in the same order; they are independent.
    pub tags: Vec<f32>,
}
