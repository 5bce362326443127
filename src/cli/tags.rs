//! `jukebox tags FILE`: the words that describe a track.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::{asker, local, print};
use crate::ask::protocol::{Reply, Request};
use crate::config::Config;
use crate::paths::Paths;

/// `jukebox tags`
#[derive(Debug, Args)]
#[command(
    after_help = "A word marked * is said of the track: it is likely, and likelier than for most of your library. \
`jukebox search sounds:mellow` and `jukebox find mellow` find by words."
)]
pub struct TagsArgs {
    /// The files; they need not be in the library
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Every word, not only the likeliest
    #[arg(short, long)]
    pub all: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the words of the files.
///
/// # Errors
/// When a file cannot be read as music, or the encoder in use has no words.
pub fn run(args: &TagsArgs, config: &Config, paths: &Paths) -> Result<()> {
    let mut asker = asker::Asker::new(paths, config);
    let mut cards = Vec::new();
    for path in local::absolute(&args.files)? {
        match asker.ask(Request::Tags(path))? {
            Reply::Tags(card) => cards.push(*card),
            _ => bail!(asker::OTHER_ANSWER),
        }
    }
    if args.json {
        return print::json(&cards);
    }
    for (i, card) in cards.iter().enumerate() {
        if i > 0 {
            print::line("");
        }
        card.lines(args.all).iter().for_each(|line| print::line(line));
    }
    Ok(())
}
