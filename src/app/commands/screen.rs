//! The screen: views, cursors, input lines. The ui carries these out (`tui::screen::act`).

use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::state::log::Matter;
use crate::library::grouping::{By, NAMES};

use super::map::MapAction;
use super::row::{Args, Completion, ENTRIES, Row, Typed, free, row};
use super::words::{Entry, ON_OFF, entries, one_of};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScreenAction {
    /// Show why an item is in the queue; `None` means the selected one.
    Why(Option<Entry>),
    /// Show or hide the panel about the track under the cursor.
    Info,
    /// Show the last answer of several lines again.
    Answer,
    /// Show the files that cannot be used.
    Errors,
    /// Show the log.
    Log(Logged),
    /// Show the lyrics of what plays.
    Lyrics,
    /// Show the trainings.
    Train,
    /// Ask before something is done in the view of the trainings, then do it.
    AskTrain(OnTrain),
    /// Show the view of the sound.
    Sound,
    /// Show the spectrograms that were asked for.
    Spectrogram,
    /// Show keys and commands; with a text, what a topic or a command is about.
    Help(String),
    /// Go to the library.
    Library,
    /// Go to the queue.
    Queue,
    /// Go to the playlists.
    Playlists,
    /// Do something with the saved list under the cursor.
    List(OnList),
    /// Go to a view by its number, counted from 1.
    View(usize),
    /// Go to a view by its name.
    ViewNamed(String),
    /// Show the map, or do something on it.
    Map(MapAction),
    /// Show the signature.
    Signature,
    /// Show the card of a dimension, counted from 0, or all of them.
    Card(Option<u8>),
    /// Switch between library and queue.
    FocusNext,
    /// Go to the playing track.
    GotoPlaying,
    /// Find a text; an empty one means the last.
    Find {
        /// The text.
        text: String,
        /// Towards the top.
        back: bool,
    },
    /// Find the last text again.
    FindAgain {
        /// Whether against the direction of that search.
        back: bool,
    },
    /// Move the cursor.
    Move(Motion),
    /// Go so many columns of the library to the right.
    Column(isize),
    /// Group the library by this, or by the next.
    GroupBy(Option<By>),
    /// Show the library as a grid of albums, or as a list; `None`: the other way than now.
    Grid(Option<bool>),
    /// Mark or unmark the row under the cursor.
    Mark,
    /// Close or clear one thing: a page, the marks, the search.
    Cancel,
    /// Play the row under the cursor.
    Confirm,
    /// Open an input line.
    Type(Typing),
    /// Open the command line with these words to go on from.
    Begin(String),
    /// Quit, with a confirmation while music plays.
    AskQuit,
    /// Redraw the whole screen.
    Redraw,
    /// Suspend to the shell.
    Suspend,
    /// Leave a player that has no screen of its own; it goes on.
    Detach,
}

/// What is done with a saved list. All but adding asks first: for a name, a filter, hours, or whether it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnList {
    /// Add the marked tracks.
    Add,
    /// Give it another name.
    Rename,
    /// Copy it under another name.
    Duplicate,
    /// Change the filter of a smart playlist, or the hours of a mood.
    Edit,
    /// Delete it.
    Delete,
}

impl OnList {
    /// The command's name.
    pub fn command(self) -> &'static str {
        match self {
            OnList::Add => "add-to-list",
            OnList::Rename => "rename-list",
            OnList::Duplicate => "duplicate-list",
            OnList::Edit => "edit-list",
            OnList::Delete => "delete-list",
        }
    }
}

/// What is done in the view of the trainings, asking first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTrain {
    /// Stop the training that runs.
    Stop,
    /// Go on with the run under the cursor.
    Resume,
    /// Use the encoder of the run under the cursor.
    Publish,
    /// Use the encoder that was in use before.
    Rollback,
}

/// What of the log is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logged {
    /// One matter; `None` means all of them.
    Only(Option<Matter>),
    /// The next matter.
    Next,
    /// The one before.
    Previous,
}

/// A movement of the cursor, or a scroll of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// Rows; positive is down.
    Rows(isize),
    /// Half pages; positive is down.
    HalfPages(isize),
    /// Pages; positive is down.
    Pages(isize),
    /// Albums; positive is down.
    Albums(isize),
    /// To a row, counted from 0; past the end, to the last one.
    To(usize),
}

/// The kinds of input lines at the bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// A command.
    Command,
    /// A filter of the library.
    Filter,
    /// A fuzzy search.
    Fuzzy,
    /// A text to find in the list.
    Search {
        /// Towards the top.
        back: bool,
    },
}

use ScreenAction::*;

/// The commands.
pub const ROWS: &[Row<ScreenAction>] = &[
    row("why", ENTRIES, "why a track stands in the queue", why),
    row("info", Args::None, "the panel of the track under the cursor: tags, sound, fit, plays, nearest", |_| Ok(Info)),
    row("answer", Args::None, "the last answer again: a comparison or a list", |_| Ok(Answer)),
    row("errors", Args::None, "files that cannot be used, and why", |_| Ok(Errors)),
    row("log", Args::Words("[KIND]", LOGGED), "what went wrong and what happened behind, the newest first", logged),
    row(
        "help",
        Args::Typed("[TOPIC]", topics),
        "keys and commands; about a command or a topic: help seek, help filter",
        |t| Ok(Help(t.rest.to_string())),
    ),
    row("library", Args::None, "go to the library", |_| Ok(Library)),
    row("queue", Args::None, "go to the queue", |_| Ok(Queue)),
    row("playlists", Args::None, "go to the playlists", |_| Ok(Playlists)),
    row("add-to-list", Args::None, "in the playlists: add the marked tracks to the one under the cursor", |_| {
        Ok(List(OnList::Add))
    }),
    row("rename-list", Args::None, "in the playlists: give the one under the cursor another name", |_| {
        Ok(List(OnList::Rename))
    }),
    row("duplicate-list", Args::None, "in the playlists: copy the one under the cursor", |_| {
        Ok(List(OnList::Duplicate))
    }),
    row("edit-list", Args::None, "in the playlists: change the filter, or the hours of a mood", |_| {
        Ok(List(OnList::Edit))
    }),
    row("delete-list", Args::None, "in the playlists: delete the one under the cursor, asking first", |_| {
        Ok(List(OnList::Delete))
    }),
    row(
        "ask-train",
        Args::Words("WHAT", ON_TRAIN),
        "in the trainings: stop, resume, publish, rollback, asking first",
        |t| {
            let found = ON_TRAIN.iter().position(|name| *name == t.rest).and_then(|at| DOES.get(at));
            found.map(|on| AskTrain(*on)).ok_or_else(|| t.wants(format!("one of {}", ON_TRAIN.join(", "))))
        },
    ),
    row("view", Args::Typed("N|NAME", named), VIEW, |t| match (t.rest, t.rest.parse()) {
        ("", _) => Err(Refusal::wants("view", "a number or a name, like 2 or queue")),
        (_, Ok(number)) => Ok(View(number)),
        (name, Err(_)) => Ok(ViewNamed(name.to_lowercase())),
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
    row("up", Args::Count, "one row up", |t| Ok(Move(Motion::Rows(-times(t)?)))),
    row("down", Args::Count, "one row down", |t| Ok(Move(Motion::Rows(times(t)?)))),
    row("half-page-up", Args::Count, "half a page up", |t| Ok(Move(Motion::HalfPages(-times(t)?)))),
    row("half-page-down", Args::Count, "half a page down", |t| Ok(Move(Motion::HalfPages(times(t)?)))),
    row("page-up", Args::Count, "a page up", |t| Ok(Move(Motion::Pages(-times(t)?)))),
    row("page-down", Args::Count, "a page down", |t| Ok(Move(Motion::Pages(times(t)?)))),
    row("album-previous", Args::Count, "to the album before", |t| Ok(Move(Motion::Albums(-times(t)?)))),
    row("album-next", Args::Count, "to the next album", |t| Ok(Move(Motion::Albums(times(t)?)))),
    row("top", Args::Count, "to the first, or to the Nth", |t| Ok(Move(Motion::To(nth(t)?.unwrap_or(0))))),
    row("bottom", Args::Count, "to the last, or to the Nth", |t| Ok(Move(Motion::To(nth(t)?.unwrap_or(usize::MAX))))),
    row("column-left", Args::Count, "in the library: the column to the left", |t| Ok(Column(-times(t)?))),
    row("column-right", Args::Count, "in the library: the column to the right", |t| Ok(Column(times(t)?))),
    row(
        "by",
        Args::Typed("[WHAT]", groupings),
        "group the library by artist, genre, folder, …; alone: by the next",
        |t| match t.rest {
            "" => Ok(GroupBy(None)),
            name => By::named(name).map(|by| GroupBy(Some(by))).ok_or_else(|| {
                let names: Vec<&str> = NAMES.iter().map(|(name, ..)| *name).collect();
                t.wants(format!("one of {}", names.join(", ")))
            }),
        },
    ),
    row("grid", Args::Words("[on|off]", &["on", "off"]), "the library as a grid of covers, or as a list again", |t| {
        Ok(Grid(one_of(t, &ON_OFF)?))
    }),
    row("mark", Args::None, "mark the track for what comes next", |_| Ok(Mark)),
    row("cancel", Args::None, "close, unmark, forget the search", |_| Ok(Cancel)),
    row("confirm", Args::None, "play the selection; in the queue: jump there", |_| Ok(Confirm)),
    row("command-line", free("[WORDS]"), "type a command; with words, go on from them", |t| match t.rest {
        "" => Ok(Type(Typing::Command)),
        words => Ok(Begin(words.to_string())),
    }),
    row("type-fuzzy", Args::None, "type letters of artist, title, album in order; the best matches first", |_| {
        Ok(Type(Typing::Fuzzy))
    }),
    row("type-filter", Args::None, "type a filter; the library narrows meanwhile", |_| Ok(Type(Typing::Filter))),
    row("search", Args::None, "type what to find", |_| Ok(Type(Typing::Search { back: false }))),
    row("search-back", Args::None, "type what to find backwards", |_| Ok(Type(Typing::Search { back: true }))),
    row("ask-quit", Args::None, "end, asking first while music plays", |_| Ok(AskQuit)),
    row("redraw", Args::None, "draw everything anew", |_| Ok(Redraw)),
    row("suspend", Args::None, "leave to the shell; fg comes back", |_| Ok(Suspend)),
    row("detach", Args::None, "leave a player that was started with --headless; the music goes on", |_| Ok(Detach)),
];

/// What `log` takes.
const LOGGED: &[&str] = &["all", "error", "file", "watch", "engine", "playback", "next", "previous"];

/// What `ask-train` takes, and what it means.
const ON_TRAIN: &[&str] = &["stop", "resume", "publish", "rollback"];
const DOES: &[OnTrain] = &[OnTrain::Stop, OnTrain::Resume, OnTrain::Publish, OnTrain::Rollback];

/// The help text of `view`, which [`views`] replaces where the views are known.
pub const VIEW: &str = "go to a view by its number or name";

/// The views with their numbers, as one line.
pub fn views(model: &Model) -> String {
    let numbered = model.views.iter().enumerate().map(|(i, name)| format!("{} {name}", i + 1));
    numbered.collect::<Vec<_>>().join(", ")
}

fn topics(_: &str, model: &Model) -> Vec<Completion> {
    model.topics.iter().map(|topic| Completion::new(*topic, "")).collect()
}

/// The names of the views, with their numbers.
fn named(_: &str, model: &Model) -> Vec<Completion> {
    model.views.iter().enumerate().map(|(i, name)| Completion::new(*name, format!("view {}", i + 1))).collect()
}

fn groupings(_: &str, _: &Model) -> Vec<Completion> {
    NAMES.iter().map(|(name, _, title)| Completion::new(name.to_string(), *title)).collect()
}

fn logged(t: Typed) -> Result<ScreenAction, Refusal> {
    let matter = Matter::ALL.into_iter().find(|matter| matter.name() == t.rest);
    Ok(Log(match t.rest {
        "" | "all" => Logged::Only(None),
        "next" => Logged::Next,
        "previous" => Logged::Previous,
        _ => Logged::Only(Some(matter.ok_or_else(|| t.wants(format!("one of {}", LOGGED.join(", "))))?)),
    }))
}

fn why(t: Typed) -> Result<ScreenAction, Refusal> {
    let named = entries(t.rest).ok_or_else(|| Refusal::wants("why", "a number"))?;
    Ok(Why(if let [one] = named[..] { Some(one) } else { None }))
}

fn count(t: Typed) -> Result<Option<usize>, Refusal> {
    match t.rest {
        "" => Ok(None),
        number => number.parse().map(Some).map_err(|_| t.wants("a number")),
    }
}

fn times(t: Typed) -> Result<isize, Refusal> {
    Ok(count(t)?.unwrap_or(1).min(1 << 30) as isize)
}

/// Converts a row counted from 1 into one counted from 0.
fn nth(t: Typed) -> Result<Option<usize>, Refusal> {
    Ok(count(t)?.map(|n| n.saturating_sub(1)))
}
