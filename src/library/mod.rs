//! The collection: tags, scan, watch, the catalog, the user's journal.

pub mod catalog;
pub mod demo;

pub use catalog::{Catalog, Song};
