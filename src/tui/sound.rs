//! The areas of the view of the sound. `draw::sound` draws it.

use ratatui::layout::Rect;

/// What a body of a height shows above its lists.
struct Heights {
    from: u16,
    /// The spectrogram.
    picture: u16,
    /// The loudness over time.
    loudness: u16,
}

/// A higher body shows no less.
const HEIGHTS: [Heights; 5] = [
    Heights { from: 44, picture: 20, loudness: 3 },
    Heights { from: 28, picture: 12, loudness: 2 },
    Heights { from: 15, picture: 6, loudness: 1 },
    Heights { from: 11, picture: 4, loudness: 0 },
    Heights { from: 0, picture: 2, loudness: 0 },
];

/// What a body of a width shows below.
struct Widths {
    from: u16,
    /// The spectrum.
    spectrum: u16,
    /// Columns of the list.
    lists: u16,
}

/// A wider body shows no less.
const WIDTHS: [Widths; 4] = [
    Widths { from: 180, spectrum: 64, lists: 3 },
    Widths { from: 110, spectrum: 32, lists: 2 },
    Widths { from: 70, spectrum: 32, lists: 1 },
    Widths { from: 0, spectrum: 0, lists: 1 },
];

/// From this width of the body on, frequencies are named beside the spectrogram.
const NAMED: u16 = 60;
/// Columns of these names.
const NAMES: u16 = 7;
/// Columns between two parts.
const GAP: u16 = 2;

/// The areas of the view. One that the body has no room for is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Areas {
    /// The heading.
    pub head: Rect,
    /// The names of frequencies, left of the spectrogram.
    pub names: Rect,
    /// The spectrogram.
    pub picture: Rect,
    /// The line below it: time and sections.
    pub axis: Rect,
    /// The loudness over time.
    pub loudness: Rect,
    /// The heading of what is below.
    pub below: Rect,
    /// The spectrum of what is sent, with its axis.
    pub spectrum: Rect,
    /// The columns of the list.
    pub lists: Vec<Rect>,
}

impl Areas {
    /// The rows of the list that are seen at once.
    pub fn room(&self) -> usize {
        self.lists.iter().map(|list| usize::from(list.height)).sum()
    }

    /// What belongs to a moment of the track: a click there goes to it.
    pub fn of_time(&self) -> Rect {
        let height = self.picture.height + self.axis.height + self.loudness.height;
        Rect { height, ..self.picture }
    }
}

/// The areas in a body.
pub fn areas(body: Rect) -> Areas {
    let last = &HEIGHTS[HEIGHTS.len() - 1];
    let rows = HEIGHTS.iter().find(|rows| body.height >= rows.from).unwrap_or(last);
    let narrow = &WIDTHS[WIDTHS.len() - 1];
    let wide = WIDTHS.iter().find(|wide| body.width >= wide.from).unwrap_or(narrow);
    let mut y = body.y;
    let mut take = |height: u16| {
        let height = height.min(body.bottom() - y);
        let taken = Rect { y, height, ..body };
        y += height;
        taken
    };
    let (head, picture, axis, loudness, below) = (take(1), take(rows.picture), take(1), take(rows.loudness), take(1));
    let lower = take(u16::MAX);
    let names = if body.width >= NAMED { NAMES } else { 0 };
    let right = |area: Rect| Rect { x: area.x + names, width: area.width - names, ..area };
    let spectrum = Rect { width: wide.spectrum, ..lower };
    let gap = if wide.spectrum > 0 { GAP } else { 0 };
    let width = (body.width - wide.spectrum - gap - GAP * (wide.lists - 1)) / wide.lists;
    let x = lower.x + wide.spectrum + gap;
    let lists = (0..wide.lists).map(|n| Rect { x: x + n * (width + GAP), width, ..lower }).collect();
    Areas {
        head,
        names: Rect { width: names, ..picture },
        picture: right(picture),
        axis: right(axis),
        loudness: right(loudness),
        below,
        spectrum,
        lists,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_areas_lie_in_the_body_and_do_not_overlap() {
        for width in 38..210 {
            for height in 1..60 {
                let body = Rect::new(1, 1, width, height);
                let all = areas(body);
                let parts = [all.head, all.names, all.picture, all.axis, all.loudness, all.below, all.spectrum];
                let parts: Vec<Rect> = parts.into_iter().chain(all.lists.clone()).collect();
                for (i, a) in parts.iter().enumerate().filter(|(_, a)| a.area() > 0) {
                    assert_eq!(a.intersection(body), *a, "{width}×{height}: {i}");
                    let apart = |b: &Rect| a.intersection(*b).area() == 0;
                    assert!(parts[i + 1..].iter().all(apart), "{width}×{height}: {i}");
                }
                assert!(all.lists.iter().all(|list| list.width >= 36), "{width}×{height}");
                assert!(height < 6 || all.room() > 0, "{width}×{height}");
            }
        }
    }

    #[test]
    fn a_larger_body_shows_no_less() {
        for pair in HEIGHTS.windows(2) {
            assert!(pair[0].from > pair[1].from);
            assert!(pair[0].picture >= pair[1].picture && pair[0].loudness >= pair[1].loudness);
        }
        for pair in WIDTHS.windows(2) {
            assert!(pair[0].from > pair[1].from);
            assert!(pair[0].spectrum >= pair[1].spectrum && pair[0].lists >= pair[1].lists);
        }
        // Bodies of screens of 80×24, 120×40 and 200×60.
        let shown = |width, height| {
            let all = areas(Rect::new(1, 1, width, height));
            (all.picture.height, all.loudness.height, all.spectrum.width, all.lists.len())
        };
        assert_eq!([shown(78, 16), shown(118, 31), shown(198, 51)], [(6, 1, 32, 1), (12, 2, 32, 2), (20, 3, 64, 3)]);
    }
}
