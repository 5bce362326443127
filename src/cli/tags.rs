//! `jukebox tags FILE`: the words of a track.

use std::path::PathBuf;

use clap::Args;

use super::{asker, local, print};
use crate::ask::protocol::{Reply, Request};
use crate::ask::tags::TagCard;
use crate::config::Config;
use crate::describe::tags::Said;
use crate::paths::Paths;
use crate::text;

/// Words listed without `--all`.
const LISTED: usize = 12;
/// Cells of a bar.
const BAR: usize = 20;

/// `jukebox tags`
#[derive(Debug, Args)]
#[command(after_help = "A word marked * is said of the track: it is likely, and likelier than for most of your library. \
`jukebox search sounds:mellow` and `jukebox find mellow` find by words.")]
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

/// Prints the words of files.
///
/// # Errors
/// When a file cannot be read as music, or the encoder in use has no words.
pub fn run(args: &TagsArgs, config: &Config, paths: &Paths) -> Result<(), String> {
    let mut asker = asker::Asker::new(paths, config);
    let mut cards = Vec::new();
    for path in local::absolute(&args.files)? {
        match asker.ask(Request::Tags(path))? {
            Reply::Tags(card) => cards.push(*card),
            _ => return Err(asker::OTHER_ANSWER.into()),
        }
    }
    if args.json {
        return print::json(&cards);
    }
    for (i, card) in cards.iter().enumerate() {
        if i > 0 {
            print::line("");
        }
        lines(card, args.all).iter().for_each(|line| print::line(line));
    }
    Ok(())
}

fn lines(card: &TagCard, all: bool) -> Vec<String> {
    let by = if card.file.artist.is_empty() { String::new() } else { format!("{} – ", card.file.artist) };
    let line = if card.line.is_empty() { "no word stands out" } else { &card.line };
    let mut out = vec![format!("{by}{}: {line}", card.file.title)];
    let most = if all { usize::MAX } else { LISTED };
    // What is said stands in the list, however likely.
    let shown = card.tags.iter().enumerate().filter(|(i, said)| *i < most || said.said);
    out.extend(shown.map(|(_, said)| row(said)));
    out
}

fn row(said: &Said) -> String {
    let mark = if said.said { "*" } else { " " };
    let cells = (said.probability.clamp(0.0, 1.0) * BAR as f32).round() as usize;
    let bar = "█".repeat(cells) + &"·".repeat(BAR - cells);
    let above = said.standing * 100.0;
    format!(
        "{mark} {}  {bar}  {:3.0} %  above {above:3.0} % of the library",
        text::fit(&said.word, 16),
        said.probability * 100.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::report::Hit;

    #[test]
    fn what_is_said_is_marked_and_always_listed() {
        let said = |n: usize, said| Said {
            word: format!("word {n}"),
            tag: String::new(),
            probability: 0.5 - n as f32 / 100.0,
            standing: 0.75,
            said,
        };
        let card = TagCard {
            file: Hit { title: "Half Moon".into(), artist: "A".into(), ..Hit::default() },
            line: "mellow".into(),
            tags: (0..20).map(|n| said(n, n == 0 || n == 19)).collect(),
            ..TagCard::default()
        };
        let text = lines(&card, false);
        assert_eq!(text[0], "A – Half Moon: mellow");
        assert_eq!(text[1], "* word 0            ██████████··········   50 %  above  75 % of the library");
        assert!(text.len() == 1 + LISTED + 1 && text[LISTED + 1].starts_with("* word 19"), "{text:?}");
        assert_eq!(lines(&card, true).len(), 21);
        assert!(lines(&TagCard::default(), true)[0].ends_with("no word stands out"));
    }
}
