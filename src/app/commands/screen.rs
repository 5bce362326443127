//! The screen: views, cursors, what is typed. The ui carries these out (`tui::screen::act`).

use crate::app::state::Model;

use super::row::{Args, Completion, ENTRIES, Row, Typed, free, row};
use super::words::{Entry, entries};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScreenAction {
    /// Say why an item stands in the queue; `None` means the selected one.
    Why(Option<Entry>),
    /// The last answer again.
    Answer,
    /// Files that cannot be used.
    Errors,
    /// Keys and commands.
    Help,
    /// Go to the library.
    Library,
    /// Go to the queue.
    Queue,
    /// Go to a view by its number, counted from 1.
    View(usize),
    /// Show the signature.
    Signature,
    /// Show the card of a dimension, counted from 0, or all of them.
    Card(Option<u8>),
    /// Go to the other list.
    FocusNext,
    /// Go to the playing track.
    GotoPlaying,
    /// Find a text; an empty one means the last. Backwards where `back`.
    Find {
        /// What.
        text: String,
        /// Towards the top.
        back: bool,
    },
    /// Find the last text again; in the other direction where `back`.
    FindAgain {
        /// Against the direction of the search.
        back: bool,
    },
    /// Move the cursor.
    Move(Motion),
    /// Mark or unmark what is under the cursor.
    Mark,
    /// Close one thing.
    Cancel,
    /// Play what is under the cursor.
    Confirm,
    /// Type something.
    Type(Typing),
    /// End, asking first while music plays.
    AskQuit,
    /// Draw everything anew.
    Redraw,
    /// Leave to the shell.
    Suspend,
}

/// Where the cursor goes, or how far a page is scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// So many rows down.
    Rows(isize),
    /// So many halves of a page down.
    HalfPages(isize),
    /// So many pages down.
    Pages(isize),
    /// So many albums down.
    Albums(isize),
    /// To a row, counted from 0; beyond the end it is the last.
    To(usize),
}

/// What is typed in the line at the bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// A command.
    Command,
    /// A filter of the library.
    Filter,
    /// Letters of a fuzzy search.
    Fuzzy,
    /// What to find; towards the top where `back`.
    Search {
        /// Towards the top.
        back: bool,
    },
}

use ScreenAction::*;

/// The commands.
pub const ROWS: &[Row<ScreenAction>] = &[
    row("why", ENTRIES, "why a track stands in the queue", why),
    row("answer", Args::None, "the last answer again: a comparison or a list", |_| Ok(Answer)),
    row("errors", Args::None, "files that cannot be used, and why", |_| Ok(Errors)),
    row("help", Args::None, "keys and commands", |_| Ok(Help)),
    row("library", Args::None, "go to the library", |_| Ok(Library)),
    row("queue", Args::None, "go to the queue", |_| Ok(Queue)),
    row("view", Args::Typed("N", numbers), VIEW, |t| match t.rest.parse() {
        Ok(number) => Ok(View(number)),
        Err(_) => Err("view wants a number".into()),
    }),
    row("focus-next", Args::None, "go to the other list", |_| Ok(FocusNext)),
    row("goto-playing", Args::None, "go to the playing track", |_| Ok(GotoPlaying)),
    row("search-for", free("[TEXT]"), "find a text in the list; alone: the next", |t| {
        Ok(Find { text: t.rest.to_string(), back: false })
    }),
    row("search-for-back", free("[TEXT]"), "the same backwards", |t| Ok(Find { text: t.rest.to_string(), back: true }))
        .or(&["find-back"]),
    row("search-next", Args::None, "the next that matches", |_| Ok(FindAgain { back: false })),
    row("search-previous", Args::None, "the one before that matches", |_| Ok(FindAgain { back: true })),
    row("up", Args::Count, "up", |t| Ok(Move(Motion::Rows(-times(t)?)))),
    row("down", Args::Count, "down", |t| Ok(Move(Motion::Rows(times(t)?)))),
    row("half-page-up", Args::Count, "half a page up", |t| Ok(Move(Motion::HalfPages(-times(t)?)))),
    row("half-page-down", Args::Count, "half a page down", |t| Ok(Move(Motion::HalfPages(times(t)?)))),
    row("page-up", Args::Count, "a page up", |t| Ok(Move(Motion::Pages(-times(t)?)))),
    row("page-down", Args::Count, "a page down", |t| Ok(Move(Motion::Pages(times(t)?)))),
    row("album-previous", Args::Count, "to the album before", |t| Ok(Move(Motion::Albums(-times(t)?)))),
    row("album-next", Args::Count, "to the next album", |t| Ok(Move(Motion::Albums(times(t)?)))),
    row("top", Args::Count, "to the first, or to the Nth", |t| Ok(Move(Motion::To(nth(t)?.unwrap_or(0))))),
    row("bottom", Args::Count, "to the last, or to the Nth", |t| Ok(Move(Motion::To(nth(t)?.unwrap_or(usize::MAX))))),
    row("mark", Args::None, "mark the track for what comes next", |_| Ok(Mark)),
    row("cancel", Args::None, "close, unmark, forget the search", |_| Ok(Cancel)),
    row("confirm", Args::None, "play the selection; in the queue: jump there", |_| Ok(Confirm)),
    row("command-line", Args::None, "type a command", |_| Ok(Type(Typing::Command))),
    row("type-fuzzy", Args::None, "type letters of artist, title, album in order; the best matches first", |_| {
        Ok(Type(Typing::Fuzzy))
    }),
    row("type-filter", Args::None, "type a filter; the library narrows meanwhile", |_| Ok(Type(Typing::Filter))),
    row("search", Args::None, "type what to find", |_| Ok(Type(Typing::Search { back: false }))),
    row("search-back", Args::None, "type what to find backwards", |_| Ok(Type(Typing::Search { back: true }))),
    row("ask-quit", Args::None, "end, asking first while music plays", |_| Ok(AskQuit)),
    row("redraw", Args::None, "draw everything anew", |_| Ok(Redraw)),
    row("suspend", Args::None, "leave to the shell; fg comes back", |_| Ok(Suspend)),
];

/// The help of `view` where the views are not known; [`views`] is better.
pub const VIEW: &str = "go to a view by its number";

/// The views with their numbers.
pub fn views(model: &Model) -> String {
    let numbered = model.views.iter().enumerate().map(|(i, name)| format!("{} {name}", i + 1));
    numbered.collect::<Vec<_>>().join(", ")
}

fn numbers(_: &str, model: &Model) -> Vec<Completion> {
    (1..=model.views.len()).map(|number| Completion::new(number.to_string(), "")).collect()
}

fn why(t: Typed) -> Result<ScreenAction, String> {
    let named = entries(t.rest).ok_or("why wants a number")?;
    Ok(Why(if let [one] = named[..] { Some(one) } else { None }))
}

fn count(t: Typed) -> Result<Option<usize>, String> {
    match t.rest {
        "" => Ok(None),
        number => number.parse().map(Some).map_err(|_| format!("{} wants a number", t.name)),
    }
}

fn times(t: Typed) -> Result<isize, String> {
    Ok(count(t)?.unwrap_or(1).min(1 << 30) as isize)
}

/// A row counted from 1, as one counted from 0.
fn nth(t: Typed) -> Result<Option<usize>, String> {
    Ok(count(t)?.map(|n| n.saturating_sub(1)))
}
