//! The state of the screen: focus, cursors, marks, prompt, open page. The session has copies of focus and cursors only.

mod act;
mod arrange;
mod covers;
mod find;
mod grid;
mod info;
mod input;
mod library;
mod lists;
mod log;
mod map;
mod mouse;
mod pending;
mod selection;
mod settle;
mod signature;
mod sound;
mod train;

use std::path::{Path, PathBuf};

use ratatui::layout::{Rect, Size};

use crate::app::Model;
use crate::app::state::session::View;
use crate::config::{self, Columns};
use crate::library::grouping::By;
use crate::library::playlist::sort::{self, Order};

use self::pending::Pending;
use super::art::Art;
use super::common::Common;
use super::grid::Grid;
use super::kept::Kept;
use super::keymap::Keymap;
use super::layout::{Layout, Pane};
use super::list::{Column, Cursor, MARGIN, Marks, Rows};
use super::log::LogCursor;
use super::map::MapCursor;
use super::mouse::Mouse;
use super::pane::{self, Page};
use super::places::Places;
use super::progress::Steps;
use super::prompt::{History, Prompt};
use super::requests::{QueueSort, Requests};
use super::saved::Saved;
use super::search::Search;
use super::signature::Cursor as SignatureCursor;
use super::train::Cursor as TrainCursor;

/// A request that only the loop can carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Repaint every cell.
    Redraw,
    /// Suspend to the shell.
    Suspend,
    /// Leave the player to itself.
    Detach,
}

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    /// The focused list.
    pub focus: Pane,
    /// The library's cursor: `at` is the index of a song, `top` that of a row.
    pub library: Cursor,
    /// The queue's cursor: `at` and `top` are indices of items.
    pub queue: Cursor,
    /// The cursors of the playlists.
    pub saved: Saved,
    /// The cursor of the signature.
    pub signature: SignatureCursor,
    /// The cursor of the trainings.
    pub train: TrainCursor,
    /// The first row of the view of the sound that was scrolled to; see [`Screen::sound_top`].
    sound: usize,
    /// The columns of the queue that the user chose, in their order.
    pub columns: Vec<config::Column>,
    /// The marked songs and items.
    pub marks: Marks,
    /// The open prompt.
    pub prompt: Option<Prompt>,
    /// The page over the lists, and the first line of it that is shown.
    pub page: Option<(Page, usize)>,
    /// The last search.
    pub search: Option<Search>,
    /// The library's rows.
    pub rows: Rows,
    /// What the library is to be grouped by; its rows say what they are grouped by now.
    pub by: By,
    /// What the library is to be sorted by; empty for its own order.
    pub sort: Vec<Order>,
    /// Whether the library is a grid of albums.
    pub grid: Grid,
    /// Whether the panel about the track under the cursor is open.
    pub info: bool,
    /// The first row shown of the groups, and of their albums.
    pub tops: [usize; 2],
    /// How far scanning and analysis are, as it is shown.
    pub progress: Steps,
    /// What the reasons of the automatic tracks ahead have in common.
    pub common: Common,
    /// The key bindings.
    pub keymap: Keymap,
    /// The cursor of the log.
    pub log: LogCursor,
    /// The open page as it was laid out last.
    kept: Option<Kept>,
    /// Whether nobody sees it: a player without a terminal.
    pub unseen: bool,
    /// Whether a client gave the command that is carried out: a page that it asks for stays open if it is open already.
    client: bool,
    /// How the terminal shows pictures; `None` where there are none.
    pub art: Option<Art>,
    places: Places,
    /// What of the map is seen, and the cursor on it.
    pub map: MapCursor,
    /// Whether the open page was scrolled by hand, so that it no longer follows what plays.
    held: bool,
    /// The column of the library that was chosen; see [`Screen::column`].
    column: Column,
    mouse: Mouse,
    back: bool,
    size: Size,
    pending: Pending,
    history: History,
    /// The text that narrows the open page.
    narrow: String,
    /// The line of the open page that a search found.
    hit: Option<usize>,
    queue_sort: QueueSort,
    requests: Requests,
    request: Option<Request>,
    /// Whether a line or the keys of a command were accepted since messages were last returned.
    accepted: bool,
    /// The filter before another one is typed, restored if the prompt is cancelled.
    filter: String,
    /// The song under the library's cursor, and the serial number of the item under the queue's, to find them again
    /// when the lists change.
    song: Option<PathBuf>,
    item: Option<u64>,
    /// Serial number of the playing item when last settled.
    current: Option<u64>,
    /// The revision of the queue when last settled.
    revision: u64,
}

impl Screen {
    /// The initial screen.
    pub fn new(keymap: Keymap) -> Screen {
        Screen { keymap, columns: Columns::default().queue, ..Screen::default() }
    }

    /// Sets the size of the terminal.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// Takes the pending request to the loop.
    pub fn take_request(&mut self) -> Option<Request> {
        self.request.take()
    }

    /// Whether this page is open.
    pub fn shows(&self, pane: &dyn pane::Pane) -> bool {
        self.page.is_some_and(|(page, _)| page.pane.id() == pane.id())
    }

    /// Forgets the layout of the open page, for tests that change the model without a message.
    #[cfg(test)]
    pub fn forget_layout(&mut self) {
        self.kept = None;
    }

    /// Rows that are kept visible around the cursor; none after a click, which must not move the rows under the mouse.
    pub fn margin(&self) -> usize {
        if self.mouse.clicked() { 0 } else { MARGIN }
    }

    /// The focus and cursors, to be saved with the session.
    pub fn place(&self) -> View {
        let song = self.song.as_deref().and_then(Path::to_str).map(PathBuf::from);
        View {
            queue: self.focus == Pane::Queue,
            song,
            item: self.queue.at,
            playlists: self.focus == Pane::Saved,
            list: self.saved.held.clone(),
            by: self.by.name().into(),
            column: self.column.name().into(),
            sort: sort::text(&self.sort),
            grid: self.grid.on,
        }
    }

    /// What the queue's tracks are sorted by now; empty where nothing sorted them, or they were moved since.
    pub fn queue_order(&self) -> &[Order] {
        if self.queue_sort.order.is_empty() { &[] } else { &self.queue_sort.keys }
    }

    /// The areas of the screen; `None` where it is too small.
    pub fn layout(&self) -> Option<Layout> {
        self.layout_in(Rect::new(0, 0, self.size.width, self.size.height))
    }

    /// The areas of a screen of this area.
    pub fn layout_in(&self, area: Rect) -> Option<Layout> {
        let layout = Layout::of(area)?;
        let layout = if self.places.player.drawn.is_some() { layout.with_cover() } else { layout };
        let covered = self.page.is_some_and(|(page, _)| page.pane.is_view());
        Some(if self.info && !covered { layout.with_info() } else { layout })
    }

    /// Goes to a list.
    pub(super) fn show(&mut self, pane: Pane) {
        self.page = None;
        self.focus = pane;
    }

    /// Forgets how the page before was read.
    pub(super) fn begin_page(&mut self) {
        self.narrow.clear();
        self.hit = None;
        self.held = false;
        self.log = LogCursor::default();
    }

    /// Moves the queue's cursor to an index, limited to the last item.
    pub(super) fn place_in_queue(&mut self, index: usize, model: &Model) {
        self.queue.at = index.min(model.queue.items().len().saturating_sub(1));
        // Otherwise `settle` would move the cursor back to the previous item.
        self.item = model.queue.items().get(self.queue.at).map(|i| i.serial);
    }
}

#[cfg(test)]
mod bindings_tests;
#[cfg(test)]
mod grid_tests;
#[cfg(test)]
mod hint_tests;
#[cfg(test)]
mod info_tests;
#[cfg(test)]
mod keys_tests;
#[cfg(test)]
mod lists_tests;
#[cfg(test)]
mod map_tests;
#[cfg(test)]
mod said_tests;
#[cfg(test)]
mod sort_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod views_tests;
