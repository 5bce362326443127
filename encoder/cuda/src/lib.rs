//! The encoders on an NVIDIA GPU: what `jukebox-encoder-core` computes, compiled for CUDA.
//!
//! A crate of its own, because this is the slowest part of the build and gains nothing from optimisation: the kernels are
//! compiled by the driver at run time.

use anyhow::Result;
use burn::backend::{Autodiff, Cuda};
use jukebox_encoder_core::Card;
use jukebox_encoder_core::encode::{self, Embed};
use jukebox_encoder_core::fit;
use jukebox_encoder_core::job::{Job, Progress, Trained};

/// Parses an encoder's file and places its network on the first GPU.
///
/// # Errors
/// When the file is invalid ([`Card::read`]).
pub fn network(weights: &[u8]) -> Result<(Card, Box<dyn Embed>)> {
    encode::network::<Cuda>(weights)
}

/// Trains an encoder on the first GPU ([`fit::fit`]).
///
/// # Errors
/// As [`fit::fit`].
pub fn train(job: &Job, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Trained> {
    fit::fit::<Autodiff<Cuda>>(job, false, progress)
}
