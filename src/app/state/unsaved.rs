//! The data that could not be written to the disk yet, as reported in the status line.

/// Changes that could not be written to the disk yet and are kept in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsaved {
    /// Plays, ratings and answers.
    pub changes: usize,
    /// Changes that were lost because too many were already waiting.
    pub refused: usize,
    /// Whether the session's file is out of date.
    pub session: bool,
    /// The error, with the file's name; empty when everything is on the disk.
    pub why: String,
}

impl Unsaved {
    /// Replaces the previous state. Returns whether the user should be told: writing fails for the first time, works
    /// again, or more changes were lost.
    pub(in crate::app) fn renew(&mut self, unsaved: Unsaved) -> bool {
        let before = std::mem::replace(self, unsaved);
        self.is_empty() != before.is_empty() || self.refused > before.refused
    }

    /// Whether everything is on the disk.
    pub fn is_empty(&self) -> bool {
        self.why.is_empty()
    }

    /// A short form: `12 not saved`; empty when everything is on the disk.
    pub fn short(&self) -> String {
        match self.changes {
            _ if self.is_empty() => String::new(),
            0 => "not saved".into(),
            n => format!("{n} not saved"),
        }
    }

    /// The number of changes and the error, as a sentence; empty when everything is on the disk.
    pub fn words(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let changes = match self.changes {
            0 => None,
            1 => Some("1 change".to_string()),
            n => Some(format!("{n} changes")),
        };
        let session = self.session.then(|| "the session".to_string());
        let what: Vec<String> = [changes, session].into_iter().flatten().collect();
        let what = if what.is_empty() { "what was written last".into() } else { what.join(" and ") };
        let lost = if self.refused > 0 {
            format!("; {} more were too many and are lost", self.refused)
        } else {
            String::new()
        };
        format!("{what}, kept in memory until it can be written{lost}: {}", self.why)
    }
}
