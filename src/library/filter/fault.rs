//! Errors in a filter, with the place in its text.

use thiserror::Error;

use crate::text;

/// Why a text is not a valid filter, and where.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{} (at character {})", text::sanitize(message), self.column())]
pub struct Fault {
    /// What is wrong and, where possible, how to correct it.
    pub message: String,
    /// The whole text.
    pub text: String,
    /// First byte of the faulty part.
    pub start: usize,
    /// Byte after it; both may be the end of the text.
    pub end: usize,
}

impl Fault {
    /// The number of the faulty part's first character, from 1.
    fn column(&self) -> usize {
        self.text[..self.start].chars().count() + 1
    }

    /// The text and a second line that underlines the faulty part with `^`, for a terminal.
    pub fn pointed(&self) -> [String; 2] {
        let part = |range: std::ops::Range<usize>| text::sanitize(self.text.get(range).unwrap_or_default());
        let (before, about) = (&self.text[..self.start], part(self.start..self.end));
        // `sanitize` trims, but a space before the faulty part must keep its column.
        let shown: String = before.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let after: String = self.text[self.start..].chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let marks = "^".repeat(text::width(&about).max(1));
        [format!("{shown}{after}"), format!("{}{marks}", " ".repeat(text::width(&shown)))]
    }
}
