//! The meaning of the dimensions: a table of all of them, and a card for each.

use crate::app::commands::dims::DimsAction;
use crate::app::{Model, Msg};
use crate::describe::{Card, card};
use crate::text;
use crate::tui::draw::Span;
use crate::tui::theme::Role;

use crate::tui::pane::{At, Open, Pane, Shown, blank, plain, wrapped};

/// Width in columns of a dimension's name; the longest is `percussiveness`.
const NAME: usize = 14;

/// The page of the dimensions.
pub struct Dims;

impl Pane for Dims {
    fn id(&self) -> &'static str {
        "dimensions"
    }

    fn title(&self, about: Option<u64>) -> &'static str {
        if about.is_some() { "Dimension" } else { "Dimensions" }
    }

    fn short(&self) -> &'static str {
        "Dims"
    }

    fn open(&self, _: &Model, _: At) -> Open {
        Open::Ask(Box::new(Msg::command(DimsAction::Show(None))))
    }

    fn is_table(&self, about: Option<u64>) -> bool {
        about.is_none()
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("down", "scroll"),
            ("half-page-down", "half a page"),
            ("search", "find"),
            ("search-next", "next"),
            ("command-line", "dims 7: its card"),
            ("cancel", "back"),
        ]
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        match shown.about.and_then(|dim| u8::try_from(dim).ok()) {
            Some(dim) => one(shown.model, dim, shown.columns),
            None => table(shown.model, shown.columns),
        }
    }

    /// As `jukebox dims` prints it.
    fn told(&self, shown: &Shown) -> Vec<String> {
        let Some(cards) = shown.model.cards().filter(|cards| !cards.cards.is_empty()) else {
            return plain(&self.lines(shown));
        };
        let dim = shown.about.and_then(|dim| u8::try_from(dim).ok());
        dim.and_then(|dim| cards.card(dim)).map_or_else(|| card::table(cards), card::lines)
    }
}

/// All dimensions, one per row.
fn table(model: &Model, columns: usize) -> Vec<Vec<Span>> {
    let cards = model.cards().map(|c| c.cards.as_slice()).unwrap_or_default();
    if cards.is_empty() {
        return wrapped("What the dimensions mean shows here once some tracks were listened to.", columns, Role::Dim);
    }
    let head = format!("{:>NAME$}  {:<bar$}  equal  means", "dim", "clear", bar = card::BAR);
    let mut lines = vec![vec![(text::fit(&head, text::width(&head).min(columns)), Role::Dim)]];
    lines.extend(cards.iter().map(|card| row(card, columns)));
    lines.push(blank());
    lines.extend(wrapped(
        "clear: how strong the strongest correlate is  equal: tracks on one value  :dims 7 opens a card",
        columns,
        Role::Dim,
    ));
    lines
}

fn row(of: &Card, columns: usize) -> Vec<Span> {
    let equal = format!("{:>5}  ", card::equal(of));
    let used = NAME + 2 + card::BAR + 2 + text::width(&equal);
    let room = columns.saturating_sub(used);
    let unclear = of.correlates.is_empty();
    let meaning = text::fit(&of.meaning, text::width(&of.meaning).min(room));
    vec![
        (format!("{:>NAME$}  ", of.name), Role::Key),
        (format!("{}  ", card::clarity(of)), Role::Accent),
        (equal, Role::Dim),
        (meaning, if unclear { Role::Dim } else { Role::Text }),
    ]
}

/// The card of a dimension, counted from 0, or the table if it has none.
fn one(model: &Model, dim: u8, columns: usize) -> Vec<Vec<Span>> {
    let Some(of) = model.cards().and_then(|cards| cards.card(dim)) else { return table(model, columns) };
    let mut lines = Vec::new();
    for (i, line) in card::lines(of).iter().enumerate() {
        match line.strip_prefix("  ") {
            Some(example) => {
                let fitted = text::fit(example, text::width(example).min(columns.saturating_sub(2)));
                lines.push(vec![("  ".into(), Role::Text), (fitted, Role::Text)]);
            }
            None if i == 0 => lines.extend(wrapped(line, columns, Role::Title)),
            None => {
                // Each section is preceded by a blank line.
                if line.starts_with("lowest") || line.starts_with("highest") || i == 1 {
                    lines.push(blank());
                }
                lines.extend(wrapped(line, columns, Role::Dim));
            }
        }
    }
    lines
}
