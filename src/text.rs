//! Text that came from outside, made safe and measured: [`sanitize`] once when read, [`fit`] when drawn.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The longest text kept, in grapheme clusters.
pub const MAX_GRAPHEMES: usize = 512;
/// The most code points kept of one grapheme cluster (a letter and eight combining marks).
const MAX_CLUSTER: usize = 9;

/// Makes text from a tag, a file name or a plugin safe for a terminal: NFC; control characters (C0, C1, line and
/// paragraph separators) become spaces; bidirectional controls, zero-width and tag characters go; runs of white
/// space become one space; at most [`MAX_GRAPHEMES`] clusters remain. Idempotent.
pub fn sanitize(raw: &str) -> String {
    // A megabyte title is cut before it is normalised, on a character boundary.
    let cut = raw.char_indices().nth(MAX_GRAPHEMES * MAX_CLUSTER).map_or(raw.len(), |(i, _)| i);
    let cleaned: String = raw[..cut]
        .nfc()
        .filter(|&c| !is_invisible(c))
        .map(|c| if c.is_control() || c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect();
    let mut out = String::with_capacity(cleaned.len());
    for cluster in cleaned.graphemes(true).take(MAX_GRAPHEMES) {
        if cluster == " " && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        out.extend(cluster.chars().take(MAX_CLUSTER));
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The number of terminal columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Fits a text into exactly `columns` terminal columns: padded with spaces, or cut at a grapheme boundary with `…`.
pub fn fit(text: &str, columns: usize) -> String {
    let full = width(text);
    if full <= columns {
        let mut out = String::with_capacity(text.len() + columns - full);
        out.push_str(text);
        out.extend(std::iter::repeat_n(' ', columns - full));
        return out;
    }
    if columns == 0 {
        return String::new();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let w = width(cluster);
        // One column stays for the ellipsis.
        if used + w > columns - 1 {
            break;
        }
        out.push_str(cluster);
        used += w;
    }
    out.push('…');
    // A wide cluster that did not fit leaves a column to pad.
    out.extend(std::iter::repeat_n(' ', columns - 1 - used));
    out
}

/// Seconds as `m:ss`, or `h:mm:ss` from an hour on.
pub fn time(secs: f64) -> String {
    let s = if secs.is_finite() && secs > 0.0 { secs as u64 } else { 0 };
    if s >= 3600 {
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    } else {
        format!("{}:{:02}", s / 60, s % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        for raw in ["\x1b]0;owned\x07x", "\u{9d}52;c;aGk=\u{9c}x", "a\r\nb\tc", "\u{202e}evil", "a\u{200b}b\u{feff}"] {
            let safe = sanitize(raw);
            assert!(safe.chars().all(|c| !c.is_control() && !is_invisible(c)), "{safe:?}");
            assert_eq!(sanitize(&safe), safe);
        }
        assert_eq!(sanitize("a\r\nb\tc"), "a b c");
        assert_eq!(sanitize(" \u{1b} "), "");
    }

    #[test]
    fn length_and_marks_are_bounded() {
        assert_eq!(sanitize(&"x".repeat(1 << 20)).len(), MAX_GRAPHEMES);
        let zalgo = format!("e{}", "\u{0317}".repeat(10_000));
        assert!(sanitize(&zalgo).chars().count() <= MAX_CLUSTER);
    }

    #[test]
    fn fit_is_exact_in_columns() {
        for text in ["", "abc", "日本語の歌", "naïve café", "🎵🎶 mix", "e\u{0301}"] {
            for columns in 0..12 {
                assert_eq!(width(&fit(text, columns)), columns, "{text:?} in {columns}");
            }
        }
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("日本語", 4), "日… ");
    }

    #[test]
    fn times() {
        assert_eq!(
            (time(0.0), time(61.9), time(3723.0), time(f64::NAN)),
            ("0:00".into(), "1:01".into(), "1:02:03".into(), "0:00".into())
        );
    }
}
