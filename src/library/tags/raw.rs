//! The contents of one tag, before its texts are decoded and tags are merged.

use lofty::tag::{ItemKey, TagType};

/// Maximum length of an item in bytes.
pub(super) const ALLOCATION_LIMIT: usize = 16 << 20;
/// Maximum number of items kept per tag.
const MAX_ITEMS: usize = 4096;
/// Maximum number of faults reported per tag.
const MAX_FAULTS: usize = 8;
/// Maximum length of a text in bytes; lyrics are the longest.
const MAX_TEXT: usize = 256 << 10;

/// The search budget of a tag, in bytes. It limits the time spent on tags in which everything is
/// wrong, perhaps on purpose.
#[derive(Clone, Debug)]
pub(super) struct Patience(usize);

impl Patience {
    /// A budget for a few searches of `length` bytes.
    pub(super) fn new(length: usize) -> Patience {
        Patience(length.saturating_mul(4).saturating_add(1 << 20))
    }

    /// The first position in `range` that passes, within the budget.
    pub(super) fn find(&mut self, range: std::ops::Range<usize>, passes: impl FnMut(&usize) -> bool) -> Option<usize> {
        let (from, end) = (range.start, range.end.min(range.start.saturating_add(self.0)));
        let found = (from..end).find(passes);
        self.0 -= found.unwrap_or(end).saturating_sub(from).min(self.0);
        found
    }
}

/// A text in a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Its encoding was declared, and it is valid in that.
    Text(String),
    /// Its encoding was not declared, or it is not valid in that: see [`super::legacy`].
    Bytes(Vec<u8>),
}

impl Raw {
    /// Wraps a text that should be UTF-8. If it is invalid, it may be in a code page, unless it
    /// consists only of bytes that occur neither in UTF-8 nor in words.
    pub(super) fn utf8(bytes: &[u8]) -> Raw {
        match std::str::from_utf8(bytes) {
            Ok(text) => Raw::Text(text.into()),
            Err(_) if bytes.iter().all(|b| *b >= 0xf5) => Raw::Text(char::REPLACEMENT_CHARACTER.into()),
            Err(_) => Raw::Bytes(bytes.into()),
        }
    }
}

/// A picture in a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    /// Whether the tag declares it as the front cover.
    pub front: bool,
    /// Its data; empty if only its presence was asked for, or if it is too large.
    pub bytes: Vec<u8>,
}

/// One tag of a file.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The kind of tag.
    pub kind: TagType,
    /// Its texts in order; a key may occur several times.
    pub items: Vec<(ItemKey, Raw)>,
    /// Its pictures.
    pub pictures: Vec<Picture>,
    /// Messages about what could not be read.
    pub faults: Vec<String>,
    /// Whether picture data is kept.
    keep: bool,
}

impl Block {
    /// An empty tag; `pictures` says whether picture data is to be kept.
    pub(super) fn new(kind: TagType, pictures: bool) -> Block {
        Block { kind, items: Vec::new(), pictures: Vec::new(), faults: Vec::new(), keep: pictures }
    }

    /// Adds a text unless it is empty; an overlong one is truncated.
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

    /// Whether the data of a picture of this length in bytes is kept, so that it has to be read.
    pub(super) fn wants(&self, length: u64) -> bool {
        self.keep && length <= ALLOCATION_LIMIT as u64
    }

    /// Adds a picture.
    pub(super) fn picture(&mut self, front: bool, bytes: &[u8]) {
        if self.pictures.len() < MAX_ITEMS {
            let bytes = if self.wants(bytes.len() as u64) { bytes.to_vec() } else { Vec::new() };
            self.pictures.push(Picture { front, bytes });
        }
    }

    /// Reports that something was left out.
    pub(super) fn fault(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.faults.len() < MAX_FAULTS && !self.faults.contains(&what) {
            self.faults.push(what);
        }
    }

    /// The decoded texts of a field; those not decoded yet are skipped.
    pub(super) fn strings(&self, key: ItemKey) -> impl Iterator<Item = &str> {
        self.items.iter().filter(move |(k, _)| *k == key).filter_map(|(_, raw)| match raw {
            Raw::Text(text) => Some(text.as_str()),
            Raw::Bytes(_) => None,
        })
    }

    /// The name of the tag's kind, for messages.
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
