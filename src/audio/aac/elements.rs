//! The elements of a packet of AAC (ISO 14496-3 §4.4.2): where each begins and ends. To know its end, all of it must be read.

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

/// Sample rates by their index (table 1.18).
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
/// The object type of AAC-LC.
const LC: u8 = 2;
/// The identifier of an element of one channel, and of the end of a block.
const SINGLE: u32 = 0;
const END: u32 = 7;

/// What the packets do not say of themselves.
pub(super) struct Config {
    /// Sample rate in Hz.
    pub rate: u32,
    /// Its index in [`RATES`].
    index: u8,
    /// `channelConfiguration`, 1 to 7, or 0 where a program configuration tells of the channels.
    pub layout: u8,
}

impl Config {
    /// From the configuration that a container holds, or from the rate and the channels of an ADTS header; and the program
    /// configuration, if there is one in it.
    ///
    /// # Errors
    /// When it is not AAC-LC with 1024 samples in a block.
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
        match RATES.iter().position(|&known| known == rate) {
            Some(index) if layout <= 7 => Ok((Config { rate, index: index as u8, layout }, program)),
            _ => Err(unsupported),
        }
    }

    /// How many channels are given out; `None` where only the packets say. Of four, one is behind and becomes a pair.
    pub fn channels(&self) -> Option<usize> {
        [None, Some(1), Some(2), Some(3), Some(5), Some(5), Some(6), Some(8)][usize::from(self.layout)]
    }
}

/// What a block (`raw_data_block`) holds.
#[derive(Default)]
pub(super) struct Block {
    pub elements: Vec<Element>,
    /// What tells of the channels from here on.
    pub program: Option<Pce>,
}

/// One element, as a block of its own.
pub(super) struct Element {
    pub kind: PceElementKind,
    /// Tells it from others of its kind.
    pub tag: u8,
    pub bytes: Vec<u8>,
}

/// The blocks of a packet.
///
/// # Errors
/// When it makes no sense, or elements depend on each other.
pub(super) fn blocks(data: &[u8], count: usize, config: &Config) -> Result<Vec<Block>> {
    let mut reader = BitReader::new(data);
    (0..count).map(|_| block(data, &mut reader, config.index)).collect()
}

fn block(data: &[u8], reader: &mut BitReader<'_>, rate: u8) -> Result<Block> {
    let broken = || Error::DecodeError("aac: a packet that makes no sense");
    let mut block = Block::default();
    loop {
        let begin = reader.bit_position();
        // Some encoders leave the end out.
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
            // It is an element of one channel like any other.
            IdSynEle::Lfe => (PceElementKind::Lfe, SINGLE),
            IdSynEle::Cpe => (PceElementKind::Cpe, 1),
            _ => return Err(Error::DecodeError("aac: coupled channels")),
        };
        let read = if id == SINGLE { channel(reader, rate) } else { pair(reader, rate) };
        read.map_err(|_| broken())?;
        let bytes = cut(data, begin, reader.bit_position(), id).map_err(|_| broken())?;
        block.elements.push(Element { kind, tag, bytes });
    }
}

/// Reads past one channel.
fn channel(reader: &mut BitReader<'_>, rate: u8) -> oxideav_aac::Result<()> {
    let body = IcsBody::parse_family(reader, FrameFamily::default(), LC, rate, false)?;
    let info = body.ics_info.as_ref().ok_or(oxideav_aac::Error::ElementDecodeInvalid)?;
    SpectralData::parse(reader, info, &body.section_data, rate).map(drop)
}

/// Reads past a pair of channels.
fn pair(reader: &mut BitReader<'_>, rate: u8) -> oxideav_aac::Result<()> {
    let cut = |_| oxideav_aac::Error::UnexpectedEnd;
    if !reader.read_bit().map_err(cut)? {
        channel(reader, rate)?;
        return channel(reader, rate);
    }
    let info = IcsInfo::parse_family(reader, FrameFamily::default(), LC, rate, true)?;
    // Whether there is a bit for each band of each group of windows.
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

/// The bits of an element, with this identifier in place of its own, and an end behind it.
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
