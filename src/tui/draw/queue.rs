//! The queue: what was played, what plays, what comes and why. Only visible rows are drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::describe::reason;
use crate::library::Song;
use crate::queue::{Item, Origin};
use crate::text;
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::window;
use crate::tui::pages;
use crate::tui::pane::{PageInput, Shown};
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::heads::{self, Head};
use super::table::{self, Kind, title_role};
use super::{Span, centred, dotted, heading, meter, playing_sign, put, stars, thousands};

/// Columns of the sign and the blanks around the number before the title.
const LEAD: usize = 4;

/// The sign before what the automatic tracks ahead have in common.
const SIGN: &str = "  ~ ";
/// The fewest columns in which that is worth saying.
const WORTH: usize = 12;

/// Draws the queue and, where there is room, why the item under the cursor is in it.
pub fn queue(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, layout: &Layout) {
    let (list, why) = layout.queue();
    let items = model.queue.items();
    head(model, screen, theme, buf, list, Role::TabFocus);
    let (above, below) = Layout::queue_rows(list);
    heads::draw(&queue_heads(model, screen, above), theme, buf, above);
    rows(model, screen, theme, buf, below, window_of(screen, items.len(), below), true);
    if why.height == 0 {
        return;
    }
    let Some(item) = items.get(screen.queue.at) else { return };
    heading(buf, why, theme, (&dotted(&["why", &item.song.title()]), Role::Tab), "");
    let area = Layout::rows_of(why);
    let columns = usize::from(area.width.saturating_sub(2));
    let about = Some(item.serial);
    let PageInput { bindings, narrow, log, .. } = screen.page_input();
    let lines = pages::WHY.lines(&Shown { model, bindings, narrow, log, panes: pages::PANES, about, columns });
    // The title stands in the heading already.
    for (y, spans) in lines.iter().skip(1).take(usize::from(area.height)).enumerate() {
        put(buf, Rect { x: area.x + 1, y: area.y + y as u16, width: area.width - 1, height: 1 }, theme, spans, None);
    }
}

/// Draws what comes next, beside another view.
pub fn beside(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    head(model, screen, theme, buf, area, Role::Tab);
    let items = model.queue.items();
    // The current item stands at the top, after one that was played.
    let front = items.len() - model.queue.ahead().len();
    let area = Layout::rows_of(area);
    let top = front.saturating_sub(2).min(items.len().saturating_sub(usize::from(area.height)));
    rows(model, screen, theme, buf, area, top, false);
}

fn window_of(screen: &Screen, len: usize, rows: Rect) -> usize {
    window(screen.queue.top, screen.queue.at, len, usize::from(rows.height), screen.margin())
}

/// Columns of the number before a title.
fn digits(model: &Model) -> usize {
    model.queue.ahead().len().to_string().len().max(3)
}

/// The heads of the queue's columns in their row; none where it has no row, or the queue no tracks.
pub fn queue_heads(model: &Model, screen: &Screen, area: Rect) -> Vec<Head> {
    if area.height == 0 || model.queue.items().is_empty() {
        return Vec::new();
    }
    let lead = LEAD + digits(model);
    let columns = table::queue(usize::from(area.width), lead, &screen.columns);
    heads::heads(&columns, area, usize::from(area.x), lead, screen.queue_order())
}

/// Draws the heading, with what the automatic tracks ahead have in common behind the title: their rows do not repeat it.
fn head(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect, role: Role) {
    let (title, sums) = (title(model), sums(model));
    heading(buf, area, theme, (&title, role), &sums);
    let words = text::sanitize(&screen.common.shared().words());
    // A rule of two columns stands before the title, a blank and a rule around the sums; of the rule between the two, one
    // column and the blank before it stay.
    let left = text::width(&title) + 2;
    let right = if sums.is_empty() { 0 } else { text::width(&sums) + 3 };
    let room = usize::from(area.width).saturating_sub(left + right + SIGN.len() + 2);
    if words.is_empty() || room < WORTH {
        return;
    }
    let words = text::fit(&words, text::width(&words).min(room));
    let rest = Rect { x: area.x + left as u16, width: area.width - left as u16, ..area };
    put(buf, rest, theme, &[(SIGN.into(), Role::Auto), (words, Role::Dim), (" ".into(), Role::Dim)], None);
}

fn title(model: &Model) -> String {
    match model.queue.ahead().len() {
        0 if model.asking() => "Queue: choosing what fits …".into(),
        0 => "Queue".into(),
        n => format!("Queue: {} ahead", thousands(n)),
    }
}

/// Whose the tracks ahead are, and how long they last.
fn sums(model: &Model) -> String {
    // Counting all of a long queue in every frame would cost more with every track.
    const COUNTED: usize = 1000;
    let ahead = model.queue.ahead();
    if ahead.is_empty() {
        return String::new();
    }
    let whose = if ahead.len() > COUNTED {
        String::new()
    } else {
        let hand = ahead.iter().filter(|item| item.origin == Origin::Hand).count();
        match (hand, ahead.len() - hand) {
            (0, _) => "all picked".into(),
            (hand, 0) => format!("{hand} yours"),
            (hand, auto) => format!("{hand} yours · {auto} picked"),
        }
    };
    dotted(&[&whose, &text::time(model.queue.secs_ahead())])
}

/// The rows of the queue from the item `top` on.
fn rows(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect, top: usize, focused: bool) {
    let items = model.queue.items();
    if items.is_empty() {
        let lines = [
            ("The queue is empty.".to_string(), Role::Text),
            (String::new(), Role::Text),
            ("enter plays a track, e adds one.".to_string(), Role::Dim),
            ("What fits it then comes by itself.".to_string(), Role::Dim),
        ];
        return centred(theme, buf, area, &lines);
    }
    let front = items.len() - model.queue.ahead().len();
    let digits = digits(model);
    let columns = table::queue(usize::from(area.width), LEAD + digits, &screen.columns);
    for (y, (index, item)) in items.iter().enumerate().skip(top).take(usize::from(area.height)).enumerate() {
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let now = model.queue.current() == Some(index);
        let marked = screen.marks.items.contains(&item.serial);
        let here = focused && screen.focus == Pane::Queue && index == screen.queue.at;
        let base = here.then(|| theme.style(Role::Text).patch(theme.style(Role::Selected)));
        let number = if index >= front { (index - front + 1).to_string() } else { String::new() };
        let past = index < front && !now;
        let sign = match (&item.origin, now, marked) {
            (_, true, _) => (playing_sign(model), Role::Playing),
            (_, _, true) => ("●", Role::Marked),
            _ if item.away => ("?", Role::Dim),
            _ if past => ("✓", Role::Dim),
            (Origin::Hand, ..) => ("+", Role::Hand),
            (Origin::Auto(_), ..) => ("~", Role::Auto),
        };
        // A missing file is skipped; its item stays, dimmed, in case the file comes back.
        let title = if past || item.away && !now { Role::Dim } else { title_role(screen, &item.song, now, marked) };
        let lead = [(format!("{} ", sign.0), sign.1), (format!("{number:>digits$}  "), Role::Dim)];
        let cell = |column: &table::Column| (*column, cell(model, screen, (item, index >= front), *column, title));
        table::row(buf, line, theme, &lead, columns.iter().map(cell), base);
    }
}

/// `ahead`: the item comes after what plays.
fn cell(model: &Model, screen: &Screen, (item, ahead): (&Item, bool), column: table::Column, title: Role) -> Span {
    match column.kind {
        Kind::Why => {
            (why(model, screen, item, ahead), if item.origin == Origin::Hand { Role::Dim } else { Role::Text })
        }
        Kind::Fit => fit_span(fit(model, item), column.width),
        _ => song_span(model, &item.song, column, title),
    }
}

/// What a column says of a song.
pub fn song_span(model: &Model, song: &Song, column: table::Column, title: Role) -> Span {
    match column.kind {
        Kind::Title => (song.title(), title),
        Kind::Artist => (song.artist().to_string(), Role::Dim),
        Kind::Album => (song.album().to_string(), Role::Dim),
        Kind::Why => (String::new(), Role::Dim),
        Kind::Fit => fit_span(model.fits.of(song.track), column.width),
        Kind::Length => (table::length(song.secs), Role::Dim),
        Kind::Year => (song.tags.year.map(|year| year.to_string()).unwrap_or_default(), Role::Dim),
        Kind::Tempo => (number(model.known().tempo(song), 0), Role::Dim),
        Kind::Energy => (number(model.known().energy(song), 2), Role::Dim),
        Kind::Brightness => (number(model.known().brightness(song), 0), Role::Dim),
        Kind::Plays => (model.tallies.of_song(song).plays.to_string(), Role::Dim),
        Kind::Rating => (model.tallies.of_song(song).rating.map(stars).unwrap_or_default(), Role::Accent),
        Kind::Added => (text::day(song.added), Role::Dim),
    }
}

/// A number with so many decimals; empty where it is unknown.
fn number(value: Option<f32>, decimals: usize) -> String {
    value.map(|value| format!("{value:.decimals$}")).unwrap_or_default()
}

/// Why an automatic track was picked, of those ahead what the heading does not say; of the user's own, that it is.
fn why(model: &Model, screen: &Screen, item: &Item, ahead: bool) -> String {
    let (catalog, cards) = (&model.catalog, model.cards());
    match &item.origin {
        Origin::Auto(why) if ahead => text::sanitize(&screen.common.shared().own(why, catalog, cards)),
        Origin::Auto(why) => text::sanitize(&reason(why, catalog, cards)),
        Origin::Hand => "yours".into(),
    }
}

/// How well an item fits, 0 to 1: of a picked track what the engine said when it chose it.
fn fit(model: &Model, item: &Item) -> Option<f32> {
    match &item.origin {
        Origin::Auto(why) => why.fit.filter(|fit| fit.is_finite()).or_else(|| model.fits.of(item.song.track)),
        Origin::Hand => model.fits.of(item.song.track),
    }
}

/// A fit as a bar, with the percentage where the column has room for it.
pub fn fit_span(fit: Option<f32>, columns: usize) -> Span {
    let Some(fit) = fit else { return (String::new(), Role::Dim) };
    // 100 % would overstate the evidence.
    let percent = (f64::from(fit.clamp(0.0, 1.0)) * 100.0).min(99.0);
    match columns {
        0..=4 => (meter(fit, columns), Role::Progress),
        _ => (format!("{} {percent:>3.0}%", meter(fit, columns - 5)), Role::Progress),
    }
}
