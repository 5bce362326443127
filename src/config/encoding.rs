//! The encoding of tag texts that do not declare one.

use encoding_rs::{Encoding, REPLACEMENT, UTF_16BE, UTF_16LE, X_USER_DEFINED};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::track::TAGS_VERSION;

/// The supported encodings. The order must never change: the store saves indexes into this list.
const ALL: [&str; 36] = [
    "UTF-8",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "IBM866",
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-8-I",
    "ISO-8859-10",
    "ISO-8859-13",
    "ISO-8859-14",
    "ISO-8859-15",
    "ISO-8859-16",
    "KOI8-R",
    "KOI8-U",
    "macintosh",
    "x-mac-cyrillic",
    "Shift_JIS",
    "EUC-JP",
    "ISO-2022-JP",
    "GBK",
    "gb18030",
    "Big5",
    "EUC-KR",
];

/// `library.tag_encoding` is not an encoding that occurs in tags; the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "library.tag_encoding must be \"auto\" or an encoding, for instance \"windows-1251\", \"shift_jis\", \"gbk\", \
     \"euc-kr\" or \"windows-1252\", not \"{}\"",
    crate::text::sanitize(.0)
)]
pub struct UnknownEncoding(String);

/// `library.tag_encoding`: "auto", or the encoding of all tag texts that do not declare one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagEncoding(Option<&'static Encoding>);

impl TagEncoding {
    /// Looks up an encoding by one of its WHATWG labels; "auto" means detection from the texts.
    ///
    /// # Errors
    /// The label is unknown or the encoding cannot occur in tags.
    pub fn named(name: &str) -> Result<TagEncoding, UnknownEncoding> {
        if name.eq_ignore_ascii_case("auto") {
            return Ok(TagEncoding(None));
        }
        let none = [UTF_16BE, UTF_16LE, REPLACEMENT, X_USER_DEFINED];
        match Encoding::for_label(name.as_bytes()).filter(|encoding| !none.contains(encoding)) {
            Some(encoding) => Ok(TagEncoding(Some(encoding))),
            None => Err(UnknownEncoding(name.into())),
        }
    }

    /// The encoding, or `None` for detection.
    pub fn fixed(self) -> Option<&'static Encoding> {
        self.0
    }

    /// The encoding's name, which [`named`](Self::named) accepts.
    pub fn name(self) -> &'static str {
        self.0.map_or("auto", Encoding::name)
    }

    /// Marks tags that were read with this setting: the version of the tag reader in the low byte, the encoding in the
    /// high byte. Tags with another mark must be read again.
    pub fn mark(self) -> u16 {
        let place = self.0.map_or(0, |encoding| {
            1 + ALL.into_iter().position(|name| name == encoding.name()).unwrap_or(usize::from(u8::MAX) - 1)
        });
        TAGS_VERSION | (place as u16) << 8
    }
}

impl<'de> Deserialize<'de> for TagEncoding {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        TagEncoding::named(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_has_a_mark_of_its_own() {
        let marks: Vec<u16> =
            ALL.into_iter().chain(["auto"]).map(|name| TagEncoding::named(name).unwrap().mark()).collect();
        assert!(marks.iter().enumerate().all(|(n, mark)| !marks[..n].contains(mark)), "{marks:?}");
        assert_eq!(TagEncoding::default().mark(), TAGS_VERSION);
        assert!(marks.iter().all(|mark| mark & 0xff == TAGS_VERSION));
    }

    #[test]
    fn names_are_those_of_the_web() {
        assert_eq!(TagEncoding::named("cp1251").map(TagEncoding::name), Ok("windows-1251"));
        assert_eq!(TagEncoding::named("AUTO"), Ok(TagEncoding::default()));
        assert_eq!(TagEncoding::named("latin1").map(TagEncoding::name), Ok("windows-1252"));
        for wrong in ["", "utf-16", "klingon", "replacement"] {
            assert!(
                TagEncoding::named(wrong).unwrap_err().to_string().contains("library.tag_encoding must be"),
                "{wrong}"
            );
        }
    }
}
