//! `jukebox similar FILE`: the tracks that sound most like a file.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::{asker, local, print};
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::Neighbour;
use crate::config::Config;
use crate::paths::Paths;
use crate::text;

/// `jukebox similar`
#[derive(Debug, Args)]
pub struct SimilarArgs {
    /// The file to compare with; it need not be in the library
    pub file: PathBuf,
    /// How many to list
    #[arg(short = 'n', long = "count", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub count: u16,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the neighbours; into a pipe, one path per line.
///
/// # Errors
/// When the file cannot be read as music, or nothing else has been analysed.
pub fn run(args: SimilarArgs, config: &Config, paths: &Paths) -> Result<()> {
    let files = local::absolute(&[args.file])?;
    let count = usize::from(args.count);
    let path = files[0].clone();
    let neighbours = match asker::Asker::new(paths, config).ask(Request::Similar { path, count })? {
        Reply::Similar(neighbours) => neighbours,
        _ => bail!(asker::OTHER_ANSWER),
    };
    let (neighbours, away) = local::there(neighbours, |neighbour| neighbour.file());
    if away > 0 {
        print::note(&local::not_there(away));
    }
    if args.json {
        return print::json(&neighbours);
    }
    if print::to_person() {
        neighbours.iter().for_each(|n| print::line(&row(n)));
    } else {
        neighbours.iter().for_each(|n| print::path(&n.file()));
    }
    Ok(())
}

fn row(n: &Neighbour) -> String {
    let name = if n.artist.is_empty() { n.title.clone() } else { format!("{} – {}", n.artist, n.title) };
    // Words describe the sound better than the album's name does.
    let words = n.words.join(", ");
    let beside = if words.is_empty() { text::fit(&n.album, 24) } else { words };
    format!("{:3.0} %  {}  {beside}", n.fit * 100.0, text::fit(&name, 48)).trim_end().to_string()
}
