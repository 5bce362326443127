//! What a command is about: the marked songs or items, or else what is under the cursor.

use std::sync::Arc;

use crate::app::Model;
use crate::app::commands::row::{Selection, Takes};
use crate::library::Song;
use crate::queue::Item;
use crate::tui::layout::Pane;
use crate::tui::pages;

use super::Screen;

impl Screen {
    /// The songs that a command applies to: the marked ones in the list's order, or else the one under the cursor.
    pub fn selected(&self, model: &Model) -> Vec<Arc<Song>> {
        match self.focus {
            Pane::Library if self.marks.songs.is_empty() => self.under_cursor(),
            Pane::Library => self.marked_songs(),
            Pane::Saved => self.listed_songs(model),
            Pane::Queue => self.selected_items(model).map(|i| i.song.clone()).collect(),
        }
    }

    pub(super) fn selected_items<'a>(&self, model: &'a Model) -> impl Iterator<Item = &'a Item> {
        let under = model.queue.items().get(self.queue.at).map(|i| i.serial);
        let marks = self.marks.items.clone();
        let chosen =
            move |i: &&Item| if marks.is_empty() { Some(i.serial) == under } else { marks.contains(&i.serial) };
        model.queue.items().iter().filter(chosen)
    }

    /// The part of the selection that a command takes. Clears the marks if the command uses them
    /// up and there is such a part; closes the page that explains an item if the command takes that item.
    pub(super) fn take(&mut self, takes: Takes, argument: &str, model: &Model) -> Selection {
        let bare = argument.is_empty();
        if self.shows(pages::MAP) {
            return self.take_on_map(takes, argument, model);
        }
        if let Takes::Marks = takes {
            return self.marked(model);
        }
        // What cannot be seen is not meant: a command then applies to what plays.
        if self.page.is_some_and(|(page, _)| page.pane.is_view()) {
            return Selection::default();
        }
        let (selection, unmarks) = match takes {
            Takes::Songs { when, unmarks } if when(argument) => {
                (Selection { songs: self.selected(model), items: Vec::new() }, unmarks)
            }
            Takes::Marked { when } if when(argument) => {
                let all = if self.focus == Pane::Saved { self.all_marked(model) } else { Vec::new() };
                let songs = if all.is_empty() { self.selected(model) } else { all };
                (Selection { songs, items: Vec::new() }, true)
            }
            Takes::Proposals | Takes::Proposal if bare && self.explained().is_some() => {
                let items = self.explained().into_iter().collect();
                self.page = None;
                (Selection { songs: Vec::new(), items }, matches!(takes, Takes::Proposals))
            }
            Takes::Items { .. } | Takes::Proposals if bare => {
                let items = self.selected_items(model).map(|i| i.serial).collect();
                (self.in_queue(items), !matches!(takes, Takes::Items { unmarks: false }))
            }
            Takes::Proposal if bare => {
                let under = model.queue.items().get(self.queue.at).map(|i| i.serial);
                (self.in_queue(under.into_iter().collect()), false)
            }
            Takes::Nothing
            | Takes::Songs { .. }
            | Takes::Marked { .. }
            | Takes::Marks
            | Takes::Items { .. }
            | Takes::Proposals
            | Takes::Proposal => return Selection::default(),
        };
        // A command that found nothing to work on leaves the marks, for instance `remove` in the library.
        if unmarks && !(selection.songs.is_empty() && selection.items.is_empty()) {
            match self.focus {
                Pane::Library => self.marks.songs.clear(),
                Pane::Queue => self.marks.items.clear(),
                // A whole list is taken whether its songs are marked or not.
                Pane::Saved if self.saved.inside || matches!(takes, Takes::Marked { .. }) => {
                    for song in &selection.songs {
                        self.marks.songs.remove(&*song.path);
                    }
                }
                Pane::Saved => {}
            }
        }
        selection
    }

    /// The marked songs, which the status row counts in every view; without any, the song under the cursor of an open list.
    fn marked(&self, model: &Model) -> Selection {
        let all = if self.focus == Pane::Saved { self.all_marked(model) } else { Vec::new() };
        let any = match self.focus {
            Pane::Library => !self.marks.songs.is_empty(),
            Pane::Queue => !self.marks.items.is_empty(),
            Pane::Saved => false,
        };
        let hidden = self.page.is_some_and(|(page, _)| page.pane.is_view());
        let songs = match all.is_empty() {
            true if any || !hidden => self.selected(model),
            _ => all,
        };
        Selection { songs, items: Vec::new() }
    }

    /// A selection of these items if the queue is focused, else an empty one.
    pub(super) fn in_queue(&self, items: Vec<u64>) -> Selection {
        if self.focus == Pane::Queue { Selection { songs: Vec::new(), items } } else { Selection::default() }
    }

    /// Serial number of the item that the open page explains.
    pub(super) fn explained(&self) -> Option<u64> {
        match self.page {
            Some((page, _)) if page.pane.id() == pages::WHY.id() => page.about,
            _ => None,
        }
    }
}
