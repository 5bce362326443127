//! `jukebox send LINE…`: sends a command to the running player.

use clap::Args;

use crate::ask::protocol::{Reply, Request};
use crate::paths::Paths;
use crate::runtime::socket;

/// `jukebox send`
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The command and its arguments, as after `:`
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub line: Vec<String>,
}

/// Sends a command line.
///
/// # Errors
/// When no player is running, or it rejects the command.
pub fn run(line: &str, paths: &Paths) -> Result<(), String> {
    match socket::ask(&paths.socket(), &Request::Command(line.into()))? {
        None => Err("no jukebox is running; start one with `jukebox DIR`".into()),
        Some(Reply::Error(why)) => Err(why),
        Some(_) => Ok(()),
    }
}
