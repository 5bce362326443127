//! Decodes texts whose encoding is not declared, or declared wrongly: "Latin-1" in ID3v2 means the
//! code page of the tagger's system, as do ID3v1 and INFO chunks. All texts of a file are examined
//! together, as each is too short for detection.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::raw::{Block, Raw};

/// Number of bytes of text that suffice for detection.
const ENOUGH: usize = 16 << 10;
/// Minimum number of non-ASCII letters to accept a detected Latin encoding other than windows-1252.
const SURE: usize = 8;

/// Decodes the remaining texts: in the encoding `fixed` by the user, otherwise in the detected one.
/// Valid UTF-8 is always taken as such, since in other encodings such bytes make no sense.
pub(super) fn settle(blocks: &mut [Block], fixed: Option<&'static Encoding>) {
    let unclear: Vec<&[u8]> = blocks
        .iter()
        .flat_map(|block| &block.items)
        .filter_map(|(_, raw)| match raw {
            // A text with control characters is damaged, and no evidence for the others.
            Raw::Bytes(bytes) if utf8(bytes).is_none() && !bytes.iter().any(|b| *b < b'\t') => Some(bytes.as_slice()),
            _ => None,
        })
        .collect();
    let guessed = fixed.unwrap_or_else(|| guess(&unclear));
    for block in blocks {
        let mut lost = false;
        for (_, raw) in &mut block.items {
            if let Raw::Bytes(bytes) = raw {
                let text = utf8(bytes).unwrap_or_else(|| decode(bytes, guessed, fixed.is_some()));
                lost |= text.contains(char::REPLACEMENT_CHARACTER);
                *raw = Raw::Text(text.into_owned());
            }
        }
        block.items.retain(|(_, raw)| match raw {
            Raw::Text(text) if is_void(text) => {
                lost |= text.contains(char::REPLACEMENT_CHARACTER);
                false
            }
            _ => true,
        });
        if lost {
            block.fault("some letters (in no known encoding)");
        }
    }
}

/// Decodes a single text, as [`settle`] does.
pub(super) fn decoded(bytes: &[u8], fixed: Option<&'static Encoding>) -> String {
    let text = utf8(bytes).unwrap_or_else(|| decode(bytes, fixed.unwrap_or_else(|| guess(&[bytes])), fixed.is_some()));
    text.into_owned()
}

/// Whether nothing readable is left of a text.
fn is_void(text: &str) -> bool {
    text.chars().all(|c| c == char::REPLACEMENT_CHARACTER || c.is_control() || c.is_whitespace())
}

/// The text if it is UTF-8, even if its last character is incomplete, or if few of many characters
/// are damaged.
fn utf8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Some(text.into()),
        Err(error) => error,
    };
    if error.error_len().is_none() {
        let whole = std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?;
        return (!whole.is_ascii()).then(|| whole.into());
    }
    let text = String::from_utf8_lossy(bytes);
    let damaged = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    let good = text.chars().filter(|c| !c.is_ascii()).count() - damaged;
    // In Chinese and Korean code pages, bytes of adjacent characters often form a valid UTF-8
    // sequence; then the bytes at both ends do not.
    (good >= 2 && (damaged == 1 || good >= 4 * damaged)).then_some(text)
}

fn decode<'a>(bytes: &'a [u8], guessed: &'static Encoding, certain: bool) -> Cow<'a, str> {
    let (text, wrong) = guessed.decode_without_bom_handling(bytes);
    // ID3v1 may cut a character.
    let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    if !wrong || certain || !whole.contains(char::REPLACEMENT_CHARACTER) && !whole.is_empty() {
        return if whole.len() < text.len() { Cow::Owned(whole.to_owned()) } else { text };
    }
    // A single text in another encoding than the others.
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}

/// Detects the common encoding of some texts.
fn guess(texts: &[&[u8]]) -> &'static Encoding {
    if texts.is_empty() {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut fed = 0;
    for (n, text) in texts.iter().enumerate() {
        // The same artist in three tags is no additional evidence.
        if texts[..n].contains(text) || fed > ENOUGH {
            continue;
        }
        detector.feed(text, false);
        detector.feed(b"\n", false);
        fed += text.len();
    }
    detector.feed(b"", true);
    let found = detector.guess(None, Utf8Detection::Deny);
    if texts.iter().all(|text| is_western(text)) {
        // A few accents among Latin letters are nearly always windows-1252, and the detector is
        // unreliable for short texts.
        let letters: usize = texts.iter().map(|text| text.iter().filter(|b| **b >= 0x80).count()).sum();
        return if found.is_single_byte() && is_latin(found) && letters >= SURE { found } else { WINDOWS_1252 };
    }
    // The detector takes short Japanese texts for Cyrillic.
    if is_japanese(texts) {
        return SHIFT_JIS;
    }
    // Texts of words in lower case, at most capitalised, are Cyrillic; the detector may take short
    // ones for Chinese or for accented letters.
    let elsewhere = found.is_single_byte() && !is_latin(found);
    let small = || texts.iter().any(|text| text.iter().any(|b| matches!(b, 0xe0..=0xff)));
    if !elsewhere && texts.iter().all(|text| is_cyrillic(text)) && small() { WINDOWS_1251 } else { found }
}

/// Whether an encoding is for Latin letters.
fn is_latin(encoding: &'static Encoding) -> bool {
    encoding.decode_without_bom_handling(&[0xc1, 0xe1]).0 == "Áá"
}

/// Whether a text looks like a Western European language in windows-1252: accented letters among
/// plain ones, at most two in a row.
fn is_western(text: &[u8]) -> bool {
    let (mut plain, mut accented, mut row) = (0, 0, 0);
    for &byte in text {
        match byte {
            0xc0..=0xff if !matches!(byte, 0xd7 | 0xf7) => {
                row += 1;
                accented += 1;
                // Two in a row are rare ("Größe", "Þórr", "créée"), and three do not occur.
                if row > 2 {
                    return false;
                }
                continue;
            }
            b'a'..=b'z' | b'A'..=b'Z' => plain += 1,
            0..0x80 => {}
            // Š Ž Œ, quotation marks, dashes, ellipses, ordinals and the like, but no characters
            // that are unused in text or letters in Central European code pages.
            0x80 | 0x85 | 0x8a | 0x8c | 0x8e | 0x91..=0x97 | 0x99 | 0x9a | 0x9c | 0x9e => {}
            0xa0 | 0xa1 | 0xa7 | 0xa9 | 0xaa | 0xab | 0xae | 0xb0 | 0xb2 | 0xb4 | 0xb7 | 0xba | 0xbb..=0xbf => {}
            _ => return false,
        }
        row = 0;
    }
    accented <= plain
}

/// Whether a text looks like Cyrillic in windows-1251: words of its letters only, without capitals
/// after small letters.
fn is_cyrillic(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| matches!(byte, 0xc0..=0xff | 0xa8 | 0xb8);
    let is_small = |byte: &u8| matches!(byte, 0xe0..=0xff | 0xb8);
    // ASCII, quotation marks, dashes, ellipsis, numero sign.
    let is_sign = |byte: &u8| matches!(byte, 0..0x80 | 0x84 | 0x85 | 0x91..=0x97 | 0xab | 0xb9 | 0xbb);
    let mut words = text.split(|byte| !is_letter(byte));
    text.iter().all(|byte| is_letter(byte) || is_sign(byte))
        && words.all(|word| word.is_empty() || word[1..].iter().all(is_small) || !word.iter().any(is_small))
}

/// Whether texts are Japanese in Shift JIS: valid, with at least one full-width kana. Half-width
/// kana are single bytes that are letters in nearly every other code page, so texts with them do
/// not count.
fn is_japanese(texts: &[&[u8]]) -> bool {
    let mut kana = false;
    for text in texts {
        let (text, wrong) = SHIFT_JIS.decode_without_bom_handling(text);
        // ID3v1 may cut the last character.
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        if wrong && whole.contains(char::REPLACEMENT_CHARACTER) || whole.chars().any(|c| ('｡'..='ﾟ').contains(&c)) {
            return false;
        }
        kana |= whole.chars().any(|c| matches!(c, 'ぁ'..='ん' | 'ァ'..='ヶ'));
    }
    kana
}

#[cfg(test)]
mod tests;
