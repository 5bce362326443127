//! Elements of EBML (RFC 8794), of which Matroska and WebM consist: a name, a length and a content, which may be elements again.

use super::bytes::{Bytes, be};
use crate::audio::AudioError;

/// The most bytes in front of the content: four of a name and eight of a length.
const HEADER: usize = 12;

/// An element: its name with the marker bit, as the specification writes it, and the range of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub id: u64,
    pub body: u64,
    /// `None` if its length was not known when it was written: it ends where something begins that it cannot contain.
    pub end: Option<u64>,
}

impl Element {
    /// The element at `at`; `None` where there is none.
    pub fn at(bytes: &Bytes<'_>, at: u64) -> Result<Option<Element>, AudioError> {
        let head = bytes.up_to(at, HEADER)?;
        Ok(Element::parse(&head).map(|(element, len)| Element {
            body: at + len,
            end: element.end.map(|content| (at + len).saturating_add(content)),
            ..element
        }))
    }

    /// The element at the front of these bytes, whose `end` is then the length of its content; and the length of its header.
    fn parse(head: &[u8]) -> Option<(Element, u64)> {
        let (id, width) = number(head, false).filter(|(_, width)| *width <= 4)?;
        let (len, more) = number(head.get(width..)?, true)?;
        // All ones stands for an unknown length.
        let end = Some(len).filter(|&len| len != (1u64 << (7 * more)) - 1);
        Some((Element { id, body: 0, end }, (width + more) as u64))
    }

    /// Its content as a number, 0 beyond eight bytes.
    pub fn number(&self, bytes: &Bytes<'_>) -> Result<u64, AudioError> {
        Ok(be(&self.content(bytes, 8)?))
    }

    /// Its content as a floating-point number.
    pub fn float(&self, bytes: &Bytes<'_>) -> Result<f64, AudioError> {
        let content = self.content(bytes, 8)?;
        Ok(match content.len() {
            4 => f64::from(f32::from_bits(be(&content) as u32)),
            8 => f64::from_bits(be(&content)),
            _ => 0.0,
        })
    }

    /// Its content if it has at most `most` bytes, otherwise nothing.
    pub fn content(&self, bytes: &Bytes<'_>, most: usize) -> Result<Vec<u8>, AudioError> {
        let len = self.end.map_or(0, |end| end - self.body);
        if len > most as u64 { Ok(Vec::new()) } else { bytes.up_to(self.body, len as usize) }
    }
}

/// Visits the elements of a range; the length of one that is unknown or too long reaches to the end of the range.
///
/// # Errors
/// Those of reading, and of `visit`.
pub(super) fn children(
    bytes: &Bytes<'_>,
    (mut at, end): (u64, u64),
    left: &mut usize,
    visit: &mut dyn FnMut(Element, &mut usize) -> Result<(), AudioError>,
) -> Result<(), AudioError> {
    while at < end && *left > 0 {
        *left -= 1;
        let Some(element) = Element::at(bytes, at)?.filter(|element| element.body <= end) else { break };
        let stop = element.end.unwrap_or(end).min(end);
        visit(Element { end: Some(stop), ..element }, left)?;
        at = stop;
    }
    Ok(())
}

/// A number of variable width at the front, with or without the bit that marks its width, and that width.
pub(super) fn number(bytes: &[u8], plain: bool) -> Option<(u64, usize)> {
    let first = *bytes.first().filter(|&&first| first != 0)?;
    let width = first.leading_zeros() as usize + 1;
    let value = be(bytes.get(..width)?);
    Some((if plain { value & ((1 << (7 * width)) - 1) } else { value }, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_bytes_as_their_first_says() {
        assert_eq!(number(&[0x81], true), Some((1, 1)));
        assert_eq!(number(&[0x40, 0x02, 9], true), Some((2, 2)));
        assert_eq!(number(&[0x1a, 0x45, 0xdf, 0xa3], false), Some((0x1a45_dfa3, 4)));
        assert_eq!(number(&[0x01, 0, 0, 0, 0, 0, 1, 0], true), Some((256, 8)));
        assert_eq!((number(&[0], true), number(&[0x40], true), number(&[], true)), (None, None, None));
    }

    #[test]
    fn an_unknown_length_is_told_from_a_long_one() {
        let of = |bytes: &[u8]| Element::parse(bytes).map(|(element, len)| (element.id, element.end, len));
        assert_eq!(of(&[0xa3, 0xff]), Some((0xa3, None, 2)));
        assert_eq!(
            of(&[0x1f, 0x43, 0xb6, 0x75, 0x01, 255, 255, 255, 255, 255, 255, 255]),
            Some((0x1f43_b675, None, 12))
        );
        assert_eq!(of(&[0xa3, 0x40, 0x7f]), Some((0xa3, Some(127), 3)));
        assert_eq!(of(&[0xa3]), None);
    }
}
