//! The ratio of percussive to tonal energy.

use super::frames::{BANDS, Frames};

/// Number of frames around a frame whose median is its sustained part (0.2 s).
const WINDOW: usize = 17;

/// The share of the power that is hits, 0 to 1; `None` when there is no power. In each band, what lies above the median
/// of the 0.2 s about it is a hit, the rest is sustained: harmonic–percussive separation by median filters
/// (Fitzgerald, DAFx 2010) with the filter along time only, on [`BANDS`] bands. Steady noise is no hit here.
pub(super) fn percussiveness(frames: &Frames) -> Option<f32> {
    if frames.len() < WINDOW {
        return None;
    }
    let (mut hits, mut total) = (0.0f64, 0.0f64);
    let mut band = vec![0.0; frames.len()];
    for b in 0..BANDS {
        band.iter_mut().zip(frames.bands.chunks_exact(BANDS)).for_each(|(out, row)| *out = row[b]);
        total += band.iter().map(|&p| f64::from(p)).sum::<f64>();
        let mut sorted = Sorted::new(&band[..WINDOW]);
        for t in WINDOW..=band.len() {
            let p = band[t - WINDOW / 2 - 1];
            hits += f64::from((p - sorted.median()).max(0.0));
            if let Some(&next) = band.get(t) {
                sorted.swap(band[t - WINDOW], next);
            }
        }
    }
    (total > 0.0).then(|| (hits / total) as f32)
}

/// The values of a window, in order.
struct Sorted([f32; WINDOW]);

impl Sorted {
    fn new(values: &[f32]) -> Sorted {
        let mut sorted = [0.0; WINDOW];
        sorted.copy_from_slice(values);
        sorted.sort_unstable_by(f32::total_cmp);
        Sorted(sorted)
    }

    fn median(&self) -> f32 {
        self.0[WINDOW / 2]
    }

    /// Puts one value in the place of another, keeping the order.
    fn swap(&mut self, old: f32, new: f32) {
        let mut i = self.0.iter().position(|&v| v >= old).unwrap_or(WINDOW - 1);
        while i + 1 < WINDOW && self.0[i + 1] < new {
            self.0[i] = self.0[i + 1];
            i += 1;
        }
        while i > 0 && self.0[i - 1] > new {
            self.0[i] = self.0[i - 1];
            i -= 1;
        }
        self.0[i] = new;
    }
}

#[cfg(test)]
mod tests {
    use super::super::signals::{clicks, note, pad, silence, white};
    use super::*;

    fn share(sound: &[f32]) -> f32 {
        percussiveness(&Frames::of(sound)).unwrap()
    }

    #[test]
    fn clicks_are_hits_and_chords_are_not() {
        assert!(share(&clicks(120.0, 5.0)) > 0.95);
        assert!(share(&pad(&[0.0, 4.0, 7.0], 5.0)) < 0.02);
        assert!(share(&white(5.0, 1)) < 0.15, "steady noise");
        let mut scale = silence(5.0);
        (0..10).for_each(|i| note(&mut scale, i as f32, 0.5 * i as f32, 0.5));
        assert!(share(&scale) < 0.15, "a melody: {}", share(&scale));
    }

    #[test]
    fn the_louder_the_clicks_over_a_chord_the_more() {
        let (chord, clicks) = (pad(&[0.0, 4.0, 7.0], 5.0), clicks(120.0, 5.0));
        let shares = [0.0, 0.2, 0.5, 1.0, 2.0, 5.0].map(|gain| {
            let both: Vec<f32> = chord.iter().zip(&clicks).map(|(a, b)| a + gain * b).collect();
            share(&both)
        });
        assert!(shares.is_sorted_by(|a, b| a < b), "{shares:?}");
        assert!(percussiveness(&Frames::default()).is_none());
    }

    #[test]
    fn the_sliding_window_stays_in_order() {
        let mut random = fastrand::Rng::with_seed(3);
        let values: Vec<f32> = (0..500).map(|_| random.u8(0..20).into()).collect();
        let mut sorted = Sorted::new(&values[..WINDOW]);
        for t in WINDOW..values.len() {
            sorted.swap(values[t - WINDOW], values[t]);
            let mut want = values[t + 1 - WINDOW..=t].to_vec();
            want.sort_unstable_by(f32::total_cmp);
            assert_eq!(sorted.0.to_vec(), want);
        }
    }
}
