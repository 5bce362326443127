//! A cover in a frame: half blocks, or blank cells over which the terminal shows a picture.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::picture::{Drawn, Form};
use crate::tui::art::Art;
use crate::tui::colour::Depth;
use crate::tui::gallery::Placement;

/// What stands in the cells of a picture until the frame is finished, from the area for private use. A cell that has
/// something else in it then was written over.
const HELD: &str = "\u{f3d1}";

/// Draws a picture in the middle of an area. What the terminal is to show above the cells is returned; pass it to
/// [`settled`] when the frame is finished.
pub fn hang(art: Art, drawn: &Arc<Drawn>, buf: &mut Buffer, area: Rect) -> Option<Placement> {
    let area = art.place(drawn, area.intersection(buf.area));
    if area.is_empty() {
        return None;
    }
    if drawn.form == Form::Pixels {
        blocks(art.depth, drawn, buf, area);
        return None;
    }
    let ground = buf.cell((area.x, area.y)).map_or(Color::Reset, |cell| cell.bg);
    for position in area.positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.set_symbol(HELD);
        }
    }
    Some(Placement { area, drawn: drawn.clone(), ground })
}

/// Those of the pictures over which nothing was drawn. Their cells become blank.
pub fn settled(pictures: Vec<Placement>, buf: &mut Buffer) -> Vec<Placement> {
    let is_held = |buf: &Buffer, position| buf.cell(position).is_some_and(|cell| cell.symbol() == HELD);
    let mut kept = Vec::new();
    for picture in pictures {
        let whole = picture.area.positions().all(|position| is_held(buf, position));
        for position in picture.area.positions() {
            if is_held(buf, position)
                && let Some(cell) = buf.cell_mut(position)
            {
                cell.set_symbol(" ");
            }
        }
        kept.extend(whole.then_some(picture));
    }
    kept
}

/// Two pixels a cell: the upper one is the colour of a half block, the lower one that of its ground.
fn blocks(depth: Depth, drawn: &Drawn, buf: &mut Buffer, area: Rect) {
    let colour = |x: u16, y: u16| match drawn.pixel(usize::from(x), usize::from(y)) {
        Some([r, g, b]) => depth.fit(Color::Rgb(r, g, b)),
        None => Color::Reset,
    };
    for position in area.positions() {
        let (x, y) = (position.x - area.x, (position.y - area.y) * 2);
        if let Some(cell) = buf.cell_mut(position) {
            cell.set_symbol("▀").set_fg(colour(x, y)).set_bg(colour(x, y + 1));
            cell.modifier = Modifier::empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Raster;
    use crate::tui::art::Protocol;

    fn art(protocol: Protocol, depth: Depth) -> Art {
        let cell = if protocol == Protocol::Blocks { (1, 2) } else { (10, 20) };
        Art { protocol, cell, guessed: false, wrapped: false, depth }
    }

    fn drawn(form: Form, (width, height): (usize, usize)) -> Arc<Drawn> {
        let rgb = (0..width * height).flat_map(|n| [n as u8, 255 - n as u8, 7]).collect();
        Arc::new(Drawn::of(Raster::new(width, height, rgb).unwrap(), form))
    }

    #[test]
    fn a_cell_of_half_blocks_is_two_pixels() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 12, 6));
        let picture = drawn(Form::Pixels, (4, 5));
        assert_eq!(hang(art(Protocol::Blocks, Depth::True), &picture, &mut buf, Rect::new(1, 1, 6, 3)), None);
        for (x, y) in (0..4).flat_map(|x| (0..3).map(move |y| (x, y))) {
            let cell = &buf[(2 + x, 1 + y)];
            let pixel = |y: u16| {
                let n = (y * 4 + x) as u8;
                if y < 5 { Color::Rgb(n, 255 - n, 7) } else { Color::Reset }
            };
            assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▀", pixel(2 * y), pixel(2 * y + 1)), "{x}, {y}");
        }
        let others = buf.content.iter().filter(|cell| cell.symbol() == " ").count();
        assert_eq!(others, 72 - 12);
        hang(art(Protocol::Blocks, Depth::Indexed), &picture, &mut buf, Rect::new(1, 1, 6, 3));
        assert!(matches!(buf[(2, 1)].fg, Color::Indexed(_)));
        // An area beyond the screen is cut.
        hang(art(Protocol::Blocks, Depth::True), &picture, &mut buf, Rect::new(10, 5, 6, 3));
    }

    #[test]
    fn a_picture_over_which_something_is_drawn_is_not_shown() {
        for form in [Form::Png, Form::Sixels] {
            let picture = drawn(form, (60, 60));
            let draw = |over: &[(u16, u16)]| {
                let mut buf = Buffer::empty(Rect::new(0, 0, 12, 6));
                let hung = hang(art(Protocol::Kitty, Depth::True), &picture, &mut buf, Rect::new(1, 1, 6, 3)).unwrap();
                for at in over {
                    buf[*at].set_symbol("x");
                }
                (settled(vec![hung], &mut buf), buf)
            };
            let (kept, buf) = draw(&[(0, 1), (7, 3)]);
            assert!(kept.len() == 1 && kept[0].area == Rect::new(1, 1, 6, 3));
            assert!(buf.content.iter().all(|cell| ["x", " "].contains(&cell.symbol())));
            let (kept, buf) = draw(&[(6, 3)]);
            assert!(kept.is_empty() && buf.content.iter().all(|cell| ["x", " "].contains(&cell.symbol())));
        }
    }
}
