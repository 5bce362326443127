//! What the view of the sound shows beyond what is known of the library: traces of the last tracks, the spectrum of what
//! is sent, and the two spectrograms of `:spectrogram`.

use std::path::{Path, PathBuf};

use crate::app::refusal::Refusal;
use crate::audio::player::spectrum::BANDS;
use crate::picture::Panel;
use crate::sound::sections;
use crate::sound::trace::{Piece, Plan, Trace};
use crate::track::{FileFault, TrackId};

/// The tracks whose traces are kept.
const KEPT: usize = 4;
/// By how much a held peak falls with each spectrum, of which the player sends ten a second.
const FALL: f32 = 0.025;
/// Seconds after the beginning of a section from which on going back goes to that beginning.
const BEGUN: f64 = 3.0;

/// The state of the view.
#[derive(Clone, Debug, Default)]
pub struct SoundView {
    /// Whether it is on the screen: only then anything is computed for it.
    pub shown: bool,
    /// The level of each band of what is sent, 0 to 1.
    pub bands: [f32; BANDS],
    /// The highest levels of late.
    pub peaks: [f32; BANDS],
    /// The spectrograms that were asked for.
    pub figures: Vec<Figure>,
    /// The last used one last.
    kept: Vec<Picture>,
    /// The piece that is being made.
    asked: Option<(PathBuf, TrackId, Piece)>,
}

/// The spectrogram of a file's beginning.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The file.
    pub path: PathBuf,
    /// Its name for the user.
    pub title: String,
    /// The picture, or why there is none; `None` while it is being made.
    pub found: Option<Result<Box<Panel>, FileFault>>,
}

/// The trace of a track, as far as it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The track.
    pub track: TrackId,
    /// How it is divided.
    pub plan: Plan,
    /// The columns; empty where they are not made yet.
    pub trace: Trace,
    /// The highest level.
    pub loudest: u8,
    /// Where its sections begin, in seconds, without the first; known once all pieces are made.
    pub sections: Vec<f64>,
    /// Why the rest is not made.
    pub fault: Option<String>,
    made: Vec<bool>,
}

impl Picture {
    fn new(track: TrackId, plan: Plan) -> Picture {
        let (trace, made) = (Trace::empty(plan.columns), vec![false; plan.pieces()]);
        Picture { track, plan, trace, loudest: 0, sections: Vec::new(), fault: None, made }
    }

    /// The share of the track that is made.
    pub fn done(&self) -> f32 {
        self.made.iter().filter(|made| **made).count() as f32 / self.made.len().max(1) as f32
    }

    /// The column at a position in seconds.
    pub fn column_at(&self, secs: f64) -> usize {
        let last = self.plan.columns.saturating_sub(1);
        (secs / self.plan.column()).clamp(0.0, last as f64) as usize
    }

    /// The next piece to make: the one at a position, else those after it, else those before it.
    fn next(&self, secs: f64) -> Option<Piece> {
        let (count, here) = (self.made.len(), self.plan.piece_at(secs));
        let missing = |at: &usize| self.made.get(*at) == Some(&false);
        let next = (0..count).map(|n| (here + n) % count).find(missing)?;
        Some(self.plan.piece(next)).filter(|_| self.fault.is_none())
    }

    fn put(&mut self, piece: &Piece, trace: &Trace) {
        self.trace.put(piece.first, trace);
        if let Some(made) = self.made.get_mut(self.plan.piece_at(piece.start + piece.secs / 2.0)) {
            *made = true;
        }
        self.loudest = self.trace.levels.iter().copied().max().unwrap_or(0);
        if self.made.iter().all(|made| *made) {
            let column = self.plan.column();
            let found = sections::boundaries(&self.trace.levels, column);
            self.sections = found.into_iter().map(|at| at as f64 * column).collect();
        }
    }
}

impl SoundView {
    /// The trace of a track, if some of it is known.
    pub fn picture(&self, track: TrackId) -> Option<&Picture> {
        self.kept.iter().find(|picture| picture.track == track)
    }

    /// The view came on the screen, or left it.
    pub(in crate::app) fn show(&mut self, shown: bool) {
        self.shown = shown;
        self.asked = None;
        (self.bands, self.peaks) = Default::default();
    }

    /// Takes the spectrum of what is sent; one of silence forgets the peaks.
    pub(in crate::app) fn hear(&mut self, bands: [f32; BANDS]) {
        if !self.shown {
            return;
        }
        self.bands = bands;
        let silent = bands.iter().all(|band| *band <= 0.0);
        for (peak, band) in self.peaks.iter_mut().zip(bands) {
            *peak = if silent { 0.0 } else { band.max(*peak - FALL) };
        }
    }

    /// The piece of a playing file to make now, of a track of `length` seconds at a position; it counts as asked for from
    /// then on. One piece is made at a time.
    pub(in crate::app) fn next(&mut self, path: &Path, track: TrackId, (secs, length): (f64, f64)) -> Option<Piece> {
        if !self.shown || self.asked.as_ref().is_some_and(|(_, of, _)| *of == track) {
            return None;
        }
        let at = self.kept.iter().position(|picture| picture.track == track);
        let picture = match at {
            Some(at) => self.kept.remove(at),
            None => Picture::new(track, Plan::of(length)?),
        };
        let piece = picture.next(secs);
        self.kept.push(picture);
        let over = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..over);
        self.asked = piece.map(|piece| (path.to_path_buf(), track, piece));
        piece
    }

    /// Takes a piece of a file, or why it cannot be made; whether it was asked for.
    pub(in crate::app) fn take(&mut self, path: &Path, piece: &Piece, found: Result<&Trace, &str>) -> bool {
        let wanted = |asked: &mut (PathBuf, TrackId, Piece)| asked.0 == path && asked.2 == *piece;
        let Some((_, track, _)) = self.asked.take_if(wanted) else { return false };
        let Some(picture) = self.kept.iter_mut().find(|picture| picture.track == track) else { return false };
        match found {
            Ok(trace) => picture.put(piece, trace),
            Err(why) => picture.fault = Some(why.to_string()),
        }
        true
    }

    /// Where the next section of a track begins after a position in seconds, or else the one at it or before it.
    ///
    /// # Errors
    /// One line: there is none.
    pub fn section(&self, track: TrackId, secs: f64, forward: bool) -> Result<f64, Refusal> {
        let not_yet = |why: &'static str| Refusal::NotYet(why.into());
        let picture =
            self.picture(track).ok_or(not_yet("the sections are found while the view of the sound is open: :sound"))?;
        if picture.done() < 1.0 {
            return Err(not_yet("the sections are not known yet: the spectrogram is still being made"));
        }
        let mut begins = picture.sections.iter().copied();
        if forward {
            return begins.find(|at| *at > secs).ok_or(Refusal::NothingTo("no section follows"));
        }
        Ok(begins.rev().find(|at| *at + BEGUN <= secs).unwrap_or(0.0))
    }

    /// Takes the spectrogram of a file's beginning.
    pub(in crate::app) fn figure(&mut self, path: &Path, found: Result<Box<Panel>, FileFault>) {
        for figure in self.figures.iter_mut().filter(|figure| figure.path == path) {
            figure.found = Some(found.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::full;

    const TRACK: TrackId = TrackId([1; 16]);
    const PATH: &str = "/m/a.flac";

    /// A piece whose columns have this level.
    fn made(piece: &Piece, level: u8) -> Trace {
        Trace {
            levels: vec![level; piece.columns * full::BANDS],
            loudness: vec![150; piece.columns],
            peaks: vec![180; piece.columns],
        }
    }

    fn shown() -> SoundView {
        SoundView { shown: true, ..SoundView::default() }
    }

    #[test]
    fn pieces_are_made_one_by_one_from_what_plays_on() {
        let mut view = shown();
        let path = Path::new(PATH);
        let ask = |view: &mut SoundView| view.next(path, TRACK, (100.0, 240.0));
        let mut starts = Vec::new();
        while let Some(piece) = ask(&mut view) {
            assert_eq!(ask(&mut view), None, "one at a time");
            starts.push(piece.start as u32);
            let level = if piece.start < 120.0 { 90 } else { 150 };
            assert!(view.take(path, &piece, Ok(&made(&piece, level))));
            assert!(!view.take(path, &piece, Ok(&made(&piece, level))), "it was taken");
        }
        assert_eq!(starts, [90, 120, 150, 180, 210, 0, 30, 60]);
        let picture = view.picture(TRACK).unwrap();
        assert_eq!((picture.done(), picture.loudest, picture.sections.len()), (1.0, 150, 1));
        assert!((picture.sections[0] - 120.0).abs() < 1.0);
        assert!(view.section(TRACK, 10.0, true).is_ok_and(|at| at > 119.0));
        assert_eq!(view.section(TRACK, 10.0, false), Ok(0.0));
        assert!(
            view.section(TRACK, 200.0, true).is_err() && view.section(TRACK, 200.0, false).is_ok_and(|at| at > 100.0)
        );
        assert!(view.section(TrackId([9; 16]), 0.0, true).is_err());
    }

    #[test]
    fn nothing_is_asked_for_while_it_is_not_shown() {
        let mut view = SoundView::default();
        assert_eq!(view.next(Path::new(PATH), TRACK, (0.0, 240.0)), None);
        view.hear([0.5; BANDS]);
        assert_eq!((view.bands, view.peaks), ([0.0; BANDS], [0.0; BANDS]));
        view.show(true);
        let piece = view.next(Path::new(PATH), TRACK, (0.0, 240.0)).unwrap();
        view.show(false);
        assert!(!view.take(Path::new(PATH), &piece, Ok(&made(&piece, 9))), "it was called off");
        // What is not known or too long has no trace.
        view.show(true);
        for secs in [0.0, f64::NAN, 1e9] {
            assert_eq!(view.next(Path::new("/m/b.flac"), TrackId([2; 16]), (0.0, secs)), None);
        }
    }

    #[test]
    fn the_last_few_tracks_are_kept_and_a_fault_ends_a_track() {
        let mut view = shown();
        for n in 0..=KEPT as u8 {
            let piece = view.next(Path::new(PATH), TrackId([n; 16]), (0.0, 20.0)).unwrap();
            let trace = made(&piece, 7);
            let found = if n == 2 { Err("no sound in it") } else { Ok(&trace) };
            assert!(view.take(Path::new(PATH), &piece, found));
            assert_eq!(view.next(Path::new(PATH), TrackId([n; 16]), (0.0, 20.0)), None, "{n} is made");
        }
        assert!(view.picture(TrackId([0; 16])).is_none() && view.picture(TrackId([1; 16])).is_some());
        assert_eq!(view.picture(TrackId([2; 16])).unwrap().fault.as_deref(), Some("no sound in it"));
    }

    #[test]
    fn peaks_are_held_and_fall() {
        let mut view = shown();
        let mut bands = [0.2; BANDS];
        bands[3] = 0.9;
        view.hear(bands);
        view.hear([0.2; BANDS]);
        assert!((view.peaks[3] - 0.9 + FALL).abs() < 1e-6 && view.peaks[4] == 0.2 && view.bands[3] == 0.2);
        view.hear([0.0; BANDS]);
        assert_eq!(view.peaks, [0.0; BANDS]);
    }
}
