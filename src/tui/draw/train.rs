//! The view of the trainings: how the run under the cursor stands, its curves, what became of it, and the list of runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::text;
use crate::training::heads;
use crate::training::limit::span;
use crate::training::runs::{Board, Run, State};
use crate::training::standing::Standing;
use crate::tui::layout::Layout;
use crate::tui::pane::wrapped;
use crate::tui::plot::{Plot, Series};
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};
use crate::tui::train::areas;

use super::train_detail::{dimensions, summary};
use super::{Span, bar, centred, dotted, heading, put, put_right};

/// Why there is nothing to see yet, and how that is changed.
const NOTHING: &str = "No encoder was trained here yet. :train start 6h trains the one in use on the genre tags of your \
library for six hours at most, beside the music; :train start teacher 6h needs no tags, but an imported teacher. It is \
used only if it is better on artists that it has not heard.";

/// From this width on the heading also names the encoder that was in use before.
const WIDE: u16 = 100;
/// The fewest columns that the bar of a training keeps beside words.
const BAR: usize = 8;

/// Draws the view.
pub fn train(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, body: Rect) {
    let areas = areas(body, screen.train.open);
    let board = model.training.board.as_deref();
    let run = screen.train_run(model);
    head(board, run, theme, buf, areas.head);
    let Some(run) = run else {
        let words = match board {
            None => "The runs are being read.",
            Some(board) if board.holder.is_some() => "A training has begun, and reads its data.",
            Some(_) => NOTHING,
        };
        let width = usize::from(body.width).min(84);
        let lines: Vec<Span> = wrapped(words, width, Role::Dim).into_iter().flatten().collect();
        return centred(theme, buf, Layout::rows_of(body), &lines);
    };
    curves(run, theme, buf, areas.loss, areas.score);
    let width = usize::from(areas.detail.width);
    let lines = if screen.train.open { dimensions(run, model.cards(), width) } else { summary(run, width) };
    for (y, line) in lines.iter().take(usize::from(areas.detail.height)).enumerate() {
        put(buf, Rect { y: areas.detail.y + y as u16, height: 1, ..areas.detail }, theme, line, None);
    }
    list(model, screen, theme, buf, areas.list_head, areas.list);
}

/// The heading, how the run stands, and how far it is.
fn head(board: Option<&Board>, run: Option<&Run>, theme: &Theme, buf: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    let row = |y: u16| Rect { y: area.y + y, height: u16::from(area.height > y), ..area };
    let title = run.map_or_else(String::new, |run| dotted(&[&run.name, &run.arch, &run.data]));
    let encoders = board.filter(|board| !board.in_use.is_empty()).map_or_else(String::new, |board| {
        let before = board.before.as_ref().filter(|_| area.width >= WIDE);
        let before = before.map_or_else(String::new, |before| format!("before: {before}"));
        dotted(&[&format!("in use: {}", board.in_use), &before])
    });
    let title = if title.is_empty() { "Train".to_string() } else { format!("Train: {title}") };
    heading(buf, row(0), theme, (&title, Role::TabFocus), &text::sanitize(&encoders));
    let Some(run) = run else { return };
    let (stands, role) = stands(run);
    let rest = put_right(buf, row(1), theme, &[(times(run), Role::Text)], None);
    put(buf, rest, theme, &[(text::fit(&stands, usize::from(rest.width)), role)], None);
    let best = run.done.iter().rfind(|epoch| epoch.best);
    let best = best.map_or_else(String::new, |e| format!("best {:.1} % in epoch {}", 100.0 * e.validation, e.epoch));
    let standing = run.standing.as_ref();
    let speed = standing.filter(|_| run.state.is_running()).and_then(|standing| standing.speed);
    let speed = speed.map_or_else(String::new, |speed| format!("{speed:.0} clips/s"));
    // That of the best epoch stands in the detail.
    let guessed = run.done.last().filter(|_| run.state.is_running()).map_or_else(String::new, heads::short);
    let told = dotted(&[&guessed, &best, &speed]);
    let fits = text::width(&told) + 1 + BAR <= usize::from(area.width);
    let told = if fits { told } else { dotted(&[&best, &speed]) };
    let rest = put_right(buf, row(2), theme, &[(told, Role::Dim)], None);
    let share = standing.map_or(0.0, |standing| standing.share);
    let share = if standing.is_some() { share } else { run.done.len() as f64 / run.epochs.max(1) as f64 };
    let (done, to_come) = bar(share, usize::from(rest.width));
    put(buf, rest, theme, &[(done, Role::Progress), (to_come, Role::ProgressRest)], None);
}

/// What a run does, or what became of it.
fn stands(run: &Run) -> (String, Role) {
    let epochs = match run.done.len() {
        1 => "1 epoch".to_string(),
        n => format!("{n} epochs"),
    };
    match &run.state {
        State::Running => (run.standing.as_ref().map_or("reading the data".into(), doing), Role::Accent),
        State::Stopping => ("stopping; what is done is kept".into(), Role::Hint),
        State::Published(_) => (dotted(&[&run.words(), &epochs]), Role::Notice),
        State::Aside => (dotted(&["kept aside: the encoder in use stays", &epochs]), Role::Hint),
        State::Stopped => (format!("stopped after {epochs}; it can be gone on with"), Role::Hint),
        State::Failed(why) => (format!("failed: {why}"), Role::Error),
        State::Lost => {
            (format!("its process ended unexpectedly after {epochs}; it can be gone on with"), Role::Obstacle)
        }
        State::Damaged(why) => (format!("damaged: {why}"), Role::Error),
    }
}

/// The stage of a training, or the step that it is at.
fn doing(standing: &Standing) -> String {
    let (epoch, step, steps) = standing.at;
    if standing.stage != crate::training::Stage::Learning || epoch == 0 {
        return standing.stage.words().into();
    }
    let of = if standing.epochs > 0 { format!(" of {}", standing.epochs) } else { String::new() };
    format!("epoch {epoch}{of}, step {step} of {steps}")
}

/// The time left and the latest end.
fn times(run: &Run) -> String {
    let left = run.left().map_or_else(String::new, |left| format!("{} left", span(left)));
    let ends = run.ends.as_ref().map_or_else(String::new, |ends| format!("stops at {ends}"));
    dotted(&[&left, &ends])
}

/// The curves of the loss, and of what is measured on the validation clips.
fn curves(run: &Run, theme: &Theme, buf: &mut Buffer, loss: Rect, score: Rect) {
    let of = |value: fn(&crate::training::EpochReport) -> f64| -> Vec<(f64, f64)> {
        run.done.iter().map(|epoch| (epoch.epoch as f64, value(epoch))).collect()
    };
    let steps = run.standing.as_ref().map_or(&[][..], |standing| &standing.losses);
    let learned = if steps.len() > run.done.len() { steps.to_vec() } else { of(|epoch| epoch.loss) };
    let (held, right) = (of(|epoch| epoch.validation_loss), of(|epoch| epoch.validation));
    let last = learned.last().map_or(0.0, |p| p.0).max(run.done.len() as f64);
    let x = [0.0, last.max(run.epochs as f64).max(1.0)];
    let both = [
        Series { points: &learned, role: Role::Accent, dotted: false },
        Series { points: &held, role: Role::Playing, dotted: true },
    ];
    let names = [("loss ", Role::Heading), ("⠤⠤ training ", Role::Accent), ("⠄⠄ validation", Role::Playing)];
    curve(Plot { series: &both, x, label: |v| format!("{v:.2}") }, &names, theme, buf, loss);
    // Without genres it is the explained share of the teacher's variance.
    let taught = run.standing.as_ref().is_some_and(|standing| standing.genres == 0 && standing.clips[0] > 0);
    let name = if taught { "variance of the teacher explained" } else { "validation accuracy" };
    let one = [Series { points: &right, role: Role::Playing, dotted: false }];
    let plot = Plot { series: &one, x, label: |v| format!("{:.0} %", 100.0 * v) };
    curve(plot, &[(name, Role::Heading)], theme, buf, score);
}

/// Draws curves below their names, or that there is nothing to draw yet.
pub fn curve(plot: Plot, names: &[(&str, Role)], theme: &Theme, buf: &mut Buffer, area: Rect) {
    if area.area() == 0 {
        return;
    }
    let names: Vec<Span> = names.iter().map(|(words, role)| ((*words).to_string(), *role)).collect();
    put(buf, Rect { height: 1, ..area }, theme, &names, None);
    let rows = usize::from(area.height).saturating_sub(1);
    let mut lines = plot.lines(usize::from(area.width), rows);
    if lines.is_empty() && rows > 0 {
        lines.push(vec![("nothing yet".into(), Role::Dim)]);
    }
    for (y, line) in lines.iter().take(rows).enumerate() {
        put(buf, Rect { y: area.y + 1 + y as u16, height: 1, ..area }, theme, line, None);
    }
}

/// The runs.
fn list(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, head: Rect, area: Rect) {
    let Some(board) = model.training.board.as_deref().filter(|_| head.area() > 0) else { return };
    let at = screen.train_at(model);
    let place = format!("{} of {}", at + 1, board.runs.len());
    heading(buf, head, theme, ("Runs", Role::Heading), &place);
    let rows = board.runs.iter().enumerate().skip(screen.train.top).take(usize::from(area.height));
    for (y, (index, run)) in rows.enumerate() {
        let line = Rect { y: area.y + y as u16, height: 1, ..area };
        let here = index == at;
        let base = here.then(|| theme.style(Role::Text).patch(theme.style(Role::Selected)));
        if let Some(base) = base {
            buf.set_style(line.intersection(buf.area), base);
        }
        put(buf, line, theme, &row(run, usize::from(area.width)), base);
    }
}

/// A run on a line: its sign and name, what is measured, what became of it, its data where there is room.
fn row(run: &Run, columns: usize) -> Vec<Span> {
    const NAME: usize = 19;
    const STATE: usize = 24;
    let (sign, role) = match run.state {
        State::Running | State::Stopping => ("▶", Role::Playing),
        State::Published(_) => ("✓", Role::Notice),
        State::Aside => ("·", Role::Dim),
        State::Stopped => ("‖", Role::Hint),
        State::Failed(_) | State::Damaged(_) => ("✗", Role::Error),
        State::Lost => ("!", Role::Obstacle),
    };
    let best = run.done.iter().rfind(|epoch| epoch.best);
    let best = best.map_or_else(|| " ".repeat(7), |epoch| format!("{:>5.1} %", 100.0 * epoch.validation));
    let mut used = 2;
    let mut spans: Vec<Span> = vec![(format!("{sign} "), role)];
    let mut add = |words: &str, most: usize, role: Role| {
        let room = columns.saturating_sub(used).min(most);
        used += room + 1;
        spans.push((text::fit(words, room), role));
        spans.push((" ".into(), Role::Text));
    };
    add(&run.name, NAME, Role::Text);
    add(&best, 7, Role::Text);
    add(&run.words(), STATE, Role::Dim);
    add(&dotted(&[&run.arch, &run.data]), columns, Role::Dim);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::colour::Depth;
    use crate::tui::fixture;

    /// The last row of the head of a run.
    fn told(run: &Run, width: u16) -> String {
        let area = Rect { x: 0, y: 0, width, height: 3 };
        let mut buf = Buffer::empty(area);
        head(None, Some(run), &Theme::fallback(Depth::True.into()), &mut buf, area);
        fixture::text(&buf).lines().nth(2).unwrap_or_default().to_string()
    }

    #[test]
    fn a_training_with_heads_says_what_they_guess_now() {
        let standing = Some(fixture::standing());
        let plain = Run { standing, ..fixture::run("1", State::Running, 8) };
        let mut run = plain.clone();
        let last = run.done.last_mut().unwrap();
        (last.reconstruction, last.described) = (Some(0.712), vec![Some(0.25), None]);
        for width in [78, 118, 198] {
            let (with, without) = (told(&run, width), told(&plain, width));
            assert!(with.ends_with(" reconstruction 0.71, R² 0.25 · best 50.9 % in epoch 8 · 41 clips/s"), "{with}");
            assert!(with.contains('━') && !without.contains("R²"), "{with}\n{without}");
        }
        assert!(!told(&run, 60).contains("R²") && told(&run, 60).contains("best 50.9 %"), "{}", told(&run, 60));
        run.state = State::Stopped;
        assert!(!told(&run, 118).contains("R²"), "what it ended with stands below the curves");
    }
}
