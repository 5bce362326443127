//! A playlist in memory.

use std::ops::Range;

use super::entry::{Entry, Stream};
use super::source::Source;

/// A playlist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playlist {
    /// Its own title, where it has one.
    pub title: Option<String>,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// The streams among them, which are kept and not played.
    pub streams: Vec<Stream>,
    /// How many entries were left out while reading: streams, and lines that are too long.
    pub left_out: usize,
    /// The text that it was read from.
    pub source: Option<Source>,
}

impl Playlist {
    /// Goes over entries and streams in their order.
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

/// What a reader of a format made of a text.
#[derive(Default)]
pub(super) struct Read {
    pub list: Playlist,
    /// Where each entry's file is named.
    pub places: Vec<Range<usize>>,
    /// What a further entry is to stand in place of, for XSPF.
    pub end: Range<usize>,
}
