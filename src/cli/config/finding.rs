//! What a check of the configuration finds.

use serde::Serialize;

use crate::config::Places;

/// Something to be said about a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// The line that it is about, from 1.
    pub line: Option<usize>,
    /// Whether it is wrong now; otherwise it may be right at another time, or is meant.
    pub is_fault: bool,
    /// What to say, in one line.
    pub text: String,
}

impl Finding {
    /// As it is printed behind the name of the file.
    pub fn words(&self) -> String {
        let warning = if self.is_fault { "" } else { "warning: " };
        match self.line {
            Some(line) => format!("line {line}: {warning}{}", self.text),
            None => format!("{warning}{}", self.text),
        }
    }
}

/// What was found so far.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    /// Where the settings stand.
    pub places: &'a Places,
    /// What was found.
    pub all: Vec<Finding>,
}

impl Findings<'_> {
    /// A setting that is wrong, by the names on the way to it.
    pub fn fault(&mut self, path: &[&str], text: String) {
        self.all.push(Finding { line: self.places.line(path), is_fault: true, text });
    }

    /// A setting that may be right at another time.
    pub fn warning(&mut self, path: &[&str], text: String) {
        self.all.push(Finding { line: self.places.line(path), is_fault: false, text });
    }
}
