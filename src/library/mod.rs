//! The collection: tags, scan, watch, the catalog, the user's journal.

pub mod catalog;

pub use catalog::{Catalog, Song};
