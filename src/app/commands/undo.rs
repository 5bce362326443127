//! `:undo`: undoes the last change.

use super::row::{Args, Row, row};
use crate::app::effect::{Effect, PlaylistOrder};
use crate::app::refusal::Refusal;
use crate::app::state::deck::Deck;
use crate::app::state::undo::{Before, Step, Stood};
use crate::app::state::{Model, State};
use crate::library::Catalog;
use crate::library::journal::{Entry, Event, Tallies};
use crate::queue::{Conditions, Repeat};
use crate::track::TrackId;

/// What the command asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoAction {
    /// Undo the last step.
    Last,
}

/// The command.
pub const ROWS: &[Row<UndoAction>] =
    &[row("undo", Args::None, "undo the last change of the queue, a rating, a saved list, or an answer", |_| {
        Ok(UndoAction::Last)
    })];

/// Carries the command out; what to say, unless a thread answers later.
pub(super) fn act(model: &mut Model, action: UndoAction, effects: &mut Vec<Effect>) -> Result<Option<String>, Refusal> {
    let UndoAction::Last = action;
    let (step, last) = model.undo.pop().ok_or(Refusal::NothingTo("there is nothing to undo"))?;
    let Step { what, before, judged, .. } = step;
    match before {
        Before::Queue(stood) => {
            let spent = model.undo.spent().to_vec();
            put_back(&mut model.deck(), *stood, &spent);
        }
        Before::Ratings(events) => rate(&model.catalog, &mut model.tallies, events, effects),
        Before::Files(step) => {
            effects.push(Effect::Playlists(PlaylistOrder::Undo { step, what }));
            return Ok(None);
        }
    }
    // Only the last judgements can be undone; others stay, and weigh little.
    if last {
        effects.extend((0..judged).map(|_| Effect::Note(Event::TasteUndone)));
    }
    let stays = if last || judged == 0 { "" } else { "; what was learned from it stays" };
    Ok(Some(format!("undone: {what}{stays}")))
}

/// Puts the queue back. The track that plays is not interrupted: if another one played before, that one comes next and
/// continues where it was left. Where the queue follows something else by now, automatic items do not come back but are
/// chosen anew. `spent`: the items that were consumed since the first step, by serial number and track.
fn put_back(deck: &mut Deck<'_>, stood: Stood, spent: &[(u64, TrackId)]) {
    let Deck { queue, play, order, auto, catalog, .. } = deck;
    let Stood { former, unwanted, bounds, shuffle, position, follows } = stood;
    if let Some(bounds) = bounds {
        auto.bounds.put_back(bounds);
    }
    let follows_the_same = auto.follows() == follows;
    let left = former.current().filter(|serial| queue.get(*serial).is_none());
    let how = Conditions {
        fills: auto.on && order.modes.repeat != Repeat::All && follows_the_same,
        ahead: auto.ahead,
        held: play.state != State::Stopped,
        consumes: order.modes.consume,
        spent,
    };
    queue.put_back(&former, &how);
    // Files may have been moved or deleted since.
    queue.look_up(catalog, play.is_open());
    order.set_shuffle(shuffle);
    if let Some(serial) = left.filter(|serial| position > 0.0 && queue.get(*serial).is_some()) {
        play.left = Some((serial, position));
    }
    if let Some(unwanted) = unwanted {
        auto.unwanted = unwanted;
    }
    // A request made after the change is obsolete, and that there were few picks for another playlist means nothing.
    auto.withdraw();
    auto.short = None;
    if !follows_the_same {
        auto.replace();
    }
}

/// Writes the former ratings.
fn rate(catalog: &Catalog, tallies: &mut Tallies, events: Vec<Event>, effects: &mut Vec<Effect>) {
    for mut event in events {
        event.renew(&|track| catalog.current(track));
        tallies.note(&Entry { at: 0, event: event.clone() });
        effects.push(Effect::Note(event));
    }
}
