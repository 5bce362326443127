//! Decoding files to samples with symphonia: one rule for encoder delay, sample-accurate seeking, and damage that
//! affects only the damaged packets.

mod contained;
mod info;
mod join;
mod link;
mod packets;
mod piece;
mod source;
mod stream;

use std::path::Path;

use super::AudioError;
use super::cue::Piece;
use super::guard::guarded;
use super::open::Opened;
pub use info::StreamInfo;
use join::Fit;
use source::{Part, Source};
use stream::Stream;

/// A piece that ends more than this many seconds early counts as truncated.
const MISSING_SECS: f64 = 0.5;
/// A file being decoded.
///
/// **Encoder delay.** Sample 0 is the first sample of the music, not of the encoder's priming: mp3 with a Xing/Info
/// header by LAME or libav drops delay + 529 samples in front (528 + 1 is the decoder's own delay) and padding − 529 at
/// the end; so does mp3 by iTunes, which states them in a comment (iTunSMPB); mp3 with neither drops nothing. m4a
/// follows iTunSMPB, else the edit list; CAF its table of packets; Matroska its codec delay; Opus its pre-skip; Vorbis
/// its granule positions. This is what ffmpeg does by default (and with it librosa's audioread), and how the golden
/// images of FMA-small were computed: their clips state a delay of 0, so 529 samples are dropped. Playback and analysis
/// share this one rule, and there is no option to change it.
pub struct Decoder {
    /// The open file, from which streams are opened again.
    source: Source,
    /// The consecutive parts of the file, each with its first frame; usually there is one.
    parts: Vec<(i64, Part)>,
    /// The part being decoded, and the conversion of its samples to the format of the first part.
    part: usize,
    stream: Stream,
    fit: Option<Fit>,
    info: StreamInfo,
    /// The frame of the file that is sample 0: the first frame of the piece, or of the file.
    first: i64,
    /// Length in frames, where it is known exactly; anything after it is padding.
    end: Option<i64>,
    /// The piece that is played, and the duration of the whole file in seconds.
    piece: Option<Piece>,
    whole: Option<f64>,
    /// Where the piece ends, in frames, and the samples that were decoded beyond that.
    until: Option<i64>,
    over: Vec<f32>,
    /// The frame of the next decoded sample; unknown after opening or seeking until a packet is decoded.
    clock: Option<i64>,
    /// The first block after a seek, decoded to find out where the seek landed.
    stash: Option<Vec<f32>>,
    scratch: Vec<f32>,
    fitted: Vec<f32>,
    /// Broken packets of earlier parts.
    broken: u64,
    truncated: bool,
    done: bool,
    /// The stream must be opened again before decoding goes on.
    spent: bool,
}

impl Decoder {
    /// Opens a file, or the piece that the path names (see [`super::cue`]); then duration, positions and samples are those of
    /// the piece. Only regular files are opened; a FIFO is refused without blocking.
    ///
    /// # Errors
    /// When it cannot be read, is no regular file, or holds no audio that can be decoded.
    pub fn open(path: &Path) -> Result<Decoder, AudioError> {
        Decoder::of(Opened::open(path)?)
    }

    /// Decodes an open file, or the piece that it was opened as, from the beginning.
    ///
    /// # Errors
    /// When it cannot be read, or holds no audio that can be decoded.
    pub fn of(file: Opened) -> Result<Decoder, AudioError> {
        guarded(|| {
            let piece = file.piece.clone();
            let mut decoder = Decoder::of_whole(file)?;
            if let Some(piece) = piece {
                decoder.cut(piece)?;
            }
            Ok(decoder)
        })
    }

    fn of_whole(file: Opened) -> Result<Decoder, AudioError> {
        let source = Source::new(file);
        let parts = source.parts(false)?;
        let Some((_, part)) = parts.first() else {
            return Err(AudioError::Broken("nothing in it can be decoded".into()));
        };
        let stream = source.stream(part)?;
        let mut decoder = Decoder {
            source,
            parts: Vec::new(),
            part: 0,
            info: stream.info.clone(),
            stream,
            fit: None,
            first: 0,
            end: None,
            piece: None,
            whole: None,
            until: None,
            over: Vec::new(),
            clock: None,
            stash: None,
            scratch: Vec::new(),
            fitted: Vec::new(),
            broken: 0,
            truncated: false,
            done: false,
            spent: false,
        };
        if decoder.info.channels == 0 {
            // AAC may state its channels only in the packets.
            let mut first = Vec::new();
            decoder.decode_block(&mut first)?;
            decoder.stash = Some(first);
            decoder.info.channels = decoder.stream.info.channels;
        }
        if decoder.info.channels == 0 {
            return Err(AudioError::Broken("nothing in it can be decoded".into()));
        }
        decoder.lay_out(parts);
        Ok(decoder)
    }

    /// Puts the parts on one timeline.
    fn lay_out(&mut self, parts: Vec<(i64, Part)>) {
        let rate = self.info.rate;
        let mut at = 0;
        let several = parts.len() > 1;
        self.parts = parts
            .into_iter()
            .map(|(frames, part)| {
                let begin = at;
                at = source::scaled(frames, part.rate().unwrap_or(rate), rate).saturating_add(at);
                (begin, part)
            })
            .collect();
        if several {
            self.end = Some(at);
            self.info.secs = Some(at as f64 / f64::from(rate));
        } else {
            (self.end, self.info.secs) = (self.stream.end, self.stream.info.secs);
        }
        self.whole = self.info.secs;
    }

    /// Properties of the stream.
    pub fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// Number of packets that were broken and skipped so far.
    pub fn broken_packets(&self) -> u64 {
        self.broken + self.stream.broken
    }

    /// Whether the file ended early.
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
        let result = guarded(|| self.decode_block(out));
        if result.is_err() {
            // A decoder must not be used after a panic.
            (self.done, self.spent) = (true, true);
        }
        result
    }

    /// Seeks to a position in seconds and returns where it landed: the sample nearest to what was asked for, or the end if that
    /// comes first.
    ///
    /// # Errors
    /// When the container does not support seeking, or has no such position.
    pub fn seek(&mut self, secs: f64) -> Result<f64, AudioError> {
        guarded(|| self.go_to(secs))
    }

    fn go_to(&mut self, secs: f64) -> Result<f64, AudioError> {
        if !secs.is_finite() || secs >= 1e9 {
            return Err(AudioError::Seek(format!("to {secs} s")));
        }
        let rate = f64::from(self.info.rate);
        let target = (secs.max(0.0) * rate).round() as i64;
        let end = self.end.into_iter().chain(self.until).min();
        if let Some(end) = end.filter(|&end| target >= end) {
            (self.done, self.stash) = (true, None);
            // The samples after the end are not available: see `go_on`.
            (self.clock, self.spent) = (None, true);
            return Ok(end as f64 / rate);
        }
        let place = self.first.saturating_add(target);
        let part = self.parts.iter().rposition(|(base, _)| *base <= place).unwrap_or(0);
        // symphonia's mp4 reader does not read on after its end, even after a seek.
        if part != self.part || self.stream.spent || self.spent {
            self.begin_part(part)?;
        }
        let base = self.parts.get(part).map_or(0, |(base, _)| *base);
        self.stream.seek(source::scaled(place - base, self.info.rate, self.stream.info.rate))?;
        if let Some(fit) = &mut self.fit {
            fit.reset();
        }
        (self.clock, self.done, self.spent, self.truncated, self.stash) = (None, false, false, false, None);
        self.over.clear();
        let mut first = Vec::new();
        self.decode_block(&mut first)?;
        let landed = match self.clock {
            Some(clock) => clock - ((first.len() + self.over.len()) / usize::from(self.info.channels)) as i64,
            None => target,
        };
        self.stash = Some(first);
        Ok(landed as f64 / rate)
    }

    /// Continues with another part of the file.
    fn begin_part(&mut self, part: usize) -> Result<(), AudioError> {
        let Some((_, found)) = self.parts.get(part) else { return Ok(()) };
        let stream = self.source.stream(found)?;
        self.broken += self.stream.broken;
        self.fit = Fit::new(&stream.info, &self.info)?;
        (self.part, self.stream) = (part, stream);
        Ok(())
    }

    /// Continues with the next part that can be decoded, if there is one.
    fn next_part(&mut self) -> bool {
        if self.stream.chained && self.parts.len() == 1 {
            // Chaining was not detected on opening.
            if let Ok(parts) = self.source.parts(true) {
                let (secs, whole) = (self.info.secs, self.whole);
                self.lay_out(parts);
                (self.info.secs, self.whole) =
                    if self.piece.is_some() { (secs, whole) } else { (self.info.secs, self.whole) };
                self.end = self.end.map(|end| end - self.first);
            }
        }
        while self.part + 1 < self.parts.len() {
            if self.begin_part(self.part + 1).is_ok() {
                return true;
            }
            // A part that cannot be decoded is skipped.
            self.part += 1;
        }
        false
    }

    /// Decodes until there are samples to return.
    fn decode_block(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        while !self.done {
            let mut block = std::mem::take(&mut self.scratch);
            block.clear();
            let given = self.pull(&mut block);
            let given = given.map(|at| at.is_some_and(|at| self.give(at, &block, out)));
            self.scratch = block;
            if given? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Appends the next samples, in the rate and channels of the whole, and returns the frame of the first. `None` at the end of
    /// a part or of the file.
    fn pull(&mut self, out: &mut Vec<f32>) -> Result<Option<i64>, AudioError> {
        let base = self.parts.get(self.part).map_or(0, |(base, _)| *base);
        let last = self.part + 1 >= self.parts.len();
        let Some(fit) = &mut self.fit else {
            return match self.stream.next(out) {
                Ok(Some(at)) => Ok(Some(at.saturating_add(base))),
                Err(error) if last => Err(error),
                _ => Ok(self.leave()),
            };
        };
        self.fitted.clear();
        match self.stream.next(&mut self.fitted) {
            Ok(Some(at)) => Ok(Some(fit.push(at, &self.fitted, out)?.saturating_add(base))),
            Err(error) if last => Err(error),
            _ => {
                let at = fit.finish(out)?.saturating_add(base);
                self.leave();
                Ok(Some(at))
            }
        }
    }

    /// Leaves a part that has ended, for the next or for the end. Always `None`, for [`Self::pull`] to return.
    fn leave(&mut self) -> Option<i64> {
        self.truncated |= self.stream.truncated;
        if !self.next_part() {
            (self.done, self.spent) = (true, true);
            let missing = self.until.map_or(0, |end| end - self.clock.unwrap_or(0).max(0));
            let stated = self.end.is_none() && missing as f64 > MISSING_SECS * f64::from(self.info.rate);
            self.truncated |= stated;
        }
        None
    }

    /// Appends those samples of a block starting at frame `at` that belong to the piece; returns whether there were
    /// any.
    fn give(&mut self, at: i64, block: &[f32], out: &mut Vec<f32>) -> bool {
        let channels = usize::from(self.info.channels.max(1));
        let (start, frames) = (at.saturating_sub(self.first), (block.len() / channels) as i64);
        let stop = start.saturating_add(frames);
        self.clock = Some(stop);
        let low = start.max(0);
        let mut high = stop;
        let cut = |low: i64, high: i64| {
            let place = |frame: i64| frame.saturating_sub(start).clamp(0, frames) as usize * channels;
            &block[place(low)..place(high.max(low))]
        };
        if let Some(until) = self.until.filter(|&until| stop >= until) {
            self.done = true;
            self.over.clear();
            self.over.extend_from_slice(cut(until.max(low), stop));
            high = until;
        }
        let wanted = cut(low, high);
        out.extend_from_slice(wanted);
        !wanted.is_empty()
    }
}

#[cfg(test)]
mod tests;
