//! Carrying out the commands of the screen.

use crate::app::State;
use crate::app::commands;
use crate::app::commands::map::MapAction;
use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::queue::QueueAction;
use crate::app::commands::row::Takes;
use crate::app::commands::screen::{Logged, Motion, ScreenAction, Typing};
use crate::app::commands::session::SessionAction;
use crate::app::commands::words::Entry;
use crate::app::state::log::Matter;
use crate::app::{Model, Msg};
use crate::library::fuzzy;

use super::{Request, Screen};
use crate::tui::layout::{Layout, Pane};
use crate::tui::pages::{self, PANES};
use crate::tui::pane::{self, At, Open, Page};
use crate::tui::prompt::{Prompt, Purpose};

impl Screen {
    /// Carries out a screen command, and returns messages for the session.
    pub(super) fn act(&mut self, action: &ScreenAction, model: &Model) -> Vec<Msg> {
        match action {
            ScreenAction::Why(entry) => return self.why(*entry, model),
            ScreenAction::Info => return self.toggle_info(),
            ScreenAction::Answer => self.show_page(pages::ANSWER, None),
            ScreenAction::Errors => self.show_log(Logged::Only(Some(Matter::File))),
            ScreenAction::Log(logged) => self.show_log(*logged),
            ScreenAction::Lyrics => return self.visit(pages::LYRICS, model),
            ScreenAction::Train => self.show_page(pages::TRAIN, None),
            ScreenAction::AskTrain(on) => return self.ask_train(*on, model),
            ScreenAction::Sound => return self.visit(pages::SOUND, model),
            ScreenAction::Spectrogram => self.show_page(pages::SPECTROGRAM, None),
            ScreenAction::Help(about) => return self.help(about, model),
            ScreenAction::Library => self.show(Pane::Library),
            ScreenAction::Queue => self.show(Pane::Queue),
            ScreenAction::Signature => self.show_page(pages::SIGNATURE, None),
            ScreenAction::Card(dim) => self.show_page(pages::DIMS, dim.map(u64::from)),
            ScreenAction::View(number) => return self.view(*number, model),
            ScreenAction::ViewNamed(name) => return self.view_named(name, model),
            ScreenAction::FocusNext => {
                self.show(if self.focus == Pane::Library { Pane::Queue } else { Pane::Library });
            }
            ScreenAction::GotoPlaying => return self.goto_playing(model),
            ScreenAction::Find { text, back } => return self.find(text, *back, model),
            ScreenAction::FindAgain { back } => return self.find_again(*back, model),
            ScreenAction::Move(motion) => self.go(*motion, model),
            // From any view: the map is made behind the screen.
            ScreenAction::Map(MapAction::Stop) => return self.on_map(MapAction::Stop, model),
            ScreenAction::Map(action) => {
                // Whatever is done on the map shows it.
                let shown = if self.shows(pages::MAP) { Vec::new() } else { self.visit(pages::MAP, model) };
                return [shown, self.on_map(*action, model)].concat();
            }
            ScreenAction::Column(step) if self.shows(pages::MAP) => self.step_map([2 * *step, 0], model),
            ScreenAction::Column(step) if self.shows(pages::SIGNATURE) => return self.enter_card(*step > 0, model),
            ScreenAction::Column(step) if self.focus == Pane::Saved => self.saved.inside = *step > 0,
            // In another list the columns of the library are not seen.
            ScreenAction::Column(step) if self.focus == Pane::Library => self.go_column(*step),
            ScreenAction::Column(_) => return vec![Msg::hint("only the library and the playlists have columns")],
            ScreenAction::Playlists => return self.visit(pages::SAVED, model),
            ScreenAction::List(on) if self.focus == Pane::Saved && self.page.is_none() => {
                return self.on_list(*on, model);
            }
            ScreenAction::List(on) => return say(format!("{} works in the playlists only", on.command())),
            ScreenAction::GroupBy(by) => {
                self.show(Pane::Library);
                self.group_by(*by);
            }
            ScreenAction::Grid(on) => self.arrange_as_grid(*on),
            ScreenAction::Mark => self.mark(model),
            ScreenAction::Cancel => return self.cancel(model),
            ScreenAction::Confirm => return self.confirm(model),
            ScreenAction::Begin(text) => match commands::find(text.split(' ').next().unwrap_or_default()) {
                Ok(_) => self.begin_line(text, model),
                Err(why) => return say(why.to_string()),
            },
            ScreenAction::Type(typing) => return self.begin_typing(*typing, model),
            ScreenAction::AskQuit => return self.ask_quit(model),
            ScreenAction::Redraw => self.request = Some(Request::Redraw),
            ScreenAction::Suspend => self.request = Some(Request::Suspend),
            ScreenAction::Detach => return self.detach(model),
        }
        Vec::new()
    }

    fn go(&mut self, motion: Motion, model: &Model) {
        let page = self.page_rows() as isize;
        match motion {
            Motion::Rows(n) => self.step(n, model),
            Motion::HalfPages(n) => self.step(n * (page / 2).max(1), model),
            Motion::Pages(n) => self.step(n * page, model),
            Motion::Albums(n) => self.album(n, model),
            Motion::To(row) => self.goto(row, model),
        }
    }

    fn begin_typing(&mut self, typing: Typing, model: &Model) -> Vec<Msg> {
        let wants_fuzzy = match typing {
            Typing::Command => {
                self.prompt = Some(Prompt::new(Purpose::Command, model));
                return Vec::new();
            }
            Typing::Search { .. } if self.page.is_some_and(|(page, _)| page.pane.narrows()) => {
                let mut prompt = Prompt::new(Purpose::Narrow, model);
                prompt.insert(&self.narrow, model);
                self.prompt = Some(prompt);
                return Vec::new();
            }
            Typing::Search { back } => {
                self.prompt = Some(Prompt::new(Purpose::Search { back }, model));
                return Vec::new();
            }
            Typing::Filter => false,
            Typing::Fuzzy => true,
        };
        self.show(Pane::Library);
        self.filter.clone_from(&model.filter.text);
        let mut prompt = Prompt::new(Purpose::Filter, model);
        let fuzzy = wants_fuzzy && fuzzy::typed(&model.filter.text).is_none();
        prompt.insert(if fuzzy { "?" } else { &model.filter.text }, model);
        let fuzzy = fuzzy::typed(&prompt.text).is_some();
        self.prompt = Some(prompt);
        vec![Msg::FilterOpened { fuzzy }]
    }

    /// Goes on to the next row of a list, or to the next album.
    pub(super) fn go_on(&mut self, model: &Model) {
        match self.focus {
            Pane::Library if self.page.is_none() && self.shows_grid() => self.go_cell(1),
            _ => self.step(1, model),
        }
    }

    pub(super) fn step(&mut self, step: isize, model: &Model) {
        if self.shows(pages::SIGNATURE) {
            return self.step_signature(step, model);
        }
        if self.shows(pages::TRAIN) {
            return self.step_train(step, model);
        }
        if self.shows(pages::MAP) {
            return self.step_map([0, step], model);
        }
        if self.shows(pages::SOUND) {
            return self.step_sound(step, model);
        }
        if self.is_log() {
            return self.step_log(step, model);
        }
        match (&mut self.page, self.focus) {
            (Some((_, top)), _) => (*top, self.held) = (top.saturating_add_signed(step), true),
            (None, Pane::Library) => self.step_library(step),
            (None, Pane::Saved) => self.step_lists(step, model),
            (None, Pane::Queue) => {
                let mut cursor = self.queue;
                cursor.by(step, model.queue.items().len());
                self.place_in_queue(cursor.at, model);
            }
        }
    }

    fn goto(&mut self, index: usize, model: &Model) {
        if self.shows(pages::SIGNATURE) {
            return self.goto_signature(index, model);
        }
        if self.shows(pages::TRAIN) {
            return self.goto_train(index, model);
        }
        if self.shows(pages::MAP) {
            return self.goto_on_map(index, model);
        }
        if self.shows(pages::SOUND) {
            return self.goto_sound(index, model);
        }
        if self.is_log() {
            return self.goto_log(index, model);
        }
        match (&mut self.page, self.focus) {
            (Some((_, top)), _) => (*top, self.held) = (index, true),
            (None, Pane::Library) => self.goto_library(index),
            (None, Pane::Saved) => self.goto_lists(index, model),
            (None, Pane::Queue) => self.place_in_queue(index, model),
        }
    }

    fn album(&mut self, step: isize, model: &Model) {
        match self.focus {
            Pane::Library if self.page.is_none() && self.shows_grid() => self.go_cell(step),
            Pane::Library if self.page.is_none() => self.library.at = self.rows.album(self.library.at, step),
            // The queue and pages have no albums: ten rows instead.
            _ => self.step(step * 10, model),
        }
    }

    fn show_page(&mut self, pane: &'static dyn pane::Pane, about: Option<u64>) {
        self.page = Some((Page { pane, about }, 0));
        self.begin_page();
    }

    /// Shows the help of the open view, or about a topic or a command.
    fn help(&mut self, about: &str, model: &Model) -> Vec<Msg> {
        if about.is_empty() {
            return self.visit(pages::HELP, model);
        }
        match pages::help_about(about) {
            Ok(about) => self.show_page(pages::HELP, Some(about)),
            Err(why) => return say(why.to_string()),
        }
        Vec::new()
    }

    /// Opens a view by its number, counted from 1.
    pub(super) fn view(&mut self, number: usize, model: &Model) -> Vec<Msg> {
        match number.checked_sub(1).and_then(|at| PANES.get(at)) {
            Some(pane) => self.visit(*pane, model),
            None => say(format!("view wants a number from 1 to {}, or a name: {}", PANES.len(), view_names())),
        }
    }

    /// Opens a view by its name.
    fn view_named(&mut self, name: &str, model: &Model) -> Vec<Msg> {
        match PANES.iter().find(|pane| pane.id() == name) {
            Some(pane) => self.visit(*pane, model),
            None => say(format!("no view '{}': {}", crate::text::sanitize(name), view_names())),
        }
    }

    /// Opens a view.
    pub(super) fn visit(&mut self, pane: &'static dyn pane::Pane, model: &Model) -> Vec<Msg> {
        let open = self.open_view().id();
        let view = PANES.iter().chain([&pages::GRID]).position(|pane| pane.id() == open);
        // A key that has opened a page closes it; a client means the view as such.
        let page = self.page.map(|(page, _)| page).filter(|_| !self.client);
        match pane.open(model, At { focus: self.focus, queue: self.queue.at, view, page }) {
            Open::List(list) => {
                self.show(list);
                if list == Pane::Saved {
                    return vec![Msg::Browse];
                }
            }
            Open::Page(about) => self.toggle(Page { pane, about }),
            Open::Ask(msg) => return vec![*msg],
            Open::Refused(why) => return say(why.into()),
        }
        Vec::new()
    }

    /// Opens a page, or closes it if it is open, except for a client.
    fn toggle(&mut self, page: Page) {
        let open = !self.client && self.page.as_ref().is_some_and(|(open, _)| *open == page);
        self.page = if open { None } else { Some((page, 0)) };
        self.begin_page();
    }

    /// Explains the given item, or else the one that the view chooses.
    fn why(&mut self, entry: Option<Entry>, model: &Model) -> Vec<Msg> {
        let named = match entry {
            Some(Entry::Nth(n)) => model.queue.ahead().get(n - 1),
            Some(Entry::Serial(serial)) => model.queue.get(serial),
            None => return self.visit(pages::WHY, model),
        };
        match named {
            Some(item) => self.toggle(Page { pane: pages::WHY, about: Some(item.serial) }),
            None => return say("the queue has no such track".into()),
        }
        Vec::new()
    }

    fn goto_playing(&mut self, model: &Model) -> Vec<Msg> {
        if self.shows(pages::LYRICS) {
            // Follows what sounds again.
            (self.held, self.hit) = (false, None);
            self.narrow.clear();
            return Vec::new();
        }
        if self.shows(pages::MAP) {
            return self.goto_playing_on_map(model);
        }
        let Some(index) = model.queue.current() else {
            return vec![Msg::error("nothing plays")];
        };
        self.page = None;
        let song = model.queue.items().get(index).map(|i| &i.song.path);
        match (self.focus, song.and_then(|path| self.rows.entry(path))) {
            (Pane::Library, Some(entry)) => self.library.at = entry,
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
                self.mark_songs();
            }
            Pane::Queue => {
                let Some(item) = model.queue.items().get(self.queue.at) else { return };
                if !self.marks.items.remove(&item.serial) {
                    self.marks.items.insert(item.serial);
                }
            }
            Pane::Saved => self.mark_listed(model),
        }
        self.go_on(model);
    }

    /// Shows all of a narrowed page, else closes the page, else the panel, else clears the marks, else the search, else the
    /// filter.
    fn cancel(&mut self, model: &Model) -> Vec<Msg> {
        if self.shows(pages::SIGNATURE)
            && let Some(msgs) = self.cancel_signature(model)
        {
            return msgs;
        }
        if self.shows(pages::MAP) && self.cancel_on_map() {
            return Vec::new();
        }
        if self.page.is_some() && !self.narrow.is_empty() {
            self.narrow.clear();
            return Vec::new();
        }
        let open = self.is_log() && std::mem::take(&mut self.log.open);
        if open || (self.shows(pages::TRAIN) && std::mem::take(&mut self.train.open)) {
            return Vec::new();
        }
        let closed = self.page.take().is_some()
            || std::mem::take(&mut self.info)
            || self.marks.clear()
            || self.search.take().is_some();
        let filtered = !closed && model.filter.shown.is_some();
        if filtered { vec![Msg::Filter(String::new())] } else { Vec::new() }
    }

    pub(super) fn confirm(&mut self, model: &Model) -> Vec<Msg> {
        if self.shows(pages::SIGNATURE) {
            return self.confirm_signature(model);
        }
        if self.shows(pages::TRAIN) {
            return self.confirm_train(model);
        }
        if self.shows(pages::MAP) {
            return self.confirm_on_map(model);
        }
        if self.is_log() {
            return self.confirm_log(model);
        }
        if self.page.take().is_some() {
            return Vec::new();
        }
        match self.focus {
            Pane::Saved => self.open_list(model),
            Pane::Library => {
                let selection = self.take(Takes::SONGS_IF_BARE, "", model);
                vec![Msg::Command { action: PlaybackAction::Play(None).into(), selection }]
            }
            Pane::Queue => {
                let under = model.queue.items().get(self.queue.at).map(|i| Entry::Serial(i.serial));
                under.map(|entry| Msg::command(QueueAction::Jump(Some(entry)))).into_iter().collect()
            }
        }
    }

    /// Lets the terminal go that shows a player without a screen of its own. Whoever asks from elsewhere is told.
    fn detach(&mut self, model: &Model) -> Vec<Msg> {
        if !model.headless {
            return vec![Msg::error("only a player started with --headless can be left; :quit ends this player")];
        }
        if self.unseen {
            return vec![Msg::hint("no terminal shows this player")];
        }
        self.request = Some(Request::Detach);
        vec![Msg::success("the terminal is let go; the music goes on")]
    }

    fn ask_quit(&mut self, model: &Model) -> Vec<Msg> {
        if self.page.take().is_some() {
            return Vec::new();
        }
        if model.headless {
            // Only this terminal leaves.
            return self.detach(model);
        }
        if model.play.state == State::Playing {
            self.prompt = Some(Prompt::new(Purpose::Quit, model));
            return Vec::new();
        }
        vec![Msg::command(SessionAction::Quit)]
    }

    fn page_rows(&self) -> usize {
        if self.page.is_some() {
            return usize::from(self.size.height).saturating_sub(8).max(1);
        }
        if self.focus == Pane::Library && self.shows_grid() {
            return self.tiles().map_or(1, |tiles| tiles.rows);
        }
        let rows = |layout: Layout| match self.focus {
            Pane::Library | Pane::Saved => Layout::rows_of(layout.body),
            Pane::Queue => Layout::queue_rows(layout.queue().0).1,
        };
        let height = self.layout().map_or(1, |layout| rows(layout).height);
        usize::from(height).max(1)
    }
}

/// The names of the views that have a number.
fn view_names() -> String {
    PANES.iter().map(|pane| pane.id()).collect::<Vec<_>>().join(", ")
}

fn say(text: String) -> Vec<Msg> {
    vec![Msg::error(text)]
}
