//! What of the map is seen and the cursor on it, and the areas that it is drawn in.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::ask::map::{Area, Charting, Colour};
use crate::latent::map::Point;
use crate::library::Song;

/// From this width of the body on, the card and the legend stand beside the map.
const BESIDE: u16 = 98;
/// Columns of what stands beside it.
const SIDE: u16 = 36;
/// From these heights of the body on, there is a line about the track below the map, and one about the colours.
const BELOW: [u16; 2] = [5, 9];

/// What of the map is seen, and the cursor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapCursor {
    /// The cursor's place; none before the map was seen.
    pub at: Option<Point>,
    /// The place in the middle of the screen; none while all of the map is seen.
    pub centre: Option<Point>,
    /// How many times what is seen was halved.
    pub zoom: u8,
    /// What the tracks are coloured by.
    pub colour: Colour,
    /// Where an area was begun.
    pub anchor: Option<Point>,
    /// The area that was chosen, …
    pub area: Option<Area>,
    /// … and its songs.
    pub songs: Vec<Arc<Song>>,
    /// The chart that was asked for last.
    pub asked: Option<Charting>,
}

/// The areas of the view. One that the body has no room for is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// The heading.
    pub head: Rect,
    /// The map itself.
    pub chart: Rect,
    /// The card of the track nearest to the cursor and the legend, beside the map.
    pub side: Rect,
    /// A line about that track, below the map.
    pub card: Rect,
    /// A line about the colours, below it.
    pub legend: Rect,
}

/// The areas in a body.
pub fn areas(body: Rect) -> Areas {
    let head = Rect { height: 1.min(body.height), ..body };
    let rest = Rect { y: head.bottom(), height: body.height - head.height, ..body };
    let none = Rect { y: rest.bottom(), height: 0, ..rest };
    if body.width >= BESIDE {
        let chart = Rect { width: rest.width - SIDE - 2, ..rest };
        let side = Rect { x: chart.right() + 2, width: SIDE, ..rest };
        return Areas { head, chart, side, card: none, legend: none };
    }
    let [card, legend] = BELOW.map(|from| u16::from(body.height >= from));
    let chart = Rect { height: rest.height - card - legend, ..rest };
    let card = Rect { y: chart.bottom(), height: card, ..rest };
    let legend = Rect { y: card.bottom(), height: legend, ..rest };
    Areas { head, chart, side: Rect { width: 0, ..none }, card, legend }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_areas_lie_in_the_body_and_do_not_overlap() {
        for width in 1..200 {
            for height in 0..60 {
                let body = Rect::new(1, 1, width, height);
                let Areas { head, chart, side, card, legend } = areas(body);
                let parts: Vec<Rect> = [head, chart, side, card, legend].into_iter().filter(|a| a.area() > 0).collect();
                for (i, a) in parts.iter().enumerate() {
                    assert_eq!(a.intersection(body), *a, "{width}×{height}: {i}");
                    assert!(parts[i + 1..].iter().all(|b| a.intersection(*b).is_empty()), "{width}×{height}: {i}");
                }
                assert!(height < 3 || chart.height >= 2, "{width}×{height}");
            }
        }
        assert_eq!(areas(Rect::new(1, 1, 118, 30)).side.width, SIDE);
        assert_eq!(areas(Rect::new(1, 1, 78, 18)).legend.height, 1);
    }
}
