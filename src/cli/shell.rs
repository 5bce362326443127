//! `jukebox completions` and `jukebox man`: what an installation puts beside the program.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, print};

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
pub fn completions(args: &CompletionsArgs) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "jukebox", &mut script);
    print::document(&script);
}

/// Writes or prints the manual pages.
///
/// # Errors
/// When the directory cannot be written.
pub fn man(args: &ManArgs) -> Result<(), String> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|e| format!("the page cannot be made: {e}"))?;
        print::document(&page);
        return Ok(());
    };
    clap_mangen::generate_to(Cli::command(), dir)
        .map_err(|e| format!("{}: the pages cannot be written: {e}; name an existing directory", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shown_command_has_a_page_and_hidden_ones_have_none() {
        let dir = tempfile::tempdir().unwrap();
        man(&ManArgs { dir: Some(dir.path().to_path_buf()) }).unwrap();
        for command in Cli::command().get_subcommands() {
            let page = dir.path().join(format!("jukebox-{}.1", command.get_name()));
            assert_eq!(page.exists(), !command.is_hide_set(), "{}", page.display());
        }
        let wrong = ManArgs { dir: Some(dir.path().join("nowhere")) };
        assert!(man(&wrong).unwrap_err().contains("nowhere"));
    }
}
