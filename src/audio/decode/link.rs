//! What a container says of one stream of sound in it.

use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::Track;
use symphonia::core::units::TimeBase;

use super::{MAX_CHANNELS, failure};
use crate::audio::{AudioError, codecs};

/// A stream that can be decoded. Places are in units of its time base.
pub(super) struct Link {
    pub codec: Box<dyn AudioDecoder>,
    pub name: &'static str,
    pub rate: u32,
    /// 0 where only the packets say.
    pub channels: usize,
    pub time_base: TimeBase,
    pub start: i64,
    /// The first sample of the music.
    pub origin: i64,
    /// How much music there is, where the container knows.
    pub end: Option<i64>,
    pub delay: i64,
    /// Whether the delay was stated.
    pub stated: bool,
    /// What its samples are to be multiplied by.
    pub factor: f32,
}

impl Link {
    pub fn of(track: &Track) -> Result<Link, AudioError> {
        let none = || AudioError::Unsupported("no audio parameters".into());
        let mut params = track.codec_params.as_ref().and_then(|p| p.audio()).ok_or_else(none)?.clone();
        let name = codecs::name(params.codec);
        let start = track.start_ts.get();
        let mut codec = make(&params)?;
        // Some readers learn rate and channels from the codec's own header only.
        let rate = params.sample_rate.or(codec.codec_params().sample_rate).unwrap_or(0);
        let channels = params.channels.as_ref().or(codec.codec_params().channels.as_ref()).map_or(0, |c| c.count());
        if rate == 0 || channels > MAX_CHANNELS {
            return Err(AudioError::Unsupported(format!("{channels} channels at {rate} Hz")));
        }
        let time_base = track.time_base.or_else(|| TimeBase::try_from_recip(rate)).ok_or_else(none)?;
        let (mut delay, mut origin, mut factor) = (i64::from(track.delay.unwrap_or(0)), start.max(0), 1.0);
        let mut end = track.num_frames.map(|n| n as i64 - origin);
        if name == "opus" {
            let head = params.extra_data.take().unwrap_or_default();
            let word = |at: usize| head.get(at..at + 2).map_or([0, 0], |b| [b[0], b[1]]);
            // The adapter takes the pre-skip off the first packet only, which may be shorter; here it goes exactly. What
            // comes before the music does not count as music.
            delay = i64::from(u16::from_le_bytes(word(10)));
            origin += delay;
            end = end.map(|n| n - delay);
            // "Must be applied by players" (RFC 7845 §5.1): 256ths of a dB.
            factor = 10f32.powf(f32::from(i16::from_le_bytes(word(16))) / 256.0 / 20.0);
            codec = make(&params)?;
        }
        let stated = track.delay.is_some();
        Ok(Link { codec, name, rate, channels, time_base, start, origin, end, delay, stated, factor })
    }
}

fn make(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, AudioError> {
    codecs::registry().make_audio_decoder(params, &AudioDecoderOptions::default()).map_err(failure)
}
