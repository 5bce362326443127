//! Lyrics: LRC files and plain texts beside a file, and those in its tags. Nothing is ever fetched.

mod decode;
mod index;
mod lrc;
mod read;
mod stamps;
mod text;

pub use index::{Words, WordsError, key};
pub use lrc::parse;
pub use read::{Read, read, stamp};
pub use text::{Line, Lit, Lyrics, Word};

#[cfg(test)]
mod tests;
