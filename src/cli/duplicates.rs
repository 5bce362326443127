//! `jukebox duplicates`: songs that exist in more than one file.

use anyhow::{Result, bail};
use clap::Args;

use super::{asker, local, print};
use crate::ask::duplicates::{self, Group, Kind};
use crate::ask::protocol::{Reply, Request};
use crate::audio::cue;
use crate::config::Config;
use crate::paths::Paths;

/// `jukebox duplicates`
#[derive(Debug, Args)]
#[command(
    after_help = "The best file of a song comes first: lossless before lossy, then higher quality, longer, better tagged. Nothing \
is ever deleted."
)]
pub struct DuplicatesArgs {
    /// recording: the same recording more than once; version: remasters, edits and live takes, one file of each; all
    /// [default: all; recording with --paths]
    #[arg(long, value_parser = str::parse::<Kind>)]
    pub kind: Option<Kind>,
    /// Print only the paths of files that a better one replaces, one per line; with `--kind version`, of the other versions
    #[arg(long, conflicts_with = "json")]
    pub paths: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints one block per group.
///
/// # Errors
/// When neither the player nor the store can be reached.
pub fn run(args: &DuplicatesArgs, config: &Config, paths: &Paths) -> Result<()> {
    let kind = args.kind.unwrap_or(if args.paths { Kind::Recording } else { Kind::All });
    let groups = match asker::Asker::new(paths, config).ask(Request::Duplicates(kind))? {
        Reply::Duplicates(groups) => groups,
        _ => bail!(asker::OTHER_ANSWER),
    };
    // If any file of a group is missing, the group is not shown: the user might delete the only
    // copies left.
    let (there, away): (Vec<Group>, Vec<Group>) =
        groups.into_iter().partition(|group| group.iter().all(|file| cue::is_there(&file.file.file())));
    let groups = there;
    if !away.is_empty() {
        print::note(&local::not_there(away.iter().map(Vec::len).sum()));
    }
    if args.json {
        return print::json(&groups);
    }
    if args.paths {
        let others = groups.iter().flat_map(|group| group.iter().skip(1));
        others.filter(|file| file.superfluous || kind == Kind::Version).for_each(|file| print::path(&file.file.file()));
        return Ok(());
    }
    duplicates::lines(&groups, usize::MAX).iter().for_each(|line| print::line(line));
    print::note(&duplicates::summary(&groups));
    Ok(())
}
