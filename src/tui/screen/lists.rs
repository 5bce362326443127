//! The view of the playlists: a cursor among the saved lists and one in the songs of a list.

use std::sync::Arc;

use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::playlist::PlaylistAction;
use crate::app::commands::row::Selection;
use crate::app::commands::screen::OnList;
use crate::app::commands::signature::SignatureAction;
use crate::app::state::lists::{Kind, Listed};
use crate::app::{Model, Msg};
use crate::library::Song;
use crate::tui::asked::Asked;
use crate::tui::layout::{Layout, Pane};
use crate::tui::list::{Cursor, window};
use crate::tui::prompt::Prompt;
use crate::tui::saved::{Adding, Row, rows};

use super::Screen;

impl Screen {
    /// Whether the saved lists are on the screen.
    pub(super) fn shows_lists(&self) -> bool {
        self.focus == Pane::Saved && !self.page.is_some_and(|(page, _)| page.pane.is_view())
    }

    /// The list under the cursor.
    pub fn list<'a>(&self, model: &'a Model) -> Option<&'a Listed> {
        model.lists.as_deref().unwrap_or_default().get(self.saved.list.at)
    }

    /// Keeps the cursors and the scroll positions within the lists.
    pub(super) fn settle_lists(&mut self, model: &Model) {
        let lists = model.lists.as_deref().unwrap_or_default();
        let is = |name: &Option<(Kind, String)>, list: &Listed| {
            name.as_ref().is_some_and(|(kind, name)| *kind == list.kind && *name == list.name)
        };
        if let Some(at) = lists.iter().position(|list| is(&self.saved.wanted, list)) {
            (self.saved.list.at, self.saved.song, self.saved.held) = (at, Cursor::default(), self.saved.wanted.take());
        }
        let held = |list: &Listed| is(&self.saved.held, list);
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
        let height = self.layout().map_or(0, |layout| usize::from(Layout::rows_of(layout.body).height));
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
            (self.saved.song, self.saved.held, self.saved.wanted) = (Cursor::default(), None, None);
        }
    }

    /// Moves the cursor of the view to a row.
    pub(super) fn goto_lists(&mut self, row: usize, model: &Model) {
        let cursor = if self.saved.inside { &mut self.saved.song } else { &mut self.saved.list };
        cursor.at = 0;
        self.step_lists(isize::try_from(row).unwrap_or(isize::MAX), model);
    }

    /// The songs that a command takes: the marked ones of the list, or else the one under the cursor; or all of the list.
    pub(super) fn listed_songs(&self, model: &Model) -> Vec<Arc<Song>> {
        let songs = self.list(model).map_or(&[][..], |list| &list.songs);
        if !self.saved.inside {
            return songs.to_vec();
        }
        let marked = self.marked_in_list(model);
        if marked.is_empty() { songs.get(self.saved.song.at).cloned().into_iter().collect() } else { marked }
    }

    /// The name of the playlist under the cursor, where the lists have the keys.
    pub(super) fn whole_playlist<'a>(&self, model: &'a Model) -> Option<&'a str> {
        let list = self.list(model).filter(|list| matches!(list.kind, Kind::Playlist | Kind::Smart))?;
        (self.focus == Pane::Saved && self.page.is_none() && !self.saved.inside).then_some(&list.name)
    }

    /// The marked songs of the list under the cursor.
    pub(super) fn marked_in_list(&self, model: &Model) -> Vec<Arc<Song>> {
        let songs = self.list(model).map_or(&[][..], |list| &list.songs).iter();
        songs.filter(|song| self.marks.songs.contains(&*song.path)).cloned().collect()
    }

    /// All marked songs, each once: those of the list under the cursor in its order, then the others in the library's.
    pub(super) fn all_marked(&self, model: &Model) -> Vec<Arc<Song>> {
        let mut left = self.marks.songs.clone();
        let here = self.list(model).map_or(&[][..], |list| &list.songs).iter();
        here.chain(model.catalog.songs()).filter(|song| left.remove(&*song.path)).cloned().collect()
    }

    /// Marks the song under the cursor, or all of the list; unmarks them where all are marked.
    pub(super) fn mark_listed(&mut self, model: &Model) {
        let Some(list) = self.list(model) else { return };
        let songs: Vec<&Arc<Song>> = match self.saved.inside {
            true => list.songs.get(self.saved.song.at).into_iter().collect(),
            false => list.songs.iter().collect(),
        };
        if songs.iter().all(|song| self.marks.songs.contains(&*song.path)) {
            for song in songs {
                self.marks.songs.remove(&*song.path);
            }
        } else {
            self.marks.songs.extend(songs.iter().map(|song| song.path.to_path_buf()));
        }
    }

    /// Opens the playlist, or follows the signature. In the songs: opens the playlist at the one under the cursor, plays
    /// those of a signature from there on; marked ones are played alone.
    pub(super) fn open_list(&mut self, model: &Model) -> Vec<Msg> {
        let Some(list) = self.list(model) else { return Vec::new() };
        let name = list.name.clone();
        let of_tracks = matches!(list.kind, Kind::Playlist | Kind::Smart);
        if !self.saved.inside {
            return vec![match of_tracks {
                true => Msg::command(PlaylistAction::Open(name, 1)),
                false => Msg::command(SignatureAction::Use(name)),
            }];
        }
        let (at, mut songs) = (self.saved.song.at, self.marked_in_list(model));
        for song in &songs {
            self.marks.songs.remove(&*song.path);
        }
        if songs.is_empty() {
            if of_tracks {
                let action = match list.songs.get(at) {
                    Some(song) => PlaylistAction::OpenRow(name, at, song.track),
                    None => PlaylistAction::Open(name, 1),
                };
                return vec![Msg::command(action)];
            }
            songs = list.songs.get(at..).unwrap_or_default().to_vec();
        }
        let selection = Selection { songs, items: Vec::new() };
        vec![Msg::Command { action: PlaybackAction::Play(None).into(), selection }]
    }

    /// Does something with the list under the cursor; what has to be asked first is asked in a prompt.
    pub(super) fn on_list(&mut self, on: OnList, model: &Model) -> Vec<Msg> {
        let Some(list) = self.list(model) else { return vec![Msg::error("there is no list under the cursor")] };
        if on == OnList::Add {
            return self.add_marked(list.kind, list.name.clone(), model);
        }
        let Some(asked) = Asked::new(on, list, model) else {
            let text = format!(
                "{} is a {}: only a smart playlist has a filter, and a mood hours",
                list.name,
                list.kind.word()
            );
            return vec![Msg::error(text)];
        };
        let count = asked.is_counted().then(|| Msg::Count(asked.text.clone()));
        self.prompt = Some(Prompt::asking(asked, model));
        count.into_iter().collect()
    }

    fn add_marked(&mut self, kind: Kind, name: String, model: &Model) -> Vec<Msg> {
        if kind != Kind::Playlist {
            return vec![Msg::error(format!("{name} is a {}: tracks are added to playlists only", kind.word()))];
        }
        let songs = self.all_marked(model);
        if songs.is_empty() {
            return vec![Msg::error("no track is marked, here or in the library")];
        }
        // They stay marked until they are in it: the disk may be full.
        let paths = songs.iter().map(|song| song.path.to_path_buf()).collect();
        self.saved.adding = Some(Adding { name: name.clone(), count: model.added.0, paths });
        let selection = Selection { songs, items: Vec::new() };
        vec![Msg::Command { action: PlaylistAction::Add(name).into(), selection }]
    }

    /// Unmarks what was added to a list, once it is there.
    pub(super) fn settle_added(&mut self, model: &Model) {
        let (count, name) = &model.added;
        if let Some(added) = self.saved.adding.take_if(|adding| adding.count != *count && adding.name == *name) {
            self.marks.songs.retain(|path| !added.paths.contains(path));
        }
    }

    /// Carries out what was asked about a list, with the line that was entered.
    pub(super) fn answered(&mut self, asked: &Asked, line: &str, model: &Model) -> Vec<Msg> {
        let action = match asked.action(line, model) {
            Ok(Some(action)) => action,
            Ok(None) => return Vec::new(),
            Err(why) => return vec![Msg::error(why)],
        };
        if matches!(asked.on, OnList::Rename | OnList::Duplicate) {
            // A copy of a mood's signature has no hours.
            let kind =
                if asked.on == OnList::Duplicate && asked.kind == Kind::Mood { Kind::Signature } else { asked.kind };
            self.saved.wanted = Some((kind, line.to_string()));
        }
        vec![Msg::command(action)]
    }
}
