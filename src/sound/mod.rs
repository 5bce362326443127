//! From samples to images and numbers: STFT, mel spectrograms, the images that the encoders take, descriptors and
//! loudness. Knows no files: callers bring mono samples at a known rate.

pub mod descriptors;
pub mod full;
pub mod loudness;
pub mod mel;
pub mod patch;
pub mod power;
pub mod sections;
pub mod segments;
pub mod stft;
pub mod strobe;
pub mod trace;
pub mod trial;
pub mod views;

pub use descriptors::{Descriptors, Key, Loudness, Tempo, describe};
pub use full::full;
pub use loudness::Meter;
pub use mel::{Mel, MelConfig, power_to_db};
pub use patch::patch;
pub use power::power;
pub use segments::{SEGMENT_SECS, Span, patches, plan};
pub use strobe::{Strobe, strobe};
