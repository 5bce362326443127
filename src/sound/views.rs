//! What an experiment of the lab sees of a track beside its middle half minute: half minutes that overlap with it, and the
//! middle at other pitches.

use super::segments::{SEGMENT_SECS, Span};
use super::strobe::RATE;

/// Number of windows of a track.
pub const WINDOWS: usize = 3;
/// Rates in Hz at which the middle of a track is read to be taken for sound at 44,100 Hz: its pitch falls by 1.96 and 0.84
/// semitones, and rises by as much; its tempo changes with it. Their ratios to 44,100 are of small numbers (28:25 and 21:20), which a
/// resampler is quick with.
pub const PITCHED: [u32; 4] = [49_392, 46_305, 42_000, 39_375];

/// A number that is another one where views are of other parts of a track, or at other rates: a cache of views is named by it.
pub fn version() -> u32 {
    let lengths = [0.0, 20.0, 45.0, 200.0];
    let drawn = format!("{:?} {:?}", lengths.map(windows), lengths.map(pitched));
    crc32fast::hash(drawn.as_bytes())
}

/// Number of views of a track: the window in the middle, the other windows, and, if they are asked for, the middle at other
/// pitches.
pub fn count(pitched: bool) -> usize {
    if pitched { WINDOWS + PITCHED.len() } else { WINDOWS }
}

/// The windows of a track of `duration` seconds (0 if unknown): the one in the middle, then one that begins half its length
/// earlier and one that begins so much later, as far as the track reaches.
pub fn windows(duration: f64) -> [Span; WINDOWS] {
    let room = (known(duration) - SEGMENT_SECS).max(0.0);
    let start = |shift: f64| (room / 2.0 + shift * SEGMENT_SECS).clamp(0.0, room);
    [0.0, -0.5, 0.5].map(|shift| Span { start: start(shift), secs: SEGMENT_SECS })
}

/// The rate in Hz to read each pitched view at, and the part of the track that becomes half a minute at 44,100 Hz.
pub fn pitched(duration: f64) -> [(u32, Span); PITCHED.len()] {
    PITCHED.map(|rate| {
        let secs = SEGMENT_SECS * f64::from(RATE) / f64::from(rate);
        (rate, Span { start: (known(duration) - secs).max(0.0) / 2.0, secs })
    })
}

fn known(duration: f64) -> f64 {
    if duration.is_finite() { duration.max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_overlap_by_half_where_there_is_room() {
        let starts = |duration: f64| windows(duration).map(|span| span.start);
        assert_eq!(starts(60.0), [15.0, 0.0, 30.0]);
        assert_eq!(starts(50.0), [10.0, 0.0, 20.0], "they end where the track ends");
        assert_eq!(starts(200.0), [85.0, 70.0, 100.0]);
        for duration in [30.0, 3.0, 0.0, -1.0, f64::NAN] {
            assert_eq!(starts(duration), [0.0; WINDOWS], "{duration}");
        }
    }

    #[test]
    fn every_pitch_takes_half_a_minute_once_it_is_resampled() {
        for (rate, span) in pitched(60.0) {
            let samples = span.secs * f64::from(rate);
            assert!(
                (samples - 30.0 * f64::from(RATE)).abs() < 1e-6 && (span.start + span.secs / 2.0 - 30.0).abs() < 1e-9
            );
            let semitones = 12.0 * (f64::from(RATE) / f64::from(rate)).log2().abs();
            assert!((0.8..2.0).contains(&semitones), "{rate}: {semitones}");
        }
        assert!(pitched(20.0).iter().all(|(_, span)| span.start == 0.0));
        assert_eq!((count(false), count(true)), (3, 7));
    }
}
