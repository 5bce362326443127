//! The encoded audio of a file, and the part of it that is hashed for a track's identity.

use super::bytes::{Bytes, check};
use super::content;
use crate::audio::AudioError;
use crate::track::TrackId;

/// The encoded audio of a file. Codec, rate, channels and length are part of its identity: if any of them were
/// determined differently, the tracks in existing journals would not be found again.
#[derive(Debug)]
pub(in crate::audio) struct Payload {
    /// Short name of the codec.
    pub codec: &'static str,
    /// Sample rate in Hz.
    pub rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Duration in seconds, 0 when unknown.
    pub secs: f64,
    /// Length of the encoded audio in bytes (Ogg: in samples).
    pub length: u64,
    /// Its first [`TrackId::EDGE`] bytes.
    pub head: Vec<u8>,
    /// Its last [`TrackId::EDGE`] bytes.
    pub tail: Vec<u8>,
    /// Hash of the identifying part; see [`content`].
    pub content: [u8; 32],
}

impl Payload {
    /// The identity of the audio, and the one by the previous version.
    pub fn identity(&self) -> (TrackId, TrackId) {
        let Payload { codec, rate, channels, length, head, tail, content, .. } = self;
        let track = TrackId::from_parts(codec, *rate, *channels, *length, content, b"");
        (track, TrackId::former(codec, *rate, *channels, *length, head, tail))
    }

    /// Head, tail and total length of the audio in these ranges (start, length).
    fn edges(bytes: &Bytes<'_>, ranges: &[(u64, u64)]) -> Result<(u64, Vec<u8>, Vec<u8>), AudioError> {
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        for &(start, len) in ranges {
            if head.len() >= TrackId::EDGE {
                break;
            }
            let want = (TrackId::EDGE - head.len()).min(len as usize);
            head.extend(bytes.up_to(start, want)?);
        }
        for &(start, len) in ranges.iter().rev() {
            if tail.len() >= TrackId::EDGE {
                break;
            }
            let want = ((TrackId::EDGE - tail.len()) as u64).min(len);
            let mut piece = bytes.up_to(start + len - want, want as usize)?;
            piece.append(&mut tail);
            tail = piece;
        }
        Ok((ranges.iter().map(|r| r.1).sum(), head, tail))
    }

    /// The payload in ranges (start, length) of the file.
    pub fn of_ranges(
        bytes: &Bytes<'_>,
        format: (&'static str, u32, u16),
        secs: f64,
        ranges: &[(u64, u64)],
    ) -> Result<Payload, AudioError> {
        Payload::summed(bytes, format, secs, ranges, b"")
    }

    /// The same if the container states a checksum of the samples.
    pub fn summed(
        bytes: &Bytes<'_>,
        (codec, rate, channels): (&'static str, u32, u16),
        secs: f64,
        ranges: &[(u64, u64)],
        sum: &[u8],
    ) -> Result<Payload, AudioError> {
        check(rate, channels)?;
        let (length, head, tail) = Payload::edges(bytes, ranges)?;
        if length == 0 {
            return Err(AudioError::Broken("no audio in it".into()));
        }
        let secs = if secs.is_finite() && secs > 0.0 { secs } else { 0.0 };
        let plain = matches!(codec, "pcm" | "adpcm");
        let content = content::hash(
            length,
            plain,
            sum,
            (&|at, len| content::of_ranges(bytes, ranges, at, len), &|at, len| {
                content::announce(bytes, ranges, at, len)
            }),
        )?;
        Ok(Payload { codec, rate, channels, secs, length, head, tail, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn the_edges_of_many_ranges_are_in_the_outermost() {
        let file = tempfile::tempfile().unwrap();
        let whole: Vec<u8> = (0..100 * 4096u32).map(|n| (n >> 8) as u8).collect();
        file.write_all_at(&whole, 0).unwrap();
        let bytes = Bytes::new(&file, whole.len() as u64);
        let ranges: Vec<(u64, u64)> = (0..100).map(|n| (4096 * n, 4096)).collect();
        let (length, head, tail) = Payload::edges(&bytes, &ranges).unwrap();
        assert_eq!(length, whole.len() as u64);
        assert!(head == whole[..TrackId::EDGE] && tail == whole[whole.len() - TrackId::EDGE..]);
        assert_eq!(bytes.calls.get(), 2 * TrackId::EDGE as u64 / 4096, "of the others nothing is read");
    }
}
