//! `update`: applies a message to the model and returns the effects to be carried out. No I/O and no clock; random
//! numbers come from a generator in the model.
//!
//! The files form a chain, each using those before it: `meant`, `taste`, `modes`, `ending`, `playback`, `sounding`, `signature`, `player`,
//! `autoqueue`, `trial`, `moved`, `resume`, `filter`, `open`, `playlist`, `course`, `mood`, `lyrics`, `covers`, `map`, `sound_view`. Commands are carried out in `app::commands`,
//! which uses them.

mod announced;
mod asked;
mod autoqueue;
pub(super) mod course;
mod covers;
pub(super) mod ending;
pub(super) mod filter;
mod imported;
mod logged;
mod lyrics;
mod map;
pub(super) mod meant;
pub(super) mod modes;
pub(super) mod mood;
mod moved;
mod open;
pub(super) mod playback;
mod player;
pub(super) mod playlist;
mod resume;
pub(super) mod signature;
pub(super) mod sound_view;
pub(super) mod sounding;
pub(super) mod taste;
pub(super) mod trial;

use std::time::Duration;

use crate::notice::Kind;

use super::commands;
use super::effect::{Effect, TrainOrder};
use super::face::Face;
use super::msg::Msg;
use super::state::bounds::Until;
use super::state::lists::with_moods;
use super::state::log::Matter;
use super::state::model::{Model, Saved};
use super::state::playback::State;

pub use resume::resume;

/// The least time between two saves of a changing session.
const SAVE: Duration = Duration::from_secs(5);

/// Applies a message. The effects are to be carried out in order.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    model.changes += 1;
    match msg {
        Msg::For { asker, msg } => {
            model.outcomes.begin(asker);
            take(model, *msg, &mut effects);
            model.outcomes.pause();
            effects = asked::wrap(&mut model.outcomes, asker, effects);
        }
        msg => take(model, msg, &mut effects),
    }
    if model.order.modes.consume {
        model.undo.consume(model.queue.played());
        model.queue.consume();
    }
    // Without songs nothing can be followed, and a session not yet restored may say what was followed.
    if !model.catalog.is_empty() && model.waiting.is_none() && model.moods.turn() {
        let said = mood::tune(&mut model.auto, &model.queue, &model.moods, &mut effects);
        said.into_iter().for_each(|said| model.notify(Kind::Hint, said));
    }
    if let Some(said) = course::progress(&mut model.auto, &model.queue, &model.catalog, &model.names) {
        model.notify(Kind::Hint, said);
    }
    let (trial, mut filling, stock) = model.trying();
    autoqueue::refill(&mut filling, stock, &mut effects);
    trial::renew(trial, &mut filling, stock, &mut effects);
    let request =
        effects.iter().find_map(|e| if let Effect::Propose { request, .. } = e { Some(*request) } else { None });
    model.outcomes.asked_for_picks(request);
    playback::follow(&mut model.deck(), &mut effects);
    let Model { undo, queue, auto, order, play, faults, singing, sound_view, now, .. } = model;
    effects.extend(lyrics::follow(singing, queue, (play, *now), faults));
    effects.extend(sound_view::follow(sound_view, queue, play, faults));
    undo.close(queue, auto, order.modes.shuffle, taste::judgements(&effects));
    if let Some((last, told)) = announced::changes(model) {
        model.announced.note(last);
        effects.extend(told);
    }
    effects.extend(model.outcomes.answers().into_iter().map(|(asker, outcome)| Effect::Answer { asker, outcome }));
    effects
}

fn take(model: &mut Model, msg: Msg, effects: &mut Vec<Effect>) {
    let Model { queue, auto, play, log, faults, covers, singing, sound_view, .. } = model;
    let now = model.now;
    match msg {
        // `Msg::For` is never nested.
        Msg::For { msg, .. } => take(model, *msg, effects),
        Msg::Ended(asker) => model.outcomes.ended(asker),
        Msg::Announce => model.announced.begin(),
        Msg::Accepted => model.notice = None,
        Msg::Look(asker) => effects.push(Effect::Face { asker, face: Box::new(Face::of(model)) }),
        Msg::Command { action, selection } => commands::carry_out(model, action, &selection, effects),
        Msg::Player(event) => player::event(model, event, effects),
        // The last session's catalog is of no use once the store is open.
        Msg::Preview(_) if model.opened => {}
        Msg::Preview(catalog) => open::catalog(model, catalog, effects),
        Msg::Catalog(catalog) => {
            model.opened = true;
            open::catalog(model, catalog, effects);
        }
        Msg::Scanned { unsure, asked } => open::scanned(model, &unsure, asked, effects),
        Msg::Open(paths) => open::open(model, paths, effects),
        Msg::Add { paths, next } => open::add(model, paths, next, effects),
        Msg::Fatal(why) => {
            model.fatal = Some(why);
            effects.push(Effect::Quit);
        }
        Msg::Progress(progress) => {
            auto.reconsider(queue, &progress);
            let ended = model.progress.is_growing() && !progress.is_growing();
            model.progress = progress;
            effects.extend(ended.then(|| signature::acquaint(model)).flatten());
        }
        Msg::Picks { request, picks, note } => {
            let came = autoqueue::picks(model, request, picks, note);
            // Playback had stopped for lack of picks.
            if came && model.play.starved && model.play.state == State::Stopped {
                playback::go_on(&mut model.deck(), false, effects);
            }
        }
        Msg::Scarce { request, text } => autoqueue::scarce(model, request, &text),
        Msg::Until { minute, secs, asked: Until::Set(name) } => {
            let outcome = commands::limits::until(model, &name, minute, secs);
            model.answer(outcome);
        }
        Msg::Until { minute, secs, asked: Until::End } => {
            let ending = ending::at(now, minute, secs);
            let said = model.change_bounds(|filling| ending::set(filling, Some(ending)));
            model.say(said);
        }
        Msg::Until { minute, secs, asked: Until::Known } => ending::clock_told(&mut model.filling(), minute, secs),
        Msg::Signature(report) => model.signature = Some(*report),
        Msg::Tried { request, tried } => {
            if let Some(why) = trial::tried(&mut model.trial, &mut model.outcomes, request, tried) {
                model.complain(why);
            }
        }
        Msg::Trusted { request, confidence } => trial::trusted(&mut model.trial, request, confidence),
        Msg::Cards(cards) => model.cards = Some(cards),
        Msg::Names(names) => model.names = names,
        Msg::Fits(fits) => {
            model.fits = fits;
            model.revisions.fits += 1;
        }
        Msg::Space(space) => {
            model.space = space;
            model.revisions.sound += 1;
            effects.extend(signature::acquaint(model));
        }
        Msg::Arrange(wanted) => effects.push(Effect::Arrange(wanted)),
        Msg::Arranged(rows) => model.arranged = Some(rows),
        Msg::MapShown(_)
        | Msg::Refit
        | Msg::StopMap
        | Msg::Map(_)
        | Msg::Chart(_)
        | Msg::Charted(_)
        | Msg::Area(_)
        | Msg::Within(_) => effects.extend(map::take(&mut model.map, msg)),
        Msg::Inspect(path) => effects.push(Effect::Inspect(path)),
        Msg::Inspected(seen) => model.inspected = Some(seen),
        Msg::Browse => effects.push(Effect::Lists),
        Msg::Lists(lists) => {
            model.lists = Some(with_moods(lists, model.moods.list.as_deref().unwrap_or_default()));
        }
        Msg::Count(line) => effects.push(Effect::Count(line)),
        Msg::Counted(counted) => model.counted = Some(counted),
        Msg::Explained { title, lines, notes } => filter::explained(model, &title, &lines, &notes),
        Msg::SavedNames(names) => {
            model.saved_signatures = names;
            effects.extend(model.lists_seen.then_some(Effect::Lists));
        }
        Msg::SignatureRenamed { from, to } => {
            signature::renamed(auto, &from, &to);
            model.moods.renamed(&from, &to);
        }
        Msg::Follow { name, members, choice } => {
            let said = signature::follow(auto, &name, members, choice);
            effects.push(signature::describe(auto, queue));
            model.say(said);
        }
        Msg::Journey { from, to, via, steps, seed } => {
            let outcome = course::journey(model, (from, to), &via, steps, seed);
            model.answer(outcome);
        }
        Msg::Blend { name, blend } => {
            let said = course::blend(auto, &name, blend);
            effects.push(signature::describe(auto, queue));
            model.say(said);
        }
        Msg::Mood { name, members, choice } => {
            if let Some(said) = mood::follow(auto, &model.moods, name, members, choice) {
                effects.push(signature::describe(auto, queue));
                model.notify(Kind::Hint, said);
            }
        }
        Msg::Moods(moods) => {
            model.lists = model.lists.take().map(|lists| with_moods(lists, &moods));
            model.moods.list = Some(moods);
        }
        Msg::Hour(hour) => {
            model.moods.hour = Some(hour);
            effects.extend(ending::ask_again(&auto.bounds));
            // Another day may have begun.
            effects.push(Effect::Mix(Box::new(commands::heard::mixing(model, false))));
        }
        Msg::Told { title, lines } => {
            let (title, lines) = signature::told(&title, &lines, effects);
            model.outcomes.list(&lines);
            model.told = Some((title, lines));
        }
        Msg::Loudness(loudness) => model.sounds.loudness = loudness,
        Msg::Heard => effects.extend(filter::renew(model)),
        Msg::FilterOpened { fuzzy } => effects.push(Effect::ReadySearch { fuzzy }),
        Msg::Filter(text) => {
            if model.filter.set(&text, &model.language) {
                effects.push(filter::ask(&model.filter, &model.auto, &model.queue));
            }
        }
        Msg::Filtered { text, found, hint } => {
            if let Some((kind, said)) = model.filter.found(&text, found, hint) {
                model.notify(kind, said);
            }
        }
        Msg::Noted(entry) => {
            model.tallies.note(&entry);
            model.revisions.journal += 1;
            model.undo.noted(&entry.event);
        }
        Msg::Imported { tallies, heard } => imported::take_over(model, *tallies, heard),
        // The notice of `undo` names the whole step.
        Msg::TasteUndone { .. } if model.undo.confirm() => {}
        Msg::TasteUndone { error: true, text } => model.complain(text),
        Msg::TasteUndone { error: false, text } => model.say(text),
        Msg::Unsaved(unsaved) => {
            if model.unsaved.renew(unsaved) {
                match model.unsaved.words() {
                    words if words.is_empty() => model.say("everything is on the disk again"),
                    words => model.complain(words),
                }
            }
        }
        Msg::PlaylistNames(names) => {
            model.saved_playlists = names;
            effects.extend(model.lists_seen.then_some(Effect::Lists));
        }
        Msg::Added(name) => model.added = (model.added.0 + 1, name),
        Msg::StepFailed(step) => model.undo.drop_files(step),
        Msg::StepStays { step, what } => model.undo.restore_files(&what, step),
        Msg::Expand { name, songs } => {
            if let Some(why) = commands::expand::add(&mut model.undo, name, &songs, effects) {
                model.notify(Kind::Obstacle, why);
            }
        }
        Msg::Mixes { asked, day, lists } => commands::heard::keep(&mut model.undo, asked, day, lists, effects),
        Msg::Smart { name, smart, placing } => effects.push(Effect::Smart { name, smart, placing }),
        Msg::Queue { name, songs, notes, placing } => {
            playlist::queued(model, (&name, &notes), songs, placing, effects);
        }
        Msg::Playlist { name, playlist, placing } => effects.push(Effect::Playlist { name, playlist, placing }),
        Msg::Fault { path, why } => logged::fault(faults, (log, now), path, why),
        Msg::FaultGone(path) => logged::well(faults, (log, now), &path),
        Msg::Unsupported(files) => {
            logged::unsupported(&files, (log, now));
            model.unsupported = files;
        }
        Msg::TrainShown(shown) => {
            model.training.shown = shown;
            effects.push(Effect::Train(TrainOrder::Watch(shown)));
        }
        Msg::Runs(board) => model.training.board = Some(board),
        Msg::LyricsShown(shown) => singing.show(shown),
        Msg::Lyrics { path, found } => lyrics::found(singing, (log, now), path, found),
        Msg::CoverWanted(wanted) => effects.extend(covers::wanted(covers, faults, *wanted)),
        Msg::CoverChanged(dir) => covers.renew(&dir),
        Msg::Files(changes) => logged::files(&changes, (log, now)),
        Msg::Cover { wanted, found, faults } => covers::found(covers, (log, now), *wanted, found, &faults),
        Msg::SoundShown(shown) => sound_view::show(sound_view, play, model.cards.is_some(), shown, effects),
        Msg::Traced { path, piece, found } => sound_view::traced(sound_view, (log, now), (&path, &piece), found),
        Msg::Figure { path, found } => sound_view::figure(sound_view, &path, found),
        Msg::Report { matter, kind, text } => model.report(matter, kind, text),
        Msg::Logged(text) => log.add(now, Matter::Engine, Kind::Hint, &text, None),
        Msg::Engines(names) => model.engines = names,
        Msg::Settings(changes) => {
            model.notify(Kind::Hint, changes.words());
            effects.push(Effect::Settings(changes));
        }
        Msg::Themes => effects.push(Effect::Themes),
        Msg::Notice { kind, text } => model.notify(kind, text),
        Msg::Tick { now } => tick(model, model.now.max(now), effects),
    }
}

/// What time alone changes.
fn tick(model: &mut Model, now: Duration, effects: &mut Vec<Effect>) {
    model.now = now;
    model.notice.take_if(|notice| notice.is_over(now));
    model.auto.expire(now);
    ending::trim(&mut model.filling());
    player::mend_gap(&mut model.deck(), effects);
    moved::give_up(&mut model.deck(), effects);
    if model.order.is_bedtime(now)
        && let Some(said) = playback::doze(&mut model.play, effects)
    {
        model.notify(Kind::Hint, said);
    }
    save(model, effects);
}

/// Saves the session when it changed, at most once every [`SAVE`]. If only the place changed, saves that alone, which
/// costs the same for a queue of any length.
fn save(model: &mut Model, effects: &mut Vec<Effect>) {
    let due = model.saved.as_ref().is_none_or(|saved| model.now.saturating_sub(saved.at) >= SAVE);
    // A session in which nothing was queued yet is not saved; an emptied queue is.
    let untouched = model.saved.is_none() && model.play.state == State::Stopped && model.queue.is_empty();
    // Until the store is open, another player may own it, and with it the session.
    if !due || untouched || !model.opened {
        return;
    }
    let (mut session, revision) = (model.session_without_items(), model.queue.revision());
    let place = session.take_place();
    match &model.saved {
        Some(saved) if saved.revision == revision && saved.session == session => {
            if saved.place == place {
                return;
            }
            effects.push(Effect::SavePlace(Box::new(place.clone())));
        }
        _ => effects.push(Effect::Save(Box::new(model.saving()))),
    }
    model.saved = Some(Saved { revision, session, place, at: model.now });
}

#[cfg(test)]
mod tests;
