//! Draws the views of a file for the lab ([`crate::sound::views`]).

use std::path::Path;

use super::fault::Fault;
use super::hear::read;
use crate::audio::segment::{RATE, Segments};
use crate::sound::strobe;
use crate::sound::views::{pitched, windows};

/// The packed strobe images of a file of `secs` seconds (0 if unknown): of its windows, the one in the middle first, and, if
/// `with_pitched`, of the middle at other pitches. The middle stands in for a view that is silent or beyond the end of the
/// file; nothing at all if it is silent itself.
pub(super) fn views(path: &Path, secs: f64, with_pitched: bool) -> Result<Vec<Vec<u8>>, Fault> {
    let mut reader = Segments::open(path)?;
    let mut wanted: Vec<_> = windows(secs).map(|span| (RATE, span)).to_vec();
    if with_pitched {
        wanted.extend(pitched(secs));
    }
    let mut drawn = Vec::with_capacity(wanted.len());
    for (rate, span) in wanted {
        let samples = read(&mut reader, rate, span)??;
        drawn.push(strobe(&samples).map(|image| image.pack().to_vec()));
    }
    let Some(Some(middle)) = drawn.first().cloned() else { return Ok(Vec::new()) };
    Ok(drawn.into_iter().map(|image| image.unwrap_or_else(|| middle.clone())).collect())
}
