//! Queue items whose files are missing, perhaps only for now: the library is still being read, a disk is not mounted, a file
//! was moved.

use super::Item;
use super::queue::Queue;
use crate::library::{Catalog, Song};

impl Queue {
    /// Advances to the next item whose file exists, skipping those that are away. When everything ahead is away, it
    /// stays ahead and no item is current.
    pub fn step(&mut self) -> Option<&Item> {
        match self.ahead().iter().find(|i| !i.away).map(|i| i.serial) {
            Some(serial) => self.jump(serial),
            None => {
                (self.at, self.live) = (self.front(), false);
                self.trim();
                None
            }
        }
    }

    /// Looks every item up in a new catalog, as [`Catalog::whereabouts`] does: moved files are followed, retagged ones
    /// get their new tags, and items not found become [`Item::away`]. The current item keeps its song even if a
    /// different recording has replaced its file, and is not away while the player has it open (`open`).
    pub fn look_up(&mut self, catalog: &Catalog, open: bool) {
        self.edits += 1;
        let live = self.current();
        for (place, item) in self.items.iter_mut().enumerate() {
            let found = catalog.whereabouts(&item.song.path, item.song.track);
            item.away = found.is_none() && !(open && live == Some(place));
            let other = |song: &Song| ![song.track, song.former].contains(&item.song.track);
            if let Some(song) = found.filter(|song| !(live == Some(place) && other(song))) {
                item.song = song.clone();
            }
        }
    }

    /// Removes items that are away and gone for good, except the current one. Returns how many were removed.
    pub fn forget(&mut self, gone: impl Fn(&Song) -> bool) -> usize {
        self.edits += 1;
        let (current, at, before) = (self.current(), self.at, self.items.len());
        let mut index = 0;
        self.items.retain(|item| {
            let lost = item.away && Some(index) != current && gone(&item.song);
            self.at -= usize::from(lost && index < at);
            index += 1;
            !lost
        });
        before - self.items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::song;
    use super::*;

    fn queue(n: u8) -> Queue {
        let mut queue = Queue::default();
        queue.append((0..n).map(|n| song(n, "A", "t")).collect());
        queue
    }

    fn catalog(numbers: &[u8]) -> Catalog {
        Catalog::new(numbers.iter().map(|&n| song(n, "A", "t")).collect())
    }

    fn numbers(items: &[Item]) -> Vec<u8> {
        items.iter().map(|i| i.song.track.0[1]).collect()
    }

    #[test]
    fn steps_pass_over_what_is_away_and_stop_before_nothing_but_that() {
        let mut queue = queue(6);
        queue.look_up(&catalog(&[1, 3]), false);
        assert_eq!(queue.step().map(|i| i.song.track.0[1]), Some(1));
        assert_eq!(queue.step().map(|i| i.song.track.0[1]), Some(3));
        assert!(queue.step().is_none());
        assert_eq!((numbers(queue.played()), numbers(queue.ahead())), (vec![0, 1, 2, 3], vec![4, 5]));
        // Played items are consumed, skipped ones are not.
        queue.consume();
        assert_eq!((numbers(queue.played()), numbers(queue.ahead())), (vec![0, 2], vec![4, 5]));
        assert_eq!(queue.consumed().len(), 2);
        queue.look_up(&catalog(&[0, 1, 2, 3, 4, 5]), false);
        assert_eq!(queue.step().map(|i| i.song.track.0[1]), Some(4));
    }

    #[test]
    fn what_is_gone_leaves_every_part_of_the_queue_but_the_current_place() {
        let mut queue = queue(8);
        for _ in 0..4 {
            queue.next();
        }
        assert_eq!((numbers(queue.played()), queue.current()), (vec![0, 1, 2], Some(3)));
        queue.look_up(&catalog(&[1, 4, 5]), false);
        let seven = |song: &Song| song.track.0[1] != 7;
        assert_eq!(queue.forget(seven), 3, "not the current one, and not the one that may come back");
        assert_eq!(numbers(queue.played()), [1]);
        assert_eq!(queue.playing().map(|i| i.song.track.0[1]), Some(3));
        assert_eq!(numbers(queue.ahead()), [4, 5, 7]);
    }
}
