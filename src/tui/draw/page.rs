//! A page: the lines of a view in the body, or a box with scrolling lines over it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text;
use crate::tui::pages::Laid;
use crate::tui::pane::{self, Focus, Page};
use crate::tui::theme::{Role, Theme};

use super::{Span, heading, put};

/// Draws a page in the body or in a box centred on the screen, scrolled to its line `top`. Lines with the text `sought`
/// are marked, if it is not empty.
pub fn page((page, top): (Page, usize), laid: &Laid, sought: &str, theme: &Theme, buf: &mut Buffer) {
    let Laid { area, inside, lines, focus } = laid;
    let (area, inside) = (*area, *inside);
    if area.width < 4 || area.height < 3 {
        return;
    }
    let height = usize::from(inside.height);
    let top = top.min(lines.len().saturating_sub(height));
    let title = page.pane.title(page.about);
    if page.pane.is_view() {
        let place = if lines.len() > height { place(top, height, lines.len()) } else { String::new() };
        heading(buf, area, theme, (title, Role::TabFocus), &place);
    } else {
        clear(theme, buf, area);
        border(title, top, lines.len(), theme, buf, area);
    }
    for (y, spans) in lines.iter().skip(top).take(height).enumerate() {
        let found = !sought.is_empty() && pane::holds(spans, sought);
        let marked: Vec<Span> = match found {
            true => spans.iter().map(|(words, _)| (words.clone(), Role::Match)).collect(),
            false => Vec::new(),
        };
        let spans = if found { &marked } else { spans };
        let row = Rect { y: inside.y + y as u16, height: 1, ..inside };
        // The cursor is on the first line of what it is on; the lines below it are read.
        let here = matches!(focus, Some(Focus::Cursor(rows)) if !rows.is_empty() && rows.start == top + y);
        let base = here.then(|| theme.style(Role::Text).patch(theme.style(Role::Selected)));
        if let Some(base) = base {
            buf.set_style(row.intersection(buf.area), base);
        }
        put(buf, row, theme, spans, base);
    }
}

/// Which lines are shown.
fn place(top: usize, height: usize, lines: usize) -> String {
    format!("{}–{} of {lines}", top + 1, (top + height).min(lines))
}

/// Clears the ground of a box.
fn clear(theme: &Theme, buf: &mut Buffer, area: Rect) {
    let ground = theme.style(Role::Text).patch(theme.style(Role::Popup));
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            buf[(x, y)].reset();
        }
        // A wide character that begins in the column left of the box would cover its border.
        if let Some(cell) = area.left().checked_sub(1).and_then(|x| buf.cell_mut((x, y)))
            && text::width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
    buf.set_style(area, ground);
}

fn border(title: &str, top: usize, lines: usize, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let width = usize::from(area.width);
    let row = |y: u16| Rect { y, height: 1, ..area };
    let title = text::fit(title, text::width(title).min(width.saturating_sub(6)));
    let rule = "─".repeat(width.saturating_sub(text::width(&title) + 5));
    let spans = [("╭─ ".to_string(), Role::Border), (title, Role::TabFocus), (format!(" {rule}╮"), Role::Border)];
    put(buf, row(area.y), theme, &spans, None);
    let bottom = area.bottom() - 1;
    let inside = usize::from(area.height - 2);
    let place = if lines > inside { format!(" {} ", place(top, inside, lines)) } else { " esc ".into() };
    let rule = "─".repeat(width.saturating_sub(text::width(&place) + 3));
    let spans = [(format!("╰{rule}"), Role::Border), (place, Role::Dim), ("─╯".to_string(), Role::Border)];
    put(buf, row(bottom), theme, &spans, None);
    for y in area.y + 1..bottom {
        buf.set_string(area.x, y, "│", theme.style(Role::Border));
        buf.set_string(area.right() - 1, y, "│", theme.style(Role::Border));
    }
}
