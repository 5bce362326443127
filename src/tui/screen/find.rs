//! Searching in the lists.

use crate::app::{Model, Msg};
use crate::tui::layout::Pane;
use crate::tui::search::Search;

use super::Screen;

impl Screen {
    /// Moves the cursor to the next match (the previous one if `back`), wrapping around. An empty text repeats the
    /// search.
    pub(super) fn find(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        if !text.is_empty() {
            self.search = Some(Search::new(text, &model.language));
            self.back = back;
        }
        let Some(search) = self.search.clone() else { return say("nothing was searched for yet; / searches") };
        let songs = model.shown().songs();
        let items = model.queue.items();
        let (at, len) = match self.focus {
            Pane::Library => (self.library.at, songs.len()),
            Pane::Queue => (self.queue.at, items.len()),
        };
        let hit = |i: usize| match self.focus {
            Pane::Library => songs.get(i).is_some_and(|s| search.finds(s)),
            Pane::Queue => items.get(i).is_some_and(|item| search.finds(&item.song)),
        };
        let found = (1..=len).map(|step| (if back { at + len - step } else { at + step }) % len).find(|i| hit(*i));
        match (found, self.focus) {
            (None, _) => return say(&format!("nothing like '{}' here", search.text)),
            (Some(i), Pane::Library) => self.library.at = i,
            (Some(i), Pane::Queue) => self.place_in_queue(i, model),
        }
        Vec::new()
    }

    /// Repeats the last search in its own direction, or in the opposite one if `other_way`.
    pub(super) fn find_again(&mut self, other_way: bool, model: &Model) -> Vec<Msg> {
        let back = self.back != other_way;
        self.find("", back, model)
    }
}

fn say(text: &str) -> Vec<Msg> {
    vec![Msg::Notice { error: true, text: text.to_string() }]
}
