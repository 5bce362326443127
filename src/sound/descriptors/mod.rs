//! Descriptors of half a minute of audio: tempo, key, brightness, dynamics and the like.
//!
//! A value that the audio does not support is missing rather than guessed. The numbers are physical and independent of the
//! library; `latent` turns them into scores within it.

mod character;
mod chroma;
mod frames;
mod key;
mod level;
mod onsets;
mod percussive;
#[cfg(test)]
mod signals;
mod tempo;
mod values;

use super::strobe::is_sound;
use chroma::Chroma;
use frames::Frames;
use key::Fit;
use onsets::Onsets;
use tempo::Beat;
pub use values::{Descriptors, Key, Loudness, Tempo};

/// Version of the algorithms; values of another version are recomputed.
pub const VERSION: u8 = 1;

/// The descriptors of a segment of mono samples at 44.1 kHz in −1..1, of any length; 30 s are what the figures were
/// set on. Nothing here is random: the same samples give the same values.
pub fn describe(samples: &[f32]) -> Descriptors {
    if !is_sound(samples) {
        return Descriptors::default();
    }
    let frames = Frames::of(samples);
    // Samples far beyond full scale, whose power overflows.
    if !frames.power.iter().sum::<f32>().is_finite() {
        return Descriptors::default();
    }
    let onsets = Onsets::of(&frames);
    let beat = Beat::of(&onsets.all);
    let fit = Chroma::of(samples).filter(Chroma::is_tonal).map(|chroma| Fit::of(&chroma));
    let brightness = mean(&frames, &frames.centroid);
    Descriptors {
        tempo: beat.as_ref().and_then(Beat::tempo),
        key: fit.and_then(|f| f.key()),
        mode: fit.map(|f| f.mode),
        brightness,
        noisiness: mean(&frames, &frames.flatness),
        bass: share(&frames.bass, &frames.power),
        dynamics: level::dynamics(&frames),
        percussiveness: percussive::percussiveness(&frames),
        onsets: onsets.rate(),
        danceability: character::danceability(&onsets, beat.as_ref()),
        energy: character::energy(level::level(&frames), onsets.mean(), brightness),
    }
}

/// The ratio of one power to another over all frames.
fn share(part: &[f32], whole: &[f32]) -> Option<f32> {
    let share = part.iter().sum::<f32>() / whole.iter().sum::<f32>();
    share.is_finite().then_some(share.min(1.0))
}

/// The mean over the frames that sound.
fn mean(frames: &Frames, values: &[f32]) -> Option<f32> {
    let (sum, n) = frames.sounding().fold((0.0, 0usize), |(sum, n), t| (sum + values[t], n + 1));
    (n > 0).then(|| sum / n as f32)
}

#[cfg(test)]
mod tests {
    use super::signals::{drums, pad, pink, silence, sine, white};
    use super::*;

    const C_MAJOR: [f32; 4] = [-12.0, 0.0, 4.0, 7.0];

    #[test]
    fn silence_and_broken_sound_have_no_descriptors() {
        let none = Descriptors::default();
        assert_eq!(describe(&[]), none);
        assert_eq!(describe(&silence(30.0)), none);
        assert_eq!(describe(&vec![0.7; 44_100]), none, "an offset alone");
        for broken in [f32::NAN, f32::INFINITY] {
            let mut sound = white(3.0, 1);
            sound[5000] = broken;
            assert_eq!(describe(&sound), none);
        }
    }

    #[test]
    fn any_length_and_level_is_taken() {
        for len in [1, 2, 100, 2047, 2048, 2049, 2560, 5000, 16_384, 44_100, 200_000] {
            let sound = white(5.0, len as u64);
            for gain in [1e-3, 1.0, 1e4, 1e15, 1e30] {
                let sound: Vec<f32> = sound[..len].iter().map(|x| x * gain).collect();
                for value in values(&describe(&sound)).into_iter().flatten() {
                    assert!(value.is_finite(), "{len} samples × {gain}");
                }
            }
        }
    }

    fn values(d: &Descriptors) -> [Option<f32>; 12] {
        [
            d.tempo.map(|t| t.bpm),
            d.tempo.map(|t| t.confidence),
            d.key.map(|k| k.confidence),
            d.mode,
            d.brightness,
            d.noisiness,
            d.bass,
            d.dynamics,
            d.percussiveness,
            d.onsets,
            d.danceability,
            d.energy,
        ]
    }

    #[test]
    fn the_level_changes_the_energy_alone() {
        let loud = drums(120.0, 12.0);
        let soft: Vec<f32> = loud.iter().map(|x| x / 4.0).collect();
        let (loud, soft) = (describe(&loud), describe(&soft));
        assert!(soft.energy.unwrap() < loud.energy.unwrap());
        let other = |d| values(&Descriptors { energy: None, ..d });
        for (a, b) in other(loud).into_iter().zip(other(soft)) {
            assert!(a.zip(b).map_or(a == b, |(a, b)| (a - b).abs() <= 1e-4 * a.abs()), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_constant_offset_changes_nothing() {
        let plain = drums(120.0, 12.0);
        let shifted: Vec<f32> = plain.iter().map(|x| x + 0.25).collect();
        let pairs = values(&describe(&plain)).into_iter().zip(values(&describe(&shifted)));
        for (i, (a, b)) in pairs.enumerate() {
            assert_eq!(a.is_some(), b.is_some(), "value {i}");
            assert!(a.zip(b).is_none_or(|(a, b)| (a - b).abs() <= 0.02 * a.abs() + 0.01), "value {i}: {a:?} {b:?}");
        }
    }

    #[test]
    fn known_sounds_are_told_apart() {
        let [chord, tone, drums, noise] =
            [pad(&C_MAJOR, 12.0), sine(440.0, 12.0), drums(120.0, 12.0), pink(12.0, 1)].map(|sound| describe(&sound));
        assert_eq!(chord.key.map(|k| k.name()).as_deref(), Some("C major"));
        assert!(chord.mode.unwrap() > 0.0);
        assert_eq!([chord, tone, noise].map(|d| d.tempo), [None; 3]);
        assert_eq!([drums, noise].map(|d| (d.key, d.mode)), [(None, None); 2]);
        assert!((drums.tempo.unwrap().bpm / 120.0 - 1.0).abs() < 0.01, "{drums:?}");
        assert!(chord.percussiveness.unwrap() < 0.05 && tone.percussiveness.unwrap() < 0.01, "{chord:?}");
        assert!(drums.percussiveness.unwrap() > 0.5, "{drums:?}");
        assert!(noise.noisiness.unwrap() > 0.9 && chord.noisiness.unwrap() < 0.3, "{chord:?}");
        assert!(drums.bass.unwrap() > 0.8 && tone.bass.unwrap() < 0.01, "{drums:?}");
        assert!(drums.energy.unwrap() > chord.energy.unwrap(), "{drums:?} {chord:?}");
        assert!(drums.danceability.unwrap() > 0.8, "{drums:?}");
        assert_eq!(chord.danceability, Some(0.0), "{chord:?}");
    }
}
