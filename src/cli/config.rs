//! `jukebox config`: checks the configuration, prints the documented default, or tells where the file is.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use clap::{Args, Subcommand};

use super::print;
use crate::ask::context::fault_of_limit;
use crate::config::{self, Config};
use crate::tui::Keymap;

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
    /// Check the file: settings, keys and filters
    Check,
    /// Print the default configuration with its explanations; `jukebox config default > FILE` begins one
    Default,
    /// Print where the file is, whether it exists or not
    Path,
}

/// Carries it out on this file.
///
/// # Errors
/// What is wrong with the file, with its line where that is known.
pub fn run(what: What, file: &Path) -> Result<()> {
    match what {
        What::Check => check(file),
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

fn check(file: &Path) -> Result<()> {
    let config = Config::read(file)?;
    let here = |why: String| format!("{}: {why}", file.display());
    let (_, conflicts) = Keymap::new(&config.ui.preset, &config.keys).map_err(|why| anyhow!(here(why.to_string())))?;
    conflicts.iter().for_each(|conflict| print::note(&here(conflict.clone())));
    let language = crate::ask::fields::language(&config.filters);
    for name in config.filters.keys() {
        language
            .parse(&format!("@{name}"))
            .map_err(|why| anyhow!(here(format!("[filters] {name}: {}", why.message))))?;
    }
    for (name, set) in &config.limits {
        for (key, filter) in [("only", &set.only), ("never", &set.never)] {
            if let Some(why) = fault_of_limit(filter, &language) {
                bail!(here(format!("[limits.{name}] {key}: {why}")));
            }
        }
    }
    print::line(&match file.exists() {
        true => format!("{}: good", file.display()),
        false => format!("{}: does not exist, so the defaults apply", file.display()),
    });
    Ok(())
}
