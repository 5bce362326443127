//! A whole track over time: mel levels, loudness and peaks, in columns of equal duration. It is made in pieces, so that
//! no piece takes long or much memory.
//!
//! The levels are those of the image of powers (`full`): 22,050 Hz, 128 mel bands as librosa's `feature.melspectrogram`.
//! A column is the mean power of the frames whose centres lie in it.

use std::fmt;

use ebur128::{Channel, EbuR128, Mode};
use serde::{Deserialize, Serialize};

use super::full::{BANDS, HOP, MEL, RATE};

/// The most columns of a track.
pub const COLUMNS: usize = 480;
/// The shortest column in seconds: two frames.
const SHORTEST: f64 = 2.0 * HOP as f64 / RATE as f64;
/// The longest track in seconds: a longer one has no trace.
pub const LONGEST: f64 = 7200.0;
/// About the duration of a piece in seconds.
const PIECE: f64 = 30.0;
/// Seconds that are heard before and after a piece, so that its edges are those of the track.
pub const MARGIN: f64 = 0.5;
/// Seconds between two readings of the loudness.
const READING: f64 = 0.1;

/// How a track is divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Its duration in seconds.
    pub secs: f64,
    /// Number of columns.
    pub columns: usize,
}

/// A piece of a track: some of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// The first column.
    pub first: usize,
    /// Number of columns.
    pub columns: usize,
    /// Where it begins, in seconds.
    pub start: f64,
    /// Its duration in seconds.
    pub secs: f64,
}

impl Plan {
    /// The plan of a track of so many seconds; `None` if that is not known or too long.
    pub fn of(secs: f64) -> Option<Plan> {
        let fits = secs > 0.0 && secs <= LONGEST;
        fits.then(|| Plan { secs, columns: ((secs / SHORTEST) as usize).clamp(1, COLUMNS) })
    }

    /// The duration of a column in seconds.
    pub fn column(&self) -> f64 {
        self.secs / self.columns.max(1) as f64
    }

    /// Number of columns of a piece; the last one may have less.
    fn per_piece(&self) -> usize {
        ((PIECE / self.column()) as usize).clamp(1, self.columns.max(1))
    }

    /// Number of pieces.
    pub fn pieces(&self) -> usize {
        self.columns.div_ceil(self.per_piece())
    }

    /// The piece of a number, counted from 0; empty past the last.
    pub fn piece(&self, number: usize) -> Piece {
        let first = (number * self.per_piece()).min(self.columns);
        let columns = (self.columns - first).min(self.per_piece());
        let column = self.column();
        Piece { first, columns, start: first as f64 * column, secs: columns as f64 * column }
    }

    /// The number of the piece at a position in seconds.
    pub fn piece_at(&self, secs: f64) -> usize {
        let column = (secs / self.column()).clamp(0.0, self.columns.saturating_sub(1) as f64) as usize;
        column / self.per_piece()
    }
}

/// Levels, loudness and peaks of consecutive columns; each byte is in half decibels, 0 where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// [`BANDS`] bytes a column, the lowest band first: half decibels over a power of 10⁻⁶.
    pub levels: Vec<u8>,
    /// The loudness (EBU R 128, momentary, mean over the column) of each column: half LU over −100 LUFS.
    pub loudness: Vec<u8>,
    /// The highest sample of each column: half decibels over −100 dBFS.
    pub peaks: Vec<u8>,
}

impl Trace {
    /// So many empty columns.
    pub fn empty(columns: usize) -> Trace {
        Trace { levels: vec![0; columns * BANDS], loudness: vec![0; columns], peaks: vec![0; columns] }
    }

    /// Puts the columns of a piece into their places; what does not fit is left out.
    pub fn put(&mut self, first: usize, piece: &Trace) {
        let copy = |into: &mut Vec<u8>, from: &[u8], at: usize| {
            into.iter_mut().skip(at).zip(from).for_each(|(to, from)| *to = *from);
        };
        copy(&mut self.levels, &piece.levels, first * BANDS);
        copy(&mut self.loudness, &piece.loudness, first);
        copy(&mut self.peaks, &piece.peaks, first);
    }
}

/// A byte of [`Trace::loudness`] in LUFS, or of [`Trace::peaks`] in dBFS.
pub fn decibels(code: u8) -> Option<f32> {
    (code > 0).then(|| f32::from(code) / 2.0 - 100.0)
}

/// Decibels in half steps over `least`; what is not a number becomes 0.
fn code(db: f64, least: f64) -> u8 {
    // The cast takes what is out of range to its nearest end.
    ((db - least) * 2.0).round() as u8
}

/// The levels of a piece, from mono samples at 22,050 Hz that begin `lead` seconds before it.
pub fn levels(samples: &[f32], lead: f64, piece: &Piece) -> Vec<u8> {
    let column = piece.secs / piece.columns.max(1) as f64;
    let mut sums = vec![0.0f64; piece.columns * BANDS];
    let mut frames = vec![0u32; piece.columns];
    MEL.power_frames(samples, |t, bands| {
        let at = ((t * HOP) as f64 / f64::from(RATE) - lead) / column;
        if at < 0.0 {
            return;
        }
        let at = at as usize;
        let Some(count) = frames.get_mut(at) else { return };
        *count += 1;
        let into = sums.iter_mut().skip(at * BANDS);
        into.zip(bands).for_each(|(sum, power)| *sum += f64::from(*power));
    });
    let mean = |(i, sum): (usize, &f64)| match frames.get(i / BANDS) {
        Some(&count) if count > 0 => code(10.0 * (sum / f64::from(count)).max(1e-10).log10(), -60.0),
        _ => 0,
    };
    sums.iter().enumerate().map(mean).collect()
}

/// Measures the loudness and the peaks of a piece's columns.
pub struct Curve {
    meter: EbuR128,
    channels: usize,
    /// Frames between two readings.
    reading: u64,
    /// The first frame of every column, and the end of the last.
    edges: Vec<u64>,
    frames: u64,
    /// The sum of the readings of the column that is heard, as powers, and their number.
    heard: (f64, u32),
    peak: f32,
    clean: Vec<f32>,
    loudness: Vec<u8>,
    peaks: Vec<u8>,
}

impl Curve {
    /// Of a stream of so many channels at a rate in Hz that begins `lead` seconds before the piece. `None` where there is
    /// no loudness, see [`super::loudness::Meter::new`].
    pub fn new(channels: u16, rate: u32, lead: f64, piece: &Piece) -> Option<Curve> {
        let mut meter = EbuR128::new(channels.into(), rate, Mode::M).ok()?;
        if channels == 1 {
            meter.set_channel(0, Channel::DualMono).ok()?;
        }
        let column = piece.secs / piece.columns.max(1) as f64;
        let edge = |n: usize| ((lead + n as f64 * column) * f64::from(rate)).round() as u64;
        Some(Curve {
            meter,
            channels: usize::from(channels.max(1)),
            reading: ((READING * f64::from(rate)) as u64).max(1),
            edges: (0..=piece.columns).map(edge).collect(),
            frames: 0,
            heard: (0.0, 0),
            peak: 0.0,
            clean: Vec::new(),
            loudness: Vec::new(),
            peaks: Vec::new(),
        })
    }

    /// Adds interleaved samples; what follows the piece is left out.
    pub fn add(&mut self, interleaved: &[f32]) {
        let mut rest = interleaved;
        // The column that is heard is one less than the edges passed; before the first edge there is none.
        while rest.len() >= self.channels
            && let Some(&edge) = self.edges.iter().find(|edge| **edge > self.frames)
        {
            let frames = (rest.len() / self.channels).min((edge - self.frames).min(self.reading) as usize);
            let (part, more) = rest.split_at(frames * self.channels);
            self.hear(part, frames as u64);
            rest = more;
            if self.frames == edge {
                self.close();
            }
        }
    }

    fn hear(&mut self, part: &[f32], frames: u64) {
        self.clean.clear();
        self.clean.extend(part.iter().map(|&x| if x.is_finite() { x } else { 0.0 }));
        let begun = self.edges.first().is_some_and(|first| self.frames >= *first);
        self.frames += frames;
        if self.meter.add_frames_f32(&self.clean).is_err() || !begun {
            return;
        }
        self.peak = self.clean.iter().fold(self.peak, |peak, x| peak.max(x.abs()));
        let lufs = self.meter.loudness_momentary().unwrap_or(f64::NEG_INFINITY);
        self.heard = (self.heard.0 + 10f64.powf(lufs / 10.0), self.heard.1 + 1);
    }

    /// Ends a column, unless only what precedes the piece was heard.
    fn close(&mut self) {
        let (sum, readings) = std::mem::take(&mut self.heard);
        if readings > 0 {
            self.loudness.push(code(10.0 * (sum / f64::from(readings)).log10(), -100.0));
            self.peaks.push(code(20.0 * f64::from(std::mem::take(&mut self.peak)).log10(), -100.0));
        }
    }

    /// The loudness and the peaks of the columns that were heard.
    pub fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        self.close();
        (self.loudness, self.peaks)
    }
}

impl fmt::Debug for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Curve {{ channels: {}, frames: {} }}", self.channels, self.frames)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn pieces_cover_a_track_once_and_stay_small() {
        for secs in [0.01, 0.3, 5.0, 61.0, 203.0, 1800.0, LONGEST] {
            let plan = Plan::of(secs).unwrap();
            assert!((1..=COLUMNS).contains(&plan.columns), "{secs}");
            let pieces: Vec<Piece> = (0..plan.pieces()).map(|n| plan.piece(n)).collect();
            let mut next = 0;
            for piece in &pieces {
                assert!(piece.first == next && piece.columns > 0 && piece.secs <= PIECE + 1e-9, "{secs}: {piece:?}");
                next += piece.columns;
            }
            assert_eq!(next, plan.columns);
            assert_eq!((plan.piece_at(-1.0), plan.piece_at(f64::MAX)), (0, plan.pieces() - 1));
            assert!((0..plan.pieces()).all(|n| plan.piece_at(plan.piece(n).start + 1e-9) == n), "{secs}");
            assert_eq!(plan.piece(plan.pieces()).columns, 0);
        }
        assert!([0.0, -3.0, f64::NAN, f64::INFINITY, LONGEST + 1.0].iter().all(|secs| Plan::of(*secs).is_none()));
    }

    /// A tone that rises from 200 Hz to 6,000 Hz, the same ratio in every second.
    fn chirp(secs: f64, rate: u32) -> Vec<f32> {
        let octaves = (6000.0f64 / 200.0).log2();
        let phase = |t: f64| 200.0 * secs / (octaves * 2f64.ln()) * ((octaves * t / secs).exp2() - 1.0);
        (0..(secs * f64::from(rate)) as usize)
            .map(|i| (0.5 * (TAU * phase(i as f64 / f64::from(rate))).sin()) as f32)
            .collect()
    }

    #[test]
    fn the_loudest_band_follows_a_tone_that_rises() {
        let plan = Plan::of(8.0).unwrap();
        let levels = levels(&chirp(8.0, RATE), 0.0, &plan.piece(0));
        assert_eq!(levels.len(), plan.columns * BANDS);
        let loudest: Vec<usize> =
            levels.chunks(BANDS).map(|column| (0..BANDS).max_by_key(|band| column[*band]).unwrap()).collect();
        assert!(loudest.windows(2).all(|pair| pair[1] + 1 >= pair[0]), "{loudest:?}");
        let last = loudest[loudest.len() - 2];
        assert!(loudest[1] < 12 && last > 85, "{loudest:?}");
    }

    #[test]
    fn a_piece_is_the_same_part_of_the_whole() {
        let plan = Plan { secs: 10.0, columns: 100 };
        let whole = Piece { first: 0, columns: 100, start: 0.0, secs: 10.0 };
        let part = Piece { first: 40, columns: 20, start: 4.0, secs: 2.0 };
        let samples = chirp(10.0, RATE);
        let all = levels(&samples, 0.0, &whole);
        // Heard from a whole number of frames on, as the whole is.
        let from = 160 * HOP;
        let lead = 4.0 - from as f64 / f64::from(RATE);
        let some = levels(&samples[from..], lead, &part);
        assert_eq!(some, all[40 * BANDS..60 * BANDS]);
        assert!((plan.column() - 0.1).abs() < 1e-12);
        let mut trace = Trace::empty(50);
        trace.put(40, &Trace { levels: some, loudness: vec![9; 20], peaks: vec![7; 20] });
        assert!(trace.levels.len() == 50 * BANDS && trace.loudness[40] == 9 && trace.peaks[39] == 0);
    }

    #[test]
    fn loudness_and_peaks_stand_in_their_columns() {
        let rate = 44_100;
        let tone = |n: usize, level: f64| {
            (0..n).flat_map(move |i| [(level * (TAU * 1000.0 * i as f64 / f64::from(rate)).sin()) as f32; 2])
        };
        let piece = Piece { first: 0, columns: 4, start: 10.0, secs: 4.0 };
        let mut curve = Curve::new(2, rate, 0.5, &piece).unwrap();
        // Half a second before the piece, a silent second, two loud ones; the file ends in the last column.
        let mut samples: Vec<f32> = tone(22_050, 1.0).chain(tone(44_100, 0.0)).chain(tone(88_200, 0.1)).collect();
        samples[30_000] = f32::NAN;
        samples.chunks(2 * 1000).for_each(|block| curve.add(block));
        let (loudness, peaks) = curve.finish();
        assert_eq!((loudness.len(), peaks.len()), (3, 3));
        // A sine at −20 dBFS in both channels is −20 LUFS and a little less.
        let third = decibels(loudness[2]).unwrap();
        assert!((third + 20.0).abs() < 1.5, "{loudness:?}");
        assert!((decibels(peaks[2]).unwrap() + 20.0).abs() < 0.6 && decibels(peaks[0]).is_none(), "{peaks:?}");
        assert_eq!(Curve::new(2, rate, 0.0, &piece).unwrap().finish(), (Vec::new(), Vec::new()));
        assert!(Curve::new(0, rate, 0.0, &piece).is_none());
    }
}
