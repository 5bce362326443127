//! Level and dynamics: how much the level varies.

use super::frames::{FRAME_RATE, FULL_SCALE, Frames};

/// Length and hop of a level window in seconds: EBU R 128's momentary loudness.
const WINDOW_SECS: f32 = 0.4;
const HOP_SECS: f32 = 0.1;
/// Levels are clamped to at most this far below the highest, in dB.
const DEPTH: f32 = 60.0;

/// From the 10th to the 95th percentile (as EBU Tech 3342 takes them) of the level over 0.4 s, in dB, at most 60;
/// `None` under 1 s.
pub(super) fn dynamics(frames: &Frames) -> Option<f32> {
    let (window, hop) = ((WINDOW_SECS * FRAME_RATE) as usize, (HOP_SECS * FRAME_RATE) as usize);
    let mut levels: Vec<f32> =
        frames.power.windows(window).step_by(hop).map(|w| 10.0 * w.iter().sum::<f32>().max(1e-20).log10()).collect();
    if levels.len() < 7 {
        return None;
    }
    levels.sort_unstable_by(f32::total_cmp);
    let at = |q: f32| levels[(q * (levels.len() - 1) as f32).round() as usize];
    let highest = at(1.0);
    Some(at(0.95) - at(0.1).max(highest - DEPTH))
}

/// The root mean square in dB of full scale (0 is a square wave's, −3 a sine's); `None` of no frames.
pub(super) fn level(frames: &Frames) -> Option<f32> {
    let mean = frames.power.iter().sum::<f32>() / frames.len() as f32;
    (mean > 0.0 && mean.is_finite()).then(|| 10.0 * (mean / FULL_SCALE).log10())
}

#[cfg(test)]
mod tests {
    use super::super::signals::{silence, sine};
    use super::*;

    #[test]
    fn the_swing_between_two_levels() {
        for swing in [0.0, 6.0, 20.0] {
            let gain = 10f32.powf(-swing / 20.0);
            let sound: Vec<f32> =
                sine(440.0, 10.0).into_iter().chain(sine(440.0, 10.0).iter().map(|x| x * gain)).collect();
            let found = dynamics(&Frames::of(&sound)).unwrap();
            assert!((found - swing).abs() < 0.1, "{swing}: {found}");
        }
        let half: Vec<f32> = sine(440.0, 5.0).into_iter().chain(silence(5.0)).collect();
        assert!((dynamics(&Frames::of(&half)).unwrap() - DEPTH).abs() < 0.1, "silence is 60 dB down");
        assert_eq!(dynamics(&Frames::of(&sine(440.0, 0.8))), None);
    }

    #[test]
    fn a_sine_of_amplitude_a_half_is_at_minus_nine() {
        let found = level(&Frames::of(&sine(440.0, 1.0))).unwrap();
        assert!((found + 9.03).abs() < 0.05, "{found}");
        assert_eq!(level(&Frames::default()), None);
    }
}
