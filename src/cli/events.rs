//! `jukebox events`: what happens in the running player, one line of JSON each.

use anyhow::{Result, bail};
use clap::Args;

use super::{print, send};
use crate::paths::Paths;
use crate::runtime::socket;

/// `jukebox events`
#[derive(Debug, Args)]
#[command(
    after_help = "First everything as it is, then every change: track, state, seek, volume, queue, modes, signature, \
analysis.\nFor instance: jukebox events | jq --unbuffered -r 'select(.event == \"track\").track.title'"
)]
pub struct EventsArgs {}

/// Prints what happens until the player ends.
///
/// # Errors
/// When no player runs.
pub fn run(paths: &Paths) -> Result<()> {
    let mut failed = Ok(());
    let followed = socket::follow(&paths.socket(), |happening| {
        failed = print::json_line(&happening);
        failed.is_ok()
    })?;
    if !followed {
        bail!(send::NO_PLAYER);
    }
    failed
}
