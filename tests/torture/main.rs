//! Robustness tests: hundreds of thousands of damaged files, every way in which a player can exit, hostile names in all
//! outputs, no network access, an unmodified music directory. `make test` runs a few of each, `make torture` (which
//! sets `JUKEBOX_TORTURE=long`) many more; docs/reliability.md reports the results.
#![allow(clippy::unwrap_used, clippy::panic)]

mod held;
mod life;
mod mutate;
mod network;
mod outputs;
#[path = "../support/pty.rs"]
mod pty;
mod seeds;
#[path = "../support/mod.rs"]
mod support;

/// The number of repetitions: `short` in `make test`, `long` in `make torture`.
fn count(short: usize, long: usize) -> usize {
    if std::env::var("JUKEBOX_TORTURE").is_ok_and(|t| t == "long") { long } else { short }
}
