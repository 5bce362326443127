//! Input to the screen: keys, pasted text, and commands from outside.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::app::commands::library::LibraryAction;
use crate::app::commands::row::Args;
use crate::app::commands::screen::ScreenAction;
use crate::app::commands::session::SessionAction;
use crate::app::commands::{self, Action, Line};
use crate::app::{Model, Msg};
use crate::tui::keymap::Meaning;
use crate::tui::keys::Key;
use crate::tui::prompt::{Outcome, Purpose, remember};

use super::Screen;

/// The largest count.
const MOST: usize = 9999;
/// Maximum number of times that a count repeats a command which does not take one.
const REPEATS: usize = 100;

impl Screen {
    /// Handles a key, and returns messages for the session.
    pub fn handle_key(&mut self, event: KeyEvent, model: &Model) -> Vec<Msg> {
        if event.kind == KeyEventKind::Release {
            return Vec::new();
        }
        let key = Key::from(event);
        let msgs = if self.prompt.is_some() { self.prompt_key(key, model) } else { self.list_key(key, model) };
        self.settle(model);
        msgs
    }

    /// Inserts pasted text into the prompt; without a prompt it is ignored.
    pub fn paste(&mut self, text: &str, model: &Model) -> Vec<Msg> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        prompt.insert(text, model);
        let narrows = prompt.purpose == Purpose::Filter && prompt.fault.is_none();
        if narrows { vec![Msg::Filter(prompt.text.clone())] } else { Vec::new() }
    }

    /// Whether a digit is pending as a count or a binding; after half a second [`Screen::timeout`] decides.
    pub fn waits(&self) -> bool {
        self.count.is_some_and(|n| n <= 9) && self.keys.is_empty() && self.prompt.is_none()
    }

    /// No key followed a digit: it is a binding, not a count.
    pub fn timeout(&mut self, model: &Model) -> Vec<Msg> {
        if !self.waits() {
            return Vec::new();
        }
        let digit = self.count.take().and_then(|n| char::from_digit(n as u32, 10)).unwrap_or('0');
        let key = Key { code: KeyCode::Char(digit), modifiers: KeyModifiers::NONE };
        let msgs = match self.keymap.meaning(&[key]) {
            Meaning::Command(line) => {
                let line = line.clone();
                self.dispatch(&line, model)
            }
            Meaning::Prefix | Meaning::Nothing => Vec::new(),
        };
        self.settle(model);
        msgs
    }

    /// Carries out a screen command from outside the screen: from the socket, or from the session.
    pub fn command(&mut self, action: &ScreenAction, model: &Model) -> Vec<Msg> {
        let msgs = self.act(action, model);
        self.settle(model);
        msgs
    }

    /// The characters typed so far of a count or sequence, for the status row.
    pub fn pending(&self) -> String {
        let mut text = self.count.map(|n| n.to_string()).unwrap_or_default();
        text.extend(self.keys.iter().filter_map(|k| match k.code {
            KeyCode::Char(c) if !c.is_control() => Some(c),
            _ => None,
        }));
        text
    }

    fn list_key(&mut self, key: Key, model: &Model) -> Vec<Msg> {
        let digit = match key.code {
            KeyCode::Char(c) if key.modifiers.is_empty() && self.keys.is_empty() => c.to_digit(10),
            _ => None,
        };
        if let Some(digit) = digit.filter(|d| *d > 0 || self.count.is_some()) {
            self.count = Some((self.count.unwrap_or(0) * 10 + digit as usize).min(MOST));
            return Vec::new();
        }
        // Esc first discards a count or an unfinished sequence.
        if key.code == KeyCode::Esc && (self.count.take().is_some() || !self.keys.is_empty()) {
            self.keys.clear();
            return Vec::new();
        }
        self.keys.push(key);
        match self.keymap.meaning(&self.keys) {
            Meaning::Prefix => Vec::new(),
            Meaning::Nothing => {
                self.keys.clear();
                self.count = None;
                Vec::new()
            }
            Meaning::Command(line) => {
                let line = line.clone();
                self.keys.clear();
                match self.count.take() {
                    None => self.dispatch(&line, model),
                    Some(count) => self.repeat(&line, count, model),
                }
            }
        }
    }

    /// Runs a command with a count: as its argument if it takes one, else up to `REPEATS` times.
    fn repeat(&mut self, line: &Line, count: usize, model: &Model) -> Vec<Msg> {
        if matches!(line.command.args, Args::Count) && line.argument.is_empty() {
            return self.typed(line.command.line(&count.to_string(), false), model);
        }
        (0..count.min(REPEATS)).flat_map(|_| self.dispatch(line, model)).collect()
    }

    fn prompt_key(&mut self, key: Key, model: &Model) -> Vec<Msg> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        let (purpose, before) = (prompt.purpose, prompt.text.clone());
        match prompt.key(key, &self.history, model) {
            // The library is filtered anew by every edit that leaves a valid filter.
            Outcome::Open if purpose == Purpose::Filter && prompt.text != before && prompt.fault.is_none() => {
                return vec![Msg::Filter(prompt.text.clone())];
            }
            Outcome::Open => return Vec::new(),
            Outcome::Cancelled => {
                self.prompt = None;
                if purpose == Purpose::Filter {
                    return vec![Msg::Filter(std::mem::take(&mut self.filter))];
                }
            }
            Outcome::Done(line) => {
                self.prompt = None;
                let line = line.trim();
                match purpose {
                    Purpose::Command if !line.is_empty() => {
                        remember(&mut self.history, line);
                        return self.typed(commands::parse(line), model);
                    }
                    Purpose::Command => {}
                    Purpose::Filter => return vec![Msg::command(LibraryAction::Filter(line.to_string()))],
                    Purpose::Search { back } => return self.find(line, back, model),
                    Purpose::Quit => return vec![Msg::command(SessionAction::Quit)],
                }
            }
        }
        Vec::new()
    }

    /// Runs a parsed command line, or shows its error as a notice.
    fn typed(&mut self, line: Result<Line, String>, model: &Model) -> Vec<Msg> {
        match line {
            Ok(line) => self.dispatch(&line, model),
            Err(text) => vec![Msg::Notice { error: true, text }],
        }
    }

    /// Carries out a screen command, or hands another one to the session with its selection.
    fn dispatch(&mut self, line: &Line, model: &Model) -> Vec<Msg> {
        match &line.action {
            Action::Screen(action) => self.act(action, model),
            action => {
                let selection = self.take(line.command.takes, &line.argument, model);
                vec![Msg::Command { action: action.clone(), selection }]
            }
        }
    }
}
