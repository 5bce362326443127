//! The user's answers to proposals: keep, not this, not this artist, count a dimension less.

use super::row::{ENTRIES, Row, Takes, free, row};
use super::words::{Entry, Wanted, dimension, entries, entry, or_selected};
use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::state::auto::AutoQueue;
use crate::app::update::meant::{items_or_playing, titles};
use crate::app::update::{playback, taste};
use crate::describe::short;
use crate::library::journal::{Event, Verdict};
use crate::queue::{Item, Origin, Queue};
use std::time::Duration;

/// The user's answer to a proposed track; without an entry, to the selected one, or else the playing one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerAction {
    /// Keep it as if the user had added it.
    Keep(Vec<Entry>),
    /// Take it out and do not propose it again.
    Not(Vec<Entry>),
    /// Propose nothing by its artist for a while.
    NotArtist(Option<Entry>),
    /// Propose all artists again.
    AllArtists,
    /// Give a dimension less weight; if none is named, the one with the largest share in the pick.
    Less(Option<Wanted>, Option<Entry>),
}

impl AnswerAction {
    /// The same action applied to the selected items if it names none.
    pub fn about(self, items: &[u64]) -> AnswerAction {
        let first = || items.first().map(|serial| Entry::Serial(*serial));
        match self {
            AnswerAction::Keep(entries) => AnswerAction::Keep(or_selected(entries, items)),
            AnswerAction::Not(entries) => AnswerAction::Not(or_selected(entries, items)),
            AnswerAction::NotArtist(entry) => AnswerAction::NotArtist(entry.or_else(first)),
            AnswerAction::Less(dim, entry) => AnswerAction::Less(dim, entry.or_else(first)),
            AnswerAction::AllArtists => self,
        }
    }
}

/// The commands.
pub const ROWS: &[Row<AnswerAction>] = &[
    row("keep", ENTRIES, "make an automatic track your own: what follows goes by it too", |t| {
        Ok(AnswerAction::Keep(
            entries(t.rest).ok_or_else(|| Refusal::wants("keep", "numbers of tracks ahead, like 3"))?,
        ))
    })
    .takes(Takes::Proposals),
    row("not", ENTRIES, "not this: takes a track out and does not bring it again", |t| {
        Ok(AnswerAction::Not(entries(t.rest).ok_or_else(|| Refusal::wants("not", "numbers of tracks ahead, like 3"))?))
    })
    .takes(Takes::Proposals),
    row("not-artist", free("[N|off]"), "nothing more by this artist tonight; off: all again", |t| {
        match entries(t.rest).as_deref() {
            _ if t.rest == "off" => Ok(AnswerAction::AllArtists),
            Some([]) => Ok(AnswerAction::NotArtist(None)),
            Some([one]) => Ok(AnswerAction::NotArtist(Some(*one))),
            _ => Err(Refusal::wants("not-artist", "the number of a track ahead, like 3, or off")),
        }
    })
    .takes(Takes::Proposal),
    row("less", free("[DIM]"), "count a dimension less: less tempo; alone: the one that spoke most", |t| less(t.rest))
        .takes(Takes::Proposal),
];

/// `tempo`, `7`, `tempo #12`, `#12` or nothing.
fn less(text: &str) -> Result<AnswerAction, Refusal> {
    let (serials, words): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|w| w.starts_with('#'));
    let wants = || Refusal::wants("less", "one dimension, like 7 or tempo");
    let about = match serials.as_slice() {
        [] => None,
        [one] => Some(entry(one).ok_or_else(wants)?),
        _ => return Err(wants()),
    };
    let dim = dimension(&words.join(" ")).map_err(|why| if words.len() > 1 { wants() } else { why })?;
    Ok(AnswerAction::Less(dim, about))
}

/// Carries a command out.
pub(super) fn act(
    model: &mut Model,
    action: AnswerAction,
    selected: &[u64],
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    let stood = model.stand().with(&model.auto.unwanted);
    let Model { queue, auto, .. } = model;
    let what = match action.about(selected) {
        AnswerAction::Keep(entries) => {
            let (what, said) = keep(queue, auto, &entries, effects)?;
            model.say(said);
            what
        }
        AnswerAction::Not(entries) => {
            let (serials, what) = refuse(queue, auto, &entries)?;
            model.say(format!("{what}; u takes it back"));
            playback::take_out(&mut model.deck(), &serials, Verdict::Refused, effects);
            what
        }
        AnswerAction::NotArtist(entry) => {
            let (serials, what) = leave_out(queue, auto, entry, model.now)?;
            model.say(format!("{what} tonight; u takes it back"));
            let mut taken = Vec::new();
            playback::take_out(&mut model.deck(), &serials, Verdict::Removed, &mut taken);
            // Refusing an artist for tonight is no judgement of these tracks.
            taken.retain(|e| !matches!(e, Effect::Note(Event::Removed { .. } | Event::Judged { .. })));
            effects.extend(taken);
            what
        }
        AnswerAction::AllArtists => {
            if !auto.unwanted.artists.is_empty() {
                auto.unwanted.artists.clear();
                auto.replace();
            }
            model.say("every artist may come again");
            "all artists again".into()
        }
        AnswerAction::Less(dim, entry) => {
            let dim = match dim {
                Some(wanted) => wanted.find(&model.names)?.dim,
                None => strongest(queue, entry)?,
            };
            let what = short::between(model.cards.as_deref(), dim, &model.names.label(dim));
            effects.push(Effect::Note(Event::TasteLess { dim: dim + 1 }));
            auto.replace();
            let off = if auto.taste { "" } else { " (but your taste is off: :taste on)" };
            model.say(format!("{what} counts less{off}; u takes it back"));
            format!("{what} counts less")
        }
    };
    model.undo.push_queue(what, stood);
    Ok(())
}

fn keep(
    queue: &mut Queue,
    auto: &AutoQueue,
    entries: &[Entry],
    effects: &mut Vec<Effect>,
) -> Result<(String, String), Refusal> {
    let items = items_or_playing(queue, entries)?;
    let automatic: Vec<&Item> = items.iter().filter(|i| i.origin != Origin::Hand).collect();
    if automatic.is_empty() {
        return Err(Refusal::NothingTo("that is yours already: keep is for tracks marked ~"));
    }
    let what = titles(items.iter().map(|i| &i.song));
    for item in &automatic {
        effects.push(Effect::Note(Event::Kept { track: item.song.track }));
        effects.extend(taste::judge_pick(auto, queue, item, Verdict::Kept));
    }
    items.iter().for_each(|item| queue.set_origin(item.serial, Origin::Hand));
    let goes_by = if auto.following.is_none() { "; what follows goes by it too" } else { "" };
    Ok((format!("keep {what}"), format!("{what} is yours now{goes_by}")))
}

fn refuse(queue: &Queue, auto: &mut AutoQueue, entries: &[Entry]) -> Result<(Vec<u64>, String), Refusal> {
    let items = items_or_playing(queue, entries)?;
    let what = format!("not {}", titles(items.iter().map(|i| &i.song)));
    auto.refuse(items.iter().map(|i| i.song.track));
    auto.replace();
    Ok((items.iter().map(|i| i.serial).collect(), what))
}

fn leave_out(
    queue: &Queue,
    auto: &mut AutoQueue,
    entry: Option<Entry>,
    now: Duration,
) -> Result<(Vec<u64>, String), Refusal> {
    let items = items_or_playing(queue, entry.as_slice())?;
    let artist = items.first().map(|i| i.song.artist().to_string()).filter(|a| !a.is_empty());
    let artist = artist.ok_or(Refusal::impossible("that track names no artist"))?;
    let lower = artist.to_lowercase();
    // Tracks that the user added stay.
    let theirs = |i: &&Item| i.origin != Origin::Hand && i.song.artist().to_lowercase() == lower;
    let playing = queue.playing().filter(theirs).map(|i| i.serial);
    let serials = queue.ahead().iter().filter(theirs).map(|i| i.serial).chain(playing).collect();
    auto.leave_out(lower, now);
    auto.replace();
    Ok((serials, format!("no more {artist}")))
}

/// The dimension with the largest share in a pick, counted from 0.
fn strongest(queue: &Queue, entry: Option<Entry>) -> Result<u8, Refusal> {
    let items = items_or_playing(queue, entry.as_slice())?;
    let most = items.iter().find_map(|i| match &i.origin {
        Origin::Auto(why) => why.dims.first().map(|&(dim, _)| dim.saturating_sub(1)),
        Origin::Hand => None,
    });
    most.ok_or_else(|| Refusal::impossible("no dimension spoke for that track: name one, like less tempo"))
}
