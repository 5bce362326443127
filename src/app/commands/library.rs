//! The library: filtering it, finding duplicates, looking for changes on the disk.

use crate::app::effect::Effect;
use crate::app::state::Model;
use crate::app::state::auto::AutoQueue;
use crate::app::state::filter::Filter;
use crate::app::update::filter::ask;
use crate::library::filter::Language;
use crate::queue::Queue;

use super::row::{Args, Completion, Row, row};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LibraryAction {
    /// Show only the songs that pass; empty for all.
    Filter(String),
    /// Show the songs of which there is more than one file.
    Duplicates,
    /// Compare the disk with the library.
    Rescan,
}

/// The commands.
pub const ROWS: &[Row<LibraryAction>] = &[
    row(
        "filter",
        Args::Typed("[FILTER]", complete_filter),
        "show only what passes: ~a beatles, genre=jazz & plays=0; alone: all",
        |t| Ok(LibraryAction::Filter(t.rest.to_string())),
    ),
    row("duplicates", Args::None, "songs of which there is more than one file or version", |_| {
        Ok(LibraryAction::Duplicates)
    }),
    row("rescan", Args::None, "compare the music directory with the library now", |_| Ok(LibraryAction::Rescan)),
];

/// Carries a command out; what to say.
pub(super) fn act(
    filter: &mut Filter,
    language: &Language,
    auto: &AutoQueue,
    queue: &Queue,
    action: LibraryAction,
    effects: &mut Vec<Effect>,
) -> Result<Option<&'static str>, String> {
    match action {
        LibraryAction::Filter(text) => {
            if filter.set(&text, language) {
                effects.push(ask(filter, auto, queue));
            }
            filter.fault.clone().map_or(Ok(None), Err)
        }
        LibraryAction::Duplicates => {
            effects.push(Effect::Duplicates);
            Ok(None)
        }
        LibraryAction::Rescan => {
            effects.push(Effect::Rescan);
            Ok(Some("looking for changes in the music directory"))
        }
    }
}

/// What completes the last word of a filter: a field or a named filter.
pub fn complete_filter(text: &str, model: &Model) -> Vec<Completion> {
    let start = text.rfind(|c: char| c.is_whitespace() || "!(&|".contains(c)).map_or(0, |i| i + 1);
    // What begins is one byte or more; the found one may be a wide space.
    let Some((before, word)) = text.split_at_checked(start) else { return Vec::new() };
    if let Some(begun) = word.strip_prefix('@') {
        let names = model.language.names().filter(|n| n.starts_with(begun));
        return names.map(|n| Completion::new(format!("{before}@{n}"), "a filter of yours")).collect();
    }
    // One letter may be the beginning of anything.
    if word.len() < 2 {
        return Vec::new();
    }
    let fields = model.language.fields().iter().filter(|f| f.name.starts_with(word) && f.name != word);
    fields.map(|f| Completion::new(format!("{before}{}", f.name), f.doc)).collect()
}
