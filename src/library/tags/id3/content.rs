//! The contents of ID3v2 frames.

use lofty::tag::{ItemKey, TagType};

use crate::library::tags::picture;
use crate::library::tags::raw::{Block, Raw};

/// What a comment's description begins with that is for programs: iTunes' and MediaMonkey's.
const FOR_PROGRAMS: [&str; 3] = ["itun", "songs-db", "id3v1"];

/// Whether a frame is one whose loss the user would notice.
pub(super) fn is_wanted(id: &str) -> bool {
    matches!(id, "TXXX" | "COMM" | "USLT" | "APIC" | "UFID" | "RVA2") || field(id).is_some()
}

/// Which field a text frame is of.
fn field(id: &str) -> Option<ItemKey> {
    match id {
        "TYER" | "TDRC" => Some(ItemKey::RecordingDate),
        // The tables have these for two fields each.
        "TRCK" => Some(ItemKey::TrackNumber),
        "TPOS" => Some(ItemKey::DiscNumber),
        "TORY" | "TDOR" | "XDOR" => Some(ItemKey::OriginalReleaseDate),
        _ if id.starts_with('T') && id != "TXXX" => ItemKey::from_key(TagType::Id3v2, id),
        _ => None,
    }
}

/// Puts a frame's content into its fields, or names it as left out.
pub(super) fn add(block: &mut Block, id: &str, body: &[u8]) {
    // Without a byte there is nothing to lose.
    let Some((&encoding, rest)) = body.split_first() else { return };
    let done = match id {
        "TXXX" => own(block, encoding, rest),
        "COMM" | "USLT" => words(block, id, encoding, rest),
        "APIC" => picture(block, body),
        "UFID" => identifier(block, body),
        "RVA2" => volume(block, body),
        _ => {
            let Some(key) = field(id) else { return };
            for value in texts(body) {
                block.add(key, value);
            }
            Some(())
        }
    };
    if done.is_none() {
        block.fault(format!("{id} (cut short or damaged)"));
    }
}

/// A frame of the tagger's own: a name and a text.
fn own(block: &mut Block, encoding: u8, rest: &[u8]) -> Option<()> {
    let (name, value) = cut(encoding, rest)?;
    let name = ascii(encoding, name);
    // ReplayGain and MusicBrainz's names are those of Vorbis comments for some taggers.
    let key = match name.to_ascii_uppercase().as_str() {
        "COMPILATION" => Some(ItemKey::FlagCompilation),
        upper => ItemKey::from_key(TagType::Id3v2, &name).or_else(|| ItemKey::from_key(TagType::VorbisComments, upper)),
    };
    let key = key.filter(|_| !name.is_empty());
    for value in values(encoding, value) {
        key.into_iter().for_each(|key| block.add(key, value.clone()));
    }
    Some(())
}

/// A comment or lyrics: a language, a description, a text.
fn words(block: &mut Block, id: &str, encoding: u8, rest: &[u8]) -> Option<()> {
    let rest = rest.get(3..)?;
    // Some leave the description out altogether, its end included.
    let (about, text) = cut(encoding, rest).unwrap_or((&[], rest));
    let about = ascii(encoding, about).to_ascii_lowercase();
    let text = one(encoding, text);
    match id {
        "USLT" => block.add(ItemKey::UnsyncLyrics, text),
        _ if about.is_empty() => {
            // Before those that are described.
            let at = block.items.iter().position(|(key, _)| *key == ItemKey::Comment);
            block.add(ItemKey::Comment, text);
            if let (Some(at), Some(last)) = (at, block.items.len().checked_sub(1)) {
                block.items.swap(at, last);
            }
        }
        _ if FOR_PROGRAMS.iter().any(|words| about.starts_with(words)) => {}
        _ => block.add(ItemKey::Comment, text),
    }
    Some(())
}

/// An attached picture. Where what stands before it makes no sense, it is found by how pictures begin.
fn picture(block: &mut Block, body: &[u8]) -> Option<()> {
    let stated = pictured(body);
    let (front, data) = stated.unwrap_or_default();
    if body.get(1..).is_some_and(|rest| rest.starts_with(b"-->")) {
        // Only the address of one.
        return Some(());
    }
    let at = if picture::is_usual(data) { None } else { picture::begins(body) };
    let data = at.map_or(data, |at| &body[at..]);
    if data.is_empty() {
        return None;
    }
    block.picture(front, data);
    Some(())
}

/// Whether an attached picture says that it is the front cover, and where its bytes are: behind encoding, kind of file
/// (a media type; of three letters in 2.2), kind of picture and description.
fn pictured(body: &[u8]) -> Option<(bool, &[u8])> {
    let (&encoding, rest) = body.split_first()?;
    let end = rest.iter().position(|b| *b == 0)?;
    let rest = if end == 0 || rest[..end].contains(&b'/') { rest.get(end + 1..)? } else { rest.get(3..)? };
    let (&kind, rest) = rest.split_first()?;
    let (_, data) = cut(encoding, rest)?;
    Some((kind == 3, data))
}

/// An identifier: whose it is, and the identifier.
fn identifier(block: &mut Block, body: &[u8]) -> Option<()> {
    let end = body.iter().position(|b| *b == 0)?;
    if body[..end].eq_ignore_ascii_case(b"http://musicbrainz.org") {
        block.add(ItemKey::MusicBrainzRecordingId, Raw::utf8(body[end + 1..].trim_ascii()));
    }
    Some(())
}

/// Relative volume, as some taggers write ReplayGain: of the master channel, in 512ths of a dB.
fn volume(block: &mut Block, body: &[u8]) -> Option<()> {
    let end = body.iter().position(|b| *b == 0)?;
    let key = match body[..end].to_ascii_lowercase().as_slice() {
        b"album" => ItemKey::ReplayGainAlbumGain,
        _ => ItemKey::ReplayGainTrackGain,
    };
    let mut rest = &body[end + 1..];
    while !rest.is_empty() {
        let &[channel, high, low, bits] = rest.first_chunk::<4>()?;
        let peak = usize::from(bits).div_ceil(8);
        rest = rest.get(4 + peak..)?;
        if channel == 1 {
            let decibels = f32::from(i16::from_be_bytes([high, low])) / 512.0;
            block.add(key, Raw::Text(format!("{decibels:.4} dB")));
        }
    }
    Some(())
}

/// The texts of a text frame.
fn texts(body: &[u8]) -> Vec<Raw> {
    match body {
        [encoding @ 0..=3, rest @ ..] => values(*encoding, rest),
        // Written without the byte that says the encoding.
        [first, ..] if *first >= b' ' => values(0, body),
        [_, rest @ ..] => values(0, rest),
        [] => Vec::new(),
    }
}

/// Cuts at the first end of a text: what is before and behind it.
fn cut(encoding: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if is_wide(encoding, bytes) {
        let end = bytes.chunks_exact(2).position(|pair| pair == [0, 0])? * 2;
        Some((&bytes[..end], &bytes[end + 2..]))
    } else {
        let end = bytes.iter().position(|b| *b == 0)?;
        Some((&bytes[..end], &bytes[end + 1..]))
    }
}

/// Whether a text is UTF-16, also where its encoding says otherwise but its first bytes do not.
fn is_wide(encoding: u8, bytes: &[u8]) -> bool {
    let marked = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    matches!(encoding, 1 | 2) || marked && bytes.len().is_multiple_of(2) && bytes.len() > 3
}

/// The texts in some bytes, each ended by zero but for the last.
fn values(encoding: u8, bytes: &[u8]) -> Vec<Raw> {
    let mut out = Vec::new();
    if is_wide(encoding, bytes) {
        let pairs: Vec<[u8; 2]> = bytes.as_chunks::<2>().0.to_vec();
        let little = first_order(encoding, &pairs);
        out.extend(pairs.split(|pair| *pair == [0, 0]).map(|pairs| Raw::Text(wide(pairs, little))));
    } else {
        out.extend(bytes.split(|b| *b == 0).map(|part| narrow(encoding, part)));
    }
    out
}

/// The first text in some bytes; lines of lyrics stay together.
fn one(encoding: u8, bytes: &[u8]) -> Raw {
    values(encoding, bytes).into_iter().next().unwrap_or(Raw::Text(String::new()))
}

fn narrow(encoding: u8, bytes: &[u8]) -> Raw {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if encoding == 3 { Raw::utf8(bytes) } else { Raw::Bytes(bytes.into()) }
}

/// Whether UTF-16 has its low bytes first: by its mark, else by where the zeros of plain letters are, else as the encoding
/// says it (2 is big-endian) or is mostly written.
fn first_order(encoding: u8, pairs: &[[u8; 2]]) -> bool {
    match pairs.first() {
        Some([0xff, 0xfe]) => return true,
        Some([0xfe, 0xff]) => return false,
        _ => {}
    }
    let count = |at: usize| pairs.iter().filter(|pair| pair[at] == 0 && pair[1 - at] != 0).count();
    let (high_first, low_first) = (count(0), count(1));
    if high_first == low_first { encoding != 2 } else { low_first > high_first }
}

fn wide(pairs: &[[u8; 2]], little: bool) -> String {
    // Each value may have a mark of its own.
    let (pairs, little) = match pairs {
        [[0xff, 0xfe], rest @ ..] => (rest, true),
        [[0xfe, 0xff], rest @ ..] => (rest, false),
        _ => (pairs, little),
    };
    let units = pairs.iter().map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A name that is compared with plain ones.
fn ascii(encoding: u8, bytes: &[u8]) -> String {
    match one(encoding, bytes) {
        Raw::Text(text) => text,
        Raw::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    }
}
