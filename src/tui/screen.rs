//! The screen's own state: focus, cursors, marks, the line being typed, the open page. The session knows none of it.

mod act;
mod find;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Rect, Size};

use crate::app::commands::library::LibraryAction;
use crate::app::commands::row::{Args, Selection, Takes};
use crate::app::commands::screen::ScreenAction;
use crate::app::commands::session::SessionAction;
use crate::app::commands::{self, Action, Line};
use crate::app::state::session::View;
use crate::app::{Model, Msg};
use crate::library::Song;
use crate::queue::Item;

use super::keymap::{Keymap, Meaning};
use super::keys::Key;
use super::layout::{Layout, Pane};
use super::list::{Cursor, Marks, Rows, window};
use super::pages;
use super::pane::Page;
use super::prompt::{Outcome, Prompt, Purpose, remember};
use super::search::Search;

/// What only the loop can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Draw everything anew.
    Redraw,
    /// Leave to the shell.
    Suspend,
}

/// The most a count before a key can be.
const MOST: usize = 9999;
/// A count repeats a command that takes none at most so often.
const REPEATS: usize = 100;

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    /// The list that has the keys.
    pub focus: Pane,
    /// Cursor of the library, in songs; its window in rows.
    pub library: Cursor,
    /// Cursor of the queue, in items.
    pub queue: Cursor,
    /// What is marked.
    pub marks: Marks,
    /// The line being typed.
    pub prompt: Option<Prompt>,
    /// The page over the lists, and how far it is scrolled.
    pub page: Option<(Page, usize)>,
    /// What was searched for last.
    pub search: Option<Search>,
    /// The library's rows.
    pub rows: Rows,
    /// Keys.
    pub keymap: Keymap,
    back: bool,
    size: Size,
    count: Option<usize>,
    keys: Vec<Key>,
    history: Vec<String>,
    request: Option<Request>,
    /// The filter that stood before one is typed, for when that is given up.
    filter: String,
    /// The song under the library's cursor and the item under the queue's, found again when the lists change.
    song: Option<PathBuf>,
    item: Option<u64>,
    /// The current item when last settled.
    current: Option<u64>,
    /// The revision of the queue when last settled.
    revision: u64,
}

impl Screen {
    /// The screen at its start.
    pub fn new(keymap: Keymap) -> Screen {
        Screen { keymap, ..Screen::default() }
    }

    /// Tells the size of the terminal.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// What the loop is asked to do, once.
    pub fn take_request(&mut self) -> Option<Request> {
        self.request.take()
    }

    /// Fits cursors and windows to the model. Call after every update and key, before drawing.
    pub fn settle(&mut self, model: &Model) {
        if !self.rows.are_of(model.shown()) {
            self.rows = Rows::new(model.shown().clone());
            if let Some(index) = self.song.as_deref().and_then(|p| model.shown().index_of(p)) {
                self.library.at = index;
            }
            self.marks.songs.retain(|path| model.catalog.of_path(path).is_some());
        }
        let items = model.queue.items();
        // A cursor on the playing item goes on with the music.
        let current = model.playing().map(|i| i.serial);
        if current != self.current && current.is_some() && self.item == self.current {
            self.item = current;
        }
        self.current = current;
        // The cursor stays with its item while the queue moves under it.
        let held = self.item.filter(|serial| items.get(self.queue.at).is_none_or(|i| i.serial != *serial));
        if let Some(index) = held.and_then(|serial| items.iter().position(|i| i.serial == serial)) {
            self.queue.at = index;
        }
        self.library.by(0, model.shown().len());
        self.queue.by(0, items.len());
        self.song = model.shown().songs().get(self.library.at).map(|s| s.path.to_path_buf());
        self.item = items.get(self.queue.at).map(|i| i.serial);
        // Marks of items that have left the queue go with them.
        if self.revision != model.queue.revision() && !self.marks.items.is_empty() {
            let there: HashSet<u64> = items.iter().map(|i| i.serial).collect();
            self.marks.items.retain(|serial| there.contains(serial));
        }
        self.revision = model.queue.revision();
        let (library, queue) = self.heights();
        self.library.top = self.rows.top(self.library, library);
        self.queue.top = window(self.queue.top, self.queue.at, items.len(), queue);
        if let Some((page, top)) = &mut self.page {
            let area = Rect::new(0, 0, self.size.width, self.size.height);
            *top = (*top).min(pages::furthest(*page, model, self.keymap.bindings(), area));
        }
    }

    /// Where the screen stands.
    pub fn place(&self) -> View {
        let song = self.song.as_deref().and_then(Path::to_str).map(PathBuf::from);
        View { queue: self.focus == Pane::Queue, song, item: self.queue.at }
    }

    /// Stands where it stood before; call [`Screen::settle`] after.
    pub fn take_up(&mut self, view: View, model: &Model) {
        self.focus = if view.queue { Pane::Queue } else { Pane::Library };
        if let Some(index) = view.song.as_deref().and_then(|p| model.shown().index_of(p)) {
            self.library.at = index;
        }
        self.queue.at = view.item;
        self.item = None;
        // What plays is no news: the cursor is not to go there.
        self.current = model.playing().map(|i| i.serial);
    }

    /// Takes a key; what it asks of the session comes back.
    pub fn handle_key(&mut self, event: KeyEvent, model: &Model) -> Vec<Msg> {
        if event.kind == KeyEventKind::Release {
            return Vec::new();
        }
        let key = Key::from(event);
        let msgs = if self.prompt.is_some() { self.prompt_key(key, model) } else { self.list_key(key, model) };
        self.settle(model);
        msgs
    }

    /// Pasted text goes into the command line, and nowhere else.
    pub fn paste(&mut self, text: &str, model: &Model) -> Vec<Msg> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        prompt.insert(text, model);
        let narrows = prompt.purpose == Purpose::Filter && prompt.fault.is_none();
        if narrows { vec![Msg::Filter(prompt.text.clone())] } else { Vec::new() }
    }

    /// Whether a digit waits to be a count or a view; after half a second [`Screen::timeout`] decides.
    pub fn waits(&self) -> bool {
        self.count.is_some_and(|n| n <= 9) && self.keys.is_empty() && self.prompt.is_none()
    }

    /// No key followed a digit: it was a binding, not a count.
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

    /// A command of the screen that came from outside it (the socket, or the session's answer to one).
    pub fn command(&mut self, action: &ScreenAction, model: &Model) -> Vec<Msg> {
        let msgs = self.act(action, model);
        self.settle(model);
        msgs
    }

    /// The keys typed so far of a sequence or count, for the status line.
    pub fn pending(&self) -> String {
        let mut text = self.count.map(|n| n.to_string()).unwrap_or_default();
        text.extend(self.keys.iter().filter_map(|k| match k.code {
            KeyCode::Char(c) if !c.is_control() => Some(c),
            _ => None,
        }));
        text
    }

    /// The songs that a command is about: the marked ones in the list's order, else the one under the cursor.
    pub fn selected(&self, model: &Model) -> Vec<Arc<Song>> {
        match self.focus {
            Pane::Library if self.marks.songs.is_empty() => {
                model.shown().songs().get(self.library.at).cloned().into_iter().collect()
            }
            Pane::Library => {
                model.shown().songs().iter().filter(|s| self.marks.songs.contains(&*s.path)).cloned().collect()
            }
            Pane::Queue => self.selected_items(model).map(|i| i.song.clone()).collect(),
        }
    }

    fn selected_items<'a>(&self, model: &'a Model) -> impl Iterator<Item = &'a Item> {
        let under = model.queue.items().get(self.queue.at).map(|i| i.serial);
        let marks = self.marks.items.clone();
        let chosen =
            move |i: &&Item| if marks.is_empty() { Some(i.serial) == under } else { marks.contains(&i.serial) };
        model.queue.items().iter().filter(chosen)
    }

    fn heights(&self) -> (usize, usize) {
        let area = Rect::new(0, 0, self.size.width, self.size.height);
        let layout = Layout::of(area, self.focus);
        layout.map_or((0, 0), |l| (usize::from(l.library.height), usize::from(l.queue.height)))
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
        // A count is given up before anything else is.
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

    /// A command with a count: as its argument where it takes one, else so many times.
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
            // The library narrows with every letter that makes sense.
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

    /// A line that was typed: it is carried out, or what is wrong with it is told.
    fn typed(&mut self, line: Result<Line, String>, model: &Model) -> Vec<Msg> {
        match line {
            Ok(line) => self.dispatch(&line, model),
            Err(text) => vec![Msg::Notice { error: true, text }],
        }
    }

    /// Carries a command out here, or hands it to the session with what it takes of the selection.
    fn dispatch(&mut self, line: &Line, model: &Model) -> Vec<Msg> {
        match &line.action {
            Action::Screen(action) => self.act(action, model),
            action => {
                let selection = self.take(line.command.takes, &line.argument, model);
                vec![Msg::Command { action: action.clone(), selection }]
            }
        }
    }

    /// What a command takes of the selection. Marks that it uses up are gone.
    fn take(&mut self, takes: Takes, argument: &str, model: &Model) -> Selection {
        let bare = argument.is_empty();
        let (selection, unmarks) = match takes {
            Takes::Songs { when, unmarks } if when(argument) => {
                (Selection { songs: self.selected(model), items: Vec::new() }, unmarks)
            }
            Takes::Proposals | Takes::Proposal if bare && self.explained().is_some() => {
                let items = self.explained().into_iter().collect();
                self.page = None;
                (Selection { songs: Vec::new(), items }, matches!(takes, Takes::Proposals))
            }
            Takes::Items { .. } | Takes::Proposals if bare => {
                let items = self.selected_items(model).map(|i| i.serial).collect();
                (self.in_queue(items), !matches!(takes, Takes::Items { unmarks: false }))
            }
            Takes::Proposal if bare => {
                let under = model.queue.items().get(self.queue.at).map(|i| i.serial);
                (self.in_queue(under.into_iter().collect()), false)
            }
            Takes::Nothing | Takes::Songs { .. } | Takes::Items { .. } | Takes::Proposals | Takes::Proposal => {
                return Selection::default();
            }
        };
        if unmarks {
            self.marks.clear();
        }
        selection
    }

    /// Items of the queue, where it has the keys.
    fn in_queue(&self, items: Vec<u64>) -> Selection {
        if self.focus == Pane::Queue { Selection { songs: Vec::new(), items } } else { Selection::default() }
    }

    /// The item whose reason is shown.
    fn explained(&self) -> Option<u64> {
        match self.page {
            Some((page, _)) if page.pane.id() == pages::WHY.id() => page.about,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
