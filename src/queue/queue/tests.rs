use super::*;
use crate::queue::Conditions;

fn song(n: u8) -> Arc<Song> {
    Arc::new(Song { secs: 1.0, ..Song::bare(format!("/m/{n}"), TrackId([n; 16])) })
}

fn auto(n: u8) -> (Arc<Song>, Why) {
    (song(n), Why::default())
}

fn order(queue: &Queue) -> Vec<u8> {
    queue.items().iter().map(|i| i.song.track.0[0]).collect()
}

#[test]
fn by_hand_stands_before_the_automatic_tail() {
    let mut queue = Queue::default();
    queue.append(vec![song(1)]);
    queue.next();
    queue.append_auto(vec![auto(8), auto(9)]);
    queue.append(vec![song(2)]);
    queue.append(vec![song(3)]);
    queue.insert_next(vec![song(4), song(5)]);
    assert_eq!(order(&queue), [1, 4, 5, 2, 3, 8, 9]);
    assert_eq!(queue.playlist(), [1, 4, 5, 2, 3].map(|n| TrackId([n; 16])));
    queue.clear_auto();
    assert_eq!(order(&queue), [1, 4, 5, 2, 3]);
}

#[test]
fn what_is_ahead_is_moved_and_sorted() {
    let mut queue = Queue::default();
    queue.append(vec![song(5), song(4), song(2), song(3)]);
    queue.next();
    queue.append_auto(vec![auto(9)]);
    queue.sort_ahead(|song| song.path.clone());
    assert_eq!(order(&queue), [5, 2, 3, 4, 9]);
    let serials: Vec<u64> = queue.items().iter().map(|i| i.serial).collect();
    assert!(queue.move_before(serials[4], serials[1]));
    assert_eq!(order(&queue), [5, 9, 2, 3, 4]);
    assert_eq!(queue.ahead()[0].origin, Origin::Hand, "who moves it has chosen it");
    assert!(queue.move_before(serials[1], serials[3]));
    assert_eq!(order(&queue), [5, 9, 3, 4, 2]);
    assert!(!queue.move_before(serials[0], serials[3]), "what plays stays");
}

#[test]
fn walks_to_both_ends() {
    let mut queue = Queue::default();
    queue.append(vec![song(1), song(2)]);
    assert_eq!(queue.current(), None);
    assert_eq!(queue.ahead().len(), 2);
    assert_eq!(queue.next().map(|i| i.song.track.0[0]), Some(1));
    assert_eq!(queue.next().map(|i| i.song.track.0[0]), Some(2));
    assert!(queue.next().is_none());
    assert_eq!((queue.current(), queue.ahead().len(), queue.played().len()), (None, 0, 2));
    queue.append(vec![song(3)]);
    assert_eq!(queue.next().map(|i| i.song.track.0[0]), Some(3));
    for _ in 0..2 {
        queue.previous();
    }
    assert!(queue.previous().is_none());
    assert_eq!(queue.current(), Some(0));
}

#[test]
fn removing_the_current_leads_to_the_one_after_it() {
    let mut queue = Queue::default();
    queue.append(vec![song(1), song(2), song(3)]);
    queue.next();
    let serial = queue.playing().unwrap().serial;
    assert!(queue.remove(serial).is_some());
    assert!(queue.remove(serial).is_none());
    assert_eq!(queue.current(), None);
    assert_eq!(queue.next().map(|i| i.song.track.0[0]), Some(2));
    let last = queue.items().last().unwrap().serial;
    queue.jump(last);
    assert_eq!(queue.current(), Some(1));
    let first = queue.items()[0].serial;
    queue.remove(first);
    assert_eq!(queue.current(), Some(0));
}

#[test]
fn without_hand_added_tracks_the_playing_one_is_the_playlist() {
    let mut queue = Queue::default();
    queue.append_auto(vec![auto(7), auto(8)]);
    assert!(queue.playlist().is_empty());
    queue.next();
    assert_eq!(queue.playlist(), [TrackId([7; 16])]);
    queue.clear();
    assert_eq!(order(&queue), [7]);
    assert_eq!(queue.current(), Some(0));
}

#[test]
fn what_was_consumed_still_belongs_to_the_playlist() {
    let mut queue = Queue::default();
    queue.append(vec![song(1), song(2), song(3)]);
    queue.next();
    queue.next();
    queue.consume();
    assert_eq!((order(&queue), queue.current()), (vec![2, 3], Some(0)));
    assert_eq!(queue.playlist(), [1, 2, 3].map(|n| TrackId([n; 16])));
    let mut other = queue.clone();
    queue.clear();
    assert_eq!(queue.playlist(), [TrackId([2; 16])]);
    other.reset();
    assert!(other.playlist().is_empty(), "what was consumed is not part of the next playlist");
}

/// Clears the queue and undoes that.
fn put_back(queue: &mut Queue) {
    let former = queue.former();
    queue.clear();
    queue.chosen();
    let how = Conditions { fills: true, ahead: 0, held: true, consumes: false, spent: &[] };
    queue.put_back(&former, &how);
}

#[test]
fn the_fingerprint_of_what_was_chosen_follows_every_edit() {
    let mut queue = Queue::default();
    let edits: [fn(&mut Queue, u64); 13] = [
        |q, _| q.append(vec![song(1), song(2), song(3), song(2)]),
        |q, _| assert!(q.jump(3).is_some()),
        |q, _| q.append_auto(vec![auto(8), auto(9)]),
        |q, last| q.set_origin(last, Origin::Hand),
        |q, last| assert!(q.move_before(last, 4)),
        |q, _| q.sort_ahead(|song| song.path.clone()),
        |q, _| q.insert_next(vec![song(4), song(5)]),
        |q, _| assert!(q.remove(4).is_some()),
        |q, _| q.consume(),
        |q, _| put_back(q),
        |q, _| q.begin(&[3]),
        |q, _| q.clear(),
        |q, _| q.reset(),
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        queue.chosen();
        let last = queue.newest();
        edit(&mut queue, last);
        let fresh = Queue { chosen: None, ..queue.clone() }.chosen();
        assert_eq!(queue.chosen(), fresh, "edit {n}");
    }
}

#[test]
fn history_is_bounded_and_keeps_what_was_chosen() {
    let mut queue = Queue::default();
    queue.append(vec![song(1)]);
    for _ in 0..HISTORY + 50 {
        queue.append_auto(vec![auto(9)]);
        queue.next();
    }
    assert_eq!(queue.played().len(), HISTORY);
    assert_eq!(order(&queue)[0], 1);
    // A jump far ahead trims the history to the same length, dropping automatic items before those
    // chosen by hand.
    queue.append_auto((0..=255).cycle().take(2 * HISTORY).map(auto).collect());
    let last = queue.items().last().unwrap().serial;
    queue.jump(last);
    assert_eq!((queue.played().len(), queue.playing().map(|i| i.serial)), (HISTORY, Some(last)));
    assert_eq!((order(&queue)[0], queue.played()[1].serial), (1, last - HISTORY as u64 + 1));
}
