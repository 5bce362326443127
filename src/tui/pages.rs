//! The table of views, and the layout of the open page.

mod answer;
mod dims;
mod help;
mod lists;
mod log;
mod lyrics;
mod map;
mod signature;
mod sound;
mod train;
mod why;

use ratatui::layout::Rect;

use crate::app::Model;

use super::binding::Binding;
use super::draw::Span;
use super::layout::Layout;
use super::list::window;
use super::log::LogCursor;
use super::pane::{Focus, Page, PageInput, Pane, Shown};

pub use help::manual::written as manual;
pub use help::{about as help_about, subjects as help_subjects};

/// The views that have a number, in the order of the numbers. Adding one here is all that makes it known.
pub const PANES: &[&dyn Pane] = &[LIBRARY, QUEUE, SAVED, SIGNATURE, MAP, SOUND, TRAIN, DIMS, LOG, HELP, WHY, LYRICS];

/// The library.
pub const LIBRARY: &dyn Pane = &lists::LIBRARY;
/// The library as a grid of albums: not a view of its own, but keys and hints of its own.
pub const GRID: &dyn Pane = &lists::GRID;
/// The queue.
pub const QUEUE: &dyn Pane = &lists::QUEUE;
/// What the user saved.
pub const SAVED: &dyn Pane = &lists::SAVED;
/// The page of the playlist's signature.
pub const SIGNATURE: &dyn Pane = &signature::Signature;
/// The trainings of encoders.
pub const TRAIN: &dyn Pane = &train::Train;
/// The library as a map.
pub const MAP: &dyn Pane = &map::LibraryMap;
/// The sound of what plays.
pub const SOUND: &dyn Pane = &sound::Sound;
/// The spectrograms that `:spectrogram` asks for.
pub const SPECTROGRAM: &dyn Pane = &sound::Spectrogram;
/// Why an item of the queue was picked; `about` is its serial number.
pub const WHY: &dyn Pane = &why::WhyPicked;
/// What went wrong and what happened behind; `about` is what it is limited to (`tui::log::matter`).
pub const LOG: &dyn Pane = &log::Log;
/// The lyrics of what plays.
pub const LYRICS: &dyn Pane = &lyrics::Words;
/// Keys and commands; what `about` means only the page itself knows ([`help_about`]).
pub const HELP: &dyn Pane = &help::Help;
/// A table of the dimensions, or the card of one; `about` is the dimension, counted from 0.
pub const DIMS: &dyn Pane = &dims::Dims;
/// The last answer that takes several lines.
pub const ANSWER: &dyn Pane = &answer::Answer;

/// Maximum width of a page in columns; longer lines are hard to read.
const WIDEST: u16 = 84;
/// Maximum width of a page that is a table.
const WIDEST_TABLE: u16 = 116;

/// Width in columns of what a client is told: that of a terminal in which commands are typed.
const TOLD: usize = 100;

/// What a page says to a client of the control socket, in several lines; `None` where only a screen can show it.
pub fn told(page: Page, model: &Model, bindings: &[Binding]) -> Option<String> {
    let log = LogCursor::default();
    let shown = Shown { model, bindings, narrow: "", log: &log, panes: PANES, about: page.about, columns: TOLD };
    let lines = page.pane.told(&shown);
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A page as it stands on the screen.
#[derive(Debug)]
pub struct Laid {
    /// Its box, or the body of the screen where it is a view.
    pub area: Rect,
    /// The area of its lines.
    pub inside: Rect,
    /// Its lines, each fitted to that area.
    pub lines: Vec<Vec<Span>>,
    /// The lines that are kept in sight.
    pub focus: Option<Focus>,
}

/// Lays a page out: a view fills the body under its heading, any other is a box in the middle of the screen.
pub fn laid_out(page: Page, model: &Model, input: PageInput<'_>, screen: Rect) -> Laid {
    let widest = if page.pane.is_table(page.about) { WIDEST_TABLE } else { WIDEST };
    let PageInput { bindings, narrow, log, .. } = input;
    let made = |columns: u16| {
        let (about, columns) = (page.about, usize::from(columns));
        let shown = Shown { model, bindings, narrow, log, panes: PANES, about, columns };
        page.pane.laid(&shown)
    };
    if let Some(layout) = Layout::of(screen).filter(|_| page.pane.is_view()) {
        let area = layout.body;
        let rows = Layout::rows_of(area);
        let margin = u16::from(rows.width > WIDEST);
        let inside = Rect { x: rows.x + margin, width: (rows.width - margin).min(widest.max(WIDEST_TABLE)), ..rows };
        let (lines, focus) = made(inside.width);
        return Laid { area, inside, lines, focus };
    }
    let width = screen.width.saturating_sub(4).min(widest);
    let (lines, focus) = made(width.saturating_sub(4));
    let tall = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let height = screen.height.saturating_sub(4).min(tall);
    let area =
        Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 2, width, height };
    let inside =
        Rect { x: area.x + 2, y: area.y + 1, width: width.saturating_sub(4), height: height.saturating_sub(2) };
    Laid { area, inside, lines, focus }
}

impl Laid {
    /// The first line to show, which was `top` so far; `held` if the page was scrolled by hand.
    pub fn first_line(&self, top: usize, held: bool) -> usize {
        let (lines, height) = (self.lines.len(), usize::from(self.inside.height));
        let top = match &self.focus {
            Some(Focus::Middle(rows)) if !held => (rows.start.midpoint(rows.end)).saturating_sub(height / 2),
            Some(Focus::Cursor(rows)) if !rows.is_empty() => {
                // Of what is taller than the page, the beginning is shown.
                let top = window(top, rows.end - 1, lines, height, 0);
                window(top, rows.start, lines, height, 0)
            }
            _ => top,
        };
        top.min(lines.saturating_sub(height))
    }
}
