//! The training loop: from labelled images to an encoder's file.
//!
//! The loss is a weighted sum, each part only where its data exists: the cross-entropy of genres with label smoothing;
//! the distance to a teacher's vectors, to their cosines and to its tag probabilities (distillation keeps the 32 numbers
//! rich: genres alone would leave seven directions); a contrast between tracks, which draws the clips of one track
//! together and those of different tracks apart (InfoNCE; van den Oord et al. 2018); a coarse image of the clip and
//! descriptors of its sound, which two heads guess that exist in training only; a penalty on correlated dimensions;
//! and the distance between the latents of two differently augmented views of each clip (with the normalisation and the
//! penalty this is VICReg; Bardes et al. 2022), because what an MP3 encoder changes should not move a track. AdamW with
//! a one-cycle rate; an exponential moving average of the parameters is kept, and the epoch is chosen on the validation
//! clips. Reproducible: a seed gives the same file on the same machine.
//!
//! All of this can be chosen otherwise, one by one ([`Recipe`](crate::Recipe)); the configuration of a run states every
//! choice.

use anyhow::Result;
use burn::backend::{Autodiff, Flex};
use jukebox_encoder_core::device::{Chosen, choose};
use jukebox_encoder_core::{fit, memory};

pub use jukebox_encoder_core::job::{Clips, Config, EpochReport, Job, Progress, Reconstruction, Trained};

/// Trains an encoder. `progress` returns false to stop, which yields the best epoch so far.
///
/// # Errors
/// When the clips are inconsistent, the checkpoint or the starting encoder cannot be used or written, the device fails,
/// or the training diverges or is stopped before its first epoch is complete.
pub fn train(job: &Job, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Trained> {
    match choose(job.device)? {
        Chosen::Cpu => {
            memory::keep();
            fit::fit::<Autodiff<Flex>>(job, true, progress)
        }
        #[cfg(feature = "cuda")]
        Chosen::Cuda(_) => jukebox_encoder_cuda::train(job, progress),
    }
}

/// An encoder with a training's initial parameters and everything else as after a training: the baseline that training
/// must beat.
///
/// # Errors
/// As [`train`].
pub fn untrained(job: &Job) -> Result<Vec<u8>> {
    fit::untrained::<Flex>(job)
}
