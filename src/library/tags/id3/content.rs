//! The contents of ID3v2 frames.

use lofty::tag::{ItemKey, TagType};

use crate::library::tags::picture;
use crate::library::tags::raw::{Block, Raw};

/// Beginnings of descriptions of comments meant for programs: iTunes' and MediaMonkey's.
const FOR_PROGRAMS: [&str; 3] = ["itun", "songs-db", "id3v1"];

/// The unit of times in synchronised lyrics that can be used.
const MILLISECONDS: u8 = 2;
/// The kinds of synchronised lyrics that are lyrics: other, lyrics, a transcription.
const LYRICS: [u8; 3] = [0, 1, 2];
/// Maximum number of texts of synchronised lyrics.
const MAX_PARTS: usize = 20_000;

/// Whether the user would notice the loss of this frame.
pub(super) fn is_wanted(id: &str) -> bool {
    matches!(id, "TXXX" | "COMM" | "USLT" | "SYLT" | "APIC" | "UFID" | "RVA2") || field(id).is_some()
}

/// The field of a text frame.
fn field(id: &str) -> Option<ItemKey> {
    match id {
        "TYER" | "TDRC" => Some(ItemKey::RecordingDate),
        // lofty's tables map each of these names to two fields.
        "TRCK" => Some(ItemKey::TrackNumber),
        "TPOS" => Some(ItemKey::DiscNumber),
        "TORY" | "TDOR" | "XDOR" => Some(ItemKey::OriginalReleaseDate),
        _ if id.starts_with('T') && id != "TXXX" => ItemKey::from_key(TagType::Id3v2, id),
        _ => None,
    }
}

/// Adds a frame's content to the fields, or reports it as left out.
pub(super) fn add(block: &mut Block, id: &str, body: &[u8]) {
    // An empty frame loses nothing.
    let Some((&encoding, rest)) = body.split_first() else { return };
    let done = match id {
        "TXXX" => own(block, encoding, rest),
        "COMM" | "USLT" => words(block, id, encoding, rest),
        "SYLT" => timed(block, encoding, rest),
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

/// A user-defined frame: a name and a text.
fn own(block: &mut Block, encoding: u8, rest: &[u8]) -> Option<()> {
    let (name, value) = cut(encoding, rest)?;
    let name = ascii(encoding, name);
    // Some taggers use the names of Vorbis comments for ReplayGain and MusicBrainz.
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

/// A comment or lyrics: language, description, text.
fn words(block: &mut Block, id: &str, encoding: u8, rest: &[u8]) -> Option<()> {
    let rest = rest.get(3..)?;
    // Some writers omit the description and its terminator.
    let (about, text) = cut(encoding, rest).unwrap_or((&[], rest));
    let about = ascii(encoding, about).to_ascii_lowercase();
    let text = one(encoding, text);
    match id {
        "USLT" => block.add(ItemKey::UnsyncLyrics, text),
        _ if about.is_empty() => {
            // Move it before comments with a description.
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

/// Lyrics with times: language, unit of time, kind, description, then texts, each with its time. They
/// are added as LRC. Times in MPEG frames instead of milliseconds, and what is no lyrics (chords,
/// trivia), are left out.
fn timed(block: &mut Block, encoding: u8, rest: &[u8]) -> Option<()> {
    let (&[_, _, _, unit, kind], rest) = rest.split_first_chunk::<5>()?;
    let (_, mut rest) = cut(encoding, rest)?;
    if unit != MILLISECONDS || !LYRICS.contains(&kind) {
        return Some(());
    }
    let (mut parts, mut declared) = (Vec::new(), true);
    while let Some((text, behind)) = cut(encoding, rest) {
        let Some((time, behind)) = behind.split_first_chunk::<4>() else { break };
        let text = match one(encoding, text) {
            Raw::Text(text) => text.into_bytes(),
            Raw::Bytes(bytes) => {
                declared = false;
                bytes
            }
        };
        parts.push((u32::from_be_bytes(*time), text));
        if parts.len() == MAX_PARTS {
            break;
        }
        rest = behind;
    }
    if parts.is_empty() {
        return None;
    }
    let lrc = lrc(&parts);
    let lrc = if declared { Raw::Text(String::from_utf8_lossy(&lrc).into_owned()) } else { Raw::Bytes(lrc) };
    block.add(ItemKey::Lyrics, lrc);
    Some(())
}

/// Writes texts with their times in milliseconds as LRC. If any has a line break, they are syllables,
/// and a line begins at each break; otherwise each is a line.
fn lrc(parts: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let syllables = parts.iter().any(|(_, text)| text.iter().any(is_break));
    let (mut out, mut fresh) = (Vec::new(), true);
    for (ms, text) in parts {
        let time = format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000);
        if fresh || !syllables || text.first().is_some_and(is_break) {
            out.extend(format!("\n[{time}]").into_bytes());
        }
        if syllables {
            out.extend(format!("<{time}>").into_bytes());
        }
        fresh = text.len() > 1 && text.last().is_some_and(is_break);
        let begin = text.iter().position(|byte| !is_break(byte)).unwrap_or(text.len());
        let body = text[begin..].iter().map(|byte| if is_break(byte) { b' ' } else { *byte });
        out.extend(body);
    }
    out
}

/// An attached picture. If the fields before it are invalid, it is found by its signature.
fn picture(block: &mut Block, body: &[u8]) -> Option<()> {
    let stated = pictured(body);
    let (front, data) = stated.unwrap_or_default();
    if body.get(1..).is_some_and(|rest| rest.starts_with(b"-->")) {
        // A URL in place of a picture.
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

/// Whether an attached picture is declared as the front cover, and its data. Before the data are
/// the encoding, the media type (or three letters in 2.2), the kind of picture and a description.
fn pictured(body: &[u8]) -> Option<(bool, &[u8])> {
    let (&encoding, rest) = body.split_first()?;
    let end = rest.iter().position(|b| *b == 0)?;
    let rest = if end == 0 || rest[..end].contains(&b'/') { rest.get(end + 1..)? } else { rest.get(3..)? };
    let (&kind, rest) = rest.split_first()?;
    let (_, data) = cut(encoding, rest)?;
    Some((kind == 3, data))
}

/// A unique file identifier: owner and identifier.
fn identifier(block: &mut Block, body: &[u8]) -> Option<()> {
    let end = body.iter().position(|b| *b == 0)?;
    if body[..end].eq_ignore_ascii_case(b"http://musicbrainz.org") {
        block.add(ItemKey::MusicBrainzRecordingId, Raw::utf8(body[end + 1..].trim_ascii()));
    }
    Some(())
}

/// Relative volume, as which some taggers write ReplayGain: of the master channel, in units of
/// 1/512 dB.
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

/// The values of a text frame.
fn texts(body: &[u8]) -> Vec<Raw> {
    match body {
        [encoding @ 0..=3, rest @ ..] => values(*encoding, rest),
        // Without the encoding byte.
        [first, ..] if *first >= b' ' => values(0, body),
        [_, rest @ ..] => values(0, rest),
        [] => Vec::new(),
    }
}

/// Splits at the first terminator: the bytes before and after it.
fn cut(encoding: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if is_wide(encoding, bytes) {
        let end = bytes.chunks_exact(2).position(|pair| pair == [0, 0])? * 2;
        Some((&bytes[..end], &bytes[end + 2..]))
    } else {
        let end = bytes.iter().position(|b| *b == 0)?;
        Some((&bytes[..end], &bytes[end + 1..]))
    }
}

/// Whether a text is UTF-16: by its encoding byte, or by a byte order mark despite it.
fn is_wide(encoding: u8, bytes: &[u8]) -> bool {
    let marked = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    matches!(encoding, 1 | 2) || marked && bytes.len().is_multiple_of(2) && bytes.len() > 3
}

/// The texts in `bytes`, which are separated by terminators.
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

/// The first text in `bytes`, including its line breaks.
fn one(encoding: u8, bytes: &[u8]) -> Raw {
    values(encoding, bytes).into_iter().next().unwrap_or(Raw::Text(String::new()))
}

fn narrow(encoding: u8, bytes: &[u8]) -> Raw {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if encoding == 3 { Raw::utf8(bytes) } else { Raw::Bytes(bytes.into()) }
}

/// Whether UTF-16 is little-endian: by its byte order mark, otherwise by the position of the zero
/// bytes of ASCII letters, otherwise as the encoding says (2 is big-endian) or, for 1, as is most
/// common.
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
    // Each value may have a byte order mark of its own.
    let (pairs, little) = match pairs {
        [[0xff, 0xfe], rest @ ..] => (rest, true),
        [[0xfe, 0xff], rest @ ..] => (rest, false),
        _ => (pairs, little),
    };
    let units = pairs.iter().map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A text for comparison with ASCII names.
fn ascii(encoding: u8, bytes: &[u8]) -> String {
    match one(encoding, bytes) {
        Raw::Text(text) => text,
        Raw::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    }
}
