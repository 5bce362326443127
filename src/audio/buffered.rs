//! What decoders of several channels have in common.

/// The methods of symphonia's `AudioDecoder` for a decoder with the fields `params` and `buf` whose method `decode_inner`
/// decodes a packet into `buf`. After an error the buffer is empty.
macro_rules! buffered {
    () => {
        fn codec_params(&self) -> &symphonia::core::codecs::audio::AudioCodecParameters {
            &self.params
        }

        fn decode_ref(
            &mut self,
            packet: &symphonia::core::packet::PacketRef<'_>,
        ) -> symphonia::core::errors::Result<symphonia::core::audio::GenericAudioBufferRef<'_>> {
            if let Err(error) = self.decode_inner(packet) {
                self.buf.clear();
                return Err(error);
            }
            Ok(self.last_decoded())
        }

        fn finalize(&mut self) -> symphonia::core::codecs::audio::FinalizeResult {
            symphonia::core::codecs::audio::FinalizeResult::default()
        }

        fn last_decoded(&self) -> symphonia::core::audio::GenericAudioBufferRef<'_> {
            self.buf.as_generic_audio_buffer_ref()
        }
    };
}

pub(super) use buffered;
