//! A trial run of what the player does with a file, without an output. Run in a worker process, it shows whether the file is
//! safe to play.

use std::path::Path;

use super::convert::Converter;
use crate::audio::AudioError;
use crate::audio::decode::Decoder;

/// How far before the end the last part starts, in seconds. Twice as much is decoded at the beginning and at the end,
/// since the duration may be an estimate.
const TASTE: f64 = 1.0;
/// The rate of most outputs, in Hz.
const OUTPUT: u32 = 48_000;

/// Opens a file, then decodes and converts its beginning and, if the format allows fast seeking, its end.
///
/// # Errors
/// Whatever prevents the player from starting the file. An end that cannot be decoded is not an error here; the player
/// reports it when it gets there.
pub fn rehearse(path: &Path) -> Result<(), AudioError> {
    let mut decoder = Decoder::open(path)?;
    // Made once: for short files, planning its transforms takes longer than decoding.
    let mut converter = Converter::new(decoder.info().rate, OUTPUT)?;
    taste(&mut decoder, &mut converter)?;
    // Seeking in these formats reads everything before the target, which for a long file on a slow disk would delay the
    // start of playback too much.
    let linear = matches!(decoder.info().codec, "mp1" | "mp2" | "mp3" | "aac");
    if let Some(secs) = decoder.info().secs.filter(|_| !linear)
        && decoder.seek((secs - TASTE).max(0.0)).is_ok()
    {
        converter.resampler.reset();
        let _ = taste(&mut decoder, &mut converter);
    }
    Ok(())
}

/// Decodes two seconds, or up to the end.
fn taste(decoder: &mut Decoder, converter: &mut Converter) -> Result<(), AudioError> {
    let (rate, channels) = (decoder.info().rate, usize::from(decoder.info().channels.max(1)));
    let enough = (2.0 * TASTE * f64::from(rate)) as usize * channels;
    let (mut block, mut taken, mut converted) = (Vec::new(), 0, Vec::new());
    while taken < enough {
        block.clear();
        if !decoder.next(&mut block)? {
            break;
        }
        taken += block.len();
        for step in block.chunks(Converter::step(channels)) {
            converted.clear();
            converter.push(step, channels, 1.0, &mut converted)?;
        }
    }
    Ok(())
}
