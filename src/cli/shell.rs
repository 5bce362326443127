//! `jukebox completions` and `jukebox man`: what an installation puts beside the program.

mod script;

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::{Args, Command};
use clap_complete::Shell;

use super::print;

/// `jukebox completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// `jukebox man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page per command into this directory [default: print the page of jukebox itself]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Prints the completion script of a shell.
pub fn completions(args: &CompletionsArgs, command: &Command) {
    print::document(script::of(args.shell, command).as_bytes());
}

/// Writes or prints the manual pages.
///
/// # Errors
/// When the directory cannot be written.
pub fn man(args: &ManArgs, command: Command) -> Result<()> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(|e| anyhow!("the page cannot be made: {e}"))?;
        print::document(&page);
        return Ok(());
    };
    clap_mangen::generate_to(command, dir)
        .map_err(|e| anyhow!("{}: the pages cannot be written: {e}; name an existing directory", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shown_command_has_a_page_and_hidden_ones_have_none() {
        let dir = tempfile::tempdir().unwrap();
        let command = || Command::new("x").subcommand(Command::new("seen")).subcommand(Command::new("not").hide(true));
        man(&ManArgs { dir: Some(dir.path().to_path_buf()) }, command()).unwrap();
        let exists = |name: &str| dir.path().join(name).exists();
        assert_eq!(["x.1", "x-seen.1", "x-not.1"].map(exists), [true, true, false]);
        let wrong = ManArgs { dir: Some(dir.path().join("nowhere")) };
        assert!(man(&wrong, command()).unwrap_err().to_string().contains("nowhere"));
    }
}
