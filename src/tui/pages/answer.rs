//! The last answer that takes several lines.

use crate::text;
use crate::tui::draw::Span;
use crate::tui::pane::{Pane, Shown, plain, wrapped};
use crate::tui::theme::Role;

/// How much further in the rows of a long line stand that follow its first.
const HANG: usize = 2;

/// The answer page.
pub struct Answer;

impl Pane for Answer {
    fn id(&self) -> &'static str {
        "answer"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Answer"
    }

    fn is_table(&self, _: Option<u64>) -> bool {
        true
    }

    /// A line that fits keeps its spacing, so that columns line up; a longer one is wrapped and keeps its indentation.
    fn lines(&self, &Shown { model, columns, .. }: &Shown) -> Vec<Vec<Span>> {
        let Some((title, told)) = &model.told else {
            let ask = "Nothing was asked yet: :signature compare playlist library, :signature list.";
            return wrapped(ask, columns, Role::Dim);
        };
        let mut lines = vec![vec![(title.clone(), Role::Heading)]];
        for line in told {
            match text::width(line) <= columns {
                true => lines.push(vec![(line.clone(), Role::Text)]),
                false => lines.extend(hung(line, columns)),
            }
        }
        lines
    }

    fn told(&self, shown: &Shown) -> Vec<String> {
        match &shown.model.told {
            Some((_, lines)) => lines.clone(),
            None => plain(&self.lines(shown)),
        }
    }
}

/// A line that does not fit: all of it under its own indentation, what follows the first row a little further in.
fn hung(line: &str, columns: usize) -> Vec<Vec<Span>> {
    let said = line.trim_start();
    let indent = (line.len() - said.len()).min(columns / 2);
    let rows = wrapped(said, columns.saturating_sub(indent + HANG), Role::Text).into_iter().enumerate();
    let lead = |n: usize| " ".repeat(if n == 0 { indent } else { indent + HANG });
    rows.map(|(n, row)| std::iter::once((lead(n), Role::Text)).chain(row).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_keeps_its_indentation() {
        let text = |row: Vec<Span>| row.into_iter().map(|(words, _)| words).collect::<String>();
        let rows = |line: &str, columns| hung(line, columns).into_iter().map(text).collect::<Vec<_>>();
        assert_eq!(rows("    12 %  one two three four", 20), ["    12 %  one two", "      three four"]);
        for columns in 0..40 {
            let rows = rows(&format!("{}five hundred and twelve", " ".repeat(30)), columns);
            // No column is narrower than `wrapped` makes one.
            assert!(rows.iter().all(|row| row.chars().count() <= columns.max(8 + HANG + columns / 2)), "{columns}");
        }
    }
}
