//! New catalogs, and files to be opened, which wait until the catalog has their songs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::{Catalog, Song, unsupported};
use crate::notice::Kind;
use crate::queue::Queue;
use crate::text::either;
use crate::track::FileFault;

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
    found(model, false, effects);
}

/// The whole library was scanned; below the paths `unsure` it was not read. `asked` is the last scan that was asked for
/// before this one began.
pub(super) fn scanned(model: &mut Model, unsure: &[PathBuf], asked: u64, effects: &mut Vec<Effect>) {
    logged::scanned(&mut model.scanned, (&mut model.log, model.now), model.catalog.len());
    model.covers.look_again();
    if let Some(said) = forget(&mut model.queue, &model.faults, unsure) {
        model.report(Matter::Watch, Kind::Obstacle, said);
    }
    // One that began before files were named may have passed by them: theirs is still to come.
    if asked >= model.scans_asked {
        found(model, true, effects);
        give_up(model);
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
    let them = either(n, "it", "them");
    (n > 0).then(|| format!("{} left the queue: the music directory does not have {them}", count(n, "track")))
}

/// Plays the songs at or below these paths: the first one now, the others next. What the catalog does not have waits for
/// the end of a scan that begins now.
pub(super) fn open(model: &mut Model, paths: Vec<PathBuf>, effects: &mut Vec<Effect>) {
    let all = paths.len();
    let (mut songs, mut outside, mut unusable, mut unknown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        let found = model.catalog.at_or_below(&path);
        if !found.is_empty() {
            songs.extend(found);
        } else if model.music.as_ref().is_some_and(|music| !path.starts_with(music)) {
            // Files outside the library would never be found.
            outside.push(path);
        } else {
            // The scan tries some files again.
            let again = matches!(model.faults.get(&path), Some(FileFault::Missing | FileFault::Outside(_)));
            match unusable_because(model, &path).filter(|_| !again) {
                Some(why) => unusable.push(why),
                None => unknown.push(path),
            }
        }
    }
    if !songs.is_empty() {
        model.opening_begun = true;
        playback::play_now(&mut model.deck(), songs, effects);
    } else if !unknown.is_empty() {
        model.opening_begun = false;
    }
    if !outside.is_empty() {
        let library = model.music.clone().unwrap_or_default();
        let (said, n) = (of_all(&outside, all), outside.len());
        let (lie, are) = (either(n, "lies", "lie"), either(n, "is", "are"));
        let library = library.display();
        model.complain(format!("{said} {lie} outside {library}, which is the library, and {are} left out"));
    }
    complain_of(model, unusable);
    if !unknown.is_empty() {
        wait(model, unknown, all, effects);
    }
}

/// Keeps these of `all` paths that were named until the library has them or was scanned.
fn wait(model: &mut Model, paths: Vec<PathBuf>, all: usize, effects: &mut Vec<Effect>) {
    let (said, n) = (of_all(&paths, all), paths.len());
    let mut seen: HashSet<PathBuf> = model.opening.iter().cloned().collect();
    model.opening.extend(paths.into_iter().filter(|path| seen.insert(path.clone())));
    let too_many = model.opening.len().saturating_sub(MOST);
    model.opening.truncate(MOST);
    model.opening.shrink_to_fit();
    if too_many > 0 {
        let (files, are) = (count(too_many, "file"), either(too_many, "is", "are"));
        model.complain(format!("{files} that the library does not know {are} left out: {MOST} are waited for"));
    } else {
        let (is, play) =
            if n == 1 { ("is", "it plays as soon as it is") } else { ("are", "they play as soon as they are") };
        model.notify(Kind::Obstacle, format!("{said} {is} not in the library (yet); {play} found"));
    }
    model.scans_asked += 1;
    effects.push(Effect::Rescan(model.scans_asked));
}

/// Some of all the paths that were named: the only one by its name.
fn of_all(some: &[PathBuf], all: usize) -> String {
    match some {
        [only] if all == 1 => only.display().to_string(),
        some => format!("{} of {all} files", some.len()),
    }
}

/// Plays what a new catalog has of the files that wait. Of what is below a directory, and of the pieces of a file, not all may
/// have been read yet: these wait until the catalog is `whole`.
fn found(model: &mut Model, whole: bool, effects: &mut Vec<Effect>) {
    if model.opening.is_empty() {
        return;
    }
    let catalog = model.catalog.clone();
    let mut songs = Vec::new();
    model.opening.retain(|path| {
        let found = match catalog.of_path(path) {
            Some(song) => vec![song.clone()],
            None if whole => catalog.at_or_below(path),
            None => Vec::new(),
        };
        let waits = found.is_empty();
        songs.extend(found);
        waits
    });
    if songs.is_empty() {
        return;
    }
    if model.opening_begun {
        // Files found later are appended, so that the playing track is not interrupted.
        model.queue.append(songs);
        model.order.added(&mut model.queue);
    } else {
        playback::play_now(&mut model.deck(), songs, effects);
    }
    model.opening_begun = true;
}

/// Gives up the files that the scan has not found either.
fn give_up(model: &mut Model) {
    let given_up = std::mem::take(&mut model.opening);
    let said = match &given_up[..] {
        [] => return,
        [only] => {
            let none = || format!("{} is not played: the library does not have it", only.display());
            unusable_because(model, only).unwrap_or_else(none)
        }
        more => format!("{} are not played: the library does not have them", count(more.len(), "file")),
    };
    model.report(Matter::Watch, Kind::Obstacle, said);
}

/// Why the file at a path cannot be used: its format, or what the library found when it tried.
fn unusable_because(model: &Model, path: &Path) -> Option<String> {
    let fault = || model.faults.get(path).map(|fault| format!("{}: {fault}", path.display()));
    unsupported::refusal(path).or_else(fault)
}

/// Adds the songs at or below these paths to what the user chose. Paths at which the library has nothing are an error,
/// and the songs of the others are added all the same.
pub(super) fn add(model: &mut Model, paths: Vec<PathBuf>, next: bool, effects: &mut Vec<Effect>) {
    let (mut songs, mut unknown) = (Vec::new(), Vec::new());
    for path in paths {
        let fault = unusable_because(model, &path);
        match songs_at(&model.catalog, model.music.as_deref(), Some(path), &[]) {
            Ok(found) => songs.extend(found),
            Err(why) => unknown.push(fault.unwrap_or_else(|| why.to_string())),
        }
    }
    if !songs.is_empty() {
        let action = if next { QueueAction::EnqueueNext(None) } else { QueueAction::Enqueue(None) };
        let selection = Selection { songs, ..Selection::default() };
        commands::carry_out(model, action.into(), &selection, effects);
    }
    complain_of(model, unknown);
}

/// Complains of the first, and of how many more there are.
fn complain_of(model: &mut Model, mut faults: Vec<String>) {
    match faults.len() {
        0 => {}
        1 => model.complain(faults.swap_remove(0)),
        n => model.complain(format!("{}, and {} more like it", faults.swap_remove(0), n - 1)),
    }
}
