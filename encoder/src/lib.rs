//! The encoders of jukebox: the only way to Burn, which is hidden behind plain types.
//!
//! [`Encoder`] turns images of sound into 32 numbers each. [`train`] trains an encoder on labelled images or on a
//! teacher's outputs. [`Card`] reads the description in an encoder's file. [`device::report`] reports whether there is
//! a GPU. [`next`] predicts the next track from the last few. [`import`] converts a public music tagger's files into an
//! encoder.

mod encode;
pub mod train;

pub use encode::Encoder;
pub use jukebox_encoder_core::{
    Architecture, Augment, Axis, Card, DIMS, Device, Diverged, Embedding, Facts, Guess, Input, Layer, MEL_STEPS,
    Recipe, SMALL, Strobe, UnknownName, What, concepts, device, halves, import, linear, memory, next, procrustes,
    recipe, strobe, turned, with_facts,
};
