//! A row of the command table, and the types that all families share.

use crate::app::refusal::Refusal;
use std::borrow::Cow;
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
    /// The part of the selection it applies to.
    pub takes: Takes,
    /// Parses the argument. An error is one line that says what the command wants.
    pub parse: fn(Typed<'_>) -> Result<A, Refusal>,
}

/// A command as typed.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// The command's name.
    pub name: &'static str,
    /// Whether the name was typed with a `!` behind it.
    pub forced: bool,
    /// The argument, trimmed.
    pub rest: &'a str,
}

impl Typed<'_> {
    /// The refusal of the argument: the command wants this.
    pub fn wants(&self, wants: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::wants(self.name, wants)
    }
}

/// The argument of a command, for completion and help.
#[derive(Clone, Copy, Debug)]
pub enum Args {
    /// No argument; any text is an error.
    None,
    /// A repeat count, which may also be typed before a key.
    Count,
    /// The usage text, and words to choose from.
    Words(&'static str, &'static [&'static str]),
    /// Any other argument: the usage text, and the completion.
    Typed(&'static str, Complete),
    /// Like `Typed`, but completions need not start with the typed text, because names are offered in quotes.
    Quoted(&'static str, Complete),
}

/// Completes the argument typed so far; each completion's line is the whole argument.
pub type Complete = fn(&str, &Model) -> Vec<Completion>;

/// An argument without completion.
pub const fn free(usage: &'static str) -> Args {
    Args::Typed(usage, |_, _| Vec::new())
}

/// A file or directory of the library.
pub const PATH: Args = free("[PATH]");
/// Items of the queue.
pub const ENTRIES: Args = free("[N…]");
/// `on` or `off`; without one, toggle.
pub const SWITCH: Args = Args::Words("[on|off]", &["on", "off"]);

impl Args {
    /// The argument in a usage line; empty if the command takes none.
    pub fn usage(&self) -> &'static str {
        match self {
            Args::None => "",
            Args::Count => "[N]",
            Args::Words(usage, _) | Args::Typed(usage, _) | Args::Quoted(usage, _) => usage,
        }
    }
}

/// The part of the selection that a command applies to.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// None.
    Nothing,
    /// The marked songs, or else the one under the cursor, if `when` accepts the argument.
    Songs {
        /// A predicate on the argument.
        when: fn(&str) -> bool,
        /// Whether the command uses the marks up.
        unmarks: bool,
    },
    /// The marked songs, also those that another view shows, or else as `Songs`, if `when` accepts the argument. Uses
    /// the marks up.
    Marked {
        /// A predicate on the argument.
        when: fn(&str) -> bool,
    },
    /// The marked songs, even where a view hides them, or else the one under the cursor; they stay marked.
    Marks,
    /// In the queue and without an argument: the marked items, or else the one under the cursor.
    Items {
        /// Whether the command uses the marks up.
        unmarks: bool,
    },
    /// Without an argument: the item whose reason is shown, or else [`Takes::Items`], clearing the marks.
    Proposals,
    /// Like `Proposals`, but only one item, the one under the cursor.
    Proposal,
}

impl Takes {
    /// The selected songs if there is no argument; clears the marks.
    pub const SONGS_IF_BARE: Takes = Takes::Songs { when: str::is_empty, unmarks: true };
    /// The selected songs, with any argument; they stay marked.
    pub const SONGS: Takes = Takes::Songs { when: |_| true, unmarks: false };
}

/// The selection when a command is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Songs.
    pub songs: Vec<Arc<Song>>,
    /// Serial numbers of items of the queue.
    pub items: Vec<u64>,
}

/// A row without aliases that does not use the selection.
pub const fn row<A>(
    name: &'static str,
    args: Args,
    help: &'static str,
    parse: fn(Typed<'_>) -> Result<A, Refusal>,
) -> Row<A> {
    Row { name, aliases: &[], args, help, takes: Takes::Nothing, parse }
}

impl<A> Row<A> {
    /// Adds aliases.
    pub const fn or(self, aliases: &'static [&'static str]) -> Row<A> {
        Row { aliases, ..self }
    }

    /// Sets the part of the selection that it applies to.
    pub const fn takes(self, takes: Takes) -> Row<A> {
        Row { takes, ..self }
    }
}

/// A completion of the typed line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The whole line, without the colon.
    pub line: String,
    /// An explanation of the last word; may be empty.
    pub doc: String,
}

impl Completion {
    /// A line with its explanation.
    pub fn new(line: impl Into<String>, doc: impl Into<String>) -> Completion {
        Completion { line: line.into(), doc: doc.into() }
    }
}

/// Completions without explanations.
pub fn plain(words: &[String]) -> Vec<Completion> {
    words.iter().map(|word| Completion::new(word, "")).collect()
}

/// A verb (subcommand): the word, its arguments, its help text.
pub type Verb = (&'static str, &'static str, &'static str);

/// A verb as a completion, with a space behind it if it takes arguments.
pub fn verb(&(verb, args, doc): &Verb) -> Completion {
    let room = if args.is_empty() { "" } else { " " };
    Completion::new(format!("{verb}{room}"), explained(args, doc))
}

/// Two texts joined by a colon, or the one that is not empty.
pub fn explained(a: &str, b: &str) -> String {
    [a, b].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(": ")
}
