//! The view of the sound: the spectrogram of what plays with its sections, the loudness over time, the spectrum of what is
//! sent, and what is known of the track against the library.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::state::sound_view::Picture;
use crate::audio::player::spectrum;
use crate::sound::full::{BANDS, RATE};
use crate::sound::mel::{MelConfig, place};
use crate::sound::trace::{LONGEST, Plan, decibels};
use crate::text;
use crate::tui::layout::Layout;
use crate::tui::pane::wrapped;
use crate::tui::ramp::Ramp;
use crate::tui::screen::Screen;
use crate::tui::sound::{Areas, areas};
use crate::tui::standing::{Row, rows};
use crate::tui::theme::{Role, Theme};

use super::raster::{Levels, range, raster};
use super::{Span, centred, dotted, heading, meter, put};

/// Half decibels below the loudest place that the spectrogram shows.
const DEPTH: f32 = 160.0;
/// Frequencies that are named, in Hz, those that matter most first.
const NAMED: [(f64, &str); 6] =
    [(1000.0, "1 kHz"), (8000.0, "8 kHz"), (250.0, "250 Hz"), (4000.0, "4 kHz"), (500.0, "500 Hz"), (2000.0, "2 kHz")];
/// The loudness that is as high as its rows, and that of an empty one, in LUFS.
const LOUD: [f32; 2] = [-50.0, 0.0];
/// From this peak on, in dBFS, a column counts as clipped.
const CLIPPED: f32 = -0.1;
/// Heights within a cell.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Cells of a bar of the list.
const BAR: usize = 10;

/// Draws the view.
pub fn sound(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, body: Rect) {
    let areas = areas(body);
    let Some(item) = model.playing() else {
        heading(buf, areas.head, theme, ("Sound", Role::TabFocus), "");
        let words = "Nothing plays. Choose a track in the library and press enter: here stands how it sounds.";
        let lines: Vec<Span> = wrapped(words, usize::from(body.width), Role::Dim).into_iter().flatten().collect();
        return centred(theme, buf, Layout::rows_of(body), &lines);
    };
    let picture = model.sound_view.picture(item.song.track);
    let title = dotted(&[&format!("Sound of {}", item.song.title()), item.song.artist()]);
    heading(buf, areas.head, theme, (&title, Role::TabFocus), &now(model, picture));
    spectrogram(model, picture, theme, buf, &areas);
    if let Some(picture) = picture {
        axis(model, picture, theme, buf, areas.axis);
        loudness(model, picture, theme, buf, &areas);
    }
    below(model, screen, theme, buf, &areas);
}

/// Loudness and peak where the track is now.
fn now(model: &Model, picture: Option<&Picture>) -> String {
    let Some(picture) = picture else { return String::new() };
    let at = picture.column_at(model.play.position);
    let of = |codes: &[u8]| codes.get(at).copied().and_then(decibels);
    let lufs = of(&picture.trace.loudness).map(|db| format!("{db:.0} LUFS"));
    let peak = of(&picture.trace.peaks).map(|db| format!("peak {db:.1} dB"));
    let done = picture.done();
    let made =
        if done < 1.0 && picture.fault.is_none() { format!("{:.0} % made", done * 100.0) } else { String::new() };
    dotted(&[&lufs.unwrap_or_default(), &peak.unwrap_or_default(), &made])
}

/// The column of an area at a position.
fn cursor(model: &Model, picture: &Picture, area: Rect) -> u16 {
    let share = (model.play.position / picture.plan.secs).clamp(0.0, 1.0);
    area.x + ((share * f64::from(area.width)) as u16).min(area.width.saturating_sub(1))
}

fn spectrogram(model: &Model, picture: Option<&Picture>, theme: &Theme, buf: &mut Buffer, areas: &Areas) {
    let area = areas.picture;
    match picture.filter(|picture| picture.loudest > 0) {
        Some(picture) => {
            let lowest = f32::from(picture.loudest) - DEPTH;
            let level = |band: usize, column: usize| {
                let code = picture.trace.levels.get(column * BANDS + band).copied().unwrap_or(0);
                ((f32::from(code) - lowest) / DEPTH).clamp(0.0, 1.0)
            };
            let levels = Levels { rows: BANDS, columns: picture.plan.columns, level: &level };
            raster(&levels, &Ramp::of(theme), buf, area);
            let x = cursor(model, picture, area);
            for y in area.top()..area.bottom() {
                // A full block has its colour in front: behind the line it would be a hole.
                if let Some(cell) = buf.cell_mut((x, y)).filter(|cell| cell.symbol() == "█") {
                    cell.bg = cell.fg;
                }
                buf.set_string(x, y, "│", theme.style(Role::Playing));
            }
        }
        None => {
            let (words, role) = missing(model, picture);
            let lines: Vec<Span> = wrapped(&words, usize::from(area.width), role).into_iter().flatten().collect();
            centred(theme, buf, area, &lines);
        }
    }
    frequencies(theme, buf, areas.names);
}

/// Why there is no spectrogram.
fn missing(model: &Model, picture: Option<&Picture>) -> (String, Role) {
    let secs = model.duration();
    match picture {
        Some(Picture { fault: Some(why), .. }) => (format!("No spectrogram: {why}"), Role::Error),
        Some(picture) if picture.done() >= 1.0 => ("It is silent.".into(), Role::Dim),
        None if secs > LONGEST => ("No spectrogram: it is longer than two hours.".into(), Role::Dim),
        None if Plan::of(secs).is_none() => ("No spectrogram: its length is not known.".into(), Role::Dim),
        _ => ("Making the spectrogram …".into(), Role::Dim),
    }
}

/// The names of frequencies, as far as they do not fall together.
fn frequencies(theme: &Theme, buf: &mut Buffer, area: Rect) {
    if area.area() == 0 {
        return;
    }
    let config = MelConfig { rate: RATE, n_fft: 2048, hop: 512, bands: BANDS, fmin: 0.0, fmax: RATE as f32 / 2.0 };
    let mut taken: Vec<u16> = Vec::new();
    for (hz, name) in NAMED {
        let row = (((1.0 - place(&config, hz)) * f64::from(area.height)) as u16).min(area.height - 1);
        if taken.iter().all(|other| other.abs_diff(row) > 1) {
            taken.push(row);
            let columns = usize::from(area.width.saturating_sub(1));
            let line = Rect { y: area.y + row, height: 1, ..area };
            put(buf, line, theme, &[(format!("{name:>columns$}"), Role::Dim)], None);
        }
    }
}

/// The line below the spectrogram: sections with their numbers, what plays, and the times at both ends.
fn axis(model: &Model, picture: &Picture, theme: &Theme, buf: &mut Buffer, area: Rect) {
    if area.area() == 0 {
        return;
    }
    let width = usize::from(area.width);
    put(buf, area, theme, &[("─".repeat(width), Role::Border)], None);
    let (begin, end) = (text::time(0.0), text::time(picture.plan.secs));
    put(buf, area, theme, &[(format!("{begin} "), Role::Dim)], None);
    let right = text::width(&end) as u16;
    if right + 8 < area.width {
        let line = Rect { x: area.right() - right - 1, width: right + 1, ..area };
        put(buf, line, theme, &[(format!(" {end}"), Role::Dim)], None);
    }
    let mut free = area.x + text::width(&begin) as u16 + 1;
    for (number, begins) in (2..).zip(&picture.sections) {
        let x = area.x + (begins / picture.plan.secs * f64::from(area.width)) as u16;
        let words = format!("┬{number}");
        let wide = text::width(&words) as u16;
        if x < free || x + wide + right + 1 >= area.right() {
            continue;
        }
        put(buf, Rect { x, width: wide, ..area }, theme, &[(words, Role::Accent)], None);
        free = x + wide + 1;
    }
    let x = cursor(model, picture, area);
    put(buf, Rect { x, width: 1, ..area }, theme, &[("▲".into(), Role::Playing)], None);
}

/// The loudness over time; columns that are clipped stand out.
fn loudness(model: &Model, picture: &Picture, theme: &Theme, buf: &mut Buffer, areas: &Areas) {
    let area = areas.loudness;
    let x = cursor(model, picture, area);
    for n in 0..area.width {
        let columns = range(usize::from(n), usize::from(area.width), picture.plan.columns);
        let most = |codes: &[u8]| codes.get(columns.clone()).and_then(|codes| codes.iter().max().copied());
        let level = most(&picture.trace.loudness).and_then(decibels);
        let height = level.map_or(0.0, |db| (db - LOUD[0]) / (LOUD[1] - LOUD[0]));
        let clipped = most(&picture.trace.peaks).and_then(decibels).is_some_and(|db| db >= CLIPPED);
        let role = match (area.x + n, clipped) {
            (at, _) if at == x => Role::Playing,
            (_, true) => Role::Obstacle,
            _ => Role::ProgressRest,
        };
        column(buf, Rect { x: area.x + n, width: 1, ..area }, theme, height, role);
    }
    let name = Rect { x: areas.names.x, y: area.y, width: areas.names.width, height: area.height.min(1) };
    put(buf, name, theme, &[("  LUFS".into(), Role::Dim)], None);
}

/// A bar upwards, in eighths of a cell.
fn column(buf: &mut Buffer, area: Rect, theme: &Theme, share: f32, role: Role) {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * f32::from(area.height) * 8.0).round() as usize;
    for (n, y) in (area.top()..area.bottom()).rev().enumerate() {
        let sign = EIGHTHS[eighths.saturating_sub(8 * n).min(8)];
        if sign != ' ' {
            let sign = sign.to_string().repeat(usize::from(area.width));
            buf.set_string(area.x, y, sign, theme.style(role));
        }
    }
}

/// The spectrum and the list.
fn below(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, areas: &Areas) {
    let rows = rows(model);
    let (top, room) = (screen.sound_top(model), areas.room());
    let place = if rows.len() > room {
        format!("{}–{} of {}", top + 1, (top + room).min(rows.len()), rows.len())
    } else {
        String::new()
    };
    let title = if areas.spectrum.width > 0 {
        "what is sent now · the track in your library"
    } else {
        "the track in your library"
    };
    heading(buf, areas.below, theme, (title, Role::Tab), &place);
    live(model, theme, buf, areas.spectrum);
    let mut rows = rows.iter().skip(top);
    for list in &areas.lists {
        for (y, row) in (list.top()..list.bottom()).zip(rows.by_ref()) {
            put(buf, Rect { y, height: 1, ..*list }, theme, &line(row, usize::from(list.width)), None);
        }
    }
}

/// A row of the list.
fn line(row: &Row, columns: usize) -> Vec<Span> {
    match row {
        Row::Head(words) => vec![(text::fit(words, text::width(words).min(columns)), Role::Heading)],
        Row::Of { name, share, words } => {
            let name_columns = columns.saturating_sub(BAR + 2 + 13).clamp(8, 30);
            let bar = share.map_or(" ".repeat(BAR + 2), |share| format!("▕{}▏", meter(share, BAR)));
            let room = columns.saturating_sub(name_columns + BAR + 3);
            vec![
                (text::fit(name, name_columns), Role::Dim),
                (bar, Role::Progress),
                (format!(" {}", text::fit(words, text::width(words).min(room))), Role::Text),
            ]
        }
    }
}

/// The spectrum of what is sent, with its highest levels of late, over an axis of frequencies.
fn live(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    if area.width == 0 || area.height < 2 {
        return;
    }
    let each = (area.width / spectrum::BANDS as u16).max(1);
    let bars = Rect { height: area.height - 1, ..area };
    let view = &model.sound_view;
    for (n, (band, peak)) in (0u16..).zip(view.bands.iter().zip(&view.peaks)) {
        let bar = Rect { x: bars.x + n * each, width: each, ..bars }.intersection(bars);
        column(buf, bar, theme, *band, Role::Progress);
        let row = |level: f32| (level.clamp(0.0, 1.0) * f32::from(bars.height)).ceil() as u16;
        // Above its bar only.
        if row(*peak) > row(*band) && bar.width > 0 {
            let y = bars.bottom() - row(*peak);
            buf.set_string(bar.x, y, "─".repeat(usize::from(bar.width)), theme.style(Role::Accent));
        }
    }
    let line = Rect { y: bars.bottom(), height: 1, ..area };
    let (low, high) = ("50 Hz", "16 kHz");
    let middle = "70 dB high";
    let gap = usize::from(area.width).saturating_sub(low.len() + high.len() + middle.len());
    let words = format!("{low}{}{middle}{}{high}", " ".repeat(gap / 2), " ".repeat(gap - gap / 2));
    put(buf, line, theme, &[(words, Role::Dim)], None);
}

#[cfg(test)]
#[path = "sound_tests.rs"]
mod tests;
