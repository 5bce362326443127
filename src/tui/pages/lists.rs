//! The library and the queue as views.

use crate::app::Model;
use crate::tui::layout;
use crate::tui::pane::{At, Open, Pane};

/// The library.
pub struct Library;

impl Pane for Library {
    fn id(&self) -> &'static str {
        "library"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Library"
    }

    fn open(&self, _: &Model, _: At) -> Open {
        Open::List(layout::Pane::Library)
    }
}

/// The queue.
pub struct Queue;

impl Pane for Queue {
    fn id(&self) -> &'static str {
        "queue"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Queue"
    }

    fn open(&self, _: &Model, _: At) -> Open {
        Open::List(layout::Pane::Queue)
    }
}
