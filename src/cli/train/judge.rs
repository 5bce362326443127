//! The judge that decides whether the player uses a newly trained encoder.

use anyhow::Result;

use crate::analysis::model::{Model, OLDER, SHIPPED};
use crate::paths::Paths;
use crate::training::Device;
use crate::training::incumbent::Incumbent;
use crate::training::models::Models;

/// The encoder in use, which the new one must beat.
///
/// # Errors
/// When it is damaged.
pub fn incumbent(paths: &Paths, device: Device, unix: u64) -> Result<Incumbent> {
    let weights = Model::in_use(paths)?.weights.to_vec();
    Ok(Incumbent {
        models: Models::new(&paths.models(), SHIPPED).with_older(OLDER).with_images(paths),
        weights,
        device,
        unix,
    })
}
