//! WAV (RIFF, RF64, BW64, Wave64) and AIFF: files made of chunks, one of which holds the audio.

use super::bytes::{Bytes, be, check, le};
use super::payload::Payload;
use crate::audio::{AudioError, ima};

/// The most chunks examined.
const MAX_CHUNKS: usize = 4096;

/// The first bytes of a Sony Wave64 file.
pub(in crate::audio) const WAVE64: &[u8; 8] = b"riff\x2e\x91\xcf\x11";

/// A chunk: its name, the offset of its content, and its stated length in bytes.
type Chunk = ([u8; 4], u64, u64);

/// Visits the chunks of the form that begins at `start`; `number` decodes their lengths.
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

/// The layout of the audio in a wav file.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audio) struct Wave {
    /// Sample format.
    pub coding: Coding,
    /// Sample rate in Hz, and number of channels.
    pub rate: u32,
    pub channels: u16,
    /// Speaker mask, one bit per speaker from the lowest on; 0 if not stated.
    pub mask: u32,
    /// Bytes of a block (in PCM: of one sample of all channels), and samples per channel in it.
    pub block: u64,
    pub samples: u64,
    /// Offset and length of the audio in bytes.
    pub at: u64,
    pub len: u64,
    /// Total samples per channel.
    pub length: u64,
    /// The file is shorter than it states.
    pub cut: bool,
}

/// The sample formats of wav files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::audio) enum Coding {
    /// Integers with this number of bits; of 8 bits they have no sign.
    Integer(u16),
    /// Floating point with this number of bits.
    Float(u16),
    /// In other containers: integers of 8 bits with a sign, and numbers with the high byte first.
    Signed,
    Big(u16),
    BigFloat(u16),
    ALaw,
    MuLaw,
    /// ADPCM by Microsoft, and by the Interactive Multimedia Association; in other containers the latter in QuickTime's packets.
    Microsoft,
    Ima,
    QuickTime,
}

impl Wave {
    /// Reads the chunks of RIFF, RF64 and BW64.
    pub fn read(bytes: &Bytes<'_>, start: u64) -> Result<Wave, AudioError> {
        let (mut format, mut data, mut long, mut fact) = (None, None, None, None);
        walk(bytes, start, le, |(name, at, len)| {
            match &name {
                b"fmt " if format.is_none() => format = Some(bytes.up_to(at, len.min(40) as usize)?),
                // RF64 states the true length of `data` here.
                b"ds64" => long = Some(le(&bytes.exactly::<8>(at + 8)?)),
                b"fact" if len >= 4 => fact = Some(le(&bytes.exactly::<4>(at)?)),
                b"data" if data.is_none() => data = Some((at, len)),
                _ => {}
            }
            Ok(())
        })?;
        let (Some(format), Some((at, said))) = (format.filter(|f| f.len() >= 16), data) else {
            return Err(AudioError::Broken("wav without format or data".into()));
        };
        let (len, cut) = length(bytes, at, said, long)?;
        Ok(Wave { cut, ..Wave::of(&format, fact, (at, len))? })
    }

    /// Reads the chunks of Sony's Wave64, which have names of 16 bytes and lengths of 8.
    pub fn read_long(bytes: &Bytes<'_>) -> Result<Wave, AudioError> {
        let (mut format, mut at) = (None, 40);
        for _ in 0..MAX_CHUNKS {
            let header: [u8; 24] = bytes.exactly(at)?;
            // The length includes the header.
            let len = le(&header[16..]).max(24);
            match &header[..4] {
                b"fmt " => format = Some(bytes.up_to(at + 24, (len - 24).min(40) as usize)?),
                b"data" => {
                    let format = format.filter(|f| f.len() >= 16);
                    let format = format.ok_or_else(|| AudioError::Broken("wav without format".into()))?;
                    let rest = bytes.size.saturating_sub(at + 24);
                    let said = if len == 24 { rest } else { len - 24 };
                    let wave = Wave::of(&format, None, (at + 24, rest.min(said)))?;
                    return Ok(Wave { cut: said > rest, ..wave });
                }
                _ => {}
            }
            at = at.saturating_add(len.checked_next_multiple_of(8).unwrap_or(u64::MAX));
        }
        Err(AudioError::Broken("wav without data".into()))
    }

    fn of(format: &[u8], fact: Option<u64>, (at, len): (u64, u64)) -> Result<Wave, AudioError> {
        let (channels, rate) = (le(&format[2..4]) as u16, le(&format[4..8]) as u32);
        let (align, mut bits) = (le(&format[12..14]), le(&format[14..16]) as u16);
        let mut tag = le(&format[..2]);
        let mut mask = 0;
        if tag == 0xfffe && format.len() >= 26 {
            // In WAVE_FORMAT_EXTENSIBLE, the first two bytes of the sub-format GUID hold the format.
            (mask, tag) = (le(&format[20..24]) as u32, le(&format[24..26]));
        }
        check(rate, channels)?;
        let each = u64::from(channels);
        if matches!(tag, 1 | 3) {
            // A sample may be stored in more bytes than its bits need.
            let least = u64::from(bits.max(1).div_ceil(8));
            let bytes = if align.is_multiple_of(each) { (align / each).clamp(least, least.max(8)) } else { least };
            bits = (bytes as u16).saturating_mul(8);
        }
        let coding = match (tag, bits) {
            (1, 8 | 16 | 24 | 32) => Coding::Integer(bits),
            (3, 32 | 64) => Coding::Float(bits),
            (6, _) => Coding::ALaw,
            (7, _) => Coding::MuLaw,
            (2, 4) => Coding::Microsoft,
            (0x11, 4) => Coding::Ima,
            _ => return Err(AudioError::Unsupported(format!("wav format {tag} of {bits} bits"))),
        };
        // An ADPCM block starts with a header for each channel, which also holds one or two samples.
        let (block, samples) = match coding {
            Coding::Integer(bits) | Coding::Float(bits) => (each * u64::from(bits / 8), 1),
            Coding::ALaw | Coding::MuLaw => (each, 1),
            Coding::Microsoft if align > 7 * each => (align, (align - 7 * each) * 2 / each + 2),
            Coding::Ima if align > 4 * each => (align, (align - 4 * each) * 2 / each + 1),
            _ => return Err(AudioError::Broken(format!("wav with blocks of {align} bytes"))),
        };
        let all = (len / block).saturating_mul(samples);
        // The last block may be padded.
        let length = fact.filter(|&n| samples > 1 && n <= all && n + samples > all).unwrap_or(all);
        Ok(Wave { coding, rate, channels, mask, block, samples, at, len, length, cut: false })
    }

    /// Uncompressed samples at an offset, and their length in bytes, in a container of another kind.
    pub(super) fn plain(coding: Coding, rate: u32, channels: u16, (at, len): (u64, u64)) -> Wave {
        let bytes = match coding {
            Coding::Integer(bits) | Coding::Float(bits) | Coding::Big(bits) | Coding::BigFloat(bits) => bits / 8,
            _ => 1,
        };
        let block = u64::from(channels.max(1)) * u64::from(bytes.max(1));
        Wave { coding, rate, channels, mask: 0, block, samples: 1, at, len, length: len / block, cut: false }
    }

    /// ADPCM in QuickTime's packets at an offset, and their length in bytes.
    pub(super) fn quicktime(rate: u32, channels: u16, (at, len): (u64, u64)) -> Wave {
        let (block, samples) = (u64::from(channels.max(1)) * ima::BYTES as u64, ima::SAMPLES as u64);
        let length = len / block * samples;
        Wave { coding: Coding::QuickTime, rate, channels, mask: 0, block, samples, at, len, length, cut: false }
    }

    /// Short name of the codec.
    pub fn codec(&self) -> &'static str {
        if matches!(self.coding, Coding::Microsoft | Coding::Ima | Coding::QuickTime) { "adpcm" } else { "pcm" }
    }

    pub(super) fn payload(&self, bytes: &Bytes<'_>) -> Result<Payload, AudioError> {
        let secs = self.length as f64 / f64::from(self.rate);
        Payload::of_ranges(bytes, (self.codec(), self.rate, self.channels), secs, &[(self.at, self.len)])
    }
}

/// The real length of the audio at `at` that states `said` bytes, and whether its end is missing. A program that never
/// returns to its header (a recorder that lost power, or one that writes to a pipe) leaves 0 or a length beyond the end
/// of the file.
fn length(bytes: &Bytes<'_>, at: u64, said: u64, long: Option<u64>) -> Result<(u64, bool), AudioError> {
    let rest = bytes.size.saturating_sub(at);
    let said = match said {
        0xffff_ffff => long.filter(|&n| n > 0).unwrap_or(rest),
        // Really empty if another chunk follows directly.
        0 if matches!(&bytes.up_to(at, 4)?[..], b"LIST" | b"id3 " | b"ID3 " | b"bext" | b"cue ") => 0,
        0 | 0x7fff_0000.. if said == 0 || said > rest => rest,
        // A 32-bit length has wrapped around.
        said if rest.saturating_sub(said) >= 1 << 32 => rest,
        said => said,
    };
    Ok((said.min(rest), said > rest))
}

/// What an AIFF file states about its audio.
pub(super) struct Aiff {
    rate: u32,
    channels: u16,
    /// Samples per channel, if it has samples.
    frames: u64,
    /// Offset and length of the audio in bytes.
    at: u64,
    len: u64,
    /// The file is shorter than it states.
    cut: bool,
    /// It is ADPCM.
    packed: bool,
}

impl Aiff {
    pub fn read(bytes: &Bytes<'_>, start: u64) -> Result<Aiff, AudioError> {
        let (mut common, mut data, mut packed) = (None, None, false);
        walk(bytes, start, be, |(name, at, len)| {
            match &name {
                b"COMM" => {
                    common = Some(bytes.exactly::<18>(at)?);
                    // AIFF-C states a compression behind that.
                    packed = len >= 22 && bytes.up_to(at + 18, 4)? == b"ima4";
                }
                // The content begins with the offset of the audio behind these eight bytes, and a block size.
                b"SSND" if data.is_none() && len > 8 => {
                    let offset = Some(be(&bytes.up_to(at, 4)?)).filter(|&offset| offset < len - 8).unwrap_or(0);
                    data = Some((at + 8 + offset, len - 8 - offset));
                }
                _ => {}
            }
            Ok(())
        })?;
        let (Some(common), Some((at, said))) = (common, data) else {
            return Err(AudioError::Broken("aiff without COMM or SSND".into()));
        };
        let rest = bytes.size.saturating_sub(at);
        let (channels, frames) = (be(&common[..2]) as u16, be(&common[2..6]));
        let (rate, len, cut) = (extended(&common[8..18]), said.min(rest), said > rest);
        Ok(Aiff { rate, channels, frames, at, len, cut, packed })
    }

    /// Its ADPCM; `None` if it has samples.
    pub fn packets(&self) -> Option<Wave> {
        let wave = || Wave { cut: self.cut, ..Wave::quicktime(self.rate, self.channels, (self.at, self.len)) };
        self.packed.then(wave)
    }

    pub fn payload(&self, bytes: &Bytes<'_>) -> Result<Payload, AudioError> {
        if let Some(wave) = self.packets() {
            return wave.payload(bytes);
        }
        let secs = self.frames as f64 / f64::from(self.rate.max(1));
        Payload::of_ranges(bytes, ("pcm", self.rate, self.channels), secs, &[(self.at, self.len)])
    }
}

/// Decodes an 80-bit IEEE 754 extended number as a rate in Hz; 0 if out of range.
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
