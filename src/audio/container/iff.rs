//! WAV (RIFF, RF64) and AIFF: chunks, of which one holds the audio.

use super::{Bytes, Payload, be, le};
use crate::audio::AudioError;

/// The most chunks that are walked.
const MAX_CHUNKS: usize = 4096;

/// A chunk: its name, where its content lies, how long it says it is.
type Chunk = ([u8; 4], u64, u64);

/// The chunks of a form that begins at `start`, until `done` says so or the file ends.
fn walk(
    bytes: &Bytes<'_>,
    start: u64,
    number: fn(&[u8]) -> u64,
    mut visit: impl FnMut(Chunk) -> Result<(), AudioError>,
) -> Result<(), AudioError> {
    let mut at = start + 12;
    for _ in 0..MAX_CHUNKS {
        let header = bytes.up_to(at, 8)?;
        if header.len() < 8 {
            break;
        }
        let (name, len) = ([header[0], header[1], header[2], header[3]], number(&header[4..]));
        visit((name, at + 8, len))?;
        // Chunks are padded to even lengths.
        at = at.saturating_add(8 + len + len % 2);
    }
    Ok(())
}

pub(super) fn wav(bytes: &Bytes<'_>, start: u64) -> Result<Payload, AudioError> {
    let (mut format, mut data, mut long) = (None, None, None);
    walk(bytes, start, le, |(name, at, len)| {
        match &name {
            b"fmt " => format = Some(bytes.exactly::<16>(at)?),
            // RF64 keeps the true length of `data` here.
            b"ds64" => long = Some(le(&bytes.exactly::<8>(at + 8)?)),
            b"data" if data.is_none() => data = Some((at, len)),
            _ => {}
        }
        Ok(())
    })?;
    let (Some(format), Some((at, said))) = (format, data) else {
        return Err(AudioError::Broken("wav without format or data".into()));
    };
    let said = if said == 0xffff_ffff { long.unwrap_or(u64::MAX) } else { said };
    let len = said.min(bytes.size.saturating_sub(at));
    let codec = match le(&format[..2]) {
        1 | 3 | 6 | 7 | 0xfffe => "pcm",
        2 | 0x11 => "adpcm",
        other => return Err(AudioError::Unsupported(format!("wav format {other}"))),
    };
    let (channels, rate) = (le(&format[2..4]) as u16, le(&format[4..8]) as u32);
    let (bytes_a_second, block) = (le(&format[8..12]), le(&format[12..14]));
    let secs = match codec {
        "pcm" if block > 0 => (len / block) as f64 / f64::from(rate.max(1)),
        _ => len as f64 / bytes_a_second.max(1) as f64,
    };
    bytes.payload((codec, rate, channels), secs, &[(at, len)])
}

pub(super) fn aiff(bytes: &Bytes<'_>, start: u64) -> Result<Payload, AudioError> {
    let (mut common, mut data) = (None, None);
    walk(bytes, start, be, |(name, at, len)| {
        match &name {
            b"COMM" => common = Some(bytes.exactly::<18>(at)?),
            // The content begins with an offset and a block size.
            b"SSND" if data.is_none() && len > 8 => data = Some((at + 8, len - 8)),
            _ => {}
        }
        Ok(())
    })?;
    let (Some(common), Some((at, said))) = (common, data) else {
        return Err(AudioError::Broken("aiff without COMM or SSND".into()));
    };
    let len = said.min(bytes.size.saturating_sub(at));
    let (channels, frames) = (be(&common[..2]) as u16, be(&common[2..6]));
    let rate = extended(&common[8..18]);
    let secs = frames as f64 / f64::from(rate.max(1));
    bytes.payload(("pcm", rate, channels), secs, &[(at, len)])
}

/// An 80-bit IEEE 754 extended number, as a rate in Hz; 0 when it is none.
fn extended(bytes: &[u8]) -> u32 {
    let exponent = be(&bytes[..2]) as i32 & 0x7fff;
    let mantissa = be(&bytes[2..10]);
    let shift = 16383 + 63 - exponent;
    if (0..64).contains(&shift) { u32::try_from(mantissa >> shift).unwrap_or(0) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::extended;

    #[test]
    fn extended_rates() {
        assert_eq!(extended(&[0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]), 44_100);
        assert_eq!(extended(&[0x40, 0x0e, 0xbb, 0x80, 0, 0, 0, 0, 0, 0]), 48_000);
        assert_eq!(extended(&[0; 10]), 0);
        assert_eq!(extended(&[0xff; 10]), 0);
    }
}
