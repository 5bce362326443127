//! One audio stream from its first to its last sample, at its own rate and number of channels.

use std::io::ErrorKind;

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error;
use symphonia::core::units::{Duration, TimeBase};

use super::info::{MAX_CHANNELS, StreamInfo, clamped};
use super::link::Link;
use super::packets::Packets;
use crate::audio::{AudioError, codecs, container};

/// After this many consecutive broken packets, the rest of the stream is given up.
const MAX_BROKEN_IN_A_ROW: u32 = 100;
/// A stream that ends more than this many seconds early counts as truncated.
const MISSING_SECS: f64 = 0.5;
/// Where the time that a packet states is more than this many seconds ahead of what was decoded, sound is missing before it.
const HOLE_SECS: f64 = 0.2;

/// A stream being decoded. Positions are in frames; frame 0 is the first of the music.
pub(super) struct Stream {
    packets: Packets,
    codec: Box<dyn AudioDecoder>,
    track: u32,
    pub info: StreamInfo,
    time_base: TimeBase,
    /// The earliest timestamp to which the reader may seek, in its own time base.
    earliest: i64,
    /// The frame of the container's timeline that is sample 0.
    origin: i64,
    /// Length in frames if known exactly: nothing after it is music.
    pub end: Option<i64>,
    /// Gain that the stream states for its samples (Opus's output gain), as a factor.
    factor: f32,
    /// The frame of the next decoded sample; unknown after opening or seeking until one is decoded.
    clock: Option<i64>,
    /// Frames before this one are dropped: the target of a seek.
    from: i64,
    /// The frame after the last packet read.
    read: i64,
    scratch: Vec<f32>,
    broken_in_a_row: u32,
    /// Number of broken packets.
    pub broken: u64,
    /// The stream ended early.
    pub truncated: bool,
    /// Its end is known to be missing.
    pub cut: bool,
    /// Its stated length in frames, if its end may be missing and that length is not exact.
    pub doubtful: Option<i64>,
    done: bool,
    /// The reader has reached its end.
    pub spent: bool,
    /// An unexpected chained stream begins here.
    pub chained: bool,
}

/// The range of a stream that is music, if known from elsewhere than its reader: first frame and number of frames.
pub(super) struct Span {
    pub first: i64,
    pub length: Option<i64>,
}

impl Stream {
    /// A stream read from `packets`. `exact`: whether its stated length is reliable.
    pub fn new(
        packets: Packets,
        track: u32,
        link: Link,
        span: Option<Span>,
        exact: bool,
    ) -> Result<Stream, AudioError> {
        let Link { codec, name, rate, channels, time_base, start, origin, end, delay, stated, factor } = link;
        container::check(rate, channels.max(1) as u16)?;
        let mpeg = matches!(packets, Packets::Mpeg(_));
        let mut info = StreamInfo {
            rate,
            channels: channels as u16,
            codec: name,
            secs: None,
            delay: delay.clamp(0, i64::from(u32::MAX)) as u32,
            gapless: if mpeg { stated } else { name != "aac" || span.is_some() },
        };
        let mut stream = Stream {
            packets,
            codec,
            track,
            info: info.clone(),
            time_base,
            earliest: start,
            origin: 0,
            end: None,
            factor,
            clock: None,
            from: 0,
            read: 0,
            scratch: Vec::new(),
            broken_in_a_row: 0,
            broken: 0,
            truncated: false,
            cut: false,
            doubtful: None,
            done: false,
            spent: false,
            chained: false,
        };
        let told = end.map(|end| stream.frames(end));
        stream.origin = stream.frames(origin);
        let length = match span {
            Some(Span { first, length }) => {
                (stream.origin, info.delay) = (first, first.clamp(0, i64::from(u32::MAX)) as u32);
                length.or(told)
            }
            None => told,
        };
        let length = length.filter(|&n| n > 0);
        info.secs = length.map(|n| n as f64 / f64::from(rate));
        stream.end = length.filter(|_| exact);
        stream.info = info;
        Ok(stream)
    }

    /// Appends the next block of interleaved samples and returns the frame of its first one; `None` at the end.
    ///
    /// # Errors
    /// When reading fails or many packets in a row are broken.
    pub fn next(&mut self, out: &mut Vec<f32>) -> Result<Option<i64>, AudioError> {
        while !self.done {
            let mut packet = match self.packets.next() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(self.finish()),
                Err(Error::ResetRequired) => {
                    self.chained = true;
                    return Ok(self.finish());
                }
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => return Ok(self.finish()),
                Err(Error::IoError(error)) => return Err(error.into()),
                Err(error) => {
                    self.skip(AudioError::Broken(error.to_string()))?;
                    continue;
                }
            };
            if packet.track_id != self.track {
                continue;
            }
            if matches!(self.packets, Packets::Mpeg(_)) {
                (packet.trim_start, packet.trim_end) = (Duration::ZERO, Duration::ZERO);
            }
            let start = packet.pts.get().saturating_add_unsigned(packet.trim_start.get());
            let stop = self.frames(start.saturating_add_unsigned(packet.dur.get())).saturating_sub(self.origin);
            let start = self.frames(start).saturating_sub(self.origin);
            self.read = stop;
            let read = match self.codec.decode(&packet) {
                Ok(buffer) => take(&buffer, &mut self.info, &mut self.scratch),
                Err(error) => Err(AudioError::Broken(error.to_string())),
            };
            match read {
                Ok(0) => {}
                Ok(frames) => {
                    self.broken_in_a_row = 0;
                    if let Some(first) = self.give(start, frames, out) {
                        return Ok(Some(first));
                    }
                }
                // Before a seek's target, the decoder may lack preceding packets.
                Err(_) if self.clock.is_none() && start < self.from => {}
                Err(why) => self.skip(why)?,
            }
        }
        Ok(None)
    }

    /// Seeks so that the next block starts at frame `target`, if that can be decoded.
    ///
    /// # Errors
    /// If the container does not support seeking, or has no such position.
    pub fn seek(&mut self, target: i64) -> Result<(), AudioError> {
        let preroll = codecs::preroll(self.codec.codec_params().codec) as i64;
        let ts = self.timestamp(self.origin.saturating_add(target).saturating_sub(preroll)).max(self.earliest);
        self.packets.seek(ts, self.track).map_err(|e| match e {
            Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => AudioError::Io(error),
            other => AudioError::Seek(other.to_string()),
        })?;
        self.codec.reset();
        (self.clock, self.from, self.read) = (None, target, target);
        (self.done, self.truncated, self.spent, self.broken_in_a_row) = (false, false, false, 0);
        Ok(())
    }

    /// Converts container time to frames.
    fn frames(&self, ts: i64) -> i64 {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        let n = i128::from(ts) * numer * i128::from(self.info.rate);
        clamped((n + denom / 2).div_euclid(denom))
    }

    /// Converts frames to container time, rounded down.
    fn timestamp(&self, frames: i64) -> i64 {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        clamped((i128::from(frames) * denom).div_euclid(numer * i128::from(self.info.rate)))
    }

    /// Appends the wanted part of the decoded frames and returns the frame at which it begins.
    fn give(&mut self, start: i64, frames: usize, out: &mut Vec<f32>) -> Option<i64> {
        let start = self.clock.filter(|&clock| !self.is_behind_hole(clock, start)).unwrap_or(start);
        let stop = start.saturating_add(frames as i64);
        let low = start.max(self.from).max(0);
        let high = self.end.map_or(stop, |end| stop.min(end));
        self.clock = Some(stop);
        if self.end.is_some_and(|end| stop >= end) {
            (self.clock, self.done, self.truncated) = (Some(high.max(start)), true, self.cut);
        }
        if low >= high {
            return None;
        }
        let channels = usize::from(self.info.channels);
        let wanted = &self.scratch[(low - start) as usize * channels..(high - start) as usize * channels];
        out.extend(wanted.iter().map(|&x| if x.is_finite() { x * self.factor } else { 0.0 }));
        Some(low)
    }

    /// Whether sound is missing between `clock` and a packet that begins at `start`. Other packets than blocks are numbered.
    fn is_behind_hole(&self, clock: i64, start: i64) -> bool {
        let ahead = start.saturating_sub(clock) as f64;
        matches!(self.packets, Packets::Blocks(_)) && ahead > HOLE_SECS * f64::from(self.info.rate)
    }

    /// Counts a broken packet; too many in a row are an error.
    fn skip(&mut self, why: AudioError) -> Result<(), AudioError> {
        self.broken += 1;
        self.broken_in_a_row += 1;
        if self.broken_in_a_row >= MAX_BROKEN_IN_A_ROW {
            self.done = true;
            return Err(why);
        }
        Ok(())
    }

    /// The stream is over. Always `None`, for [`Self::next`] to return.
    fn finish(&mut self) -> Option<i64> {
        (self.done, self.spent) = (true, true);
        let reached = self.clock.unwrap_or(0).max(self.read);
        let missing = self.end.or(self.doubtful).map_or(0, |end| end.saturating_sub(reached));
        self.truncated = self.cut || missing as f64 > MISSING_SECS * f64::from(self.info.rate);
        None
    }
}

/// Copies a decoded buffer into `scratch`, interleaved, in the stream's own channels. Returns its frames.
fn take(
    buffer: &GenericAudioBufferRef<'_>,
    info: &mut StreamInfo,
    scratch: &mut Vec<f32>,
) -> Result<usize, AudioError> {
    let (rate, channels) = (buffer.spec().rate(), buffer.spec().channels().count());
    if rate != info.rate || channels == 0 || channels > MAX_CHANNELS {
        let why = format!("{channels} channels at {rate} Hz in the middle of the stream");
        return Err(AudioError::Broken(why));
    }
    if info.channels == 0 {
        info.channels = channels as u16;
    }
    let frames = buffer.frames();
    buffer.copy_to_vec_interleaved(scratch);
    let want = usize::from(info.channels);
    if channels != want {
        let other = std::mem::take(scratch);
        super::join::fold(&other, channels, want, scratch);
    }
    Ok(frames)
}
