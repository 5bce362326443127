//! jukebox: a terminal music player that listens to your collection.
//!
//! The rooms, from the ground up (a room may use the rooms below it, never above; `tests/floors.rs` checks this):
//! floor 0 [`track`], [`measure`], [`config`], [`paths`], [`files`], [`text`], [`notice`], [`out`], [`clock`], [`picture`], [`system`] ·
//! floor 1 [`store`], [`worker`], [`audio`], [`sound`] ·
//! floor 2 [`library`], [`latent`], the package `jukebox_encoder` ·
//! floor 3 [`queue`], [`analysis`], [`training`], [`describe`] ·
//! floor 4 [`ask`], [`eval`] · floor 5 [`app`] · floor 6 [`tui`], [`runtime`] · floor 7 [`cli`].

pub mod analysis;
pub mod app;
pub mod ask;
pub mod audio;
pub mod cli;
pub mod clock;
pub mod config;
pub mod describe;
pub mod eval;
pub mod files;
pub mod latent;
pub mod library;
pub mod measure;
pub mod notice;
pub mod out;
pub mod paths;
pub mod picture;
pub mod queue;
pub mod runtime;
pub mod sound;
pub mod store;
pub mod system;
pub mod text;
pub mod track;
pub mod training;
pub mod tui;
pub mod worker;
