//! Opus with more than two channels (RFC 7845 §5.1.1): every packet holds several streams of one or two channels, each decoded
//! by its own libopus decoder.

use symphonia::core::audio::{AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec, Channels, Position, layouts};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::{RegisterableAudioDecoder, SupportedAudioCodec};
use symphonia::core::errors::{Error, Result};
use symphonia::core::packet::{Packet, PacketRef};
use symphonia_adapter_libopus::OpusDecoder as Single;

use super::buffered::buffered;

/// Opus always decodes to this rate in Hz.
const RATE: u32 = 48_000;
/// Samples per channel in the longest packet: 120 ms.
const LONGEST: usize = 5760;
/// By number of channels: the position in wav order of each channel in Vorbis's order (left, centre, right, …).
const PLACES: [&[usize]; 8] = [
    &[0],
    &[0, 1],
    &[0, 2, 1],
    &[0, 1, 2, 3],
    &[0, 2, 1, 3, 4],
    &[0, 2, 1, 4, 5, 3],
    &[0, 2, 1, 5, 6, 4, 3],
    &[0, 2, 1, 6, 7, 4, 5, 3],
];

/// Decodes Opus of any number of channels.
pub(super) struct OpusDecoder {
    params: AudioCodecParameters,
    streams: Vec<Box<dyn AudioDecoder>>,
    /// For each output channel: its stream, the channel within it, and that stream's number of channels; `None` for
    /// silence.
    sources: Vec<Option<(usize, usize, usize)>>,
    /// The decoded samples of a packet, per stream.
    decoded: Vec<Vec<f32>>,
    out: Vec<f32>,
    buf: AudioBuffer<f32>,
}

impl OpusDecoder {
    /// A decoder for the streams described by an identification header.
    fn with_head(params: &AudioCodecParameters, head: &[u8]) -> Result<OpusDecoder> {
        let broken = || Error::DecodeError("opus: the header's channel mapping makes no sense");
        let byte = |at: usize| head.get(at).copied().map(usize::from).ok_or_else(broken);
        let (channels, streams, coupled) = (byte(9)?, byte(19)?, byte(20)?);
        let mapping = head.get(21..21 + channels).ok_or_else(broken)?;
        let order = *PLACES.get(channels.wrapping_sub(1)).ok_or_else(broken)?;
        if byte(18)? != 1 || streams == 0 || streams > 2 * channels || coupled > streams {
            return Err(broken());
        }
        let mut sources = vec![None; channels];
        for (&place, &index) in order.iter().zip(mapping) {
            sources[place] = match usize::from(index) {
                255 => None,
                n if n < 2 * coupled => Some((n / 2, n % 2, 2)),
                n if n < streams + coupled => Some((n - coupled, 0, 1)),
                _ => return Err(broken()),
            };
        }
        let positions = Position::from_count(channels as u32).ok_or_else(broken)?;
        let spec = AudioSpec::new(RATE, Channels::Positioned(positions));
        let mut params = params.clone();
        params.with_channels(spec.channels().clone());
        Ok(OpusDecoder {
            params,
            streams: (0..streams).map(|stream| single(stream < coupled)).collect::<Result<_>>()?,
            sources,
            decoded: vec![Vec::new(); streams],
            out: Vec::new(),
            buf: AudioBuffer::new(spec, LONGEST),
        })
    }

    fn decode_inner(&mut self, packet: &PacketRef<'_>) -> Result<()> {
        let (mut rest, last) = (packet.data, self.streams.len() - 1);
        let mut frames = usize::MAX;
        for (n, (stream, decoded)) in self.streams.iter_mut().zip(&mut self.decoded).enumerate() {
            // All streams but the last state their length.
            let own = if n < last { delimited(&mut rest)? } else { rest.to_vec() };
            let buffer = stream.decode(&Packet::new(0, packet.pts, packet.dur, own))?;
            frames = frames.min(buffer.frames());
            buffer.copy_to_vec_interleaved(decoded);
        }
        self.out.clear();
        for frame in 0..frames {
            let sample = |source: &Option<(usize, usize, usize)>| {
                source.and_then(|(stream, channel, width)| self.decoded[stream].get(frame * width + channel).copied())
            };
            self.out.extend(self.sources.iter().map(|source| sample(source).unwrap_or(0.0)));
        }
        self.buf.clear();
        self.buf.render_uninit(Some(frames));
        self.buf.copy_from_slice_interleaved(&self.out);
        self.buf.trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(())
    }
}

/// A decoder of one stream.
fn single(stereo: bool) -> Result<Box<dyn AudioDecoder>> {
    let mut params = AudioCodecParameters::new();
    let channels = if stereo { layouts::CHANNEL_LAYOUT_STEREO } else { layouts::CHANNEL_LAYOUT_MONO };
    params.for_codec(CODEC_ID_OPUS).with_sample_rate(RATE).with_channels(channels);
    Single::try_registry_new(&params, &AudioDecoderOptions::default())
}

/// Splits off leading bytes.
fn take<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8]> {
    let cut = Error::DecodeError("opus: a stream's packet is cut short");
    let (front, back) = rest.split_at_checked(len).ok_or(cut)?;
    *rest = back;
    Ok(front)
}

/// Takes a length off the front: one byte up to 251, otherwise two. Also returns the bytes that
/// encode it.
fn length<'a>(rest: &mut &'a [u8]) -> Result<(usize, &'a [u8])> {
    let bytes = match rest.first() {
        Some(252..) => take(rest, 2)?,
        _ => take(rest, 1)?,
    };
    Ok((bytes.iter().zip([1, 4]).map(|(&byte, by)| usize::from(byte) * by).sum(), bytes))
}

/// Takes a self-delimiting packet (RFC 6716, appendix B) off the front and converts it to a regular one.
fn delimited(rest: &mut &[u8]) -> Result<Vec<u8>> {
    let toc = take(rest, 1)?[0];
    let mut packet = vec![toc];
    let data = match toc & 3 {
        // One frame, or two of equal length.
        0 => length(rest)?.0,
        1 => 2 * length(rest)?.0,
        2 => {
            let (first, bytes) = length(rest)?;
            packet.extend_from_slice(bytes);
            first + length(rest)?.0
        }
        // Any number of frames, followed by padding.
        _ => {
            let count = take(rest, 1)?[0];
            let (frames, padded, varies) = (usize::from(count & 0x3f), count & 0x40 != 0, count & 0x80 != 0);
            packet.push(count & !0x40);
            let mut padding = 0;
            if padded {
                loop {
                    let byte = take(rest, 1)?[0];
                    padding += usize::from(byte.min(254));
                    if byte < 255 {
                        break;
                    }
                }
            }
            let mut data = 0;
            if varies {
                for _ in 1..frames {
                    let (len, bytes) = length(rest)?;
                    packet.extend_from_slice(bytes);
                    data += len;
                }
                data += length(rest)?.0;
            } else {
                data = frames * length(rest)?.0;
            }
            packet.extend_from_slice(take(rest, data)?);
            take(rest, padding)?;
            return Ok(packet);
        }
    };
    packet.extend_from_slice(take(rest, data)?);
    Ok(packet)
}

impl AudioDecoder for OpusDecoder {
    fn codec_info(&self) -> &CodecInfo {
        self.streams[0].codec_info()
    }

    fn reset(&mut self) {
        self.streams.iter_mut().for_each(|stream| stream.reset());
    }

    buffered!();
}

impl RegisterableAudioDecoder for OpusDecoder {
    fn try_registry_new(params: &AudioCodecParameters, opts: &AudioDecoderOptions) -> Result<Box<dyn AudioDecoder>> {
        match params.extra_data.as_deref() {
            // Mapping 0 is a single stream of one or two channels.
            Some(head) if head.get(18).is_some_and(|&mapping| mapping != 0) => {
                Ok(Box::new(OpusDecoder::with_head(params, head)?))
            }
            _ => Single::try_registry_new(params, opts),
        }
    }

    fn supported_codecs() -> &'static [SupportedAudioCodec] {
        Single::supported_codecs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_that_say_their_length_become_ones_that_do_not() {
        let long = [7; 300];
        for (input, want) in [
            (vec![0x08, 3, 1, 2, 3], vec![0x08, 1, 2, 3]),
            (vec![0x09, 2, 1, 2, 3, 4], vec![0x09, 1, 2, 3, 4]),
            (vec![0x0a, 1, 2, 1, 2, 3], vec![0x0a, 1, 1, 2, 3]),
            (vec![0x0b, 0x03, 1, 1, 2, 3], vec![0x0b, 0x03, 1, 2, 3]),
            // Different lengths, and four bytes of padding.
            (vec![0x0b, 0xc2, 4, 1, 2, 1, 2, 3, 0, 0, 0, 0], vec![0x0b, 0x82, 1, 1, 2, 3]),
            ([&[0x08, 252, 12][..], &long].concat(), [&[0x08][..], &long].concat()),
        ] {
            let whole = [&input[..], &[9, 9]].concat();
            let mut rest = &whole[..];
            assert_eq!(delimited(&mut rest).unwrap(), want, "{input:?}");
            assert_eq!(rest, [9, 9], "{input:?}");
            for cut in 0..input.len() {
                assert!(delimited(&mut &input[..cut]).is_err(), "{input:?} to {cut}");
            }
        }
    }

    /// A header of five channels and a bass channel: four streams, two of them stereo.
    fn head() -> Vec<u8> {
        let mut head = b"OpusHead\x01\x06\0\0\x80\xbb\0\0\0\0\x01\x04\x02".to_vec();
        head.extend([0, 4, 1, 2, 3, 5]);
        head
    }

    #[test]
    fn each_channel_comes_from_its_stream() {
        let mut params = AudioCodecParameters::new();
        params.for_codec(CODEC_ID_OPUS).with_sample_rate(RATE);
        let decoder = OpusDecoder::with_head(&params, &head()).unwrap();
        // Left and right, centre, bass, rear; the stereo streams come first.
        let want = [(0, 0, 2), (0, 1, 2), (2, 0, 1), (3, 0, 1), (1, 0, 2), (1, 1, 2)].map(Some);
        assert_eq!(decoder.sources, want);
        for (at, byte) in [(9, 9), (18, 7), (19, 0), (20, 5), (22, 6)] {
            let mut head = head();
            head[at] = byte;
            assert!(OpusDecoder::with_head(&params, &head).is_err(), "{at}: {byte}");
        }
    }

    #[test]
    fn silence_of_six_channels_is_decoded() {
        let mut params = AudioCodecParameters::new();
        params.for_codec(CODEC_ID_OPUS).with_sample_rate(RATE);
        let mut decoder = OpusDecoder::with_head(&params, &head()).unwrap();
        // 20 ms of silent CELT, in stereo and in mono.
        let (pair, one) = ([0xfc, 2, 0xff, 0xfe], [0xf8, 2, 0xff, 0xfe]);
        let data = [&pair[..], &pair, &one, &[0xf8, 0xff, 0xfe]].concat();
        let packet = Packet::new(0, Default::default(), Default::default(), data);
        let buffer = decoder.decode(&packet).unwrap();
        assert_eq!((buffer.frames(), buffer.spec().channels().count()), (960, 6));
        let packet = Packet::new(0, Default::default(), Default::default(), vec![0xfc, 200, 1]);
        assert!(decoder.decode(&packet).is_err());
    }
}
