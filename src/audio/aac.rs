//! AAC-LC with more than two channels. A packet holds independent elements of one or two channels each; every element
//! is extracted and decoded by its own symphonia decoder, which supports only mono and stereo.

mod elements;
mod places;

use oxideav_aac::channel_map::PceElementKind;
use oxideav_aac::pce::Pce;
use symphonia::core::audio::{AsGenericAudioBufferRef, Audio, AudioBuffer, AudioMut, AudioSpec, Channels, layouts};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::{RegisterableAudioDecoder, SupportedAudioCodec};
use symphonia::core::errors::{Error, Result};
use symphonia::core::packet::{Packet, PacketRef};
use symphonia::default::codecs::AacDecoder as Stereo;

use super::buffered::buffered;

use self::elements::{Block, Config, Element, MOST_CHANNELS};
use self::places::{Described, arrange};

/// Samples per channel in a block.
const BLOCK: usize = 1024;
/// Maximum number of blocks in a packet; an ADTS header can state at most four.
const MOST_BLOCKS: usize = 4;

/// Decodes AAC-LC of any number of channels up to 8.
pub(super) struct AacDecoder {
    params: AudioCodecParameters,
    config: Config,
    /// The element that each decoder belongs to: its kind, and how many of that kind come before it in a block.
    decoders: Vec<((PceElementKind, usize), Box<dyn AudioDecoder>)>,
    /// The program configuration, used if the configuration does not describe the channels.
    program: Option<Pce>,
    buf: AudioBuffer<f32>,
}

impl AacDecoder {
    fn new(params: &AudioCodecParameters) -> Result<AacDecoder> {
        let (config, program) = Config::of(params)?;
        let channels = config.channels();
        let mut params = params.clone();
        params.with_sample_rate(config.rate);
        params.channels = channels.map(|n| Channels::Discrete(n as u16));
        let buf = buffer(config.rate, channels.unwrap_or(2));
        Ok(AacDecoder { params, config, decoders: Vec::new(), program, buf })
    }

    fn decode_inner(&mut self, packet: &PacketRef<'_>) -> Result<()> {
        // Only ADTS frames can hold several blocks, and only ADTS comes without a configuration.
        let held = packet.dur.get() as usize / BLOCK;
        let count = if self.params.extra_data.is_some() { 1 } else { held.clamp(1, MOST_BLOCKS) };
        let mut samples = Vec::new();
        let mut width = 0;
        for block in elements::blocks(packet.data, count, &self.config)? {
            let channels = self.decode_block(&block)?;
            if width != 0 && channels.len() != width {
                return Err(Error::DecodeError("aac: the number of channels changes in a packet"));
            }
            width = channels.len();
            samples.extend((0..BLOCK).flat_map(|n| channels.iter().map(move |channel| channel[n])));
        }
        if width == 0 {
            return Err(Error::DecodeError("aac: a packet without sound"));
        }
        if self.buf.spec().channels().count() != width {
            self.buf = buffer(self.config.rate, width);
        }
        self.buf.clear();
        self.buf.render_uninit(Some(samples.len() / width));
        self.buf.copy_from_slice_interleaved(&samples);
        self.buf.trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(())
    }

    /// The channels of a block in the order that [`super::mix`] expects, [`BLOCK`] samples each.
    fn decode_block(&mut self, block: &Block) -> Result<Vec<Vec<f32>>> {
        if let Some(program) = &block.program {
            self.program = Some(program.clone());
        }
        let mut channels = Vec::new();
        let mut described: Vec<Described> = Vec::new();
        for element in &block.elements {
            let width = if matches!(element.kind, PceElementKind::Cpe) { 2 } else { 1 };
            if channels.len() + width > MOST_CHANNELS {
                return Err(Error::DecodeError("aac: more than 8 channels"));
            }
            let before = described.iter().filter(|(kind, ..)| *kind == element.kind).count();
            channels.extend(self.decode_element(element, before, width)?);
            described.push((element.kind, element.tag, width));
        }
        Ok(arrange(self.config.layout, self.program.as_ref(), &described, channels))
    }

    /// Decodes an element that is preceded in its block by `before` elements of the same kind.
    fn decode_element(&mut self, element: &Element, before: usize, width: usize) -> Result<Vec<Vec<f32>>> {
        let key = (element.kind, before);
        // Bounded by the number of channels in a block.
        let place = match self.decoders.iter().position(|(known, _)| *known == key) {
            Some(place) => place,
            None => {
                self.decoders.push((key, single(self.config.rate, width)?));
                self.decoders.len() - 1
            }
        };
        let decoder = &mut self.decoders[place].1;
        let decoded = decoder.decode(&Packet::new(0, 0.into(), (BLOCK as u64).into(), element.bytes.clone()))?;
        let mut samples = Vec::new();
        decoded.copy_to_vec_interleaved(&mut samples);
        if samples.len() != BLOCK * width {
            return Err(Error::DecodeError("aac: an element of another length"));
        }
        Ok((0..width).map(|n| samples.iter().skip(n).step_by(width).copied().collect()).collect())
    }
}

/// A decoder for one or two channels.
fn single(rate: u32, width: usize) -> Result<Box<dyn AudioDecoder>> {
    let channels = if width == 2 { layouts::CHANNEL_LAYOUT_STEREO } else { layouts::CHANNEL_LAYOUT_MONO };
    let mut params = AudioCodecParameters::new();
    params.for_codec(CODEC_ID_AAC).with_sample_rate(rate).with_channels(channels);
    Stereo::try_registry_new(&params, &AudioDecoderOptions::default())
}

fn buffer(rate: u32, channels: usize) -> AudioBuffer<f32> {
    AudioBuffer::new(AudioSpec::new(rate, Channels::Discrete(channels as u16)), MOST_BLOCKS * BLOCK)
}

impl AudioDecoder for AacDecoder {
    fn codec_info(&self) -> &CodecInfo {
        &Stereo::supported_codecs()[0].info
    }

    fn reset(&mut self) {
        self.decoders.clear();
    }

    buffered!();
}

impl RegisterableAudioDecoder for AacDecoder {
    fn try_registry_new(params: &AudioCodecParameters, opts: &AudioDecoderOptions) -> Result<Box<dyn AudioDecoder>> {
        match Stereo::try_registry_new(params, opts) {
            Ok(decoder) => Ok(decoder),
            // Also tried if symphonia reports damage, which is its error for layouts that it does
            // not know.
            Err(_) => Ok(Box::new(AacDecoder::new(params)?)),
        }
    }

    fn supported_codecs() -> &'static [SupportedAudioCodec] {
        Stereo::supported_codecs()
    }
}

#[cfg(test)]
mod made_tests;

#[cfg(test)]
mod tests {
    use crate::audio::decode::Decoder;
    use crate::audio::fixture::stored;
    use crate::audio::probe::probe;

    /// Decodes a stored file; returns the samples and the number of channels.
    fn decode(name: &str) -> (Vec<f32>, usize) {
        let mut decoder = Decoder::open(&stored(name)).unwrap();
        let mut out = Vec::new();
        while decoder.next(&mut out).unwrap() {}
        (out, usize::from(decoder.info().channels))
    }

    /// The amplitude of a frequency (in Hz) in one channel.
    pub(super) fn tone(samples: &[f32], channels: usize, channel: usize, hertz: f64) -> f64 {
        let (mut re, mut im, mut n) = (0.0, 0.0, 0.0);
        // The middle of half a second, which is a whole number of periods of each tone used here.
        for (i, frame) in samples.chunks_exact(channels).enumerate().skip(6615).take(8820) {
            let angle = std::f64::consts::TAU * hertz * i as f64 / 44_100.0;
            re += f64::from(frame[channel]) * angle.cos();
            im += f64::from(frame[channel]) * angle.sin();
            n += 1.0;
        }
        2.0 * f64::hypot(re, im) / n
    }

    /// The files were made with ffmpeg; each channel is a sine of its own frequency and amplitude
    /// 0.4.
    #[test]
    fn every_channel_is_where_it_belongs() {
        for (name, tones) in [
            ("surround-5.1.m4a", &[300, 500, 700, 90, 1100, 1500][..]),
            ("surround-5.1.aac", &[300, 500, 700, 90, 1100, 1500]),
            ("surround-4.0.m4a", &[300, 500, 700, 1100, 1100]),
            ("surround-4.0.aac", &[300, 500, 700, 1100, 1100]),
            ("surround-7.1.m4a", &[300, 500, 700, 90, 1100, 1500, 1900, 2300]),
            // Files whose channels are described by a program configuration.
            ("surround-7.1-wide.aac", &[300, 500, 700, 90, 1100, 1500, 1900, 2300]),
            ("surround-7.1-wide.m4a", &[300, 500, 700, 90, 1100, 1500, 1900, 2300]),
        ] {
            let (samples, channels) = decode(name);
            assert_eq!(channels, tones.len(), "{name}");
            for (channel, &own) in tones.iter().enumerate() {
                for &other in tones {
                    let heard = tone(&samples, channels, channel, f64::from(other));
                    let wanted = if other == own { 0.4 } else { 0.0 };
                    assert!((heard - wanted).abs() < 0.08, "{name}: {other} Hz in channel {channel}: {heard}");
                }
            }
        }
    }

    #[test]
    fn its_length_is_known_and_a_place_in_it_is_found() {
        for name in ["surround-5.1.m4a", "surround-5.1.aac", "surround-7.1.m4a"] {
            let (whole, channels) = decode(name);
            let secs = whole.len() as f64 / channels as f64 / 44_100.0;
            let told = probe(&stored(name)).unwrap().secs;
            assert!((told - secs).abs() < 0.03 && (0.49..0.56).contains(&secs), "{name}: {told} s, decoded {secs} s");
            let mut decoder = Decoder::open(&stored(name)).unwrap();
            decoder.seek(9000.0 / 44_100.0).unwrap();
            let mut rest = Vec::new();
            while decoder.next(&mut rest).unwrap() {}
            let wanted = &whole[9000 * channels..];
            assert_eq!(rest.len(), wanted.len(), "{name}");
            let worst = rest.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-3, "{name}: {worst}");
        }
    }
}
