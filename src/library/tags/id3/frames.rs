//! Finds where the frames of an ID3v2 tag begin and end. Sizes are often wrong (iTunes wrote plain
//! numbers in 2.4, which requires seven bits per byte, and others the reverse), so a size is
//! accepted if a plausible frame, padding or the end follows.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read;

use flate2::read::ZlibDecoder;
use lofty::id3::v2::upgrade_v2;

use crate::library::tags::raw::{ALLOCATION_LIMIT, Patience};

/// Frames that may contain other frames.
const NESTING: [&str; 2] = ["CHAP", "CTOC"];
/// How many bytes of a frame of plausible size are searched for another frame inside it.
const SUSPECT: usize = 4096;

/// The frames accepted when searching for the next one: those of the specifications, and Apple's.
const KNOWN: [&[u8; 4]; 118] = [
    b"AENC", b"APIC", b"ASPI", b"ATXT", b"CHAP", b"COMM", b"COMR", b"CTOC", b"ENCR", b"EQU2", b"EQUA", b"ETCO",
    b"GEOB", b"GRID", b"GRP1", b"IPLS", b"LINK", b"MCDI", b"MLLT", b"MVIN", b"MVNM", b"NCON", b"OWNE", b"PCNT",
    b"PCST", b"POPM", b"POSS", b"PRIV", b"RBUF", b"RGAD", b"RVA2", b"RVAD", b"RVRB", b"SEEK", b"SIGN", b"SYLT",
    b"SYTC", b"TALB", b"TBPM", b"TCAT", b"TCMP", b"TCOM", b"TCON", b"TCOP", b"TDAT", b"TDEN", b"TDES", b"TDLY",
    b"TDOR", b"TDRC", b"TDRL", b"TDTG", b"TENC", b"TEXT", b"TFLT", b"TGID", b"TIME", b"TIPL", b"TIT1", b"TIT2",
    b"TIT3", b"TKEY", b"TKWD", b"TLAN", b"TLEN", b"TMCL", b"TMED", b"TMOO", b"TOAL", b"TOFN", b"TOLY", b"TOPE",
    b"TORY", b"TOWN", b"TPE1", b"TPE2", b"TPE3", b"TPE4", b"TPOS", b"TPRO", b"TPUB", b"TRCK", b"TRDA", b"TRSN",
    b"TRSO", b"TSIZ", b"TSO2", b"TSOA", b"TSOC", b"TSOP", b"TSOT", b"TSRC", b"TSSE", b"TSST", b"TXXX", b"TYER",
    b"UFID", b"USER", b"USLT", b"WCOM", b"WCOP", b"WFED", b"WOAF", b"WOAR", b"WOAS", b"WORS", b"WPAY", b"WPUB",
    b"WXXX", b"XDOR", b"XRVA", b"XSOA", b"XSOP", b"XSOT", b"ZOBS", b"TDRE", b"TSOM", b"TDVC",
];

/// A frame.
pub(super) struct Frame<'a> {
    /// Its name in version 2.4, if it has one.
    pub id: String,
    /// Whether its size was wrong, so that the data may be incomplete.
    pub damaged: bool,
    version: u8,
    flags: u8,
    unsynchronised: bool,
    data: &'a [u8],
}

/// The frames of a tag.
pub(super) struct Frames<'a> {
    bytes: &'a [u8],
    version: u8,
    unsynchronised: bool,
    at: usize,
    patience: RefCell<Patience>,
}

impl<'a> Frames<'a> {
    /// Iterates over the frames in `bytes`. `unsynchronised` is the flag in the tag's header, used
    /// for version 2.4 only.
    pub(super) fn new(version: u8, bytes: &'a [u8], unsynchronised: bool) -> Frames<'a> {
        let patience = RefCell::new(Patience::new(bytes.len()));
        Frames { bytes, version, unsynchronised: unsynchronised && version == 4, at: 0, patience }
    }

    /// Length of a frame's header in bytes.
    fn head(&self) -> usize {
        if self.version == 2 { 6 } else { 10 }
    }

    /// The name of the frame at `at`, converted to version 2.4; `None` if it is not a valid name.
    fn id(&self, at: usize) -> Option<String> {
        let name = self.bytes.get(at..at + if self.version == 2 { 3 } else { 4 })?;
        // iTunes copied the three-letter names of 2.2 into tags of 2.3.
        let name = match name {
            [a, b, c, 0 | b' '] => &[*a, *b, *c][..],
            name => name,
        };
        let letters = name[0].is_ascii_uppercase() && name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let text = std::str::from_utf8(name).ok().filter(|_| letters)?;
        match name.len() {
            3 if self.version > 2 => upgrade_v2(text).map(str::to_owned),
            3 => Some(upgrade_v2(text).unwrap_or(text).to_owned()),
            _ => Some(text.to_owned()),
        }
    }

    /// The possible sizes of the frame at `at`, the more likely one first.
    fn sizes(&self, at: usize) -> Option<[usize; 2]> {
        if self.version == 2 {
            let size = self.bytes.get(at + 3..at + 6)?;
            let size = usize::from(size[0]) << 16 | usize::from(size[1]) << 8 | usize::from(size[2]);
            return Some([size; 2]);
        }
        let size = *self.bytes.get(at + 4..)?.first_chunk::<4>()?;
        let plain = u32::from_be_bytes(size) as usize;
        let safe = if size.iter().any(|b| *b >= 0x80) { plain } else { syncsafe(size) as usize };
        Some(if self.version == 4 { [safe, plain] } else { [plain, safe] })
    }

    /// Whether a known frame of a possible size begins at `at`.
    fn is_frame(&self, at: usize) -> bool {
        let Some(id) = self.id(at) else { return false };
        let rest = self.bytes.len().saturating_sub(at + self.head());
        let known = self.version == 2 || KNOWN.iter().any(|known| known[..] == *id.as_bytes());
        known && self.sizes(at).is_some_and(|sizes| sizes.iter().any(|size| *size <= rest))
    }

    /// Whether a frame may end at `at`: at the end of the tag, before padding, or before another
    /// frame.
    fn is_end(&self, at: usize) -> bool {
        match self.bytes.get(at..) {
            // Only zeros, as far as the search budget allows to check.
            Some([0, ..]) => self.patience.borrow_mut().find(at..self.bytes.len(), |at| self.bytes[*at] != 0).is_none(),
            Some(rest) => rest.is_empty() || self.is_frame(at),
            None => false,
        }
    }

    /// The end of a run of adjacent known frames that begins at `from`.
    pub(super) fn reach(&self, from: usize) -> usize {
        let mut at = from;
        while self.is_frame(at) {
            let Some(ends) = self.sizes(at).map(|sizes| sizes.map(|size| at + self.head() + size)) else { break };
            let end = ends.into_iter().find(|end| self.is_frame(*end)).unwrap_or(ends[0]);
            if end > self.bytes.len() {
                break;
            }
            at = end;
        }
        at
    }

    /// The position of the next known frame from `from` on and before `end`.
    fn search(&self, from: usize, end: usize) -> Option<usize> {
        let is_frame = |at: &usize| self.bytes[*at].is_ascii_uppercase() && self.is_frame(*at);
        self.patience.borrow_mut().find(from..end.min(self.bytes.len()), is_frame)
    }

    /// The beginning of a frame inside the data of the frame `id`, whose size is too large but
    /// happens to end at a plausible place.
    fn swallowed(&self, id: &str, from: usize, end: usize) -> Option<usize> {
        if NESTING.contains(&id) {
            return None;
        }
        let head = self.head();
        let is_whole = |at: usize| {
            self.bytes[at].is_ascii_uppercase()
                && self.is_frame(at)
                && self.sizes(at).is_some_and(|sizes| sizes.iter().any(|size| self.is_end(at + head + size)))
        };
        (from..end.min(from + SUSPECT)).find(|at| is_whole(*at))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        loop {
            // Skip padding, which some writers put between frames.
            let padding = self.bytes.get(self.at..)?.iter().position(|b| *b != 0)?;
            self.at += padding;
            let (at, head) = (self.at, self.head());
            let (Some(id), Some(sizes)) = (self.id(at), self.sizes(at)) else {
                self.at = self.search(at + 1, self.bytes.len())?;
                continue;
            };
            let body = at + head;
            let ends = sizes.map(|size| body.saturating_add(size));
            let (end, damaged) = match ends.into_iter().find(|end| self.is_end(*end)) {
                Some(end) => match self.swallowed(&id, body, end) {
                    Some(next) => (next, true),
                    None => (end, false),
                },
                // Neither size ends at a plausible place: stop at the next frame within the stated
                // size.
                None => match self.search(body, ends[0]) {
                    Some(next) => (next, true),
                    None => (ends[0].min(self.bytes.len()), ends[0] > self.bytes.len()),
                },
            };
            let flags = if self.version == 2 { 0 } else { self.bytes.get(at + 9).copied().unwrap_or(0) };
            let data = self.bytes.get(body..end).unwrap_or_default();
            self.at = end.max(body);
            let (version, unsynchronised) = (self.version, self.unsynchronised);
            return Some(Frame { id, damaged, version, flags, unsynchronised, data });
        }
    }
}

impl<'a> Frame<'a> {
    /// The frame's data, decompressed and with unsynchronisation reversed.
    ///
    /// # Errors
    /// Why it is not available, in a few words.
    pub(super) fn body(&self) -> Result<Cow<'a, [u8]>, &'static str> {
        let flag = |old: u8, new: u8| self.flags & if self.version == 4 { new } else { old } != 0;
        let (compressed, encrypted, grouped) = (flag(0x80, 0x08), flag(0x40, 0x04), flag(0x20, 0x40));
        if encrypted {
            return Err("encrypted");
        }
        let mut data = self.data;
        let mut skip = |count: usize| match data.get(count..) {
            Some(rest) => {
                data = rest;
                Ok(())
            }
            None => Err("too short for its flags"),
        };
        if self.version == 4 {
            skip(usize::from(grouped))?;
            skip(if self.flags & 0x01 != 0 { 4 } else { 0 })?;
        } else {
            skip(if compressed { 4 } else { 0 })?;
            skip(usize::from(grouped))?;
        }
        let unsynchronised = self.version == 4 && (self.unsynchronised || self.flags & 0x02 != 0);
        let data = if unsynchronised { Cow::Owned(resync(data)) } else { Cow::Borrowed(data) };
        if !compressed {
            return Ok(data);
        }
        let mut out = Vec::new();
        // Output before an error is used; output beyond the limit is cut off.
        let read = ZlibDecoder::new(&data[..]).take(ALLOCATION_LIMIT as u64).read_to_end(&mut out);
        match read {
            Err(_) if out.is_empty() => Err("cannot be decompressed"),
            _ => Ok(Cow::Owned(out)),
        }
    }
}

/// Where the frames begin after an extended header. Depending on version and writer, its size may
/// include itself or not, and have seven or eight bits per byte; some tags declare one but have
/// none.
pub(super) fn after_extended(version: u8, body: &[u8]) -> usize {
    let Some(size) = body.first_chunk::<4>() else { return 0 };
    let plain = u32::from_be_bytes(*size) as usize;
    let safe = syncsafe(*size) as usize;
    let frames = Frames::new(version, body, false);
    let likely = if version == 4 { [safe, plain, safe + 4, plain + 4] } else { [plain + 4, safe + 4, plain, safe] };
    let begins = |at: &usize| *at >= 4 && frames.is_frame(*at);
    if frames.is_frame(0) {
        return 0;
    }
    likely.into_iter().find(begins).unwrap_or(0)
}

/// Decodes a number with seven bits per byte.
pub(super) fn syncsafe(bytes: [u8; 4]) -> u32 {
    bytes.iter().fold(0, |n, b| n << 7 | u32::from(b & 0x7f))
}

/// Reverses unsynchronisation: removes the zero byte after every 0xff.
pub(super) fn resync(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut before = 0;
    for &byte in bytes {
        if !(before == 0xff && byte == 0) {
            out.push(byte);
        }
        before = byte;
    }
    out
}
