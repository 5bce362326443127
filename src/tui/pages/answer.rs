//! The last answer that takes several lines.

use crate::text;
use crate::tui::draw::Span;
use crate::tui::pane::{Pane, Shown, wrapped};
use crate::tui::theme::Role;

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

    /// A line that fits keeps its spacing, so that columns line up; a longer one is wrapped.
    fn lines(&self, &Shown { model, columns, .. }: &Shown) -> Vec<Vec<Span>> {
        let Some((title, told)) = &model.told else {
            let ask = "Nothing was asked yet: :signature compare playlist library, :signature list.";
            return wrapped(ask, columns, Role::Dim);
        };
        let mut lines = vec![vec![(title.clone(), Role::Heading)]];
        for line in told {
            match text::width(line) <= columns {
                true => lines.push(vec![(line.clone(), Role::Text)]),
                false => lines.extend(wrapped(line.trim_start(), columns, Role::Text)),
            }
        }
        lines
    }
}
