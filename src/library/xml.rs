//! Reads XML written by other programs: playlists (XSPF) and databases of other players.
//!
//! Input is untrusted. Document types are rejected, so that nothing can be defined or fetched; only
//! the five predefined entities and character references are resolved. Nesting depth and text
//! length are limited, namespaces are not resolved, and attributes are not checked for duplicates,
//! so that time and memory grow at most linearly with the document.

mod error;

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

pub use error::XmlError;

/// Maximum nesting depth of elements.
const DEEPEST: usize = 32;
/// Maximum length of an element's text in bytes; further text is ignored.
pub const LONGEST: usize = 64 * 1024;

/// A closed element.
pub struct Element<'a> {
    /// Its local name.
    pub name: &'a [u8],
    /// The local name of its parent; `None` for the root.
    pub within: Option<&'a [u8]>,
    /// Its text without surrounding white space, with entities resolved. If it has child elements,
    /// only the text after the last one. At most [`LONGEST`] bytes.
    pub text: &'a [u8],
    /// Its byte range in the document, from `<` to `>`.
    pub whole: Range<usize>,
    /// The byte range of its content; for `<name/>` an empty range at its end.
    pub content: Range<usize>,
}

/// Receives the elements of a document.
pub trait Visitor {
    /// An element begins.
    fn open(&mut self, start: &BytesStart<'_>);

    /// An element has ended; also called for an empty one.
    ///
    /// # Errors
    /// [`XmlError::TooMany`], which aborts the parsing.
    fn close(&mut self, element: &Element<'_>) -> Result<(), XmlError>;
}

/// Visits the elements of a document in UTF-8 (see [`utf8`]).
///
/// # Errors
/// The document is not well-formed, is nested too deeply, has a document type or uses an unknown
/// entity, or `visitor` failed.
pub fn visit(document: &[u8], visitor: &mut dyn Visitor) -> Result<(), XmlError> {
    let mut reader = Reader::from_reader(document);
    // Local name, start and content start of each open element; the text of the innermost.
    let (mut open, mut text) = (Vec::<(Vec<u8>, usize, usize)>::new(), Vec::<u8>::new());
    loop {
        let before = reader.buffer_position() as usize;
        let event = reader.read_event()?;
        let after = reader.buffer_position() as usize;
        match event {
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => return Err(XmlError::Short),
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Start(start) => {
                if open.len() >= DEEPEST {
                    return Err(XmlError::TooDeep);
                }
                visitor.open(&start);
                open.push((start.local_name().as_ref().to_vec(), before, after));
                text.clear();
            }
            Event::Empty(start) => {
                visitor.open(&start);
                let within = open.last().map(|(name, ..)| name.as_slice());
                let name = start.local_name();
                let (whole, content) = (before..after, after..after);
                visitor.close(&Element { name: name.as_ref(), within, text: b"", whole, content })?;
                text.clear();
            }
            Event::Text(piece) => keep(&mut text, &piece),
            Event::CData(piece) => keep(&mut text, &piece),
            Event::GeneralRef(name) => keep(&mut text, character(&name)?.as_bytes()),
            Event::End(_) => {
                let Some((name, begin, content)) = open.pop() else { continue };
                let within = open.last().map(|(name, ..)| name.as_slice());
                let text = std::mem::take(&mut text);
                let (whole, content) = (begin..after, content..before);
                visitor.close(&Element { name: &name, within, text: text.trim_ascii(), whole, content })?;
            }
            _ => {}
        }
    }
}

fn keep(text: &mut Vec<u8>, piece: &[u8]) {
    let room = LONGEST - text.len().min(LONGEST);
    text.extend(&piece[..piece.len().min(room)]);
}

/// Resolves a reference such as `&amp;` or `&#65;`.
fn character(name: &BytesRef<'_>) -> Result<String, XmlError> {
    if let Some(c) = name.resolve_char_ref()? {
        return Ok(c.to_string());
    }
    let name = name.decode()?;
    resolve_xml_entity(&name).map(str::to_string).ok_or_else(|| XmlError::Entity(name.into()))
}

/// Converts a document to UTF-8 from the encoding in its declaration, which then names UTF-8. A
/// byte order mark must have been removed.
pub fn utf8(document: &[u8]) -> Cow<'_, [u8]> {
    let label = || {
        let head = &document[..document.len().min(200)];
        let head = &head[..head.windows(2).position(|two| two == b"?>")?];
        let at = head.windows(9).position(|word| word == b"encoding=")? + 10;
        let quote = head.get(at - 1)?;
        Some(at..at + head.get(at..)?.iter().position(|b| b == quote)?)
    };
    let Some(label) = label() else { return Cow::Borrowed(document) };
    match Encoding::for_label(&document[label.clone()]) {
        // UTF-16 was decoded when the file was read, although the declaration still names it.
        Some(encoding) if encoding != UTF_8 && encoding.is_ascii_compatible() => {
            let rest = encoding.decode_without_bom_handling(&document[label.end..]).0;
            Cow::Owned([&document[..label.start], b"UTF-8", rest.as_bytes()].concat())
        }
        _ => Cow::Borrowed(document),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(Vec<String>, usize);

    impl Visitor for Seen {
        fn open(&mut self, _: &BytesStart<'_>) {
            self.1 += 1;
        }

        fn close(&mut self, e: &Element<'_>) -> Result<(), XmlError> {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            self.0.push(format!("{}/{}={}", text(e.within.unwrap_or(b"")), text(e.name), text(e.text)));
            Ok(())
        }
    }

    fn seen(document: &[u8]) -> Result<Vec<String>, XmlError> {
        let mut seen = Seen::default();
        visit(document, &mut seen).map(|()| seen.0)
    }

    #[test]
    fn elements_are_told_with_text_and_place() {
        let list = seen(b"<?xml version='1.0'?><a><x:b> 1 &amp; &#50;<![CDATA[<]]></x:b><!-- no --><c/></a>").unwrap();
        assert_eq!(list, ["a/b=1 & 2<", "a/c=", "/a="]);
        struct Places(Vec<(Range<usize>, Range<usize>)>);
        impl Visitor for Places {
            fn open(&mut self, _: &BytesStart<'_>) {}
            fn close(&mut self, e: &Element<'_>) -> Result<(), XmlError> {
                self.0.push((e.whole.clone(), e.content.clone()));
                Ok(())
            }
        }
        let mut places = Places(Vec::new());
        visit(b"<a> <b>x</b><c/></a>", &mut places).unwrap();
        assert_eq!(places.0, [(4..12, 7..8), (12..16, 16..16), (0..20, 3..16)]);
    }

    #[test]
    fn hostile_documents_are_refused() {
        for (document, why) in [
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "document type"),
            ("<a>&b;</a>", "unknown entity"),
            ("<a>&#0;</a>", ""),
            ("<a>&#x110000;</a>", ""),
            ("<a><b></a>", ""),
            ("<a>", "too early"),
        ] {
            assert!(seen(document.as_bytes()).unwrap_err().to_string().contains(why), "{document}");
        }
        assert_eq!(seen("<a>".repeat(1_000_000).as_bytes()).unwrap_err().to_string(), "too deep");
        let long = format!("<a>{}</a>", "x".repeat(3 * LONGEST));
        assert_eq!(seen(long.as_bytes()).unwrap()[0].len(), "/a=".len() + LONGEST);
        let many = format!("<a>{}</a>", "x&#120;".repeat(LONGEST));
        assert_eq!(seen(many.as_bytes()).unwrap()[0].len(), "/a=".len() + LONGEST);
    }

    #[test]
    fn the_declared_encoding_counts() {
        let latin = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>caf\xe9</a>";
        assert_eq!(seen(&utf8(latin)).unwrap(), ["/a=caf\u{e9}"]);
        assert!(utf8(latin).starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
        let plain = b"<?xml version=\"1.0\" encoding='UTF-8'?><a>x</a>";
        assert!(matches!(utf8(plain), Cow::Borrowed(same) if same == plain));
        assert!(matches!(utf8(b"<a/>"), Cow::Borrowed(_)) && matches!(utf8(b""), Cow::Borrowed(_)));
    }
}
