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

    fn is_list(&self) -> bool {
        true
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("confirm", "play"),
            ("enqueue", "add"),
            ("enqueue-next", "add next"),
            ("search", "find"),
            ("type-filter", "filter"),
            ("column-left", "column"),
            ("by", "group by"),
            ("mark", "mark"),
            ("love", "love"),
            ("info", "info"),
        ]
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

    fn is_list(&self) -> bool {
        true
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("confirm", "jump"),
            ("why", "why"),
            ("keep", "keep"),
            ("not", "not this"),
            ("less", "less of it"),
            ("not-artist", "not the artist"),
            ("remove", "remove"),
            ("mark", "mark"),
            ("undo", "undo"),
            ("auto", "auto"),
        ]
    }
}

/// What the user saved: playlists, smart playlists, signatures, moods.
pub struct Saved;

impl Pane for Saved {
    fn id(&self) -> &'static str {
        "playlists"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Playlists"
    }

    fn open(&self, _: &Model, _: At) -> Open {
        Open::List(layout::Pane::Saved)
    }

    fn is_list(&self) -> bool {
        true
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("confirm", "open"),
            ("enqueue", "append"),
            ("column-right", "its tracks"),
            ("column-left", "back"),
            ("rename-list", "rename"),
            ("delete-list", "delete"),
            ("edit-list", "edit"),
            ("duplicate-list", "copy"),
            ("mark", "mark"),
            ("add-to-list", "add marked"),
            ("enqueue-next", "play next"),
            ("undo", "undo"),
            ("search", "find"),
        ]
    }
}
