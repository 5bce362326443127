//! `jukebox send LINE…`: sends a command to the running player.

use anyhow::{Result, anyhow};
use clap::Args;
use serde::Serialize;

use super::print;
use crate::ask::protocol::{Reply, Request};
use crate::paths::Paths;
use crate::runtime::socket;

/// The error when there is no player to control.
pub const NO_PLAYER: &str = "no jukebox is running; start one with `jukebox DIR`";

/// `jukebox send`
#[derive(Debug, Args)]
pub struct SendArgs {
    /// Print the answer as JSON: {"ok": true, "message": "…"}
    #[arg(long)]
    pub json: bool,
    /// The command and its arguments, as after `:`
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub line: Vec<String>,
}

/// The answer as JSON.
#[derive(Serialize)]
struct Answer {
    ok: bool,
    message: Option<String>,
}

/// Sends a command line and prints what the player answers.
///
/// # Errors
/// When no player is running, or it rejects the command.
pub fn run(line: &str, json: bool, paths: &Paths) -> Result<()> {
    ask(&Request::Command(line.into()), json, paths)
}

/// Sends a request that is answered by a text, and prints the answer.
///
/// # Errors
/// When no player is running, or the request failed.
pub fn ask(request: &Request, json: bool, paths: &Paths) -> Result<()> {
    let outcome = match socket::ask(&paths.socket(), request) {
        Ok(None) => Err(anyhow!(NO_PLAYER)),
        Ok(Some(Reply::Error(why))) => Err(anyhow!(why)),
        Err(why) => Err(why.into()),
        Ok(Some(Reply::Said(said))) => Ok(Some(said)),
        Ok(Some(_)) => Ok(None),
    };
    if json {
        let message = outcome.as_ref().map_or_else(|why| Some(why.to_string()), Clone::clone);
        print::json(&Answer { ok: outcome.is_ok(), message })?;
        // The answer says why; stderr repeats it for whoever only reads that.
        return outcome.map(drop);
    }
    if let Some(said) = outcome? {
        said.split('\n').for_each(print::line);
    }
    Ok(())
}
