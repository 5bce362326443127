//! The encoder's architecture with its random initial weights: the baseline that training must beat. Even a random
//! network captures a lot, so its row is always shown.

use jukebox_encoder::train::{self, Clips, Config, Job};
use jukebox_encoder::{Architecture, Device, Encoder, Input};

use crate::analysis::embed::{Embedded, combine};
use crate::latent::Latent;
use crate::store::ImageCache;
use crate::track::TrackId;

use super::error::UntrainedError;
use super::row::{Kind, Points, Row};

/// The seed of the random weights.
pub const SEED: u64 = 1;
/// Number of images, spread evenly over the tracks, from which its statistics (input scale, batch norms, rotation) are
/// set, as a trained encoder's are from its training clips.
const LOOKED_AT: usize = 1024;

const NAME: &str = "random weights";

/// The row when there is no audio.
pub fn missing(why: &str) -> Row {
    Row::bare(Kind::Untrained, NAME, why)
}

/// The row of the encoder with random weights over the cached images, with the default network for such images; a row
/// without values if an image is missing.
///
/// # Errors
/// When the cache cannot be read or the encoder fails.
pub fn row(cache: &ImageCache, input: Input, tracks: &[TrackId]) -> Result<Row, UntrainedError> {
    let mut looked_at = Clips::of(input);
    let step = tracks.len().div_ceil(LOOKED_AT).max(1);
    for &track in tracks.iter().step_by(step) {
        if let Some(image) = cache.get(track)?.and_then(|images| images.into_iter().next()) {
            looked_at.strobes.extend_from_slice(&image);
            looked_at.genres.push(0);
        }
    }
    if looked_at.len() < 2 {
        return Ok(missing("the image cache has none of the tracks"));
    }
    let arch = if input == Input::Patch { Architecture::Ear } else { Architecture::Strobe };
    let config = Config { seed: SEED, ..Config::of(arch) };
    let job = Job {
        genres: &["none".to_string()],
        tags: &[],
        training: &looked_at,
        validation: &Clips::default(),
        config: &config,
        device: Device::Cpu,
        start: None,
        checkpoint: None,
        every: std::time::Duration::MAX,
        resume: false,
        data: "nothing",
    };
    let weights = train::untrained(&job)?;
    let encoder = Encoder::load(&weights, Device::Cpu)?;
    let mut latents: Vec<Latent> = Vec::with_capacity(tracks.len());
    let mut lacking = 0;
    for &track in tracks {
        let images = cache.get(track)?.unwrap_or_default();
        let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
        let heard = encoder.encode(&images)?;
        let segments: Vec<Embedded> =
            heard.into_iter().map(|e| Embedded { latent: e.latent.to_vec(), genres: e.genres, tags: e.tags }).collect();
        match combine(&segments, encoder.card().unit) {
            Some(record) => latents.push(record.mean),
            None => lacking += 1,
        }
    }
    if lacking > 0 {
        let why = format!("the image cache lacks {lacking} of the tracks");
        return Ok(missing(&why));
    }
    let about = format!("the `{}` network as training begins, seed {SEED}", arch.name());
    let row = Row::of(Kind::Untrained, NAME, &about, Points::of_latents(&latents));
    Ok(Row { unit: encoder.card().unit, ..row })
}
