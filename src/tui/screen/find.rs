//! Searching in the lists.

use crate::app::{Model, Msg};
use crate::tui::layout::Pane;
use crate::tui::list::Column;
use crate::tui::pages;
use crate::tui::pane::{Page, holds};
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
        if self.shows(pages::SIGNATURE) {
            return self.find_dimension(&search.text, back, model);
        }
        if self.shows(pages::TRAIN) {
            return self.find_run(&search.text, back, model);
        }
        if self.is_log() {
            return self.find_in_log(&search.text, back, model);
        }
        if self.shows(pages::MAP) {
            return self.find_on_map(&search.text, back, model);
        }
        if self.shows(pages::SOUND) {
            return self.find_standing(&search.text, back, model);
        }
        if let Some((page, top)) = self.page {
            self.hit = self.hit.filter(|_| text.is_empty());
            return self.find_in_page((page, top), &search, back, model);
        }
        let items = model.queue.items();
        // In the column of groups their names are searched, in the grid albums with such a song, elsewhere songs.
        let grid = self.focus == Pane::Library && self.shows_grid();
        let in_groups = self.focus == Pane::Library && !grid && self.column() == Column::Groups;
        let groups = in_groups.then(|| self.rows.groups());
        let lists = model.lists.as_deref().unwrap_or_default();
        let (at, len) = match (self.focus, groups) {
            (Pane::Library, Some(groups)) => (self.rows.group_of(self.library.at).unwrap_or(0), groups.len()),
            (Pane::Library, None) if grid => (self.rows.cell_of(self.library.at), self.rows.cells()),
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
                None if grid => self.in_cell(i, &search).is_some(),
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
            (Some(i), Pane::Library) if grid => self.library.at = self.in_cell(i, &search).unwrap_or(self.library.at),
            (Some(i), Pane::Library) => self.library.at = i,
            (Some(i), Pane::Saved) => self.goto_lists(i, model),
            (Some(i), Pane::Queue) => self.place_in_queue(i, model),
        }
        Vec::new()
    }

    /// Scrolls the open page to its next line with the text, wrapping around: the lists below are not seen.
    fn find_in_page(&mut self, (page, top): (Page, usize), search: &Search, back: bool, model: &Model) -> Vec<Msg> {
        let laid = self.laid(page, model, self.over(page.pane));
        let found: Vec<usize> =
            (0..).zip(&laid.lines).filter(|(_, line)| holds(line, &search.text)).map(|(at, _)| at).collect();
        let next = match (back, self.hit) {
            (false, Some(hit)) => found.iter().find(|at| **at > hit).or(found.first()),
            (false, None) => found.iter().find(|at| **at >= top).or(found.first()),
            (true, hit) => found.iter().rev().find(|at| **at < hit.unwrap_or(top)).or(found.last()),
        };
        let Some(line) = next else { return say(&format!("nothing like '{}' here", search.text)) };
        self.hit = Some(*line);
        self.page = Some((page, *line));
        Vec::new()
    }

    /// Repeats the last search in its own direction, or in the opposite one if `other_way`.
    pub(super) fn find_again(&mut self, other_way: bool, model: &Model) -> Vec<Msg> {
        // In the log the cursor goes from one row to the next.
        if self.page.is_some_and(|(page, _)| page.pane.narrows()) && !self.is_log() {
            return vec![Msg::hint("a search narrows this page; search-next is for the others")];
        }
        let back = self.back != other_way;
        self.find("", back, model)
    }
}

fn say(text: &str) -> Vec<Msg> {
    vec![Msg::error(text)]
}
