//! The encoding of a text file: Unicode by its byte order mark or its zero bytes, or a code page.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::library::tags;

/// How many code units are looked at.
const LOOK: usize = 4096;

/// Decodes a text. `encoding` is that of texts which are not Unicode; with `None` it is detected.
pub(super) fn decoded(bytes: &[u8], encoding: Option<&'static Encoding>) -> String {
    if let Some((marked, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        return marked.decode_without_bom_handling(rest).0.into_owned();
    }
    match unmarked(bytes) {
        Some(wide) => wide.decode_without_bom_handling(bytes).0.into_owned(),
        None => tags::decoded(bytes, encoding),
    }
}

/// UTF-16 without a byte order mark: times and line breaks have a zero byte in every unit, and always on the same side. In
/// a text of single bytes there is none.
fn unmarked(bytes: &[u8]) -> Option<&'static Encoding> {
    let seen = &bytes[..bytes.len().min(2 * LOOK)];
    let zeros = |side: usize| seen.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = |zeros: usize| zeros * 16 > seen.len() / 2;
    match () {
        () if many(odd) && even * 4 < odd => Some(UTF_16LE),
        () if many(even) && odd * 4 < even => Some(UTF_16BE),
        () => None,
    }
}
