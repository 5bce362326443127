//! Undo of changes of the queue: a queue as it was before a change, and how it is put back around what happened since.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::queue::Queue;
use super::{Item, Origin, Why};
use crate::library::Song;
use crate::track::TrackId;

/// An item as it was. An [`Item`] is large because of its reason, and a queue may hold many thousand items without one.
#[derive(Clone, Debug)]
struct Kept {
    serial: u64,
    song: Arc<Song>,
    why: Option<Box<Why>>,
}

impl Kept {
    fn of(item: &Item) -> Kept {
        let why = match &item.origin {
            Origin::Hand => None,
            Origin::Auto(why) => Some(Box::new(why.clone())),
        };
        Kept { serial: item.serial, song: item.song.clone(), why }
    }

    fn origin(&self) -> Origin {
        self.why.as_ref().map_or(Origin::Hand, |why| Origin::Auto((**why).clone()))
    }

    fn item(&self) -> Item {
        Item { serial: self.serial, song: self.song.clone(), origin: self.origin(), away: false }
    }
}

/// A queue as it was before a change.
#[derive(Clone, Debug)]
pub struct Former {
    items: Vec<Kept>,
    /// How many of the items were played.
    at: usize,
    /// Whether the item after those was the current one.
    live: bool,
    /// The newest serial number before the change.
    newest: u64,
    /// The newest serial number right after it: items between the two came with the change.
    until: u64,
    consumed: Vec<TrackId>,
}

/// What [`Queue::put_back`] has to respect.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// Whether automatic items may come back ahead.
    pub fills: bool,
    /// Automatic items picked since the change stay as long as no more items than this are ahead.
    pub ahead: usize,
    /// Whether the player holds the current item, which then stays the current one.
    pub held: bool,
    /// Whether played items leave the queue; then nothing comes back among them.
    pub consumes: bool,
    /// The items that were played and consumed since the change: serial numbers and tracks. They do not come back.
    pub spent: &'a [(u64, TrackId)],
}

/// The part of the queue to which an item comes back.
enum Part {
    Played,
    Current,
    Ahead,
}

impl Former {
    /// Marks the end of the change; items added later came since.
    pub fn close(&mut self, queue: &Queue) {
        self.until = queue.newest();
    }

    /// Whether the queue has the same items in the same order, by hand or automatic as they were.
    pub fn is_unchanged(&self, queue: &Queue) -> bool {
        let now = queue.items().iter().map(|item| (item.serial, item.origin == Origin::Hand));
        self.items.iter().map(|kept| (kept.serial, kept.why.is_none())).eq(now) && self.consumed == queue.consumed()
    }

    /// The serial number of the item that was the current one.
    pub fn current(&self) -> Option<u64> {
        self.items.get(self.at).filter(|_| self.live).map(|kept| kept.serial)
    }

    /// Where the item at an index belongs; `reached` is the largest index of an item that is now played or current.
    fn part(&self, index: usize, reached: Option<usize>, how: &Conditions<'_>) -> Part {
        match () {
            () if index < self.at => Part::Played,
            () if index > self.at || !self.live => Part::Ahead,
            () if !how.held => Part::Current,
            // Playback went on within the former queue: what was the current item lies behind it.
            () if reached.is_some_and(|reached| reached > index) && !how.consumes => Part::Played,
            () => Part::Ahead,
        }
    }
}

/// What is ahead now, compared with a former queue.
#[derive(Default)]
struct Since {
    /// Items of the former queue, by serial number.
    standing: HashMap<u64, Item>,
    /// Items added by hand since: before all that stand, after the last one by hand, or behind a certain one.
    first: Vec<Item>,
    last: Vec<Item>,
    behind: HashMap<u64, Vec<Item>>,
    /// Items picked since.
    picked: Vec<Item>,
}

impl Since {
    /// Drops the items that came with the change. `known` has the indices of the former items by serial number.
    fn new(ahead: Vec<Item>, former: &Former, known: &HashMap<u64, usize>) -> Since {
        let stands = |item: &&Item| known.contains_key(&item.serial);
        let last_hand = ahead.iter().filter(stands).rfind(|i| i.origin == Origin::Hand).map(|i| i.serial);
        let mut since = Since::default();
        let mut before = None;
        for item in ahead.into_iter().filter(|i| i.serial <= former.newest || i.serial > former.until) {
            if known.contains_key(&item.serial) {
                before = Some(item.serial);
                since.standing.insert(item.serial, item);
            } else if item.origin != Origin::Hand {
                since.picked.push(item);
            } else {
                match before {
                    None => since.first.push(item),
                    Some(_) if before == last_hand => since.last.push(item),
                    Some(serial) => since.behind.entry(serial).or_default().push(item),
                }
            }
        }
        since
    }

    /// Adds what came since to the items that come back or stand, of which at most `most` are to be ahead.
    fn join(self, coming: Vec<Item>, most: usize) -> Vec<Item> {
        let Since { first, last, mut behind, picked, .. } = self;
        let mut ahead = first;
        for item in coming {
            let followers = behind.remove(&item.serial).unwrap_or_default();
            ahead.push(item);
            ahead.extend(followers);
        }
        let hands = ahead.iter().rposition(|i| i.origin == Origin::Hand).map_or(0, |i| i + 1);
        ahead.splice(hands..hands, last);
        let tracks: HashSet<TrackId> = ahead.iter().map(|i| i.song.track).collect();
        let room = most.saturating_sub(ahead.len());
        ahead.extend(picked.into_iter().filter(|i| !tracks.contains(&i.song.track)).take(room));
        ahead
    }
}

impl Queue {
    /// The queue as it is, to be put back after a change.
    pub fn former(&self) -> Former {
        Former {
            items: self.items.iter().map(Kept::of).collect(),
            at: self.at,
            live: self.live,
            newest: self.newest(),
            until: self.newest(),
            consumed: self.consumed().to_vec(),
        }
    }

    /// Undoes a change: items that left come back, all of them have their former order and origins, and items that came
    /// with the change leave. Items that came or were played since stay; the current one stays the current one while
    /// the player holds it. An automatic item whose track was heard since, as another item, does not come back.
    pub fn put_back(&mut self, former: &Former, how: &Conditions<'_>) {
        self.edits += 1;
        let (front, current) = (self.front(), self.playing().is_some());
        let ahead = self.items.split_off(front);
        let mut past = std::mem::take(&mut *self.items);
        let known: HashMap<u64, usize> = former.items.iter().enumerate().map(|(i, kept)| (kept.serial, i)).collect();
        let reached = past.iter().filter_map(|item| known.get(&item.serial)).max().copied();
        let played: HashSet<u64> = past.iter().map(|item| item.serial).collect();
        let spent: HashSet<u64> = how.spent.iter().map(|(serial, _)| *serial).collect();
        // A track that was picked again since has another serial number.
        let began = former.at + usize::from(former.live);
        let since_then = past.iter().filter(|item| known.get(&item.serial).is_none_or(|index| *index >= began));
        // What was consumed before this change is not among the former items, and older than the newest of them.
        let consumed = how.spent.iter().filter(|(serial, _)| *serial > former.newest || known.contains_key(serial));
        let heard: HashSet<TrackId> =
            since_then.map(|item| item.song.track).chain(consumed.map(|(_, track)| *track)).collect();
        let mut since = Since::new(ahead, former, &known);
        let (mut coming, mut resumed) = (Vec::new(), None);
        // A played item comes back behind the one that it followed.
        let mut place = 0;
        for (index, kept) in former.items.iter().enumerate() {
            if let Some(mut item) = since.standing.remove(&kept.serial) {
                item.origin = kept.origin();
                coming.push(item);
                continue;
            }
            if played.contains(&kept.serial) {
                if let Some(at) = past.iter().position(|item| item.serial == kept.serial) {
                    past[at].origin = kept.origin();
                    place = at + 1;
                }
                continue;
            }
            if spent.contains(&kept.serial) {
                continue;
            }
            match former.part(index, reached, how) {
                Part::Ahead if kept.why.is_some() && (!how.fills || heard.contains(&kept.song.track)) => {}
                Part::Ahead => coming.push(kept.item()),
                Part::Current => resumed = Some(kept.item()),
                Part::Played if how.consumes => {}
                // It followed the item that is the current one again.
                Part::Played if current && place == past.len() => coming.push(kept.item()),
                Part::Played => {
                    past.insert(place, kept.item());
                    place += 1;
                }
            }
        }
        self.live = current || resumed.is_some();
        past.extend(resumed);
        self.at = past.len() - usize::from(self.live);
        past.extend(since.join(coming, how.ahead));
        *self.items = past;
        if !self.consumed().starts_with(&former.consumed) {
            self.set_consumed([&former.consumed[..], self.consumed()].concat());
        }
        self.trim();
    }
}

#[cfg(test)]
mod tests;
