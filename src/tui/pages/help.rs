//! The help: keys and commands as seen from a view; topics; single commands. Made from the bindings and the table of
//! commands.

mod command;
mod entry;
mod keys;
pub mod manual;
mod topics;
mod words;

use crate::app::Model;
use crate::app::Refusal;
use crate::app::commands::{COMMANDS, find};
use crate::text::sanitize;
use crate::tui::draw::Span;
use crate::tui::pane::{At, Open, Pane, Shown, plain};

use super::lists;
use topics::TOPICS;

/// The help page.
pub struct Help;

impl Pane for Help {
    fn id(&self) -> &'static str {
        "help"
    }

    fn title(&self, about: Option<u64>) -> &'static str {
        match about.map(About::of) {
            Some(About::Topic(topic)) => TOPICS.get(topic).map_or("Help", |topic| topic.title),
            _ => "Help",
        }
    }

    fn open(&self, _: &Model, at: At) -> Open {
        match at.page {
            // The key that has opened it closes it.
            Some(page) if page.pane.id() == self.id() => Open::Page(page.about),
            _ => Open::Page(at.view.map(|view| About::View(view).number())),
        }
    }

    fn narrows(&self) -> bool {
        true
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        let entries = match shown.about.map(About::of) {
            Some(About::Topic(topic)) => topics::entries(topic, shown),
            Some(About::Command(command)) => {
                COMMANDS.get(command).map_or_else(Vec::new, |c| command::entries(c, shown))
            }
            Some(About::View(view)) => {
                // The grid has keys of its own, but no number.
                let grid = (view == shown.panes.len()).then_some(&lists::GRID as &dyn Pane);
                keys::overview(shown.panes.get(view).copied().or(grid), shown)
            }
            None => keys::overview(None, shown),
        };
        entry::drawn(&entries, shown.narrow, shown.columns)
    }

    fn told(&self, shown: &Shown) -> Vec<String> {
        plain(&self.lines(shown))
    }
}

/// What the page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// Everything, as seen from the view of this index in `PANES`; the grid comes after the last one.
    View(usize),
    /// The topic of this index.
    Topic(usize),
    /// The command of this index.
    Command(usize),
}

impl About {
    /// As a number for `Page::about`: the kind in the upper half, the index in the lower.
    fn number(self) -> u64 {
        let (kind, index) = match self {
            About::View(index) => (0, index),
            About::Topic(index) => (1, index),
            About::Command(index) => (2, index),
        };
        kind << 32 | index as u64
    }

    fn of(number: u64) -> About {
        let index = number as u32 as usize;
        match number >> 32 {
            1 => About::Topic(index),
            2 => About::Command(index),
            _ => About::View(index),
        }
    }
}

/// What `Page::about` is for the help on a topic or a command, which may be abbreviated.
///
/// # Errors
/// One line: there is neither, or the abbreviation could mean several commands.
pub fn about(text: &str) -> Result<u64, Refusal> {
    let word = text.split_whitespace().next().unwrap_or_default();
    let word = word.strip_prefix(':').unwrap_or(word);
    if let Some(topic) = TOPICS.iter().position(|topic| topic.name == word) {
        return Ok(About::Topic(topic).number());
    }
    let command = find(word).map_err(|why| match why {
        Refusal::Ambiguous { .. } => why,
        _ => {
            let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
            let instead = format!("; help takes a command, or one of {}", topics.join(", "));
            Refusal::unknown(format!("no help on '{}'", sanitize(word)), instead)
        }
    })?;
    let index = COMMANDS.iter().position(|one| one == command);
    let no_help = || Refusal::unknown(format!("no help on '{}'", command.name), "");
    index.map(|index| About::Command(index).number()).ok_or_else(no_help)
}

/// What `about` takes: the topics, then the commands.
pub fn subjects() -> Vec<&'static str> {
    let topics = TOPICS.iter().map(|topic| topic.name);
    let commands = COMMANDS.iter().map(|command| command.name);
    topics.chain(commands.filter(|name| TOPICS.iter().all(|topic| topic.name != *name))).collect()
}

#[cfg(test)]
mod tests;
