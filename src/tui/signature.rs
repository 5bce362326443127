//! The cursor of the view of the signature, and the areas that it is drawn in.

use ratatui::layout::Rect;

use crate::latent::histogram::ENDS;

/// From this width of the body on, the card of the row stands beside the rows.
const BESIDE: u16 = 98;
/// From this height of the body on, the queue as it would be stands beneath.
const BENEATH: u16 = 12;
/// From this height of the rows on, a line explains their signs.
const LEGEND: u16 = 12;
/// Rows above the dimensions: the heading, how they were chosen, the heads of the columns.
const HEAD: u16 = 3;

/// Where the cursor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The dimension under it, counted from 0; `None` for the first row.
    pub dim: Option<u8>,
    /// The first row shown.
    pub top: usize,
    /// The example of the card under it, while the cursor is in the card.
    pub inside: Option<Example>,
    /// The dimensions that an exact list names, a bit each, as they were when the cursor was last looked after.
    pub listed: u64,
    /// The same of what was tried last.
    pub tried: u64,
}

/// An example on the card of a dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// Whether it is of the high end.
    pub high: bool,
    /// Its place at that end, counted from 1.
    pub nth: usize,
}

impl Example {
    /// The first one.
    pub const FIRST: Example = Example { high: false, nth: 1 };

    /// The one `step` further down the card, which lists the low end first.
    pub fn stepped(self, step: isize) -> Example {
        let at = self.nth.saturating_sub(1) + if self.high { ENDS } else { 0 };
        let at = at.saturating_add_signed(step).min(2 * ENDS - 1);
        Example { high: at >= ENDS, nth: at % ENDS + 1 }
    }
}

/// The areas of the view. One that the body has no room for is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// Heading, heads of columns, dimensions, signs.
    pub table: Rect,
    /// The dimensions alone.
    pub rows: Rect,
    /// The line that explains the signs.
    pub legend: Rect,
    /// The card of the dimension under the cursor.
    pub card: Rect,
    /// The queue as it would be, with its heading.
    pub outlook: Rect,
}

/// The areas in a body; `inside` is whether the cursor is in the card, which on a narrow screen takes the queue's place.
pub fn areas(body: Rect, inside: bool) -> Areas {
    let beneath = if body.height < BENEATH { 0 } else { (body.height * 2 / 5).clamp(5, 18) };
    let above = Rect { height: body.height - beneath, ..body };
    let below = Rect { y: above.bottom(), height: beneath, ..body };
    let none = Rect { width: 0, height: 0, ..below };
    let (table, card, outlook) = if body.width >= BESIDE {
        let width = (body.width * 3 / 8).min(64);
        let table = Rect { width: above.width - width - 1, ..above };
        (table, Rect { x: table.right() + 1, width, ..above }, below)
    } else if inside {
        (above, if beneath == 0 { above } else { below }, none)
    } else {
        (above, none, below)
    };
    let legend = u16::from(table.height >= LEGEND);
    let head = HEAD.min(table.height);
    let rows = Rect { y: table.y + head, height: table.height.saturating_sub(head + legend), ..table };
    let legend = Rect { y: rows.bottom(), height: legend, ..table };
    Areas { table, rows, legend, card, outlook }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_areas_lie_in_the_body_and_do_not_overlap() {
        for width in 38..200 {
            for height in 6..60 {
                for inside in [false, true] {
                    let body = Rect::new(1, 1, width, height);
                    let all = areas(body, inside);
                    let parts = [all.rows, all.legend, all.card, all.outlook];
                    for (i, a) in parts.iter().enumerate().filter(|(_, a)| a.area() > 0) {
                        assert_eq!(a.intersection(body), *a, "{width}×{height}: {i}");
                        let covers = all.card == all.table;
                        let apart = |b: &Rect| a.intersection(*b).area() == 0;
                        assert!(covers || parts[i + 1..].iter().all(apart), "{width}×{height}: {i}");
                    }
                    assert!(all.rows.height >= 2, "{width}×{height}");
                }
            }
        }
    }

    #[test]
    fn wide_screens_show_the_card_and_high_ones_the_queue() {
        let shown = |width, height, inside| {
            let all = areas(Rect::new(1, 1, width, height), inside);
            [all.card.area() > 0, all.outlook.area() > 0, all.legend.area() > 0]
        };
        assert_eq!(shown(118, 31, false), [true, true, true]);
        assert_eq!(shown(78, 16, false), [false, true, false]);
        assert_eq!(shown(78, 16, true), [true, false, false], "on a narrow screen the card takes the queue's place");
        assert_eq!(shown(38, 6, false), [false, false, false]);
    }

    #[test]
    fn examples_are_stepped_through_from_the_low_end_to_the_high_one() {
        let first = Example::FIRST;
        assert_eq!(first.stepped(-1), first);
        assert_eq!(first.stepped(2), Example { high: false, nth: 3 });
        assert_eq!(first.stepped(3), Example { high: true, nth: 1 });
        assert_eq!(first.stepped(99), Example { high: true, nth: ENDS });
        assert_eq!(Example { high: true, nth: 1 }.stepped(-1), Example { high: false, nth: ENDS });
    }
}
