//! The table of views, and the layout of the open page.

mod answer;
mod dims;
mod errors;
mod help;
mod lists;
mod signature;
mod why;

use ratatui::layout::Rect;

use crate::app::Model;

use super::draw::Span;
use super::keys::Binding;
use super::pane::{Page, Pane, Shown};

/// The views that have a number, in the order of the numbers. Adding one here is all that makes it known.
pub const PANES: &[&dyn Pane] = &[&lists::Library, &lists::Queue, SIGNATURE, WHY, ERRORS, HELP, DIMS];

/// The page of the playlist's signature.
pub const SIGNATURE: &dyn Pane = &signature::Signature;
/// Why an item of the queue was picked; `about` is its serial number.
pub const WHY: &dyn Pane = &why::WhyPicked;
/// Files that cannot be used.
pub const ERRORS: &dyn Pane = &errors::Errors;
/// Keys and commands.
pub const HELP: &dyn Pane = &help::Help;
/// A table of the dimensions, or the card of one; `about` is the dimension, counted from 0.
pub const DIMS: &dyn Pane = &dims::Dims;
/// The last answer that takes several lines.
pub const ANSWER: &dyn Pane = &answer::Answer;

/// Maximum width of a page in columns; longer lines are hard to read.
const WIDEST: u16 = 84;
/// Maximum width of a page that is a table.
const WIDEST_TABLE: u16 = 116;

/// The box of a page, centred on the screen, and its lines, each fitted to the box.
pub fn laid_out(page: Page, model: &Model, bindings: &[Binding], screen: Rect) -> (Rect, Vec<Vec<Span>>) {
    let widest = if page.pane.is_table(page.about) { WIDEST_TABLE } else { WIDEST };
    let width = screen.width.saturating_sub(4).min(widest);
    let columns = usize::from(width.saturating_sub(4));
    let lines = page.pane.lines(&Shown { model, bindings, about: page.about, columns });
    let height = screen.height.saturating_sub(4).min(lines.len() as u16 + 2);
    let area =
        Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 2, width, height };
    (area, lines)
}

/// The largest first line to which a page can be scrolled.
pub fn furthest(page: Page, model: &Model, bindings: &[Binding], screen: Rect) -> usize {
    let (area, lines) = laid_out(page, model, bindings, screen);
    lines.len().saturating_sub(usize::from(area.height.saturating_sub(2)))
}
