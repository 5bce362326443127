//! Draws the model and the screen into a frame, and changes neither.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::text;

use super::draw::{bottom, lists, page, player, put};
use super::layout::Layout;
use super::screen::Screen;
use super::theme::{Role, Theme};

/// Draws a frame, or a message if it is too small.
pub fn view(model: &Model, screen: &Screen, theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    buf.set_style(area, theme.style(Role::Text));
    let Some(layout) = Layout::of(area, screen.focus) else {
        return too_small(theme, frame);
    };
    player::player(model, theme, buf, layout.player);
    lists::tabs(model, screen, theme, buf, &layout);
    for y in layout.divider.top()..layout.divider.bottom() {
        if layout.wide() {
            buf.set_string(layout.divider.x, y, "│", theme.style(Role::Border));
        }
    }
    if layout.library.width > 0 {
        lists::library(model, screen, theme, buf, layout.library);
    }
    if layout.queue.width > 0 {
        lists::queue(model, screen, theme, buf, layout.queue);
    }
    bottom::status(model, screen, theme, buf, layout.status);
    if let Some((open, top)) = &screen.page {
        // The bottom row stays free for notices and prompts.
        let over = Rect { height: area.height.saturating_sub(1), ..area };
        page::page(*open, *top, model, screen.keymap.bindings(), theme, buf, over);
    }
    if let Some(prompt) = &screen.prompt {
        bottom::menu(prompt, theme, buf, layout.line, layout.tabs.bottom());
    }
    if let Some(place) = bottom::line(model, screen, theme, buf, layout.line) {
        frame.set_cursor_position(place);
    }
}

fn too_small(theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let words = format!("too small: {}×{} is the least", super::layout::LEAST.0, super::layout::LEAST.1);
    let fitted = text::fit(&words, text::width(&words).min(usize::from(area.width)));
    put(frame.buffer_mut(), Rect { height: 1, ..area }, theme, &[(fitted, Role::Text)], None);
}

#[cfg(test)]
mod tests;
