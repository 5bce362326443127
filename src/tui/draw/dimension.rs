//! The card of a dimension in the view of the signature: what it means, what it tells about the tracks, and examples from
//! both of its ends.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::ask::trial::{Counting, Row, Tried};
use crate::describe::{Card, card as words, short};
use crate::latent::{Choice, DIMS};
use crate::text;
use crate::tui::layout::Layout;
use crate::tui::pane::wrapped;
use crate::tui::signature::Example;
use crate::tui::theme::{Role, Theme};

use super::{Span, heading, put};

/// Correlates named on the card.
const CORRELATES: usize = 3;

/// Draws the card; `at` is the example under the cursor while that is in the card.
pub fn card(model: &Model, tried: &Tried, row: &Row, at: Option<Example>, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let role = if at.is_some() { Role::TabFocus } else { Role::Tab };
    let name = text::sanitize(&short::name(model.cards(), row.dim));
    heading(buf, area, theme, (&name, role), if at.is_some() { "enter plays" } else { "" });
    let rows = Layout::rows_of(area);
    let rows = Rect { x: rows.x + 1, width: rows.width.saturating_sub(1), ..rows };
    let examples = examples(model, tried, row, at, usize::from(rows.width));
    let mut lines = lines(model, tried, row, usize::from(rows.width));
    // The examples stay in sight: they are what the cursor moves through.
    lines.truncate(usize::from(rows.height).saturating_sub(examples.len()));
    for (y, (spans, here)) in lines.into_iter().map(|spans| (spans, false)).chain(examples).enumerate() {
        let line = Rect { y: rows.y + y as u16, height: 1, ..rows };
        if y >= usize::from(rows.height) {
            break;
        }
        let base = here.then(|| theme.style(Role::Text).patch(theme.style(Role::Selected)));
        put(buf, line, theme, &spans, base);
    }
}

/// What the dimension means and tells.
fn lines(model: &Model, tried: &Tried, row: &Row, columns: usize) -> Vec<Vec<Span>> {
    let known = model.cards().and_then(|cards| cards.card(row.dim));
    let mut out = Vec::new();
    if let Some(known) = known {
        out.extend(wrapped(&text::sanitize(&known.meaning), columns, Role::Text));
        let goes = goes_with(known);
        if !goes.is_empty() {
            out.extend(wrapped(&text::sanitize(&goes), columns, Role::Dim));
        }
    }
    out.extend(wrapped(&standing(tried, row), columns, Role::Text));
    out.extend(wrapped(&telling(tried, row), columns, Role::Dim));
    out.extend(wrapped(&place(row), columns, Role::Dim));
    if let Some(other) = tried.beside.as_ref()
        && let Some((_, centre, spread)) = other.dims.iter().find(|dim| dim.0 == row.dim)
        && !circular(tried, row)
    {
        let words = format!("{}: around {centre:+.1}, mostly within {spread:.1} of it", other.label);
        out.extend(wrapped(&text::sanitize(&words), columns, Role::Match));
    }
    if let (Some(score), Some(song)) = (row.playing, model.playing().map(|item| item.song.title())) {
        let at = if circular(tried, row) { String::new() } else { format!(" at {score:+.1}") };
        out.extend(wrapped(&text::sanitize(&format!("▲ {song}{at}")), columns, Role::Playing));
    }
    out
}

fn goes_with(known: &Card) -> String {
    if known.correlates.is_empty() {
        return String::new();
    }
    let one = |c: &crate::describe::cards::Correlate| format!("{} {:+.2}", c.name, c.strength);
    let list: Vec<String> = known.correlates.iter().take(CORRELATES).map(one).collect();
    format!("goes with {} (correlation, −1 to 1)", list.join(", "))
}

/// Whether it counts, and why.
fn standing(tried: &Tried, row: &Row) -> String {
    let encoders = usize::from(row.dim) < DIMS;
    match row.counting {
        Counting::Yours if row.weight == 1.0 => "Counts because you said so.".into(),
        Counting::Yours => format!("Counts {} times because you said so.", row.weight),
        Counting::Tested => "Counts: your tracks agree on it more than chance.".into(),
        Counting::Never => "Does not count because you left it out.".into(),
        Counting::Unchosen if matches!(tried.choice, Choice::Dims(_)) => {
            "Does not count: it is not in your list.".into()
        }
        Counting::Unchosen if encoders => "Counts only as far as your tracks agree on it.".into(),
        Counting::Unchosen => "Does not count: your tracks do not agree on it more than chance.".into(),
    }
}

/// How much it tells.
fn telling(tried: &Tried, row: &Row) -> String {
    let most = tried.rows.iter().map(|row| row.tells).fold(0.0_f32, f32::max);
    let share = if most > 0.0 { row.tells / most } else { 0.0 };
    let much = match share {
        s if s >= 0.5 => "much",
        s if s >= 0.15 => "something",
        _ => "little",
    };
    let chance = match row.p_value {
        p if p >= 1.0 || !p.is_finite() => String::new(),
        p if p < 0.001 => "; so close by chance in less than 1 of 1,000 cases".into(),
        p => format!("; so close by chance in {} of 100 cases", (p * 100.0).round().max(1.0)),
    };
    format!("Tells {much} about them{chance}.")
}

/// Where the tracks lie.
fn place(row: &Row) -> String {
    let finite = |v: f32| if v.is_finite() { v } else { 0.0 };
    let circular =
        usize::from(row.dim).checked_sub(DIMS).is_some_and(|i| crate::latent::NAMED.get(i).is_some_and(|n| n.circular));
    if circular {
        return "It goes round: its right end joins its left one.".into();
    }
    let (centre, spread) = (finite(row.centre), finite(row.spread));
    format!("Around {centre:+.1}, mostly within {spread:.1} of it; of your library two thirds lie within 1 of 0.")
}

fn circular(tried: &Tried, row: &Row) -> bool {
    tried.library.get(row.dim).is_some_and(|library| library.circular)
}

/// The examples at both ends, each with whether the cursor is on it.
fn examples(model: &Model, tried: &Tried, row: &Row, at: Option<Example>, columns: usize) -> Vec<(Vec<Span>, bool)> {
    let Some(library) = tried.library.get(row.dim).filter(|library| !library.lowest.is_empty()) else {
        return Vec::new();
    };
    let known = model.cards().and_then(|cards| cards.card(row.dim));
    let word = |high: bool| known.map_or("", |known| if high { known.high.as_str() } else { known.low.as_str() });
    let mut out = Vec::new();
    for (high, end, tracks) in [(false, "lowest", &library.lowest), (true, "highest", &library.highest)] {
        let word = word(high);
        let head = if word.is_empty() { end.to_string() } else { format!("{end}: {word}") };
        out.push((vec![(text::fit(&text::sanitize(&head), columns), Role::Heading)], false));
        for (n, (track, value)) in tracks.iter().enumerate() {
            let Some(song) = model.song(*track) else { continue };
            let example = crate::describe::cards::Example {
                title: song.title(),
                artist: song.artist().to_string(),
                value: *value,
            };
            let line = text::fit(&text::sanitize(words::example(&example).trim_start()), columns.saturating_sub(2));
            let here = at == Some(Example { high, nth: n + 1 });
            out.push((vec![("  ".into(), Role::Text), (line, Role::Text)], here));
        }
    }
    out
}
