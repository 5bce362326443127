//! The parts of a frame, and functions that write text into a buffer.

pub mod bottom;
pub mod cover;
pub mod dimension;
pub mod figure;
pub mod grid;
mod heads;
pub mod info;
pub mod library;
pub mod map;
mod map_looks;
mod map_path;
mod map_side;
pub mod outlook;
pub mod page;
pub mod player;
pub mod queue;
pub mod raster;
pub mod saved;
pub mod signature;
pub mod sound;
pub mod table;
pub mod tabs;
mod tile;
pub mod train;
mod train_detail;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::theme::{Role, Theme};
use crate::app::{Model, State};
use crate::text;
pub use crate::text::thousands;

/// A text and its role, which determines its style.
pub type Span = (String, Role);

/// Writes spans into the first row of an area, cut off at its right edge, and returns the number of columns used.
/// `base` (the style of the cursor's row) overrides the styles of the spans; where that is reversed video, bars are not
/// reversed with it.
pub fn put(buf: &mut Buffer, area: Rect, theme: &Theme, spans: &[Span], base: Option<Style>) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    let mut x = area.x;
    for (text, role) in spans {
        let (begin, style) = (x, base.unwrap_or_else(|| theme.style(*role)));
        x = buf.set_stringn(x, area.y, text, usize::from(area.right() - x), style).0;
        if style.add_modifier.contains(Modifier::REVERSED) {
            let upright = style.patch(theme.style(*role)).remove_modifier(Modifier::REVERSED);
            set_upright(buf, Rect { x: begin, width: x - begin, ..area }, *role == Role::Progress, upright);
        }
    }
    x - area.x
}

/// The sign before the track at which the player stands, in every list.
pub fn playing_sign(model: &Model) -> &'static str {
    if model.play.state == State::Stopped { "■" } else { "▶" }
}

/// Draws the bars in a row without reversed video, in which what is full looks empty and what is empty full. In a `meter` the
/// blanks are a part of it.
fn set_upright(buf: &mut Buffer, area: Rect, meter: bool, style: Style) {
    for x in area.left()..area.right() {
        let Some(cell) = buf.cell_mut((x, area.y)) else { continue };
        let block = cell.symbol().starts_with(|sign: char| ('\u{2581}'..='\u{258f}').contains(&sign));
        if block || meter && cell.symbol() == " " {
            cell.set_style(style);
        }
    }
}

/// Writes spans at the right end of an area's first row, and returns the area left of them, less one column. Spans that
/// do not fit are not written, and the whole area is returned.
pub fn put_right(buf: &mut Buffer, area: Rect, theme: &Theme, spans: &[Span], base: Option<Style>) -> Rect {
    let columns = spans.iter().map(|(text, _)| text::width(text)).sum::<usize>();
    if columns == 0 || columns > usize::from(area.width) {
        return area;
    }
    let columns = columns as u16;
    put(buf, Rect { x: area.right() - columns, width: columns, ..area }, theme, spans, base);
    // One column between the two stays empty.
    Rect { width: (area.width - columns).saturating_sub(1), ..area }
}

/// A horizontal bar of `columns` columns, in steps of half a column: the filled part and the rest.
/// `share` is clamped to 0–1, and 0 if it is not finite.
pub fn bar(share: f64, columns: usize) -> (String, String) {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let halves = (share * columns as f64 * 2.0).round() as usize;
    let mut done = "━".repeat(halves / 2);
    if halves % 2 == 1 {
        done.push('╸');
    }
    (done, "─".repeat(columns - halves.div_ceil(2)))
}

/// The heading of a column: a rule with a title and, at the right, words.
pub fn heading(buf: &mut Buffer, area: Rect, theme: &Theme, (title, role): (&str, Role), right: &str) {
    let room = usize::from(area.width);
    let right = text::fit(right, text::width(right).min(room.saturating_sub(12)));
    let right = if right.is_empty() { String::new() } else { format!(" {right} ─") };
    let left = room.saturating_sub(text::width(&right) + 3);
    let title = text::fit(title, text::width(title).min(left));
    let rule = "─".repeat(room.saturating_sub(text::width(&title) + text::width(&right) + 3));
    let title = [("─ ".to_string(), Role::Border), (title, role), (format!(" {rule}"), Role::Border)];
    put(buf, area, theme, &[&title[..], &[(right, Role::Dim)]].concat(), None);
}

/// A share between 0 and 1 as a bar of so many cells: in eighths of a cell from the left, one cell alone from below.
pub fn meter(share: f32, cells: usize) -> String {
    const ACROSS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    const UP: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * cells as f32 * 8.0).round() as usize;
    if cells == 1 {
        return UP[eighths.min(8)].to_string();
    }
    let mut bar = "█".repeat(eighths / 8);
    if eighths / 8 < cells {
        bar.push(ACROSS[eighths % 8]);
    }
    bar + &" ".repeat(cells.saturating_sub(eighths / 8 + 1))
}

/// Draws lines in the middle of an area, somewhat above its centre.
pub fn centred(theme: &Theme, buf: &mut Buffer, area: Rect, lines: &[Span]) {
    let top = area.height.saturating_sub(lines.len() as u16) / 3;
    for (y, (words, role)) in lines.iter().take(usize::from(area.height)).enumerate() {
        let columns = text::width(words).min(usize::from(area.width));
        let fitted = text::fit(words, columns);
        let columns = columns as u16;
        let x = area.x + (area.width - columns) / 2;
        let line = Rect { x, y: area.y + top + y as u16, width: columns, height: 1 }.intersection(area);
        put(buf, line, theme, &[(fitted, *role)], None);
    }
}

/// A rating of 0 to 100 as five stars.
pub fn stars(rating: u8) -> String {
    let full = usize::from(rating.min(100)).div_ceil(20);
    format!("{}{}", "★".repeat(full), "·".repeat(5 - full))
}

/// What stands on a screen of fewer than `least` columns and rows, as short as it has to be.
pub fn too_small((width, height): (u16, u16), columns: u16) -> String {
    let size = format!("{width}×{height}");
    let words = [format!("too small: {size} is the least"), format!("{size} needed"), size];
    let fits = |words: &String| text::width(words) <= usize::from(columns);
    words.into_iter().find(fits).unwrap_or_default()
}

/// Joins the texts that are not empty with a middle dot.
pub fn dotted(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_that_is_too_small_says_so_uncut() {
        for (columns, words) in
            [(29, "too small: 40×10 is the least"), (28, "40×10 needed"), (12, "40×10 needed"), (11, "40×10"), (4, "")]
        {
            assert_eq!(too_small((40, 10), columns), words, "{columns}");
        }
    }

    #[test]
    fn bars_are_exactly_as_wide_as_asked() {
        for columns in 0..30 {
            for share in [-1.0, 0.0, 0.01, 0.5, 0.77, 1.0, 9.0, f64::NAN] {
                let (done, rest) = bar(share, columns);
                assert_eq!(done.chars().count() + rest.chars().count(), columns);
            }
        }
        assert_eq!(bar(0.5, 3), ("━╸".to_string(), "─".to_string()));
    }

    #[test]
    fn a_meter_fills_its_cells() {
        assert_eq!([meter(0.0, 4), meter(0.5, 4), meter(1.0, 4)], ["    ", "██  ", "████"]);
        assert_eq!([meter(0.5, 1), meter(2.0, 1), meter(f32::NAN, 1), meter(0.9, 3)], ["▄", "█", " ", "██▊"]);
        assert!((0..=100).all(|p| meter(p as f32 / 100.0, 4).chars().count() == 4));
    }

    #[test]
    fn a_bar_is_not_reversed_with_its_row() {
        let theme = Theme::load("mono", None, crate::tui::colour::Depth::Mono.into()).unwrap().0;
        let area = Rect::new(0, 0, 20, 1);
        let mut buf = Buffer::empty(area);
        let base = theme.style(Role::Text).patch(theme.style(Role::Selected));
        assert!(base.add_modifier.contains(Modifier::REVERSED));
        buf.set_style(area, base);
        let spans = [("So What ".into(), Role::Text), (meter(0.5, 4), Role::Progress), (" ▂ 5 ".into(), Role::Border)];
        put(&mut buf, area, &theme, &spans, Some(base));
        let reversed = |x: u16| buf[(x, 0)].modifier.contains(Modifier::REVERSED);
        let upright: Vec<u16> = (0..20).filter(|x| !reversed(*x)).collect();
        assert_eq!(upright, [8, 9, 10, 11, 13], "the meter with its blanks, and a block alone");
        // In another row the bar has the style of its role anyway.
        put(&mut buf, area, &theme, &spans, None);
        assert_eq!(buf[(8, 0)].symbol(), "█");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!([stars(0), stars(80), stars(200)], ["·····", "★★★★·", "★★★★★"]);
        assert_eq!(dotted(&["a", "", "b"]), "a · b");
    }
}
