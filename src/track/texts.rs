//! Texts that many files have in common: an artist, an album, the genres.

use std::collections::HashSet;
use std::sync::Arc;

use super::list::List;

/// One copy of each text, and of each list of texts, that is shared ([`super::Tags::share`]).
#[derive(Debug, Default)]
pub struct Texts {
    texts: HashSet<Arc<str>>,
    lists: HashSet<List>,
}

impl Texts {
    /// Replaces a text by the copy of it that is kept here; the first of its kind is kept itself.
    pub(super) fn share(&mut self, text: &mut Arc<str>) {
        match self.texts.get(&**text) {
            Some(known) => *text = known.clone(),
            None => drop(self.texts.insert(text.clone())),
        }
    }

    /// As [`Texts::share`], for a list.
    pub(super) fn share_list(&mut self, list: &mut List) {
        match self.lists.get(list) {
            Some(known) => *list = known.clone(),
            None if list.is_empty() => {}
            None => drop(self.lists.insert(list.clone())),
        }
    }

    /// Drops the copies that nobody else has any more.
    pub fn forget_unused(&mut self) {
        self.texts.retain(|text| Arc::strong_count(text) > 1);
        self.lists.retain(List::is_shared);
    }

    /// How many texts and lists are kept.
    pub fn len(&self) -> usize {
        self.texts.len() + self.lists.len()
    }

    /// Whether none are kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
