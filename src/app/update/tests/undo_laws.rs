//! A property of undo: whatever was done, in whatever order, as many undos restore what was before.

use std::collections::HashMap;

use proptest::prelude::*;

use super::undo::{interrupts, items};
use super::undo_lists::World;
use super::*;
use crate::app::State;
use crate::queue::Item;

/// The songs that are chosen, and those with a rating before anything is done.
const CHOSEN: usize = 5;
const RATED: [(usize, u8); 3] = [(0, 80), (2, 40), (7, 0)];

/// A session in which the first of the chosen songs plays, filled up with picks.
fn world() -> World {
    let mut world = World::new(fixture::model(40));
    let songs = world.model.catalog.songs().to_vec();
    for (n, rating) in RATED {
        let event = Event::Rated { track: songs[n].track, rating: Some(rating) };
        update(&mut world.model, Msg::Noted(Entry { at: 1, event }));
    }
    world.give("play", &songs[..CHOSEN].iter().collect::<Vec<_>>());
    assert_eq!(world.model.queue.ahead().len(), world.model.auto.ahead);
    world
}

/// A line, and the song that is selected when it is given.
fn lines() -> impl Strategy<Value = Vec<(String, usize)>> {
    let n = || 1..=12usize;
    let name = || prop::sample::select(vec!["a", "b", "c", "calm"]);
    let line = prop_oneof![
        n().prop_map(|n| format!("remove {n}")),
        (n(), n()).prop_map(|(n, m)| format!("remove {n} {m}")),
        Just("remove #1".to_string()),
        Just("clear".to_string()),
        (n(), n()).prop_map(|(n, m)| format!("move {n} {m}")),
        prop::sample::select(vec!["title", "-title", "-path"]).prop_map(|key| format!("sort {key}")),
        prop::sample::select(vec!["tracks", "albums", "off"]).prop_map(|kind| format!("shuffle {kind}")),
        prop::sample::select(vec!["open a", "open b", "append a", "append b"]).prop_map(|v| format!("playlist {v}")),
        name().prop_map(|name| format!("playlist delete {name}")),
        (name(), name()).prop_map(|(from, to)| format!("playlist rename {from} {to}")),
        (name(), name()).prop_map(|(from, to)| format!("playlist duplicate {from} {to}")),
        name().prop_map(|name| format!("playlist add {name}")),
        name().prop_map(|name| format!("playlist save! {name}")),
        name().prop_map(|name| format!("playlist smart! {name} year>1980")),
        (0..=5usize).prop_map(|stars| format!("rate {stars}")),
        Just("rate off".to_string()),
        Just("love".to_string()),
        n().prop_map(|n| format!("keep {n}")),
        n().prop_map(|n| format!("not {n}")),
        Just("not".to_string()),
        n().prop_map(|n| format!("not-artist {n}")),
        Just("not-artist off".to_string()),
        Just("less tempo".to_string()),
    ];
    prop::collection::vec((line, 0..9usize), 1..=10)
}

fn ratings(model: &Model) -> Vec<(Option<u8>, bool)> {
    let tallies = model.catalog.songs().iter().map(|song| model.tallies.of_song(song));
    tallies.map(|tally| (tally.rating, tally.loved)).collect()
}

/// How many judgements of taste these effects write, less those that they undo.
fn judged(effects: &[Effect]) -> i64 {
    let count = |event: &Event| match event {
        Event::TasteUndone => -1,
        event => i64::from(event.is_of_taste()),
    };
    notes(effects).iter().map(count).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn as_many_undos_restore_what_was_before(lines in lines()) {
        let mut world = world();
        let songs = world.model.catalog.songs().to_vec();
        let (queue, playlists, rated) = (items(&world.model), world.playlists(), ratings(&world.model));
        let (current, unwanted) = (world.model.queue.current(), world.model.auto.unwanted.clone());
        let (mut plays, mut balance) = (vec![world.model.playing().map(|i| i.serial)], 0);
        for (line, song) in &lines {
            let selected: &[&Arc<Song>] = if *song < 8 { &[&songs[*song]] } else { &[] };
            balance += judged(&world.give(line, selected));
            plays.push(world.model.playing().map(|i| i.serial));
        }
        let steps = world.model.undoable().map_or(0, |(steps, _)| steps);
        prop_assert!(steps <= lines.len());
        for left in (0..steps).rev() {
            let (playing, state) = (world.model.playing().map(|i| i.serial), world.model.play.state);
            let effects = world.give("undo", &[]);
            balance += judged(&effects);
            let notice = world.model.notice.clone();
            prop_assert!(notice.as_ref().is_some_and(|n| n.kind != Kind::Error && n.text.starts_with("undone: ")), "{notice:?}");
            prop_assert_eq!(world.model.undoable().map_or(0, |(steps, _)| steps), left);
            if state == State::Playing {
                prop_assert!(!interrupts(&effects), "{effects:?}");
                prop_assert_eq!(world.model.playing().map(|i| i.serial), playing);
            }
        }
        prop_assert_eq!(ratings(&world.model), rated);
        prop_assert_eq!(world.playlists(), playlists);
        prop_assert_eq!((&world.model.auto.unwanted, balance), (&unwanted, 0));
        let after = items(&world.model);
        plays.dedup();
        if plays.len() == 1 {
            prop_assert_eq!((after, world.model.queue.current()), (queue, current));
            return Ok(());
        }
        // Another track plays, which is not interrupted: the others are all there, and ahead in their former order, but
        // for picks whose track was heard since as another item.
        let heard = &after[..after.len() - world.model.queue.ahead().len()];
        let again = |item: &Item| {
            let own = heard.iter().any(|other| other.serial == item.serial);
            item.origin != Origin::Hand && !own && heard.iter().any(|other| other.song.track == item.song.track)
        };
        let places: HashMap<u64, usize> = queue.iter().enumerate().map(|(place, item)| (item.serial, place)).collect();
        let mut former: Vec<Item> = after.iter().filter(|i| places.contains_key(&i.serial)).cloned().collect();
        let ahead = world.model.queue.ahead().iter();
        let ahead: Vec<usize> = ahead.filter_map(|i| places.get(&i.serial).copied()).collect();
        prop_assert!(ahead.is_sorted(), "{ahead:?}");
        former.sort_by_key(|item| places.get(&item.serial).copied());
        former.retain(|item| !again(item));
        prop_assert_eq!(former, queue.into_iter().filter(|item| !again(item)).collect::<Vec<_>>());
    }
}
