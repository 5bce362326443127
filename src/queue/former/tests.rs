use super::super::fixture::{id, song};
use super::*;

const PLAYING: Conditions<'_> = Conditions { fills: true, ahead: 15, held: true, consumes: false, spent: &[] };

/// Songs 0 to `n` by hand, of which the third plays, and three automatic ones from 20 on.
fn queue(n: u8) -> Queue {
    let mut queue = Queue::default();
    queue.append((0..n).map(|n| song(n, "A", "t")).collect());
    queue.append_auto((20..23).map(picked).collect());
    for _ in 0..3 {
        queue.next();
    }
    queue
}

fn picked(n: u8) -> (Arc<Song>, Why) {
    (song(n, "B", "t"), Why::default())
}

fn numbers(items: &[Item]) -> Vec<u8> {
    items.iter().map(|i| i.song.track.0[1]).collect()
}

fn parts(queue: &Queue) -> (Vec<u8>, Option<u8>, Vec<u8>) {
    (numbers(queue.played()), queue.playing().map(|i| i.song.track.0[1]), numbers(queue.ahead()))
}

/// The change, then what happens since, then its undo.
fn undone(mut queue: Queue, how: &Conditions<'_>, change: fn(&mut Queue), since: fn(&mut Queue)) -> Queue {
    let mut former = queue.former();
    change(&mut queue);
    former.close(&queue);
    since(&mut queue);
    queue.put_back(&former, how);
    queue
}

fn serial(queue: &Queue, n: u8) -> u64 {
    queue.items().iter().find(|i| i.song.track.0[1] == n).map_or(0, |i| i.serial)
}

fn remove(queue: &mut Queue, n: u8) {
    let serial = serial(queue, n);
    assert!(queue.remove(serial).is_some());
}

fn replace(queue: &mut Queue) {
    queue.reset();
    queue.append(vec![song(30, "C", "t"), song(31, "C", "t")]);
    queue.next();
}

#[test]
fn every_change_is_undone_as_if_it_had_not_been() {
    let changes: [fn(&mut Queue); 7] = [
        |q| q.clear(),
        |q| remove(q, 0),
        |q| [3, 5, 21].into_iter().for_each(|n| remove(q, n)),
        |q| assert!(q.move_before(serial(q, 21), serial(q, 4))),
        |q| q.sort_ahead(|song| std::cmp::Reverse(song.path.clone())),
        |q| q.append(vec![song(9, "A", "t")]),
        |q| q.set_origin(serial(q, 22), Origin::Hand),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let before = queue(7);
        let mut changed = queue(7);
        let former = changed.former();
        assert!(former.is_unchanged(&changed));
        change(&mut changed);
        assert!(!former.is_unchanged(&changed), "change {n}");
        let after = undone(queue(7), &PLAYING, change, |_| {});
        assert_eq!((after.items(), parts(&after)), (before.items(), parts(&before)), "change {n}");
    }
}

#[test]
fn what_was_added_since_stays_where_it_is() {
    let next = undone(queue(5), &PLAYING, Queue::clear, |q| q.append(vec![song(9, "A", "t")]));
    assert_eq!(parts(&next), (vec![0, 1], Some(2), vec![9, 3, 4, 20, 21, 22]));
    let last = undone(queue(5), &PLAYING, |q| remove(q, 3), |q| q.append(vec![song(9, "A", "t")]));
    assert_eq!(numbers(last.ahead()), [3, 4, 9, 20, 21, 22]);
    let within = |q: &mut Queue| {
        q.append(vec![song(9, "A", "t")]);
        assert!(q.move_before(serial(q, 9), serial(q, 5)));
    };
    let within = undone(queue(6), &PLAYING, |q| remove(q, 3), within);
    assert_eq!(numbers(within.ahead()), [3, 4, 9, 5, 20, 21, 22]);
}

#[test]
fn what_was_played_since_stays_played() {
    let went_on = |q: &mut Queue| assert!(q.next().is_some());
    let after = undone(queue(6), &PLAYING, |q| remove(q, 3), went_on);
    assert_eq!(parts(&after), (vec![0, 1, 2], Some(4), vec![3, 5, 20, 21, 22]));
    // A track that was removed while it played lies before the one that plays now.
    let skip = |q: &mut Queue| {
        remove(q, 2);
        q.next();
    };
    let after = undone(queue(6), &PLAYING, skip, |_| {});
    assert_eq!(parts(&after), (vec![0, 1, 2], Some(3), vec![4, 5, 20, 21, 22]));
    // Where played items leave the queue, it is ahead again, and those that left stay away.
    let consuming = |q: &mut Queue| {
        q.consume();
        q.next();
        q.consume();
    };
    let spent = [(1, id(0)), (2, id(1)), (4, id(3))];
    let how = Conditions { consumes: true, spent: &spent, ..PLAYING };
    let after = undone(queue(6), &how, skip, consuming);
    assert_eq!(parts(&after), (vec![], Some(4), vec![2, 5, 20, 21, 22]));
    assert_eq!(numbers(undone(queue(6), &Conditions { spent: &[], ..how }, skip, consuming).ahead())[..2], [2, 3]);
}

#[test]
fn of_a_queue_that_took_its_place_only_what_plays_stays() {
    let after = undone(queue(4), &PLAYING, replace, |_| {});
    assert_eq!(parts(&after), (vec![0, 1], Some(30), vec![2, 3, 20, 21, 22]));
    // The player was stopped: nothing is interrupted by the return of what played before.
    let after = undone(queue(4), &Conditions { held: false, ..PLAYING }, replace, |_| {});
    assert_eq!(parts(&after), (vec![0, 1, 30], Some(2), vec![3, 20, 21, 22]));
}

#[test]
fn automatic_items_fill_what_is_left_of_the_room() {
    let renewed = |q: &mut Queue| {
        q.clear_auto();
        q.append_auto([40, 21, 41].map(picked).to_vec());
    };
    let all = undone(queue(5), &PLAYING, |q| remove(q, 3), renewed);
    assert_eq!(numbers(all.ahead()), [3, 4, 20, 21, 22, 40, 41], "no track twice");
    let some = undone(queue(5), &Conditions { ahead: 6, ..PLAYING }, |q| remove(q, 3), renewed);
    assert_eq!(numbers(some.ahead()), [3, 4, 20, 21, 22, 40]);
    let none = undone(queue(5), &Conditions { fills: false, ..PLAYING }, Queue::clear, |_| {});
    assert_eq!(numbers(none.ahead()), [3, 4]);
}

#[test]
fn an_automatic_track_that_was_heard_since_does_not_come_back() {
    // The tail was picked anew, and two tracks of it were reached: one of them plays.
    let picked_again = |q: &mut Queue| {
        q.clear_auto();
        q.append_auto([20, 21].map(picked).to_vec());
        (0..3).for_each(|_| assert!(q.next().is_some()));
    };
    let after = undone(queue(5), &PLAYING, |q| remove(q, 3), picked_again);
    assert_eq!(parts(&after), (vec![0, 1, 2, 4, 20], Some(21), vec![3, 22]));
    // Consumed ones are not in the queue any more.
    let consuming = |q: &mut Queue| {
        q.clear_auto();
        q.append_auto([20, 21].map(picked).to_vec());
        (0..3).for_each(|_| assert!(q.next().is_some()));
        q.consume();
    };
    let spent = [(1, id(0)), (2, id(1)), (3, id(2)), (5, id(4)), (9, id(20))];
    let how = Conditions { consumes: true, spent: &spent, ..PLAYING };
    let after = undone(queue(5), &how, |q| remove(q, 3), consuming);
    assert_eq!((parts(&after).1, parts(&after).2), (Some(21), vec![3, 22]));
    // What the user chose comes back all the same.
    let chosen = |q: &mut Queue| {
        q.clear_auto();
        q.append_auto(vec![picked(3)]);
        (0..2).for_each(|_| assert!(q.next().is_some()));
    };
    let after = undone(queue(5), &PLAYING, |q| remove(q, 3), chosen);
    assert_eq!(parts(&after), (vec![0, 1, 2, 4], Some(3), vec![3, 20, 21, 22]));
}

#[test]
fn what_was_consumed_before_belongs_to_the_playlist_again() {
    let mut consumed = queue(5);
    consumed.consume();
    let playlist = consumed.playlist();
    let after = undone(consumed, &PLAYING, Queue::clear, |_| {});
    assert_eq!((after.playlist(), after.consumed().len()), (playlist, 2));
}
