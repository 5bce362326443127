//! Carries commands out.

use std::sync::Arc;

use crate::library::Song;
use crate::library::journal::Verdict;
use crate::library::playlist::sort;
use crate::queue::SignatureEngine;

use super::super::action::{Action, Amount, parse};
use super::super::effect::Effect;
use super::super::state::model::Model;
use super::super::state::playback::State;
use super::meant::{self, count};
use super::{answers, course, filter, modes, mood, playback, playlist, signature, sounding, taste};

/// Parses and carries out a line; what is wrong with it becomes a notice.
pub(super) fn command(model: &mut Model, line: &str, selected: &[Arc<Song>], effects: &mut Vec<Effect>) {
    let chosen = model.queue.chosen();
    let action = parse(line);
    // The items ahead that `undo` brings back were chosen for the playlist that it brings back.
    let undone = action == Ok(Action::Undo);
    match action.and_then(|action| act(model, action, selected, effects)) {
        Ok(Some(said)) => model.say(said),
        Ok(None) => {}
        Err(why) => model.complain(why),
    }
    // The playlist changed, and with it its signature; a saved signature does not.
    if !undone && model.auto.following.is_none() && model.queue.chosen() != chosen {
        model.auto.replace();
    }
}

/// Carries an action out. What to say, where it was not said already.
fn act(
    model: &mut Model,
    action: Action,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, String> {
    let Model { queue, play, order, auto, catalog, .. } = model;
    let said: String = match action {
        Action::Play(None) if selected.is_empty() => return go_on(model, effects),
        Action::Play(path) => {
            let songs = meant::songs(catalog, model.music.as_deref(), path, selected)?;
            playback::play_now(model, songs, effects);
            return Ok(None);
        }
        Action::Toggle if play.state != State::Playing => return go_on(model, effects),
        Action::Toggle | Action::Pause => {
            effects.extend(play.pause().map(Effect::Player));
            return Ok(None);
        }
        Action::Stop => {
            playback::leave(model, false, effects);
            playback::halt(&mut model.play, effects);
            return Ok(None);
        }
        Action::Next => return next(model, effects),
        Action::Previous => return previous(model, effects),
        Action::Seek(_) if play.state == State::Stopped => return Err("nothing plays".into()),
        Action::Seek(to) => {
            let length = play.duration(queue.playing().map_or(0.0, |i| i.song.secs));
            let target = match to {
                Amount::To(secs) => secs,
                Amount::By(secs) => play.position + secs,
            };
            effects.push(Effect::Player(play.seek(target, length)));
            return Ok(None);
        }
        Action::Sound(action) => return sounding::act(model, action, effects),
        Action::Enqueue(path) => {
            let songs = meant::songs(catalog, model.music.as_deref(), path, selected)?;
            let said = format!("{} added", count(songs.len(), "track"));
            playlist::kept(auto, queue, &songs, effects);
            auto.welcome(&songs);
            queue.append(songs);
            order.added(queue);
            said
        }
        Action::EnqueueNext(path) => {
            let songs = meant::songs(catalog, model.music.as_deref(), path, selected)?;
            let said = format!("{} come next", count(songs.len(), "track"));
            playlist::kept(auto, queue, &songs, effects);
            auto.welcome(&songs);
            queue.insert_next(songs);
            said
        }
        Action::Remove(entries) if entries.is_empty() => {
            return Err("remove wants numbers of tracks ahead, like 3; in the queue, D removes the selection".into());
        }
        Action::Remove(entries) => {
            let serials = meant::serials(queue, &entries)?;
            playback::take_out(model, &serials, Verdict::Removed, effects);
            return Ok(None);
        }
        Action::Jump(entry) => {
            let serial = meant::serial(queue, entry)?;
            if let Some(item) = queue.get(serial).filter(|i| i.away) {
                return Err(format!("{}: the library does not have its file (yet)", item.song.title()));
            }
            playback::leave(model, false, effects);
            model.queue.jump(serial);
            playback::load(model, 0.0, false, effects);
            return Ok(None);
        }
        Action::Clear => {
            // The current track goes on; after `stop` there is none, and the queue is to be empty.
            if play.state == State::Stopped {
                queue.reset();
            }
            queue.clear();
            model.undo.clear();
            "the queue is cleared".into()
        }
        Action::Mode(mode) => modes::set(order, queue, auto, mode).into(),
        Action::Move(from, to) => {
            let (from, to) = (meant::serial(queue, from)?, meant::serial(queue, to)?);
            queue.move_before(from, to);
            return Ok(None);
        }
        Action::Sort(keys) => {
            queue.sort_ahead(|a, b| sort::compare(a, b, &keys));
            return Ok(None);
        }
        Action::Playlist(action) => {
            playlist::act(queue, &model.language, action, selected, effects)?;
            return Ok(None);
        }
        Action::Write(file, over) => {
            effects.push(playlist::write(queue, file, over)?);
            return Ok(None);
        }
        Action::Rate(rating) => playlist::rate(queue, rating, selected, effects)?,
        Action::Love => playlist::love(queue, &model.tallies, selected, effects)?,
        Action::Answer(answer) => {
            answers::act(model, answer, effects)?;
            return Ok(None);
        }
        Action::Undo => {
            answers::undo(model, effects)?;
            return Ok(None);
        }
        Action::Auto(on) => {
            let on = on.unwrap_or(!auto.on);
            auto.switch(on, queue);
            play.starved &= on;
            if on { "the queue fills itself".into() } else { "the queue holds only what you add".into() }
        }
        Action::Engine(None) => format!("engine: {}", auto.engine),
        Action::Engine(Some(name)) if !model.engines.is_empty() && !model.engines.contains(&name) => {
            return Err(format!("no engine '{name}'; there are: {}", model.engines.join(", ")));
        }
        Action::Engine(Some(name)) => {
            // Whether another engine can propose anything is known when it has tried.
            if name != SignatureEngine::NAME {
                model.outcomes.await_picks();
            }
            auto.engine.clone_from(&name);
            auto.replace();
            format!("engine: {name}")
        }
        Action::Signature(action) => return signature::act(auto, queue, action, selected, effects),
        Action::Course(action) => return course::act(model, action, selected, effects),
        Action::Blend(action) => return course::act_on_blend(auto, queue, action, selected, effects),
        Action::Mood(action) => return mood::act(auto, queue, &model.saved_signatures, action, effects),
        Action::Dims(dim) => {
            signature::dims(dim, effects);
            return Ok(None);
        }
        Action::Taste(action) => return Ok(taste::act(auto, &action, effects).map(Into::into)),
        Action::Filter(text) => {
            if model.filter.set(&text, &model.language) {
                effects.push(filter::ask(model));
            }
            return model.filter.fault.clone().map_or(Ok(None), Err);
        }
        Action::Duplicates => {
            effects.push(Effect::Duplicates);
            return Ok(None);
        }
        Action::Rescan => {
            effects.push(Effect::Rescan);
            "looking for changes in the music directory".into()
        }
        Action::Theme(None) => format!("themes: {}", model.themes.join(", ")),
        Action::Theme(Some(name)) => {
            effects.push(Effect::Theme(name));
            return Ok(None);
        }
        Action::Quit => {
            playback::leave(model, false, effects);
            effects.push(Effect::Save(Box::new(model.saving())));
            effects.push(Effect::Quit);
            return Ok(None);
        }
        Action::Screen(name, argument) => {
            effects.push(Effect::Screen(name, argument));
            return Ok(None);
        }
    };
    Ok(Some(said))
}

fn go_on(model: &mut Model, effects: &mut Vec<Effect>) -> Result<Option<String>, String> {
    // A sleep timer that ran out meanwhile is over.
    model.order.is_bedtime(model.now);
    match model.play.state {
        State::Playing => {}
        State::Paused => effects.extend(model.play.resume().map(Effect::Player)),
        // At the end of the queue: the last track again.
        State::Stopped
            if model.playing().is_some_and(|i| !i.away)
                || model.queue.step().is_some()
                || model.queue.previous().is_some() =>
        {
            playback::load(model, 0.0, false, effects);
        }
        State::Stopped if !model.queue.is_empty() => {
            return Err("nothing in the queue can be played: the library does not have the files (yet)".into());
        }
        State::Stopped => return Err("the queue is empty: choose a track in the library and press enter".into()),
    }
    Ok(None)
}

fn next(model: &mut Model, effects: &mut Vec<Effect>) -> Result<Option<String>, String> {
    let ahead = model.queue.ahead();
    if ahead.iter().all(|i| i.away) && !model.order.goes_round(&model.queue) {
        let why = match (model.asking(), ahead.is_empty()) {
            (true, _) => "still listening for what fits",
            (false, true) => "nothing comes next",
            (false, false) => "nothing that comes next is there: the library does not have the files (yet)",
        };
        return Err(why.into());
    }
    effects.extend(taste::passed_over(model));
    playback::leave(model, false, effects);
    playback::go_on(model, false, effects);
    Ok(None)
}

fn previous(model: &mut Model, effects: &mut Vec<Effect>) -> Result<Option<String>, String> {
    playback::leave(model, false, effects);
    // Before the first there is only its beginning.
    if model.queue.previous().is_none() && model.playing().is_none_or(|i| i.away) {
        return Err("nothing was played before".into());
    }
    playback::load(model, 0.0, false, effects);
    Ok(None)
}
