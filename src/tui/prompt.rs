//! The prompt in the bottom row: for commands (with completion), searches, filters, narrowing a page, and the question
//! before quitting. Each but the last has a history.

use crossterm::event::{KeyCode, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

use crate::app::Model;
use crate::app::commands::complete::complete;
use crate::app::commands::library::complete_filter;
use crate::app::commands::row::Completion;
use crate::app::commands::session::SessionAction;
use crate::app::commands::{self, Action};
use crate::library::fuzzy;

use super::keys::Key;

/// The longest line, in characters.
const LONGEST: usize = 1000;
/// Maximum number of lines in the history.
const HISTORY: usize = 200;

/// What a prompt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A command.
    Command,
    /// A text to search for.
    Search {
        /// Whether the search goes towards the top.
        back: bool,
    },
    /// A filter of the library.
    Filter,
    /// A text that narrows the open page.
    Narrow,
    /// Confirmation of quitting while music plays.
    Quit,
}

/// The result of a key press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The prompt stays open.
    Open,
    /// The prompt was cancelled.
    Cancelled,
    /// The text was entered.
    Done(String),
}

/// An open prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// The text so far.
    pub text: String,
    /// The cursor's position, in bytes of `text`.
    pub at: usize,
    /// The completions, shown above the prompt.
    pub menu: Vec<Completion>,
    /// Why the filter is not valid so far.
    pub fault: Option<String>,
    /// Index of the entry of `menu` that the text was completed to.
    pub chosen: Option<usize>,
    /// Number of steps back in the history, and the text typed before the first of them.
    recalled: Option<(usize, String)>,
}

impl Prompt {
    /// An empty prompt.
    pub fn new(purpose: Purpose, model: &Model) -> Prompt {
        let mut prompt =
            Prompt { purpose, text: String::new(), at: 0, menu: Vec::new(), fault: None, chosen: None, recalled: None };
        prompt.edited(model);
        prompt
    }

    /// The label before the text.
    pub fn sign(&self) -> &'static str {
        match self.purpose {
            Purpose::Command => ":",
            Purpose::Filter => "filter: ",
            Purpose::Search { back: false } | Purpose::Narrow => "/",
            Purpose::Search { back: true } => "?",
            Purpose::Quit => "Music is playing. Quit? (y/n) ",
        }
    }

    /// The theme that the typed command would load.
    pub fn theme(&self) -> Option<String> {
        match commands::parse(&self.text).ok().filter(|_| self.purpose == Purpose::Command)?.action {
            Action::Session(SessionAction::Theme(name)) => name,
            _ => None,
        }
    }

    /// Handles a key. `history` has the lines entered before for this purpose.
    pub fn key(&mut self, key: Key, history: &[String], model: &Model) -> Outcome {
        if self.purpose == Purpose::Quit {
            let yes = matches!(key.code, KeyCode::Char('y' | 'Y' | 'q') | KeyCode::Enter);
            return if yes { Outcome::Done("quit".into()) } else { Outcome::Cancelled };
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Outcome::Cancelled,
            KeyCode::Char('c' | 'g') if control => return Outcome::Cancelled,
            KeyCode::Enter => return Outcome::Done(std::mem::take(&mut self.text)),
            KeyCode::Backspace if self.text.is_empty() => return Outcome::Cancelled,
            KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => self.choose(-1),
            KeyCode::Tab => self.choose(1),
            KeyCode::Up => self.recall(1, history, model),
            KeyCode::Down => self.recall(-1, history, model),
            KeyCode::Left => self.at = self.before(),
            KeyCode::Right => self.at = self.after(),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            KeyCode::Char('a') if control => self.at = 0,
            KeyCode::Char('e') if control => self.at = self.text.len(),
            KeyCode::Char('p') if control => self.recall(1, history, model),
            KeyCode::Char('n') if control => self.recall(-1, history, model),
            KeyCode::Backspace => self.cut(self.before(), model),
            KeyCode::Char('h') if control => self.cut(self.before(), model),
            KeyCode::Char('u') if control => self.cut(0, model),
            KeyCode::Char('w') if control => {
                let head = self.text[..self.at].trim_end();
                let word = head.rfind([' ', ',']).map_or(0, |i| i + 1);
                self.cut(word, model);
            }
            KeyCode::Delete => {
                let end = self.after();
                self.text.replace_range(self.at..end, "");
                self.edited(model);
            }
            KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.insert(c.encode_utf8(&mut [0; 4]), model);
            }
            _ => {}
        }
        Outcome::Open
    }

    /// Inserts typed or pasted text, sanitised. A text that would exceed `LONGEST` is ignored.
    pub fn insert(&mut self, text: &str, model: &Model) {
        if self.purpose == Purpose::Quit {
            return;
        }
        // `sanitize` would remove a lone space.
        let safe = if text == " " { text.to_string() } else { crate::text::sanitize(text) };
        if self.text.chars().count() + safe.chars().count() > LONGEST {
            return;
        }
        self.text.insert_str(self.at, &safe);
        self.at += safe.len();
        self.edited(model);
    }

    fn before(&self) -> usize {
        self.text[..self.at].grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }

    fn after(&self) -> usize {
        self.text[self.at..].graphemes(true).next().map_or(self.at, |g| self.at + g.len())
    }

    fn cut(&mut self, from: usize, model: &Model) {
        self.text.replace_range(from..self.at, "");
        self.at = from;
        self.edited(model);
    }

    fn edited(&mut self, model: &Model) {
        self.chosen = None;
        self.recalled = None;
        self.menu = match self.purpose {
            Purpose::Command => complete(self.text.trim_start(), model),
            Purpose::Filter if fuzzy::typed(&self.text).is_none() => complete_filter(&self.text, model),
            _ => Vec::new(),
        };
        self.fault = match self.purpose {
            Purpose::Filter if fuzzy::typed(&self.text).is_some() => None,
            Purpose::Filter => model.language.parse(&self.text).err().map(|fault| fault.to_string()),
            _ => None,
        };
    }

    fn choose(&mut self, step: isize) {
        if self.menu.is_empty() {
            return;
        }
        let last = self.menu.len() - 1;
        let next = match self.chosen {
            None if step > 0 => 0,
            None => last,
            Some(i) => (i as isize + step).rem_euclid(last as isize + 1) as usize,
        };
        self.text.clone_from(&self.menu[next].line);
        self.at = self.text.len();
        self.fault = None;
        self.chosen = Some(next);
    }

    fn recall(&mut self, step: isize, history: &[String], model: &Model) {
        let (depth, typed) = self.recalled.take().unwrap_or((0, self.text.clone()));
        let depth = depth.saturating_add_signed(step).min(history.len());
        self.text = if depth == 0 { typed.clone() } else { history[history.len() - depth].clone() };
        self.at = self.text.len();
        self.edited(model);
        self.recalled = (depth > 0).then_some((depth, typed));
    }
}

/// The lines entered so far, the latest last: a list for each purpose, for a search is no command.
#[derive(Clone, Debug, Default)]
pub struct History {
    commands: Vec<String>,
    searches: Vec<String>,
    filters: Vec<String>,
    narrowed: Vec<String>,
}

impl History {
    /// The lines entered for a purpose.
    pub fn of(&self, purpose: Purpose) -> &[String] {
        match purpose {
            Purpose::Command => &self.commands,
            Purpose::Search { .. } => &self.searches,
            Purpose::Filter => &self.filters,
            Purpose::Narrow => &self.narrowed,
            Purpose::Quit => &[],
        }
    }

    /// Adds a line.
    pub fn remember(&mut self, purpose: Purpose, line: &str) {
        match purpose {
            Purpose::Command => remember(&mut self.commands, line),
            Purpose::Search { .. } => remember(&mut self.searches, line),
            Purpose::Filter => remember(&mut self.filters, line),
            Purpose::Narrow => remember(&mut self.narrowed, line),
            Purpose::Quit => {}
        }
    }
}

/// Appends a line to a history, removing its earlier occurrence; an empty line is ignored.
fn remember(history: &mut Vec<String>, line: &str) {
    if line.is_empty() {
        return;
    }
    history.retain(|l| l != line);
    history.push(line.to_string());
    if history.len() > HISTORY {
        history.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::tui::keys::parse;

    fn type_in(prompt: &mut Prompt, keys: &str, history: &[String]) -> Outcome {
        let model = fixture::model(3);
        let mut outcome = Outcome::Open;
        for key in parse(keys).unwrap() {
            outcome = prompt.key(key, history, &model);
        }
        outcome
    }

    #[test]
    fn edits_within_graphemes() {
        let model = fixture::model(3);
        let mut prompt = Prompt::new(Purpose::Search { back: false }, &model);
        prompt.insert("ae\u{301}b\u{1b}[0m", &model);
        assert_eq!(prompt.text, "aéb [0m");
        type_in(&mut prompt, "ctrl-a right right backspace x end backspace", &[]);
        assert_eq!(prompt.text, "axb [0");
        type_in(&mut prompt, "ctrl-w", &[]);
        assert_eq!(prompt.text, "axb ");
        type_in(&mut prompt, "ctrl-u", &[]);
        assert_eq!(type_in(&mut prompt, "backspace", &[]), Outcome::Cancelled);
    }

    #[test]
    fn tab_completes_and_goes_round() {
        let model = fixture::model(3);
        let mut prompt = Prompt::new(Purpose::Command, &model);
        prompt.insert("theme", &model);
        prompt.insert(" ", &model);
        type_in(&mut prompt, "tab", &[]);
        assert_eq!(prompt.text, "theme gruvbox-dark");
        type_in(&mut prompt, "shift-tab", &[]);
        assert_eq!(prompt.text, "theme terminal");
        assert_eq!(type_in(&mut prompt, "enter", &[]), Outcome::Done("theme terminal".into()));
    }

    #[test]
    fn a_typed_theme_is_known_before_it_is_loaded() {
        let model = fixture::model(3);
        let theme = |purpose, text: &str| {
            let mut prompt = Prompt::new(purpose, &model);
            prompt.insert(text, &model);
            prompt.theme()
        };
        assert_eq!(theme(Purpose::Command, "theme mono").as_deref(), Some("mono"));
        assert_eq!(theme(Purpose::Command, "them  mo ").as_deref(), Some("mo"));
        for (purpose, text) in [
            (Purpose::Command, "theme"),
            (Purpose::Command, "enqueue mono"),
            (Purpose::Command, ""),
            (Purpose::Filter, "theme mono"),
            (Purpose::Search { back: false }, "theme mono"),
        ] {
            assert_eq!(theme(purpose, text), None, "{text}");
        }
    }

    #[test]
    fn history_goes_back_and_forth() {
        let mut history = Vec::new();
        for line in ["next", "stop", "next", ""] {
            remember(&mut history, line);
        }
        assert_eq!(history, ["stop", "next"]);
        let mut prompt = Prompt::new(Purpose::Command, &fixture::model(3));
        type_in(&mut prompt, "v o l up", &history);
        assert_eq!(prompt.text, "next");
        type_in(&mut prompt, "up up", &history);
        assert_eq!(prompt.text, "stop");
        type_in(&mut prompt, "down down down", &history);
        assert_eq!(prompt.text, "vol");
    }

    #[test]
    fn every_purpose_has_a_history_of_its_own() {
        let mut history = History::default();
        let purposes = [Purpose::Command, Purpose::Search { back: false }, Purpose::Filter, Purpose::Narrow];
        for (purpose, line) in purposes.iter().zip(["stop", "so what", "genre=jazz", "seek"]) {
            history.remember(*purpose, line);
        }
        let all = purposes.map(|purpose| history.of(purpose).to_vec());
        assert_eq!(all, [["stop"], ["so what"], ["genre=jazz"], ["seek"]]);
        assert_eq!(history.of(Purpose::Search { back: true }), ["so what"], "in both directions");
        history.remember(Purpose::Quit, "quit");
        assert!(history.of(Purpose::Quit).is_empty());
    }
}
