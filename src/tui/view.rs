//! Draws the model and the screen into a frame, and changes neither.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;

use super::draw::{
    bottom, cover, figure, grid, info, library, map, page, player, put, queue, saved, signature, sound, tabs, train,
};
use super::gallery::Placement;
use super::layout::Pane;
use super::pages;
use super::pane;
use super::screen::Screen;
use super::theme::{Role, Theme};

/// Draws a view into the body of the screen.
type Draw = fn(&Model, &Screen, &Theme, &mut Buffer, Rect);

/// The views that are not lines of text, and what draws them.
const DRAWN: &[(&dyn pane::Pane, Draw)] = &[
    (pages::SIGNATURE, signature::signature),
    (pages::TRAIN, train::train),
    (pages::MAP, map::map),
    (pages::SOUND, sound::sound),
    (pages::SPECTROGRAM, |model, _, theme, buf, body| figure::figures(model, theme, buf, body)),
];

/// Draws a frame, or a message if it is too small.
pub fn view(model: &Model, screen: &Screen, theme: &Theme, frame: &mut Frame<'_>) {
    pictured(model, screen, theme, frame);
}

/// Draws a frame like [`view`], and returns the pictures that the terminal is to show above its cells.
pub fn pictured(model: &Model, screen: &Screen, theme: &Theme, frame: &mut Frame<'_>) -> Vec<Placement> {
    let area = frame.area();
    let buf = frame.buffer_mut();
    buf.set_style(area, theme.style(Role::Text));
    let Some(layout) = screen.layout_in(area) else {
        too_small(theme, frame);
        return Vec::new();
    };
    tabs::tabs(model, screen, theme, buf, layout.tabs);
    let view = screen.page.filter(|(page, _)| page.pane.is_view());
    let sought = screen.page_input().sought;
    let mut pictures = Vec::new();
    match (view, screen.focus) {
        (Some(open), _) => match DRAWN.iter().find(|(pane, _)| screen.shows(*pane)) {
            Some((_, draw)) => draw(model, screen, theme, buf, layout.body),
            None => page::page(open, &screen.laid(open.0, model, area), sought, theme, buf),
        },
        (None, Pane::Library) if screen.shows_grid() => {
            pictures = grid::grid(model, screen, theme, buf, &layout);
        }
        (None, Pane::Library) => library::library(model, screen, theme, buf, &layout),
        (None, Pane::Queue) => queue::queue(model, screen, theme, buf, &layout),
        (None, Pane::Saved) => saved::saved(model, screen, theme, buf, layout.body),
    }
    pictures.extend(info::info(model, screen, theme, buf, layout.info));
    bottom::keys(screen, theme, buf, layout.keys);
    let rule = "─".repeat(usize::from(layout.rule.width));
    put(buf, layout.rule, theme, &[(rule, Role::Border)], None);
    if let (Some(art), Some(drawn)) = (screen.art, screen.player_cover()) {
        pictures.extend(cover::hang(art, drawn, buf, layout.cover));
    }
    player::player(model, theme, buf, layout.player);
    player::then(model, theme, buf, layout.then);
    // Where it has no row of its own, the line at the bottom tells it as long as nothing else does.
    let free = layout.status.height == 0 && screen.prompt.is_none() && model.notice.is_none();
    bottom::status(model, screen, theme, buf, if free { layout.line } else { layout.status });
    if let Some(open) = screen.page.filter(|(page, _)| !page.pane.is_view()) {
        // The line below stays free for notices and commands.
        let over = Rect { height: area.height.saturating_sub(1), ..area };
        page::page(open, &screen.laid(open.0, model, over), sought, theme, buf);
    }
    if let Some(prompt) = &screen.prompt {
        bottom::menu(prompt, theme, buf, layout.line, layout.tabs.bottom());
    }
    let cursor = bottom::line(model, screen, theme, buf, layout.line);
    let pictures = cover::settled(pictures, buf);
    if let Some(place) = cursor {
        frame.set_cursor_position(place);
    }
    pictures
}

fn too_small(theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let words = super::draw::too_small(super::layout::LEAST, area.width);
    put(frame.buffer_mut(), Rect { height: 1, ..area }, theme, &[(words, Role::Text)], None);
}

#[cfg(test)]
mod signature_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod train_tests;
