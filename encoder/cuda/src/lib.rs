//! The encoders on an NVIDIA GPU: what `jukebox-encoder-core` computes, compiled for CUDA.
//!
//! A package of its own, so that it compiles beside the encoder for the CPU, and at a lower optimisation level: what is
//! compiled here builds graphs of kernels, and the kernels themselves are compiled at run time. What the lower level costs on a
//! GPU has not been measured.

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
