//! The registry of codecs: those of symphonia, Opus through libopus, AAC with more than two channels, and QuickTime's ADPCM.

use std::sync::OnceLock;

use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known as id;
use symphonia::core::codecs::registry::CodecRegistry;

/// The registry that creates every decoder.
pub(crate) fn registry() -> &'static CodecRegistry {
    static REGISTRY: OnceLock<CodecRegistry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut registry = CodecRegistry::new();
        symphonia::default::register_enabled_codecs(&mut registry);
        registry.register_audio_decoder::<super::opus::OpusDecoder>();
        registry.register_audio_decoder::<super::aac::AacDecoder>();
        registry.register_audio_decoder::<super::ima::ImaDecoder>();
        registry
    })
}

/// The short name of a codec, as in [`crate::track::Probe::codec`].
pub(crate) fn name(codec: AudioCodecId) -> &'static str {
    match codec {
        id::CODEC_ID_MP1 => "mp1",
        id::CODEC_ID_MP2 => "mp2",
        id::CODEC_ID_MP3 => "mp3",
        id::CODEC_ID_FLAC => "flac",
        id::CODEC_ID_VORBIS => "vorbis",
        id::CODEC_ID_OPUS => "opus",
        id::CODEC_ID_AAC => "aac",
        id::CODEC_ID_ALAC => "alac",
        id::CODEC_ID_ADPCM_MS | id::CODEC_ID_ADPCM_IMA_WAV | id::CODEC_ID_ADPCM_IMA_QT => "adpcm",
        _ => "pcm",
    }
}

/// Frames to decode and discard before a seek's target, so that the state a decoder keeps from earlier packets is the
/// same as when decoding from the start: the bit reservoir (≤ 511 bytes) and overlap of mp3, the overlap of AAC and
/// Vorbis, the 80 ms of convergence of Opus (RFC 7845 §4.6), and the packets of QuickTime's ADPCM, of which 128 bring it within
/// a few steps of 16 bits. The blocks of other ADPCM need no earlier ones.
pub(crate) fn preroll(codec: AudioCodecId) -> u64 {
    match codec {
        id::CODEC_ID_MP1 | id::CODEC_ID_MP2 | id::CODEC_ID_MP3 => 10 * 1152,
        id::CODEC_ID_AAC => 3 * 1024,
        id::CODEC_ID_VORBIS | id::CODEC_ID_ADPCM_IMA_QT => 8192,
        id::CODEC_ID_OPUS => 3840,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::codec_named;

    #[test]
    fn every_codec_has_a_name_that_is_kept() {
        for codec in [
            id::CODEC_ID_MP1,
            id::CODEC_ID_MP2,
            id::CODEC_ID_MP3,
            id::CODEC_ID_FLAC,
            id::CODEC_ID_VORBIS,
            id::CODEC_ID_OPUS,
            id::CODEC_ID_AAC,
            id::CODEC_ID_ALAC,
            id::CODEC_ID_ADPCM_MS,
            id::CODEC_ID_ADPCM_IMA_WAV,
            id::CODEC_ID_ADPCM_IMA_QT,
            id::CODEC_ID_PCM_S16LE,
        ] {
            assert_eq!(codec_named(name(codec)), name(codec));
        }
    }

    #[test]
    fn of_adpcm_only_quicktimes_needs_earlier_packets() {
        assert!(preroll(id::CODEC_ID_ADPCM_IMA_QT) > 0);
        assert_eq!((preroll(id::CODEC_ID_ADPCM_MS), preroll(id::CODEC_ID_ADPCM_IMA_WAV)), (0, 0));
    }
}
