//! An open file, the parts it consists of, and opening a stream on each of them.

use std::sync::Arc;

use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::contained::{Blocks, Listed};
use super::info::{clamped, failure};
use super::link::Link;
use super::packets::{Mpeg, Packets, Waves};
use super::stream::{Span, Stream};
use crate::audio::AudioError;
use crate::audio::container::caf::Packed;
use crate::audio::container::iff::Wave;
use crate::audio::container::matroska::Matroska;
use crate::audio::container::mpeg::Run;
use crate::audio::container::{self, Bytes, Layout};
use crate::audio::open::Opened;

/// A part of a file that one decoder decodes.
pub(super) enum Part {
    /// A byte range (start, end) read by symphonia; if known, the range that is music: start, length, and their units
    /// per second.
    Whole(u64, u64, Option<(u64, u64, u64)>),
    /// One of several streams: its byte range, its rate, and its length in samples, 0 if unknown.
    Stream {
        start: u64,
        end: u64,
        rate: u32,
        length: u64,
    },
    /// Frames of MPEG audio; whether they were counted.
    Run(Run, bool),
    Wave(Wave),
    Packed(Packed),
    Matroska(Arc<Matroska>),
}

impl Part {
    /// Its sample rate in Hz, if known.
    pub fn rate(&self) -> Option<u32> {
        match self {
            Part::Whole(..) => None,
            Part::Stream { rate, .. } => Some(*rate),
            Part::Run(run, _) => Some(run.frame.rate),
            Part::Wave(wave) => Some(wave.rate),
            Part::Packed(packed) => Some(packed.rate),
            Part::Matroska(movie) => Some(movie.track.rate),
        }
    }
}

/// Converts a number of frames from one rate to another.
pub(super) fn scaled(frames: i64, from: u32, to: u32) -> i64 {
    clamped((i128::from(frames) * i128::from(to) + i128::from(from / 2)).div_euclid(i128::from(from.max(1))))
}

/// An open file. Streams read it without disturbing each other.
pub(super) struct Source {
    pub file: Opened,
}

impl Source {
    pub fn new(file: Opened) -> Source {
        Source { file }
    }

    /// Its parts, each with its length in frames of its own. `all`: see [`container::layout`].
    pub fn parts(&self, all: bool) -> Result<Vec<(i64, Part)>, AudioError> {
        let bytes = Bytes::new(&self.file.file, self.file.size);
        Ok(match container::layout(&bytes, all)? {
            Layout::Mpeg(layout) => {
                let exact = layout.exact;
                layout.runs.into_iter().map(|run| (run.length as i64, Part::Run(run, exact))).collect()
            }
            Layout::Wave(wave) => vec![(wave.length as i64, Part::Wave(wave))],
            Layout::Ogg(links) => {
                let part = |l: container::chain::Link| Part::Stream {
                    start: l.start,
                    end: l.end,
                    rate: l.rate,
                    length: l.length,
                };
                links.into_iter().map(|link| (link.length as i64, part(link))).collect()
            }
            Layout::Mp4(movie) => {
                let span = movie.span().map(|(first, shown)| (first, shown, movie.timescale()));
                vec![(0, Part::Whole(0, self.file.size, span))]
            }
            Layout::Flac(stream) => {
                // Without tags at either end, the last frame is known to be complete.
                let span = Some((0, stream.length, stream.rate.into()));
                vec![(0, Part::Whole(stream.start, stream.end, span))]
            }
            Layout::Packed(packed) => vec![(packed.length as i64, Part::Packed(packed))],
            Layout::Matroska(movie) => vec![(movie.length as i64, Part::Matroska(Arc::new(movie)))],
            Layout::Other => vec![(0, Part::Whole(0, self.file.size, None))],
        })
    }

    /// Opens a part of it.
    pub fn stream(&self, part: &Part) -> Result<Stream, AudioError> {
        match part {
            Part::Run(run, exact) => {
                let packets = Packets::Mpeg(Box::new(Mpeg::new(self.file.file.clone(), self.file.size, run.clone())));
                Stream::new(packets, 0, Link::of_run(run)?, None, *exact)
            }
            Part::Wave(wave) => {
                let packets = Packets::Wave(Waves::new(self.file.file.clone(), self.file.size, wave.clone()));
                let mut stream = Stream::new(packets, 0, Link::of_wave(wave)?, None, true)?;
                stream.cut = wave.cut;
                Ok(stream)
            }
            Part::Packed(packed) => {
                let packets = Packets::Listed(Listed::new(self.file.file.clone(), self.file.size, packed.clone()));
                let span = Span { first: packed.first as i64, length: Some(packed.length as i64) };
                let mut stream = Stream::new(packets, 0, Link::of_packed(packed)?, Some(span), true)?;
                stream.cut = packed.cut;
                Ok(stream)
            }
            Part::Matroska(movie) => {
                let packets =
                    Packets::Blocks(Box::new(Blocks::new(self.file.file.clone(), self.file.size, movie.clone())));
                // Its times are in milliseconds as a rule: how long it is, is not known to the sample.
                let mut stream = Stream::new(packets, 0, Link::of_matroska(movie)?, None, false)?;
                stream.info.gapless = !matches!(movie.track.codec, "mp1" | "mp2" | "mp3" | "aac");
                stream.cut = movie.cut;
                stream.doubtful = movie.torn.then_some(movie.length as i64);
                Ok(stream)
            }
            Part::Stream { start, end, rate, length } => {
                let (packets, track, link) = self.symphonia(*start, *end)?;
                // For a stream that was cut out of another, the reader knows better where it begins, and also where it
                // ends, unless its end differs widely from the stated length.
                let told = link.end.filter(|told| told.abs_diff(*length as i64) < u64::from(*rate / 2));
                let link = Link { end: told.or(Some(*length as i64)), ..link };
                Stream::new(packets, track, link, None, true)
            }
            Part::Whole(start, end, span) => {
                let (packets, track, link) = self.symphonia(*start, *end)?;
                let rate = link.rate;
                let frames = |n: u64, scale: u64| {
                    clamped((i128::from(n) * i128::from(rate) + i128::from(scale / 2)) / i128::from(scale.max(1)))
                };
                let span = span.map(|(first, length, scale)| Span {
                    first: frames(first, scale),
                    length: Some(frames(length, scale)).filter(|&n| n > 0),
                });
                Stream::new(packets, track, link, span, true)
            }
        }
    }

    fn symphonia(&self, start: u64, end: u64) -> Result<(Packets, u32, Link), AudioError> {
        let mut hint = Hint::new();
        let name = self.file.piece.as_ref().map_or(self.file.path(), |piece| &piece.file);
        if let Some(extension) = name.extension().and_then(|e| e.to_str()) {
            hint.with_extension(extension);
        }
        let section = self.file.section(start, end);
        let stream = MediaSourceStream::new(Box::new(section), MediaSourceStreamOptions::default());
        let reader = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(failure)?;
        let none = || AudioError::Unsupported("no audio track".into());
        let track = reader.default_track(TrackType::Audio).ok_or_else(none)?;
        let (id, link) = (track.id, Link::of(track)?);
        Ok((Packets::Symphonia(reader), id, link))
    }
}
