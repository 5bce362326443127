//! Mouse input: clicks, the wheel, and dragging the progress, the volume and the rows of the queue.

use std::time::Duration;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::queue::QueueAction;
use crate::app::commands::sound::{Loudly, SoundAction};
use crate::app::commands::words::{Amount, Entry};
use crate::app::{Model, Msg};
use crate::tui::draw::{library, player, queue, tabs};
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::{Column, Cursor, Row};
use crate::tui::mouse::Held;
use crate::tui::pages::{self, PANES};
use crate::tui::saved;

use super::Screen;

/// The longest time between the clicks of a double click.
const DOUBLE: Duration = Duration::from_millis(400);
/// Rows that a step of the wheel moves the cursor.
const WHEEL: isize = 3;
/// Percent that a step of the wheel changes the volume.
const LOUDER: i32 = 5;

impl Screen {
    /// Handles a mouse event and returns what it asks of the session.
    pub fn handle_mouse(&mut self, event: MouseEvent, model: &Model) -> Vec<Msg> {
        let Some(layout) = self.layout() else { return Vec::new() };
        let at = Position { x: event.column, y: event.row };
        let msgs = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.press(at, &layout, model),
            MouseEventKind::Drag(MouseButton::Left) => self.drag(at, &layout, model),
            MouseEventKind::Up(_) => self.release(model),
            MouseEventKind::ScrollUp => self.wheel(-1, at, &layout, model),
            MouseEventKind::ScrollDown => self.wheel(1, at, &layout, model),
            _ => Vec::new(),
        };
        self.settle(model);
        msgs
    }

    fn wheel(&mut self, step: isize, at: Position, layout: &Layout, model: &Model) -> Vec<Msg> {
        // A page over the lists scrolls wherever the mouse is.
        let covered = self.page.is_some_and(|(page, _)| !page.pane.is_view());
        if !covered && (layout.player.contains(at) || layout.then.contains(at)) {
            let by = if step < 0 { LOUDER } else { -LOUDER };
            return vec![Msg::command(SoundAction::Volume(Some(Loudly::Percent(Amount::By(by)))))];
        }
        if self.prompt.is_none() && self.shows(pages::MAP) && layout.body.contains(at) {
            self.press_map(at, model);
            self.zoom_map(if step < 0 { 1 } else { -1 }, model);
            return Vec::new();
        }
        if self.prompt.is_none() {
            self.mouse.forget();
            let grid = self.page.is_none() && self.focus == Pane::Library && self.shows_grid();
            self.step(step * if grid { 1 } else { WHEEL }, model);
        }
        Vec::new()
    }

    fn press(&mut self, at: Position, layout: &Layout, model: &Model) -> Vec<Msg> {
        let last = self.mouse.clicked_at.take();
        let double = last.is_some_and(|(when, place)| place == at && model.now.saturating_sub(when) <= DOUBLE);
        self.mouse.clicked_at = Some((model.now, at));
        self.mouse.held = Held::Nothing;
        if self.prompt.is_some() {
            return Vec::new();
        }
        if let Some((page, _)) = self.page.filter(|(page, _)| !page.pane.is_view()) {
            // A click beside a page that is open over the lists closes it, and does nothing else.
            let screen = Rect::new(0, 0, self.size.width, self.size.height.saturating_sub(1));
            if !self.laid(page, model, screen).area.contains(at) {
                self.page = None;
            }
            return Vec::new();
        }
        if layout.tabs.contains(at) {
            let number = tabs::at(model, self, layout.tabs, at.x);
            let open = tabs::open(self).id();
            let other = number.filter(|number| PANES.get(number - 1).is_some_and(|pane| pane.id() != open));
            return other.map_or_else(Vec::new, |number| self.view(number, model));
        }
        if layout.player.contains(at) {
            if player::volume(model, layout.player).contains(at) {
                self.mouse.held = Held::Volume;
            } else if player::bar_of(model, layout.player).contains(at) {
                self.mouse.held = Held::Progress;
            }
            return self.drag(at, layout, model);
        }
        if self.shows(pages::SIGNATURE) {
            self.press_signature(at, model);
            return Vec::new();
        }
        if self.shows(pages::TRAIN) {
            self.press_train(at, model);
            return Vec::new();
        }
        if self.shows(pages::MAP) {
            let hit = self.press_map(at, model);
            if hit && double {
                return self.confirm(model);
            }
            self.mouse.held = self.map.at.filter(|_| hit).map_or(Held::Nothing, Held::Map);
            return Vec::new();
        }
        if self.shows(pages::SOUND) {
            return self.press_sound(at, model);
        }
        if self.page.is_some() || !layout.body.contains(at) {
            return Vec::new();
        }
        if self.focus == Pane::Queue {
            let heads = queue::queue_heads(model, self, Layout::queue_rows(layout.queue().0).0);
            if let Some(head) = heads.iter().find(|head| head.area.contains(at)) {
                return self.sort_queue_by(head.key, model);
            }
        }
        let before = self.focus;
        let hit = match self.focus {
            Pane::Library => self.press_library(at, layout, model),
            Pane::Queue => self.press_queue(at, Layout::queue_rows(layout.queue().0).1, self.queue.top, model),
            Pane::Saved => self.press_lists(at, layout.body, model),
        };
        if self.focus != before {
            // A second click at this place would hit another row.
            self.mouse.clicked_at = None;
        }
        if hit && double { self.confirm(model) } else { Vec::new() }
    }

    fn drag(&mut self, at: Position, layout: &Layout, model: &Model) -> Vec<Msg> {
        // The share of a bar up to and with the cell under the mouse; its first cell alone is its beginning.
        let share = |area: Rect| {
            let cells = f64::from(area.width.saturating_sub(1).max(1));
            (f64::from(at.x.saturating_sub(area.x)) / cells).clamp(0.0, 1.0)
        };
        match self.mouse.held {
            Held::Progress if model.playing().is_some() && model.duration() > 0.0 => {
                let secs = share(player::bar_of(model, layout.player)) * model.duration();
                vec![Msg::command(PlaybackAction::Seek(Amount::To(secs)))]
            }
            Held::Volume => {
                let percent = (share(player::volume(model, layout.player)) * 100.0).round() as i32;
                vec![Msg::command(SoundAction::Volume(Some(Loudly::Percent(Amount::To(percent)))))]
            }
            Held::Spectrogram if self.shows(pages::SOUND) => self.seek_in_sound(at, model),
            Held::Item(_) => {
                // The cursor shows where the item will go; it moves when the button is released.
                let rows = Layout::queue_rows(layout.queue().0).1;
                let row = usize::from(at.y.clamp(rows.y, rows.bottom().max(rows.y + 1) - 1) - rows.y);
                self.place_in_queue(self.queue.top + row, model);
                Vec::new()
            }
            Held::Map(from) if self.shows(pages::MAP) => {
                self.drag_on_map(from, at, model);
                Vec::new()
            }
            Held::Progress | Held::Spectrogram | Held::Map(_) | Held::Nothing => Vec::new(),
        }
    }

    /// Moves the item that was dragged to the place of the one under the cursor; chooses the area that was drawn on the map.
    fn release(&mut self, model: &Model) -> Vec<Msg> {
        let serial = match std::mem::take(&mut self.mouse.held) {
            Held::Item(serial) => serial,
            Held::Map(from) => return self.end_drag_on_map(from, model),
            Held::Nothing | Held::Progress | Held::Volume | Held::Spectrogram => return Vec::new(),
        };
        let over = model.queue.items().get(self.queue.at).map(|item| item.serial);
        let ahead = |serial: u64| model.queue.ahead().iter().any(|item| item.serial == serial);
        match over.filter(|over| *over != serial && ahead(*over) && ahead(serial)) {
            Some(over) => {
                // The cursor stays with the item.
                self.item = Some(serial);
                vec![Msg::command(QueueAction::Move(Entry::Serial(serial), Entry::Serial(over)))]
            }
            None => Vec::new(),
        }
    }

    /// Puts the cursor on the row of the library under the mouse; whether there is one.
    fn press_library(&mut self, at: Position, layout: &Layout, model: &Model) -> bool {
        if self.shows_grid() {
            return self.press_grid(at, layout);
        }
        let Some(columns) = self.library_columns() else { return false };
        let row = usize::from(at.y - Layout::rows_of(layout.body).y.min(at.y));
        let heading = at.y == layout.body.y;
        if columns.queue.contains(at) {
            self.show(Pane::Queue);
            return false;
        }
        let column = if columns.groups.contains(at) {
            Column::Groups
        } else if columns.albums.contains(at) {
            Column::Albums
        } else {
            Column::Tracks
        };
        if heading {
            // The heading of the groups groups anew, the head of a column sorts; any heading moves the cursor to its column.
            let heads = library::track_heads(model, self, columns.tracks);
            if let Some(head) = heads.iter().find(|head| head.area.contains(at)) {
                self.sort_by(head.key);
            }
            if column == Column::Groups && self.column() == Column::Groups {
                self.group_by(None);
            }
            self.column = column;
            return false;
        }
        let entry = match column {
            Column::Groups => {
                let group = self.tops[0] + row;
                (group < self.rows.groups().len()).then(|| self.rows.of_group(group).start)
            }
            Column::Albums => self.rows.albums_in(&self.group()).get(self.tops[1] + row).map(|at| *at as usize),
            Column::Tracks => {
                let (listed, bare) = self.listed();
                let shown = self.rows.rows_of(&listed, bare);
                let hit = Some(self.library.top.max(shown.start) + row).filter(|row| *row < shown.end);
                hit.and_then(|row| self.rows.rows().get(row)).map(|row| match row {
                    Row::Album(entry) | Row::Song(entry) => *entry as usize,
                })
            }
        };
        let Some(entry) = entry else { return false };
        (self.column, self.library.at) = (column, entry);
        true
    }

    fn press_queue(&mut self, at: Position, rows: Rect, top: usize, model: &Model) -> bool {
        if !rows.contains(at) {
            return false;
        }
        let index = top + usize::from(at.y - rows.y);
        let Some(item) = model.queue.items().get(index) else { return false };
        self.place_in_queue(index, model);
        self.mouse.held = Held::Item(item.serial);
        true
    }

    fn press_lists(&mut self, at: Position, body: Rect, model: &Model) -> bool {
        let rows = Layout::rows_of(body);
        if !rows.contains(at) {
            return false;
        }
        let row = usize::from(at.y - rows.y);
        let lists = model.lists.as_deref().unwrap_or_default();
        if crate::tui::draw::saved::in_songs(self, at, body) {
            let songs = self.list(model).map_or(0, |list| list.songs.len());
            let index = self.saved.song.top + row;
            if index >= songs {
                return false;
            }
            (self.saved.inside, self.saved.song.at) = (true, index);
            return true;
        }
        let Some(saved::Row::List(index)) = saved::rows(lists).get(self.saved.list.top + row).copied() else {
            return false;
        };
        if index != self.saved.list.at {
            (self.saved.song, self.saved.held, self.saved.wanted) = (Cursor::default(), None, None);
        }
        (self.saved.inside, self.saved.list.at) = (false, index);
        true
    }
}
