//! What must not break whatever happens: hundreds of thousands of broken files, every way a player can end, hostile names in
//! every output, no network, an untouched music directory. `make test` runs a little of each, `make torture` (which sets
//! `JUKEBOX_TORTURE=long`) much more; docs/reliability.md says what came of it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod life;
mod mutate;
mod network;
mod outputs;
#[path = "../support/pty.rs"]
mod pty;
mod seeds;
#[path = "../support/mod.rs"]
mod support;

/// How much is done: `short` in `make test`, `long` in `make torture`.
fn count(short: usize, long: usize) -> usize {
    if std::env::var("JUKEBOX_TORTURE").is_ok_and(|t| t == "long") { long } else { short }
}
