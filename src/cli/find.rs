//! `jukebox find WORDS…`: finds tracks by a description of how they sound.

use anyhow::{Result, bail};
use clap::Args;

use super::{asker, local, print};
use crate::ask::find::Match;
use crate::ask::protocol::{Reply, Request};
use crate::config::Config;
use crate::paths::Paths;
use crate::text;

/// `jukebox find`
#[derive(Debug, Args)]
#[command(
    after_help = "For instance: jukebox find calm acoustic, female voice\n              jukebox find 'fast electronic, no singing'\n              \
jukebox find '80s rock -guitar 120-130 bpm'\n\nIt knows the encoder's words (jukebox tags FILE shows them), tempo, key, loudness and the other dimensions,\n\
the genres and years of your files, and what is written in their tags. `no`, `not`, `without` and `-` deny a word; a `-` wants quotes around all."
)]
pub struct FindArgs {
    /// How it is to sound
    #[arg(required = true)]
    pub words: Vec<String>,
    /// Number of tracks to list
    #[arg(short = 'n', long = "count", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub count: u16,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the best matches with reasons; into a pipe, one path per line.
///
/// # Errors
/// When no part of the question is understood, or the library is empty.
pub fn run(args: &FindArgs, config: &Config, paths: &Paths) -> Result<()> {
    let request = Request::Words { text: args.words.join(" "), count: usize::from(args.count) };
    let mut finding = match asker::Asker::new(paths, config).ask(request)? {
        Reply::Words(finding) => *finding,
        _ => bail!(asker::OTHER_ANSWER),
    };
    finding.notes.iter().for_each(|note| print::note(note));
    let (matches, away) = local::there(std::mem::take(&mut finding.matches), |found| found.file.file());
    if away > 0 {
        print::note(&local::not_there(away));
    }
    finding.matches = matches;
    if args.json {
        return print::json(&finding);
    }
    if print::to_person() {
        finding.matches.iter().for_each(|found| print::line(&row(found)));
    } else {
        finding.matches.iter().for_each(|found| print::path(&found.file.file()));
    }
    Ok(())
}

fn row(found: &Match) -> String {
    let file = &found.file;
    let name = if file.artist.is_empty() { file.title.clone() } else { format!("{} – {}", file.artist, file.title) };
    format!("{:3.0} %  {}  {}", found.score * 100.0, text::fit(&name, 44), found.reason).trim_end().to_string()
}
