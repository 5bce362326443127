//! What could not be written to the disk yet, as the status line tells it.

/// What was done and is not on the disk: kept in memory until it can be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsaved {
    /// Plays, ratings and answers.
    pub changes: usize,
    /// Those that came when too many waited already, and are lost.
    pub refused: usize,
    /// Whether the session's file is behind.
    pub session: bool,
    /// Why, with the file's name; empty when everything is on the disk.
    pub why: String,
}

impl Unsaved {
    /// Takes the place of what was unsaved before. Whether that is news: it begins, ends, or grows beyond what can be
    /// kept.
    pub(in crate::app) fn renew(&mut self, unsaved: Unsaved) -> bool {
        let before = std::mem::replace(self, unsaved);
        self.is_empty() != before.is_empty() || self.refused > before.refused
    }

    /// Whether everything is on the disk.
    pub fn is_empty(&self) -> bool {
        self.why.is_empty()
    }

    /// How much it is, short: `12 not saved`; empty when everything is on the disk.
    pub fn short(&self) -> String {
        match self.changes {
            _ if self.is_empty() => String::new(),
            0 => "not saved".into(),
            n => format!("{n} not saved"),
        }
    }

    /// How much it is, and why; empty when everything is on the disk.
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
