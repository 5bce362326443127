//! The screen of a training: curves, the table of genres, time left. The training itself runs on another thread.

use std::time::Duration;

use crossbeam_channel::{Receiver, after, never, select, unbounded};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::clock::Clock;
use crate::config::Covers;
use crate::text;
use crate::training::curve::Curve;
use crate::training::limit::{Local, span};
use crate::training::{Progress, Stage, heads};

use super::draw::train::curve;
use super::draw::{bar, dotted, put, put_right, thousands, too_small};
use super::events::start_keys;
use super::gone::TerminalError;
use super::ground::Ground;
use super::plot::{Plot, Series};
use super::terminal::Tty;
use super::theme::{Role, Theme};

/// Minimum time between frames: 4 per second.
const FRAME: Duration = Duration::from_millis(250);
/// Width in columns from which the genres are shown beside the curves.
const WIDE: u16 = 110;
/// The smallest screen that is drawn, in columns and rows.
const LEAST: (u16, u16) = (40, 10);

/// What a frame is drawn from.
pub struct View<'a> {
    /// The state of the training.
    pub curve: &'a Curve,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// The user's time zone.
    pub local: &'a Local,
    /// The current time, in seconds since the Unix epoch.
    pub now: i64,
    /// The colours.
    pub theme: &'a Theme,
}

/// Draws until the sender of `told` is dropped, adding what it reports to `curve`. Calls `stop` for every `q` or
/// Ctrl-C. `stopping` returns whether a stop was requested, by the user or otherwise; `theme` the colours for the
/// terminal's background.
///
/// # Errors
/// One line: the terminal cannot be entered, or a thread cannot be started. A terminal that disappears later only ends
/// the display, without an error.
pub fn run(
    curve: &mut Curve,
    told: &Receiver<Progress>,
    stop: &dyn Fn(),
    stopping: &dyn Fn() -> bool,
    theme: &dyn Fn(Ground) -> Theme,
    clock: &dyn Clock,
) -> Result<(), TerminalError> {
    let mut tty = Tty::enter(false, false)?;
    let (keys, events) = unbounded();
    let found = tty.background(clock, Covers::Off);
    let theme = &theme(found.ground);
    // It draws with the theme that it began with, and no pictures.
    start_keys(keys, found.typed, found.late, unbounded().0)?;
    let local = Local::system();
    // `anew`: every cell is repainted after a resize, as the terminal may have lost some.
    let (mut drawn, mut dirty, mut anew): (Option<Duration>, bool, bool) = (None, true, false);
    loop {
        let now = clock.now();
        if dirty && drawn.is_none_or(|at| now >= at + FRAME) {
            let view = View { curve, stopping: stopping(), local: &local, now: clock.unix() as i64, theme };
            if tty.frame(anew, |frame| draw(&view, frame)).is_err() {
                return Ok(());
            }
            (drawn, dirty, anew) = (Some(now), false, false);
        }
        let wake = if dirty { drawn.map(|at| at + FRAME) } else { None };
        let timer = wake.map_or_else(never, |at| after(at.saturating_sub(clock.now())));
        select! {
            recv(told) -> progress => match progress {
                Ok(progress) => curve.take(&progress, clock.now()),
                Err(_) => return Ok(()),
            },
            recv(events) -> event => match event {
                Ok(Ok(event)) => {
                    anew |= matches!(event, Event::Resize(..));
                    if ends(&event) { stop() }
                }
                // The terminal is gone, but the training goes on.
                _ => return Ok(()),
            },
            recv(timer) -> _ => {}
        }
        dirty = true;
    }
}

/// Whether an event requests a stop.
fn ends(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press && (key.code == KeyCode::Char('q') || (control && key.code == KeyCode::Char('c')))
}

/// Draws a frame.
pub fn draw(view: &View, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    buf.set_style(area, view.theme.style(Role::Text));
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let words = too_small(LEAST, area.width);
        put(buf, area, view.theme, &[(words, Role::Text)], None);
        return;
    }
    let inner = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let row = |y: u16| Rect { y: area.y + y, height: 1, ..inner };
    head(view, buf, [row(0), row(1), row(2), row(3)]);
    let body = Rect { y: area.y + 4, height: area.height - 6, ..inner };
    if area.width >= WIDE {
        let table = 44;
        let left = Rect { width: body.width - table - 3, ..body };
        let half = left.height / 2;
        charts(view, buf, Rect { height: half, ..left }, Rect { y: left.y + half, height: left.height - half, ..left });
        genres(view, buf, Rect { x: body.right() - table, width: table, ..body });
    } else {
        // The curves get at least half of the rows: a truncated table is readable, a curve is not.
        let rows = (view.curve.genres.len() as u16 + 2).min(body.height / 2);
        let top = Rect { height: body.height - rows, ..body };
        let half = top.width / 2;
        charts(view, buf, Rect { width: half - 1, ..top }, Rect { x: top.x + half, width: top.width - half, ..top });
        genres(view, buf, Rect { y: top.bottom() + 1, height: rows.saturating_sub(1), ..body });
    }
    foot(view, buf, row(area.height - 1));
}

fn head(view: &View, buf: &mut Buffer, [first, second, third, fourth]: [Rect; 4]) {
    let (c, theme) = (view.curve, view.theme);
    let (epoch, step, steps) = c.at;
    let stage = if view.stopping { "stopping" } else { c.stage.words() };
    let of = if c.epochs > 0 { format!(" of {}", c.epochs) } else { String::new() };
    let place = if epoch > 0 && c.stage == Stage::Learning && !view.stopping {
        format!("epoch {epoch}{of}, step {step} of {steps}")
    } else {
        stage.to_string()
    };
    let rest = put_right(buf, first, theme, &[(place, Role::Text)], None);
    let title = text::fit(&c.title, text::width(&c.title).min(usize::from(rest.width)));
    put(buf, rest, theme, &[(title, Role::Title)], None);

    let mut times = Vec::new();
    if c.stage == Stage::Learning {
        times.extend(c.left().map(|left| format!("{} left", span(left))));
    }
    times.extend(c.ends.map(|ends| format!("stops at {}", view.local.show(ends, view.now))));
    let times = times.join(" · ");
    let rest = put_right(buf, second, theme, &[(times, Role::Text)], None);
    let (done, to_come) = bar(c.share().unwrap_or(0.0), usize::from(rest.width));
    put(buf, rest, theme, &[(done, Role::Progress), (to_come, Role::ProgressRest)], None);

    let loss = c.losses.last().map_or(String::new(), |p| format!("loss {:.3}", p.1));
    let now = c.done.last().map_or(String::new(), |e| format!("validation {:.1} %", 100.0 * e.validation));
    let best = c.best().filter(|_| c.done.len() > 1);
    let best = best.map_or(String::new(), |e| format!("best {:.1} % (ep. {})", 100.0 * e.validation, e.epoch));
    let guessed = c.done.last().map_or(String::new(), heads::words);
    let rate = c.rate.map_or(String::new(), |r| format!("rate {r:.1e}"));
    let speed = c.clips_a_second().map_or(String::new(), |s| format!("{s:.0} images/s"));
    let rest = put_right(buf, third, theme, &[(speed, Role::Dim)], None);
    let all = dotted(&[&now, &best, &guessed, &loss, &rate]);
    if text::width(&all) <= usize::from(rest.width) {
        put(buf, rest, theme, &[(all, Role::Text)], None);
        return;
    }
    // What the heads guess gets the row that is else empty. Parts that do not fit are dropped from the right: a truncated
    // number would be misread.
    let mut parts = vec![now.as_str(), &best, &loss, &rate];
    while text::width(&dotted(&parts)) > usize::from(rest.width) && parts.pop().is_some() {}
    put(buf, rest, theme, &[(dotted(&parts), Role::Text)], None);
    if text::width(&guessed) <= usize::from(fourth.width) {
        put(buf, fourth, theme, &[(guessed, Role::Text)], None);
    }
}

fn charts(view: &View, buf: &mut Buffer, loss: Rect, accuracy: Rect) {
    let (c, theme) = (view.curve, view.theme);
    let last = c.done.last().map_or(0.0, |e| e.epoch as f64).max(c.losses.last().map_or(0.0, |p| p.0));
    // The axis spans all epochs if their number is known, so that its scale is fixed.
    let x = [c.losses.first().map_or(0.0, |p| p.0.floor()), (c.epochs as f64).max(last).max(1.0)];
    let losses = [Series { points: &c.losses, role: Role::Accent, dotted: false }];
    let plot = Plot { series: &losses, x, label: |v| format!("{v:.2}") };
    curve(plot, &[("loss", Role::Heading)], theme, buf, loss);
    let points: Vec<(f64, f64)> = c.done.iter().map(|e| (e.epoch as f64, e.validation)).collect();
    // Without genres the validation measures explained variance. The genres are also empty before
    // the data is read, but then no epoch is done.
    let taught = c.genres.is_empty() && !c.done.is_empty();
    let measured = if taught { "variance explained" } else { "validation accuracy" };
    let right = [Series { points: &points, role: Role::Accent, dotted: false }];
    let plot = Plot { series: &right, x, label: |v| format!("{:.0} %", 100.0 * v) };
    curve(plot, &[(measured, Role::Heading)], theme, buf, accuracy);
}

fn genres(view: &View, buf: &mut Buffer, area: Rect) {
    let (c, theme) = (view.curve, view.theme);
    if area.height < 2 {
        return;
    }
    let artists = c.genres.iter().any(|g| g.artists.is_some());
    let wide = usize::from(area.width);
    let columns = if artists { [9, 9, 10] } else { [9, 0, 10] };
    let name = wide.saturating_sub(columns.iter().sum::<usize>()).min(28);
    let line = |cells: [String; 4]| {
        let [first, clips, artists, accuracy] = cells;
        let mut out = text::fit(&first, name);
        for (cell, width) in [clips, artists, accuracy].iter().zip(columns) {
            out.push_str(&" ".repeat(width.saturating_sub(text::width(cell))));
            out.push_str(if width > 0 { cell } else { "" });
        }
        out
    };
    let at = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    let head = ["genre", "clips", "artists", "right"].map(String::from);
    put(buf, at(0), theme, &[(line(head), Role::Heading)], None);
    let room = usize::from(area.height) - 1;
    let all = c.genres.len();
    let shown = if all > room { room.saturating_sub(1) } else { all };
    for (i, genre) in c.genres.iter().take(shown).enumerate() {
        let accuracy = c.accuracy.get(i).copied().flatten();
        let cells = [
            genre.name.clone(),
            thousands(genre.clips),
            genre.artists.map_or(String::new(), thousands),
            accuracy.map_or("–".into(), |a| format!("{:.0} %", 100.0 * a)),
        ];
        put(buf, at(1 + i as u16), theme, &[(line(cells), Role::Text)], None);
    }
    if shown < all {
        put(buf, at(1 + shown as u16), theme, &[(format!("and {} more", all - shown), Role::Dim)], None);
    }
}

fn foot(view: &View, buf: &mut Buffer, area: Rect) {
    let keys = if view.stopping { "q again: at once" } else { "q: stop and keep what is done" };
    let rest = put_right(buf, area, view.theme, &[(keys.into(), Role::Dim)], None);
    let said = view.curve.notes.last().cloned().unwrap_or_else(|| view.curve.device.clone());
    let role = if view.curve.notes.is_empty() { Role::Dim } else { Role::Notice };
    let said = text::fit(&said, text::width(&said).min(usize::from(rest.width)));
    put(buf, rest, view.theme, &[(said, role)], None);
}

#[cfg(test)]
#[path = "training_tests.rs"]
mod tests;
