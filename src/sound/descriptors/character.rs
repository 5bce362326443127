//! Danceability and energy as fixed formulas of the physical descriptors: proxies, in the absence of listeners' judgements to
//! learn from.

use super::onsets::Onsets;
use super::tempo::{Beat, Envelope};

/// Two thirds how clear the beat is, one third how clear the same beat is in the bass alone (32 to 161 Hz); each the mean
/// autocorrelation of the onset envelope at one to four beats, 0 to 1. 0 where nothing pulses; `None` for what is too short
/// to tell.
pub(super) fn danceability(onsets: &Onsets, beat: Option<&Beat>) -> Option<f32> {
    if !Envelope::suffices(&onsets.all) {
        return None;
    }
    let Some(beat) = beat else { return Some(0.0) };
    let bass = Envelope::new(&onsets.bass).map_or(0.0, |bass| bass.repetition(beat.bpm));
    Some((2.0 * beat.clarity.clamp(0.0, 1.0) + bass.clamp(0.0, 1.0)) / 3.0)
}

/// The logistic function of (level + 17 dB) / 5 dB + log2(mean of the onset envelope / 0.6 dB) + log2(brightness /
/// 1900 Hz): loud, busy and bright, each centred on the median of 119 tracks of eight kinds and about as wide.
pub(super) fn energy(level: Option<f32>, rise: f32, brightness: Option<f32>) -> Option<f32> {
    let z = (level? + 17.0) / 5.0 + (rise / 0.6).log2() + (brightness? / 1900.0).log2();
    // Nothing rises in a drone: log2(0) is −∞, and its energy 0.
    (!z.is_nan()).then(|| 1.0 / (1.0 + (-z).exp()))
}

#[cfg(test)]
mod tests {
    use super::super::frames::Frames;
    use super::super::signals::{clicks, hit, kick, pad, silence};
    use super::*;

    fn dance(sound: &[f32]) -> f32 {
        let onsets = Onsets::of(&Frames::of(sound));
        danceability(&onsets, Beat::of(&onsets.all).as_ref()).unwrap()
    }

    #[test]
    fn the_steadier_the_pulse_the_more_danceable() {
        let values = [0.4, 0.1, 0.03, 0.0].map(|jitter| {
            let mut random = fastrand::Rng::with_seed(5);
            let mut sound = silence(30.0);
            (0..59).for_each(|i| hit(&mut sound, 0.5 * (i as f32 + jitter * random.f32()), 0.8, i));
            dance(&sound)
        });
        assert!(values.is_sorted_by(|a, b| a < b), "{values:?}");
        assert_eq!(dance(&pad(&[0.0, 4.0, 7.0], 10.0)), 0.0);
    }

    #[test]
    fn a_bass_that_keeps_the_beat_adds_to_it() {
        let mut sound = silence(20.0);
        (0..40).for_each(|i| kick(&mut sound, 0.5 * i as f32));
        // Clicks alone have hardly any bass, but what they have keeps the beat too.
        assert!(dance(&sound) > 0.9, "{}", dance(&sound));
        let mut off: Vec<f32> = clicks(120.0, 20.0);
        let mut random = fastrand::Rng::with_seed(1);
        (0..40).for_each(|_| kick(&mut off, 19.0 * random.f32()));
        assert!(dance(&off) < dance(&sound) - 0.2, "{}", dance(&off));
    }

    #[test]
    fn loud_busy_and_bright_is_energetic() {
        let middle = energy(Some(-17.0), 0.6, Some(1900.0)).unwrap();
        assert!((middle - 0.5).abs() < 1e-6);
        for more in [
            energy(Some(-12.0), 0.6, Some(1900.0)),
            energy(Some(-17.0), 1.2, Some(1900.0)),
            energy(Some(-17.0), 0.6, Some(3800.0)),
        ] {
            assert!((more.unwrap() - 0.731).abs() < 1e-3, "{more:?}");
        }
        assert_eq!(energy(Some(-17.0), 0.0, Some(1900.0)), Some(0.0));
        assert_eq!((energy(None, 0.6, Some(1900.0)), energy(Some(-17.0), 0.6, None)), (None, None));
    }
}
