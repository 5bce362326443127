//! The play queue: played, current and upcoming items. Only the data structure; which tracks to add
//! is decided elsewhere.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::library::Song;
use crate::track::TrackId;

use super::items::Items;
use super::{Item, Origin, Why};

/// Maximum number of played items; beyond it the oldest are dropped, automatic ones first.
pub const HISTORY: usize = 500;

/// Played, current and upcoming items in one list: `items[..at]` were played, `items[at]` is
/// current if `live`, and the rest is upcoming.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub(super) items: Items,
    pub(super) at: usize,
    pub(super) live: bool,
    serial: u64,
    /// Tracks chosen by hand whose items were consumed; they still belong to the playlist.
    consumed: Vec<TrackId>,
    pub(super) edits: u64,
    /// The value of `edits` at which the fingerprint of the tracks chosen by hand was computed, and
    /// the fingerprint.
    chosen: Option<(u64, u64)>,
    /// Cached duration of the upcoming items in seconds, after the revision and the front that it
    /// was computed for.
    lasts: Cell<Option<(u64, usize, f64)>>,
}

impl Queue {
    /// Builds a queue from the parts of a saved session: items with their origins, how many of them
    /// were played, and whether the one after those is the current one.
    pub fn from_parts(parts: Vec<(Arc<Song>, Origin)>, played: usize, live: bool) -> Queue {
        let mut queue = Queue::default();
        for (song, origin) in parts {
            let item = queue.item(song, origin);
            queue.items.push(item);
        }
        queue.at = played.min(queue.items.len());
        queue.live = live && queue.at < queue.items.len();
        queue
    }

    /// All items: played, current, upcoming.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Total duration of the upcoming items in seconds, cached until the queue changes.
    pub fn secs_ahead(&self) -> f64 {
        let (revision, front) = (self.revision(), self.front());
        match self.lasts.get() {
            Some((of, from, secs)) if of == revision && from == front => secs,
            _ => {
                let secs = self.ahead().iter().map(|i| i.song.secs).sum();
                self.lasts.set(Some((revision, front, secs)));
                secs
            }
        }
    }

    /// Changes whenever [`Self::items`] may have changed.
    pub fn revision(&self) -> u64 {
        self.items.revision()
    }

    /// The index of the current item in [`Self::items`].
    pub fn current(&self) -> Option<usize> {
        self.live.then_some(self.at)
    }

    /// The current item.
    pub fn playing(&self) -> Option<&Item> {
        self.current().and_then(|i| self.items.get(i))
    }

    /// The items before the current one.
    pub fn played(&self) -> &[Item] {
        &self.items[..self.at]
    }

    /// The items after the current one.
    pub fn ahead(&self) -> &[Item] {
        &self.items[self.front()..]
    }

    /// Changes whenever items are added, removed, reordered or given another origin, but not when
    /// another item becomes the current one.
    pub fn edits(&self) -> u64 {
        self.edits
    }

    /// Hash of the tracks added by hand, in their order. Cached until the next edit, since
    /// computing it takes time proportional to the queue's length.
    pub fn chosen(&mut self) -> u64 {
        match self.chosen {
            Some((edits, chosen)) if edits == self.edits => chosen,
            _ => {
                let mut hasher = DefaultHasher::new();
                self.items.iter().filter(|i| i.origin == Origin::Hand).for_each(|i| i.song.track.0.hash(&mut hasher));
                let chosen = hasher.finish();
                self.chosen = Some((self.edits, chosen));
                chosen
            }
        }
    }

    /// Whether the queue has no items.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds songs by hand after the last upcoming item added by hand, before the automatic ones
    /// that follow.
    pub fn append(&mut self, songs: Vec<Arc<Song>>) {
        let hands = self.ahead().iter().rposition(|i| i.origin == Origin::Hand).map_or(0, |i| i + 1);
        let place = self.front() + hands;
        self.insert(place, songs);
    }

    /// Adds songs by hand directly after the current item.
    pub fn insert_next(&mut self, songs: Vec<Arc<Song>>) {
        self.insert(self.front(), songs);
    }

    /// Adds an engine's picks at the end.
    pub fn append_auto(&mut self, picks: Vec<(Arc<Song>, Why)>) {
        self.edits += 1;
        for (song, why) in picks {
            let item = self.item(song, Origin::Auto(why));
            self.items.push(item);
        }
    }

    /// Removes an item. If it was the current one, none is current until [`Self::next`], which then
    /// gives the item after it.
    pub fn remove(&mut self, serial: u64) -> Option<Item> {
        let index = self.index(serial)?;
        self.edits += 1;
        if index < self.at {
            self.at -= 1;
        } else if index == self.at {
            self.live = false;
        }
        Some(self.items.remove(index))
    }

    /// Makes any item the current one; the items in between become played, or upcoming again when
    /// going back.
    pub fn jump(&mut self, serial: u64) -> Option<&Item> {
        self.at = self.index(serial)?;
        self.live = true;
        self.trim();
        self.playing()
    }

    /// Advances to the item after the current one; `None` at the end, and then none is current.
    #[allow(clippy::should_implement_trait, reason = "a queue is no iterator: it also goes back")]
    pub fn next(&mut self) -> Option<&Item> {
        self.at = self.front().min(self.items.len());
        self.live = self.at < self.items.len();
        self.trim();
        self.playing()
    }

    /// Goes back to the last played item whose file is available; `None`, without a change, when
    /// there is none.
    pub fn previous(&mut self) -> Option<&Item> {
        self.at = self.played().iter().rposition(|i| !i.away)?;
        self.live = true;
        self.playing()
    }

    /// Moves an upcoming item to the place of another one: in front of it when moving up, behind it
    /// when moving down. A moved item counts as chosen by hand. Returns false when either is not
    /// upcoming.
    pub fn move_before(&mut self, from: u64, to: u64) -> bool {
        let front = self.front();
        let (Some(from), Some(to)) = (self.index(from), self.index(to)) else { return false };
        if from < front || to < front {
            return false;
        }
        self.edits += 1;
        let mut item = self.items.remove(from);
        item.origin = Origin::Hand;
        self.items.insert(to, item);
        true
    }

    /// Stably sorts the upcoming items that were chosen by hand; the automatic ones stay where they
    /// are.
    pub fn sort_ahead<K: Ord>(&mut self, key: impl Fn(&Song) -> K) {
        self.edits += 1;
        let front = self.front();
        let places: Vec<usize> = (front..self.items.len()).filter(|&i| self.items[i].origin == Origin::Hand).collect();
        let mut items: Vec<Item> = places.iter().map(|&i| self.items[i].clone()).collect();
        items.sort_by_cached_key(|i| key(&i.song));
        for (place, item) in places.into_iter().zip(items) {
            self.items[place] = item;
        }
    }

    /// Removes everything but the current item, which keeps playing.
    pub fn clear(&mut self) {
        self.edits += 1;
        *self.items = match self.current() {
            Some(i) => vec![self.items.swap_remove(i)],
            None => Vec::new(),
        };
        self.at = 0;
        self.consumed.clear();
    }

    /// Removes the played items, except those skipped because their files were missing. Removed
    /// items that were chosen by hand still belong to the playlist.
    pub fn consume(&mut self) {
        if self.played().iter().all(|i| i.away) {
            return;
        }
        self.edits += 1;
        let ahead = self.items.split_off(self.at);
        let (away, played): (Vec<Item>, Vec<Item>) = std::mem::take(&mut *self.items).into_iter().partition(|i| i.away);
        self.consumed.extend(played.iter().filter(|i| i.origin == Origin::Hand).map(|i| i.song.track));
        let extra = self.consumed.len().saturating_sub(HISTORY);
        self.consumed.drain(..extra);
        self.at = away.len();
        *self.items = away;
        self.items.extend(ahead);
    }

    /// Tracks chosen by hand that were consumed, the latest last.
    pub fn consumed(&self) -> &[TrackId] {
        &self.consumed
    }

    /// Restores the consumed tracks of an earlier session.
    pub fn set_consumed(&mut self, tracks: Vec<TrackId>) {
        self.consumed = tracks;
    }

    /// Removes everything, including the current item. Serial numbers are not reused.
    pub fn reset(&mut self) {
        self.edits += 1;
        self.items.clear();
        self.consumed.clear();
        (self.at, self.live) = (0, false);
    }

    /// Removes the upcoming automatic items.
    pub fn clear_auto(&mut self) {
        self.edits += 1;
        let front = self.front();
        let mut index = 0;
        self.items.retain(|item| {
            index += 1;
            index <= front || item.origin == Origin::Hand
        });
    }

    /// The newest serial number.
    pub fn newest(&self) -> u64 {
        self.serial
    }

    /// Sets the origin of an item.
    pub fn set_origin(&mut self, serial: u64, origin: Origin) {
        if let Some(index) = self.index(serial) {
            self.edits += 1;
            self.items[index].origin = origin;
        }
    }

    /// Updates the upcoming automatic items to newer picks. The next item stays, because the player
    /// may already have it open, and items that were picked again stay in place with their new
    /// reason. The others are replaced, in order, by the new picks.
    pub fn renew_auto(&mut self, picks: Vec<(Arc<Song>, Why)>) {
        self.edits += 1;
        let front = self.front();
        let mut ahead = self.items.split_off(front);
        let again: HashSet<TrackId> = picks.iter().map(|(song, _)| song.track).collect();
        let standing: HashSet<TrackId> = ahead.iter().map(|i| i.song.track).collect();
        let mut reasons: HashMap<TrackId, Why> = HashMap::new();
        let mut fresh = Vec::new();
        for (song, why) in picks {
            if standing.contains(&song.track) {
                reasons.insert(song.track, why);
            } else {
                fresh.push((song, why));
            }
        }
        let mut fresh = fresh.into_iter();
        let mut kept = Vec::with_capacity(ahead.len());
        for (place, mut item) in ahead.drain(..).enumerate() {
            let stays = place == 0 || item.origin == Origin::Hand || again.contains(&item.song.track);
            if stays {
                if let (Origin::Auto(why), Some(new)) = (&mut item.origin, reasons.remove(&item.song.track)) {
                    *why = new;
                }
                kept.push(item);
            } else if let Some((song, why)) = fresh.next() {
                kept.push(self.item(song, Origin::Auto(why)));
            }
        }
        self.items.extend(kept);
        // The next item, if not picked again, occupies one of the places.
        let held = self.ahead().first().is_some_and(|i| i.origin != Origin::Hand && !again.contains(&i.song.track));
        let rest: Vec<_> = fresh.collect();
        let room = rest.len().saturating_sub(usize::from(held));
        self.append_auto(rest.into_iter().take(room).collect());
    }

    /// The playlist, from which the signature is made: the tracks added by hand, whether upcoming,
    /// played or consumed, without duplicates and in order; the playing track when there are none.
    pub fn playlist(&self) -> Vec<TrackId> {
        let mut seen = HashSet::new();
        let hands = self.items.iter().filter(|i| i.origin == Origin::Hand).map(|i| i.song.track);
        let chosen: Vec<TrackId> = self.consumed.iter().copied().chain(hands).filter(|t| seen.insert(*t)).collect();
        if chosen.is_empty() { self.playing().map(|i| i.song.track).into_iter().collect() } else { chosen }
    }

    /// The item with a serial number.
    pub fn get(&self, serial: u64) -> Option<&Item> {
        self.index(serial).and_then(|i| self.items.get(i))
    }

    /// All items for reordering, and the index of the first upcoming one.
    pub(super) fn parts(&mut self) -> (&mut [Item], usize) {
        self.edits += 1;
        let front = self.front();
        (&mut self.items, front)
    }

    /// Replaces all items by these, all of them upcoming.
    pub(super) fn restart(&mut self, items: Vec<Item>) {
        self.edits += 1;
        *self.items = items;
        (self.at, self.live) = (0, false);
    }

    /// Index of the first upcoming item.
    pub(super) fn front(&self) -> usize {
        self.at + usize::from(self.live)
    }

    /// Index of an item. Searches from the current item on first, where most lookups succeed.
    fn index(&self, serial: u64) -> Option<usize> {
        let (played, rest) = self.items.split_at(self.at);
        let here = |i: &Item| i.serial == serial;
        rest.iter().position(here).map(|i| self.at + i).or_else(|| played.iter().rposition(here))
    }

    pub(super) fn item(&mut self, song: Arc<Song>, origin: Origin) -> Item {
        self.serial += 1;
        Item { serial: self.serial, song, origin, away: false }
    }

    fn insert(&mut self, place: usize, songs: Vec<Arc<Song>>) {
        self.edits += 1;
        let items: Vec<Item> = songs.into_iter().map(|song| self.item(song, Origin::Hand)).collect();
        self.items.splice(place..place, items);
    }

    /// Limits the number of played items. Automatic ones are dropped first, since those added by
    /// hand define the playlist.
    pub(super) fn trim(&mut self) {
        let extra = self.at.saturating_sub(HISTORY);
        if extra == 0 {
            return;
        }
        let mut automatic = self.played().iter().filter(|i| i.origin != Origin::Hand).count().min(extra);
        let mut by_hand = extra - automatic;
        self.items.retain(|item| {
            let left = if item.origin == Origin::Hand { &mut by_hand } else { &mut automatic };
            let leaves = *left > 0;
            *left -= usize::from(leaves);
            !leaves
        });
        self.edits += 1;
        self.at -= extra;
    }
}

#[cfg(test)]
mod tests;
