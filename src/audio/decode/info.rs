//! What is known about a stream before decoding, and limits of decoding.

use symphonia::core::errors::Error;

use crate::audio::AudioError;

/// Maximum number of channels.
pub(super) const MAX_CHANNELS: usize = 32;

/// What is known about a stream before decoding.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamInfo {
    /// Sample rate in Hz.
    pub rate: u32,
    /// Number of channels, as interleaved by [`Decoder::next`](super::Decoder::next).
    pub channels: u16,
    /// Short name of the codec, as in [`crate::track::Probe::codec`].
    pub codec: &'static str,
    /// Duration in seconds without delay and padding, when the container states it or allows an estimate.
    pub secs: Option<f64>,
    /// Samples of encoder delay removed at the front.
    pub delay: u32,
    /// Whether the container states exactly where the music begins and ends, so that tracks join without a gap.
    pub gapless: bool,
}

/// A number of frames or of a container's units as an `i64`; what a damaged file states beyond that is clamped.
pub(super) fn clamped(n: i128) -> i64 {
    i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX })
}

/// Converts an error on opening into an [`AudioError`].
pub(super) fn failure(error: Error) -> AudioError {
    match error {
        Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            AudioError::Unsupported("no known format in it, or cut short".into())
        }
        Error::IoError(error) => AudioError::Io(error),
        Error::Unsupported(what) => AudioError::Unsupported(what.to_owned()),
        other => AudioError::Broken(other.to_string()),
    }
}
