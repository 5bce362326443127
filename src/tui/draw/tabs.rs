//! The bar of tabs: the views with their numbers and what is in them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::text;
use crate::tui::layout;
use crate::tui::pages::{self, PANES};
use crate::tui::pane::Pane;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::{Span, put, put_right, thousands};

/// Draws the bar. Where it does not fit, first the counts go and then the names of all tabs but the open one.
pub fn tabs(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let key = |command: &str| screen.keymap.key_of(command).map(text::sanitize);
    let hint = |(command, word): (&str, &str)| key(command).map(|key| [(key, Role::Key), (word.into(), Role::Dim)]);
    let help: Vec<Span> =
        [("help", " help "), ("command-line", " command")].into_iter().filter_map(hint).flatten().collect();
    let width = |spans: &[Span]| spans.iter().map(|(text, _)| text::width(text)).sum::<usize>();
    let room = usize::from(area.width);
    let forms = [(true, true), (true, false), (false, false)];
    let fitting = forms.into_iter().map(|(names, counts)| spans(model, screen, names, counts));
    let mut fitting = fitting.skip_while(|spans| width(spans) > room);
    let spans = fitting.next().unwrap_or_default();
    let left = if width(&spans) + width(&help) < room { put_right(buf, area, theme, &help, None) } else { area };
    put(buf, left, theme, &spans, None);
}

/// The view at a column of the bar, by its number.
pub fn at(model: &Model, screen: &Screen, area: Rect, column: u16) -> Option<usize> {
    let room = usize::from(area.width);
    let forms = [(true, true), (true, false), (false, false)];
    let width = |spans: &[Span]| spans.iter().map(|(text, _)| text::width(text)).sum::<usize>();
    let mut fitting = forms.into_iter().map(|(names, counts)| spans(model, screen, names, counts));
    let spans = fitting.find(|spans| width(spans) <= room)?;
    let mut x = usize::from(area.x);
    // Every tab is one span with a blank behind it.
    for (index, (name, _)) in spans.iter().step_by(2).enumerate() {
        x += text::width(name) + 1;
        if usize::from(column) < x {
            return views().nth(index).map(|(number, _)| number);
        }
    }
    None
}

/// The views that have a tab, with their numbers.
fn views() -> impl Iterator<Item = (usize, &'static dyn Pane)> {
    PANES.iter().enumerate().filter(|(_, pane)| pane.has_tab()).map(|(i, pane)| (i + 1, *pane))
}

fn spans(model: &Model, screen: &Screen, names: bool, counts: bool) -> Vec<Span> {
    let open = open(screen);
    let tab = |(number, pane): (usize, &'static dyn Pane)| {
        let here = pane.id() == open.id();
        let name = if names || here { format!(" {}", pane.title(None)) } else { String::new() };
        let count = if counts { count(model, pane) } else { String::new() };
        // The brackets are for terminals and themes without colours.
        let (left, right) = if here { ("[", "]") } else { (" ", " ") };
        let role = if here { Role::TabFocus } else { Role::Tab };
        [(format!("{left}{number}{name}{count}{right}"), role), (" ".to_string(), Role::Text)]
    };
    views().flat_map(tab).collect()
}

/// The open view.
pub fn open(screen: &Screen) -> &'static dyn Pane {
    match (&screen.page, screen.focus) {
        (Some((page, _)), _) if page.pane.is_view() => page.pane,
        (_, layout::Pane::Library) => pages::LIBRARY,
        (_, layout::Pane::Queue) => pages::QUEUE,
        (_, layout::Pane::Saved) => pages::SAVED,
    }
}

fn count(model: &Model, pane: &dyn Pane) -> String {
    let number = match pane.id() {
        id if id == pages::LIBRARY.id() => model.shown().len(),
        id if id == pages::QUEUE.id() => model.queue.ahead().len(),
        id if id == pages::SAVED.id() => model.saved_playlists.len() + model.saved_signatures.len(),
        id if id == pages::LOG.id() => model.faults.len(),
        _ => 0,
    };
    if number == 0 { String::new() } else { format!(" {}", thousands(number)) }
}
