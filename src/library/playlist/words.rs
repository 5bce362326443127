//! Lines, text and numbers of a playlist in any code page.

use std::ops::Range;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use super::error::FormatError;

/// Maximum number of entries.
pub(super) const LINES: usize = 100_000;
/// Maximum number of lines per entry: its path and four lines of metadata.
const LINES_EACH: usize = 5;
/// Maximum length of a line, or of an element's text in XSPF, in bytes.
pub(super) const LONGEST: usize = 8 * 1024;

/// The byte ranges of the non-empty lines, without surrounding white space.
///
/// # Errors
/// There are too many lines.
pub(super) fn lines(bytes: &[u8]) -> Result<Vec<Range<usize>>, FormatError> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in bytes.split(|&b| b == b'\n' || b == b'\r') {
        let (from, trimmed) = (line.len() - line.trim_ascii_start().len(), line.trim_ascii());
        if !trimmed.is_empty() {
            lines.push(start + from..start + from + trimmed.len());
        }
        if lines.len() > LINES_EACH * LINES {
            return Err(FormatError::TooMany);
        }
        start += line.len() + 1;
    }
    Ok(lines)
}

/// The encoding of lines that are not UTF-8.
pub(super) type Page = &'static Encoding;

/// The encoding of the lines that are not UTF-8: as declared by `#EXTENC:`, otherwise detected.
pub(super) fn page(bytes: &[u8]) -> Page {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let lines = || bytes.split(|&b| b == b'\n' || b == b'\r');
    let named = lines().take(20).find_map(|line| line.strip_prefix(b"#EXTENC:"));
    if let Some(page) = named.and_then(|label| Encoding::for_label(label.trim_ascii())).filter(|page| *page != UTF_8) {
        return page;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // Lines added in UTF-8 would mislead the detector.
    for line in lines().filter(|line| std::str::from_utf8(line).is_err()) {
        detector.feed(line, false);
        detector.feed(b"\n", false);
    }
    detector.guess(None, Utf8Detection::Deny)
}

/// Decodes and sanitises a text; `None` if nothing is left.
pub(super) fn text(bytes: &[u8], page: Page) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => page.decode_without_bom_handling(bytes).0,
    };
    let text = crate::text::sanitize(text.trim());
    (!text.is_empty()).then_some(text)
}

/// Parses a duration in seconds; `None` if it is not positive, as -1 and 0 mean unknown.
pub(super) fn secs(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.split_whitespace().next()?;
    text.parse().ok().filter(|secs: &f64| secs.is_finite() && *secs > 0.0)
}
