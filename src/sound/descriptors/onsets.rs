//! Onset detection: the onset envelope, and the number of onsets.

use super::frames::{BANDS, BASS_BANDS, FRAME_RATE, Frames};

/// Number of frames over which a rise is measured: 23 ms, half a frame's length.
const LAG: usize = 2;
/// An onset is the highest of this many frames on either side (35 ms) …
const ALONE: usize = 3;
/// … and stands out from the mean of this many before and after it (116 ms) …
const AROUND: usize = 10;
/// … by this many decibels: four times what steady noise swings.
const STAND_OUT: f32 = 0.75;

/// The onset envelopes, in dB, one value a frame: how much the bands rise on average. Rises of a band are
/// counted over the highest of itself and its neighbours before, so that a gliding voice is no onset (Böck and Widmer,
/// SuperFlux, DAFx 2013).
#[derive(Debug)]
pub(super) struct Onsets {
    /// Over all bands.
    pub all: Vec<f32>,
    /// Over the bass.
    pub bass: Vec<f32>,
}

impl Onsets {
    pub fn of(frames: &Frames) -> Onsets {
        // 60 dB below the loudest band counts as silence.
        let floor = frames.bands.iter().fold(1e-20f32, |a, &b| a.max(b)) * 1e-6;
        let db: Vec<f32> = frames.bands.iter().map(|p| 10.0 * (p + floor).log10()).collect();
        let (mut all, mut bass) = (vec![0.0; frames.len()], vec![0.0; frames.len()]);
        for t in LAG..frames.len() {
            let (now, then) = (row(&db, t), row(&db, t - LAG));
            let rise = |b: usize| {
                let before = then[b.saturating_sub(1)..BANDS.min(b + 2)].iter().fold(f32::MIN, |a, &x| a.max(x));
                (now[b] - before).max(0.0)
            };
            let low: f32 = (0..BASS_BANDS).map(rise).sum();
            let high: f32 = (BASS_BANDS..BANDS).map(rise).sum();
            bass[t] = low / BASS_BANDS as f32;
            all[t] = (low + high) / BANDS as f32;
        }
        Onsets { all, bass }
    }

    /// Onsets a second: peaks of the envelope that are the highest within 35 ms and stand 0.75 dB out from the mean of
    /// the 116 ms on either side. `None` under 0.23 s.
    pub fn rate(&self) -> Option<f32> {
        let e = &self.all;
        if e.len() < 2 * AROUND {
            return None;
        }
        let mut last = None;
        let mut count = 0;
        for t in 0..e.len() {
            let near = &e[t.saturating_sub(ALONE)..e.len().min(t + ALONE + 1)];
            let around = &e[t.saturating_sub(AROUND)..e.len().min(t + AROUND + 1)];
            let mean = around.iter().sum::<f32>() / around.len() as f32;
            // Of equal neighbours, the first counts.
            let free = last.is_none_or(|last| t - last > ALONE);
            if free && e[t] >= mean + STAND_OUT && near.iter().all(|&x| x <= e[t]) {
                count += 1;
                last = Some(t);
            }
        }
        Some(count as f32 * FRAME_RATE / e.len() as f32)
    }

    /// The mean of the envelope over all bands, in dB: how busy the audio is.
    pub fn mean(&self) -> f32 {
        self.all.iter().sum::<f32>() / self.all.len().max(1) as f32
    }
}

fn row(db: &[f32], t: usize) -> &[f32] {
    &db[t * BANDS..(t + 1) * BANDS]
}

#[cfg(test)]
mod tests {
    use super::super::signals::{clicks, note, pad, pink, silence};
    use super::*;

    fn rate(sound: &[f32]) -> f32 {
        Onsets::of(&Frames::of(sound)).rate().unwrap()
    }

    #[test]
    fn clicks_and_notes_are_counted() {
        for bpm in [60.0, 150.0, 300.0, 480.0] {
            // The first click lies in the first frame, and has nothing to rise from.
            let rate = rate(&clicks(bpm, 20.0));
            assert!((rate - bpm / 60.0).abs() < 0.1, "{bpm}: {rate}");
        }
        let mut scale = silence(12.0);
        (0..40).for_each(|i| note(&mut scale, (i % 12) as f32, 0.5 + 0.25 * i as f32, 0.25));
        let rate = rate(&scale);
        assert!((rate - 40.0 / 12.0).abs() < 0.3, "{rate}");
    }

    #[test]
    fn nothing_begins_in_a_chord_or_in_noise() {
        assert!(rate(&pad(&[0.0, 4.0, 7.0], 10.0)) < 0.2);
        assert!(rate(&pink(30.0, 1)) < 0.4);
        assert_eq!(Onsets::of(&Frames::default()).rate(), None);
    }

    #[test]
    fn a_glide_is_no_onset() {
        // An octave up in four seconds.
        let mut phase = 0.0f64;
        let glide: Vec<f32> = (0..4 * 44_100)
            .map(|i| {
                phase += 600.0 * (i as f64 / 176_400.0).exp2() / 44_100.0;
                (phase * std::f64::consts::TAU).sin() as f32
            })
            .collect();
        assert!(rate(&glide) < 0.3, "{}", rate(&glide));
    }
}
