//! The parts of the help, and how they are narrowed and fitted to a width.

use crate::library::filter::fold;
use crate::text::{fit, sanitize, width};
use crate::tui::draw::Span;
use crate::tui::pane::{blank, wrapped};
use crate::tui::theme::Role;

/// Width of the left column, at most half of the page.
const LEFT: usize = 26;
/// Columns between two items of a flow.
const GAP: usize = 3;

/// A part of the help.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A heading; it is shown while something below it is.
    Heading(String),
    /// Keys or a command, and what they do.
    Row(String, String),
    /// A paragraph.
    Text(String),
    /// Keys, each with a word, as many to a line as fit.
    Flow(Vec<(String, String)>),
    /// An empty line.
    Blank,
}

impl Entry {
    /// A row.
    pub fn row(left: impl Into<String>, right: impl Into<String>) -> Entry {
        Entry::Row(left.into(), right.into())
    }

    /// Whether it has all of these folded words. Headings and flows, which repeat what rows say, have none.
    fn has(&self, words: &[&str]) -> bool {
        let text = match self {
            Entry::Row(left, right) => fold(&format!("{left} {right}")),
            Entry::Text(text) => fold(text),
            Entry::Heading(_) | Entry::Flow(_) | Entry::Blank => return false,
        };
        words.iter().all(|word| text.contains(word))
    }
}

/// The lines of a page, each fitted to `columns`. Of a page that is narrowed by a text only what has all of its words
/// remains, under its headings.
pub fn drawn(entries: &[Entry], narrow: &str, columns: usize) -> Vec<Vec<Span>> {
    let folded = fold(narrow);
    let words: Vec<&str> = folded.split_whitespace().collect();
    if words.is_empty() {
        return entries.iter().flat_map(|entry| lines(entry, columns)).collect();
    }
    let mut out = Vec::new();
    let mut heading = None;
    for entry in entries {
        if matches!(entry, Entry::Heading(_)) {
            heading = Some(entry);
        } else if entry.has(&words) {
            out.extend(heading.take().into_iter().flat_map(|heading| lines(heading, columns)));
            out.extend(lines(entry, columns));
        }
    }
    if out.is_empty() {
        let none = format!("Nothing here has '{}'; esc shows all of it again.", sanitize(narrow));
        return wrapped(&none, columns, Role::Dim);
    }
    out
}

fn lines(entry: &Entry, columns: usize) -> Vec<Vec<Span>> {
    match entry {
        Entry::Heading(text) => wrapped(text, columns, Role::Heading),
        Entry::Text(text) => wrapped(text, columns, Role::Dim),
        Entry::Row(left, right) => row(left, &sanitize(right), columns),
        Entry::Flow(items) => flow(items, columns),
        Entry::Blank => vec![blank()],
    }
}

/// Two columns. The right one is broken into lines; a left one that is too wide has lines of its own.
fn row(left: &str, right: &str, columns: usize) -> Vec<Vec<Span>> {
    let first = LEFT.min(columns / 2);
    let rest = columns.saturating_sub(first + 4);
    let mut lines: Vec<Vec<Span>> = Vec::new();
    let mut right = wrapped(right, rest, Role::Text).into_iter();
    if width(left) > first {
        let indented = |mut line: Vec<Span>| {
            line.insert(0, ("  ".into(), Role::Key));
            line
        };
        lines.extend(wrapped(left, columns.saturating_sub(2), Role::Key).into_iter().map(indented));
    } else {
        let mut line = vec![(format!("  {}  ", fit(left, first)), Role::Key)];
        line.extend(right.next().unwrap_or_default());
        lines.push(line);
    }
    lines.extend(right.filter(|line| line.iter().any(|(text, _)| !text.is_empty())).map(|mut line| {
        line.insert(0, (" ".repeat(first + 4), Role::Text));
        line
    }));
    lines
}

fn flow(items: &[(String, String)], columns: usize) -> Vec<Vec<Span>> {
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let mut used = 0;
    for (key, word) in items {
        let (key, word) = (sanitize(key), format!(" {}", sanitize(word)));
        let own = width(&key) + width(&word);
        if used > 0 && used + GAP + own > columns {
            lines.push(Vec::new());
            used = 0;
        }
        let gap = if used > 0 { GAP } else { 0 };
        used += gap + own;
        if let Some(line) = lines.last_mut() {
            line.extend([(" ".repeat(gap), Role::Text), (key, Role::Key), (word, Role::Text)]);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Vec<Span>]) -> Vec<String> {
        let line = |spans: &Vec<Span>| spans.iter().map(|(text, _)| text.as_str()).collect::<String>();
        lines.iter().map(|spans| line(spans).trim_end().to_string()).collect()
    }

    #[test]
    fn long_texts_are_broken_and_not_cut() {
        for columns in [32, 72] {
            let long = "go to a view by its number, which is one of many words that do not fit into a line";
            for left in ["view N", "replaygain [off|track|album|smart]"] {
                let lines = text(&drawn(&[Entry::row(left, long)], "", columns));
                assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:?}");
                let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
                assert!(words.join(" ").ends_with(long), "{columns}: {lines:?}");
            }
        }
        let lines = text(&drawn(&[Entry::row("replaygain [off|track|album|smart]", "equally loud")], "", 72));
        assert_eq!(lines, ["  replaygain [off|track|album|smart]", &format!("{}equally loud", " ".repeat(30))]);
    }

    #[test]
    fn what_is_typed_narrows_to_rows_under_their_headings() {
        let entries = [
            Entry::Flow(vec![("q".into(), "quit".into())]),
            Entry::Heading("Playing".into()),
            Entry::row("space", "pause or go on"),
            Entry::row("left", "5 seconds back"),
            Entry::Blank,
            Entry::Heading("Views".into()),
            Entry::row("q", "Café: quit"),
        ];
        assert_eq!(text(&drawn(&entries, "", 60)).len(), 7);
        assert_eq!(text(&drawn(&entries, "Seconds  LEFT", 60))[0], "Playing");
        assert_eq!(text(&drawn(&entries, "Seconds  LEFT", 60)).len(), 2);
        assert_eq!(text(&drawn(&entries, "cafe", 60))[0], "Views");
        assert_eq!(text(&drawn(&entries, "view", 60)), ["Nothing here has 'view'; esc shows all of it again."]);
    }

    #[test]
    fn a_flow_fills_lines() {
        let items: Vec<_> = (0..9).map(|n| (n.to_string(), "word".to_string())).collect();
        let lines = text(&drawn(&[Entry::Flow(items)], "", 24));
        assert_eq!(lines[0], "0 word   1 word   2 word");
        assert_eq!(lines.len(), 3);
    }
}
