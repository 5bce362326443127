//! What the player does with a file, done without an output: whoever wants to know whether a file is safe to play has this run
//! elsewhere first.

use std::path::Path;

use super::convert::Converter;
use crate::audio::AudioError;
use crate::audio::decode::Decoder;

/// How much of a file's beginning and of its end is decoded, in seconds. Twice as much is taken of each: the end that is sought may
/// be an estimate.
const TASTE: f64 = 1.0;
/// The rate that most outputs run at, in Hz.
const OUTPUT: u32 = 48_000;

/// Opens a file and decodes and converts its beginning, and its end where that can be gone to at once.
///
/// # Errors
/// What keeps the player from beginning. An end that cannot be reached or decoded is none: the player finds that as well, when it is
/// there.
pub fn rehearse(path: &Path) -> Result<(), AudioError> {
    let mut decoder = Decoder::open(path)?;
    taste(&mut decoder)?;
    // To a place in these the reader goes through all that lies before it: of a long one on a slow disk that takes longer than
    // anybody waits for the music.
    let linear = matches!(decoder.info().codec, "mp1" | "mp2" | "mp3" | "aac");
    if let Some(secs) = decoder.info().secs.filter(|_| !linear)
        && decoder.seek((secs - TASTE).max(0.0)).is_ok()
    {
        let _ = taste(&mut decoder);
    }
    Ok(())
}

/// Decodes on for a moment, or to the end.
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
