//! The parts of a frame, and functions that write text into a buffer.

pub mod bottom;
pub mod lists;
pub mod page;
pub mod player;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::theme::{Role, Theme};

/// A text and its role, which determines its style.
pub type Span = (String, Role);

/// Writes spans into the first row of an area, cut off at its right edge, and returns the number of columns used.
/// `base` (the style of the cursor's row) overrides the styles of the spans.
pub fn put(buf: &mut Buffer, area: Rect, theme: &Theme, spans: &[Span], base: Option<Style>) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    let mut x = area.x;
    for (text, role) in spans {
        let style = base.unwrap_or_else(|| theme.style(*role));
        x = buf.set_stringn(x, area.y, text, usize::from(area.right() - x), style).0;
    }
    x - area.x
}

/// Writes spans at the right end of an area's first row, and returns the area left of them, less one column. Spans that
/// do not fit are not written, and the whole area is returned.
pub fn put_right(buf: &mut Buffer, area: Rect, theme: &Theme, spans: &[Span], base: Option<Style>) -> Rect {
    let columns = spans.iter().map(|(text, _)| crate::text::width(text)).sum::<usize>();
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

/// A number with commas between thousands: 1,204.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
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
    fn numbers_are_readable() {
        assert_eq!((thousands(7), thousands(1204), thousands(100_000)), ("7".into(), "1,204".into(), "100,000".into()));
        assert_eq!(dotted(&["a", "", "b"]), "a · b");
    }
}
