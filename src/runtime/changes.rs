//! The last changes of playlists, with what undoes them.

use std::collections::VecDeque;

use crate::app::effect::PlaylistOrder;
use crate::library::playlists::{Change, NotUndone, Playlists, Touch};

/// The most changes that are kept; the session does not undo more steps than these.
const MOST: usize = 10;

/// Changes by their numbers, the latest last.
#[derive(Debug, Default)]
pub(super) struct Changes(VecDeque<(u64, Change)>);

impl Changes {
    /// Keeps a change.
    pub fn keep(&mut self, step: u64, change: Change) {
        self.0.push_back((step, change));
        let extra = self.0.len().saturating_sub(MOST);
        self.0.drain(..extra);
    }

    /// Whether there is a change of this number.
    pub fn has(&self, step: u64) -> bool {
        self.0.iter().any(|(of, _)| *of == step)
    }

    /// Undoes a change. It is kept if that may succeed later.
    ///
    /// # Errors
    /// What went wrong, in one line; nothing was undone.
    pub fn undo(&mut self, lists: &Playlists, step: u64) -> Result<(), String> {
        let Some((_, change)) = self.0.iter().find(|(of, _)| *of == step) else {
            return Err("that change of a playlist can no longer be undone".into());
        };
        let undone = lists.undo(change);
        if !matches!(undone, Err(NotUndone::Taken(_) | NotUndone::Failed(_))) {
            self.0.retain(|(of, _)| *of != step);
        }
        undone.map_err(|why| why.to_string())
    }
}

/// What an order is about to do to the files of playlists.
pub(super) fn touch(order: &PlaylistOrder) -> Option<Touch<'_>> {
    match order {
        PlaylistOrder::Save(name, ..) | PlaylistOrder::Add(name, _) => Some(Touch::Tracks(name)),
        PlaylistOrder::Smart(name, ..) => Some(Touch::Smart(name)),
        PlaylistOrder::Delete(name) => Some(Touch::Removed(name)),
        PlaylistOrder::Rename(from, to) => Some(Touch::Renamed(from, to)),
        PlaylistOrder::Names
        | PlaylistOrder::List
        | PlaylistOrder::Step(..)
        | PlaylistOrder::Undo { .. }
        | PlaylistOrder::Open { .. }
        | PlaylistOrder::Export(..)
        | PlaylistOrder::Write(..) => None,
    }
}
