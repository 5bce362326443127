//! The user's answers to proposals: keep, not this, not this artist, less of this; each can be taken back. What follows
//! is chosen again at once.

use crate::latent::named;
use crate::library::journal::{Event, Verdict};
use crate::queue::{Item, Origin, Queue, Repeat};

use super::super::action::{Answer, Entry};
use super::super::effect::Effect;
use super::super::state::auto::AutoQueue;
use super::super::state::model::Model;
use super::super::state::undo::Undo;
use super::meant::{items_or_playing, titles};
use super::{playback, taste};

/// Carries an answer out.
pub(super) fn act(model: &mut Model, answer: Answer, effects: &mut Vec<Effect>) -> Result<(), String> {
    let first = effects.len();
    let Model { queue, auto, undo, .. } = model;
    match answer {
        Answer::Keep(entries) => {
            let said = keep(queue, auto, undo, &entries, effects)?;
            model.say(said);
        }
        Answer::Not(entries) => refuse(model, &entries, effects)?,
        Answer::NotArtist(entry) => leave_out(model, entry, effects)?,
        Answer::AllArtists => {
            undo.remember("all artists again".into(), queue, &auto.unwanted);
            auto.unwanted.artists.clear();
            auto.replace();
            model.say("every artist may come again");
        }
        Answer::Less(dim, entry) => {
            let dim = match dim {
                Some(dim) => dim,
                None => strongest(queue, entry)?,
            };
            undo.remember(format!("less of {}", named::label(dim)), queue, &auto.unwanted);
            effects.push(Effect::Note(Event::TasteLess { dim: dim + 1 }));
            auto.replace();
            let off = if auto.taste { "" } else { " (but your taste is off: :taste on)" };
            model.say(format!("less of {}{off}; u takes it back", named::label(dim)));
        }
    }
    model.undo.note_judged(taste::judgements(&effects[first..]));
    Ok(())
}

/// Takes the last answer back: the items ahead stand there again, except those that were played meanwhile.
pub(super) fn undo(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    let (before, last) = model.undo.pop().ok_or("there is no answer to take back")?;
    // Automatic items come back only where the queue fills itself, and consumed ones were heard.
    let fills = model.auto.on && model.order.modes.repeat != Repeat::All;
    let consumed = |i: &Item| model.order.modes.consume && model.heard.contains(&i.song.track);
    let ahead = before.ahead.into_iter().filter(|i| (fills || i.origin == Origin::Hand) && !consumed(i)).collect();
    model.queue.set_ahead(ahead, before.newest);
    // Files may have moved or gone since.
    model.queue.look_up(&model.catalog, model.play.is_open());
    for (serial, origin) in before.origins {
        model.queue.set_origin(serial, origin);
    }
    model.auto.unwanted = before.unwanted;
    // What was asked for after the answer is no longer wanted.
    model.auto.withdraw();
    // Only the last judgement can be taken back; one that others followed stays, and weighs little.
    if last {
        effects.extend((0..before.judged).map(|_| Effect::Note(Event::TasteUndone)));
    }
    let stays = if last || before.judged == 0 { "" } else { "; what was learned from it stays" };
    model.say(format!("taken back: {}{stays}", before.what));
    Ok(())
}

fn keep(
    queue: &mut Queue,
    auto: &AutoQueue,
    undo: &mut Undo,
    entries: &[Entry],
    effects: &mut Vec<Effect>,
) -> Result<String, String> {
    let items = items_or_playing(queue, entries)?;
    let automatic: Vec<&Item> = items.iter().filter(|i| i.origin != Origin::Hand).collect();
    if automatic.is_empty() {
        return Err("that is yours already: keep is for tracks marked ~".into());
    }
    let what = titles(items.iter().map(|i| &i.song));
    undo.remember(format!("keep {what}"), queue, &auto.unwanted);
    for item in &automatic {
        effects.push(Effect::Note(Event::Kept { track: item.song.track }));
        effects.extend(taste::judge_pick(auto, queue, item, Verdict::Kept));
    }
    undo.note_origins(automatic.iter().map(|i| (i.serial, i.origin.clone())).collect());
    items.iter().for_each(|item| queue.set_origin(item.serial, Origin::Hand));
    let goes_by = if auto.following.is_none() { "; what follows goes by it too" } else { "" };
    Ok(format!("{what} is yours now{goes_by}"))
}

fn refuse(model: &mut Model, entries: &[Entry], effects: &mut Vec<Effect>) -> Result<(), String> {
    let items = items_or_playing(&model.queue, entries)?;
    let what = format!("not {}", titles(items.iter().map(|i| &i.song)));
    model.say(format!("{what}; u takes it back"));
    model.undo.remember(what, &model.queue, &model.auto.unwanted);
    model.auto.refuse(items.iter().map(|i| i.song.track));
    let serials: Vec<u64> = items.iter().map(|i| i.serial).collect();
    playback::take_out(model, &serials, Verdict::Refused, effects);
    model.auto.replace();
    Ok(())
}

fn leave_out(model: &mut Model, entry: Option<Entry>, effects: &mut Vec<Effect>) -> Result<(), String> {
    let items = items_or_playing(&model.queue, entry.as_slice())?;
    let artist = items.first().map(|i| i.song.artist().to_string()).filter(|a| !a.is_empty());
    let artist = artist.ok_or("that track names no artist")?;
    model.say(format!("no more {artist} tonight; u takes it back"));
    model.undo.remember(format!("no more {artist}"), &model.queue, &model.auto.unwanted);
    let lower = artist.to_lowercase();
    // The user's own tracks stay: they were asked for by name.
    let theirs = |i: &&Item| i.origin != Origin::Hand && i.song.artist().to_lowercase() == lower;
    let playing = model.queue.playing().filter(theirs).map(|i| i.serial);
    let serials: Vec<u64> = model.queue.ahead().iter().filter(theirs).map(|i| i.serial).chain(playing).collect();
    // An artist who is not wanted tonight is no judgement of these tracks.
    let noted = effects.len();
    playback::take_out(model, &serials, Verdict::Removed, effects);
    let mut at = 0;
    effects.retain(|e| {
        at += 1;
        at <= noted || !matches!(e, Effect::Note(Event::Removed { .. } | Event::Judged { .. }))
    });
    model.auto.leave_out(lower, model.now);
    model.auto.replace();
    Ok(())
}

/// The dimension that spoke most for a pick.
fn strongest(queue: &Queue, entry: Option<Entry>) -> Result<u8, String> {
    let items = items_or_playing(queue, entry.as_slice())?;
    let most = items.iter().find_map(|i| match &i.origin {
        Origin::Auto(why) => why.dims.first().map(|&(dim, _)| dim.saturating_sub(1)),
        Origin::Hand => None,
    });
    most.ok_or_else(|| "no dimension spoke for that track: name one, like less tempo".into())
}
