//! Covers: the pictures in a file's tags and those beside it, decoded and scaled. Nothing is ever fetched.

mod decode;
mod error;
mod find;
mod limits;
mod png;

pub use find::{LARGEST_SIDE, Read, beside, is_cover, read, stored};

#[cfg(test)]
mod tests;
