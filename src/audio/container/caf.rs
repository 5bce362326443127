//! CAF, Apple's Core Audio Format: chunks with lengths of eight bytes. PCM and ADPCM are read like a wav file; of ALAC and AAC a table
//! says how long each packet is.

use std::sync::Arc;

use super::bytes::{Bytes, be, check};
use super::iff::{Coding, Wave};
use super::mp4;
use super::payload::Payload;
use crate::audio::{AudioError, ima};

/// The first bytes of a file.
pub(super) const MAGIC: &[u8; 4] = b"caff";

/// The most chunks examined.
const MAX_CHUNKS: usize = 4096;
/// The longest table of packets in bytes, and the longest packet.
const TABLE: u64 = 16 << 20;
const LONGEST: u64 = 16 << 20;
/// The longest configuration of a codec, in bytes.
const CONFIG: u64 = 1 << 16;

/// The audio in a file.
#[derive(Clone, Debug)]
pub(in crate::audio) enum Caf {
    Plain(Wave),
    Packed(Packed),
}

/// Packets of a codec, one behind the other.
#[derive(Clone, Debug)]
pub(in crate::audio) struct Packed {
    /// Short name of the codec.
    pub codec: &'static str,
    /// Sample rate in Hz, and number of channels.
    pub rate: u32,
    pub channels: u16,
    /// The codec's configuration.
    pub config: Vec<u8>,
    /// Samples per channel in a packet.
    pub samples: u64,
    /// Offset of the first packet, and the length of each.
    pub at: u64,
    pub sizes: Arc<[u32]>,
    /// The first sample that is music, and how many are.
    pub first: u64,
    pub length: u64,
    /// The file is shorter than it states.
    pub cut: bool,
}

/// Reads the chunks of a file.
///
/// # Errors
/// When it cannot be read, or its audio is of a kind that cannot be played.
pub(super) fn read(bytes: &Bytes<'_>) -> Result<Caf, AudioError> {
    let (mut desc, mut data, mut table, mut config) = (None, None, None, Vec::new());
    let mut at = 8;
    for _ in 0..MAX_CHUNKS {
        let head = bytes.up_to(at, 12)?;
        let Some((name, len)) = head.split_first_chunk::<4>().filter(|_| head.len() == 12) else { break };
        let (body, said) = (at + 12, be(len));
        // Samples of a length that was not known reach to the end.
        let len = if said == u64::MAX { bytes.size.saturating_sub(body) } else { said };
        match name {
            b"desc" => desc = Some(bytes.exactly::<32>(body)?),
            b"data" if data.is_none() && len > 4 => data = Some((body + 4, len - 4)),
            b"pakt" if len <= TABLE => table = Some(bytes.up_to(body, len as usize)?),
            b"kuki" if len <= CONFIG => config = bytes.up_to(body, len as usize)?,
            _ => {}
        }
        at = body.saturating_add(len);
    }
    let (Some(desc), Some((at, said))) = (desc, data) else {
        return Err(AudioError::Broken("caf without a description or data".into()));
    };
    let rate = f64::from_bits(be(&desc[..8]));
    let rate = if rate.is_finite() { rate.round() as u32 } else { 0 };
    let word = |at: usize| be(&desc[at..at + 4]);
    let (flags, samples, channels) = (word(12), word(20), u16::try_from(word(24)).unwrap_or(0));
    check(rate, channels)?;
    let rest = bytes.size.saturating_sub(at);
    let (len, cut) = (said.min(rest), said > rest);
    let plain = |coding| Ok(Caf::Plain(Wave { cut, ..Wave::plain(coding, rate, channels, (at, len)) }));
    let unknown = |what: &str| Err(AudioError::Unsupported(format!("caf with {what}")));
    let (float, little, bits) = (flags & 1 != 0, flags & 2 != 0, word(28) as u16);
    let codec = match &desc[8..12] {
        // Samples in more bytes than their bits need are allowed, but rare.
        b"lpcm" if word(16) != u64::from(channels) * u64::from(bits / 8) => return unknown("padded samples"),
        b"lpcm" => match (float, little, bits) {
            (false, _, 8) => return plain(Coding::Signed),
            (false, true, 16 | 24 | 32) => return plain(Coding::Integer(bits)),
            (false, false, 16 | 24 | 32) => return plain(Coding::Big(bits)),
            (true, true, 32 | 64) => return plain(Coding::Float(bits)),
            (true, false, 32 | 64) => return plain(Coding::BigFloat(bits)),
            _ => return unknown(&format!("samples of {bits} bits")),
        },
        b"ima4" if (word(16), samples) != (u64::from(channels) * ima::BYTES as u64, ima::SAMPLES as u64) => {
            return unknown("ADPCM in packets of another size");
        }
        b"ima4" => {
            let wave = Wave::quicktime(rate, channels, (at, len));
            // A table without entries may say how much of the last packet is music.
            let said = table.as_deref().and_then(|table| table.get(8..16)).map_or(0, be);
            let fits = said <= wave.length && said + samples > wave.length;
            return Ok(Caf::Plain(Wave { cut, length: if fits { said } else { wave.length }, ..wave }));
        }
        b"ulaw" => return plain(Coding::MuLaw),
        b"alaw" => return plain(Coding::ALaw),
        b"alac" => "alac",
        b"aac " => "aac",
        other => return unknown(&format!("audio of the kind \"{}\"", other.escape_ascii())),
    };
    let Some(table) = table.filter(|table| table.len() > 24 && samples > 0) else {
        return Err(AudioError::Broken("caf without a table of its packets".into()));
    };
    let count = be(&table[..8]);
    let sizes = sizes(&table[24..], count, len);
    let config = if codec == "alac" { mp4::cookie(&config) } else { mp4::described(&config).unwrap_or(&config) };
    let told = if codec == "alac" { mp4::cookie_format(config) } else { mp4::audio_config(config) };
    let (rate, channels) = told.unwrap_or((rate, channels));
    let (first, all) = (be(&table[16..20]), sizes.len() as u64 * samples);
    let said = be(&table[8..16]);
    let rest = all.saturating_sub(first);
    let length = if (1..=rest).contains(&said) { said } else { rest };
    let (config, cut) = (config.to_vec(), cut || (sizes.len() as u64) < count);
    Ok(Caf::Packed(Packed { codec, rate, channels, config, samples, at, sizes: sizes.into(), first, length, cut }))
}

/// The lengths of packets, as far as they are within `room` bytes: seven bits in each byte, of which the last has its high bit clear.
fn sizes(table: &[u8], count: u64, mut room: u64) -> Vec<u32> {
    let (mut found, mut size) = (Vec::new(), 0u64);
    for &byte in table {
        if found.len() as u64 >= count {
            break;
        }
        size = size << 7 | u64::from(byte & 0x7f);
        if size > LONGEST || size > room {
            break;
        }
        if byte & 0x80 == 0 {
            found.push(size as u32);
            room -= size;
            size = 0;
        }
    }
    found
}

impl Caf {
    pub(super) fn payload(&self, bytes: &Bytes<'_>) -> Result<Payload, AudioError> {
        match self {
            Caf::Plain(wave) => wave.payload(bytes),
            Caf::Packed(packed) => {
                let len = packed.sizes.iter().map(|&size| u64::from(size)).sum();
                let secs = packed.length as f64 / f64::from(packed.rate);
                let format = (packed.codec, packed.rate, packed.channels);
                Payload::of_ranges(bytes, format, secs, &[(packed.at, len)])
            }
        }
    }
}
