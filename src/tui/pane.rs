//! What a view is: a list, or a page over the lists. `pages::PANES` is the table of all.

use std::fmt;

use crate::app::{Model, Msg};
use crate::text;

use super::draw::Span;
use super::keys::Binding;
use super::layout;
use super::theme::Role;

/// A view. Its number, its key, its completion and its place in the help follow from its row in `pages::PANES`.
pub trait Pane: Sync {
    /// Its name in the help.
    fn id(&self) -> &'static str;

    /// Its title; that of a page may depend on what it is about.
    fn title(&self, about: Option<u64>) -> &'static str;

    /// What happens when the user goes to it.
    fn open(&self, _model: &Model, _at: At) -> Open {
        Open::Page(None)
    }

    /// Whether a page is a table, which may be wider than prose.
    fn is_table(&self, _about: Option<u64>) -> bool {
        false
    }

    /// The lines of a page. Lists have none: `draw::lists` draws the rows that are seen.
    fn lines(&self, _shown: &Shown) -> Vec<Vec<Span>> {
        Vec::new()
    }
}

/// Where the screen stands when a view is opened.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The list that has the keys.
    pub focus: layout::Pane,
    /// The index of the item under the queue's cursor.
    pub queue: usize,
}

/// How a view is opened.
#[derive(Debug)]
pub enum Open {
    /// The list gets the keys.
    List(layout::Pane),
    /// The page opens, about this; where it is open already it closes.
    Page(Option<u64>),
    /// The session is asked, and opens the page itself.
    Ask(Box<Msg>),
    /// Not now: why.
    Refused(&'static str),
}

/// What a page is made from.
pub struct Shown<'a> {
    /// The session.
    pub model: &'a Model,
    /// The keys.
    pub bindings: &'a [Binding],
    /// What it is about: the serial number of an item, a dimension counted from 0.
    pub about: Option<u64>,
    /// Its width.
    pub columns: usize,
}

/// An open page.
#[derive(Clone, Copy)]
pub struct Page {
    /// Which.
    pub pane: &'static dyn Pane,
    /// What it is about.
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

/// Breaks a text into lines of at most so many columns, at spaces where there are any.
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

/// An empty line.
pub fn blank() -> Vec<Span> {
    Vec::new()
}
