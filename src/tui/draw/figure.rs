//! The spectrograms of `:spectrogram`, one above the other, each with its title and its axes: the paper's Figure 1.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::state::sound_view::Figure;
use crate::picture::Panel;
use crate::text;
use crate::tui::layout::Layout;
use crate::tui::pane::wrapped;
use crate::tui::ramp::Ramp;
use crate::tui::theme::{Role, Theme};

use super::raster::{Levels, raster};
use super::{Span, centred, heading, put};

/// Columns left of an image, for the names of frequencies.
const LEFT: u16 = 9;
/// The least rows of a figure: its title, two of the image and the axis.
const LEAST: u16 = 4;

/// Draws the page.
pub fn figures(model: &Model, theme: &Theme, buf: &mut Buffer, body: Rect) {
    heading(buf, body, theme, ("Spectrogram", Role::TabFocus), "the first 29.7 s, 80 dB down from the loudest place");
    let inside = Layout::rows_of(body);
    let figures = &model.sound_view.figures;
    if figures.is_empty() {
        return centred(theme, buf, inside, &[("Nothing was asked for: :spectrogram [FILE] [FILE]".into(), Role::Dim)]);
    }
    let height = inside.height / figures.len() as u16;
    if height < LEAST {
        return centred(theme, buf, inside, &[("The screen is too low for them.".into(), Role::Dim)]);
    }
    for (n, figure) in (0u16..).zip(figures) {
        one(figure, theme, buf, Rect { y: inside.y + n * height, height, ..inside });
    }
}

fn one(figure: &Figure, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let title = text::fit(&figure.title, text::width(&figure.title).min(usize::from(area.width.saturating_sub(2))));
    put(buf, area, theme, &[(format!(" {title}"), Role::Title)], None);
    let left = LEFT.min(area.width / 4);
    let image = Rect { x: area.x + left, y: area.y + 1, width: area.width - left, height: area.height - 2 };
    match &figure.found {
        Some(Ok(panel)) => draw(panel, theme, buf, image, left),
        Some(Err(why)) => {
            say(&format!("Cannot be drawn: {}", text::sanitize(&why.to_string())), Role::Error, theme, buf, image)
        }
        None => say("Being drawn …", Role::Dim, theme, buf, image),
    }
}

fn say(words: &str, role: Role, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let lines: Vec<Span> = wrapped(words, usize::from(area.width), role).into_iter().flatten().collect();
    centred(theme, buf, area, &lines);
}

/// An image with its axes: `left` columns beside it, a row below it.
fn draw(panel: &Panel, theme: &Theme, buf: &mut Buffer, image: Rect, left: u16) {
    let columns = panel.columns.max(1);
    let level = |row: usize, column: usize| panel.levels.get(row * columns + column).copied().unwrap_or(0.0);
    let levels = Levels { rows: panel.levels.len() / columns, columns: panel.columns, level: &level };
    raster(&levels, &Ramp::of(theme), buf, image);
    // The highest frequency first; names that would fall together are left out.
    let mut free = image.y;
    for (place, name) in panel.y.iter().rev() {
        let y = image.y + ((1.0 - place) * f64::from(image.height)) as u16;
        if y >= free && y < image.bottom() {
            let wide = usize::from(left.saturating_sub(1));
            let line = Rect { x: image.x - left, y, width: left, height: 1 };
            put(buf, line, theme, &[(format!("{name:>wide$}"), Role::Dim)], None);
            free = y + 2;
        }
    }
    let mut free = image.x;
    for (place, name) in &panel.x {
        let x = image.x + (place * f64::from(image.width)) as u16;
        let wide = text::width(name) as u16;
        if x >= free && x + wide <= image.right() {
            put(buf, Rect { x, y: image.bottom(), width: wide, height: 1 }, theme, &[(name.clone(), Role::Dim)], None);
            free = x + wide + 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Msg;
    use crate::tui::fixture::{Harness, flaw};

    /// Silent but for a tone that rises.
    fn rising() -> Panel {
        let (rows, columns) = (16, 32);
        let level = |at: usize| f32::from(u8::from(at / columns == at % columns / 2));
        let label = |text: &str| text.to_string();
        Panel {
            title: String::new(),
            levels: (0..rows * columns).map(level).collect(),
            columns,
            x: vec![(0.0, label("0 s")), (0.5, label("15 s"))],
            y: vec![(0.1, label("256 Hz")), (0.6, label("2048 Hz"))],
        }
    }

    #[test]
    fn two_tracks_stand_above_each_other_with_titles_and_axes() {
        for size in [(40, 10), (80, 24), (120, 40), (200, 60)] {
            let mut h =
                Harness::of(crate::app::fixture::model(40), size, "gruvbox-dark", crate::tui::colour::Depth::True);
            h.play_and_fill().keys("j:spectrogram<enter>");
            assert!(size.1 < 24 || h.text().matches("Being drawn").count() == 2, "{}", h.text());
            let figures = h.ui.model.sound_view.figures.clone();
            assert_eq!(figures.len(), 2);
            h.message(Msg::Figure { path: figures[0].path.clone(), found: Ok(Box::new(rising())) });
            h.message(Msg::Figure { path: figures[1].path.clone(), found: Err("no \u{1b}[31msound in it".into()) });
            let buffer = h.buffer();
            assert_eq!(flaw(&buffer), None, "{size:?}");
            if size.1 < 24 {
                continue;
            }
            let text = h.text();
            for words in [&figures[0].title, &figures[1].title, "2048 Hz", "15 s", "sound in it"] {
                assert!(text.contains(words), "{words}: {text}");
            }
            // The tone is brightest, and rises from left to right.
            let bright = |x: u16| (0..size.1).find(|y| matches!(buffer[(x, *y)].symbol(), "▀" | "▄" | "█"));
            let (early, late) = (bright(size.0 / 5), bright(size.0 * 4 / 5));
            assert!(late < early && late.is_some(), "{early:?} {late:?}: {text}");
        }
    }
}
