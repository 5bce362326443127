//! The files of the user that can be changed, and their last changes with what undoes them.

use std::collections::VecDeque;

use super::change_error::ChangeError;
use crate::app::effect::PlaylistOrder;
use crate::app::msg::Msg;
use crate::library::change::{Change, NotUndone, What};
use crate::library::moods::Moods;
use crate::library::playlists::{Playlists, Touch};
use crate::library::signatures::Signatures;

/// The most changes that are kept; the session does not undo more steps than these.
const MOST: usize = 10;

/// The files of the user.
#[derive(Debug)]
pub(super) struct Files {
    pub lists: Playlists,
    pub signatures: Signatures,
    pub moods: Moods,
}

/// Changes by their numbers, the latest last.
#[derive(Debug, Default)]
pub(super) struct Changes(VecDeque<Kept>);

/// What one step of the session has changed.
#[derive(Debug)]
struct Kept {
    step: u64,
    /// Whose files.
    of: Vec<What>,
    /// Of each file, in the order in which they were made; those that are not undone yet.
    changes: Vec<Change>,
    /// A signature that was renamed: its name before and after.
    renamed: Option<(String, String)>,
}

/// What an undo has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Undone {
    /// Whose files.
    pub of: Vec<What>,
    /// A signature that has another name again: its name before and after the undo.
    pub renamed: Option<(String, String)>,
}

impl Undone {
    /// What the session is told.
    pub fn answers(self, files: &Files) -> Vec<Msg> {
        let mut answers = Vec::new();
        answers.extend(self.renamed.map(|(from, to)| Msg::SignatureRenamed { from, to }));
        answers.extend(self.of.into_iter().filter_map(|what| match what {
            What::Playlist => Some(Msg::PlaylistNames(files.lists.names())),
            What::Signature => Some(Msg::SavedNames(files.signatures.names())),
            What::Moods => files.moods.load().ok().map(Msg::Moods),
        }));
        answers
    }
}

impl Changes {
    /// Keeps what was carried out as a step; where some of it could not be begun (`None`) or read, says that it cannot
    /// be undone. `renamed` is a signature's name before and after.
    pub fn keep(
        &mut self,
        step: u64,
        begun: Vec<Option<Change>>,
        renamed: Option<(String, String)>,
        answers: &mut Vec<Msg>,
    ) {
        let changes: Option<Vec<Change>> = begun.into_iter().map(|change| change.and_then(Change::done)).collect();
        let Some(changes) = changes else { return answers.push(Msg::StepFailed(step)) };
        let mut of: Vec<What> = changes.iter().map(Change::what).collect();
        of.dedup();
        self.0.push_back(Kept { step, of, changes, renamed });
        let extra = self.0.len().saturating_sub(MOST);
        self.0.drain(..extra);
    }

    /// Whether there is a change of this number.
    pub fn has(&self, step: u64) -> bool {
        self.0.iter().any(|kept| kept.step == step)
    }

    /// Undoes a step. It is kept if that may succeed later.
    ///
    /// # Errors
    /// What went wrong, in one line. Unless the disk has failed in the middle, nothing was undone; what is left then
    /// stays to be undone.
    pub fn undo(&mut self, step: u64) -> Result<Undone, ChangeError> {
        let Some(kept) = self.0.iter_mut().find(|kept| kept.step == step) else {
            return Err(ChangeError::Forgotten);
        };
        let (of, renamed) = (kept.of.clone(), kept.renamed.clone().map(|(from, to)| (to, from)));
        let undone = kept.changes.iter().try_for_each(Change::check).and_then(|()| {
            while let Some(change) = kept.changes.last() {
                change.undo()?;
                kept.changes.pop();
            }
            Ok(())
        });
        if !matches!(undone, Err(NotUndone::Taken { .. } | NotUndone::Failed { .. })) {
            self.0.retain(|kept| kept.step != step);
        }
        Ok(undone.map(|()| Undone { of, renamed })?)
    }
}

/// What an order is about to do to the files of playlists.
pub(super) fn touch(order: &PlaylistOrder) -> Option<Touch<'_>> {
    match order {
        PlaylistOrder::Save(name, ..) | PlaylistOrder::Add(name, _) => Some(Touch::Tracks(name)),
        PlaylistOrder::Smart(name, ..) => Some(Touch::Smart(name)),
        PlaylistOrder::Delete(name) => Some(Touch::Removed(name)),
        PlaylistOrder::Rename(from, to) => Some(Touch::Renamed(from, to)),
        PlaylistOrder::Duplicate(from, to) => Some(Touch::Copied(from, to)),
        PlaylistOrder::Names
        | PlaylistOrder::List
        | PlaylistOrder::Mix { .. }
        | PlaylistOrder::Unmix
        | PlaylistOrder::Step(..)
        | PlaylistOrder::Undo { .. }
        | PlaylistOrder::Open { .. }
        | PlaylistOrder::Export(..)
        | PlaylistOrder::Write(..) => None,
    }
}
