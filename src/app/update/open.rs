//! New catalogs, and files to be opened, which wait until the catalog has their songs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::{Catalog, Song};
use crate::notice::Kind;
use crate::queue::Queue;

use super::super::commands;
use super::super::commands::queue::QueueAction;
use super::super::commands::row::Selection;
use super::super::effect::Effect;
use super::super::state::faults::Faults;
use super::super::state::log::Matter;
use super::super::state::model::Model;
use super::meant::{count, songs as songs_at};
use super::resume::{resume, take_up};
use super::{filter, logged, moved, playback};

/// The most files not yet in the library that are waited for.
const MOST: usize = 10_000;

/// Takes a new catalog.
pub(super) fn catalog(model: &mut Model, catalog: Arc<Catalog>, effects: &mut Vec<Effect>) {
    model.catalog = catalog.clone();
    // The first catalog may be empty or incomplete; the session's songs wait for the next ones.
    if let Some(session) = model.waiting.take() {
        model.restore(session, &catalog);
        let text = model.filter.text.clone();
        if model.filter.set(&text, &model.language) {
            effects.push(filter::ask(&model.filter, &model.auto, &model.queue));
        }
        effects.extend(resume(model));
    } else {
        moved::renew(&mut model.deck(), effects);
        // The restored track was missing and has been found.
        if model.queue.playing().is_some_and(|i| !i.away && model.play.awaited == Some(i.serial)) {
            take_up(&mut model.deck(), effects);
        }
        effects.extend(filter::renew(model));
    }
    open(model, Vec::new(), effects);
}

/// The whole library was scanned; below the paths `unsure` it was not read.
pub(super) fn scanned(model: &mut Model, unsure: &[PathBuf], effects: &mut Vec<Effect>) {
    logged::scanned(&mut model.scanned, (&mut model.log, model.now), model.catalog.len());
    model.covers.look_again();
    if let Some(said) = forget(&mut model.queue, &model.faults, unsure) {
        model.report(Matter::Watch, Kind::Obstacle, said);
    }
    // The saved lists may have found their songs, or lost some.
    effects.extend(model.lists_seen.then_some(Effect::Lists));
}

/// Items whose files are gone leave the queue, except below the paths `unsure`, which may be an absent disk's. A file
/// that exists but cannot be used stays. Returns a notice with the number removed.
fn forget(queue: &mut Queue, faults: &Faults, unsure: &[PathBuf]) -> Option<String> {
    let unsure: HashSet<&Path> = unsure.iter().map(PathBuf::as_path).collect();
    let gone = |song: &Song| {
        let doubted = song.path.ancestors().any(|dir| unsure.contains(dir));
        !doubted && !faults.contains_key(&*song.path)
    };
    let n = queue.forget(gone);
    (n > 0).then(|| format!("{} left the queue: the music directory does not have them", count(n, "track")))
}

/// Plays those of the files that the catalog has: the first one now, the others next. The rest waits.
pub(super) fn open(model: &mut Model, paths: Vec<PathBuf>, effects: &mut Vec<Effect>) {
    let waiting = model.opening.len();
    let (asked, all) = (!paths.is_empty(), paths.len());
    let music = model.music.clone();
    // Files outside the library would never be found.
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
        // Files found later are appended, so that the playing track is not interrupted.
        model.queue.append(songs);
        model.order.added(&mut model.queue);
    } else if some {
        playback::play_now(&mut model.deck(), songs, effects);
    }
    model.opening_begun = some || model.opening_begun && !asked;
    let too_many = model.opening.len().saturating_sub(MOST);
    if too_many > 0 {
        model.opening.truncate(MOST);
        model.opening.shrink_to_fit();
        model.complain(format!("{too_many} files that the library does not know are left out: {MOST} are waited for"));
        return;
    }
    // Reported only on changes, not with every catalog.
    if !model.opening.is_empty() && !catalog.is_empty() && (asked || some) {
        let n = model.opening.len();
        let said = format!("{n} of the files are not in the library (yet); they play as soon as they are found");
        model.notify(Kind::Obstacle, said);
    }
}

/// Adds the songs at or below these paths to what the user chose. Paths at which the library has nothing are an error,
/// and the songs of the others are added all the same.
pub(super) fn add(model: &mut Model, paths: Vec<PathBuf>, next: bool, effects: &mut Vec<Effect>) {
    let (mut songs, mut unknown) = (Vec::new(), Vec::new());
    for path in paths {
        match songs_at(&model.catalog, model.music.as_deref(), Some(path), &[]) {
            Ok(found) => songs.extend(found),
            Err(why) => unknown.push(why.to_string()),
        }
    }
    if !songs.is_empty() {
        let action = if next { QueueAction::EnqueueNext(None) } else { QueueAction::Enqueue(None) };
        let selection = Selection { songs, ..Selection::default() };
        commands::carry_out(model, action.into(), &selection, effects);
    }
    match unknown.len() {
        0 => {}
        1 => model.complain(unknown.swap_remove(0)),
        n => model.complain(format!("{}, and {} more like it", unknown.swap_remove(0), n - 1)),
    }
}
