//! The areas of a frame, computed from its size and the focused list.

use ratatui::layout::Rect;

/// Width in columns from which library and queue are shown side by side.
pub const WIDE: u16 = 100;
/// The smallest screen that is drawn, in columns and rows; a smaller one shows only a message.
pub const LEAST: (u16, u16) = (40, 10);

/// One of the two lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The library.
    #[default]
    Library,
    /// The queue.
    Queue,
}

/// The areas of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Title, artist and album, and progress of the playing track.
    pub player: Rect,
    /// The titles of the lists.
    pub tabs: Rect,
    /// The library's rows; empty when it is not shown.
    pub library: Rect,
    /// The line between the lists; empty when only one of them is shown.
    pub divider: Rect,
    /// The queue's rows; empty when it is not shown.
    pub queue: Rect,
    /// The status row: progress of the analysis, marks, errors and pending keys.
    pub status: Rect,
    /// The row of notices and prompts.
    pub line: Rect,
}

impl Layout {
    /// The areas of a screen on which `focus` is focused; `None` if it is smaller than `LEAST`.
    pub fn of(area: Rect, focus: Pane) -> Option<Layout> {
        if area.width < LEAST.0 || area.height < LEAST.1 {
            return None;
        }
        // Short screens have no blank row below the player.
        let airy = area.height >= 16;
        let margin = u16::from(area.width >= 60);
        let inner = Rect { x: area.x + margin, width: area.width - 2 * margin, ..area };
        let row = |y: u16, height: u16| Rect { y: area.y + y, height, ..inner };
        let player_rows = if area.height >= 12 { 3 } else { 2 };
        let above = player_rows + u16::from(airy);
        let below = 2;
        let body = row(above + 1, area.height - above - 1 - below);
        let none = Rect { width: 0, ..body };
        let (library, divider, queue) = if area.width >= WIDE {
            let left = (body.width - 3) * 3 / 5;
            let rule = Rect { x: body.x + left + 1, width: 1, y: body.y - 1, height: body.height + 1 };
            let right = Rect { x: body.x + left + 3, width: body.width - left - 3, ..body };
            (Rect { width: left, ..body }, rule, right)
        } else if focus == Pane::Library {
            (body, none, none)
        } else {
            (none, none, body)
        };
        Some(Layout {
            player: row(0, player_rows),
            tabs: row(above, 1),
            library,
            divider,
            queue,
            status: row(area.height - 2, 1),
            line: row(area.height - 1, 1),
        })
    }

    /// Whether both lists are shown.
    pub fn wide(&self) -> bool {
        self.library.width > 0 && self.queue.width > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_lie_within_the_screen_and_do_not_overlap() {
        for width in 0..210 {
            for height in 0..40 {
                let area = Rect::new(0, 0, width, height);
                for focus in [Pane::Library, Pane::Queue] {
                    let Some(l) = Layout::of(area, focus) else { continue };
                    let all = [l.player, l.tabs, l.library, l.queue, l.status, l.line];
                    for (i, a) in all.iter().enumerate() {
                        assert_eq!(a.intersection(area), *a, "{width}×{height}");
                        assert!(all[i + 1..].iter().all(|b| a.intersection(*b).area() == 0), "{width}×{height}");
                    }
                    assert!(l.library.height >= 1 && l.library.width + l.queue.width > 30);
                }
            }
        }
    }
}
