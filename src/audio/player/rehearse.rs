//! A trial run of what the player does with a file, without an output. Run in a worker process, it shows whether the file is
//! safe to play.

use std::path::Path;

use super::convert::Converter;
use crate::audio::AudioError;
use crate::audio::decode::Decoder;

/// How far from the end the last part begins, in seconds. Twice as much is decoded at the beginning and at the end, since the
/// duration may be an estimate.
const TASTE: f64 = 1.0;
/// The rate of most outputs, in Hz.
const OUTPUT: u32 = 48_000;

/// Opens a file, and decodes and converts its beginning, and its end where the format can be sought in quickly.
///
/// # Errors
/// What keeps the player from starting the file. An end that cannot be decoded is no error: the player finds that when it gets
/// there.
pub fn rehearse(path: &Path) -> Result<(), AudioError> {
    let mut decoder = Decoder::open(path)?;
    taste(&mut decoder)?;
    // In these formats a seek reads everything before it, which for a long file on a slow disk takes longer than anybody waits for
    // the music to start.
    let linear = matches!(decoder.info().codec, "mp1" | "mp2" | "mp3" | "aac");
    if let Some(secs) = decoder.info().secs.filter(|_| !linear)
        && decoder.seek((secs - TASTE).max(0.0)).is_ok()
    {
        let _ = taste(&mut decoder);
    }
    Ok(())
}

/// Decodes two seconds, or to the end.
fn taste(decoder: &mut Decoder) -> Result<(), AudioError> {
    let (rate, channels) = (decoder.info().rate, usize::from(decoder.info().channels.max(1)));
    let mut converter = Converter::new(rate, OUTPUT)?;
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
