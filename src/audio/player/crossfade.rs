//! Crossfading: the end of one track fades out while the next fades in, both along a quarter of a sine, so that the total
//! power stays constant.

use std::collections::VecDeque;
use std::f32::consts::FRAC_PI_2;

use super::source::CHANNELS;

/// The frames at the end of a buffer in which two tracks overlap.
pub(crate) struct Overlap {
    /// The first frame of the buffer that the new track has not reached yet.
    from: usize,
    /// Number of overlapping frames already mixed, of `len`.
    done: usize,
    len: usize,
}

impl Overlap {
    /// An overlap of the last `len` of a buffer's frames; `None` if `len` is 0.
    pub fn new(frames: usize, len: usize) -> Option<Overlap> {
        (len > 0).then(|| Overlap { from: frames.saturating_sub(len), done: 0, len })
    }

    /// The first frame of the buffer that still lacks the new track.
    pub fn from(&self) -> usize {
        self.from
    }

    /// Adjusts to frames having been removed from the front of the buffer.
    pub fn moved(&mut self, frames: usize) {
        self.from = self.from.saturating_sub(frames);
    }

    /// Whether the overlap is complete, so that the rest of the new track is not mixed.
    pub fn is_over(&self) -> bool {
        self.done >= self.len
    }

    /// Mixes in interleaved samples of the new track. Returns the number of samples used.
    pub fn mix(&mut self, fresh: &[f32], out: &mut VecDeque<f32>) -> usize {
        let frames = (fresh.len() / CHANNELS).min(self.len - self.done);
        for frame in 0..frames {
            let (new, old) = self.weights(self.done + frame);
            for side in 0..CHANNELS {
                if let Some(x) = out.get_mut((self.from + frame) * CHANNELS + side) {
                    *x = *x * old + fresh[frame * CHANNELS + side] * new;
                }
            }
        }
        self.from += frames;
        self.done += frames;
        frames * CHANNELS
    }

    /// Handles a new track that ends within the overlap: the rest of the old one fades out alone.
    pub fn end(mut self, out: &mut VecDeque<f32>) {
        let silence = vec![0.0; (self.len - self.done) * CHANNELS];
        self.mix(&silence, out);
    }

    /// Weights of the new and the old track at a frame of the overlap.
    fn weights(&self, frame: usize) -> (f32, f32) {
        ((frame as f32 + 0.5) / self.len as f32 * FRAC_PI_2).sin_cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_stays() {
        let overlap = Overlap::new(100, 100).unwrap();
        for frame in 0..100 {
            let (new, old) = overlap.weights(frame);
            assert!((new * new + old * old - 1.0).abs() < 1e-6);
        }
        assert!(overlap.weights(0).0 < 0.01 && overlap.weights(99).1 < 0.01);
    }

    #[test]
    fn pieces_make_the_same_as_the_whole() {
        let new = vec![0.5f32; 60];
        let mut whole: VecDeque<f32> = vec![1.0; 100].into();
        let mut overlap = Overlap::new(50, 20).unwrap();
        assert_eq!(overlap.mix(&new, &mut whole), 40);
        assert!(overlap.is_over());
        let mut parts: VecDeque<f32> = vec![1.0; 100].into();
        let mut overlap = Overlap::new(50, 20).unwrap();
        assert_eq!(overlap.mix(&new[..14], &mut parts), 14);
        parts.drain(..20);
        overlap.moved(10);
        assert_eq!(overlap.mix(&new[14..], &mut parts), 26);
        assert_eq!(whole.range(20..).collect::<Vec<_>>(), parts.iter().collect::<Vec<_>>());
        let mut alone: VecDeque<f32> = vec![1.0; 100].into();
        Overlap::new(50, 20).unwrap().end(&mut alone);
        assert!(alone[58] == 1.0 && alone[99] < 0.1);
        assert!(Overlap::new(50, 0).is_none());
    }
}
