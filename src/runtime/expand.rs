//! Finds tracks like those of a saved playlist, on the engine's thread.

use std::collections::HashSet;
use std::sync::Arc;

use crate::app::effect::Expanding;
use crate::app::state::lists::Kind;
use crate::ask::answers::Answers;
use crate::latent::Choice;
use crate::library::Song;
use crate::library::playlists::Playlists;
use crate::queue::{Director, SignatureEngine, Situation};

use super::lists;
use super::set_error::SetError;
use super::trials::{self, Request};

/// The songs that fit a playlist best, picked as the queue's would be; `request` makes the rest of the request for picks.
///
/// # Errors
/// The playlist cannot be read or has a filter, or nothing of it is analysed.
pub(super) fn songs(
    answers: &Answers,
    playlists: &Playlists,
    expanding: Expanding,
    request: impl FnOnce(Situation, Choice) -> Request,
) -> Result<Vec<Arc<Song>>, SetError> {
    let Expanding { name, count, fit, mut situation } = expanding;
    let list = lists::one(answers, playlists, name);
    if list.kind == Kind::Smart {
        return Err(SetError::Filter);
    }
    if list.songs.is_empty() {
        return Err(SetError::Playlist(list.about));
    }
    let mut seen = HashSet::new();
    situation.playlist = list.songs.iter().map(|song| song.track).filter(|track| seen.insert(*track)).collect();
    let context = trials::context(answers, request(situation, Choice::Auto));
    let mut director = Director::new(Vec::new());
    let (picks, note) = director.picks(&context, SignatureEngine::NAME, count);
    if let Some(why) = note.or_else(|| director.take_scarce()).filter(|_| picks.is_empty()) {
        return Err(SetError::NoPicks(why));
    }
    let least = f32::from(fit) / 100.0;
    let fits = picks.iter().filter(|pick| pick.why.fit.is_some_and(|fit| fit >= least));
    Ok(fits.filter_map(|pick| answers.catalog.of_track(pick.id).cloned()).collect())
}
