//! Automatic filling of the queue: asking an engine for picks, and queueing them.

use crate::analysis::Progress;
use crate::notice::Kind;
use crate::queue::limits::{Tail, WINDOW};
use crate::queue::{Item, Limits, Origin, Proposal, Repeat, Way};

use super::super::effect::Effect;
use super::super::state::auto::{FEW_AHEAD, Renewal, Short};
use super::super::state::filling::{Filling, Stock};
use super::super::state::log::Matter;
use super::super::state::model::Model;
use super::super::state::playback::State;
use super::ending;
use super::meant::count;
use crate::queue::Situation;
use crate::track::TrackId;

/// So many seconds before it plays, or fades in, the next item is settled: its file is opened and decoded then.
const SETTLED: f64 = 15.0;

/// Asks an engine for picks when too few items are ahead: one request at a time, and after an answer with too few picks
/// only once more songs or latents are known. Where the queue is to end, it is filled only so far.
pub(super) fn refill(filling: &mut Filling<'_>, stock: Stock<'_>, effects: &mut Vec<Effect>) {
    let auto = &mut *filling.auto;
    // A repeating queue needs nothing new, and before the store is open no latents are known.
    if !stock.opened || !auto.on || auto.pending.is_some() || filling.repeat == Repeat::All {
        return;
    }
    if auto.bounds.over && filling.play.state == State::Stopped {
        return;
    }
    auto.bounds.over = false;
    // Counted only now: this is asked with every message, while a queue may be long.
    let staying = Staying::of(filling);
    let (ahead, room) = (staying.ahead(filling), staying.room(filling, stock.progress));
    let room = if ending::is_full(filling, |item| staying.keeps(item)) { 0 } else { room };
    let heard = last_heard(&filling.auto.bounds.limits, stock.heard);
    let (auto, queue) = (&mut *filling.auto, &mut *filling.queue);
    let stale = auto.renewal != Renewal::No;
    let exhausted = auto.short.is_some_and(|short| {
        stock.catalog.len() <= short.songs && stock.progress.latents <= short.latents && heard == short.heard
    });
    if !stale && (ahead >= auto.refill || room == 0 || exhausted) {
        return;
    }
    if room == 0 {
        // The user added so many that there is no room for picks. What is only to be chosen again can stay.
        if std::mem::take(&mut auto.renewal) != Renewal::Freely {
            queue.clear_auto();
        }
        return;
    }
    let playlist = auto.anchor(queue);
    let situation = situation(filling, stock, staying, playlist);
    if situation.playlist.is_empty() {
        return;
    }
    let auto = &mut *filling.auto;
    auto.request += 1;
    auto.pending = Some((auto.request, filling.now));
    auto.asked = (room, stock.progress.latents, stock.progress.few);
    effects.push(Effect::Propose {
        request: auto.request,
        engine: auto.engine.clone(),
        situation: Box::new(situation),
        choice: auto.choice.clone(),
        want: room,
    });
}

/// The session as it is described to an engine when these items stay and this playlist is followed.
fn situation(filling: &Filling<'_>, stock: Stock<'_>, staying: Staying, mut playlist: Vec<TrackId>) -> Situation {
    let Filling { auto, queue, .. } = filling;
    let mut course = auto.course;
    if staying.renewal != Renewal::No
        && let Some(course) = &mut course
    {
        course.rewind();
    }
    if let Some(Way::Journey { from, .. }) = course.map(|c| c.way).filter(|_| playlist.is_empty()) {
        // A journey can start without a playlist.
        playlist.push(from);
    }
    Situation {
        playlist,
        playing: queue.playing().map(|i| i.song.track),
        ahead: queue.ahead().iter().filter(|i| staying.keeps(i)).map(|i| i.song.track).collect(),
        heard: stock.heard.to_vec(),
        refused: auto.unwanted.tracks.clone(),
        artists_off: auto.unwanted.artists.iter().map(|(artist, _)| artist.clone()).collect(),
        course,
        blend: auto.following.as_ref().and_then(|f| f.blend.clone()),
        taste: auto.taste,
        limits: auto.bounds.limits.clone(),
        picked: staying.picked(filling),
        staying: staying.sifted(filling),
    }
}

/// What an engine would be asked if all automatic items ahead were to be replaced now because this playlist is followed:
/// the session, and for how many picks there is room.
pub(super) fn outlook(filling: &Filling<'_>, stock: Stock<'_>, playlist: Vec<TrackId>) -> (Situation, usize) {
    let staying = Staying { renewal: Renewal::All, held: None };
    (situation(filling, stock, staying, playlist), staying.room(filling, stock.progress))
}

/// The items ahead that stay, whatever the picks are: automatic ones that are about to be replaced do not count.
#[derive(Clone, Copy)]
struct Staying {
    renewal: Renewal,
    /// The automatic item that stays although all others are chosen again: the next one, when it is about to play.
    held: Option<u64>,
}

impl Staying {
    fn of(filling: &Filling<'_>) -> Staying {
        let Filling { queue, auto, play, crossfade, .. } = filling;
        let renewal = auto.renewal;
        let margin = SETTLED + f64::from(*crossfade);
        let next = || queue.ahead().iter().find(|item| !item.away).map(|item| item.serial);
        let settled = renewal == Renewal::Freely && play.ends_within(margin, play.length(queue));
        Staying { renewal, held: if settled { next() } else { None } }
    }

    /// The automatic items that stay as far as the limits let them.
    fn sifted(self, filling: &Filling<'_>) -> Vec<TrackId> {
        if self.renewal != Renewal::Sift || filling.auto.is_in_order(filling.queue) {
            return Vec::new();
        }
        let automatic = filling.queue.ahead().iter().filter(|item| item.origin != Origin::Hand);
        automatic.map(|item| item.song.track).collect()
    }

    /// The automatic items that were played, play or stay, the latest last, as far as a limit asks for them.
    fn picked(self, filling: &Filling<'_>) -> Vec<TrackId> {
        if filling.auto.bounds.limits.shares.is_empty() {
            return Vec::new();
        }
        let queue = &*filling.queue;
        let ahead = queue.ahead().iter().rev().filter(|item| self.keeps(item));
        let latest = ahead.chain(queue.playing()).chain(queue.played().iter().rev());
        let automatic = latest.filter(|item| item.origin != Origin::Hand);
        let mut picked: Vec<TrackId> = automatic.take(WINDOW).map(|item| item.song.track).collect();
        picked.reverse();
        picked
    }

    fn keeps(self, item: &Item) -> bool {
        self.renewal == Renewal::No || item.origin == Origin::Hand || self.held == Some(item.serial)
    }

    /// Whether an item counts. Those whose files are missing do as well, since they may appear in a moment, unless
    /// playback has stopped for lack of others.
    fn counts(self, item: &Item, starved: bool) -> bool {
        self.keeps(item) && !(self.renewal == Renewal::No && starved && item.away)
    }

    fn ahead(self, filling: &Filling<'_>) -> usize {
        let (ahead, starved) = (filling.queue.ahead(), filling.play.starved);
        // Asked with every message, while a queue may be long.
        if self.renewal == Renewal::No && !starved {
            return ahead.len();
        }
        ahead.iter().filter(|item| self.counts(item, starved)).count()
    }

    /// How many picks there is room for. While few tracks are analysed, few items ahead are automatic.
    fn room(self, filling: &Filling<'_>, progress: &Progress) -> usize {
        let room = filling.auto.ahead.saturating_sub(self.ahead(filling));
        if room == 0 || !progress.few {
            return room;
        }
        let automatic = |item: &&Item| item.origin != Origin::Hand && self.counts(item, filling.play.starved);
        room.min(FEW_AHEAD.saturating_sub(filling.queue.ahead().iter().filter(automatic).count()))
    }
}

/// The last track heard, if what the limits let pass depends on it.
fn last_heard(limits: &Limits, heard: &[TrackId]) -> Option<TrackId> {
    heard.last().copied().filter(|_| limits.spacing.any() || limits.filtered())
}

/// Takes the picks of a request. Returns whether items were added.
pub(super) fn picks(model: &mut Model, request: u64, picks: Vec<Proposal>, note: Option<String>) -> bool {
    model.outcomes.picks_came(request, note.as_deref());
    // The answer to a withdrawn request is dropped.
    if model.auto.pending.take_if(|(number, _)| *number == request).is_none() {
        return false;
    }
    // An engine that crashed says nothing about which items the limits keep out.
    let unanswered = picks.is_empty() && note.is_none() && model.auto.bounds.scarce != request;
    if let Some(note) = note {
        // That nothing can be chosen yet is no news while tracks are being listened to, which the screen says.
        match picks.is_empty() && model.progress.is_growing() {
            true => model.log.add(model.now, Matter::Engine, Kind::Obstacle, &note, None),
            false => model.report(Matter::Engine, Kind::Obstacle, note),
        }
    }
    let (mut filling, stock) = model.picking();
    let added = queue_picks(&mut filling, stock, picks, unanswered);
    if added > 0 {
        let text = format!("{} proposed {}", model.auto.engine, count(added, "track"));
        model.log.add(model.now, Matter::Engine, Kind::Success, &text, None);
    }
    added > 0
}

/// Queues picks as far as they have room, in the place of the automatic items that are to be replaced. `unanswered`: no
/// picks came and no reason was given, as after a crash of the engine; then the items that the limits let stay do stay. Returns
/// how many were added.
fn queue_picks(filling: &mut Filling<'_>, stock: Stock<'_>, picks: Vec<Proposal>, unanswered: bool) -> usize {
    let in_order = filling.auto.is_in_order(filling.queue);
    let staying = Staying::of(filling);
    let room = staying.room(filling, stock.progress);
    let (auto, queue) = (&mut *filling.auto, &*filling.queue);
    let renewal = std::mem::take(&mut auto.renewal);
    let stale = renewal != Renewal::No;
    if stale && let Some(course) = &mut auto.course {
        course.rewind();
    }
    // What could have been replaced when the picks were asked for may have begun to play meanwhile, or be about to.
    let settled = [queue.playing(), staying.held.and_then(|serial| queue.get(serial))];
    let chosen_again = matches!(renewal, Renewal::Freely | Renewal::Sift);
    let settled = settled.map(|item| item.filter(|_| chosen_again).map(|item| item.song.track));
    let mut songs: Vec<_> = picks
        .into_iter()
        .filter(|pick| !settled.contains(&Some(pick.id)))
        .filter_map(|p| stock.catalog.of_track(p.id).map(|song| (song.clone(), p.why)))
        .take(room)
        .collect();
    // More room than was asked for says nothing about how many there are.
    let (want, latents, few) = auto.asked;
    let heard = last_heard(&auto.bounds.limits, stock.heard);
    let short = Short { songs: stock.catalog.len(), latents: stock.progress.latents, heard };
    auto.short = (songs.len() < room.min(want)).then_some(short);
    if filling.auto.bounds.ending.is_some() {
        let tail = Tail::of(stock.catalog, &situation(filling, stock, staying, Vec::new()));
        ending::fit(filling, |item| staying.keeps(item), tail, &mut songs);
    }
    let (auto, queue) = (&mut *filling.auto, &mut *filling.queue);
    (auto.chosen_from, auto.chosen_from_few) = (latents, few);
    let added = songs.len();
    let came = added > 0;
    if came {
        auto.picked_for = Some(auto.follows());
    }
    if let Some(course) = &mut auto.course {
        course.note(songs.iter().map(|(song, why)| (song.track, why)));
    }
    match renewal {
        Renewal::Better => queue.renew_auto(songs),
        Renewal::Freely if came => queue.choose_again(songs, staying.held),
        // Without picks, the old items are kept.
        Renewal::Freely => {}
        // What the limits keep out is not known.
        Renewal::Sift if unanswered => {}
        Renewal::Sift if in_order => {
            queue.clear_auto();
            queue.append_auto(songs);
        }
        Renewal::Sift => queue.sift_auto(songs),
        Renewal::All if came => {
            queue.clear_auto();
            queue.append_auto(songs);
        }
        Renewal::All | Renewal::No => queue.append_auto(songs),
    }
    if came && matches!(renewal, Renewal::Better | Renewal::Freely) {
        keep_apart(filling, stock, staying);
    }
    added
}

/// Keeps the items ahead to the limits after better ones took the places of some: they were picked without regard to those
/// between which they stand now.
fn keep_apart(filling: &mut Filling<'_>, stock: Stock<'_>, staying: Staying) {
    let limits = &filling.auto.bounds.limits;
    if !limits.spacing.any() && limits.shares.is_empty() {
        return;
    }
    // The player may have opened the next one already.
    let next = || filling.queue.ahead().first().map(|item| item.serial);
    let held = if staying.renewal == Renewal::Better { next() } else { staying.held };
    let mut before = situation(filling, stock, Staying { held: None, ..staying }, Vec::new());
    before.ahead.clear();
    filling.queue.keep_apart(Tail::of(stock.catalog, &before), held);
}

/// The limits leave too little for a request: said once for the same limits, then only kept in the log.
pub(super) fn scarce(model: &mut Model, request: u64, text: &str) {
    match model.auto.note_scarce(request) {
        Some(true) => model.report(Matter::Engine, Kind::Obstacle, text),
        Some(false) => model.log.add(model.now, Matter::Engine, Kind::Obstacle, text, None),
        None => {}
    }
}
