//! Files to samples: symphonia with one rule for encoder delay, exact seeking and damage that costs no more than
//! the damaged packets.

mod link;
mod piece;

use std::path::Path;

use symphonia::core::audio::GenericAudioBufferRef;
use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::{FORMAT_ID_ADTS, FORMAT_ID_OGG};
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{Duration, TimeBase, Timestamp};

use super::container::{Bytes, mp4, mpeg};
use super::cue::Piece;
use super::open::OpenFile;
use super::{AudioError, codecs};
use link::Link;

/// So many broken packets in a row, and the rest of the file is given up.
const MAX_BROKEN_IN_A_ROW: u32 = 100;
/// A file that ends this many seconds before it should is called truncated.
const MISSING_SECS: f64 = 0.5;
/// Samples that an mp3 decoder itself comes late.
const MPEG_DELAY: i64 = 528 + 1;
/// The most channels that are taken on.
const MAX_CHANNELS: usize = 32;

/// What is known of a stream before it is decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamInfo {
    /// Sample rate in Hz.
    pub rate: u32,
    /// Number of channels, as interleaved by [`Decoder::next`].
    pub channels: u16,
    /// Short name of the codec, as in [`crate::track::Probe::codec`].
    pub codec: &'static str,
    /// Duration in seconds, delay and padding taken off, when the container knows (or lets estimate) it.
    pub secs: Option<f64>,
    /// Samples of encoder delay that are taken off at the front.
    pub delay: u32,
    /// Whether the container says exactly where the music begins and ends, so that joins can be gapless.
    pub gapless: bool,
}

/// A file being decoded.
///
/// **Encoder delay.** Sample 0 is the first sample of the music, not of the encoder's run-in: mp3 with a
/// Xing/Info header by LAME or libav drops delay + 529 samples in front (528 + 1 is the decoder's own delay) and
/// padding − 529 at the end, and so does one of iTunes's, which says it in a comment (iTunSMPB); mp3 without either
/// drops nothing. m4a follows iTunSMPB, else the edit list; Opus its pre-skip; Vorbis its granule positions. This is
/// what ffmpeg does by default (and with it librosa's audioread), and what the golden images of FMA-small were computed
/// with: their clips state a delay of 0, so 529 samples go. So playback and analysis share one rule and there is no
/// option for another.
pub struct Decoder {
    /// What is decoded: to begin anew it need not be found again.
    file: OpenFile,
    reader: Box<dyn FormatReader>,
    codec: Box<dyn AudioDecoder>,
    track: u32,
    /// Whether other streams may be chained to this one (Ogg), and how many have come.
    chains: bool,
    links: u32,
    info: StreamInfo,
    time_base: TimeBase,
    /// Where the reader may be asked to go at the earliest, in its own time.
    earliest: i64,
    /// Frame of the container's time line that is sample 0.
    origin: i64,
    /// Frame at which the current one of chained streams begins: what lies before is its run-in.
    floor: i64,
    /// Length in frames, where it is exact: nothing behind it is music.
    end: Option<i64>,
    /// Factor that the stream says its samples are to be multiplied by (Opus's output gain).
    factor: f32,
    /// Whether the container's word on trimming the last packets may be believed.
    trusted: bool,
    /// The piece of the file that is played, and the duration of the whole in seconds.
    piece: Option<Piece>,
    whole: Option<f64>,
    /// Where the piece ends, in frames, and what was decoded behind that.
    until: Option<i64>,
    over: Vec<f32>,
    /// Frame that the next decoded sample has, unknown until one is decoded after opening or seeking.
    clock: Option<i64>,
    /// Frames before this one are dropped: the target of a seek.
    from: i64,
    /// The first block after a seek, decoded to know where it landed.
    stash: Option<Vec<f32>>,
    scratch: Vec<f32>,
    broken: u64,
    broken_in_a_row: u32,
    truncated: bool,
    done: bool,
    /// The reader said that there is no more.
    spent: bool,
}

impl Decoder {
    /// Opens a file, or the piece of one that the path stands for (see [`cue`]): then everything here is of the piece, and
    /// sample 0 is its first. Only regular files are opened; a FIFO is refused without blocking.
    ///
    /// # Errors
    /// When it cannot be read, is no regular file, or holds no audio that can be decoded.
    pub fn open(path: &Path) -> Result<Decoder, AudioError> {
        Decoder::of(OpenFile::open(path)?)
    }

    /// Decodes an open file, or the piece that it was opened as, from its beginning.
    ///
    /// # Errors
    /// When it cannot be read, or holds no audio that can be decoded.
    pub fn of(file: OpenFile) -> Result<Decoder, AudioError> {
        let piece = file.piece.clone();
        let mut decoder = Decoder::of_whole(file)?;
        if let Some(piece) = piece {
            decoder.cut(piece)?;
        }
        Ok(decoder)
    }

    fn of_whole(file: OpenFile) -> Result<Decoder, AudioError> {
        let bytes = Bytes::new(&file.file, file.size);
        let movie = mp4::Movie::read(&bytes).ok().and_then(|m| m.gapless());
        let itunes = mpeg::itunes(&bytes).ok().flatten().filter(|&(_, _, valid)| (1..1 << 40).contains(&valid));
        let mut hint = Hint::new();
        let name = file.piece.as_ref().map_or(file.path(), |piece| &piece.file);
        if let Some(extension) = name.extension().and_then(|e| e.to_str()) {
            hint.with_extension(extension);
        }
        let stream = MediaSourceStream::new(Box::new(file.reader()), MediaSourceStreamOptions::default());
        let reader = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(failure)?;
        let track =
            reader.default_track(TrackType::Audio).ok_or_else(|| AudioError::Unsupported("no audio track".into()))?;
        let Link { codec, name, rate, channels, time_base, start, mut origin, mut end, mut delay, stated, factor } =
            Link::of(track)?;
        let (mpeg, format) = (matches!(name, "mp1" | "mp2" | "mp3"), reader.format_info().format);
        let estimated = mpeg && !stated || format == FORMAT_ID_ADTS;
        let itunes = itunes.filter(|_| mpeg && estimated);
        if let Some((first, shown)) = movie {
            (origin, delay, end) = (first as i64, first as i64, Some(shown as i64));
        }
        if let Some((run_in, _, valid)) = itunes {
            let first = run_in.min(1 << 20) as i64 + MPEG_DELAY;
            (origin, delay, end) = (first, first, Some(valid as i64));
        }
        let scale = f64::from(time_base.numer.get()) / f64::from(time_base.denom.get());
        let info = StreamInfo {
            rate,
            channels: channels as u16,
            codec: name,
            secs: end.filter(|&n| n > 0).map(|n| n as f64 * scale),
            delay: delay.clamp(0, i64::from(u32::MAX)) as u32,
            gapless: itunes.is_some() || !estimated && (name != "aac" || movie.is_some()),
        };
        let id = track.id;
        let mut decoder = Decoder {
            file,
            chains: format == FORMAT_ID_OGG,
            links: 0,
            reader,
            codec,
            track: id,
            whole: info.secs,
            info,
            time_base,
            earliest: if mpeg && itunes.is_none() { -delay } else { start },
            origin: 0,
            floor: 0,
            end: None,
            factor,
            trusted: !estimated,
            piece: None,
            until: None,
            over: Vec::new(),
            clock: None,
            from: 0,
            stash: None,
            scratch: Vec::new(),
            broken: 0,
            broken_in_a_row: 0,
            truncated: false,
            done: false,
            spent: false,
        };
        decoder.origin = decoder.frames(origin);
        decoder.end = end.filter(|&n| n > 0 && (!estimated || itunes.is_some())).map(|n| decoder.frames(n));
        if decoder.info.channels == 0 {
            // AAC may name its channels in the packets only.
            let mut first = Vec::new();
            decoder.decode_block(&mut first)?;
            decoder.stash = Some(first);
        }
        match decoder.info.channels {
            0 => Err(AudioError::Broken("nothing in it can be decoded".into())),
            _ => Ok(decoder),
        }
    }

    /// What is known of the stream.
    pub fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// How many packets were broken and skipped so far.
    pub fn broken_packets(&self) -> u64 {
        self.broken
    }

    /// Whether the file ended before it should have.
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// Appends the next block of interleaved samples to `out`, nominally in −1..1, never NaN or infinite. `false`
    /// at the end; a file cut short ends where it is cut, and [`truncated`](Self::truncated) says so.
    ///
    /// # Errors
    /// When reading fails or many packets in a row are broken.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        if let Some(block) = self.stash.take() {
            out.extend_from_slice(&block);
            if !block.is_empty() {
                return Ok(true);
            }
        }
        self.decode_block(out)
    }

    /// Goes to a place in seconds and says where it landed: exactly the sample nearest to what was asked for, or
    /// the end when that lies before it.
    ///
    /// # Errors
    /// When the container cannot be sought in, or has no such place.
    pub fn seek(&mut self, secs: f64) -> Result<f64, AudioError> {
        if !secs.is_finite() || secs >= 1e9 {
            return Err(AudioError::Seek(format!("to {secs} s")));
        }
        let rate = f64::from(self.info.rate);
        let target = (secs.max(0.0) * rate).round() as i64;
        // Behind the first of chained streams there may be others.
        let end = self.end.filter(|_| !self.chains).into_iter().chain(self.until).min();
        if let Some(end) = end.filter(|&end| target >= end) {
            (self.done, self.stash) = (true, None);
            // What follows on the file is not at hand: see `go_on`.
            (self.clock, self.spent) = (None, true);
            return Ok(end as f64 / rate);
        }
        if self.spent || self.links > 0 {
            // symphonia's mp4 reader does not read again after its end, whatever is sought; and its Ogg reader knows only
            // the stream where it stands.
            let broken = self.broken;
            *self = Decoder::of(self.file.clone())?;
            self.broken += broken;
        }
        let preroll = codecs::preroll(self.info.codec) as i64;
        // Behind the first of chained streams there is no way but through its end.
        let place = self.end.map_or(target, |end| target.min(end - 1));
        let ts = self.timestamp(self.origin + place - preroll).max(self.earliest);
        let to = SeekTo::Timestamp { ts: Timestamp::new(ts), track_id: self.track };
        self.reader.seek(SeekMode::Accurate, to).map_err(|e| match e {
            Error::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => AudioError::Io(error),
            other => AudioError::Seek(other.to_string()),
        })?;
        self.codec.reset();
        (self.clock, self.from, self.done, self.truncated) = (None, target, false, false);
        self.broken_in_a_row = 0;
        let mut first = Vec::new();
        self.stash = None;
        self.over.clear();
        self.decode_block(&mut first)?;
        let landed = match self.clock {
            Some(clock) => clock - ((first.len() + self.over.len()) / usize::from(self.info.channels)) as i64,
            None => target,
        };
        self.stash = Some(first);
        Ok(landed as f64 / rate)
    }

    /// Container time to frames.
    fn frames(&self, ts: i64) -> i64 {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        let n = i128::from(ts) * numer * i128::from(self.info.rate);
        (n + denom / 2).div_euclid(denom) as i64
    }

    /// Frames to container time, rounded down.
    fn timestamp(&self, frames: i64) -> i64 {
        let (numer, denom) = (i128::from(self.time_base.numer.get()), i128::from(self.time_base.denom.get()));
        (i128::from(frames) * denom).div_euclid(numer * i128::from(self.info.rate)) as i64
    }

    /// Decodes packets until one gives samples that are wanted.
    fn decode_block(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        while !self.done {
            let mut packet = match self.reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(self.finish()),
                Err(Error::ResetRequired) if self.next_link() => continue,
                Err(Error::ResetRequired) => return Ok(self.finish()),
                Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return Ok(self.finish());
                }
                Err(Error::IoError(error)) => return Err(error.into()),
                Err(error) => {
                    self.skip(&error.to_string())?;
                    continue;
                }
            };
            if packet.track_id != self.track {
                continue;
            }
            if !self.trusted {
                // Trimmed by an estimated length: a cut in the middle of the music.
                packet.dur = packet.dur.saturating_add(packet.trim_end);
                packet.trim_end = Duration::ZERO;
            }
            let start = packet.pts.get().saturating_add_unsigned(packet.trim_start.get());
            let start = self.frames(start) - self.origin;
            let read = match self.codec.decode(&packet) {
                Ok(buffer) => take(&buffer, &mut self.info, &mut self.scratch),
                Err(error) => Err(error.to_string()),
            };
            match read {
                Ok(0) => {}
                Ok(frames) => {
                    self.broken_in_a_row = 0;
                    if self.give(start, frames, out) {
                        return Ok(true);
                    }
                }
                // Before a seek's target the decoder may lack what came before.
                Err(_) if self.clock.is_none() && start < self.from => {}
                Err(why) => self.skip(&why)?,
            }
        }
        Ok(false)
    }

    /// Appends what of the decoded frames is wanted; whether there was any.
    fn give(&mut self, start: i64, frames: usize, out: &mut Vec<f32>) -> bool {
        let start = self.clock.unwrap_or(start);
        let stop = start + frames as i64;
        self.clock = Some(stop);
        let low = start.max(self.from).max(self.floor);
        let mut high = self.end.map_or(stop, |end| stop.min(end));
        if self.end.is_some_and(|end| stop >= end) {
            (self.clock, self.done) = (Some(high.max(start)), !self.chains);
        }
        if let Some(until) = self.until.filter(|&until| stop >= until) {
            self.done = true;
            let mut over = std::mem::take(&mut self.over);
            over.clear();
            self.copy(start, until.max(low), high, &mut over);
            self.over = over;
            high = high.min(until);
        }
        self.copy(start, low, high, out)
    }

    /// Appends the frames from `low` to `high` of the decoded block that begins at `start`; whether there are any.
    fn copy(&self, start: i64, low: i64, high: i64, out: &mut Vec<f32>) -> bool {
        if low >= high {
            return false;
        }
        let channels = usize::from(self.info.channels);
        let wanted = &self.scratch[(low - start) as usize * channels..(high - start) as usize * channels];
        out.extend(wanted.iter().map(|&x| if x.is_finite() { x * self.factor } else { 0.0 }));
        true
    }

    /// Goes on with a stream that is chained to this one, if it is of the same kind.
    fn next_link(&mut self) -> bool {
        let track = self.reader.default_track(TrackType::Audio);
        let Some((id, Ok(link))) = track.map(|track| (track.id, Link::of(track))) else { return false };
        let kind = (self.info.codec, self.info.rate, usize::from(self.info.channels));
        if (link.name, link.rate, link.channels) != kind {
            return false;
        }
        let at = self.clock.unwrap_or(0);
        (self.track, self.codec, self.time_base, self.factor) = (id, link.codec, link.time_base, link.factor);
        self.origin = self.frames(link.origin) - at;
        self.end = link.end.filter(|&n| n > 0).map(|n| at + self.frames(n));
        (self.clock, self.floor, self.links) = (None, at, self.links + 1);
        true
    }

    /// Notes a broken packet; too many in a row are an error.
    fn skip(&mut self, why: &str) -> Result<(), AudioError> {
        self.broken += 1;
        self.broken_in_a_row += 1;
        if self.broken_in_a_row >= MAX_BROKEN_IN_A_ROW {
            self.done = true;
            return Err(AudioError::Broken(why.to_owned()));
        }
        Ok(())
    }

    /// The stream is over. Always `false`, for [`Self::decode_block`] to return.
    fn finish(&mut self) -> bool {
        (self.done, self.spent) = (true, true);
        let heard = self.clock.unwrap_or(0).max(0);
        let missing = self.end.into_iter().chain(self.until).min().map_or(0, |end| end - heard);
        self.truncated = missing as f64 > MISSING_SECS * f64::from(self.info.rate);
        false
    }
}

/// Copies a decoded buffer into `scratch`, interleaved, in the stream's own channels. Returns its frames.
fn take(buffer: &GenericAudioBufferRef<'_>, info: &mut StreamInfo, scratch: &mut Vec<f32>) -> Result<usize, String> {
    let (rate, channels) = (buffer.spec().rate(), buffer.spec().channels().count());
    if rate != info.rate || channels == 0 || channels > MAX_CHANNELS {
        return Err(format!("{channels} channels at {rate} Hz in the middle of the stream"));
    }
    if info.channels == 0 {
        info.channels = channels as u16;
    }
    let frames = buffer.frames();
    buffer.copy_to_vec_interleaved(scratch);
    let want = usize::from(info.channels);
    if channels != want {
        // Mono to stereo or back within one stream (mp3 allows it).
        let other = std::mem::take(scratch);
        scratch.extend(other.chunks_exact(channels).flat_map(|frame| (0..want).map(|c| frame[c.min(channels - 1)])));
    }
    Ok(frames)
}

/// What opening failed with, in our words.
fn failure(error: Error) -> AudioError {
    match error {
        Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            AudioError::Unsupported("no known format in it, or cut short".into())
        }
        Error::IoError(error) => AudioError::Io(error),
        Error::Unsupported(what) => AudioError::Unsupported(what.to_owned()),
        other => AudioError::Broken(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
