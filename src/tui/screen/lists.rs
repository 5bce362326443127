//! The view of the playlists: a cursor among the saved lists and one in the songs of a list.

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::playlist::PlaylistAction;
use crate::app::commands::row::Selection;
use crate::app::commands::signature::SignatureAction;
use crate::app::state::lists::{Kind, Listed};
use crate::app::{Model, Msg};
use crate::library::Song;
use crate::tui::layout::Layout;
use crate::tui::list::{Cursor, window};
use crate::tui::saved::{Row, rows};

use super::Screen;

impl Screen {
    /// The list under the cursor.
    pub fn list<'a>(&self, model: &'a Model) -> Option<&'a Listed> {
        model.lists.as_deref().unwrap_or_default().get(self.saved.list.at)
    }

    /// Keeps the cursors and the scroll positions within the lists.
    pub(super) fn settle_lists(&mut self, model: &Model) {
        let lists = model.lists.as_deref().unwrap_or_default();
        let held = |list: &Listed| self.saved.held.as_ref().is_some_and(|(k, n)| *k == list.kind && *n == list.name);
        if !lists.get(self.saved.list.at).is_some_and(held)
            && let Some(at) = lists.iter().position(held)
        {
            self.saved.list.at = at;
        }
        self.saved.list.by(0, lists.len());
        // While nothing was read yet, what was held is still wanted.
        if let Some(list) = lists.get(self.saved.list.at) {
            self.saved.held = Some((list.kind, list.name.clone()));
        }
        let songs = self.list(model).map_or(0, |list| list.songs.len());
        self.saved.song.by(0, songs);
        self.saved.inside &= songs > 0;
        let area = Rect::new(0, 0, self.size.width, self.size.height);
        let height = Layout::of(area).map_or(0, |layout| usize::from(Layout::rows_of(layout.body).height));
        let rows = rows(lists);
        let row = rows.iter().position(|row| *row == Row::List(self.saved.list.at)).unwrap_or(0);
        self.saved.list.top = window(self.saved.list.top, row, rows.len(), height, self.margin());
        self.saved.song.top = window(self.saved.song.top, self.saved.song.at, songs, height, self.margin());
    }

    /// Moves the cursor of the view by so many rows.
    pub(super) fn step_lists(&mut self, step: isize, model: &Model) {
        if self.saved.inside {
            let songs = self.list(model).map_or(0, |list| list.songs.len());
            self.saved.song.by(step, songs);
        } else {
            self.saved.list.by(step, model.lists.as_deref().unwrap_or_default().len());
            (self.saved.song, self.saved.held) = (Cursor::default(), None);
        }
    }

    /// Moves the cursor of the view to a row.
    pub(super) fn goto_lists(&mut self, row: usize, model: &Model) {
        let cursor = if self.saved.inside { &mut self.saved.song } else { &mut self.saved.list };
        cursor.at = 0;
        self.step_lists(isize::try_from(row).unwrap_or(isize::MAX), model);
    }

    /// The songs that a command takes: the one under the cursor, or all of the list.
    pub(super) fn listed_songs(&self, model: &Model) -> Vec<Arc<Song>> {
        let songs = self.list(model).map_or(&[][..], |list| &list.songs);
        match self.saved.inside {
            true => songs.get(self.saved.song.at).cloned().into_iter().collect(),
            false => songs.to_vec(),
        }
    }

    /// Plays the song under the cursor; opens the playlist, or follows the signature.
    pub(super) fn open_list(&mut self, model: &Model) -> Vec<Msg> {
        let Some(list) = self.list(model) else { return Vec::new() };
        if self.saved.inside {
            let selection = Selection { songs: self.listed_songs(model), items: Vec::new() };
            return vec![Msg::Command { action: PlaybackAction::Play(None).into(), selection }];
        }
        let name = list.name.clone();
        vec![match list.kind {
            Kind::Playlist | Kind::Smart => Msg::command(PlaylistAction::Open(name)),
            Kind::Signature => Msg::command(SignatureAction::Use(name)),
        }]
    }

    /// Deletes the playlist under the cursor, which can be undone; of a signature it says how it is deleted.
    pub(super) fn delete_list(&mut self, model: &Model) -> Vec<Msg> {
        let Some(list) = self.list(model) else { return Vec::new() };
        let name = list.name.clone();
        vec![match list.kind {
            Kind::Playlist | Kind::Smart => Msg::command(PlaylistAction::Delete(name)),
            Kind::Signature => Msg::hint(format!(":signature delete {name} deletes it; that cannot be undone")),
        }]
    }
}
