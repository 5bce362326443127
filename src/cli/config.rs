//! `jukebox config`: checks the configuration, prints the documented default, or tells where the file is.

mod check;
mod commands;
mod finding;
mod places;
mod themes;

use std::path::Path;

use anyhow::{Error, Result, anyhow};
use clap::{Args, Subcommand};

use super::print;
use crate::config::{self, ConfigError};
use crate::paths::Paths;

/// `jukebox config`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: What,
}

/// What to do with the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum What {
    /// Check the file: settings, keys, filters, and whether there is what they name; all faults are told
    Check {
        /// Print JSON: an array of what was found, each with line, is_fault and text
        #[arg(long)]
        json: bool,
    },
    /// Print the default configuration with its explanations; `jukebox config default > FILE` begins one
    Default,
    /// Print where the file is, whether it exists or not
    Path,
}

/// Carries it out on this file.
///
/// # Errors
/// How much is wrong with the file; what it is was printed.
pub fn run(what: What, file: &Path, paths: &Paths) -> Result<()> {
    match what {
        What::Check { json } => check::run(file, json, paths),
        What::Default => {
            config::DEFAULT.lines().for_each(print::line);
            Ok(())
        }
        What::Path => {
            print::path(file);
            Ok(())
        }
    }
}

/// The error for a configuration that cannot be used, with the command that names all that is wrong with it.
pub fn explained(why: &ConfigError, paths: &Paths) -> Error {
    match why {
        ConfigError::Invalid { path, .. } if *path == paths.config_file() => {
            anyhow!("{why}; `jukebox config check` names every fault")
        }
        ConfigError::Invalid { path, .. } => {
            anyhow!("{why}; `jukebox --config {} config check` names every fault", path.display())
        }
        ConfigError::Unread { .. } => anyhow!("{why}"),
    }
}
