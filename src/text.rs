//! Text from outside: [`sanitize`] makes it safe when it is read, [`fit`] fits it to a width when it is drawn,
//! [`printable`] and [`json`] escape it when it is printed.

pub mod words;

use std::borrow::Cow;
use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The longest text kept, in grapheme clusters.
pub const MAX_GRAPHEMES: usize = 512;
/// The most code points kept of one grapheme cluster (a letter and eight combining marks).
const MAX_CLUSTER: usize = 9;

/// Makes text from a tag, a file name or a plugin safe for a terminal: NFC; control characters (C0, C1, line and
/// paragraph separators) become spaces; bidirectional controls, zero-width and tag characters are removed; runs of
/// white space become one space; at most [`MAX_GRAPHEMES`] clusters remain. Text with nothing visible becomes empty.
/// Idempotent.
pub fn sanitize(raw: &str) -> String {
    // An overlong title is cut, on a character boundary, before it is normalised.
    let cut = raw.char_indices().nth(MAX_GRAPHEMES * MAX_CLUSTER).map_or(raw.len(), |(i, _)| i);
    let cleaned: String = raw[..cut]
        .nfc()
        .filter(|&c| !is_invisible(c))
        .map(|c| if c.is_control() || c.is_whitespace() || is_break(c) { ' ' } else { c })
        .collect();
    let mut out = String::with_capacity(cleaned.len());
    for cluster in cleaned.graphemes(true).take(MAX_GRAPHEMES) {
        if cluster == " " && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        out.extend(cluster.chars().take(MAX_CLUSTER));
    }
    out.truncate(out.trim_end().len());
    if is_blank(&out) {
        out.clear();
    }
    out
}

/// Whether a text is invisible: it is empty, or made of white space, joiners, fillers, variation selectors
/// and lone combining marks.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || is_invisible(c)
            || matches!(c, '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}')
            || c.width().unwrap_or(0) == 0
    })
}

/// Makes composed text safe for a terminal or a log without changing its layout: control characters except the tab
/// become `?` (as in `ls`), bidirectional controls and other invisible characters are removed.
pub fn printable(raw: &str) -> Cow<'_, str> {
    let safe = |c: char| !(c.is_control() && c != '\t' || is_break(c) || is_invisible(c));
    if raw.chars().all(safe) {
        return raw.into();
    }
    let shown = |c: char| match c {
        _ if safe(c) => Some(c),
        _ if is_invisible(c) => None,
        _ => Some('?'),
    };
    raw.chars().filter_map(shown).collect::<String>().into()
}

/// Escapes characters in finished JSON that must not reach a terminal: control characters, bidirectional controls, line
/// separators and other invisible characters become `\\uXXXX`, which means the same to any parser.
pub fn json(text: &str) -> Cow<'_, str> {
    // In pretty-printed JSON, newlines occur only between values, and no other C0 character occurs at all.
    let escaped = |c: char| c.is_control() && c != '\n' || is_break(c) || is_invisible(c);
    if !text.chars().any(escaped) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// Line and paragraph separators, which are not control characters.
fn is_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The number of terminal columns a text takes. Every grapheme cluster is drawn into cells of its own, so ligatures
/// between clusters (the Arabic lam-alef) do not make a text narrower.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.width() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
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
        let w = cluster.width();
        // One column is reserved for the ellipsis.
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

/// The day (UTC) of a time in seconds since the Unix epoch: `2026-11-03`; empty for 0 and what no calendar has.
pub fn day(secs: u64) -> String {
    let known = i64::try_from(secs).ok().filter(|secs| *secs > 0);
    let time = known.and_then(|secs| jiff::Timestamp::from_second(secs).ok());
    time.map(|time| time.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// The edit distance of two words in characters, where two neighbours that changed places are one edit (optimal string
/// alignment): what fingers do to a word.
pub fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // The rows of the two characters before, and of this one.
    let (mut former, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(former[j - 1] + 1);
            }
            row.push(least);
        }
        former = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// The name that a word is most likely meant to be: one that it begins or that begins it, or one that differs in at most
/// a third of its letters.
pub fn meant<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = nearest(word, names, 1).into_iter().next()?;
    let (word, name) = (word.to_lowercase(), near.to_lowercase());
    let begun = name.starts_with(&word) || word.starts_with(&name);
    let (off, length) = (edits(&word, &name), word.chars().count());
    // Of one letter nothing is left when it is changed.
    (begun || off < length && off <= (length / 3).max(1)).then_some(near)
}

/// The names most similar to `word`, the nearest first: those of which one begins with the other, then by edit
/// distance. At most `most`; dissimilar names are left out.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    if length == 0 {
        return Vec::new();
    }
    let off = |name: &str| {
        let name = name.to_lowercase();
        let begun = length > 2 && (name.starts_with(&word) || (name.len() > 2 && word.starts_with(&name)));
        if begun { 0 } else { edits(&word, &name) }
    };
    let mut near: Vec<(usize, &str)> = names.into_iter().map(|name| (off(name), name)).collect();
    // A name is dissimilar if more than half of the word, or more than three characters, would have to change.
    near.retain(|(off, _)| *off <= length.div_ceil(2).min(3));
    near.sort();
    near.dedup();
    near.into_iter().take(most).map(|(_, name)| name).collect()
}

/// What to say to somebody who gave a name that there is not: the one that is meant, or else all.
pub fn instead(word: &str, names: &[impl AsRef<str>]) -> String {
    let all: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match meant(word, all.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are: {}", all.join(", ")),
    }
}

/// A message of another program or library without the full stop at its end, so that words can follow it.
pub fn clause(message: &str) -> &str {
    let message = message.trim_end();
    match message.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest,
        _ => message,
    }
}

/// A number with commas between thousands: 1,204.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 track`, `2 tracks`.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", either(n, "", "s"))
}

/// The words for one, or those for any other number: `is`, `are`.
pub fn either(n: usize, one: &'static str, other: &'static str) -> &'static str {
    if n == 1 { one } else { other }
}

/// Makes texts for a person of these errors, by their `Display`: `shown!(ThisError, ThatError)`.
macro_rules! shown {
    ($($error:ty),*) => {
        $(/// For callers that only show the error.
        impl From<$error> for String {
            fn from(error: $error) -> String {
                error.to_string()
            }
        })*
    };
}
pub(crate) use shown;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_any_other_number_is_not() {
        assert_eq!([0, 1, 2].map(|n| count(n, "track")), ["0 tracks", "1 track", "2 tracks"]);
        assert_eq!([0, 1, 21].map(|n| either(n, "is", "are")), ["are", "is", "are"]);
    }

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
    fn thousands_are_separated() {
        assert_eq!((thousands(7), thousands(1204), thousands(100_000)), ("7".into(), "1,204".into(), "100,000".into()));
    }

    #[test]
    fn lines_keep_their_layout_and_lose_their_commands() {
        assert_eq!(printable("  7   日本  a–b\tc"), "  7   日本  a–b\tc");
        assert_eq!(printable("b\x1b]0;OWNED\x07\u{9b}2J\n\u{2028}.ogg"), "b?]0;OWNED??2J??.ogg");
        assert_eq!(printable("\u{202e}gpj\u{2066}.exe\u{e0041}"), "gpj.exe");
    }

    #[test]
    fn json_means_the_same_and_is_harmless() {
        let raw = "b\x1b]0;OWNED\x07\u{9b}\u{7f}\u{202e}\u{2069}\u{200e}\u{61c}\u{2028}\u{e0041}é日\u{200d}";
        let value = serde_json::json!({ raw: [raw, 1] });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let safe = json(&text);
        assert!(safe.contains("\\u009b\\u007f\\u202e\\u2069\\u200e\\u061c\\u2028\\udb40\\udc41é日"), "{safe}");
        assert!(safe.chars().all(|c| (!c.is_control() || c == '\n') && !is_invisible(c) && !is_break(c)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn what_cannot_be_seen_is_blank() {
        for raw in
            ["", "  ", "\u{200d}\u{200c}\u{200d}", "\u{3164}\u{115f}", "\u{2800} ", "\u{fe0f}\u{301}", "\u{202e}\x1b"]
        {
            assert!(is_blank(raw), "{raw:?}");
            assert_eq!(sanitize(raw), "", "{raw:?}");
        }
        for raw in ["a", "\u{3164}a", "e\u{301}", "👩\u{200d}🎤", "\u{e000}"] {
            assert!(!is_blank(raw) && !sanitize(raw).is_empty(), "{raw:?}");
        }
    }

    #[test]
    fn length_and_marks_are_bounded() {
        assert_eq!(sanitize(&"x".repeat(1 << 20)).len(), MAX_GRAPHEMES);
        let zalgo = format!("e{}", "\u{0317}".repeat(10_000));
        assert!(sanitize(&zalgo).chars().count() <= MAX_CLUSTER);
    }

    #[test]
    fn fit_is_exact_in_columns() {
        for text in
            ["", "abc", "日本語の歌", "naïve café", "🎵🎶 mix", "e\u{0301}", "سلام والا", "ﾎﾟｯﾌﾟｽ", "👩\u{200d}🎤 x"]
        {
            for columns in 0..12 {
                let fitted = fit(text, columns);
                let cells: usize = fitted.graphemes(true).map(width).sum();
                assert_eq!((width(&fitted), cells), (columns, columns), "{text:?} in {columns}");
            }
        }
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("日本語", 4), "日… ");
    }

    #[test]
    fn a_text_is_as_wide_as_the_cells_of_its_letters() {
        // Lam and alef are two letters in two cells, though Unicode counts the pair as one column.
        assert_eq!((width("لا"), width("سلام")), (2, 4));
        assert_eq!((width("ｶﾞ"), width("ﾎﾟｯﾌﾟ")), (2, 5));
        assert_eq!((width("日本"), width("e\u{301}"), width("👩\u{200d}🎤"), width("plain")), (4, 1, 2, 5));
    }

    #[test]
    fn days() {
        assert_eq!((day(0), day(1_794_000_000), day(u64::MAX)), (String::new(), "2026-11-06".into(), String::new()));
    }

    #[test]
    fn neighbours_that_changed_places_are_one_edit() {
        for (typed, meant) in
            [("puase", "pause"), ("quti", "quit"), ("nxet", "next"), ("stpo", "stop"), ("sahre", "share")]
        {
            assert_eq!((edits(typed, meant), edits(meant, typed)), (1, 1), "{typed}");
        }
        let distances = [("", ""), ("", "abc"), ("abc", "abc"), ("ab", "ba"), ("abcd", "badc"), ("kitten", "sitting")];
        assert_eq!(distances.map(|(a, b)| edits(a, b)), [0, 3, 0, 1, 2, 3]);
        // What was swapped is not edited again: this is no true metric.
        assert_eq!((edits("ca", "abc"), edits("über", "übre")), (3, 1));
    }

    #[test]
    fn a_slip_means_the_nearest_name_and_another_word_none() {
        let names = ["volume", "device", "fade", "mono", "next"];
        let found = ["volum", "VOLMUE", "nxet", "devicee", "foo", "x", ""].map(|word| meant(word, names));
        assert_eq!(found, [Some("volume"), Some("volume"), Some("next"), Some("device"), None, None, None]);
        assert_eq!(instead("nxet", &names), "did you mean next?");
        assert_eq!(instead("foo", &["mono".to_string(), "next".into()]), "there are: mono, next");
    }

    #[test]
    fn a_sentence_becomes_a_clause() {
        let clauses = ["It is gone.", "It is gone. Maybe.\n", "no driver", "wait ...", "", "."].map(clause);
        assert_eq!(clauses, ["It is gone", "It is gone. Maybe", "no driver", "wait ...", "", ""]);
    }

    #[test]
    fn times() {
        assert_eq!(
            (time(0.0), time(61.9), time(3723.0), time(f64::NAN)),
            ("0:00".into(), "1:01".into(), "1:02:03".into(), "0:00".into())
        );
    }
}
