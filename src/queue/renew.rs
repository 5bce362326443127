//! Choosing the automatic items ahead again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::limits::Tail;
use super::queue::Queue;
use super::{Item, Origin, Why};
use crate::library::Song;
use crate::track::TrackId;

impl Queue {
    /// Replaces the automatic items ahead by these picks, in their order, except the item `held`. The user's items stay
    /// where they are. A track that is picked again keeps its item, so that the player goes on with what it has opened.
    pub fn choose_again(&mut self, picks: Vec<(Arc<Song>, Why)>, held: Option<u64>) {
        self.edits += 1;
        let front = self.front();
        // A place without an item is one for a pick.
        let mut places: Vec<Option<Item>> = Vec::new();
        let mut replaced: HashMap<TrackId, Item> = HashMap::new();
        for item in self.items.split_off(front) {
            if item.origin == Origin::Hand || held == Some(item.serial) {
                places.push(Some(item));
            } else {
                places.push(None);
                replaced.insert(item.song.track, item);
            }
        }
        let standing: HashSet<TrackId> = places.iter().flatten().map(|item| item.song.track).collect();
        let mut chosen = Vec::with_capacity(picks.len());
        for (song, why) in picks {
            if standing.contains(&song.track) {
                continue;
            }
            let item = match replaced.remove(&song.track) {
                Some(item) => Item { origin: Origin::Auto(why), ..item },
                None => self.item(song, Origin::Auto(why)),
            };
            chosen.push(item);
        }
        let mut chosen = chosen.into_iter();
        let ahead: Vec<Item> = places.into_iter().filter_map(|place| place.or_else(|| chosen.next())).collect();
        self.items.extend(ahead.into_iter().chain(chosen));
    }

    /// Removes the automatic items ahead whose tracks are not among these picks, and adds the picks that are not ahead at
    /// the end. What stays keeps its place and its reason; a pick without a reason is one that was to stay.
    pub fn sift_auto(&mut self, picks: Vec<(Arc<Song>, Why)>) {
        self.edits += 1;
        let front = self.front();
        let picked: HashSet<TrackId> = picks.iter().map(|(song, _)| song.track).collect();
        let mut index = 0;
        self.items.retain(|item| {
            index += 1;
            index <= front || item.origin == Origin::Hand || picked.contains(&item.song.track)
        });
        let standing: HashSet<TrackId> = self.ahead().iter().map(|item| item.song.track).collect();
        let fresh = |(song, why): &(Arc<Song>, Why)| !standing.contains(&song.track) && *why != Why::default();
        self.append_auto(picks.into_iter().filter(fresh).collect());
    }

    /// Keeps the automatic items ahead to the limits after some of them were replaced: where one may not follow what stands
    /// before it, it changes places with the first behind it that may, or leaves if there is none. The user's items, steps of
    /// a course and the item `held` stay where they are. `tail` ends with what plays.
    pub fn keep_apart(&mut self, mut tail: Tail, held: Option<u64>) {
        self.edits += 1;
        let front = self.front();
        let mut ahead = self.items.split_off(front);
        let moves =
            |item: &Item| held != Some(item.serial) && matches!(&item.origin, Origin::Auto(why) if why.step.is_none());
        let mut end = ahead.iter().rposition(moves).map_or(0, |last| last + 1);
        let mut place = 0;
        while place < end {
            if moves(&ahead[place]) && !tail.allows(&ahead[place].song, false) {
                let may = |n: &usize| moves(&ahead[*n]) && tail.allows(&ahead[*n].song, false);
                let Some(other) = (place + 1..end).find(may) else {
                    ahead.remove(place);
                    end -= 1;
                    continue;
                };
                ahead.swap(place, other);
            }
            match ahead[place].origin {
                Origin::Hand => tail.pass(&ahead[place].song),
                Origin::Auto(_) => tail.follow(&ahead[place].song),
            }
            place += 1;
        }
        self.items.extend(ahead);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::song;
    use super::*;
    use crate::library::Catalog;
    use crate::queue::Situation;

    /// One track that plays, and these ahead: an engine's, and the user's where `hands` has them.
    fn queue(ahead: &[u8], hands: &[u8]) -> Queue {
        let mut queue = Queue::default();
        queue.append(vec![song(0, "A", "t")]);
        queue.next();
        queue.append_auto(picks(ahead));
        for n in hands {
            let serial = queue.ahead().iter().find(|i| i.song.track.0[1] == *n).unwrap().serial;
            queue.set_origin(serial, Origin::Hand);
        }
        queue
    }

    fn picks(numbers: &[u8]) -> Vec<(Arc<Song>, Why)> {
        numbers.iter().map(|&n| (song(n, "A", "t"), Why::default())).collect()
    }

    fn ahead(queue: &Queue) -> Vec<u8> {
        queue.ahead().iter().map(|i| i.song.track.0[1]).collect()
    }

    #[test]
    fn picks_take_the_places_of_automatic_items_and_the_user_s_stay() {
        let mut queue = queue(&[1, 2, 3, 4, 5], &[2, 4]);
        let serial = |queue: &Queue, n: u8| queue.ahead().iter().find(|i| i.song.track.0[1] == n).unwrap().serial;
        let before = serial(&queue, 5);
        queue.choose_again(picks(&[5, 7, 8, 9]), None);
        assert_eq!(ahead(&queue), [5, 2, 7, 4, 8, 9]);
        assert_eq!(serial(&queue, 5), before, "picked again, it is the same item at another place");
        queue.choose_again(picks(&[9]), None);
        assert_eq!(ahead(&queue), [9, 2, 4], "where fewer are picked, fewer stand");
        assert_eq!(queue.playing().map(|i| i.song.track.0[1]), Some(0));
    }

    #[test]
    fn what_is_sifted_out_leaves_and_the_rest_stays_where_it_is() {
        let mut queue = queue(&[1, 2, 3, 4], &[2]);
        let serials: Vec<u64> = queue.ahead().iter().map(|item| item.serial).collect();
        let why = || Why { engine: "signature".into(), ..Why::default() };
        // Tracks 1 and 4 stay, 3 does not; 9 was to stay but has left meanwhile; 7 is new.
        let new = (song(7, "A", "t"), why());
        let picks = [picks(&[1, 4, 9]), vec![new]].concat();
        queue.sift_auto(picks);
        assert_eq!(ahead(&queue), [1, 2, 4, 7]);
        let kept: Vec<u64> = queue.ahead()[..3].iter().map(|item| item.serial).collect();
        assert_eq!(kept, [serials[0], serials[1], serials[3]]);
        queue.sift_auto(Vec::new());
        assert_eq!((ahead(&queue), queue.playing().is_some()), (vec![2], true));
    }

    #[test]
    fn automatic_items_are_kept_apart_and_the_others_stay() {
        let artists = ["A", "B", "C", "D"];
        // A plays; ahead are B B C B, the user's D, C and A.
        let kept = |held: usize, step: Option<usize>| {
            let mut queue = queue(&[], &[]);
            let of = [1, 1, 2, 1, 3, 2, 0].into_iter().zip(1u8..);
            queue.append_auto(of.map(|(artist, n)| (song(n, artists[artist], "t"), Why::default())).collect());
            let serials: Vec<u64> = queue.ahead().iter().map(|item| item.serial).collect();
            queue.set_origin(serials[4], Origin::Hand);
            if let Some(step) = step {
                let way = crate::latent::Way::Direction { dim: 0, up: true };
                let step_of = crate::latent::Step { course: 1, way, at: 1, of: 3 };
                queue.set_origin(serials[step], Origin::Auto(Why { step: Some(step_of), ..Why::default() }));
            }
            let songs: Vec<_> = queue.items().iter().map(|item| item.song.clone()).collect();
            let mut situation = Situation { playing: Some(songs[0].track), ..Situation::default() };
            situation.limits.spacing.artist = 1;
            queue.keep_apart(Tail::of(&Catalog::new(songs), &situation), serials.get(held).copied());
            ahead(&queue)
        };
        assert_eq!(kept(0, None), [1, 3, 2, 6, 5, 4, 7]);
        assert_eq!(kept(1, None), [1, 2, 3, 4, 5, 6, 7], "what is held stays beside another by its artist");
        assert_eq!(kept(0, Some(1)), [1, 2, 3, 4, 5, 6, 7], "and so does a step");
    }

    #[test]
    fn what_is_held_stays_and_stands_once() {
        let mut queue = queue(&[1, 2, 3], &[]);
        let held = queue.ahead()[0].serial;
        queue.choose_again(picks(&[6, 1, 7]), Some(held));
        assert_eq!(ahead(&queue), [1, 6, 7]);
        assert_eq!(queue.ahead()[0].serial, held);
        queue.choose_again(picks(&[6, 1, 7]), None);
        assert_eq!(ahead(&queue), [6, 1, 7]);
    }
}
