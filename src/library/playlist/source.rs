//! Keeps the text of a playlist file, so that editing an entry changes nothing else in the file.
//!
//! Comments, directives of other programs, radio streams, unknown keys and elements, line endings and the encoding are
//! preserved in place.

use std::borrow::Cow;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::entry::{Entry, Format};
use super::url;
use crate::track::TrackId;

/// The encoding of a playlist file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoded {
    /// Raw bytes: UTF-8, or for M3U and PLS any code page that contains ASCII.
    #[default]
    Bytes,
    /// UTF-8 with a byte order mark.
    Marked,
    /// UTF-16.
    Utf16 {
        /// Little-endian.
        little: bool,
        /// With a byte order mark.
        marked: bool,
    },
}

/// The text that a playlist was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The format of the file.
    pub format: Format,
    /// The encoding of the file.
    pub encoded: Encoded,
    /// The text without a byte order mark; UTF-16 is converted to UTF-8.
    pub(super) text: Vec<u8>,
    /// The entries as written in the text.
    pub(super) places: Vec<Said>,
    /// For XSPF: the byte range that further entries replace.
    pub(super) end: Range<usize>,
}

/// An entry as written in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    /// Byte range of its path.
    pub place: Range<usize>,
    /// The absolute path parsed from it.
    pub path: PathBuf,
    /// The track's identity, if it is written there.
    pub track: Option<TrackId>,
}

impl Source {
    /// Combines a text with its parsed entries and the byte ranges of their paths.
    pub(super) fn new(
        format: Format,
        encoded: Encoded,
        text: Vec<u8>,
        (places, end): (Vec<Range<usize>>, Range<usize>),
        entries: &[Entry],
    ) -> Source {
        let said =
            |(place, entry): (Range<usize>, &Entry)| Said { place, path: entry.path.clone(), track: entry.track };
        let places = places.into_iter().zip(entries).map(said).collect();
        Source { format, encoded, text, places, end }
    }

    /// Whether `entries` are still those of the text, in the same order, wherever their files are
    /// now. Only their number is compared.
    pub(super) fn tells_of(&self, entries: &[Entry]) -> bool {
        self.places.len() == entries.len()
    }

    /// The line ending of the first line.
    pub(super) fn line_end(&self) -> &'static [u8] {
        let end = self.text.iter().position(|b| b"\n\r".contains(b));
        match end.map(|at| &self.text[at..]) {
            Some([b'\r', b'\n', ..]) => b"\r\n",
            Some([b'\r', ..]) => b"\r",
            _ => b"\n",
        }
    }
}

/// Replaces ranges of a text, which must not overlap.
pub(super) fn edited(text: &[u8], mut edits: Vec<(Range<usize>, Vec<u8>)>) -> Vec<u8> {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let (mut out, mut copied) = (Vec::with_capacity(text.len()), 0);
    for (range, new) in edits {
        out.extend(&text[copied..range.start]);
        out.extend(new);
        copied = range.end;
    }
    out.extend(&text[copied..]);
    out
}

/// Whether a path is of another system: on a Windows drive or share, or a `file:` URL of one.
pub(super) fn is_foreign(place: &[u8]) -> bool {
    let drive = |text: &[u8]| matches!(text, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let address = || url::scheme(place).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"file"));
    let host = || url::file(place).is_none_or(|path| drive(&path.as_os_str().as_bytes()[1..]));
    drive(place) || place.starts_with(b"\\") || (address() && host())
}

/// Decodes the content of a file.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, [u8]>, Encoded) {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return (Cow::Borrowed(rest), Encoded::Marked);
    }
    let little = match bytes {
        [0xff, 0xfe, ..] => Some((true, true)),
        [0xfe, 0xff, ..] => Some((false, true)),
        _ => without_mark(bytes).map(|little| (little, false)),
    };
    let Some((little, marked)) = little else { return (Cow::Borrowed(bytes), Encoded::Bytes) };
    let encoding = if little { UTF_16LE } else { UTF_16BE };
    let text = encoding.decode_with_bom_removal(bytes).0.into_owned();
    (Cow::Owned(text.into_bytes()), Encoded::Utf16 { little, marked })
}

/// Whether `bytes` without a byte order mark are UTF-16, and if so, whether little-endian. Other
/// encodings of text contain no zero bytes, but half the bytes of ASCII text in UTF-16 are zero.
fn without_mark(bytes: &[u8]) -> Option<bool> {
    let some = bytes.get(..bytes.len().min(4096) & !1)?;
    let zeros = |at: usize| some.iter().skip(at).step_by(2).filter(|b| **b == 0).count();
    let (first, second, units) = (zeros(0), zeros(1), some.len() / 2);
    match () {
        () if units < 4 => None,
        () if 2 * second > units && first == 0 => Some(true),
        () if 2 * first > units && second == 0 => Some(false),
        () => None,
    }
}

/// Encodes a text for its file.
pub(super) fn encode(text: Vec<u8>, encoded: Encoded) -> Vec<u8> {
    match (encoded, std::str::from_utf8(&text)) {
        // A name that is not valid UTF-8 cannot be written in UTF-16.
        (Encoded::Bytes, _) | (Encoded::Utf16 { .. }, Err(_)) => text,
        (Encoded::Marked, _) => [b"\xef\xbb\xbf", text.as_slice()].concat(),
        (Encoded::Utf16 { little, marked }, Ok(text)) => {
            let mark = marked.then_some(0xfeffu16);
            let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
        }
    }
}
