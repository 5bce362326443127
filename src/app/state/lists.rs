//! What the user saved: playlists, smart playlists, signatures.

use std::sync::Arc;

use crate::library::Song;

/// What a saved list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A playlist: tracks in an order.
    Playlist,
    /// A smart playlist: a filter.
    Smart,
    /// A saved signature: tracks that the queue can follow.
    Signature,
}

/// A saved list with what the library has of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The filter of a smart playlist, the dimensions of a signature; or why it cannot be read.
    pub about: String,
    /// Its songs, in its order.
    pub songs: Vec<Arc<Song>>,
    /// Its length in seconds, as far as the songs' are known.
    pub secs: f64,
    /// How many of its entries are not in the library.
    pub missing: usize,
}

impl Listed {
    /// A list of these songs.
    pub fn new(kind: Kind, name: String, about: String, songs: Vec<Arc<Song>>, missing: usize) -> Listed {
        let secs = songs.iter().map(|song| song.secs).sum();
        Listed { kind, name, about, songs, secs, missing }
    }
}
