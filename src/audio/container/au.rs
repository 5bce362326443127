//! AU, the format of Sun and NeXT: a header of big-endian words, and the samples behind it.

use super::bytes::{Bytes, be, check};
use super::iff::{Coding, Wave};
use crate::audio::AudioError;

/// The first bytes of a file.
pub(super) const MAGIC: &[u8; 4] = b".snd";

/// The length of the samples where the writer did not know it.
const UNKNOWN: u64 = 0xffff_ffff;

/// The layout of the audio in a file.
///
/// # Errors
/// When it cannot be read, or its samples are in a form that cannot be played.
pub(super) fn wave(bytes: &Bytes<'_>) -> Result<Wave, AudioError> {
    let head: [u8; 24] = bytes.exactly(0)?;
    let word = |at: usize| be(&head[at..at + 4]);
    let (at, said, rate) = (word(4).max(24), word(8), word(16) as u32);
    let channels = u16::try_from(word(20)).unwrap_or(0);
    let coding = match word(12) {
        1 => Coding::MuLaw,
        2 => Coding::Signed,
        3 => Coding::Big(16),
        4 => Coding::Big(24),
        5 => Coding::Big(32),
        6 => Coding::BigFloat(32),
        7 => Coding::BigFloat(64),
        27 => Coding::ALaw,
        other => return Err(AudioError::Unsupported(format!("au with samples of kind {other}"))),
    };
    check(rate, channels)?;
    let rest = bytes.size.saturating_sub(at);
    // A program that never returned to its header leaves none.
    let (len, cut) = if matches!(said, 0 | UNKNOWN) { (rest, false) } else { (said.min(rest), said > rest) };
    Ok(Wave { cut, ..Wave::plain(coding, rate, channels, (at, len)) })
}
