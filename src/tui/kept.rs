//! The open page as it was laid out last. Its lines are made once for each change of what they depend on, however often
//! the screen settles before it is drawn.

use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Rect;

use super::log::LogCursor;
use super::pages::Laid;
use super::pane::Page;

/// What a layout depends on. The key bindings change only with a message, so `changes` counts them too.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// The page.
    pub page: Page,
    /// The area in which it is laid out.
    pub area: Rect,
    /// The text that narrows it.
    pub narrow: String,
    /// The cursor of the log.
    pub log: LogCursor,
    /// The session's time.
    pub now: Duration,
    /// How often the session has changed.
    pub changes: u64,
}

/// A page that was laid out.
#[derive(Clone, Debug)]
pub struct Kept {
    basis: Basis,
    /// Its lines, and where they stand.
    pub laid: Arc<Laid>,
}

impl Kept {
    /// What was kept, if it has this basis; else what `lay_out` makes.
    pub fn renewed(kept: Option<Kept>, basis: Basis, lay_out: impl FnOnce() -> Laid) -> Kept {
        kept.filter(|kept| kept.basis == basis).unwrap_or_else(|| Kept { basis, laid: Arc::new(lay_out()) })
    }

    /// Whether it is this page in this area.
    pub fn is_of(&self, page: Page, area: Rect) -> bool {
        (self.basis.page, self.basis.area) == (page, area)
    }
}
