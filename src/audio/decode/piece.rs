//! Playing a piece of a file as if it were a file of its own, and continuing with the next piece where it ends.

use std::path::Path;

use super::Decoder;
use crate::audio::AudioError;
use crate::audio::cue::{self, Piece, SECTORS};

impl Decoder {
    /// Restricts the decoder to this piece of the file.
    pub(super) fn cut(&mut self, piece: Piece) -> Result<(), AudioError> {
        let start = self.frame(piece.start);
        let late = || AudioError::Broken("the cue sheet has it begin behind its file's end".into());
        if self.end.is_some_and(|end| start >= end) {
            return Err(late());
        }
        self.begin(piece, start);
        if start > 0 || self.stash.is_some() {
            self.seek(0.0).map_err(|error| match error {
                // If the length is only an estimate, only seeking can tell.
                AudioError::Seek(_) if self.end.is_none() => late(),
                other => other,
            })?;
        }
        Ok(())
    }

    /// Continues gaplessly with the track at `path` if that is the piece of this file that begins where this one ended:
    /// its first sample is the next one of the file, wherever a seek would have landed. `false` leaves everything as it is.
    pub fn go_on(&mut self, path: &Path) -> bool {
        // The samples after the piece are available only once decoding has reached its end.
        let Some((piece, until)) = self.piece.as_ref().zip(self.until).filter(|_| self.done && !self.spent) else {
            return false;
        };
        let next = match cue::locate(path) {
            Ok(Some(next)) if next.file == piece.file && Some(next.start) == piece.end => next,
            _ => return false,
        };
        let Some(clock) = self.clock.map(|clock| clock - until) else { return false };
        (self.source.file.path, self.source.file.piece) = (path.to_owned(), Some(next.clone()));
        self.begin(next, until);
        (self.clock, self.truncated) = (Some(clock), false);
        self.done = self.end.is_some_and(|end| clock >= end);
        // The samples decoded so far may contain all of the new piece and more.
        let mut block = std::mem::take(&mut self.over);
        if let Some(until) = self.until.filter(|&until| clock >= until) {
            self.over = block.split_off((until.max(0) as usize * usize::from(self.info.channels)).min(block.len()));
            self.done = true;
        }
        self.stash = Some(block);
        true
    }

    /// Moves sample 0 to `frames` later, the first sample of this piece.
    fn begin(&mut self, piece: Piece, frames: i64) {
        let start = self.frame(piece.start);
        let length = piece.end.map(|end| self.frame(end) - start);
        self.first += frames;
        self.end = self.end.map(|end| end - frames);
        let stated = length.map(|frames| frames as f64 / f64::from(self.info.rate));
        let rest = self.whole.map(|whole| (whole - f64::from(piece.start) / f64::from(SECTORS)).max(0.0));
        // An estimated duration does not contradict the sheet.
        let exact = rest.filter(|_| stated.is_none() || self.end.is_some());
        self.info.secs = stated.into_iter().chain(exact).min_by(f64::total_cmp);
        (self.until, self.piece) = (length, Some(piece));
    }

    /// The frame at which a sector begins.
    fn frame(&self, sector: u32) -> i64 {
        let (rate, sectors) = (i64::from(self.info.rate), i64::from(SECTORS));
        (i64::from(sector) * rate + sectors / 2) / sectors
    }
}
