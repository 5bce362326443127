//! The encoders of jukebox: everything that touches Burn, behind plain types.
//!
//! [`Encoder`] turns strobe images into 32 numbers a clip; [`train`] makes an encoder from labelled images; [`Card`]
//! reads what an encoder's file says of itself; [`device::report`] says whether there is a GPU. [`next`] guesses what usually
//! comes after the last few tracks.

pub mod device;
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
mod job;
mod kernels;
pub mod memory;
mod model;
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
pub use strobe::Strobe;
pub use weights::{Card, Facts, turned, with_facts};

/// Dimensions of a latent.
pub const DIMS: usize = 32;

/// Time steps of a full-resolution mel: 29.7 s in hops of 512 at 22,050 Hz.
pub const MEL_STEPS: usize = 1280;

/// What the encoder hears in one clip.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    /// The latent: decorrelated dimensions of variance 1 over the training clips.
    pub latent: [f32; DIMS],
    /// The probability of every genre of [`Card::genres`], in its order; they sum to 1.
    pub genres: Vec<f32>,
}
