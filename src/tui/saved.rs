//! The cursors and the rows of the view of the playlists.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::app::state::lists::{Kind, Listed};

use super::list::Cursor;

/// The cursors of the view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The cursor among the lists; `top` is a row, headings counted.
    pub list: Cursor,
    /// The kind and the name of the list under the cursor, to find it again when there are others.
    pub held: Option<(Kind, String)>,
    /// A list that is renamed or copied: the cursor goes to it as soon as it is there.
    pub wanted: Option<(Kind, String)>,
    /// The cursor in the songs of that list.
    pub song: Cursor,
    /// Whether the songs have the keys.
    pub inside: bool,
    /// The marked songs that are being added to a playlist.
    pub adding: Option<Adding>,
}

/// Marked songs that are being added to a playlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adding {
    /// Its name.
    pub name: String,
    /// How often tracks had been added to a playlist before ([`crate::app::Model::added`]).
    pub count: u64,
    /// The files of the songs.
    pub paths: HashSet<PathBuf>,
}

/// A row among the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The heading of a kind.
    Heading(Kind),
    /// A list, by its place in [`crate::app::Model::lists`].
    List(usize),
}

/// The rows of the lists: each kind under its heading.
pub fn rows(lists: &[Listed]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, list) in lists.iter().enumerate() {
        if index == 0 || lists[index - 1].kind != list.kind {
            rows.push(Row::Heading(list.kind));
        }
        rows.push(Row::List(index));
    }
    rows
}
