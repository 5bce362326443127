//! The descriptors and their units.

use serde::{Deserialize, Serialize};

/// The beat.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tempo {
    /// Beats a minute.
    pub bpm: f32,
    /// 0.1 to 1: the mean autocorrelation of the onset envelope at one to four beats. Hits at random times stay under
    /// 0.08; half of real tracks with a beat are over 0.5.
    pub confidence: f32,
}

/// The key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Semitones above C, 0 to 11.
    pub tonic: u8,
    /// Minor, else major.
    pub minor: bool,
    /// 0.02 to 1: by how much its correlation leads the next key's. Half of real tracks with a key are over 0.1.
    pub confidence: f32,
}

/// The descriptors of one segment. All are missing in silence (an RMS about the mean under −80 dBFS), when a sample is not
/// a finite number, and where a segment is too short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Descriptors {
    /// The beat, when one stands out; from 5.3 s on.
    pub tempo: Option<Tempo>,
    /// The key, when there are tones and one key leads.
    pub key: Option<Key>,
    /// Major against minor, −1 (minor) to 1 (major): the best correlation of the chroma with a major key less the best
    /// with a minor one. Missing where there are no tones.
    pub mode: Option<f32>,
    /// Spectral centroid in Hz: Σ f·|X| / Σ |X|, the mean over the frames of 46 ms no more than 60 dB under the loudest.
    pub brightness: Option<f32>,
    /// Spectral flatness, 0 (tones) to 1 (noise of any colour): geometric over arithmetic mean of the power within each
    /// octave from 500 Hz to 8 kHz, over what it is in noise, the mean over the same frames.
    pub noisiness: Option<f32>,
    /// Share of the energy below 150 Hz, 0 to 1.
    pub bass: Option<f32>,
    /// How far the level swings, 0 to 60 dB: from the 10th to the 95th percentile of the level over 0.4 s; from 1 s on.
    pub dynamics: Option<f32>,
    /// Share of the energy in hits rather than tones, 0 to 1: what rises above the median of the 0.2 s about it, in 40
    /// bands.
    pub percussiveness: Option<f32>,
    /// Onsets a second: peaks of the mean rise of 40 bands in dB.
    pub onsets: Option<f32>,
    /// How steady and strong the pulse is, 0 to 1 (a proxy): two thirds the clarity of the beat, one third that of the
    /// same beat in the bass; from 5.3 s on.
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
