//! The trace of a piece of a file: decodes it with a margin on either side.

use std::path::Path;

use super::fault::{Fault, is_outside};
use crate::audio::AudioError;
use crate::audio::decode::Decoder;
use crate::audio::resample::Resampler;
use crate::sound::full::RATE;
use crate::sound::trace::{Curve, LONGEST, MARGIN, Piece, Trace, levels};

/// The trace of a piece; shorter where the file ends, or cannot be read any further.
pub(super) fn trace(path: &Path, piece: &Piece) -> Result<Trace, Fault> {
    let mut decoder = Decoder::open(path)?;
    let lead = piece.start.clamp(0.0, MARGIN);
    let start = (piece.start - lead).max(0.0);
    if start > 0.0 {
        decoder.seek(start)?;
    }
    let (channels, rate) = (decoder.info().channels, decoder.info().rate);
    let mut curve = Curve::new(channels, rate, lead, piece)
        .ok_or_else(|| format!("{channels} channels at {rate} Hz have no loudness"))?;
    let mut resampler = Resampler::new(rate, RATE, 1)?;
    let wide = usize::from(channels).max(1);
    let mut left = ((lead + piece.secs.clamp(0.0, LONGEST) + MARGIN) * f64::from(rate)) as usize;
    let (mut block, mut mono, mut samples) = (Vec::new(), Vec::new(), Vec::new());
    let mut any = false;
    while left > 0 {
        block.clear();
        match decoder.next(&mut block) {
            Ok(true) => any = true,
            Ok(false) => break,
            Err(AudioError::Io(e)) if is_outside(&e) => return Err(e.into()),
            Err(_) if any => break,
            Err(e) => return Err(e.into()),
        }
        let frames = (block.len() / wide).min(left);
        left -= frames;
        let heard = &block[..frames * wide];
        curve.add(heard);
        mono.clear();
        mono.extend(heard.chunks_exact(wide).map(|frame| frame.iter().sum::<f32>() / wide as f32));
        resampler.push(&mono, &mut samples)?;
    }
    resampler.finish(&mut samples)?;
    let (loudness, peaks) = curve.finish();
    Ok(Trace { levels: levels(&samples, lead, piece), loudness, peaks })
}
