//! A row of the table of commands: what stands in it, and what is common to all families.

use std::sync::Arc;

use crate::app::state::Model;
use crate::library::Song;

/// A command of a family whose actions are `A`.
#[derive(Debug)]
pub struct Row<A: 'static> {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Its argument.
    pub args: Args,
    /// What it does, in one line.
    pub help: &'static str,
    /// Which part of the selection it is about.
    pub takes: Takes,
    /// Reads the argument. An error is one line that says what the command wants.
    pub parse: fn(Typed<'_>) -> Result<A, String>,
}

/// A command as it was typed.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// The command's name.
    pub name: &'static str,
    /// Whether it was typed with a `!` behind it.
    pub forced: bool,
    /// What stands behind it, without spaces at its ends.
    pub rest: &'a str,
}

/// The argument of a command, for completion and help.
#[derive(Clone, Copy, Debug)]
pub enum Args {
    /// None; whatever is typed is an error.
    None,
    /// A number of times, which may also be typed before a key.
    Count,
    /// Words to choose from, behind how they stand in the help.
    Words(&'static str, &'static [&'static str]),
    /// Anything else: how it stands in the help, and what completes it.
    Typed(&'static str, Complete),
    /// The same where completions need not begin with what was typed: names are offered in quotes.
    Quoted(&'static str, Complete),
}

/// The completions of an argument typed so far; each line is the whole argument.
pub type Complete = fn(&str, &Model) -> Vec<Completion>;

/// An argument that is not completed.
pub const fn free(usage: &'static str) -> Args {
    Args::Typed(usage, |_, _| Vec::new())
}

/// A file or directory of the library.
pub const PATH: Args = free("[PATH]");
/// Items of the queue.
pub const ENTRIES: Args = free("[N…]");
/// `on` or `off`; none toggles.
pub const SWITCH: Args = Args::Words("[on|off]", &["on", "off"]);

impl Args {
    /// How the argument stands in a usage line; empty where there is none.
    pub fn usage(&self) -> &'static str {
        match self {
            Args::None => "",
            Args::Count => "[N]",
            Args::Words(usage, _) | Args::Typed(usage, _) | Args::Quoted(usage, _) => usage,
        }
    }
}

/// Which part of the selection a command is about.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// None of it.
    Nothing,
    /// The marked songs, else the one under the cursor, where the argument passes `when`.
    Songs {
        /// Looks at the argument.
        when: fn(&str) -> bool,
        /// Whether the command uses the marks up.
        unmarks: bool,
    },
    /// In the queue and without an argument: the marked items, else the one under the cursor.
    Items {
        /// Whether the command uses the marks up.
        unmarks: bool,
    },
    /// Without an argument: the item whose reason is shown, else [`Takes::Items`] with their marks used up.
    Proposals,
    /// The same of one item, the one under the cursor.
    Proposal,
}

impl Takes {
    /// The songs where no argument names others; the marks are used up.
    pub const SONGS_IF_BARE: Takes = Takes::Songs { when: str::is_empty, unmarks: true };
    /// The songs, whatever the argument says; they stay marked.
    pub const SONGS: Takes = Takes::Songs { when: |_| true, unmarks: false };
}

/// What is selected where a command is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Songs.
    pub songs: Vec<Arc<Song>>,
    /// Serial numbers of items of the queue.
    pub items: Vec<u64>,
}

/// A row with a name, an argument, a help text and a parser; without aliases, taking nothing of the selection.
pub const fn row<A>(
    name: &'static str,
    args: Args,
    help: &'static str,
    parse: fn(Typed<'_>) -> Result<A, String>,
) -> Row<A> {
    Row { name, aliases: &[], args, help, takes: Takes::Nothing, parse }
}

impl<A> Row<A> {
    /// The same with other names.
    pub const fn or(self, aliases: &'static [&'static str]) -> Row<A> {
        Row { aliases, ..self }
    }

    /// The same, being about the selection.
    pub const fn takes(self, takes: Takes) -> Row<A> {
        Row { takes, ..self }
    }
}

/// What completes a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The whole line, without the colon.
    pub line: String,
    /// What its last word is or does; empty where that is plain.
    pub doc: String,
}

impl Completion {
    /// A line with what it does.
    pub fn new(line: impl Into<String>, doc: impl Into<String>) -> Completion {
        Completion { line: line.into(), doc: doc.into() }
    }
}

/// Completions without an explanation.
pub fn plain(words: &[String]) -> Vec<Completion> {
    words.iter().map(|word| Completion::new(word, "")).collect()
}

/// A verb of a command's grammar: the word, what it takes, what it does.
pub type Verb = (&'static str, &'static str, &'static str);

/// A verb as a completion; one that takes something has a space behind it.
pub fn verb(&(verb, args, doc): &Verb) -> Completion {
    let room = if args.is_empty() { "" } else { " " };
    Completion::new(format!("{verb}{room}"), explained(args, doc))
}

/// Two texts with a colon between them where neither is empty.
pub fn explained(a: &str, b: &str) -> String {
    [a, b].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(": ")
}
