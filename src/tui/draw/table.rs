//! Rows of columns: which columns a list has at a width, and one row of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub use crate::config::Column as Kind;
use crate::library::Song;
use crate::library::playlist::sort::SortKey;
use crate::text;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::{Span, put};

/// A column and its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Which.
    pub kind: Kind,
    /// Its width, without the blank before it.
    pub width: usize,
}

/// The columns of the queue, from a width of the list on. A wider list tells no less.
const QUEUE: [(usize, &[Kind]); 5] = [
    (110, &[Kind::Title, Kind::Artist, Kind::Album, Kind::Why, Kind::Fit, Kind::Length]),
    (90, &[Kind::Title, Kind::Artist, Kind::Why, Kind::Fit, Kind::Length]),
    (56, &[Kind::Title, Kind::Artist, Kind::Fit, Kind::Length]),
    (36, &[Kind::Title, Kind::Artist, Kind::Length]),
    (0, &[Kind::Title, Kind::Length]),
];

/// The columns that the queue has only where the user chose them, from this width of the list on.
const CHOSEN: (usize, &[Kind]) =
    (56, &[Kind::Year, Kind::Tempo, Kind::Energy, Kind::Brightness, Kind::Plays, Kind::Rating, Kind::Added]);

/// Columns of a length.
const LENGTH: usize = 5;

/// The key that a column is sorted by, and its head; none for a reason.
pub fn sorted_by(kind: Kind) -> Option<(SortKey, &'static str)> {
    Some(match kind {
        Kind::Title => (SortKey::Title, "title"),
        Kind::Artist => (SortKey::Artist, "artist"),
        Kind::Album => (SortKey::Album, "album"),
        Kind::Why => return None,
        Kind::Fit => (SortKey::Fit, "fit"),
        Kind::Length => (SortKey::Length, "len"),
        Kind::Year => (SortKey::Year, "year"),
        Kind::Tempo => (SortKey::Tempo, "tempo"),
        Kind::Energy => (SortKey::Energy, "energy"),
        Kind::Brightness => (SortKey::Brightness, "bright"),
        Kind::Plays => (SortKey::Plays, "plays"),
        Kind::Rating => (SortKey::Rating, "rating"),
        Kind::Added => (SortKey::Added, "added"),
    })
}

/// The column that shows what a key sorts by.
pub fn column_of(key: SortKey) -> Option<Kind> {
    let all = [Kind::Title, Kind::Artist, Kind::Album, Kind::Fit, Kind::Length];
    all.into_iter().chain(CHOSEN.1.iter().copied()).find(|kind| sorted_by(*kind).is_some_and(|(own, _)| own == key))
}

/// Whether a column takes a share of the room, at the left of which its text begins.
pub fn grows(kind: Kind) -> bool {
    share(kind, 0).is_err()
}

/// A length in seconds for its column: `3:12`, from an hour on `1h42`.
pub fn length(secs: f64) -> String {
    let whole = text::time(secs);
    if text::width(&whole) <= LENGTH {
        return whole;
    }
    let minutes = (secs / 60.0).floor();
    format!("{:.0}h{:02.0}", (minutes / 60.0).floor(), minutes % 60.0)
}

/// The width of a column where that does not depend on the room; else its share of what is left.
fn share(kind: Kind, room: usize) -> Result<usize, usize> {
    match kind {
        Kind::Title => Err(5),
        Kind::Artist | Kind::Album => Err(3),
        Kind::Why => Err(6),
        Kind::Fit if room >= 90 => Ok(9),
        Kind::Fit if room >= 50 => Ok(4),
        Kind::Fit => Ok(1),
        Kind::Length => Ok(LENGTH),
        Kind::Year => Ok(6),
        Kind::Tempo | Kind::Plays => Ok(7),
        Kind::Energy | Kind::Brightness | Kind::Rating => Ok(8),
        Kind::Added => Ok(10),
    }
}

/// The columns of the queue in a list of this width, after a lead of so many columns: of the chosen ones, in their order,
/// those that the width has room for.
pub fn queue(width: usize, lead: usize, chosen: &[Kind]) -> Vec<Column> {
    let fitting = QUEUE.iter().find(|(from, _)| width >= *from).map_or(&[][..], |(_, kinds)| kinds);
    let more = if width >= CHOSEN.0 { CHOSEN.1 } else { &[] };
    let kinds = chosen.iter().filter(|kind| fitting.contains(kind) || more.contains(kind));
    let kinds: Vec<Kind> = kinds.copied().collect();
    columns(&kinds, width, lead)
}

/// The columns of a saved list's songs.
pub fn saved(width: usize, lead: usize) -> Vec<Column> {
    let kinds: &[Kind] = match width {
        90.. => &[Kind::Title, Kind::Artist, Kind::Album, Kind::Fit, Kind::Length],
        _ => &[Kind::Title, Kind::Artist, Kind::Fit, Kind::Length],
    };
    columns(kinds, width, lead)
}

/// Columns of these kinds that fill a width after a lead.
pub fn columns(kinds: &[Kind], width: usize, lead: usize) -> Vec<Column> {
    let fixed: usize = kinds.iter().filter_map(|kind| share(*kind, width).ok()).sum();
    let shares: usize = kinds.iter().filter_map(|kind| share(*kind, width).err()).sum();
    let room = width.saturating_sub(lead + fixed + kinds.len().saturating_sub(1));
    let column = |&kind: &Kind| {
        let width = share(kind, width).unwrap_or_else(|share| room * share / shares.max(1));
        Column { kind, width }
    };
    let mut out: Vec<Column> = kinds.iter().map(column).collect();
    let taken: usize = out.iter().filter(|c| share(c.kind, width).is_err()).map(|c| c.width).sum();
    // What the division leaves over goes to the first column that grows.
    if let Some(first) = out.iter_mut().find(|c| share(c.kind, width).is_err()) {
        first.width += room - taken;
    }
    out
}

/// The role of a title in a list.
pub fn title_role(screen: &Screen, song: &Song, now: bool, marked: bool) -> Role {
    let found = || screen.search.as_ref().is_some_and(|search| search.finds(song));
    match (now, marked) {
        (true, _) => Role::Playing,
        (_, true) => Role::Marked,
        _ if found() => Role::Match,
        _ => Role::Text,
    }
}

/// Draws a row: the lead, then a span for each column, fitted to it. Numbers and bars stand at the right of theirs. `base`
/// overrides the style of every part.
pub fn row(
    buf: &mut Buffer,
    area: Rect,
    theme: &Theme,
    lead: &[Span],
    cells: impl Iterator<Item = (Column, Span)>,
    base: Option<Style>,
) {
    if let Some(style) = base {
        buf.set_style(area, style);
    }
    let mut x = area.x + put(buf, area, theme, lead, base);
    for (column, (words, role)) in cells {
        let fitted = match column.kind {
            Kind::Length | Kind::Year | Kind::Tempo | Kind::Energy | Kind::Brightness | Kind::Plays => {
                format!("{words:>width$}", width = column.width)
            }
            _ => text::fit(&words, column.width),
        };
        let room = Rect { x, width: area.right().saturating_sub(x), ..area };
        x += put(buf, room, theme, &[(fitted, role), (" ".into(), Role::Text)], base);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Columns;

    #[test]
    fn the_users_columns_stand_in_the_users_order() {
        let kinds =
            |width| queue(width, 7, &[Kind::Length, Kind::Why, Kind::Title]).iter().map(|c| c.kind).collect::<Vec<_>>();
        assert_eq!(kinds(120), [Kind::Length, Kind::Why, Kind::Title]);
        assert_eq!(kinds(60), [Kind::Length, Kind::Title]);
        assert!(queue(120, 7, &[]).is_empty());
    }

    #[test]
    fn every_key_with_a_column_has_one_head() {
        for (name, key) in crate::library::playlist::sort::KEYS {
            let shown = column_of(key).and_then(sorted_by).map(|(own, _)| own);
            assert_eq!(shown, (!matches!(key, SortKey::Track | SortKey::Path)).then_some(key), "{name}");
        }
        let chosen = |width| queue(width, 7, &[Kind::Title, Kind::Tempo, Kind::Added]).len();
        assert_eq!((chosen(100), chosen(50)), (3, 1));
    }

    #[test]
    fn lengths_fit_their_column() {
        assert_eq!([length(0.0), length(192.0), length(3599.0)], [text::time(0.0), "3:12".into(), "59:59".into()]);
        assert_eq!([length(3753.0), length(36_060.0)], ["1h02", "10h01"]);
    }

    #[test]
    fn the_columns_fill_the_width() {
        for width in 30..240 {
            let columns = queue(width, 7, &Columns::default().queue);
            let sum: usize = columns.iter().map(|c| c.width).sum::<usize>() + columns.len() - 1 + 7;
            assert_eq!(sum, width);
            assert!(columns.iter().all(|column| column.width > 0), "{width}: {columns:?}");
        }
    }

    #[test]
    fn a_wider_list_tells_no_less() {
        let all = Columns::default().queue;
        for width in 30..240 {
            let (narrow, wide) = (queue(width, 7, &all), queue(width + 1, 7, &all));
            assert!(narrow.iter().all(|c| wide.iter().any(|w| w.kind == c.kind)), "{width}");
        }
        assert!(queue(118, 7, &all).iter().any(|c| c.kind == Kind::Why), "at 120 columns the reason is there");
    }
}
