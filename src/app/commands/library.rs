//! The library: filters, questions in words, duplicates, rescans.

use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::state::auto::AutoQueue;
use crate::app::state::filter::Filter;
use crate::app::state::lists::Placing;
use crate::app::update::filter::ask;
use crate::app::update::meant;
use crate::ask::find;
use crate::library::Song;
use crate::library::filter::Language;
use crate::library::playlist::smart::Smart;
use crate::queue::Queue;
use std::sync::Arc;

use super::row::{Args, Completion, Row, Takes, row};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LibraryAction {
    /// Show only the songs that pass the filter; all if it is empty.
    Filter(String),
    /// Find tracks by a description of their sound, the best first.
    Find {
        /// The words.
        words: String,
        /// How many to queue; `None` shows them all instead.
        queue: Option<usize>,
    },
    /// Show the words for the sound of the selected track, or else of the playing one.
    Words,
    /// Show the songs that have more than one file.
    Duplicates,
    /// Compare the music directory with the library now.
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
    row(
        "find",
        Args::Typed("[--queue [N]] WORDS", complete_words),
        "tracks by their sound: calm acoustic, no singing; --queue appends the best",
        |t| question(t.rest),
    ),
    row("words", Args::None, "how the selected track sounds, or what plays: the encoder's words", |_| {
        Ok(LibraryAction::Words)
    })
    .takes(Takes::SONGS),
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
    (action, selected): (LibraryAction, &[Arc<Song>]),
    effects: &mut Vec<Effect>,
) -> Result<Option<&'static str>, Refusal> {
    match action {
        LibraryAction::Filter(text) => {
            if filter.enter(&text, language) {
                effects.push(ask(filter, auto, queue));
            }
            filter.fault.clone().map_or(Ok(None), |fault| Err(Refusal::Argument(fault)))
        }
        LibraryAction::Find { words, queue: Some(count) } => {
            let smart = Smart { filter: find::as_filter(&words), sort: String::new(), limit: Some(count) };
            effects.push(Effect::Smart { name: words, smart, placing: Placing::Append });
            Ok(None)
        }
        LibraryAction::Find { words, queue: None } => {
            if filter.set(&find::as_filter(&words), language) {
                effects.push(ask(filter, auto, queue));
                effects.push(Effect::Explain(words));
            }
            filter.fault.clone().map_or(Ok(None), |fault| Err(Refusal::Argument(fault)))
        }
        LibraryAction::Words => {
            let songs = meant::selected_or_playing(queue, selected)?;
            effects.extend(songs.first().map(|song| Effect::Words(song.path.to_path_buf())));
            Ok(None)
        }
        LibraryAction::Duplicates => {
            effects.push(Effect::Duplicates);
            Ok(None)
        }
        LibraryAction::Rescan => {
            effects.push(Effect::Rescan(0));
            Ok(Some("looking for changes in the music directory"))
        }
    }
}

/// How many tracks `:find --queue` appends without a number.
const QUEUED: usize = 20;
/// The most tracks that it appends.
const MOST_QUEUED: usize = 500;

/// `calm acoustic`, `--queue calm`, `--queue 30 calm`.
fn question(text: &str) -> Result<LibraryAction, Refusal> {
    let wants = || Refusal::wants("find", "words, like: find calm acoustic, no singing");
    let Some(rest) = text.trim().strip_prefix("--queue") else {
        return match text.trim() {
            "" => Err(wants()),
            words => Ok(LibraryAction::Find { words: words.into(), queue: None }),
        };
    };
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return Err(Refusal::takes("find", "--queue [N], then words"));
    }
    let rest = rest.trim();
    let (first, others) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (count, words) = match first.parse::<i64>().map(|number| (number, usize::try_from(number))) {
        Ok((_, Ok(count @ 1..=MOST_QUEUED))) => (count, others.trim()),
        // A year belongs to the question.
        Ok((1000..=2999, _)) | Err(_) => (QUEUED, rest),
        Ok(_) => return Err(Refusal::takes("find", format!("--queue with a number from 1 to {MOST_QUEUED}"))),
    };
    if words.is_empty() {
        return Err(wants());
    }
    Ok(LibraryAction::Find { words: words.into(), queue: Some(count) })
}

/// Completes the last word of a question with the encoder's words.
fn complete_words(text: &str, model: &Model) -> Vec<Completion> {
    let start = text.rfind([' ', ',', '-']).map_or(0, |i| i + 1);
    let (before, word) = text.split_at(start);
    if word.is_empty() {
        return Vec::new();
    }
    let begun = model.names.words().filter(|w| w.starts_with(&word.to_lowercase()) && *w != word);
    begun.map(|w| Completion::new(format!("{before}{w}"), "")).collect()
}

/// Completes the last word of a filter with fields, named filters or, behind `tag:` and `sounds:`, the encoder's words.
/// An empty filter is completed with every field, so that they can be looked up where they are typed.
pub fn complete_filter(text: &str, model: &Model) -> Vec<Completion> {
    if text.is_empty() {
        let fields = model.language.fields().iter().map(|f| Completion::new(f.name, f.doc));
        let named = model.language.names().map(|n| Completion::new(format!("@{n}"), "a filter of yours"));
        return fields.chain(named).collect();
    }
    let start = text.rfind(|c: char| c.is_whitespace() || "!(&|".contains(c)).map_or(0, |i| i + 1);
    // The character before the word may have several bytes (a wide space); `start` then is no character boundary.
    let Some((before, word)) = text.split_at_checked(start) else { return Vec::new() };
    if let Some(begun) = word.strip_prefix('@') {
        let names = model.language.names().filter(|n| n.starts_with(begun));
        return names.map(|n| Completion::new(format!("{before}@{n}"), "a filter of yours")).collect();
    }
    if let Some((field, begun)) = word.split_once(':')
        && matches!(field, "tag" | "sounds")
    {
        let words = model.names.words().filter(|w| w.starts_with(&begun.to_lowercase())).map(|w| w.replace(' ', "-"));
        return words.map(|w| Completion::new(format!("{before}{field}:{w}"), "a word of the encoder")).collect();
    }
    // A single letter fits too much.
    if word.len() < 2 {
        return Vec::new();
    }
    let fields = model.language.fields().iter().filter(|f| f.name.starts_with(word) && f.name != word);
    fields.map(|f| Completion::new(format!("{before}{}", f.name), f.doc)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_shown_or_queued() {
        let asked = |words: &str, queue| Ok(LibraryAction::Find { words: words.into(), queue });
        assert_eq!(question("calm acoustic"), asked("calm acoustic", None));
        assert_eq!(question("--queue calm"), asked("calm", Some(QUEUED)));
        assert_eq!(question(" --queue 30  calm, no singing "), asked("calm, no singing", Some(30)));
        assert_eq!(question("--queue 1994 rock"), asked("1994 rock", Some(QUEUED)));
        for bad in ["0", "-5", "501", "99999"] {
            let refused = question(&format!("--queue {bad} calm")).unwrap_err().to_string();
            assert_eq!(refused, "find takes --queue with a number from 1 to 500", "{bad}");
        }
        for bad in ["", " ", "--queue", "--queue 3", "--queued x"] {
            assert!(question(bad).unwrap_err().to_string().contains("find"), "{bad}");
        }
    }
}
