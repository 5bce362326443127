//! Notices: what the user is told, on the screen, in the log and as the outcome of a command.

use std::time::Duration;

use super::super::outcomes::Outcomes;
use super::log::{Log, Matter};
use crate::notice::Kind;

/// A line for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it is.
    pub kind: Kind,
    /// The text (sanitised).
    pub text: String,
    /// When it was given, as time since the start.
    pub at: Duration,
}

impl Notice {
    /// Whether its display time has passed.
    pub(in crate::app) fn is_over(&self, now: Duration) -> bool {
        now.saturating_sub(self.at) >= self.kind.lasts()
    }
}

/// Where the user is told something: the last notice, the log, and the commands that clients wait for.
#[derive(Debug)]
pub(in crate::app) struct Notices<'a> {
    /// The last notice.
    pub last: &'a mut Option<Notice>,
    /// The log.
    pub log: &'a mut Log,
    /// The commands of clients.
    pub outcomes: &'a mut Outcomes,
    /// The time since the start.
    pub now: Duration,
}

impl Notices<'_> {
    /// Shows a notice to the user. An error is also recorded as the outcome of the command being carried out. The log
    /// keeps what failed or stood in the way.
    pub fn notify(&mut self, kind: Kind, text: impl AsRef<str>) {
        if matches!(kind, Kind::Obstacle | Kind::Error) {
            self.log.add(self.now, Matter::Error, kind, text.as_ref(), None);
        }
        self.show(kind, text.as_ref());
    }

    /// Shows a notice, and keeps it in the log whatever its kind.
    pub fn report(&mut self, matter: Matter, kind: Kind, text: impl AsRef<str>) {
        self.log.add(self.now, matter, kind, text.as_ref(), None);
        self.show(kind, text.as_ref());
    }

    fn show(&mut self, kind: Kind, text: &str) {
        let text = crate::text::sanitize(text);
        match kind {
            Kind::Error => self.outcomes.complain(&text),
            Kind::Success | Kind::Hint | Kind::Obstacle => self.outcomes.say(&text),
        }
        *self.last = Some(Notice { kind, text, at: self.now });
    }
}
