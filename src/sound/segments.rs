//! Which parts of a track are analysed: up to three segments of 30 s, away from intro and ending, or up to seven
//! patches of 3 s spread over the whole track.

use std::borrow::Cow;

/// Length of a segment in seconds.
pub const SEGMENT_SECS: f64 = 30.0;
/// Length of a patch in seconds; its frames cover 8 ms less.
pub const PATCH_SECS: f64 = 3.0;

/// A part of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Where it begins, in seconds from the track's beginning.
    pub start: f64,
    /// How long it is, in seconds: [`SEGMENT_SECS`], or less when the track has no more.
    pub secs: f64,
}

/// The segments of a track of `duration` seconds, in order:
/// - from 60 s on, three that begin at 20, 50 and 80 % of (duration − 30 s), so that the last ends inside the track
///   (they overlap in tracks under 130 s);
/// - from 30 s on, one in the middle;
/// - under 30 s, the whole track ([`tile`] fills it up);
/// - unknown (0, negative or not a number): 30 s from the start, which every track that is one has.
pub fn plan(duration: f64) -> Vec<Span> {
    let span = |start| Span { start, secs: SEGMENT_SECS };
    if !duration.is_finite() || duration <= 0.0 {
        return vec![span(0.0)];
    }
    let room = duration - SEGMENT_SECS;
    if duration >= 2.0 * SEGMENT_SECS {
        [0.2, 0.5, 0.8].map(|part| span(part * room)).to_vec()
    } else if room >= 0.0 {
        vec![span(room / 2.0)]
    } else {
        vec![Span { start: 0.0, secs: duration }]
    }
}

/// Number of patches in a track that is long enough.
pub const PATCHES: usize = 7;

/// The patches of a track of `duration` seconds, in order: [`PATCHES`] of [`PATCH_SECS`] s, or as many as there is room for, with their
/// centres at (i + ½)/n of its length. Under 3 s, the whole track ([`tile`] fills it up). Of unknown length (0, negative or not a
/// number), those of its first [`SEGMENT_SECS`].
pub fn patches(duration: f64) -> Vec<Span> {
    let duration = if duration.is_finite() && duration > 0.0 { duration } else { SEGMENT_SECS };
    if duration < PATCH_SECS {
        return vec![Span { start: 0.0, secs: duration }];
    }
    let n = ((duration / PATCH_SECS) as usize).min(PATCHES);
    let start = |i: usize| ((i as f64 + 0.5) / n as f64 * duration - PATCH_SECS / 2.0).max(0.0);
    (0..n).map(|i| Span { start: start(i), secs: PATCH_SECS }).collect()
}

/// Brings samples to exactly `want`: longer input is cut, shorter input is repeated. Empty input stays empty.
pub fn tile(samples: &[f32], want: usize) -> Cow<'_, [f32]> {
    match samples.len() {
        len if len >= want => Cow::Borrowed(&samples[..want]),
        0 => Cow::Borrowed(samples),
        _ => Cow::Owned(samples.iter().copied().cycle().take(want).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_tracks_give_three_segments_inside_them() {
        let starts: Vec<_> = plan(230.0).iter().map(|s| s.start).collect();
        assert_eq!(starts, [40.0, 100.0, 160.0]);
        for duration in [60.0, 61.5, 130.0, 86_400.0] {
            let spans = plan(duration);
            assert_eq!(spans.len(), 3);
            assert!(spans.iter().all(|s| s.start > 0.0 && s.secs == 30.0 && s.start + s.secs < duration));
        }
    }

    #[test]
    fn middling_tracks_give_one_in_the_middle() {
        assert_eq!(plan(50.0), [Span { start: 10.0, secs: 30.0 }]);
        assert_eq!(plan(30.0), [Span { start: 0.0, secs: 30.0 }]);
        assert_eq!(plan(59.9).len(), 1);
    }

    #[test]
    fn short_and_unknown_ones_begin_at_the_start() {
        assert_eq!(plan(12.5), [Span { start: 0.0, secs: 12.5 }]);
        for unknown in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(plan(unknown), [Span { start: 0.0, secs: 30.0 }]);
        }
    }

    #[test]
    fn patches_are_spread_over_the_whole_track() {
        let starts: Vec<_> = patches(210.0).iter().map(|p| p.start).collect();
        assert_eq!(starts, [13.5, 43.5, 73.5, 103.5, 133.5, 163.5, 193.5]);
        for (duration, n) in [(21.0, 7), (20.9, 6), (9.0, 3), (4.4, 1), (3.0, 1), (86_400.0, 7)] {
            let spans = patches(duration);
            assert_eq!(spans.len(), n, "{duration}");
            assert!(spans.iter().all(|p| p.start >= 0.0 && p.secs == 3.0 && p.start + p.secs <= duration + 1e-9));
            assert!(spans.windows(2).all(|p| p[0].start + p[0].secs <= p[1].start + 1e-9), "{duration}: they overlap");
        }
        assert!((patches(3.9)[0].start - 0.45).abs() < 1e-9);
        assert_eq!(patches(1.2), [Span { start: 0.0, secs: 1.2 }]);
        for unknown in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(patches(unknown), patches(30.0));
        }
    }

    #[test]
    fn tiling_repeats_and_cuts() {
        assert_eq!(*tile(&[1.0, 2.0, 3.0], 7), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0]);
        assert_eq!(*tile(&[1.0, 2.0, 3.0], 2), [1.0, 2.0]);
        assert!(tile(&[], 5).is_empty());
    }
}
