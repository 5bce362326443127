//! The table of views, and where the open page stands.

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

/// Every view that has a number, in the order of the numbers: a row here is all that makes one known.
pub const PANES: &[&dyn Pane] = &[&lists::Library, &lists::Queue, SIGNATURE, WHY, ERRORS, HELP, DIMS];

/// The signature of the playlist.
pub const SIGNATURE: &dyn Pane = &signature::Signature;
/// Why an item of the queue was picked, by its serial number.
pub const WHY: &dyn Pane = &why::WhyPicked;
/// Files that cannot be used.
pub const ERRORS: &dyn Pane = &errors::Errors;
/// Keys and commands.
pub const HELP: &dyn Pane = &help::Help;
/// What the dimensions mean, or one of them, counted from 0.
pub const DIMS: &dyn Pane = &dims::Dims;
/// The last answer of several lines.
pub const ANSWER: &dyn Pane = &answer::Answer;

/// The widest a page becomes; longer lines are hard to read.
const WIDEST: u16 = 84;
/// Tables may be wider.
const WIDEST_TABLE: u16 = 116;

/// A page's box in the middle of a screen, and its lines, each fitted to the box.
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

/// How far a page can be scrolled.
pub fn furthest(page: Page, model: &Model, bindings: &[Binding], screen: Rect) -> usize {
    let (area, lines) = laid_out(page, model, bindings, screen);
    lines.len().saturating_sub(usize::from(area.height.saturating_sub(2)))
}
