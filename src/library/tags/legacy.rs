//! Texts whose encoding is not stated, or stated wrongly: "Latin-1" in ID3v2 is whatever code page the tagger's system had,
//! as are ID3v1 and INFO chunks. All texts of a file are examined together, since each one is too short to tell.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::raw::{Block, Raw};

/// So many bytes of texts are enough to tell.
const ENOUGH: usize = 16 << 10;
/// So many letters that are not ASCII are needed to take Latin letters for those of Central Europe and the like.
const SURE: usize = 8;

/// Decodes what is not decoded yet: by the encoding that the user named, else by what the texts look like. Whatever is
/// valid UTF-8 is that: in other encodings such bytes make no sense.
pub(super) fn settle(blocks: &mut [Block], fixed: Option<&'static Encoding>) {
    let unclear: Vec<&[u8]> = blocks
        .iter()
        .flat_map(|block| &block.items)
        .filter_map(|(_, raw)| match raw {
            // What has control characters in it is damaged, and says nothing of the others.
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

/// Whether nothing was left of a text.
fn is_void(text: &str) -> bool {
    text.chars().all(|c| c == char::REPLACEMENT_CHARACTER || c.is_control() || c.is_whitespace())
}

/// The text where it is UTF-8, also when its last character was cut, or when a few of many characters are damaged.
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
    // In Chinese and Korean code pages two halves of neighbours often look like one character of UTF-8; then those at both
    // ends do not.
    (good >= 2 && (damaged == 1 || good >= 4 * damaged)).then_some(text)
}

fn decode<'a>(bytes: &'a [u8], guessed: &'static Encoding, certain: bool) -> Cow<'a, str> {
    let (text, wrong) = guessed.decode_without_bom_handling(bytes);
    // ID3v1 cuts characters in two.
    let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    if !wrong || certain || !whole.contains(char::REPLACEMENT_CHARACTER) && !whole.is_empty() {
        return if whole.len() < text.len() { Cow::Owned(whole.to_owned()) } else { text };
    }
    // One text among others that is in another encoding.
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}

/// The encoding that some texts are in, by what they look like together.
fn guess(texts: &[&[u8]]) -> &'static Encoding {
    if texts.is_empty() {
        return WINDOWS_1252;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut fed = 0;
    for (n, text) in texts.iter().enumerate() {
        // The same artist in three tags says no more than once.
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
        // A few accents in Latin letters are in nearly every case what they seem to be, and the detector takes short
        // texts for what they are not.
        let letters: usize = texts.iter().map(|text| text.iter().filter(|b| **b >= 0x80).count()).sum();
        return if found.is_single_byte() && is_latin(found) && letters >= SURE { found } else { WINDOWS_1252 };
    }
    // The detector takes short Japanese texts for Cyrillic.
    if is_japanese(texts) {
        return SHIFT_JIS;
    }
    // Words of small letters behind a large one are no accident; the detector may see Chinese or accents in a few of them.
    let elsewhere = found.is_single_byte() && !is_latin(found);
    let small = || texts.iter().any(|text| text.iter().any(|b| matches!(b, 0xe0..=0xff)));
    if !elsewhere && texts.iter().all(|text| is_cyrillic(text)) && small() { WINDOWS_1251 } else { found }
}

/// Whether an encoding is of Latin letters.
fn is_latin(encoding: &'static Encoding) -> bool {
    encoding.decode_without_bom_handling(&[0xc1, 0xe1]).0 == "Áá"
}

/// Whether a text looks as Western European ones do in windows-1252: letters with accents among plain ones, never many in
/// a row.
fn is_western(text: &[u8]) -> bool {
    let (mut plain, mut accented, mut row) = (0, 0, 0);
    for &byte in text {
        match byte {
            0xc0..=0xff if !matches!(byte, 0xd7 | 0xf7) => {
                row += 1;
                accented += 1;
                // Two in a row are seldom ("Größe", "Þórr", "créée"), more are none.
                if row > 2 {
                    return false;
                }
                continue;
            }
            b'a'..=b'z' | b'A'..=b'Z' => plain += 1,
            0..0x80 => {}
            // Š Ž Œ, quotes, dashes, dots, ordinals and the like; not what stands in no text, and not what is a letter in
            // Central Europe.
            0x80 | 0x85 | 0x8a | 0x8c | 0x8e | 0x91..=0x97 | 0x99 | 0x9a | 0x9c | 0x9e => {}
            0xa0 | 0xa1 | 0xa7 | 0xa9 | 0xaa | 0xab | 0xae | 0xb0 | 0xb2 | 0xb4 | 0xb7 | 0xba | 0xbb..=0xbf => {}
            _ => return false,
        }
        row = 0;
    }
    accented <= plain
}

/// Whether a text looks as Cyrillic ones do in windows-1251: words wholly of its letters, none large behind a small one.
fn is_cyrillic(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| matches!(byte, 0xc0..=0xff | 0xa8 | 0xb8);
    let is_small = |byte: &u8| matches!(byte, 0xe0..=0xff | 0xb8);
    // Quotes, dashes, dots, the number sign.
    let is_sign = |byte: &u8| matches!(byte, 0..0x80 | 0x84 | 0x85 | 0x91..=0x97 | 0xab | 0xb9 | 0xbb);
    let mut words = text.split(|byte| !is_letter(byte));
    text.iter().all(|byte| is_letter(byte) || is_sign(byte))
        && words.all(|word| word.is_empty() || word[1..].iter().all(is_small) || !word.iter().any(is_small))
}

/// Whether texts are Japanese in Shift JIS: valid, with at least one kana of two bytes. Half-width kana are single bytes that
/// mean letters in nearly every other code page, so texts that hold them do not count.
fn is_japanese(texts: &[&[u8]]) -> bool {
    let mut kana = false;
    for text in texts {
        let (text, wrong) = SHIFT_JIS.decode_without_bom_handling(text);
        // ID3v1 cuts the last character in two.
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
