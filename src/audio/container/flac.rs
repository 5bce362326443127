//! Native FLAC (RFC 9639): the audio lies between the last metadata block and any trailing ID3v1.

use super::{Bytes, Payload, be, mpeg};
use crate::audio::AudioError;

/// The most metadata blocks that are walked.
const MAX_BLOCKS: usize = 1024;

pub(super) fn payload(bytes: &Bytes<'_>, start: u64) -> Result<Payload, AudioError> {
    let mut at = start + 4;
    let mut stream = None;
    for _ in 0..MAX_BLOCKS {
        let header: [u8; 4] = bytes.exactly(at)?;
        let len = be(&header[1..]);
        if header[0] & 0x7f == 0 {
            // STREAMINFO: 20 bits of rate, 3 of channels − 1, 5 of depth − 1, 36 of total samples.
            let packed = be(&bytes.exactly::<8>(at + 4 + 10)?);
            let (rate, channels) = ((packed >> 44) as u32, ((packed >> 41) & 7) as u16 + 1);
            // Then the MD5 sum of the samples, zeros where the encoder did not make one.
            stream = Some((rate, channels, packed & 0xf_ffff_ffff, bytes.exactly::<16>(at + 4 + 18)?));
        }
        at += 4 + len;
        if header[0] & 0x80 != 0 {
            let (rate, channels, samples, sum) =
                stream.ok_or_else(|| AudioError::Broken("flac without STREAMINFO".into()))?;
            let end = mpeg::before_trailing_tags(bytes)?.max(at);
            let secs = samples as f64 / f64::from(rate.max(1));
            return bytes.summed_payload(("flac", rate, channels), secs, &[(at, end - at)], &sum);
        }
    }
    Err(AudioError::Broken("too many flac metadata blocks".into()))
}
