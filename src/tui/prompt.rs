//! The prompt in the bottom row: for commands (with completion), searches, filters, narrowing a page, and questions:
//! before quitting, about saved lists and about trainings. Each but the questions has a history.

use std::borrow::Cow;

use crossterm::event::{KeyCode, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

use crate::app::Model;
use crate::app::commands::complete::complete;
use crate::app::commands::library::complete_filter;
use crate::app::commands::row::Completion;
use crate::app::commands::screen::OnList;
use crate::app::commands::session::SessionAction;
use crate::app::commands::{self, Action};
use crate::library::fuzzy;

use super::asked::Asked;
use super::keys::Key;
use super::train::Sure;

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
    /// What is to be done with a saved list; [`Prompt::asked`] says with which.
    List(OnList),
    /// Whether something is meant; [`Prompt::sure`] says what.
    Sure,
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
    /// Why the filter, or what is asked of a saved list, is not valid so far.
    pub fault: Option<String>,
    /// The question about a saved list.
    pub asked: Option<Asked>,
    /// What is done if the answer is yes.
    pub sure: Option<Sure>,
    /// Index of the entry of `menu` that the text was completed to.
    pub chosen: Option<usize>,
    /// Number of steps back in the history, and the text typed before the first of them.
    recalled: Option<(usize, String)>,
}

impl Prompt {
    /// An empty prompt.
    pub fn new(purpose: Purpose, model: &Model) -> Prompt {
        let mut prompt = Prompt {
            purpose,
            text: String::new(),
            at: 0,
            menu: Vec::new(),
            fault: None,
            asked: None,
            sure: None,
            chosen: None,
            recalled: None,
        };
        prompt.edited(model);
        prompt
    }

    /// A prompt for a question about a saved list.
    pub fn asking(asked: Asked, model: &Model) -> Prompt {
        let mut prompt = Prompt::new(Purpose::List(asked.on), model);
        prompt.text.clone_from(&asked.text);
        prompt.at = prompt.text.len();
        prompt.asked = Some(asked);
        prompt.edited(model);
        // What fits a filter that is there already would hide the lists.
        prompt.menu.clear();
        prompt
    }

    /// A question whether something is meant.
    pub fn confirming(sure: Sure, model: &Model) -> Prompt {
        Prompt { sure: Some(sure), ..Prompt::new(Purpose::Sure, model) }
    }

    /// The label before the text.
    pub fn sign(&self) -> Cow<'static, str> {
        let sign = match self.purpose {
            Purpose::Command => ":",
            Purpose::Filter => "filter: ",
            Purpose::Search { back: false } | Purpose::Narrow => "/",
            Purpose::Search { back: true } => "?",
            Purpose::Quit => "Music is playing. Quit? (y/n) ",
            Purpose::Sure => return self.sure.as_ref().map_or_else(String::new, |sure| sure.question.clone()).into(),
            Purpose::List(_) => return self.asked.as_ref().map_or_else(String::new, Asked::sign).into(),
        };
        sign.into()
    }

    /// Whether a key answers it, so that nothing is typed.
    fn is_question(&self) -> bool {
        matches!(self.purpose, Purpose::Quit | Purpose::Sure) || self.asked.as_ref().is_some_and(Asked::is_question)
    }

    /// Whether the songs of a smart playlist are counted while its line is typed.
    pub fn is_counted(&self) -> bool {
        self.asked.as_ref().is_some_and(Asked::is_counted)
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
        if self.is_question() {
            let yes = matches!(key.code, KeyCode::Char('y' | 'Y'));
            return if yes { Outcome::Done("y".into()) } else { Outcome::Cancelled };
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Outcome::Cancelled,
            KeyCode::Char('c' | 'g') if control => return Outcome::Cancelled,
            // A list is not changed to something invalid: what is wrong stands beside the text.
            KeyCode::Enter if self.asked.is_some() && self.fault.is_some() => {}
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
        if self.is_question() {
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
            _ if fuzzy::typed(&self.text).is_some() => Vec::new(),
            Purpose::Filter => complete_filter(&self.text, model),
            _ if self.is_counted() => complete_filter(&self.text, model),
            _ => Vec::new(),
        };
        self.fault = match self.purpose {
            Purpose::Filter if fuzzy::typed(&self.text).is_some() => None,
            Purpose::Filter => model.language.parse(&self.text).err().map(|fault| fault.to_string()),
            Purpose::List(_) => self.asked.as_ref().and_then(|asked| asked.fault(&self.text, model)),
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
            Purpose::Quit | Purpose::List(_) | Purpose::Sure => &[],
        }
    }

    /// Adds a line.
    pub fn remember(&mut self, purpose: Purpose, line: &str) {
        match purpose {
            Purpose::Command => remember(&mut self.commands, line),
            Purpose::Search { .. } => remember(&mut self.searches, line),
            Purpose::Filter => remember(&mut self.filters, line),
            Purpose::Narrow => remember(&mut self.narrowed, line),
            Purpose::Quit | Purpose::List(_) | Purpose::Sure => {}
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
mod tests;
