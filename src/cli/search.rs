//! `jukebox search EXPR`: the songs that match a filter.

use anyhow::{Result, bail};
use clap::Args;

use super::{asker, local, print};
use crate::ask::fields;
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::Hit;
use crate::config::Config;
use crate::library::filter::Kind;
use crate::paths::Paths;
use crate::text;

/// `jukebox search`
#[derive(Debug, Args)]
#[command(
    after_help = "For instance: jukebox search '~a beatles (!~y1960-1965 | ~d>10:00)'\n              jukebox search 'genre=jazz & \
plays=0 & tempo 118-126'"
)]
pub struct SearchArgs {
    /// The filter; plain words are looked for in title, artist, album, genre and file name
    #[arg(required_unless_present = "grammar")]
    pub filter: Vec<String>,
    /// Number of songs to list [default: all into a pipe, 100 on a terminal]
    #[arg(short = 'n', long = "count", value_parser = super::count::from_one)]
    pub count: Option<usize>,
    /// Fuzzy search: letters in order, the best matches first
    #[arg(long)]
    pub fuzzy: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print the filter language and its fields
    #[arg(long)]
    pub grammar: bool,
}

/// Prints the matching songs; into a pipe, one path per line.
///
/// # Errors
/// When the filter is invalid, with the position of the fault, or nothing matches.
pub fn run(args: &SearchArgs, config: &Config, paths: &Paths) -> Result<()> {
    if args.grammar {
        grammar(config);
        return Ok(());
    }
    let text = args.filter.join(" ");
    let person = print::to_person() && !args.json;
    let count = args.count.unwrap_or(if person { 100 } else { usize::MAX });
    let request = Request::Search { text, fuzzy: args.fuzzy, count };
    let (hits, all) = match asker::Asker::new(paths, config).ask(request)? {
        Reply::Found { hits, all } => (hits, all),
        _ => bail!(asker::OTHER_ANSWER),
    };
    let (hits, away) = local::there(hits, |hit| hit.file());
    if hits.is_empty() && away > 0 {
        bail!(local::not_there(away));
    }
    let all = all.saturating_sub(away);
    if args.json {
        tell_away(away);
        return print::json(&hits);
    }
    if all == 0 {
        bail!("no song matches this filter");
    }
    if person {
        hits.iter().for_each(|hit| print::line(&row(hit)));
        print::note(&match all > hits.len() {
            true => format!("{} of {all}; -n shows more", hits.len()),
            false => format!("{all} found"),
        });
    } else {
        hits.iter().for_each(|hit| print::path(&hit.file()));
    }
    tell_away(away);
    Ok(())
}

fn tell_away(away: usize) {
    if away > 0 {
        print::note(&local::not_there(away));
    }
}

fn row(hit: &Hit) -> String {
    let year = hit.year.map_or(String::new(), |y| y.to_string());
    let columns = [
        text::fit(&hit.artist, 24),
        text::fit(&hit.title, 36),
        text::fit(&hit.album, 28),
        text::fit(&year, 4),
        format!("{:>7}", text::time(hit.secs)),
    ];
    columns.join("  ")
}

fn grammar(config: &Config) {
    LANGUAGE.lines().for_each(print::line);
    for field in fields::language(&config.filters).fields() {
        let kind = match field.kind {
            Kind::Text => "text",
            Kind::Number | Kind::Signed => "number",
            Kind::Time => "time",
            Kind::Date => "date",
            Kind::Key => "key",
        };
        let letter = field.letter.map_or("  ".to_string(), |l| format!("~{l}"));
        print::line(&format!("  {letter}  {}  {kind:<6}  {}", text::fit(field.name, 14), field.doc));
    }
    for (name, filter) in &config.filters {
        print::line(&format!("  @{name}  {}", text::sanitize(filter)));
    }
}

const LANGUAGE: &str = "\
words            anywhere in title, artist, album, genre and file name; \"in quotes\" as they stand
~a beatles       the short form of cmus: a letter and a text, a number or a range
genre=jazz       the long form: = is, != is not, ~ contains; * in a text stands for anything
year>=1990       < <= = != >= >; 118-126, 1990.. and ..1990 are ranges
tempo 118-126    a range needs no sign
length>10:00     times: 10:00, 90s, 5min, 1h
key=Am           keys: Am, F#m, Bb, or on the Camelot wheel 8A, 8 for both, 7-9
played<-7d       dates: 2024, 2024-03, 2024-03-01, or how long ago: s min h d w m y
has(genre)       known; missing(genre): not known
sounds:mellow    the encoder's word is said of it; sounds:female-voice
tag:jazz>0.5     how likely the word is, 0 to 1; `jukebox tags FILE` shows it
like(FILE)       among the hundred tracks that sound most like it
@name            a filter of [filters] in config.toml
a b, a & b       both; a | b: either, which binds less; !a: not; ( ) as usual

fields:";
