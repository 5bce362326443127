//! Carries out what was commanded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::audio::Command;
use crate::library::Song;
use crate::library::journal::{Event, Verdict};
use crate::queue::{Origin, Queue, SignatureEngine};
use crate::track::TrackId;

use super::super::action::{Action, Amount, Entry, parse};
use super::super::effect::Effect;
use super::super::state::model::{Model, Renewal, State};
use super::{answers, autoqueue, course, filter, modes, mood, playback, playlist, signature, sounding, taste};

/// Parses and carries out a line; what is wrong with it becomes a notice.
pub(super) fn command(model: &mut Model, line: &str, selected: &[Arc<Song>], effects: &mut Vec<Effect>) {
    let chosen = hands(&model.queue);
    let action = parse(line);
    // The tail that an answer's undoing brings back was chosen for the playlist that it brings back.
    let undone = action == Ok(Action::Undo);
    let outcome = action.and_then(|action| act(model, action, selected, effects));
    if let Err(why) = outcome {
        model.complain(why);
    }
    // A saved signature does not change with the playlist.
    if !undone && model.auto.following.is_none() && hands(&model.queue) != chosen {
        autoqueue::replace(model);
    }
}

/// The hand-added tracks: what a command changes here changes the signature.
fn hands(queue: &Queue) -> Vec<TrackId> {
    queue.items().iter().filter(|i| i.origin == Origin::Hand).map(|i| i.song.track).collect()
}

fn act(model: &mut Model, action: Action, selected: &[Arc<Song>], effects: &mut Vec<Effect>) -> Result<(), String> {
    match action {
        Action::Play(path) => play(model, path, selected, effects)?,
        Action::Toggle if model.play.state == State::Playing => pause(model, effects),
        Action::Toggle => go_on(model, effects)?,
        Action::Pause => pause(model, effects),
        Action::Stop => {
            playback::leave(model, false, effects);
            playback::halt(model, effects);
        }
        Action::Next => next(model, effects)?,
        Action::Previous => previous(model, effects)?,
        Action::Seek(to) => seek(model, to, effects)?,
        Action::Sound(action) => sounding::act(model, action, effects)?,
        Action::Enqueue(path) => {
            let songs = songs(model, path, selected)?;
            playlist::kept(model, &songs, effects);
            answers::welcome(model, &songs);
            model.say(format!("{} added", count(songs.len(), "track")));
            model.queue.append(songs);
            modes::added(model);
        }
        Action::EnqueueNext(path) => {
            let songs = songs(model, path, selected)?;
            playlist::kept(model, &songs, effects);
            answers::welcome(model, &songs);
            model.say(format!("{} come next", count(songs.len(), "track")));
            model.queue.insert_next(songs);
        }
        Action::Remove(entries) => remove(model, &entries, effects)?,
        Action::Jump(entry) => {
            let serial = serial(&model.queue, entry)?;
            if let Some(item) = model.queue.get(serial).filter(|i| i.away) {
                return Err(format!("{}: the library does not have its file (yet)", item.song.title()));
            }
            playback::leave(model, false, effects);
            model.queue.jump(serial);
            playback::start(model, effects);
        }
        Action::Clear => {
            // What plays or is held goes on; after `stop` nothing does, and the queue is to be empty.
            if model.play.state == State::Stopped {
                model.queue.reset();
            }
            model.queue.clear();
            model.undo.clear();
            model.say("the queue is cleared");
        }
        Action::Mode(mode) => modes::set(model, mode),
        Action::Move(from, to) => {
            let (from, to) = (serial(&model.queue, from)?, serial(&model.queue, to)?);
            model.queue.move_before(from, to);
        }
        Action::Sort(keys) => playlist::sort(model, &keys),
        Action::Playlist(action) => playlist::act(model, action, selected, effects)?,
        Action::Write(file, over) => playlist::write(model, file, over, effects)?,
        Action::Rate(rating) => playlist::rate(model, rating, selected, effects)?,
        Action::Love => playlist::love(model, selected, effects)?,
        Action::Answer(answer) => answers::act(model, answer, effects)?,
        Action::Undo => answers::undo(model, effects)?,
        Action::Auto(on) => auto(model, on.unwrap_or(!model.auto.on)),
        Action::Engine(None) => model.say(format!("engine: {}", model.auto.engine)),
        Action::Engine(Some(name)) => engine(model, name)?,
        Action::Signature(action) => signature::act(model, action, selected, effects)?,
        Action::Course(action) => course::act(model, action, selected, effects)?,
        Action::Blend(action) => course::act_on_blend(model, action, selected, effects)?,
        Action::Mood(action) => mood::act(model, action, effects)?,
        Action::Dims(dim) => signature::dims(dim, effects),
        Action::Taste(action) => taste::act(model, &action, effects),
        Action::Filter(text) => {
            filter::set(model, &text, effects);
            if let Some(fault) = model.filter.fault.clone() {
                return Err(fault);
            }
        }
        Action::Duplicates => effects.push(Effect::Duplicates),
        Action::Rescan => {
            model.say("looking for changes in the music directory");
            effects.push(Effect::Rescan);
        }
        Action::Theme(None) => model.say(format!("themes: {}", model.themes.join(", "))),
        Action::Theme(Some(name)) => effects.push(Effect::Theme(name)),
        Action::Quit => {
            playback::leave(model, false, effects);
            effects.push(Effect::Save(Box::new(model.session())));
            effects.push(Effect::Quit);
        }
        Action::Screen(name, argument) => effects.push(Effect::Screen(name, argument)),
    }
    Ok(())
}

fn play(
    model: &mut Model,
    path: Option<PathBuf>,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    if path.is_none() && selected.is_empty() {
        return go_on(model, effects);
    }
    let songs = songs(model, path, selected)?;
    playback::play_now(model, songs, effects);
    Ok(())
}

fn pause(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.play.state == State::Playing {
        model.play.state = State::Paused;
        effects.push(Effect::Player(Command::Pause));
    }
}

fn go_on(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    sounding::woken(model);
    let state = model.play.state;
    match state {
        State::Playing => {}
        State::Paused => {
            model.play.state = State::Playing;
            effects.push(Effect::Player(Command::Resume));
        }
        State::Stopped if model.playing().is_some_and(|i| !i.away) || model.queue.step().is_some() => {
            playback::start(model, effects);
        }
        // At the end of the queue: the last track again.
        State::Stopped if back(model) => playback::start(model, effects),
        State::Stopped if !model.queue.is_empty() => {
            return Err("nothing in the queue can be played: the library does not have the files (yet)".into());
        }
        State::Stopped => return Err("the queue is empty: choose a track in the library and press enter".into()),
    }
    Ok(())
}

fn next(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    let ahead = model.queue.ahead();
    if ahead.iter().all(|i| i.away) && !modes::goes_round(model) {
        let why = match (model.asking(), ahead.is_empty()) {
            (true, _) => "still listening for what fits",
            (false, true) => "nothing comes next",
            (false, false) => "nothing that comes next is there: the library does not have the files (yet)",
        };
        return Err(why.into());
    }
    taste::passed_over(model, effects);
    playback::leave(model, false, effects);
    playback::advance(model, effects);
    Ok(())
}

fn previous(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    playback::leave(model, false, effects);
    // Before the first there is only its beginning.
    if !back(model) && model.playing().is_none_or(|i| i.away) {
        return Err("nothing was played before".into());
    }
    playback::start(model, effects);
    Ok(())
}

/// Goes back to what was played before and is there. False, and no change, where there is none.
fn back(model: &mut Model) -> bool {
    let before = model.queue.played().iter().rev().find(|i| !i.away).map(|i| i.serial);
    before.is_some_and(|serial| model.queue.jump(serial).is_some())
}

fn seek(model: &mut Model, to: Amount<f64>, effects: &mut Vec<Effect>) -> Result<(), String> {
    if model.play.state == State::Stopped {
        return Err("nothing plays".into());
    }
    let length = model.duration();
    let target = match to {
        Amount::To(secs) => secs,
        Amount::By(secs) => model.play.position + secs,
    };
    let end = if length > 0.0 { length } else { f64::MAX };
    model.play.position = target.clamp(0.0, end);
    effects.push(Effect::Player(Command::Seek(model.play.position)));
    Ok(())
}

fn remove(model: &mut Model, entries: &[Entry], effects: &mut Vec<Effect>) -> Result<(), String> {
    if entries.is_empty() {
        return Err("remove wants numbers of tracks ahead, like 3; in the queue, D removes the selection".into());
    }
    // All numbers are meant as they stood before the first was taken out.
    let serials: Vec<u64> = entries.iter().map(|e| serial(&model.queue, *e)).collect::<Result<_, _>>()?;
    take_out(model, &serials, Verdict::Removed, effects);
    Ok(())
}

/// Takes items out of the queue; the music goes on with what follows.
pub(super) fn take_out(model: &mut Model, serials: &[u64], verdict: Verdict, effects: &mut Vec<Effect>) {
    let current = model.queue.playing().is_some_and(|i| serials.contains(&i.serial));
    if current {
        playback::leave(model, false, effects);
    }
    for serial in serials {
        let gone = model.queue.remove(*serial).filter(|item| item.origin != Origin::Hand);
        if let Some(item) = gone {
            effects.push(Effect::Note(Event::Removed { track: item.song.track }));
            taste::judge_pick(model, &item, verdict, effects);
        }
    }
    if current && model.play.state == State::Playing {
        playback::advance(model, effects);
    } else if current {
        playback::halt(model, effects);
    }
}

fn auto(model: &mut Model, on: bool) {
    model.auto.on = on;
    if on {
        autoqueue::replace(model);
        model.say("the queue fills itself");
    } else {
        model.auto.course = None;
        model.auto.pending = None;
        model.auto.renewal = Renewal::No;
        model.play.starved = false;
        model.queue.clear_auto();
        model.say("the queue holds only what you add");
    }
}

fn engine(model: &mut Model, name: String) -> Result<(), String> {
    if !model.engines.is_empty() && !model.engines.contains(&name) {
        return Err(format!("no engine '{name}'; there are: {}", model.engines.join(", ")));
    }
    model.say(format!("engine: {name}"));
    // Whether another one can propose anything is known when it has tried.
    if name != SignatureEngine::NAME {
        model.outcomes.await_picks();
    }
    model.auto.engine = name;
    autoqueue::replace(model);
    Ok(())
}

/// The songs a command is about: those at a path, else the selected ones.
fn songs(model: &Model, path: Option<PathBuf>, selected: &[Arc<Song>]) -> Result<Vec<Arc<Song>>, String> {
    let Some(path) = path else {
        return if selected.is_empty() { Err("no track is selected".into()) } else { Ok(selected.to_vec()) };
    };
    if let Some(song) = model.catalog.of_path(&path) {
        return Ok(vec![song.clone()]);
    }
    let under: Vec<_> = model.catalog.songs().iter().filter(|s| s.path.starts_with(&path)).cloned().collect();
    // A relative path that names one directory or file of the library is plain enough.
    let under = if under.is_empty() { ending_with(model, &path) } else { under };
    if under.is_empty() {
        return Err(format!("the library has nothing at {}", path.display()));
    }
    Ok(under)
}

fn ending_with(model: &Model, path: &Path) -> Vec<Arc<Song>> {
    let Some(music) = &model.music else { return Vec::new() };
    let whole = music.join(path);
    model.catalog.songs().iter().filter(|s| s.path.starts_with(&whole)).cloned().collect()
}

pub(super) fn serial(queue: &Queue, entry: Entry) -> Result<u64, String> {
    match entry {
        Entry::Nth(n) => queue.ahead().get(n - 1).map(|i| i.serial).ok_or_else(|| match queue.ahead().len() {
            0 => "nothing is ahead in the queue".to_string(),
            last => format!("the queue has no track {n}: they count from 1 to {last}"),
        }),
        Entry::Serial(serial) => {
            queue.get(serial).map(|i| i.serial).ok_or_else(|| "that track left the queue".to_string())
        }
    }
}

pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
