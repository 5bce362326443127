//! What is wrong with a filter, pointed at.

use std::fmt;

use crate::text;

/// Why a text is no filter, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong and what would be right.
    pub message: String,
    /// The whole text.
    pub text: String,
    /// From which byte …
    pub start: usize,
    /// … to which it is about; both may be the end of the text.
    pub end: usize,
}

impl Fault {
    /// The text, and under it a line that points at what is wrong, for a terminal.
    pub fn pointed(&self) -> [String; 2] {
        let part = |range: std::ops::Range<usize>| text::sanitize(self.text.get(range).unwrap_or_default());
        let (before, about) = (&self.text[..self.start], part(self.start..self.end));
        // Sanitising trims; a space before the place still takes its column.
        let shown: String = before.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let after: String = self.text[self.start..].chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let marks = "^".repeat(text::width(&about).max(1));
        [format!("{shown}{after}"), format!("{}{marks}", " ".repeat(text::width(&shown)))]
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.text[..self.start].chars().count() + 1;
        write!(f, "{} (at character {column})", text::sanitize(&self.message))
    }
}
