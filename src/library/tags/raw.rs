//! The contents of one tag, before texts are decoded and tags are merged.

use lofty::tag::{ItemKey, TagType};

/// The most bytes that one item of a tag may have.
pub(super) const ALLOCATION_LIMIT: usize = 16 << 20;
/// The most items kept of one tag.
const MAX_ITEMS: usize = 4096;
/// The most faults named of one tag.
const MAX_FAULTS: usize = 8;
/// The most bytes kept of one text: lyrics are the longest that are read.
const MAX_TEXT: usize = 256 << 10;

/// How much may still be searched of a tag. What is searched again and again because everything in it is wrong, on purpose
/// perhaps, is given up in the end: somebody waits for the file.
#[derive(Clone, Debug)]
pub(super) struct Patience(usize);

impl Patience {
    /// Enough for a few searches of this many bytes.
    pub(super) fn new(length: usize) -> Patience {
        Patience(length.saturating_mul(4).saturating_add(1 << 20))
    }

    /// The first place in a range that passes.
    pub(super) fn find(&mut self, range: std::ops::Range<usize>, passes: impl FnMut(&usize) -> bool) -> Option<usize> {
        let (from, end) = (range.start, range.end.min(range.start.saturating_add(self.0)));
        let found = (from..end).find(passes);
        self.0 -= found.unwrap_or(end).saturating_sub(from).min(self.0);
        found
    }
}

/// A text of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Its encoding was stated, and it is valid in it.
    Text(String),
    /// Its encoding was not stated, or it is not valid in the one that was: see [`super::legacy`].
    Bytes(Vec<u8>),
}

impl Raw {
    /// A text that should be UTF-8. One that is not may be in a code page, unless it is nothing but bytes that neither
    /// UTF-8 nor any word has.
    pub(super) fn utf8(bytes: &[u8]) -> Raw {
        match std::str::from_utf8(bytes) {
            Ok(text) => Raw::Text(text.into()),
            Err(_) if bytes.iter().all(|b| *b >= 0xf5) => Raw::Text(char::REPLACEMENT_CHARACTER.into()),
            Err(_) => Raw::Bytes(bytes.into()),
        }
    }
}

/// A picture of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Whether the tag says that it is the front cover.
    pub front: bool,
    /// Its bytes; empty when only its presence was asked for.
    pub bytes: Vec<u8>,
}

/// One tag of a file.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Which kind of tag it is.
    pub kind: TagType,
    /// Its texts in their order. One key may stand several times.
    pub items: Vec<(ItemKey, Raw)>,
    /// Its pictures.
    pub pictures: Vec<Picture>,
    /// What could not be read, one short line each.
    pub faults: Vec<String>,
    /// Whether the bytes of pictures are kept.
    keep: bool,
}

impl Block {
    /// An empty tag; `pictures` says whether the bytes of its pictures will be wanted.
    pub(super) fn new(kind: TagType, pictures: bool) -> Block {
        Block { kind, items: Vec::new(), pictures: Vec::new(), faults: Vec::new(), keep: pictures }
    }

    /// Adds a text, unless it is empty.
    pub(super) fn add(&mut self, key: ItemKey, mut value: Raw) {
        let empty = match &mut value {
            Raw::Text(text) => {
                text.truncate(text.floor_char_boundary(MAX_TEXT));
                text.trim().is_empty()
            }
            Raw::Bytes(bytes) => {
                bytes.truncate(MAX_TEXT);
                bytes.is_empty()
            }
        };
        if !empty && self.items.len() < MAX_ITEMS {
            self.items.push((key, value));
        }
    }

    /// Adds a picture.
    pub(super) fn picture(&mut self, front: bool, bytes: &[u8]) {
        if self.pictures.len() < MAX_ITEMS {
            let bytes = if self.keep && bytes.len() <= ALLOCATION_LIMIT { bytes.to_vec() } else { Vec::new() };
            self.pictures.push(Picture { front, bytes });
        }
    }

    /// Notes that something was left out.
    pub(super) fn fault(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.faults.len() < MAX_FAULTS && !self.faults.contains(&what) {
            self.faults.push(what);
        }
    }

    /// The texts of a field. Bytes that nobody decoded yet do not show.
    pub(super) fn strings(&self, key: ItemKey) -> impl Iterator<Item = &str> {
        self.items.iter().filter(move |(k, _)| *k == key).filter_map(|(_, raw)| match raw {
            Raw::Text(text) => Some(text.as_str()),
            Raw::Bytes(_) => None,
        })
    }

    /// The name of its kind, for messages.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            TagType::Ape => "APE tag",
            TagType::Id3v1 => "ID3v1 tag",
            TagType::Id3v2 => "ID3v2 tag",
            TagType::Mp4Ilst => "MP4 tag",
            TagType::VorbisComments => "Vorbis comments",
            TagType::RiffInfo => "INFO chunk",
            TagType::AiffText => "text chunks",
            _ => "tag",
        }
    }
}
