//! Audio input and output: decoding (symphonia), resampling, output devices and the player.
//!
//! [`decode::Decoder`] turns a file into samples, [`segment`] reads excerpts for analysis, [`probe::probe`] finds
//! duration and identity without decoding, [`player::Player`] plays. A track of a cue sheet has a path like any other;
//! [`cue`] resolves it to a part of a file.

mod aac;
mod buffered;
mod codecs;
mod container;
pub mod cue;
pub mod decode;
mod error;
#[cfg(test)]
mod fixture;
mod guard;
mod ima;
mod messages;
mod mix;
pub mod open;
mod opus;
pub mod output;
pub mod player;
pub mod probe;
pub mod resample;
pub mod segment;

pub use error::{AudioError, is_absent};
pub use guard::quiet_panics;
pub use messages::{Command, Device, Event, Shape, Sounding, Standing};
