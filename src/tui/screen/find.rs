//! Searching in the lists.

use crate::app::{Model, Msg};
use crate::tui::layout::Pane;
use crate::tui::list::Column;
use crate::tui::search::Search;

use super::Screen;

impl Screen {
    /// Moves the cursor to the next match (the previous one if `back`), wrapping around. An empty text repeats the
    /// search. Closes the page, which would hide what is found.
    pub(super) fn find(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        self.page = None;
        if !text.is_empty() {
            self.search = Some(Search::new(text, &model.language));
            self.back = back;
        }
        let Some(search) = self.search.clone() else { return say("nothing was searched for yet; / searches") };
        let items = model.queue.items();
        // In the column of groups their names are searched, elsewhere songs.
        let groups = (self.focus == Pane::Library && self.column() == Column::Groups).then(|| self.rows.groups());
        let lists = model.lists.as_deref().unwrap_or_default();
        let (at, len) = match (self.focus, groups) {
            (Pane::Library, Some(groups)) => (self.rows.group_of(self.library.at).unwrap_or(0), groups.len()),
            (Pane::Library, None) => (self.library.at, self.rows.len()),
            (Pane::Queue, _) => (self.queue.at, items.len()),
            (Pane::Saved, _) if self.saved.inside => {
                (self.saved.song.at, self.list(model).map_or(0, |l| l.songs.len()))
            }
            (Pane::Saved, _) => (self.saved.list.at, lists.len()),
        };
        let sought = search.text.to_lowercase();
        let hit = |i: usize| match self.focus {
            Pane::Library => match groups {
                Some(groups) => groups.get(i).is_some_and(|group| group.name.to_lowercase().contains(&sought)),
                None => self.rows.song(i).is_some_and(|song| search.finds(song)),
            },
            Pane::Saved if self.saved.inside => {
                self.list(model).and_then(|list| list.songs.get(i)).is_some_and(|song| search.finds(song))
            }
            Pane::Saved => lists.get(i).is_some_and(|list| list.name.to_lowercase().contains(&sought)),
            Pane::Queue => items.get(i).is_some_and(|item| search.finds(&item.song)),
        };
        let found = (1..=len).map(|step| (if back { at + len - step } else { at + step }) % len).find(|i| hit(*i));
        match (found, self.focus) {
            (None, _) => return say(&format!("nothing like '{}' here", search.text)),
            (Some(i), Pane::Library) if groups.is_some() => self.library.at = self.rows.of_group(i).start,
            (Some(i), Pane::Library) => self.library.at = i,
            (Some(i), Pane::Saved) => self.goto_lists(i, model),
            (Some(i), Pane::Queue) => self.place_in_queue(i, model),
        }
        Vec::new()
    }

    /// Repeats the last search in its own direction, or in the opposite one if `other_way`. A page that narrows has none
    /// to repeat.
    pub(super) fn find_again(&mut self, other_way: bool, model: &Model) -> Vec<Msg> {
        if self.page.is_some_and(|(page, _)| page.pane.narrows()) {
            return vec![Msg::hint("search-next is for the lists; search narrows this page")];
        }
        let back = self.back != other_way;
        self.find("", back, model)
    }
}

fn say(text: &str) -> Vec<Msg> {
    vec![Msg::error(text)]
}
