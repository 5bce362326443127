//! The library, the queue and what the user saved as views: lists, whose rows `draw` draws.

use crate::app::Model;
use crate::tui::layout;
use crate::tui::pane::{At, Open, Pane};

/// A list as a view.
pub struct List {
    id: &'static str,
    title: &'static str,
    short: &'static str,
    /// The list that is focused.
    pane: layout::Pane,
    hints: &'static [(&'static str, &'static str)],
}

impl Pane for List {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        self.title
    }

    fn short(&self) -> &'static str {
        self.short
    }

    fn open(&self, _: &Model, _: At) -> Open {
        Open::List(self.pane)
    }

    fn is_list(&self) -> bool {
        true
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        self.hints
    }
}

/// The library.
pub const LIBRARY: List = List {
    id: "library",
    title: "Library",
    short: "Lib",
    pane: layout::Pane::Library,
    hints: &[
        ("confirm", "play"),
        ("enqueue", "add"),
        ("enqueue-next", "add next"),
        ("search", "find"),
        ("type-filter", "filter"),
        ("info", "info"),
        ("sort", "sort"),
        ("column-left", "column"),
        ("by", "group by"),
        ("grid", "covers"),
        ("mark", "mark"),
        ("love", "love"),
    ],
};

/// The library as a grid of albums.
pub const GRID: List = List {
    id: "grid",
    title: "Library",
    short: "Lib",
    pane: layout::Pane::Library,
    hints: &[
        ("confirm", "play"),
        ("enqueue", "add"),
        ("enqueue-next", "add next"),
        ("grid", "list"),
        ("search", "find"),
        ("type-filter", "filter"),
        ("info", "info"),
        ("sort", "sort"),
        ("by", "group by"),
        ("mark", "mark"),
        ("love", "love"),
    ],
};

/// The queue.
pub const QUEUE: List = List {
    id: "queue",
    title: "Queue",
    short: "Queue",
    pane: layout::Pane::Queue,
    hints: &[
        ("confirm", "jump"),
        ("why", "why"),
        ("keep", "keep"),
        ("not", "not this"),
        ("less", "count less"),
        ("not-artist", "not the artist"),
        ("remove", "remove"),
        ("info", "info"),
        ("sort", "sort"),
        ("mark", "mark"),
        ("undo", "undo"),
        ("auto", "auto"),
    ],
};

/// What the user saved: playlists, smart playlists, signatures, moods.
pub const SAVED: List = List {
    id: "playlists",
    title: "Playlists",
    short: "Lists",
    pane: layout::Pane::Saved,
    hints: &[
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
        ("info", "info"),
    ],
};
