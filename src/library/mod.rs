//! The music collection: tags, scanning, watching, the catalog, playlists and the user's journal.
//!
//! How a changed file is noticed: [`watch`] marks a path or a tree as dirty, [`settle`] waits until
//! it has stopped changing, [`scan`] compares it with what is known. Events are only hints; a full
//! scan finds whatever they missed.

pub mod albums;
pub mod catalog;
pub mod change;
pub mod cover;
pub mod demo;
pub mod dimensions;
pub mod filter;
pub mod foreign;
pub mod fuzzy;
pub mod gathered;
pub mod grouping;
pub mod journal;
pub mod lyrics;
pub mod mixes;
pub mod moods;
pub mod name;
pub mod own_file;
pub mod playlist;
pub mod playlists;
pub mod rows;
pub mod scan;
pub mod settle;
pub mod signatures;
pub mod snapshot;
mod song;
pub mod tags;
pub mod unsupported;
pub mod watch;
pub mod xml;

pub use albums::Album;
pub use catalog::Catalog;
pub use moods::Mood;
pub use song::{Song, dir_of};
