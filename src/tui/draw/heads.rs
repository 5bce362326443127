//! The heads of a list's columns, in the rule above them: what a click on them sorts by.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::library::playlist::sort::{Order, SortKey};
use crate::text;
use crate::tui::theme::{Role, Theme};

use super::put;
use super::table::{self, Column};

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What a click on it sorts by.
    pub key: SortKey,
    /// Where its word stands.
    pub area: Rect,
    /// The word, with an arrow in the sorted column: up where the lowest come first.
    pub word: String,
    /// Whether the list is sorted by it.
    pub sorted: bool,
}

/// The heads of columns in the row `area`, right of the screen's column `free`; `lead` columns of the list come before its
/// first. Heads for which there is no room are left out.
pub fn heads(columns: &[Column], area: Rect, mut free: usize, lead: usize, sort: &[Order]) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut x = usize::from(area.x) + lead;
    for column in columns {
        let end = x + column.width;
        if let Some((key, word)) = table::sorted_by(column.kind) {
            let by = sort.first().filter(|(own, _)| *own == key);
            let word = match by {
                Some((_, true)) => format!("{word} ↓"),
                Some((_, false)) => format!("{word} ↑"),
                None => word.to_string(),
            };
            let width = text::width(&word);
            // A blank stands before every head.
            let start = if table::grows(column.kind) { x.max(free + 1) } else { end.saturating_sub(width) };
            if start > free && start + width <= end.min(usize::from(area.right())) {
                let area = Rect { x: start as u16, y: area.y, width: width as u16, height: 1 };
                heads.push(Head { key, area, word, sorted: by.is_some() });
                free = start + width;
            }
        }
        x = end + 1;
    }
    heads
}

/// Draws heads over the rule.
pub fn draw(heads: &[Head], theme: &Theme, buf: &mut Buffer, area: Rect) {
    for head in heads {
        let x = head.area.x.saturating_sub(1);
        let room = Rect { x, width: area.right().saturating_sub(x), ..head.area };
        let role = if head.sorted { Role::Accent } else { Role::Dim };
        let spans = [(" ".into(), Role::Border), (head.word.clone(), role), (" ".into(), Role::Border)];
        put(buf, room, theme, &spans, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::draw::table::Kind;

    #[test]
    fn heads_stand_over_their_columns_and_never_overlap() {
        let kinds = [Kind::Title, Kind::Artist, Kind::Tempo, Kind::Fit, Kind::Length];
        for width in 20..160 {
            for free in [3, 16, 37] {
                let area = Rect::new(3, 1, width, 1);
                let columns = table::columns(&kinds, usize::from(width), 7);
                for sort in [vec![], vec![(SortKey::Tempo, true)], vec![(SortKey::Title, false)]] {
                    let heads = heads(&columns, area, free, 7, &sort);
                    let mut free = free as u16;
                    for head in &heads {
                        assert!(head.area.x > free, "{width}: {heads:?}");
                        assert!(head.area.right() <= area.right(), "{width}: {heads:?}");
                        free = head.area.right();
                    }
                }
            }
        }
        let columns = table::columns(&kinds, 100, 7);
        let all = heads(&columns, Rect::new(0, 0, 100, 1), 0, 7, &[(SortKey::Tempo, true)]);
        let words: Vec<&str> = all.iter().map(|head| head.word.as_str()).collect();
        assert_eq!(words, ["title", "artist", "tempo ↓", "fit", "len"]);
        assert_eq!(all.last().map(|head| head.area.right()), Some(100), "lengths stand at the right");
    }
}
