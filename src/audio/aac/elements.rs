//! The elements of an AAC packet (ISO 14496-3 §4.4.2): where each begins and ends. An element's end is only found by
//! parsing it.

use oxideav_aac::asc::AudioSpecificConfig;
use oxideav_aac::channel_map::PceElementKind;
use oxideav_aac::ics_body::IcsBody;
use oxideav_aac::ics_info::IcsInfo;
use oxideav_aac::pce::Pce;
use oxideav_aac::raw_data_block::{Element as Kind, IdSynEle, Walker};
use oxideav_aac::spectral_data::SpectralData;
use oxideav_aac::swb_offset::FrameFamily;
use oxideav_core::bits::{BitReader, BitWriter};
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::errors::{Error, Result};

use crate::audio::container::frame::AAC_RATES;

/// Maximum number of channels, and therefore of elements, in a block.
pub(super) const MOST_CHANNELS: usize = 8;
/// The object type of AAC-LC.
const LC: u8 = 2;
/// The identifiers of a single-channel element and, in `END`, of the end of a block.
const SINGLE: u32 = 0;
const END: u32 = 7;

/// Parameters that the packets do not contain.
pub(super) struct Config {
    /// Sample rate in Hz.
    pub rate: u32,
    /// Its index in [`AAC_RATES`].
    index: u8,
    /// `channelConfiguration`, 1 to 7, or 0 if a program configuration describes the channels.
    pub layout: u8,
}

impl Config {
    /// Reads the container's configuration, or takes the rate and channels of an ADTS header. Also returns the program
    /// configuration if there is one.
    ///
    /// # Errors
    /// When the stream is not AAC-LC with 1024 samples per block.
    pub fn of(params: &AudioCodecParameters) -> Result<(Config, Option<Pce>)> {
        let unsupported = Error::Unsupported("aac: not AAC-LC, or of an unusual rate or number of channels");
        let (rate, layout, program) = match params.extra_data.as_deref().map(AudioSpecificConfig::parse) {
            Some(Ok((config, _))) if config.aot == LC && config.ga_body.frame_length.samples() == 1024 => {
                (config.sample_rate, config.channel_configuration, config.ga_body.pce)
            }
            Some(_) => return Err(unsupported),
            None => {
                let layout = match params.channels.as_ref().map_or(0, |channels| channels.count()) {
                    8 => 7,
                    n @ 1..=6 => n as u8,
                    _ => 0,
                };
                (params.sample_rate.unwrap_or(0), layout, None)
            }
        };
        // The standard has no scale factor band tables for the last rate.
        match AAC_RATES.iter().take(12).position(|&known| known == rate) {
            Some(index) if matches!(layout, 0..=7 | 11 | 12) => {
                Ok((Config { rate, index: index as u8, layout }, program))
            }
            _ => Err(unsupported),
        }
    }

    /// Number of output channels; `None` if only the packets determine it. For layout 4, the single rear channel is
    /// duplicated into a pair.
    pub fn channels(&self) -> Option<usize> {
        match self.layout {
            0 => None,
            4 => Some(5),
            7 | 12 => Some(8),
            11 => Some(7),
            n => Some(usize::from(n)),
        }
    }
}

/// The contents of a block (`raw_data_block`).
#[derive(Default)]
pub(super) struct Block {
    pub elements: Vec<Element>,
    /// The program configuration that applies from this block on.
    pub program: Option<Pce>,
}

/// One element, repackaged as a block of its own.
pub(super) struct Element {
    pub kind: PceElementKind,
    /// Distinguishes it from other elements of its kind.
    pub tag: u8,
    pub bytes: Vec<u8>,
}

/// Splits a packet into its blocks.
///
/// # Errors
/// When the packet is invalid, or contains a coupling channel element.
pub(super) fn blocks(data: &[u8], count: usize, config: &Config) -> Result<Vec<Block>> {
    let mut reader = BitReader::new(data);
    (0..count).map(|_| block(data, &mut reader, config.index)).collect()
}

fn block(data: &[u8], reader: &mut BitReader<'_>, rate: u8) -> Result<Block> {
    let broken = || Error::DecodeError("aac: a packet that makes no sense");
    let mut block = Block::default();
    loop {
        let begin = reader.bit_position();
        // Some encoders omit the end marker.
        if reader.bits_remaining() < 3 {
            return Ok(block);
        }
        let (kind, tag) = match Walker::new(reader).next_element().map_err(|_| broken())? {
            Some(Kind::ChannelElement { kind, element_instance_tag }) => (kind, element_instance_tag),
            Some(Kind::ProgramConfig(program)) => {
                block.program = Some(program);
                continue;
            }
            Some(Kind::Fill { .. } | Kind::Data { .. }) => continue,
            Some(Kind::End) | None => {
                reader.align_to_byte();
                return Ok(block);
            }
        };
        let (kind, id) = match kind {
            IdSynEle::Sce => (PceElementKind::Sce, SINGLE),
            // An LFE element has the syntax of a single-channel element.
            IdSynEle::Lfe => (PceElementKind::Lfe, SINGLE),
            IdSynEle::Cpe => (PceElementKind::Cpe, 1),
            _ => return Err(Error::DecodeError("aac: coupled channels")),
        };
        if block.elements.len() == MOST_CHANNELS {
            return Err(Error::DecodeError("aac: more than 8 elements"));
        }
        let read = if id == SINGLE { channel(reader, rate) } else { pair(reader, rate) };
        read.map_err(|_| broken())?;
        let bytes = cut(data, begin, reader.bit_position(), id).map_err(|_| broken())?;
        block.elements.push(Element { kind, tag, bytes });
    }
}

/// Skips one channel.
fn channel(reader: &mut BitReader<'_>, rate: u8) -> oxideav_aac::Result<()> {
    let body = IcsBody::parse_family(reader, FrameFamily::default(), LC, rate, false)?;
    let info = body.ics_info.as_ref().ok_or(oxideav_aac::Error::ElementDecodeInvalid)?;
    SpectralData::parse(reader, info, &body.section_data, rate).map(drop)
}

/// Skips a channel pair.
fn pair(reader: &mut BitReader<'_>, rate: u8) -> oxideav_aac::Result<()> {
    let cut = |_| oxideav_aac::Error::UnexpectedEnd;
    if !reader.read_bit().map_err(cut)? {
        channel(reader, rate)?;
        return channel(reader, rate);
    }
    let info = IcsInfo::parse_family(reader, FrameFamily::default(), LC, rate, true)?;
    // Mask value 1: one bit for each band of each window group follows.
    if reader.read_u32(2).map_err(cut)? == 1 {
        for _ in 0..u32::from(info.num_window_groups) * u32::from(info.max_sfb) {
            reader.read_bit().map_err(cut)?;
        }
    }
    for _ in 0..2 {
        let body = IcsBody::parse_with_ics_info(reader, &info, LC, false)?;
        SpectralData::parse(reader, &info, &body.section_data, rate)?;
    }
    Ok(())
}

/// The bits of an element, its identifier replaced by `id`, followed by an end marker.
fn cut(data: &[u8], begin: u64, end: u64, id: u32) -> oxideav_core::Result<Vec<u8>> {
    let mut reader = BitReader::with_position(data, (begin / 8) as usize);
    reader.skip((begin % 8) as u32 + 3)?;
    let mut writer = BitWriter::with_capacity(((end - begin) / 8 + 2) as usize);
    writer.write_u32(id, 3);
    let mut left = end.saturating_sub(begin + 3);
    while left > 0 {
        let step = left.min(32) as u32;
        writer.write_u32(reader.read_u32(step)?, step);
        left -= u64::from(step);
    }
    writer.write_u32(END, 3);
    Ok(writer.finish())
}
