//! Input to the screen: keys, pasted text, and commands from outside.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use crate::app::Refusal;
use crate::app::commands::library::LibraryAction;
use crate::app::commands::playlist::PlaylistAction;
use crate::app::commands::queue::QueueAction;
use crate::app::commands::row::Args;
use crate::app::commands::screen::ScreenAction;
use crate::app::commands::session::SessionAction;
use crate::app::commands::{self, Action, Line};
use crate::app::{Model, Msg};
use crate::notice::Kind;
use crate::tui::keys::Key;
use crate::tui::layout::Pane;
use crate::tui::log::LogCursor;
use crate::tui::prompt::{Outcome, Purpose};
use crate::tui::search::Search;

use super::Screen;
use super::pending::Step;

/// Maximum number of times that a count repeats a command which does not take one.
const REPEATS: usize = 100;

impl Screen {
    /// Handles a key, and returns messages for the session.
    pub fn handle_key(&mut self, event: KeyEvent, model: &Model) -> Vec<Msg> {
        if event.kind == KeyEventKind::Release {
            return Vec::new();
        }
        self.mouse.forget();
        let key = Key::from(event);
        let msgs = if self.prompt.is_some() { self.prompt_key(key, model) } else { self.list_key(key, model) };
        self.settle(model);
        self.renewed(msgs, model)
    }

    /// Inserts pasted text into the prompt; without a prompt it is ignored.
    pub fn paste(&mut self, text: &str, model: &Model) -> Vec<Msg> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        prompt.insert(text, model);
        if prompt.purpose == Purpose::Narrow {
            self.narrow_page();
            return Vec::new();
        }
        if prompt.fault.is_some() {
            return Vec::new();
        }
        match prompt.purpose {
            Purpose::Filter => vec![Msg::Filter(prompt.text.clone())],
            _ if prompt.is_counted() => vec![Msg::Count(prompt.text.clone())],
            _ => Vec::new(),
        }
    }

    /// Whether digits are pending that may be a count or a binding; after half a second [`Screen::timeout`] decides.
    pub fn waits(&self) -> bool {
        let scope = self.open_view().scope();
        self.prompt.is_none() && self.pending.digits_alone(|keys| self.keymap.meaning(scope, keys)).is_some()
    }

    /// No key followed the digits: they are a binding, not a count.
    pub fn timeout(&mut self, model: &Model) -> Vec<Msg> {
        let scope = self.open_view().scope();
        let line = self.pending.digits_alone(|keys| self.keymap.meaning(scope, keys)).cloned();
        let Some(line) = line.filter(|_| self.prompt.is_none()) else { return Vec::new() };
        self.pending.clear();
        let msgs = self.dispatch(&line, model);
        self.settle(model);
        self.renewed(msgs, model)
    }

    /// Has what was said before go first where a command was accepted: beside a command that says nothing, the error of
    /// an earlier one would look like its own. A success would not.
    fn renewed(&mut self, mut msgs: Vec<Msg>, model: &Model) -> Vec<Msg> {
        let stale = model.notice.as_ref().is_some_and(|notice| notice.kind != Kind::Success);
        if std::mem::take(&mut self.accepted) && stale {
            msgs.insert(0, Msg::Accepted);
        }
        msgs
    }

    /// Carries out a screen command from outside the screen: from a client of the control socket, or from the session.
    pub fn command(&mut self, action: &ScreenAction, client: bool, model: &Model) -> Vec<Msg> {
        self.client = client;
        let msgs = self.act(action, model);
        self.client = false;
        self.settle(model);
        msgs
    }

    /// The characters typed so far of a count or sequence, for the status row.
    pub fn pending(&self) -> String {
        self.pending.text()
    }

    fn list_key(&mut self, key: Key, model: &Model) -> Vec<Msg> {
        // Esc first discards a count or an unfinished sequence.
        if key.code == KeyCode::Esc && self.pending.clear() {
            return Vec::new();
        }
        let scope = self.open_view().scope();
        match self.pending.push(key, |keys| self.keymap.meaning(scope, keys)) {
            Step::Wait => Vec::new(),
            Step::Unbound(keys) => self.unbound(&keys),
            Step::Run(line, count) => {
                let line = line.clone();
                match count {
                    None => self.dispatch(&line, model),
                    Some(count) => self.repeat(&line, count, model),
                }
            }
        }
    }

    /// Says that keys are bound to nothing. A lone escape is no attempt at a command.
    fn unbound(&self, keys: &[Key]) -> Vec<Msg> {
        let named: Option<Vec<String>> = keys.iter().map(Key::name).collect();
        let Some(named) = named.filter(|named| *named != ["esc"]) else { return Vec::new() };
        let help = self.keymap.key_of("help").unwrap_or(":help");
        vec![Msg::hint(format!("{} is not bound; {help} shows the keys", named.join(" ")))]
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
        match prompt.key(key, self.history.of(purpose), model) {
            // The library is filtered anew by every edit that leaves a valid filter.
            Outcome::Open if purpose == Purpose::Filter && prompt.text != before && prompt.fault.is_none() => {
                return vec![Msg::Filter(prompt.text.clone())];
            }
            Outcome::Open if prompt.is_counted() && prompt.text != before && prompt.fault.is_none() => {
                return vec![Msg::Count(prompt.text.clone())];
            }
            Outcome::Open if purpose == Purpose::Narrow => self.narrow_page(),
            Outcome::Open => return Vec::new(),
            Outcome::Cancelled => {
                self.prompt = None;
                match purpose {
                    Purpose::Filter => return vec![Msg::Filter(std::mem::take(&mut self.filter))],
                    Purpose::Narrow => self.narrow.clear(),
                    Purpose::Command | Purpose::Search { .. } | Purpose::Quit | Purpose::List(_) | Purpose::Sure => {}
                }
            }
            Outcome::Done(line) => {
                let (asked, sure) = self.prompt.take().map_or((None, None), |prompt| (prompt.asked, prompt.sure));
                let line = line.trim();
                self.history.remember(purpose, line);
                // A command line is accepted only once it was parsed.
                self.accepted |= purpose != Purpose::Command;
                match purpose {
                    Purpose::Command if !line.is_empty() => return self.typed(commands::parse(line), model),
                    // Once all rows are shown again, the same text can be searched for.
                    Purpose::Narrow if self.is_log() && !line.is_empty() => {
                        (self.search, self.back) = (Some(Search::new(line, &model.language)), false);
                    }
                    Purpose::Command | Purpose::Narrow => {}
                    Purpose::Filter => return vec![Msg::command(LibraryAction::Filter(line.to_string()))],
                    Purpose::Search { back } => return self.find(line, back, model),
                    Purpose::Quit => return vec![Msg::command(SessionAction::Quit)],
                    Purpose::Sure => return sure.map(|sure| Msg::command(sure.action)).into_iter().collect(),
                    Purpose::List(_) => {
                        return asked.map_or_else(Vec::new, |asked| self.answered(&asked, line, model));
                    }
                }
            }
        }
        Vec::new()
    }

    /// Narrows the page to the lines with the text in the prompt, and shows the first of them.
    fn narrow_page(&mut self) {
        let Some(prompt) = &self.prompt else { return };
        if self.narrow == prompt.text {
            return;
        }
        self.narrow.clone_from(&prompt.text);
        if let Some((_, top)) = &mut self.page {
            *top = 0;
        }
        self.log = LogCursor::default();
    }

    /// Runs a parsed command line, or shows its error as a notice.
    fn typed(&mut self, line: Result<Line, Refusal>, model: &Model) -> Vec<Msg> {
        match line {
            Ok(line) => self.dispatch(&line, model),
            Err(text) => vec![Msg::error(text)],
        }
    }

    /// Carries out a screen command, or hands another one to the session with its selection.
    fn dispatch(&mut self, line: &Line, model: &Model) -> Vec<Msg> {
        // Whoever looks around, or opens an input line, may be reading still.
        self.accepted |= match &line.action {
            Action::Screen(action) => changes(action),
            _ => true,
        };
        match &line.action {
            Action::Screen(action) => self.act(action, model),
            Action::Queue(QueueAction::Sort(sorting)) => self.sort(sorting, model),
            // Appended as a whole it is one change, which can be undone.
            Action::Queue(QueueAction::Enqueue(None)) if self.whole_playlist(model).is_some() => {
                let name = self.whole_playlist(model).map(str::to_string);
                name.map(|name| Msg::command(PlaylistAction::Append(name))).into_iter().collect()
            }
            Action::Trial(action) => match self.about_dimension(action, model) {
                Some(action) => {
                    let selection = self.take(line.command.takes, &line.argument, model);
                    vec![Msg::Command { action: action.into(), selection }]
                }
                None => Vec::new(),
            },
            action => {
                let adds = matches!(action, Action::Queue(QueueAction::Enqueue(None) | QueueAction::EnqueueNext(None)));
                let goes_on = adds && self.page.is_none() && self.is_on_songs(model);
                let selection = self.take(line.command.takes, &line.argument, model);
                // As in cmus, the cursor goes on to the next row, so that the key can be pressed again.
                if goes_on && !selection.songs.is_empty() {
                    self.go_on(model);
                }
                vec![Msg::Command { action: action.clone(), selection }]
            }
        }
    }

    /// Whether the selection is what is under the cursor, and not a whole saved list.
    fn is_on_songs(&self, model: &Model) -> bool {
        match self.focus {
            Pane::Library => self.marks.songs.is_empty(),
            Pane::Queue => self.marks.items.is_empty(),
            Pane::Saved => self.saved.inside && self.marked_in_list(model).is_empty(),
        }
    }
}

/// Whether a command of the screen changes something, rather than showing another part of it.
fn changes(action: &ScreenAction) -> bool {
    matches!(
        action,
        ScreenAction::AskTrain(_)
            | ScreenAction::List(_)
            | ScreenAction::Map(_)
            | ScreenAction::Find { .. }
            | ScreenAction::FindAgain { .. }
            | ScreenAction::GroupBy(_)
            | ScreenAction::Grid(_)
            | ScreenAction::Mark
            | ScreenAction::Cancel
            | ScreenAction::Confirm
    )
}
