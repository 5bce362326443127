//! The commands of the screen, carried out.

use crate::app::State;
use crate::app::action::{Entry, entries};
use crate::app::{Model, Msg};
use crate::latent::named;
use crate::library::fuzzy;
use crate::queue::Origin;

use super::{Pane, Prompt, Purpose, Request, Screen};
use crate::tui::layout::Layout;
use crate::tui::pages::Page;

impl Screen {
    /// Carries out a command of the table whose scope is the screen.
    pub(super) fn act(&mut self, name: &str, argument: &str, model: &Model) -> Vec<Msg> {
        let count = argument.parse::<usize>().ok();
        let n = count.unwrap_or(1).min(1 << 30) as isize;
        let page = self.page_rows() as isize;
        match name {
            "up" => self.step(-n, model),
            "down" => self.step(n, model),
            "half-page-up" => self.step(-n * (page / 2).max(1), model),
            "half-page-down" => self.step(n * (page / 2).max(1), model),
            "page-up" => self.step(-n * page, model),
            "page-down" => self.step(n * page, model),
            "album-previous" => self.album(-n, model),
            "album-next" => self.album(n, model),
            "top" => self.goto(count.map_or(0, |c| c.saturating_sub(1)), model),
            "bottom" => self.goto(count.map_or(usize::MAX, |c| c.saturating_sub(1)), model),
            "library" => self.show(Pane::Library),
            "queue" => self.show(Pane::Queue),
            "focus-next" => self.show(if self.focus == Pane::Library { Pane::Queue } else { Pane::Library }),
            "view" => return self.view(argument, model),
            "help" => self.open(Page::Help),
            "errors" => self.open(Page::Errors),
            "answer" => self.page = Some((Page::Answer, 0)),
            "card" => self.page = Some((card(argument), 0)),
            "why" => return self.why(argument, model),
            "goto-playing" => return self.goto_playing(model),
            "find" => return self.find(argument, false, model),
            "find-back" => return self.find(argument, true, model),
            "search-next" => return self.find_again(false, model),
            "search-previous" => return self.find_again(true, model),
            "mark" => self.mark(model),
            "cancel" => return self.cancel(model),
            "confirm" => return self.confirm(model),
            "command-line" => self.prompt = Some(Prompt::new(Purpose::Command, model)),
            "type-filter" | "type-fuzzy" => {
                self.show(Pane::Library);
                self.filter.clone_from(&model.filter.text);
                let mut prompt = Prompt::new(Purpose::Filter, model);
                let fuzzy = name == "type-fuzzy" && fuzzy::typed(&model.filter.text).is_none();
                prompt.insert(if fuzzy { "?" } else { &model.filter.text }, model);
                let fuzzy = fuzzy::typed(&prompt.text).is_some();
                self.prompt = Some(prompt);
                return vec![Msg::FilterOpened { fuzzy }];
            }
            "search" => self.prompt = Some(Prompt::new(Purpose::Search { back: false }, model)),
            "search-back" => self.prompt = Some(Prompt::new(Purpose::Search { back: true }, model)),
            "ask-quit" => return self.ask_quit(model),
            "redraw" => self.request = Some(Request::Redraw),
            "suspend" => self.request = Some(Request::Suspend),
            _ => {}
        }
        Vec::new()
    }

    /// Puts the queue's cursor on an item.
    pub(super) fn place_in_queue(&mut self, index: usize, model: &Model) {
        self.queue.at = index.min(model.queue.items().len().saturating_sub(1));
        // Settling holds on to the item, so it must be the new one.
        self.item = model.queue.items().get(self.queue.at).map(|i| i.serial);
    }

    fn step(&mut self, step: isize, model: &Model) {
        match (&mut self.page, self.focus) {
            (Some((_, top)), _) => *top = top.saturating_add_signed(step),
            (None, Pane::Library) => self.library.by(step, model.shown().len()),
            (None, Pane::Queue) => {
                let mut cursor = self.queue;
                cursor.by(step, model.queue.items().len());
                self.place_in_queue(cursor.at, model);
            }
        }
    }

    fn goto(&mut self, index: usize, model: &Model) {
        match (&mut self.page, self.focus) {
            (Some((_, top)), _) => *top = index,
            (None, Pane::Library) => self.library.at = index.min(model.shown().len().saturating_sub(1)),
            (None, Pane::Queue) => self.place_in_queue(index, model),
        }
    }

    fn album(&mut self, step: isize, model: &Model) {
        match self.focus {
            Pane::Library if self.page.is_none() => self.library.at = self.rows.album(self.library.at, step),
            // The queue has no albums: a page of ten instead.
            _ => self.step(step * 10, model),
        }
    }

    fn show(&mut self, pane: Pane) {
        self.page = None;
        self.focus = pane;
    }

    fn open(&mut self, page: Page) {
        // The same key closes what it opened.
        let same = self.page.as_ref().is_some_and(|(open, _)| *open == page);
        self.page = if same { None } else { Some((page, 0)) };
    }

    fn view(&mut self, argument: &str, model: &Model) -> Vec<Msg> {
        match argument {
            "1" => self.show(Pane::Library),
            "2" => self.show(Pane::Queue),
            "3" => {
                self.page = Some((Page::Signature, 0));
                return vec![Msg::Command { line: "signature".into(), selected: Vec::new() }];
            }
            "4" => return self.why("", model),
            "5" => self.open(Page::Errors),
            "7" => {
                self.page = Some((Page::Dims, 0));
                return vec![Msg::Command { line: "dims".into(), selected: Vec::new() }];
            }
            _ => self.open(Page::Help),
        }
        Vec::new()
    }

    /// Explains the item that was named, the one under the queue's cursor, or else the playing one.
    fn why(&mut self, argument: &str, model: &Model) -> Vec<Msg> {
        let queue = &model.queue;
        let named = match entries(argument).as_deref() {
            Some([Entry::Nth(n)]) => queue.ahead().get(n - 1),
            Some([Entry::Serial(serial)]) => queue.get(*serial),
            _ if self.focus == Pane::Queue => queue.items().get(self.queue.at),
            // From the library: the playing track, or what comes if that was added by hand.
            _ => match queue.playing() {
                Some(item) if item.origin != Origin::Hand => Some(item),
                other => queue.ahead().iter().find(|i| i.origin != Origin::Hand).or(other),
            },
        };
        match named {
            Some(item) => self.open(Page::Why(item.serial)),
            None => return vec![Msg::Notice { error: true, text: "the queue has no such track".into() }],
        }
        Vec::new()
    }

    fn goto_playing(&mut self, model: &Model) -> Vec<Msg> {
        let Some(index) = model.queue.current() else {
            return vec![Msg::Notice { error: true, text: "nothing plays".into() }];
        };
        self.page = None;
        let song = model.queue.items().get(index).map(|i| &i.song.path);
        match (self.focus, song.and_then(|p| model.shown().index_of(p))) {
            (Pane::Library, Some(place)) => self.library.at = place,
            _ => {
                self.focus = Pane::Queue;
                self.place_in_queue(index, model);
            }
        }
        Vec::new()
    }

    fn mark(&mut self, model: &Model) {
        match self.focus {
            Pane::Library => {
                let Some(song) = model.shown().songs().get(self.library.at) else { return };
                if !self.marks.songs.remove(&*song.path) {
                    self.marks.songs.insert(song.path.to_path_buf());
                }
            }
            Pane::Queue => {
                let Some(item) = model.queue.items().get(self.queue.at) else { return };
                if !self.marks.items.remove(&item.serial) {
                    self.marks.items.insert(item.serial);
                }
            }
        }
        self.step(1, model);
    }

    /// Closes one thing at a time, the uppermost first.
    fn cancel(&mut self, model: &Model) -> Vec<Msg> {
        let closed = self.page.take().is_some() || self.marks.clear() || self.search.take().is_some();
        let filtered = !closed && model.filter.shown.is_some();
        if filtered { vec![Msg::Filter(String::new())] } else { Vec::new() }
    }

    fn confirm(&mut self, model: &Model) -> Vec<Msg> {
        if self.page.take().is_some() {
            return Vec::new();
        }
        match self.focus {
            Pane::Library => self.dispatch("play", model),
            Pane::Queue => {
                let under = model.queue.items().get(self.queue.at);
                let line = under.map(|i| format!("jump #{}", i.serial));
                line.into_iter().map(|line| Msg::Command { line, selected: Vec::new() }).collect()
            }
        }
    }

    fn ask_quit(&mut self, model: &Model) -> Vec<Msg> {
        if self.page.take().is_some() {
            return Vec::new();
        }
        if model.play.state == State::Playing {
            self.prompt = Some(Prompt::new(Purpose::Quit, model));
            return Vec::new();
        }
        vec![Msg::Command { line: "quit".into(), selected: Vec::new() }]
    }

    fn page_rows(&self) -> usize {
        if self.page.is_some() {
            return usize::from(self.size.height).saturating_sub(8).max(1);
        }
        let area = ratatui::layout::Rect::new(0, 0, self.size.width, self.size.height);
        let height = Layout::of(area, self.focus).map_or(1, |l| l.library.height.max(l.queue.height));
        usize::from(height).max(1)
    }
}

/// The page of the dimension that a word names, or of all.
fn card(name: &str) -> Page {
    match name.parse::<u8>() {
        Ok(number) => Page::Card(number.saturating_sub(1)),
        Err(_) => named::find(name).map_or(Page::Dims, Page::Card),
    }
}
