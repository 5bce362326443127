//! Pictures in tags.

use super::raw::Block;

const JPEG: &[u8] = b"\xff\xd8\xff";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const RIFF: &[u8] = b"RIFF";
/// Pictures are searched for in this many bytes at the beginning of an item, as a description
/// precedes them.
const REACH: usize = 4096;

/// The format of a picture, among those that can be displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

impl Coding {
    /// The format, by the first bytes.
    pub fn of(bytes: &[u8]) -> Option<Coding> {
        if bytes.starts_with(JPEG) {
            Some(Coding::Jpeg)
        } else if bytes.starts_with(PNG) {
            Some(Coding::Png)
        } else {
            is_webp(bytes, 0).then_some(Coding::Webp)
        }
    }

    /// The usual ending of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Coding::Jpeg => "jpg",
            Coding::Png => "png",
            Coding::Webp => "webp",
        }
    }
}

/// Whether a WebP file begins at this place. Its length stands between the two words.
fn is_webp(bytes: &[u8], at: usize) -> bool {
    let word = |at: usize| bytes.get(at..at + 4);
    word(at) == Some(RIFF) && word(at + 8) == Some(b"WEBP")
}

/// Whether the data is in one of the formats that can be displayed.
pub(super) fn is_usual(bytes: &[u8]) -> bool {
    Coding::of(bytes).is_some()
}

/// The offset of a picture in a tag's item, by its signature.
pub(super) fn begins(bytes: &[u8]) -> Option<usize> {
    let near = &bytes[..bytes.len().min(REACH)];
    let find = |magic| memchr::memmem::find(near, magic);
    let webp = || memchr::memmem::find_iter(near, RIFF).find(|at| is_webp(near, *at));
    find(JPEG).into_iter().chain(find(PNG)).chain(webp()).min()
}

/// Reads a FLAC picture block, which Vorbis comments use too; `None` if it contains no picture.
pub(super) fn flac(block: &mut Block, bytes: &[u8]) -> Option<()> {
    let kind = bytes.first_chunk::<4>().map(|kind| u32::from_be_bytes(*kind));
    let data = flac_data(bytes).filter(|data| is_usual(data));
    let data = data.or_else(|| begins(bytes).map(|at| &bytes[at..])).or_else(|| flac_data(bytes))?;
    block.picture(kind == Some(3), data);
    Some(())
}

/// The data of a picture block: kind, media type, description, four numbers, and the picture. Texts
/// and picture are preceded by their lengths.
fn flac_data(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(4..)?;
    for _ in 0..2 {
        rest = rest.get(4 + length(rest)?..)?;
    }
    let rest = rest.get(16..)?;
    let wanted = length(rest)?;
    rest.get(4..).map(|data| &data[..data.len().min(wanted)]).filter(|data| !data.is_empty())
}

fn length(bytes: &[u8]) -> Option<usize> {
    Some(u32::from_be_bytes(*bytes.first_chunk::<4>()?) as usize)
}

/// Decodes base64, also URL-safe, with line breaks, or without padding.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            byte if byte.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}
