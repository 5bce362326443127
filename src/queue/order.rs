//! The order of a queue: shuffle, order of addition, and the rounds of a repeating queue.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;

use super::modes::Shuffle;
use super::queue::Queue;
use super::{Item, Origin};

impl Queue {
    /// Shuffles the upcoming items that were added by hand, or restores their order of addition.
    /// Automatic items stay where they are.
    pub fn reorder(&mut self, how: Shuffle, rng: &mut Rng) {
        let (items, front) = self.parts();
        let places: Vec<usize> = (front..items.len()).filter(|&i| items[i].origin == Origin::Hand).collect();
        let mut hands: Vec<Item> = places.iter().map(|&i| items[i].clone()).collect();
        shuffle(&mut hands, how, rng);
        for (place, item) in places.into_iter().zip(hands) {
            items[place] = item;
        }
    }

    /// The order of the next round of a repeating queue, as serial numbers; empty when the queue
    /// is.
    pub fn round(&self, how: Shuffle, rng: &mut Rng) -> Vec<u64> {
        let mut items: Vec<Item> = self.lasting().cloned().collect();
        shuffle(&mut items, how, rng);
        // The last track of a round must not also be the first of the next.
        let last = self.playing().or(self.played().last()).map(|i| i.serial);
        if how == Shuffle::Tracks && items.len() > 1 && items.first().map(|i| i.serial) == last {
            items.rotate_left(1);
        }
        items.iter().map(|i| i.serial).collect()
    }

    /// The first item of an unshuffled round whose file is available.
    pub fn first_in_order(&self) -> Option<&Item> {
        self.lasting().filter(|i| !i.away).min_by_key(|i| i.serial)
    }

    /// Whether a round still contains exactly the items of this queue that repeat.
    pub fn is_round(&self, round: &[u64]) -> bool {
        let serials: HashSet<u64> = round.iter().copied().collect();
        round.len() == self.lasting().count() && self.lasting().all(|i| serials.contains(&i.serial))
    }

    /// Begins a round: its items become the upcoming ones in its order, and none is current until
    /// [`Queue::next`].
    pub fn begin(&mut self, round: &[u64]) {
        let items: HashMap<u64, &Item> = self.items().iter().map(|i| (i.serial, i)).collect();
        let items = round.iter().filter_map(|serial| items.get(serial).map(|i| Item::clone(i))).collect();
        self.restart(items);
    }

    /// The items of a round: those added by hand, or all when there are none.
    fn lasting(&self) -> impl Iterator<Item = &Item> {
        let any = self.items().iter().any(|i| i.origin == Origin::Hand);
        self.items().iter().filter(move |i| !any || i.origin == Origin::Hand)
    }
}

/// Shuffles items, or sorts them by order of addition.
fn shuffle(items: &mut [Item], how: Shuffle, rng: &mut Rng) {
    items.sort_by_key(|i| i.serial);
    match how {
        Shuffle::Off => {}
        Shuffle::Tracks => rng.shuffle(items),
        Shuffle::Albums => {
            let mut albums: Vec<_> = items.iter().map(|i| i.song.album_key()).collect();
            albums.sort_unstable();
            albums.dedup();
            rng.shuffle(&mut albums);
            let places: HashMap<_, usize> = albums.iter().enumerate().map(|(place, album)| (*album, place)).collect();
            let place: Vec<usize> =
                items.iter().map(|i| places.get(&i.song.album_key()).copied().unwrap_or(0)).collect();
            let mut order: Vec<usize> = (0..items.len()).collect();
            order.sort_by_key(|&i| {
                let tags = &items[i].song.tags;
                (place[i], tags.disc.unwrap_or(0), tags.track.unwrap_or(0), items[i].serial)
            });
            let sorted: Vec<Item> = order.into_iter().map(|i| items[i].clone()).collect();
            items.clone_from_slice(&sorted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Why;
    use super::super::fixture::song;
    use super::*;

    /// Three albums of four tracks, followed by two automatic tracks.
    fn queue() -> Queue {
        let mut queue = Queue::default();
        let of_1970 = |n| {
            let song = song(n, "A", "t");
            let tags = crate::track::Tags { year: Some(1970), ..(&song.tags).into() };
            std::sync::Arc::new(crate::library::Song { tags: tags.into(), ..(*song).clone() })
        };
        queue.append((0..12).map(of_1970).collect());
        queue.append_auto(vec![(song(20, "B", "t"), Why::default()), (song(21, "B", "t"), Why::default())]);
        queue
    }

    fn numbers(queue: &Queue) -> Vec<u8> {
        queue.items().iter().map(|i| i.song.track.0[1]).collect()
    }

    #[test]
    fn tracks_are_shuffled_and_put_back() {
        let (mut queue, mut rng) = (queue(), Rng::with_seed(1));
        queue.next();
        queue.reorder(Shuffle::Tracks, &mut rng);
        let mixed = numbers(&queue);
        assert_eq!((mixed[0], &mixed[12..]), (0, &[20, 21][..]), "what plays and what is automatic stay");
        assert_ne!(mixed[1..12], (1..12).collect::<Vec<u8>>());
        queue.reorder(Shuffle::Off, &mut rng);
        assert_eq!(numbers(&queue)[..12], (0..12).collect::<Vec<u8>>());
    }

    #[test]
    fn every_order_is_as_likely() {
        // Counts how often each of four tracks comes first in 4000 shuffles: 1000 ± 5 standard
        // deviations.
        let (mut rng, mut first) = (Rng::with_seed(2), [0i32; 4]);
        for _ in 0..4000 {
            let mut queue = Queue::default();
            queue.append((0..4).map(|n| song(n, "A", "t")).collect());
            queue.reorder(Shuffle::Tracks, &mut rng);
            first[usize::from(numbers(&queue)[0])] += 1;
        }
        assert!(first.iter().all(|n| (n - 1000).abs() < 137), "{first:?}");
    }

    #[test]
    fn albums_stay_whole_and_in_their_order() {
        let (mut queue, mut rng, mut firsts) = (queue(), Rng::with_seed(3), [0; 3]);
        for _ in 0..50 {
            queue.reorder(Shuffle::Albums, &mut rng);
            let order = numbers(&queue);
            for album in order[..12].chunks(4) {
                assert!(album.windows(2).all(|w| w[1] == w[0] + 1) && album[0] % 4 == 0, "{order:?}");
            }
            firsts[usize::from(order[0] / 4)] += 1;
        }
        assert!(firsts.iter().all(|n| *n > 5), "{firsts:?}");
    }

    #[test]
    fn a_round_is_what_was_chosen_and_never_the_same_track_twice_in_a_row() {
        let (mut queue, mut rng) = (queue(), Rng::with_seed(4));
        while queue.next().is_some() {}
        queue.previous();
        let round = queue.round(Shuffle::Off, &mut rng);
        assert!(queue.is_round(&round) && round.len() == 12);
        queue.append(vec![song(30, "C", "t")]);
        assert!(!queue.is_round(&round), "something was added");
        let round = queue.round(Shuffle::Off, &mut rng);
        queue.begin(&round);
        assert_eq!((queue.current(), queue.ahead().len()), (None, 13));
        assert_eq!(numbers(&queue)[..3], [0, 1, 2]);
        for _ in 0..200 {
            while queue.next().is_some_and(|_| true) && !queue.ahead().is_empty() {}
            let last = queue.playing().map(|i| i.serial);
            let round = queue.round(Shuffle::Tracks, &mut rng);
            assert_ne!(round.first().copied(), last);
            queue.begin(&round);
        }
        let mut picks = Queue::default();
        picks.append_auto(vec![(song(1, "A", "t"), Why::default())]);
        assert_eq!(picks.round(Shuffle::Off, &mut rng).len(), 1, "only automatic tracks: those");
    }
}
