//! Containers: codec, sample rate, duration and position of the encoded audio, found with a few small reads. Tags and pictures
//! are skipped, never read.

mod au;
pub(super) mod blocks;
mod bytes;
pub(super) mod caf;
pub(super) mod chain;
mod chapters;
mod content;
mod ebml;
mod editions;
pub(super) mod flac;
mod fragments;
pub(super) mod frame;
pub(super) mod iff;
pub(super) mod matroska;
pub(super) mod mp4;
pub(super) mod mpeg;
mod ogg;
mod page;
mod payload;
mod segment;
pub(super) mod sheet;

use std::path::Path;

use super::AudioError;
pub(super) use bytes::{Bytes, check, open};
pub(super) use payload::Payload;

/// The format of a file, determined from its first bytes regardless of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Flac,
    Ogg,
    Wave,
    Wave64,
    Aiff,
    Mp4,
    Au,
    Caf,
    Matroska,
    /// MPEG audio, or unknown.
    Mpeg,
}

/// The format of a file, and the offset after leading tags.
fn kind(bytes: &Bytes<'_>) -> Result<(Kind, u64), AudioError> {
    let start = mpeg::after_id3v2(bytes)?;
    let magic = bytes.up_to(start, 12)?;
    let is = |at: usize, what: &[u8]| magic.get(at..at + what.len()) == Some(what);
    let kind = if is(0, b"fLaC") {
        Kind::Flac
    } else if is(0, b"OggS") {
        Kind::Ogg
    } else if (is(0, b"RIFF") || is(0, b"RF64") || is(0, b"BW64")) && is(8, b"WAVE") {
        Kind::Wave
    } else if is(0, iff::WAVE64) {
        Kind::Wave64
    } else if is(0, b"FORM") && (is(8, b"AIFF") || is(8, b"AIFC")) {
        Kind::Aiff
    } else if is(4, b"ftyp") {
        Kind::Mp4
    } else if start == 0 && is(0, au::MAGIC) {
        Kind::Au
    } else if start == 0 && is(0, caf::MAGIC) {
        Kind::Caf
    } else if start == 0 && is(0, matroska::MAGIC) {
        Kind::Matroska
    } else {
        Kind::Mpeg
    };
    Ok((kind, start))
}

/// Finds the encoded audio of a file by its content, regardless of its name.
pub(super) fn payload(path: &Path) -> Result<Payload, AudioError> {
    let (file, size) = open(path)?;
    let bytes = Bytes::new(&file, size);
    let (kind, start) = kind(&bytes)?;
    match kind {
        Kind::Flac => flac::payload(&bytes, start),
        Kind::Ogg => ogg::payload(&bytes, start),
        Kind::Wave => iff::Wave::read(&bytes, start)?.payload(&bytes),
        Kind::Wave64 => iff::Wave::read_long(&bytes)?.payload(&bytes),
        Kind::Aiff => iff::Aiff::read(&bytes, start)?.payload(&bytes),
        Kind::Mp4 => mp4::payload(&bytes),
        Kind::Au => au::wave(&bytes)?.payload(&bytes),
        Kind::Caf => caf::read(&bytes)?.payload(&bytes),
        Kind::Matroska => blocks::read(&bytes)?.payload(&bytes),
        Kind::Mpeg => mpeg::payload(&bytes, start),
    }
}

/// The layout of the audio in a file: the decoder uses it, and [`payload`] derives the duration from it, so that lists
/// and the player agree.
#[derive(Debug)]
pub(super) enum Layout {
    Mpeg(mpeg::Layout),
    Wave(iff::Wave),
    /// Chained streams.
    Ogg(Vec<chain::Link>),
    Mp4(Box<mp4::Movie>),
    Flac(flac::Stream),
    /// Packets that a table lists.
    Packed(caf::Packed),
    Matroska(matroska::Matroska),
    /// Left to the decoder.
    Other,
}

/// Determines the layout of the audio in a file. `all`: as for [`chain::links`].
///
/// # Errors
/// When the file cannot be read, or is of a format that only this program reads, or FLAC, and cannot be played. Faults of other
/// formats are reported by the decoder.
pub(super) fn layout(bytes: &Bytes<'_>, all: bool) -> Result<Layout, AudioError> {
    let (kind, start) = kind(bytes)?;
    let found = match kind {
        Kind::Mpeg => mpeg::layout(bytes, start).map(Layout::Mpeg),
        Kind::Wave => iff::Wave::read(bytes, start).map(Layout::Wave),
        Kind::Wave64 => iff::Wave::read_long(bytes).map(Layout::Wave),
        Kind::Ogg => chain::links(bytes, start, all).map(Layout::Ogg),
        Kind::Mp4 => mp4::Movie::read(bytes).map(|movie| Layout::Mp4(Box::new(movie))),
        Kind::Flac => flac::stream(bytes, start).map(Layout::Flac),
        Kind::Au => au::wave(bytes).map(Layout::Wave),
        Kind::Caf => caf::read(bytes).map(|caf| match caf {
            caf::Caf::Plain(wave) => Layout::Wave(wave),
            caf::Caf::Packed(packed) => Layout::Packed(packed),
        }),
        Kind::Matroska => blocks::read(bytes).map(Layout::Matroska),
        Kind::Aiff => iff::Aiff::read(bytes, start).map(|aiff| aiff.packets().map_or(Layout::Other, Layout::Wave)),
    };
    match found {
        Err(AudioError::Io(error)) => Err(error.into()),
        Err(error) if matches!(kind, Kind::Wave | Kind::Wave64 | Kind::Au | Kind::Caf | Kind::Matroska) => Err(error),
        Err(error @ AudioError::Unsupported(_)) if kind == Kind::Flac => Err(error),
        Err(_) => Ok(Layout::Other),
        Ok(layout) => Ok(layout),
    }
}
