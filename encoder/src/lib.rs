//! The encoders of jukebox: everything that touches Burn, behind plain types.
//!
//! [`Encoder`] turns images of sound into 32 numbers each; [`train`] makes an encoder from labelled images, or from what a
//! teacher says of them; [`Card`] reads what an encoder's file says of itself; [`device::report`] says whether there is a GPU. [`next`] guesses what usually
//! comes after the last few tracks. [`import`] makes an encoder of a public music tagger's own files.

pub mod concepts;
pub mod device;
pub mod import;
pub mod linear;
pub mod next;
pub mod strobe;
pub mod train;

mod arch;
mod augment;
mod calibrate;
mod checkpoint;
mod encode;
mod evaluate;
mod fit;
mod input;
mod job;
mod kernels;
pub mod memory;
mod model;
mod naming;
mod net;
mod optimise;
mod parameters;
mod rotation;
mod step;
mod weights;

pub use arch::Architecture;
pub use augment::Augment;
pub use device::Device;
pub use encode::Encoder;
pub use input::Input;
pub use model::Guess;
pub use naming::Axis;
pub use strobe::Strobe;
pub use weights::{Card, Facts, turned, with_facts};

/// Dimensions of a latent.
pub const DIMS: usize = 32;

/// Time steps of a full-resolution mel: 29.7 s in hops of 512 at 22,050 Hz.
pub const MEL_STEPS: usize = 1280;

/// What the encoder hears in one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedding {
    /// The latent. Of an encoder with [`Card::unit`]: mean 0 over the training images, of no fixed length; a track's is the mean over its
    /// images, scaled to length 1. Of the others: decorrelated dimensions of variance 1 over the training clips.
    pub latent: [f32; DIMS],
    /// The probability of every genre of [`Card::genres`], in its order; they sum to 1.
    pub genres: Vec<f32>,
    /// The probability of every tag of [`Card::tags`], in its order, each for itself.
    pub tags: Vec<f32>,
}
