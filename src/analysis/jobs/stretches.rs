//! Which stretches of a file are decoded, so that nothing is decoded twice: what an encoder hears and the middle segment overlap.

use jukebox_encoder::Input;

use crate::audio::segment::RATE;
use crate::sound::patch;
use crate::sound::segments::{SEGMENT_SECS, Span, patches, plan};

/// What is decoded around a patch, in seconds, so that the filter that brings it to another rate hears no edge.
pub(super) const MARGIN: f64 = 0.04;

/// What is to be heard of a file: its images, and its middle segment as well if that is to be described.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// What the encoder hears.
    pub input: Input,
    /// Whether the middle segment is wanted.
    pub middle: bool,
}

/// A part of a file that is decoded in one piece.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Where it is.
    pub span: Span,
    /// The sample rate at which it is wanted.
    pub rate: u32,
    /// It is the middle segment, or one that may stand for it.
    pub middle: bool,
    /// The parts of it that images are drawn of.
    pub images: Vec<Span>,
}

/// The stretches of a file of so many seconds (0 when unknown), in order.
pub fn stretches(secs: f64, wanted: Wanted) -> Vec<Stretch> {
    match wanted.input {
        Input::Patch => of_patches(secs, wanted.middle),
        Input::Strobe | Input::Mel => of_segments(secs),
    }
}

/// The segments, each drawn whole.
fn of_segments(secs: f64) -> Vec<Stretch> {
    let plan = plan(secs);
    let middle = plan.len() / 2;
    let whole =
        |(i, span): (usize, &Span)| Stretch { span: *span, rate: RATE, middle: i <= middle, images: vec![*span] };
    plan.iter().enumerate().map(whole).collect()
}

/// The patches; those in the middle segment are cut out of it, if that is wanted. A file that is not longer than a segment is decoded
/// whole.
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

/// The patches of a file of which so many seconds are there: none of none.
pub(super) fn patches_of(there: f64) -> Vec<Span> {
    if there > 0.0 { patches(there.min(SEGMENT_SECS)) } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole seconds at which the stretches of patches begin, their rates, and how many images there are in each.
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
        // Of a short track several lie in it, of one that is no longer all do.
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
