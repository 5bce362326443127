//! The parameters of one audio stream, found before it is decoded.

use symphonia::core::audio::{Channels, Position};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known as id;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::Track;
use symphonia::core::units::{TimeBase, Timestamp};

use super::info::{MAX_CHANNELS, clamped, failure};
use super::packets::Waves;
use crate::audio::container::caf::Packed;
use crate::audio::container::iff::{Coding, Wave};
use crate::audio::container::matroska::Matroska;
use crate::audio::container::mpeg::Run;
use crate::audio::{AudioError, codecs};

/// A stream that can be decoded. Positions are in units of its time base.
pub(super) struct Link {
    pub codec: Box<dyn AudioDecoder>,
    pub name: &'static str,
    pub rate: u32,
    /// 0 if only the packets state it.
    pub channels: usize,
    pub time_base: TimeBase,
    pub start: i64,
    /// The first sample of the music.
    pub origin: i64,
    /// The length of the music, if the container states it.
    pub end: Option<i64>,
    pub delay: i64,
    /// Whether the delay was stated.
    pub stated: bool,
    /// Gain of its samples, as a factor.
    pub factor: f32,
}

impl Link {
    /// A track of a container that symphonia reads.
    pub fn of(track: &Track) -> Result<Link, AudioError> {
        let none = || AudioError::Unsupported("no audio parameters".into());
        let mut params = track.codec_params.as_ref().and_then(|p| p.audio()).ok_or_else(none)?.clone();
        let name = codecs::name(params.codec);
        let start = track.start_ts.get();
        if let Some(core) = params.extra_data.as_deref().filter(|_| name == "aac").and_then(core) {
            params.extra_data = Some(core.into());
        }
        let mut codec = make(&params)?;
        // Some readers know the rate and channels only from the codec's header. For HE-AAC they report those of the
        // full stream, whereas only the core is decoded.
        let told = params.sample_rate.filter(|_| name != "aac");
        let rate = told.or(codec.codec_params().sample_rate).or(params.sample_rate).unwrap_or(0);
        let told = params.channels.as_ref().filter(|_| name != "aac");
        let channels = told.or(codec.codec_params().channels.as_ref()).map_or(0, |c| c.count());
        if rate == 0 || channels > MAX_CHANNELS {
            return Err(AudioError::Unsupported(format!("{channels} channels at {rate} Hz")));
        }
        let time_base = track.time_base.or_else(|| TimeBase::try_from_recip(rate)).ok_or_else(none)?;
        let (mut delay, mut origin, mut factor) = (i64::from(track.delay.unwrap_or(0)), start.max(0), 1.0);
        let mut end = track.num_frames.map(|n| clamped(n.into()).saturating_sub(origin));
        if name == "opus" {
            let mut head = params.extra_data.take().unwrap_or_default();
            let word = |at: usize| head.get(at..at + 2).map_or([0, 0], |b| [b[0], b[1]]);
            delay = i64::from(u16::from_le_bytes(word(10)));
            origin = origin.saturating_add(delay);
            end = end.map(|n| n.saturating_sub(delay));
            // "Must be applied by players" (RFC 7845 §5.1): 256ths of a dB.
            factor = 10f32.powf(f32::from(i16::from_le_bytes(word(16))) / 256.0 / 20.0);
            // symphonia's Opus adapter removes the pre-skip only from the first packet, which may be shorter. It is
            // disabled here and the pre-skip is removed exactly, as samples before the music's origin.
            if let Some(pre_skip) = head.get_mut(10..12) {
                pre_skip.fill(0);
            }
            params.extra_data = Some(head);
            codec = make(&params)?;
        }
        let stated = track.delay.is_some();
        Ok(Link { codec, name, rate, channels, time_base, start, origin, end, delay, stated, factor })
    }

    /// From a run of MPEG audio or ADTS frames.
    pub fn of_run(run: &Run) -> Result<Link, AudioError> {
        let frame = &run.frame;
        let codec = match frame.codec {
            "mp1" => id::CODEC_ID_MP1,
            "mp2" => id::CODEC_ID_MP2,
            "mp3" => id::CODEC_ID_MP3,
            _ => id::CODEC_ID_AAC,
        };
        let mut params = AudioCodecParameters::new();
        params.for_codec(codec).with_sample_rate(frame.rate);
        if !frame.program {
            params.with_channels(positions(frame.channels, 0)?);
        }
        Ok(Link {
            delay: run.skip as i64,
            origin: run.skip as i64,
            stated: run.stated,
            ..Link::plain(&params, run.length)?
        })
    }

    /// From a wav file.
    pub fn of_wave(wave: &Wave) -> Result<Link, AudioError> {
        let codec = match wave.coding {
            Coding::Integer(8) => id::CODEC_ID_PCM_U8,
            Coding::Integer(16) => id::CODEC_ID_PCM_S16LE,
            Coding::Integer(24) => id::CODEC_ID_PCM_S24LE,
            Coding::Integer(_) => id::CODEC_ID_PCM_S32LE,
            Coding::Float(32) => id::CODEC_ID_PCM_F32LE,
            Coding::Float(_) => id::CODEC_ID_PCM_F64LE,
            Coding::Signed => id::CODEC_ID_PCM_S8,
            Coding::Big(16) => id::CODEC_ID_PCM_S16BE,
            Coding::Big(24) => id::CODEC_ID_PCM_S24BE,
            Coding::Big(_) => id::CODEC_ID_PCM_S32BE,
            Coding::BigFloat(32) => id::CODEC_ID_PCM_F32BE,
            Coding::BigFloat(_) => id::CODEC_ID_PCM_F64BE,
            Coding::ALaw => id::CODEC_ID_PCM_ALAW,
            Coding::MuLaw => id::CODEC_ID_PCM_MULAW,
            Coding::Microsoft => id::CODEC_ID_ADPCM_MS,
            Coding::Ima => id::CODEC_ID_ADPCM_IMA_WAV,
            Coding::QuickTime => id::CODEC_ID_ADPCM_IMA_QT,
        };
        let mut params = AudioCodecParameters::new();
        params
            .for_codec(codec)
            .with_sample_rate(wave.rate)
            .with_channels(positions(wave.channels, wave.mask)?)
            .with_max_frames_per_packet(Waves::longest(wave))
            .with_frames_per_block(wave.samples);
        if let Coding::Integer(bits) | Coding::Big(bits) = wave.coding {
            params.with_bits_per_sample(bits.into()).with_bits_per_coded_sample(bits.into());
        }
        Link::plain(&params, wave.length)
    }

    /// From a CAF file's packets.
    pub fn of_packed(packed: &Packed) -> Result<Link, AudioError> {
        let mut params = AudioCodecParameters::new();
        params.for_codec(if packed.codec == "alac" { id::CODEC_ID_ALAC } else { id::CODEC_ID_AAC });
        let mut track = Track::new(0);
        track.with_num_frames(packed.first.saturating_add(packed.length));
        Link::own(params, track, (packed.rate, packed.channels), &packed.config)
    }

    /// From a Matroska file's track.
    pub fn of_matroska(movie: &Matroska) -> Result<Link, AudioError> {
        let own = &movie.track;
        let codec = match (own.codec, own.bits, own.float, own.big) {
            ("mp1", ..) => id::CODEC_ID_MP1,
            ("mp2", ..) => id::CODEC_ID_MP2,
            ("mp3", ..) => id::CODEC_ID_MP3,
            ("opus", ..) => id::CODEC_ID_OPUS,
            ("vorbis", ..) => id::CODEC_ID_VORBIS,
            ("flac", ..) => id::CODEC_ID_FLAC,
            ("alac", ..) => id::CODEC_ID_ALAC,
            ("pcm", 32, true, _) => id::CODEC_ID_PCM_F32LE,
            ("pcm", _, true, _) => id::CODEC_ID_PCM_F64LE,
            ("pcm", 8, ..) => id::CODEC_ID_PCM_U8,
            ("pcm", 16, _, false) => id::CODEC_ID_PCM_S16LE,
            ("pcm", 16, _, true) => id::CODEC_ID_PCM_S16BE,
            ("pcm", 24, _, false) => id::CODEC_ID_PCM_S24LE,
            ("pcm", 24, _, true) => id::CODEC_ID_PCM_S24BE,
            ("pcm", _, _, false) => id::CODEC_ID_PCM_S32LE,
            ("pcm", _, _, true) => id::CODEC_ID_PCM_S32BE,
            _ => id::CODEC_ID_AAC,
        };
        let mut params = AudioCodecParameters::new();
        params.for_codec(codec);
        // The music begins behind what the decoder puts in front; Opus states that itself.
        let delay = movie.of_nanos(own.delay.into()).max(0);
        let mut track = Track::new(0);
        if movie.length > 0 {
            track.with_num_frames(movie.length.saturating_add_signed(delay));
        }
        if own.codec != "opus" {
            track.with_start_ts(Timestamp::new(delay));
        }
        // The first block begins before the music, and a decoder that is to begin with the music needs it.
        Ok(Link { start: 0, ..Link::own(params, track, (own.rate, own.channels), &own.config)? })
    }

    /// A track of a container that is read here. Its units are samples.
    fn own(
        mut params: AudioCodecParameters,
        mut track: Track,
        (rate, channels): (u32, u16),
        config: &[u8],
    ) -> Result<Link, AudioError> {
        params.with_sample_rate(rate).with_channels(positions(channels, 0)?);
        if !config.is_empty() {
            params.with_extra_data(config.into());
        }
        let none = || AudioError::Unsupported(format!("{channels} channels at {rate} Hz"));
        track.with_time_base(TimeBase::try_from_recip(rate).ok_or_else(none)?);
        track.with_codec_params(CodecParameters::Audio(params));
        Link::of(&track)
    }

    fn plain(params: &AudioCodecParameters, length: u64) -> Result<Link, AudioError> {
        let (codec, end) = (make(params)?, Some(length as i64));
        let name = codecs::name(params.codec);
        // Four-channel AAC is decoded to five channels; for some layouts only the packets determine the number.
        let told = if name == "aac" { &codec.codec_params().channels } else { &params.channels };
        let (rate, channels) = (params.sample_rate.unwrap_or(0), told.as_ref().map_or(0, |c| c.count()));
        let none = || AudioError::Unsupported(format!("{channels} channels at {rate} Hz"));
        let time_base = TimeBase::try_from_recip(rate).ok_or_else(none)?;
        let link = Link {
            codec,
            name,
            rate,
            channels,
            time_base,
            start: 0,
            origin: 0,
            end,
            delay: 0,
            stated: true,
            factor: 1.0,
        };
        if channels > MAX_CHANNELS { Err(none()) } else { Ok(link) }
    }
}

/// A layout of `channels` channels, at the positions given by a speaker mask if it names that many.
fn positions(channels: u16, mask: u32) -> Result<Channels, AudioError> {
    let said = Position::from_bits(mask.into()).filter(|_| mask.count_ones() == u32::from(channels));
    let usual = || if channels == 1 { Some(Position::FRONT_CENTER) } else { Position::from_count(channels.into()) };
    let none = || AudioError::Unsupported(format!("{channels} channels"));
    said.or_else(usual).map(Channels::Positioned).ok_or_else(none)
}

/// The configuration of the AAC-LC core in one of HE-AAC (ISO 14496-3 §1.6.2.1): decoded alone, the core lacks the
/// upper half of the spectrum (and the stereo of parametric stereo). `None` if it is not HE-AAC.
fn core(config: &[u8]) -> Option<[u8; 2]> {
    let word = u16::from_be_bytes([*config.first()?, *config.get(1)?]);
    let (kind, rate) = (word >> 11, word >> 7 & 15);
    (matches!(kind, 5 | 29) && rate < 13).then(|| (2 << 11 | word & 0x07f8).to_be_bytes())
}

fn make(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, AudioError> {
    let made = codecs::registry().make_audio_decoder(params, &AudioDecoderOptions::default());
    made.map_err(|error| match (&error, params.codec) {
        (Error::Unsupported(_), id::CODEC_ID_AAC) => AudioError::Unsupported(
            "this kind of AAC; AAC-LC with up to 8 channels, and the core of HE-AAC, can be played".into(),
        ),
        _ => failure(error),
    })
}
