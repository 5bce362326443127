//! Chooses the stretches of a file to decode. What the encoder needs and the middle segment overlap; nothing is decoded
//! twice.

use jukebox_encoder::Input;

use crate::audio::segment::RATE;
use crate::sound::patch;
use crate::sound::segments::{SEGMENT_SECS, Span, patches, plan};

/// Seconds decoded on either side of a patch, so that resampling has no edge effects within it.
pub(super) const MARGIN: f64 = 0.04;

/// What to extract from a file: the encoder's images, and optionally the middle segment for the descriptors.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The kind of image that the encoder takes.
    pub input: Input,
    /// Whether the middle segment is wanted.
    pub middle: bool,
}

/// A part of a file that is decoded in one piece.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Its position in the file.
    pub span: Span,
    /// The sample rate to resample it to, in Hz.
    pub rate: u32,
    /// Whether it is the middle segment, or an earlier one that can replace it.
    pub middle: bool,
    /// The parts of it from which images are drawn.
    pub images: Vec<Span>,
}

/// The stretches of a file of `secs` seconds (0 if unknown), in order.
pub fn stretches(secs: f64, wanted: Wanted) -> Vec<Stretch> {
    match wanted.input {
        Input::Patch => of_patches(secs, wanted.middle),
        Input::Strobe | Input::Mel => of_segments(secs),
        Input::Power => beginning(),
    }
}

/// The first segment alone, as the paper's authors took it.
fn beginning() -> Vec<Stretch> {
    let span = Span { start: 0.0, secs: SEGMENT_SECS };
    vec![Stretch { span, rate: RATE, middle: true, images: vec![span] }]
}

/// Whole segments, one image each.
fn of_segments(secs: f64) -> Vec<Stretch> {
    let plan = plan(secs);
    let middle = plan.len() / 2;
    let whole =
        |(i, span): (usize, &Span)| Stretch { span: *span, rate: RATE, middle: i <= middle, images: vec![*span] };
    plan.iter().enumerate().map(whole).collect()
}

/// One stretch per patch, except that patches within the middle segment are cut out of it if that is wanted. A file no
/// longer than a segment is decoded whole.
fn of_patches(secs: f64, with_middle: bool) -> Vec<Stretch> {
    let patches = patches(secs);
    let plan = plan(secs);
    let middle = plan[plan.len() / 2];
    let rate = if with_middle { RATE } else { patch::RATE };
    if middle.start <= 0.0 {
        return vec![Stretch { span: middle, rate, middle: with_middle, images: patches }];
    }
    let alone = |patch: Span| {
        let start = (patch.start - MARGIN).max(0.0);
        let span = Span { start, secs: patch.start - start + patch.secs + MARGIN };
        Stretch { span, rate: patch::RATE, middle: false, images: vec![patch] }
    };
    if !with_middle {
        return patches.into_iter().map(alone).collect();
    }
    let inside = |p: &Span| p.start >= middle.start && p.start + p.secs <= middle.start + middle.secs;
    let (images, others): (Vec<Span>, Vec<Span>) = patches.into_iter().partition(inside);
    let mut all: Vec<Stretch> = others.into_iter().map(alone).collect();
    let at = all.partition_point(|stretch| stretch.span.start < middle.start);
    all.insert(at, Stretch { span: middle, rate, middle: true, images });
    all
}

/// The patches of a file of which `there` seconds could be decoded; none if that is 0.
pub(super) fn patches_of(there: f64) -> Vec<Span> {
    if there > 0.0 { patches(there.min(SEGMENT_SECS)) } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start in whole seconds, rate and number of images of each stretch of patches.
    fn of(secs: f64, middle: bool) -> Vec<(f64, u32, usize)> {
        let stretches = stretches(secs, Wanted { input: Input::Patch, middle });
        stretches.iter().map(|s| (s.span.start.floor(), s.rate, s.images.len())).collect()
    }

    #[test]
    fn the_middle_patch_is_cut_out_of_the_middle_segment() {
        let alone = |start| (start, 16_000, 1);
        let before = [13.0, 43.0, 73.0].map(alone);
        let expected: Vec<_> =
            before.into_iter().chain([(90.0, 44_100, 1)]).chain([133.0, 163.0, 193.0].map(alone)).collect();
        assert_eq!(of(210.0, true), expected);
        assert_eq!(of(210.0, false).len(), 7);
        // The middle segment of a short track holds several patches; that of a track no longer than
        // it holds all.
        assert_eq!(of(70.0, true).iter().map(|s| s.2).collect::<Vec<_>>(), [1, 1, 3, 1, 1]);
        for secs in [30.0, 12.0, 0.0] {
            assert_eq!(of(secs, true), [(0.0, 44_100, patches(secs).len())]);
            assert_eq!(of(secs, false)[0].1, 16_000);
        }
    }

    #[test]
    fn stretches_are_in_order_and_hold_their_patches() {
        for secs in [2.0, 31.0, 59.0, 61.0, 100.0, 5000.0] {
            let all = stretches(secs, Wanted { input: Input::Patch, middle: true });
            assert!(all.windows(2).all(|s| s[0].span.start < s[1].span.start), "{secs}");
            for Stretch { span, images, .. } in &all {
                assert!(
                    images.iter().all(|p| p.start >= span.start && p.start + p.secs <= span.start + span.secs + 1e-9)
                );
            }
            let mut drawn: Vec<Span> = all.into_iter().flat_map(|s| s.images).collect();
            drawn.sort_by(|a, b| a.start.total_cmp(&b.start));
            assert_eq!(drawn, patches(secs));
        }
    }

    #[test]
    fn segments_are_drawn_whole() {
        let all = stretches(210.0, Wanted { input: Input::Strobe, middle: true });
        assert!(all.len() == 3 && all.iter().all(|s| s.images == [s.span] && s.rate == 44_100));
        assert_eq!(all.iter().map(|s| s.middle).collect::<Vec<_>>(), [true, true, false]);
    }
}
