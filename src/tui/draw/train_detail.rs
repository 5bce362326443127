//! What became of a run, in words: the guard's verdict, what changed of the dimensions, what its heads guess, its data.

use crate::describe::{Cards, short};
use crate::latent::DIMS;
use crate::text;
use crate::training::heads;
use crate::training::judging::FLAGGED;
use crate::training::runs::{Run, State};
use crate::tui::pane::{blank, wrapped};
use crate::tui::theme::Role;

use super::{Span, dotted, meter, thousands};

/// Columns of a dimension in the table, with the gap to the next.
const CELL: usize = 44;
/// Columns of its name and of its bar.
const NAME: usize = 22;
const BAR: usize = 6;

/// The verdict, what to do about it, the dimensions, the heads and the data, each wrapped to so many columns.
pub fn summary(run: &Run, columns: usize) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    let mut add = |words: &str, role: Role| {
        if !words.is_empty() {
            lines.extend(wrapped(words, columns, role));
        }
    };
    match &run.state {
        State::Failed(why) | State::Damaged(why) => add(why, Role::Error),
        State::Published(_) => add(run.verdict.as_deref().unwrap_or_default(), Role::Notice),
        _ => add(run.verdict.as_deref().unwrap_or_default(), Role::Text),
    }
    add(&kept(run), Role::Text);
    add(&guessed(run), Role::Text);
    add(&data(run), Role::Dim);
    let running = run.standing.as_ref().filter(|_| run.state.is_running());
    if let Some(standing) = running {
        add(&text::sanitize(&standing.note), Role::Hint);
        add(&text::sanitize(&standing.device), Role::Dim);
    }
    lines
}

/// How many dimensions kept their meaning, and which may not have.
fn kept(run: &Run) -> String {
    if run.correlation.is_empty() {
        return String::new();
    }
    let changed = run.changed();
    let of = run.correlation.len().min(DIMS);
    if changed.is_empty() {
        return format!("All {of} dimensions kept their meaning and their names.");
    }
    let numbers: Vec<String> = changed.iter().map(usize::to_string).collect();
    let kept = of.saturating_sub(changed.len());
    format!("{kept} of {of} dimensions kept their meaning; changed may have {}.", numbers.join(", "))
}

/// How well the heads of the training guess in its best epoch; empty without heads.
fn guessed(run: &Run) -> String {
    let best = run.done.iter().rfind(|epoch| epoch.best);
    let words = best.map(|epoch| (epoch.epoch, heads::words(epoch))).filter(|(_, words)| !words.is_empty());
    words.map_or_else(String::new, |(epoch, words)| format!("In epoch {epoch}: {words}."))
}

/// The data that was learned from.
fn data(run: &Run) -> String {
    let Some(standing) = run.standing.as_ref().filter(|standing| standing.clips[0] > 0) else { return String::new() };
    let [training, validation, test] = standing.clips.map(thousands);
    let genres = match standing.genres {
        0 => String::new(),
        n => format!("{n} genres"),
    };
    let teacher = if standing.teacher { "with a teacher" } else { "" };
    let clips = format!("{training} clips to learn from, {validation} to choose the epoch by, {test} to test on");
    dotted(&[&clips, &genres, teacher])
}

/// A table of all dimensions: name, agreement with the one before, whether it kept its meaning.
pub fn dimensions(run: &Run, cards: Option<&Cards>, columns: usize) -> Vec<Vec<Span>> {
    let mut lines = wrapped(
        "How each dimension agrees with that of the encoder before (correlation over the tracks that were learned from); \
         from 0.8 on it keeps its meaning and its name. The names are those of the encoder in use.",
        columns,
        Role::Dim,
    );
    lines.push(blank());
    let across = (columns / CELL).max(1);
    let count = run.correlation.len().min(DIMS);
    let down = count.div_ceil(across);
    for row in 0..down {
        let mut line: Vec<Span> = Vec::new();
        let mut left = columns;
        for dim in (0..across).map(|column| column * down + row).filter(|dim| *dim < count) {
            let correlation = run.correlation.get(dim).copied().unwrap_or(f64::NAN);
            for (words, role) in cell(dim, correlation, cards) {
                let words = text::fit(&words, text::width(&words).min(left));
                left -= text::width(&words).min(left);
                line.push((words, role));
            }
        }
        lines.push(line);
    }
    lines
}

fn cell(dim: usize, correlation: f64, cards: Option<&Cards>) -> [Span; 4] {
    let named = u8::try_from(dim).map_or_else(|_| String::new(), |dim| short::name(cards, dim));
    let (number, name) = (format!("{:>2} ", dim + 1), text::sanitize(&named));
    // A name that begins with its number does not say it twice.
    let name = name.strip_prefix(number.trim()).map_or(name.as_str(), str::trim_start);
    let (value, word, role) = match correlation {
        r if !r.is_finite() => ("   –".to_string(), "unknown", Role::Obstacle),
        r if r < FLAGGED => (format!("{r:>5.2}"), "changed", Role::Obstacle),
        r => (format!("{r:>5.2}"), "kept", Role::Text),
    };
    let bar = meter(correlation as f32, BAR);
    let value = format!(" {} ", text::fit(&value, 5));
    [
        (format!("{number}{}", text::fit(name, NAME - 3)), Role::Text),
        (value, Role::Text),
        (bar, Role::Progress),
        (format!(" {word:<8}"), role),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{cards, runs};

    fn text_of(lines: &[Vec<Span>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|(words, _)| words.as_str()).collect()).collect()
    }

    #[test]
    fn the_dimensions_are_named_and_those_that_changed_stand_out() {
        let board = runs();
        let run = board.runs.iter().find(|run| !run.correlation.is_empty()).unwrap();
        for columns in [20, 44, 70, 120] {
            let lines = text_of(&dimensions(run, Some(&cards()), columns));
            assert!(lines.iter().all(|line| text::width(line) <= columns), "{columns}: {lines:#?}");
        }
        let lines = text_of(&dimensions(run, Some(&cards()), 44));
        let line = |number: &str| lines.iter().find(|line| line.trim_start().starts_with(number)).unwrap();
        assert!(line("7 ").contains("dark↔bright") && line("7 ").contains("changed"), "{lines:#?}");
        assert!(line("1 ").contains("kept") && !line("12 ").contains("12 12"), "{lines:#?}");
        assert!(text_of(&summary(run, 60)).join(" ").contains("30 of 32 dimensions"), "{:#?}", summary(run, 60));
    }

    #[test]
    fn the_heads_of_the_best_epoch_are_told_where_a_run_has_them() {
        let mut run = crate::tui::fixture::run("1", State::Aside, 3);
        let said = |run: &Run| text_of(&summary(run, 80)).join("\n");
        assert!(!said(&run).contains("epoch"), "{}", said(&run));
        (run.done[1].reconstruction, run.done[1].described) = (Some(0.5), vec![Some(0.25), None]);
        run.done[2].best = false;
        assert!(said(&run).contains("In epoch 2: reconstruction 0.500, descriptors R² 0.250."), "{}", said(&run));
    }
}
