//! A playlist in memory.

use std::ops::Range;

use super::entry::{Entry, Stream};
use super::source::Source;

/// A playlist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playlist {
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// Streams between the entries, which are preserved but not played.
    pub streams: Vec<Stream>,
    /// Number of entries left out while reading: streams, and lines that are too long.
    pub left_out: usize,
    /// The text that it was read from.
    pub source: Option<Source>,
}

impl Playlist {
    /// Visits entries (`Ok`) and streams (`Err`) in order.
    pub(super) fn in_order<'a>(&'a self, mut each: impl FnMut(Result<&'a Entry, &'a Stream>)) {
        let mut streams = self.streams.iter().peekable();
        for (i, entry) in self.entries.iter().enumerate() {
            while let Some(stream) = streams.next_if(|stream| stream.before <= i) {
                each(Err(stream));
            }
            each(Ok(entry));
        }
        streams.for_each(|stream| each(Err(stream)));
    }
}

/// The result of parsing a playlist.
#[derive(Default)]
pub(super) struct Read {
    pub list: Playlist,
    /// Byte ranges of the entries' paths in the text.
    pub places: Vec<Range<usize>>,
    /// For XSPF: the byte range that further entries replace.
    pub end: Range<usize>,
}
