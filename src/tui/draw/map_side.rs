//! What stands beside the map, or below it: the track nearest to the cursor, the marks, the colours.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::state::map::Progress;
use crate::ask::known::Known;
use crate::ask::map::{Chart, Class, Kind};
use crate::library::Song;
use crate::text;
use crate::tui::pane::wrapped;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::map_looks::{role, sign, style};
use super::{Span, dotted, put, thousands};

/// The dots beside a class's name.
const DOTS: char = '⣿';

/// A song in a line: title, artist, album.
pub fn one_line(song: &Song) -> String {
    dotted(&[&song.title(), song.artist(), song.album()])
}

/// Draws what stands beside the map.
pub fn side(
    model: &Model,
    screen: &Screen,
    chart: &Chart,
    song: Option<&Song>,
    theme: &Theme,
    buf: &mut Buffer,
    area: Rect,
) {
    if area.is_empty() {
        return;
    }
    for y in area.top()..area.bottom() {
        buf.set_string(area.x.saturating_sub(2), y, "│", theme.style(Role::Border));
    }
    let columns = usize::from(area.width);
    let mut lines: Vec<Vec<Span>> = Vec::new();
    lines.extend(song.map(|song| card(model, song)).unwrap_or_default());
    lines.push(Vec::new());
    lines.extend(marked(model, chart));
    if !screen.map.songs.is_empty() {
        let n = screen.map.songs.len();
        let (tracks, them) = (text::either(n, "track", "tracks"), text::either(n, "it", "them"));
        let chosen = format!("{} {tracks} chosen; esc gives {them} up", thousands(n));
        lines.extend(wrapped(&chosen, columns, Role::Marked));
    }
    lines.push(Vec::new());
    lines.push(vec![(format!("colour: {}", chart.wanted.colour.name()), Role::Heading)]);
    let classes = chart.classes.iter().enumerate().filter(|(_, class)| class.count > 0);
    lines.extend(classes.map(|(number, class)| {
        let role = role(chart.wanted.colour, number as u8, theme);
        let count = thousands(class.count);
        let room = columns.saturating_sub(3 + text::width(&count));
        let name = text::fit(&class.name, text::width(&class.name).min(room));
        vec![(format!("{DOTS} "), role), (format!("{name} "), Role::Text), (count, Role::Dim)]
    }));
    if model.map.later > 0 && model.map.progress == Progress::Ready {
        lines.push(Vec::new());
        let (n, were) = (thousands(model.map.later), text::either(model.map.later, "was", "were"));
        let later = format!("{n} {were} placed later; :map refit lays all out anew");
        lines.extend(wrapped(&later, columns, Role::Dim));
    }
    for (y, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        let row = Rect { y: area.y + y as u16, height: 1, ..area };
        put(buf, row, theme, &fitted(line, columns), None);
    }
    // The dots have the style of the map, which is not that of their role where there are no colours.
    recolour(chart, &lines, theme, buf, area);
}

/// Cuts the spans of a line off at its end.
fn fitted(line: &[Span], columns: usize) -> Vec<Span> {
    let mut left = columns;
    let mut out = Vec::new();
    for (words, role) in line {
        let width = text::width(words).min(left);
        out.push((text::fit(words, width), *role));
        left -= width;
    }
    out
}

fn recolour(chart: &Chart, lines: &[Vec<Span>], theme: &Theme, buf: &mut Buffer, area: Rect) {
    let mut classes = chart.classes.iter().enumerate().filter(|(_, class)| class.count > 0).map(|(at, _)| at as u8);
    for (y, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        let begins = line.first().is_some_and(|(words, _)| words.starts_with(DOTS));
        if let Some(class) = begins.then(|| classes.next()).flatten()
            && let Some(cell) = buf.cell_mut((area.x, area.y + y as u16))
        {
            cell.set_style(style(chart.wanted.colour, class, None, theme));
        }
    }
}

/// What is known of a song.
fn card(model: &Model, song: &Song) -> Vec<Vec<Span>> {
    let year = song.tags.year.map_or(String::new(), |year| year.to_string());
    let known: Known<'_> = model.known();
    let bpm = known.tempo(song).map_or(String::new(), |bpm| format!("{bpm:.0} bpm"));
    let fit = known.fits.of(song.track).map_or(String::new(), |fit| format!("{:.0} % fit", 100.0 * fit));
    let seen = model.inspected.as_deref().filter(|seen| seen.path == *song.path);
    let words = seen.map_or(String::new(), |seen| seen.words.join(", "));
    let mut lines = vec![
        vec![("◉ ".to_string(), Role::Accent), (song.title(), Role::Title)],
        vec![(format!("  {}", dotted(&[song.artist(), song.album(), &year])), Role::Artist)],
        vec![(format!("  {}", dotted(&[&fit, &bpm, &text::sanitize(&words)])), Role::Dim)],
    ];
    let near = seen.map(|seen| &seen.near[..]).unwrap_or_default();
    if !near.is_empty() {
        lines.push(Vec::new());
        lines.push(vec![("sounds most like it".into(), Role::Heading)]);
        lines
            .extend(near.iter().map(|near| {
                vec![(format!("  {}", text::sanitize(&dotted(&[&near.title, &near.artist]))), Role::Text)]
            }));
    }
    lines
}

/// What the marks mean, and how many there are of each.
fn marked(model: &Model, chart: &Chart) -> Vec<Vec<Span>> {
    let span = |kind: Kind, words: String| {
        let (sign, role) = sign(kind);
        [(format!("{sign} "), role), (words, Role::Dim)]
    };
    let count = |kind: Kind| chart.marks.iter().filter(|mark| mark.kind == kind).count();
    let (hand, auto) = (count(Kind::Hand), count(Kind::Auto));
    let played = chart.marks.iter().filter(|mark| matches!(mark.kind, Kind::Played(_))).count();
    let mut lines =
        vec![[span(Kind::Hand, format!("yours {hand}  ")), span(Kind::Auto, format!("queue {auto}"))].concat()];
    if model.playing().is_some() {
        let words = if played > 0 { "now, 1 … 9 played before" } else { "now" };
        lines.push(span(Kind::Playing, words.into()).to_vec());
    }
    lines
}

/// The colours in a line, as many as there is room for.
pub fn legend(chart: &Chart, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let mut x = area.x;
    let classes = chart.classes.iter().enumerate().filter(|(_, class)| class.count > 0);
    for (number, Class { name, .. }) in classes {
        let width = text::width(name) as u16 + 2;
        if area.height == 0 || x + width > area.right() {
            break;
        }
        let role = role(chart.wanted.colour, number as u8, theme);
        let part = Rect { x, width, height: 1, ..area };
        put(buf, part, theme, &[(format!("{DOTS} "), role), (name.clone(), Role::Dim)], None);
        if let Some(cell) = buf.cell_mut((x, area.y)) {
            cell.set_style(style(chart.wanted.colour, number as u8, None, theme));
        }
        x += width + 2;
    }
}
