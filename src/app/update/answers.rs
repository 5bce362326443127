//! What the user says to a proposal: keep, not this, not this artist, less of this; each can be taken back. The tail is
//! chosen anew at once.

use std::sync::Arc;
use std::time::Duration;

use crate::latent::named;
use crate::library::Song;
use crate::library::journal::{Event, Verdict};
use crate::queue::{Item, Origin, Repeat};
use crate::track::TrackId;

use super::super::action::{Answer, Entry};
use super::super::effect::Effect;
use super::super::state::model::Model;
use super::{autoqueue, commands, taste};

/// An artist who is not wanted stays away so long: for the night.
pub const NIGHT: Duration = Duration::from_secs(12 * 3600);
/// So many answers can be taken back.
const UNDOS: usize = 50;
/// So many refused tracks are remembered.
const REFUSED: usize = 1000;

/// What the user does not want to hear.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unwanted {
    /// Tracks that are not proposed again until they are asked for by hand.
    pub tracks: Vec<TrackId>,
    /// Artists, and until when (time since the start).
    pub artists: Vec<(String, Duration)>,
}

/// How things stood before an answer.
#[derive(Clone, Debug)]
pub struct Before {
    /// The answer, in words.
    what: String,
    ahead: Vec<Item>,
    /// The newest item of the queue then.
    newest: u64,
    /// Items that the answer makes the user's own, and what they were.
    origins: Vec<(u64, Origin)>,
    unwanted: Unwanted,
    /// How many things it said of the user's taste.
    judged: usize,
    /// How many had been said in all.
    said: i64,
}

/// Carries an answer out.
pub(super) fn act(model: &mut Model, answer: Answer, effects: &mut Vec<Effect>) -> Result<(), String> {
    let first = effects.len();
    carry_out(model, answer, effects)?;
    let judged = of_taste(&effects[first..]);
    let said = model.said + judged as i64;
    if let Some(before) = model.undo.last_mut() {
        (before.judged, before.said) = (judged, said);
    }
    Ok(())
}

/// How many of these say something of the user's taste.
pub(super) fn of_taste(effects: &[Effect]) -> usize {
    let is_one = |effect: &Effect| matches!(effect, Effect::Note(event) if event.is_of_taste());
    effects.iter().filter(|e| if let Effect::For { effect, .. } = e { is_one(effect) } else { is_one(e) }).count()
}

/// Something went into the journal; `jukebox taste` in another terminal writes there too.
pub(super) fn noted(model: &mut Model, event: &Event) {
    if !event.is_of_taste() {
        return;
    }
    match model.unnoted.checked_sub(1) {
        Some(left) => model.unnoted = left,
        None => model.said += 1,
    }
}

fn carry_out(model: &mut Model, answer: Answer, effects: &mut Vec<Effect>) -> Result<(), String> {
    match answer {
        Answer::Keep(entries) => keep(model, &entries, effects),
        Answer::Not(entries) => refuse(model, &entries, effects),
        Answer::NotArtist(entry) => leave_out(model, entry, effects),
        Answer::AllArtists => {
            remember(model, "all artists again".into());
            model.auto.unwanted.artists.clear();
            autoqueue::replace(model);
            model.say("every artist may come again");
            Ok(())
        }
        Answer::Less(dim, entry) => less(model, dim, entry, effects),
    }
}

/// Takes the last answer back: what was ahead stands there again, but for what has been played meanwhile.
pub(super) fn undo(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    let before = model.undo.pop().ok_or("there is no answer to take back")?;
    // What goes by itself comes back only where the queue fills itself, and what was consumed was heard.
    let fills = model.auto.on && model.modes.repeat != Repeat::All;
    let consumed = |i: &Item| model.modes.consume && model.heard.contains(&i.song.track);
    let ahead = before.ahead.into_iter().filter(|i| (fills || i.origin == Origin::Hand) && !consumed(i)).collect();
    model.queue.set_ahead(ahead, before.newest);
    // Files may have moved or gone since.
    super::moved::look_up(model);
    for (serial, origin) in before.origins {
        model.queue.set_origin(serial, origin);
    }
    model.auto.unwanted = before.unwanted;
    // What was asked for after the answer is no longer wanted.
    autoqueue::withdraw(model);
    // Only the last judgement can be taken back; one that others followed stays, and weighs little.
    let last = before.said == model.said;
    if last {
        effects.extend((0..before.judged).map(|_| Effect::Note(Event::TasteUndone)));
        // As many were said as before the answer; the ones taken back here are counted with the other effects.
        model.said = before.said - 2 * before.judged as i64;
    }
    let stays = if last || before.judged == 0 { "" } else { "; what was learned from it stays" };
    model.say(format!("taken back: {}{stays}", before.what));
    Ok(())
}

/// What the user asks for by hand is no longer refused.
pub(super) fn welcome(model: &mut Model, songs: &[Arc<Song>]) {
    model.auto.unwanted.tracks.retain(|track| !songs.iter().any(|song| song.track == *track));
}

/// Forgets artists whose night is over.
pub(super) fn forgive(model: &mut Model) {
    let now = model.now;
    model.auto.unwanted.artists.retain(|(_, until)| *until > now);
}

fn keep(model: &mut Model, entries: &[Entry], effects: &mut Vec<Effect>) -> Result<(), String> {
    let items = meant(model, entries)?;
    let automatic: Vec<&Item> = items.iter().filter(|i| i.origin != Origin::Hand).collect();
    if automatic.is_empty() {
        return Err("that is yours already: keep is for tracks marked ~".into());
    }
    remember(model, format!("keep {}", titles(&items)));
    for item in &automatic {
        effects.push(Effect::Note(Event::Kept { track: item.song.track }));
        taste::judge_pick(model, item, Verdict::Kept, effects);
    }
    if let Some(before) = model.undo.last_mut() {
        before.origins = automatic.iter().map(|i| (i.serial, i.origin.clone())).collect();
    }
    let goes_by = if model.auto.following.is_none() { "; what follows goes by it too" } else { "" };
    model.say(format!("{} is yours now{goes_by}", titles(&items)));
    items.iter().for_each(|item| model.queue.set_origin(item.serial, Origin::Hand));
    Ok(())
}

fn refuse(model: &mut Model, entries: &[Entry], effects: &mut Vec<Effect>) -> Result<(), String> {
    let items = meant(model, entries)?;
    remember(model, format!("not {}", titles(&items)));
    let refused = &mut model.auto.unwanted.tracks;
    refused.extend(items.iter().map(|i| i.song.track));
    refused.drain(..refused.len().saturating_sub(REFUSED));
    model.say(format!("not {}; u takes it back", titles(&items)));
    let serials: Vec<u64> = items.iter().map(|i| i.serial).collect();
    commands::take_out(model, &serials, Verdict::Refused, effects);
    autoqueue::replace(model);
    Ok(())
}

fn leave_out(model: &mut Model, entry: Option<Entry>, effects: &mut Vec<Effect>) -> Result<(), String> {
    let entries: Vec<Entry> = entry.into_iter().collect();
    let items = meant(model, &entries)?;
    let artist = items.first().map(|i| i.song.artist().to_string()).filter(|a| !a.is_empty());
    let artist = artist.ok_or("that track names no artist")?;
    remember(model, format!("no more {artist}"));
    let lower = artist.to_lowercase();
    let until = model.now + NIGHT;
    model.auto.unwanted.artists.retain(|(a, _)| *a != lower);
    model.auto.unwanted.artists.push((lower.clone(), until));
    // The user's own tracks stay: they were asked for by name.
    let theirs = |i: &&Item| i.origin != Origin::Hand && i.song.artist().to_lowercase() == lower;
    let playing = model.queue.playing().filter(theirs).map(|i| i.serial);
    let serials: Vec<u64> = model.queue.ahead().iter().filter(theirs).map(|i| i.serial).chain(playing).collect();
    model.say(format!("no more {artist} tonight; u takes it back"));
    // Whoever does not want the artist tonight says nothing against these tracks.
    let noted = effects.len();
    commands::take_out(model, &serials, Verdict::Removed, effects);
    let mut at = 0;
    effects.retain(|e| {
        at += 1;
        at <= noted || !matches!(e, Effect::Note(Event::Removed { .. } | Event::Judged { .. }))
    });
    autoqueue::replace(model);
    Ok(())
}

fn less(model: &mut Model, dim: Option<u8>, entry: Option<Entry>, effects: &mut Vec<Effect>) -> Result<(), String> {
    let dim = match dim {
        Some(dim) => dim,
        None => {
            let entries: Vec<Entry> = entry.into_iter().collect();
            let items = meant(model, &entries)?;
            let most = items.iter().find_map(|i| match &i.origin {
                Origin::Auto(why) => why.dims.first().map(|&(dim, _)| dim.saturating_sub(1)),
                Origin::Hand => None,
            });
            most.ok_or("no dimension spoke for that track: name one, like less tempo")?
        }
    };
    remember(model, format!("less of {}", named::label(dim)));
    effects.push(Effect::Note(Event::TasteLess { dim: dim + 1 }));
    let off = if model.auto.taste { "" } else { " (but your taste is off: :taste on)" };
    model.say(format!("less of {}{off}; u takes it back", named::label(dim)));
    autoqueue::replace(model);
    Ok(())
}

/// The items that an answer is about: those named, else the one that plays.
fn meant(model: &Model, entries: &[Entry]) -> Result<Vec<Item>, String> {
    if entries.is_empty() {
        let playing = model.queue.playing().cloned();
        return playing.map(|item| vec![item]).ok_or_else(|| "nothing plays: name a track ahead, like 3".into());
    }
    let serials: Vec<u64> = entries.iter().map(|e| commands::serial(&model.queue, *e)).collect::<Result<_, _>>()?;
    Ok(serials.iter().filter_map(|s| model.queue.get(*s).cloned()).collect())
}

fn remember(model: &mut Model, what: String) {
    let before = Before {
        what,
        ahead: model.queue.ahead().to_vec(),
        unwanted: model.auto.unwanted.clone(),
        judged: 0,
        said: model.said,
        newest: model.queue.newest(),
        origins: Vec::new(),
    };
    model.undo.push(before);
    let extra = model.undo.len().saturating_sub(UNDOS);
    model.undo.drain(..extra);
}

fn titles(items: &[Item]) -> String {
    match items {
        [one] => one.song.title(),
        many => commands::count(many.len(), "track"),
    }
}
