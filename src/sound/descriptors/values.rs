//! The descriptors and their units.

use serde::{Deserialize, Serialize};

/// The beat.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tempo {
    /// Beats per minute.
    pub bpm: f32,
    /// 0.1 to 1: the mean autocorrelation of the onset envelope at one to four beats. Onsets at random times stay below
    /// 0.08; half of real tracks with a beat exceed 0.5.
    pub confidence: f32,
}

/// The key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Semitones above C, 0 to 11.
    pub tonic: u8,
    /// Minor if true, else major.
    pub minor: bool,
    /// 0.02 to 1: the lead of its correlation over the next key's. For half of real tracks with a key it exceeds 0.1.
    pub confidence: f32,
}

/// The descriptors of one segment. All are missing in silence (a standard deviation below −80 dBFS), if a sample is not
/// finite, and if a segment is too short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Descriptors {
    /// The beat, if one is clear; needs at least 5.3 s.
    pub tempo: Option<Tempo>,
    /// The key, if there are tones and one key leads.
    pub key: Option<Key>,
    /// Major versus minor, −1 (minor) to 1 (major): the best correlation of the chroma with a major key minus the best
    /// with a minor one. Missing if there are no tones.
    pub mode: Option<f32>,
    /// Spectral centroid in Hz: Σ f·|X| / Σ |X|, averaged over the frames of 46 ms at most 60 dB below the loudest.
    pub brightness: Option<f32>,
    /// Spectral flatness, 0 (tones) to 1 (noise of any colour): geometric over arithmetic mean of the power within each
    /// octave from 500 Hz to 8 kHz, relative to that of noise, averaged over the same frames.
    pub noisiness: Option<f32>,
    /// Share of the energy below 150 Hz, 0 to 1.
    pub bass: Option<f32>,
    /// Dynamic range, 0 to 60 dB: from the 10th to the 95th percentile of the level over 0.4 s; needs at least 1 s.
    pub dynamics: Option<f32>,
    /// Share of the energy that is percussive rather than tonal, 0 to 1: what exceeds the median of the surrounding 0.2
    /// s, in 40 bands.
    pub percussiveness: Option<f32>,
    /// Onsets per second: peaks of the mean rise of 40 bands in dB.
    pub onsets: Option<f32>,
    /// How steady and strong the pulse is, 0 to 1 (a proxy): two thirds the clarity of the beat, one third that of the
    /// same beat in the bass; needs at least 5.3 s.
    pub danceability: Option<f32>,
    /// How forceful it sounds, 0 to 1 (a proxy): the logistic function of (level + 17 dB) / 5 dB + log2(mean rise / 0.6
    /// dB) + log2(brightness / 1900 Hz).
    pub energy: Option<f32>,
}

/// Loudness of a whole file (EBU R 128).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated loudness, LUFS.
    pub lufs: Option<f32>,
    /// Loudness range, LU.
    pub range: Option<f32>,
    /// True peak, dBTP.
    pub peak: Option<f32>,
}
