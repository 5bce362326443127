//! The lines, texts and numbers of a playlist in any code page.

use std::ops::Range;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// The most entries.
pub(super) const LINES: usize = 100_000;
/// The most lines that an entry takes: its path and four that tell about it.
const LINES_EACH: usize = 5;
/// The longest line, or text of an XSPF, in bytes.
pub(super) const LONGEST: usize = 8 * 1024;

/// Where the lines of a playlist stand, without what surrounds them; empty ones are none.
///
/// # Errors
/// When there are too many.
pub(super) fn lines(bytes: &[u8]) -> Result<Vec<Range<usize>>, String> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in bytes.split(|&b| b == b'\n' || b == b'\r') {
        let (from, trimmed) = (line.len() - line.trim_ascii_start().len(), line.trim_ascii());
        if !trimmed.is_empty() {
            lines.push(start + from..start + from + trimmed.len());
        }
        if lines.len() > LINES_EACH * LINES {
            return Err("more than 100,000 entries".into());
        }
        start += line.len() + 1;
    }
    Ok(lines)
}

/// The code page of what is not UTF-8.
pub(super) type Page = &'static Encoding;

/// The code page of a list whose lines are not all UTF-8: what `#EXTENC:` names, else what they look like.
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
    // Lines that somebody added in UTF-8 would mislead it.
    for line in lines().filter(|line| std::str::from_utf8(line).is_err()) {
        detector.feed(line, false);
        detector.feed(b"\n", false);
    }
    detector.guess(None, Utf8Detection::Deny)
}

/// A text of a playlist, sanitised; `None` when nothing is left.
pub(super) fn text(bytes: &[u8], page: Page) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => page.decode_without_bom_handling(bytes).0,
    };
    let text = crate::text::sanitize(text.trim());
    (!text.is_empty()).then_some(text)
}

/// A duration in seconds; unknown ones are written as -1 or 0.
pub(super) fn secs(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.split_whitespace().next()?;
    text.parse().ok().filter(|secs: &f64| secs.is_finite() && *secs > 0.0)
}
