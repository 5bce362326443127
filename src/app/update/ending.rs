//! The end of the queue: `:length` and `:until` fill it only so far, and playback ends with it.

use std::sync::Arc;
use std::time::Duration;

use crate::library::Song;
use crate::queue::limits::Tail;
use crate::queue::{Item, Origin, Why};

use super::super::effect::Effect;
use super::super::state::auto::Renewal;
use super::super::state::bounds::{Bounds, Ending, Until};
use super::super::state::filling::Filling;

/// Less than so many seconds are not worth a track.
const LEAST: f64 = 60.0;
/// The time left may change by so many seconds before it is tried again to fill it, or an item that was filled in leaves.
const SLACK: f64 = 30.0;
/// The last session's end by the clock counts if it is no farther away than so many seconds; else it is over.
const SOON: f64 = 12.0 * 3600.0;
/// So many seconds a clock may be set back.
const SET: f64 = 2.0 * 3600.0;
/// An end that is off by less than so many seconds is right.
const NEAR: f64 = 2.0;
/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// How many seconds of music have room before the end of the queue, beside what plays and the items ahead that stay;
/// negative when these last longer. `None` where the queue does not end.
fn open(filling: &Filling<'_>, stays: impl Fn(&Item) -> bool, all: bool) -> Option<f64> {
    let Filling { queue, auto, play, now, .. } = filling;
    let left = auto.bounds.ending?.left(play.sounded, *now);
    let current = queue.playing().map_or(0.0, |_| (play.length(queue) - play.position).max(0.0));
    let ahead = match all {
        // Known without counting.
        true => queue.secs_ahead(),
        false => queue.ahead().iter().filter(|item| stays(item)).map(|item| item.song.secs).sum(),
    };
    Some(left - current - ahead)
}

/// Whether nothing more is to be added before the end of the queue, if it ends. `stays`: which items ahead count.
pub(super) fn is_full(filling: &Filling<'_>, stays: impl Fn(&Item) -> bool) -> bool {
    let all = filling.auto.renewal == Renewal::No;
    let filled = filling.auto.bounds.filled.map_or(f64::NEG_INFINITY, |secs| secs + SLACK);
    open(filling, stays, all).is_some_and(|open| open < LEAST || open <= filled)
}

/// Leaves out the picks that have no room before the end of the queue: one that ends nearer to it than the queue would
/// without it stays. `tail`: what they were picked to follow. Where one is missing, those behind it come nearer to what is in
/// front of it; what the limits then do not let follow is left out too.
pub(super) fn fit(
    filling: &mut Filling<'_>,
    stays: impl Fn(&Item) -> bool,
    mut tail: Tail,
    songs: &mut Vec<(Arc<Song>, Why)>,
) {
    let Some(room) = open(filling, stays, false) else { return };
    let offered = !songs.is_empty();
    let in_order = filling.auto.is_in_order(filling.queue) || songs.iter().any(|(_, why)| why.ordered);
    let (mut left, mut missing) = (room, false);
    songs.retain(|(song, _)| {
        let fits = song.secs / 2.0 <= left && (!missing || tail.allows(song, false));
        if fits {
            left -= song.secs;
            tail.follow(song);
        } else if in_order {
            // What comes later would stand in the place of a step that is missing.
            left = f64::NEG_INFINITY;
        }
        missing |= !fits;
        fits
    });
    filling.auto.bounds.filled = (offered && songs.is_empty()).then_some(room);
}

/// Takes automatic items off the end of the queue that have no room before it any more: it was paused, or is to end sooner.
pub(super) fn trim(filling: &mut Filling<'_>) {
    filling.auto.bounds.forget(filling.play.sounded, filling.now);
    while let Some(open) = open(filling, |_| true, true) {
        let last = filling.queue.ahead().last().filter(|item| item.origin != Origin::Hand);
        let Some((serial, secs)) = last.map(|item| (item.serial, item.song.secs)) else { return };
        if open >= -secs / 2.0 - SLACK {
            return;
        }
        filling.queue.remove(serial);
    }
}

/// Whether the queue has ended as it was to; then it has no end set any more. To be called after the player was stopped,
/// which says that no picks are waited for.
pub(super) fn is_over(filling: &mut Filling<'_>) -> bool {
    let over = filling.queue.ahead().is_empty() && is_full(filling, |_| true);
    if over {
        filling.auto.bounds.end(None);
        filling.auto.bounds.over = true;
        filling.auto.withdraw();
        filling.auto.short = None;
    }
    over
}

/// Lets the queue end then: what has no room before the end leaves. Returns the change and what to say.
pub(in crate::app) fn set(filling: &mut Filling<'_>, ending: Option<Ending>) -> (String, String) {
    let before = filling.auto.bounds.ending;
    filling.auto.bounds.end(ending);
    filling.auto.short = None;
    trim(filling);
    said(filling, before)
}

/// Asks again how long it is until the end, if the queue ends by the clock: the time since the start stands still while the
/// computer sleeps, and clocks are set.
pub(super) fn ask_again(bounds: &Bounds) -> Option<Effect> {
    match bounds.ending? {
        Ending::Clock { minute, .. } => Some(Effect::Until { minute, asked: Until::Known }),
        Ending::Heard(_) => None,
    }
}

/// The clock says that it is so many seconds until a time of day. Corrects the end of the queue if it ends then, or sets
/// it if the last session's was to end then: the answer to [`ask_again`] and to `update::resume`.
pub(super) fn clock_told(filling: &mut Filling<'_>, minute: u16, secs: f64) {
    if let Some(ending @ Ending::Clock { minute: own, .. }) = filling.auto.bounds.ending
        && own == minute
    {
        let left = ending.left(filling.play.sounded, filling.now);
        // The clock tells when it is that time next. Where that is much later than was expected, it has just been.
        let secs = if secs > left + SET { secs - DAY } else { secs };
        if (secs - left).abs() < NEAR {
            return;
        }
        let off = Duration::try_from_secs_f64(secs.abs()).unwrap_or_default();
        let at = if secs < 0.0 { filling.now.saturating_sub(off) } else { filling.now + off };
        filling.auto.bounds.ending = Some(Ending::Clock { at, minute });
        return trim(filling);
    }
    let waits = filling.auto.bounds.resumed.take() == Some(minute);
    if waits && secs <= SOON {
        filling.auto.bounds.end(Some(at(filling.now, minute, secs)));
        trim(filling);
    }
}

/// An end at a time of day, so many seconds from now.
pub(in crate::app) fn at(now: Duration, minute: u16, secs: f64) -> Ending {
    Ending::Clock { at: now + Duration::try_from_secs_f64(secs).unwrap_or_default(), minute }
}

/// The name of the step, and what to say; `before`: the end until then.
fn said(filling: &Filling<'_>, before: Option<Ending>) -> (String, String) {
    let bounds = &filling.auto.bounds;
    let Some(ending) = bounds.ending else {
        let by_clock = matches!(before, Some(Ending::Clock { .. }));
        let what = if by_clock { "until off" } else { "length off" };
        return (what.into(), "the queue goes on as before".into());
    };
    let words = bounds.end_words(filling.play.sounded, filling.now).unwrap_or_default();
    let over = open(filling, |_| true, true).filter(|open| *open < -LEAST);
    let hands = filling.queue.ahead().last().is_some_and(|item| item.origin == Origin::Hand);
    let said = match (ending, over.filter(|_| hands)) {
        (_, Some(over)) => {
            format!("{words}, but what you added lasts {} longer", crate::text::time(-over))
        }
        (Ending::Heard(_), None) => format!("{words}, and the music with it; :length off lets it go on"),
        (Ending::Clock { .. }, None) => format!("{words}, and the music with it; :until off lets it go on"),
    };
    (words, said)
}
