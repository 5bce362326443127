//! IMA ADPCM in the packets of QuickTime, `ima4` in CAF and AIFF-C: 64 samples of a channel in four bits each, behind the state of
//! the decoder in front of them.
//!
//! The state has only the upper nine bits of the sample before. Encoders go on from all sixteen, and so does this decoder, as
//! QuickTime's does. symphonia's takes the nine: that is noise of up to 127 steps of 16 bits, louder than quiet music.

use symphonia::core::audio::{AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::well_known::CODEC_ID_ADPCM_IMA_QT;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::{RegisterableAudioDecoder, SupportedAudioCodec};
use symphonia::core::errors::{Error, Result};
use symphonia::core::packet::PacketRef;

use super::buffered::buffered;

/// Bytes of a packet and samples in it, for each channel. The packets of several channels take turns.
pub(super) const BYTES: usize = 34;
pub(super) const SAMPLES: usize = 64;

/// What the bits of the sample before leave open.
const OPEN: i32 = 0x7f;

/// Sizes of a step, and how a sample's lower three bits move along them.
pub(super) const STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107,
    118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963,
    1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894,
    6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794,
    32767,
];
pub(super) const MOVES: [isize; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

const SUPPORTED: &[SupportedAudioCodec] = &[SupportedAudioCodec {
    id: CODEC_ID_ADPCM_IMA_QT,
    info: CodecInfo { short_name: "adpcm_ima_qt", long_name: "ADPCM IMA QT", profiles: &[] },
}];

/// Decodes any number of channels.
pub(super) struct ImaDecoder {
    params: AudioCodecParameters,
    /// The last sample of each channel, if it is known.
    last: Vec<Option<i32>>,
    buf: AudioBuffer<i16>,
}

impl ImaDecoder {
    fn new(params: &AudioCodecParameters) -> Result<ImaDecoder> {
        let (Some(rate), Some(channels)) = (params.sample_rate, params.channels.clone()) else {
            return Err(Error::Unsupported("ima4: no rate or no channels"));
        };
        let longest = params.max_frames_per_packet.unwrap_or(SAMPLES as u64) as usize;
        let last = vec![None; channels.count()];
        Ok(ImaDecoder { params: params.clone(), last, buf: AudioBuffer::new(AudioSpec::new(rate, channels), longest) })
    }

    fn decode_inner(&mut self, packet: &PacketRef<'_>) -> Result<()> {
        let channels = self.last.len().max(1);
        let frames = packet.data.len() / (BYTES * channels) * SAMPLES;
        if frames > self.buf.capacity() {
            return Err(Error::DecodeError("ima4: a packet that is too long"));
        }
        self.buf.clear();
        self.buf.render_uninit(Some(frames));
        for (channel, last) in self.last.iter_mut().enumerate() {
            let own = packet.data.chunks_exact(BYTES).skip(channel).step_by(channels);
            let plane = self.buf.plane_mut(channel).unwrap_or_default();
            own.zip(plane.chunks_exact_mut(SAMPLES)).for_each(|(packet, out)| *last = expand(packet, *last, out));
        }
        self.buf.trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(())
    }
}

/// Decodes a packet of one channel. `last`: the sample before, if it is known. Returns the last sample.
fn expand(packet: &[u8], last: Option<i32>, out: &mut [i16]) -> Option<i32> {
    let (&[high, low], bytes) = packet.split_first_chunk::<2>()?;
    let stated = i32::from(i16::from_be_bytes([high, low & 0x80]));
    let mut step = usize::from(low & 0x7f).min(STEPS.len() - 1);
    let mut sample = last.map_or(stated, |last| last.clamp(stated, stated | OPEN));
    let bits = bytes.iter().flat_map(|&byte| [byte & 15, byte >> 4]);
    for (bits, out) in bits.zip(out) {
        let size = STEPS[step];
        let parts = [(4u8, size), (2, size >> 1), (1, size >> 2)];
        let change = parts.iter().filter(|(bit, _)| bits & bit != 0).fold(size >> 3, |sum, (_, part)| sum + part);
        let moved = if bits & 8 != 0 { sample - change } else { sample + change };
        sample = moved.clamp(i16::MIN.into(), i16::MAX.into());
        step = step.saturating_add_signed(MOVES[usize::from(bits & 7)]).min(STEPS.len() - 1);
        *out = sample as i16;
    }
    Some(sample)
}

impl AudioDecoder for ImaDecoder {
    fn codec_info(&self) -> &CodecInfo {
        &SUPPORTED[0].info
    }

    fn reset(&mut self) {
        self.last.fill(None);
    }

    buffered!();
}

impl RegisterableAudioDecoder for ImaDecoder {
    fn try_registry_new(params: &AudioCodecParameters, _: &AudioDecoderOptions) -> Result<Box<dyn AudioDecoder>> {
        Ok(Box::new(ImaDecoder::new(params)?))
    }

    fn supported_codecs() -> &'static [SupportedAudioCodec] {
        SUPPORTED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone by ffmpeg, as two packets of one channel, and what ffmpeg hears of the second one: its first samples and its last.
    const PACKETS: [[u8; BYTES]; 2] = [
        *b"\x00\x00\x77\x77\x77\x07\x98\xa9\xbb\xab\xab\x88\x32\x45\x34\x24\x22\x81\xb8\xeb\xcb\xcb\x9a\x89\x20\x53\x53\x33\x32\x01\x98\xcc\xbc\xbc",
        *b"\xfb\x30\xbb\x8a\x28\x53\x44\x43\x22\x12\x88\xbb\xbe\xbc\xac\x99\x08\x32\x35\x35\x23\x13\x91\xc9\xcc\xcb\xbb\xab\x88\x32\x45\x34\x24\x22",
    ];
    const FIRST: [i16; 8] = [-1809, -2384, -2757, -2825, -2886, -2606, -2249, -1740];
    const LAST: [i16; 4] = [306, 1120, 1667, 2164];

    #[test]
    fn a_packet_goes_on_from_the_one_before() {
        let mut out = [[0; SAMPLES]; 2];
        let last = expand(&PACKETS[0], None, &mut out[0]);
        assert_eq!((out[0][..4].to_vec(), last), (vec![11, 41, 104, 240], Some(-1176)));
        assert_eq!(expand(&PACKETS[1], last, &mut out[1]), Some(2616));
        assert_eq!((&out[1][..8], &out[1][59..63]), (&FIRST[..], &LAST[..]));
        // Alone it stands where its nine bits say, a little lower.
        let mut alone = [0; SAMPLES];
        expand(&PACKETS[1], None, &mut alone);
        assert!(alone.iter().zip(&out[1]).all(|(alone, whole)| whole - alone == 1280 - 1176));
        // What cannot have been before it is brought as near as can be.
        expand(&PACKETS[1], Some(9000), &mut alone);
        assert_eq!(alone[0] - out[1][0], 1176 - 1153);
        assert_eq!(expand(&[7], None, &mut alone), None);
    }
}
