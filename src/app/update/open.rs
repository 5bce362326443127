//! Files named from outside, and the last session: both wait until the catalog knows their songs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::{Catalog, Song};

use super::super::effect::Effect;
use super::super::state::model::Model;
use super::super::state::session::Session;
use super::playback;

/// So many files that the library does not know yet are waited for.
const MOST: usize = 10_000;

impl Model {
    /// Takes up a session, and then plays files, as soon as there is a catalog to find them in.
    pub fn resume_later(&mut self, session: Option<Session>, files: Vec<PathBuf>) {
        if let Some(session) = &session {
            // What needs no songs is true at once.
            self.play.volume = session.volume.min(100);
        }
        self.waiting = session;
        self.opening = files;
    }
}

/// Takes a new catalog in.
pub(super) fn catalog(model: &mut Model, catalog: Arc<Catalog>, effects: &mut Vec<Effect>) {
    model.catalog = catalog.clone();
    model.opened = true;
    // The first catalog may be empty or a part: the songs come as they are found, and those of the session wait for them.
    if let Some(session) = model.waiting.take() {
        model.restore(session, &catalog);
        let filter = model.filter.text.clone();
        super::filter::set(model, &filter, effects);
        effects.extend(playback::resume(model));
    } else {
        super::moved::renew(model, effects);
        playback::appeared(model, effects);
        super::filter::renew(model, effects);
    }
    open(model, Vec::new(), effects);
}

/// The whole library was looked through: what of the queue it does not have, and did not lie below a path that may be a
/// disk that is away, is gone. A file that is there and cannot be used stays: perhaps it can be used later.
pub(super) fn scanned(model: &mut Model, unsure: &[PathBuf]) {
    let faults = &model.faults;
    let unsure: HashSet<&Path> = unsure.iter().map(PathBuf::as_path).collect();
    let gone = |song: &Song| {
        let doubted = song.path.ancestors().any(|dir| unsure.contains(dir));
        !doubted && !faults.contains_key(&*song.path)
    };
    let count = model.queue.forget(gone);
    if count > 0 {
        model.say(format!(
            "{} left the queue: the music directory does not have them",
            super::commands::count(count, "track")
        ));
    }
}

/// Plays those of the files that the catalog knows: the first one now, the others next. The rest waits.
pub(super) fn open(model: &mut Model, paths: Vec<PathBuf>, effects: &mut Vec<Effect>) {
    let waiting = model.opening.len();
    let (asked, all) = (!paths.is_empty(), paths.len());
    let music = model.music.clone();
    // What lies outside the library is never found.
    model.opening.extend(paths.into_iter().filter(|path| music.as_ref().is_none_or(|music| path.starts_with(music))));
    let outside = all - model.opening.len().saturating_sub(waiting);
    if outside > 0 {
        let library = music.unwrap_or_default();
        let library = library.display();
        model.complain(format!(
            "{outside} of {all} files lie outside {library}, which is the library, and are left out"
        ));
    }
    if model.opening.is_empty() {
        return;
    }
    let catalog = model.catalog.clone();
    let mut songs = Vec::new();
    model.opening.retain(|path| match catalog.of_path(path) {
        Some(song) => {
            songs.push(song.clone());
            false
        }
        None => true,
    });
    let some = !songs.is_empty();
    if some && !asked && model.opening_begun {
        // The music does not jump when the library finds the others.
        model.queue.append(songs);
        super::modes::added(model);
    } else if some {
        playback::play_now(model, songs, effects);
    }
    model.opening_begun = some || model.opening_begun && !asked;
    let too_many = model.opening.len().saturating_sub(MOST);
    if too_many > 0 {
        model.opening.truncate(MOST);
        model.opening.shrink_to_fit();
        model.complain(format!("{too_many} files that the library does not know are left out: {MOST} are waited for"));
        return;
    }
    // Said when it is news, not with every catalog.
    if !model.opening.is_empty() && !catalog.is_empty() && (asked || some) {
        let n = model.opening.len();
        model.say(format!("{n} of the files are not in the library (yet); they play as soon as they are found"));
    }
}
