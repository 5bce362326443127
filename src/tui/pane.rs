//! Views: the two lists, and pages over them. `pages::PANES` lists those that have a number.

use std::fmt;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::app::{Model, Msg};
use crate::text;

use super::binding::{Binding, Scope};
use super::draw::Span;
use super::layout;
use super::log::LogCursor;
use super::theme::Role;

/// A view. Its number, key, completion and entry in the help follow from its row in `pages::PANES`.
pub trait Pane: Sync {
    /// Its unique name, listed in the help of `:view`.
    fn id(&self) -> &'static str;

    /// Its title; that of a page may depend on `about`.
    fn title(&self, about: Option<u64>) -> &'static str;

    /// Its title in at most five letters, for a bar of tabs that has no room for more.
    fn short(&self) -> &'static str {
        self.title(None)
    }

    /// What opening the view does.
    fn open(&self, _model: &Model, _at: At) -> Open {
        Open::Page(None)
    }

    /// Whether it is a list, in which the keys of `[keys.list]` apply.
    fn is_list(&self) -> bool {
        false
    }

    /// Where keys typed in it are looked up.
    fn scope(&self) -> Scope {
        Scope { view: self.id(), is_list: self.is_list() }
    }

    /// Whether a page narrows to the lines with a text that is typed (`Shown::narrow`), instead of the search in lists.
    fn narrows(&self) -> bool {
        false
    }

    /// Whether a page is a table, which may be wider than prose.
    fn is_table(&self, _about: Option<u64>) -> bool {
        false
    }

    /// Whether a page takes the place of the lists, with a tab of its own; otherwise it opens over them.
    fn is_view(&self) -> bool {
        false
    }

    /// Whether the view has a tab.
    fn has_tab(&self) -> bool {
        self.is_view()
    }

    /// The lines of a page, and those of them that the screen keeps in sight.
    fn laid(&self, shown: &Shown) -> (Vec<Vec<Span>>, Option<Focus>) {
        (self.lines(shown), None)
    }

    /// The commands that matter most in this view, each with a word, for the line of keys. The first ones stand where
    /// room is short. The help lists their keys first.
    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The lines of a page, each fitted to `shown.columns`; made anew for every frame. Lists have
    /// none: `draw::lists` draws their visible rows.
    fn lines(&self, _shown: &Shown) -> Vec<Vec<Span>> {
        Vec::new()
    }

    /// What a page says, as text for a client of the control socket that has opened it. Empty for what only a screen can
    /// show.
    fn told(&self, _shown: &Shown) -> Vec<String> {
        Vec::new()
    }
}

/// Lines of a page that the screen keeps in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Focus {
    /// In the middle, until the page is scrolled by hand.
    Middle(Range<usize>),
    /// Under the cursor.
    Cursor(Range<usize>),
}

/// The state of the screen when a view is opened.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The focused list.
    pub focus: layout::Pane,
    /// The index of the item under the queue's cursor.
    pub queue: usize,
    /// The open view by its index in `pages::PANES`; `None` for a page without a number.
    pub view: Option<usize>,
    /// The open page.
    pub page: Option<Page>,
}

/// How a view is opened.
#[derive(Debug)]
pub enum Open {
    /// Focuses the list.
    List(layout::Pane),
    /// Opens the page about this item or dimension, or closes it if it is open already.
    Page(Option<u64>),
    /// Sends a message to the session, which opens the page itself.
    Ask(Box<Msg>),
    /// The view cannot be opened now; the reason.
    Refused(&'static str),
}

/// What a page is built from.
pub struct Shown<'a> {
    /// The session.
    pub model: &'a Model,
    /// The key bindings.
    pub bindings: &'a [Binding],
    /// The text that narrows the page, if it [narrows](Pane::narrows).
    pub narrow: &'a str,
    /// The cursor of the log.
    pub log: &'a LogCursor,
    /// `pages::PANES`.
    pub panes: &'static [&'static dyn Pane],
    /// What the page is about: the serial number of an item, or a dimension counted from 0.
    pub about: Option<u64>,
    /// The available width in columns.
    pub columns: usize,
}

/// What the screen gives a page.
#[derive(Clone, Copy, Debug)]
pub struct PageInput<'a> {
    /// The key bindings.
    pub bindings: &'a [Binding],
    /// The text that narrows the page.
    pub narrow: &'a str,
    /// The text that was searched for in it; empty for none.
    pub sought: &'a str,
    /// The cursor of the log.
    pub log: &'a LogCursor,
}

/// An open page.
#[derive(Clone, Copy)]
pub struct Page {
    /// The view.
    pub pane: &'static dyn Pane,
    /// What it is about, as in `Shown`.
    pub about: Option<u64>,
}

impl PartialEq for Page {
    fn eq(&self, other: &Page) -> bool {
        (self.pane.id(), self.about) == (other.pane.id(), other.about)
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.pane.id(), self.about)
    }
}

/// Breaks a text at spaces into lines of at most `columns` columns (at least 8); a longer word is
/// cut off with `…`.
pub fn wrapped(text: &str, columns: usize, role: Role) -> Vec<Vec<Span>> {
    let columns = columns.max(8);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = text::fit(word, text::width(word).min(columns));
        let last = lines.last_mut();
        match last {
            Some(line) if text::width(line) + 1 + text::width(&word) <= columns && !line.is_empty() => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(line) if line.is_empty() => line.push_str(&word),
            _ => lines.push(word),
        }
    }
    lines.into_iter().map(|line| vec![(line, role)]).collect()
}

/// The text of lines.
pub fn plain(lines: &[Vec<Span>]) -> Vec<String> {
    let text = |line: &Vec<Span>| line.iter().map(|(words, _)| words.as_str()).collect::<String>();
    lines.iter().map(|line| text(line).trim_end().to_string()).collect()
}

/// Whether a text stands in a line of a page, in upper or lower case.
pub fn holds(line: &[Span], text: &str) -> bool {
    let words: String = line.iter().map(|(words, _)| words.as_str()).collect();
    words.to_lowercase().contains(&text.to_lowercase())
}

/// The parts of a text, as ranges of bytes, that stand on lines of at most `columns` columns: broken after spaces, and
/// within a word only where that is longer than a line. An empty text has no parts.
pub fn broken(text: &str, columns: usize) -> Vec<Range<usize>> {
    // A character takes no more columns than bytes.
    if text.len() <= columns {
        let all = Some(0..text.len()).filter(|all| !all.is_empty());
        return all.into_iter().collect();
    }
    let mut parts = Vec::new();
    let (mut begin, mut space, mut used) = (0, None, 0);
    for (at, cluster) in text.grapheme_indices(true) {
        let wide = text::width(cluster);
        while used + wide > columns && at > begin {
            let end = space.take().unwrap_or(at);
            parts.push(begin..end);
            begin = end;
            used = text::width(&text[begin..at]);
        }
        used += wide;
        if cluster == " " {
            space = Some(at + 1);
        }
    }
    if begin < text.len() {
        parts.push(begin..text.len());
    }
    parts
}

/// An empty line.
pub fn blank() -> Vec<Span> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_broken_at_spaces_and_nothing_is_lost() {
        let parts = |text: &str, columns| -> Vec<String> {
            broken(text, columns).into_iter().map(|part| text[part].to_string()).collect()
        };
        assert_eq!(parts("wild is the wind", 9), ["wild is ", "the wind"]);
        assert_eq!(parts("a endlessword b", 5), ["a ", "endle", "sswor", "d b"]);
        assert_eq!(parts("日本語の歌", 4), ["日本", "語の", "歌"]);
        assert!(parts("", 5).is_empty());
        for text in ["  two  blanks  ", "e\u{301}e\u{301}e\u{301}e\u{301}", "x".repeat(50).as_str(), "日 本 語 の 歌"]
        {
            for columns in 1..20 {
                let all = parts(text, columns);
                assert_eq!(all.concat(), text);
                let fits = |part: &String| text::width(part.trim_end()) <= columns.max(2);
                assert!(all.iter().all(fits), "{columns}: {all:?}");
            }
        }
    }
}
