//! The player at the top: title, artist and album, progress, volume and modes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::State;
use crate::latent::Choice;
use crate::queue::Repeat;
use crate::text;
use crate::tui::theme::{Role, Theme};

use super::{Span, bar, dotted, put, put_right};

/// Draws the player; `area` has two or three rows.
pub fn player(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let row = |n: u16| Rect { y: area.y + n, height: 1, ..area };
    let left = put_right(buf, row(0), theme, &sound(model), None);
    title(model, theme, buf, left, area.height < 3);
    if area.height >= 3 {
        let left = put_right(buf, row(1), theme, &mode(model), None);
        let about = match model.playing() {
            Some(item) => {
                let year = item.song.tags.year.map(|y| y.to_string()).unwrap_or_default();
                dotted(&[item.song.artist(), item.song.album(), &year])
            }
            None => "Choose a track and press enter; jukebox goes on from there.".into(),
        };
        let fitted = text::fit(&about, usize::from(left.width.saturating_sub(2)));
        put(buf, left, theme, &[("  ".into(), Role::Text), (fitted, Role::Artist)], None);
    }
    progress(model, theme, buf, row(area.height - 1));
}

/// `alone`: the artist has no row of its own, so it follows the title.
fn title(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect, alone: bool) {
    let sign = match model.play.state {
        State::Playing => "▶ ",
        State::Paused => "‖ ",
        State::Stopped => "■ ",
    };
    let title = match model.playing() {
        Some(item) if alone => dotted(&[&item.song.title(), item.song.artist()]),
        Some(item) => item.song.title(),
        None => "jukebox".to_string(),
    };
    let fitted = text::fit(&title, usize::from(area.width.saturating_sub(2)));
    put(buf, area, theme, &[(sign.into(), Role::Playing), (fitted, Role::Title)], None);
}

/// The spectrum if it is shown, whether the output is silent, and the volume.
fn sound(model: &Model) -> Vec<Span> {
    let mut spans = Vec::new();
    if let Some(bands) = &model.play.spectrum {
        spans.push((format!("{}  ", columns(bands)), Role::Progress));
    }
    if model.play.output.as_ref().is_some_and(|o| o.silent) {
        spans.push(("no sound  ".to_string(), Role::Error));
    }
    spans.push((format!("vol {} %", model.play.volume), Role::Dim));
    spans
}

/// The spectrum in block characters: one column for two bands (levels from 0 to 1), as high as the
/// louder of them.
fn columns(bands: &[f32]) -> String {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let height = |pair: &[f32]| pair.iter().copied().fold(0.0, f32::max);
    bands.chunks(2).map(|pair| EIGHTHS[((height(pair) * 8.0).round() as usize).min(8)]).collect()
}

/// The playback modes that differ from the default, then what fills the queue: the engine, the
/// signature or course it follows, and the dimensions.
fn mode(model: &Model) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for word in model.order.modes.words() {
        spans.push((format!("{word}  "), Role::Text));
    }
    spans.extend(filling(model));
    spans
}

fn filling(model: &Model) -> Vec<Span> {
    if model.order.modes.repeat == Repeat::All {
        return Vec::new();
    }
    if !model.auto.on {
        return vec![("auto off".into(), Role::Dim)];
    }
    let by = match &model.auto.choice {
        Choice::Auto => String::new(),
        Choice::All => "all dimensions".to_string(),
        dims => crate::text::fit(&dims.to_string(), crate::text::width(&dims.to_string()).min(16)),
    };
    let engine = crate::text::sanitize(&model.auto.engine);
    let following = model.auto.following.as_ref().map_or("", |f| f.name.as_str());
    // Both may be long: a blend's name lists its parts, a journey's course names two tracks.
    let short = |text: &str| crate::text::fit(text, crate::text::width(text).min(36));
    let course = model.course().map_or_else(String::new, |words| short(&words));
    vec![("~ ".into(), Role::Auto), (dotted(&[&engine, &short(following), &course, &by]), Role::Dim)]
}

fn progress(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let length = model.duration();
    let idle = model.playing().is_none();
    let passed = if idle { "–:––".to_string() } else { text::time(model.play.position) };
    let whole = if idle || length <= 0.0 { "–:––".to_string() } else { text::time(length) };
    let columns = usize::from(area.width).saturating_sub(text::width(&passed) + text::width(&whole) + 4);
    let share = if length > 0.0 && !idle { model.play.position / length } else { 0.0 };
    let (done, rest) = bar(share, columns);
    let spans = [
        (format!("  {passed} "), Role::Text),
        (done, Role::Progress),
        (rest, Role::ProgressRest),
        (format!(" {whole}"), Role::Dim),
    ];
    put(buf, area, theme, &spans, None);
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn a_column_is_as_high_as_its_louder_band() {
        assert_eq!(columns(&[0.0, 0.0, 0.5, 0.1, 0.0, 1.0, 0.07, 0.0]), " ▄█▁");
        assert_eq!(columns(&[f32::NAN, 2.0]), "█");
    }
}
