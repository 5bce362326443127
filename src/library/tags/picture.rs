//! Pictures in tags.

use super::raw::Block;

const JPEG: &[u8] = b"\xff\xd8\xff";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// A picture begins this near to the beginning of what it is in, behind its description.
const REACH: usize = 4096;

/// Whether these are the bytes of one of the two kinds of picture that are shown.
pub(super) fn is_usual(bytes: &[u8]) -> bool {
    bytes.starts_with(JPEG) || is_png(bytes)
}

/// Whether these are the bytes of a PNG.
pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(PNG)
}

/// Where a JPEG or a PNG begins in the bytes of a tag's item, by how they begin.
pub(super) fn begins(bytes: &[u8]) -> Option<usize> {
    let near = &bytes[..bytes.len().min(REACH)];
    let find = |magic| memchr::memmem::find(near, magic);
    find(JPEG).into_iter().chain(find(PNG)).min()
}

/// Reads a picture block of FLAC, which Vorbis comments have too; `None` when there is no picture in it.
pub(super) fn flac(block: &mut Block, bytes: &[u8]) -> Option<()> {
    let kind = bytes.first_chunk::<4>().map(|kind| u32::from_be_bytes(*kind));
    let data = flac_data(bytes).filter(|data| is_usual(data));
    let data = data.or_else(|| begins(bytes).map(|at| &bytes[at..])).or_else(|| flac_data(bytes))?;
    block.picture(kind == Some(3), data);
    Some(())
}

/// The picture in a picture block: kind, media type, description, four numbers and the picture, each with its length.
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

/// Decodes base64, line breaks and a missing end allowed.
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
