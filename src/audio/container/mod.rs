//! What containers say about the sound in them, read with a few small reads: codec, rate, duration and where the
//! encoded audio lies. Tags and pictures are stepped over, never read.

pub(super) mod chain;
mod content;
pub(super) mod flac;
mod fragments;
pub(super) mod frame;
pub(super) mod iff;
pub(super) mod mp4;
pub(super) mod mpeg;
mod ogg;
pub(super) mod sheet;

use std::fs::File;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use crate::track::TrackId;

use super::AudioError;

/// The encoded audio of a file. Codec, rate, channels and length take part in its identity: where one of them is to be
/// told in another way than before, the journal's tracks are not found again.
#[derive(Debug)]
pub(super) struct Payload {
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
    /// Hash of what of it makes the identity; see [`content`].
    pub content: [u8; 32],
}

impl Payload {
    /// The identity of the audio, and the one by the version before.
    pub fn identity(&self) -> (TrackId, TrackId) {
        let Payload { codec, rate, channels, length, head, tail, content, .. } = self;
        let track = TrackId::from_parts(codec, *rate, *channels, *length, content, b"");
        (track, TrackId::former(codec, *rate, *channels, *length, head, tail))
    }
}

/// Opens a regular file for reading. A FIFO or a device is refused, and does not block.
pub(super) fn open(path: &Path) -> Result<(File, u64), AudioError> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = File::options().read(true).custom_flags(flags.bits() as i32).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(AudioError::NotAFile);
    }
    if meta.len() == 0 {
        return Err(AudioError::Empty);
    }
    Ok((file, meta.len()))
}

/// What a file is, by its first bytes, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Flac,
    Ogg,
    Wave,
    Wave64,
    Aiff,
    Mp4,
    /// MPEG audio, or nothing that is known.
    Mpeg,
}

/// What a file is, and where it begins behind tags.
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
    } else {
        Kind::Mpeg
    };
    Ok((kind, start))
}

/// Finds the encoded audio of a file, by what its bytes are, whatever it is called.
pub(super) fn payload(path: &Path) -> Result<Payload, AudioError> {
    let (file, size) = open(path)?;
    let bytes = Bytes { file: &file, size };
    let (kind, start) = kind(&bytes)?;
    match kind {
        Kind::Flac => flac::payload(&bytes, start),
        Kind::Ogg => ogg::payload(&bytes, start),
        Kind::Wave => iff::Wave::read(&bytes, start)?.payload(&bytes),
        Kind::Wave64 => iff::Wave::read_long(&bytes)?.payload(&bytes),
        Kind::Aiff => iff::aiff(&bytes, start),
        Kind::Mp4 => mp4::payload(&bytes),
        Kind::Mpeg => mpeg::payload(&bytes, start),
    }
}

/// How the sound lies in a file: the decoder goes by this, and [`payload`] takes its duration from the same place, so that a list and the
/// player say the same.
#[derive(Debug)]
pub(super) enum Layout {
    Mpeg(mpeg::Layout),
    Wave(iff::Wave),
    /// Streams that follow each other.
    Ogg(Vec<chain::Link>),
    Mp4(Box<mp4::Movie>),
    Flac(flac::Stream),
    /// What the decoder finds.
    Other,
}

/// Finds out how the sound lies in a file. `all`: as for [`chain::links`].
///
/// # Errors
/// When it cannot be read, or is a wav or flac file that cannot be played. What is wrong with others the decoder says.
pub(super) fn layout(bytes: &Bytes<'_>, all: bool) -> Result<Layout, AudioError> {
    let (kind, start) = kind(bytes)?;
    let found = match kind {
        Kind::Mpeg => mpeg::layout(bytes, start).map(Layout::Mpeg),
        Kind::Wave => iff::Wave::read(bytes, start).map(Layout::Wave),
        Kind::Wave64 => iff::Wave::read_long(bytes).map(Layout::Wave),
        Kind::Ogg => chain::links(bytes, start, all).map(Layout::Ogg),
        Kind::Mp4 => mp4::Movie::read(bytes).map(|movie| Layout::Mp4(Box::new(movie))),
        Kind::Flac => flac::stream(bytes, start).map(Layout::Flac),
        Kind::Aiff => Ok(Layout::Other),
    };
    match found {
        Err(AudioError::Io(error)) => Err(error.into()),
        Err(error) if matches!(kind, Kind::Wave | Kind::Wave64) => Err(error),
        Err(error @ AudioError::Unsupported(_)) if kind == Kind::Flac => Err(error),
        Err(_) => Ok(Layout::Other),
        Ok(layout) => Ok(layout),
    }
}

/// Reads of a file at given places.
pub(super) struct Bytes<'a> {
    file: &'a File,
    size: u64,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(file: &'a File, size: u64) -> Bytes<'a> {
        Bytes { file, size }
    }

    /// At most `len` bytes from `at`; fewer where the file ends.
    pub(super) fn up_to(&self, at: u64, len: usize) -> Result<Vec<u8>, AudioError> {
        let len = self.size.saturating_sub(at).min(len as u64) as usize;
        let mut out = vec![0; len];
        let mut done = 0;
        while done < len {
            match self.file.read_at(&mut out[done..], at + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        out.truncate(done);
        Ok(out)
    }

    /// Tells the system that these bytes are about to be read. It may not listen: that costs time only.
    fn announce(&self, at: u64, len: usize) {
        let _ = rustix::fs::fadvise(self.file, at, std::num::NonZeroU64::new(len as u64), rustix::fs::Advice::WillNeed);
    }

    /// Exactly `N` bytes from `at`.
    fn exactly<const N: usize>(&self, at: u64) -> Result<[u8; N], AudioError> {
        self.up_to(at, N)?.try_into().map_err(|_| AudioError::Broken("cut short".into()))
    }

    /// Head and tail of the audio that lies in these ranges (start, length), and its whole length.
    fn edges(&self, ranges: &[(u64, u64)]) -> Result<(u64, Vec<u8>, Vec<u8>), AudioError> {
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        for &(start, len) in ranges {
            let want = (TrackId::EDGE - head.len()).min(len as usize);
            head.extend(self.up_to(start, want)?);
        }
        for &(start, len) in ranges.iter().rev() {
            let want = ((TrackId::EDGE - tail.len()) as u64).min(len);
            let mut piece = self.up_to(start + len - want, want as usize)?;
            piece.append(&mut tail);
            tail = piece;
        }
        Ok((ranges.iter().map(|r| r.1).sum(), head, tail))
    }

    /// A payload that lies in ranges of the file.
    fn payload(
        &self,
        format: (&'static str, u32, u16),
        secs: f64,
        ranges: &[(u64, u64)],
    ) -> Result<Payload, AudioError> {
        self.summed_payload(format, secs, ranges, b"")
    }

    /// The same where the container states a checksum of the samples.
    fn summed_payload(
        &self,
        (codec, rate, channels): (&'static str, u32, u16),
        secs: f64,
        ranges: &[(u64, u64)],
        sum: &[u8],
    ) -> Result<Payload, AudioError> {
        check(rate, channels)?;
        let (length, head, tail) = self.edges(ranges)?;
        if length == 0 {
            return Err(AudioError::Broken("no audio in it".into()));
        }
        let secs = if secs.is_finite() && secs > 0.0 { secs } else { 0.0 };
        let plain = matches!(codec, "pcm" | "adpcm");
        let content = content::hash(
            length,
            plain,
            sum,
            (&|at, len| content::of_ranges(self, ranges, at, len), &|at, len| content::announce(self, ranges, at, len)),
        )?;
        Ok(Payload { codec, rate, channels, secs, length, head, tail, content })
    }
}

/// The sample rates that are played, in Hz. What lies outside is no music: bringing it to the rate of an output would take the
/// memory and the time of thousands of tracks.
const RATES: std::ops::RangeInclusive<u32> = 1000..=3_072_000;

/// Refuses a sample rate or a number of channels that nobody could listen to.
///
/// # Errors
/// When there is none of one of them, or the rate is out of this world.
pub(super) fn check(rate: u32, channels: u16) -> Result<(), AudioError> {
    if rate == 0 || channels == 0 {
        return Err(AudioError::Broken("no sample rate or no channels".into()));
    }
    if !RATES.contains(&rate) {
        let (least, most) = (RATES.start() / 1000, RATES.end() / 1000);
        return Err(AudioError::Unsupported(format!("{rate} samples a second; {least} to {most} kHz can be played")));
    }
    Ok(())
}

/// Delay, padding and length in samples from the words of an iTunSMPB note: hexadecimal digits, a zero first.
fn itunes_words(text: &[u8]) -> Option<(u64, u64, u64)> {
    let text = String::from_utf8_lossy(text);
    let mut words = text.split_ascii_whitespace().skip(1).map(|w| u64::from_str_radix(w, 16).ok());
    Some((words.next()??, words.next()??, words.next()??))
}

/// Big-endian number of up to eight bytes.
fn be(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, &b| n << 8 | u64::from(b))
}

/// Little-endian number of up to eight bytes.
fn le(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b))
}
