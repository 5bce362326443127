//! `:rediscover` and `:mix`.

use super::undo::{filled, items, notice};
use super::undo_lists::World;
use super::*;
use crate::library::playlist::{Entry as Line, Playlist};

/// A day's mixes, of three songs each.
fn mixes(model: &Model, asked: bool, day: &str, names: &[&str]) -> Msg {
    let songs = model.catalog.songs();
    let list = |(n, name): (usize, &&str)| {
        let entries = songs[3 * n..3 * n + 3].iter().map(|song| Line::from(&**song)).collect();
        ((*name).to_string(), Playlist { entries, ..Playlist::default() })
    };
    Msg::Mixes { asked, day: day.into(), lists: names.iter().enumerate().map(list).collect() }
}

fn take(world: &mut World, msg: Msg) {
    let effects = update(&mut world.model, msg);
    world.serve(effects);
}

#[test]
fn the_mixes_of_a_day_are_playlists_and_one_step() {
    let mut world = World::new(filled());
    let before = world.playlists();
    let effects = world.give("mix", &[]);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Mix(mixing) if mixing.asked)));
    assert_eq!(world.model.undoable(), None, "nothing is made yet");
    let made = mixes(&world.model, true, "2026-11-30", &["mix-jazz", "mix-folk", "a"]);
    take(&mut world, made);
    assert_eq!(notice(&world.model), "the mixes of today: mix-jazz, mix-folk, a-2; :playlist open plays one");
    assert_eq!(world.model.saved_playlists, ["a", "a-2", "b", "calm", "mix-folk", "mix-jazz"]);
    assert_eq!(world.model.undoable(), Some((1, "mix")));
    world.give("undo", &[]);
    assert_eq!(notice(&world.model), "undone: mix");
    assert_eq!((world.playlists(), world.model.undoable()), (before, None));
    assert_eq!(world.model.saved_playlists, ["a", "b", "calm"]);
}

#[test]
fn another_day_s_mixes_come_by_themselves_until_they_are_off() {
    let mut world = World::new(filled());
    let effects = world.give("mix off", &[]);
    assert!(!effects.is_empty());
    assert_eq!((notice(&world.model), world.model.undoable()), ("there are no mixes; :mix makes some", None));
    let before = world.playlists();
    let late = mixes(&world.model, false, "2026-11-30", &["mix-jazz", "mix-folk"]);
    take(&mut world, late);
    assert_eq!(world.playlists(), before, "what was being made when they were ended does not come");
    let first = mixes(&world.model, true, "2026-11-30", &["mix-jazz", "mix-folk"]);
    take(&mut world, first);
    assert_eq!(world.model.undoable(), Some((1, "mix")));
    let due = update(&mut world.model, Msg::Hour(0));
    assert!(due.iter().any(|effect| matches!(effect, Effect::Mix(mixing) if !mixing.asked)));
    let next = mixes(&world.model, false, "2026-12-01", &["mix-rock", "mix-folk"]);
    take(&mut world, next);
    assert_eq!(world.model.saved_playlists, ["a", "b", "calm", "mix-folk", "mix-rock"]);
    assert_eq!(world.model.undoable(), Some((1, "mix")), "no step of the user's");
    let before = world.playlists();
    world.give("mix off", &[]);
    assert_eq!(world.model.saved_playlists, ["a", "b", "calm"]);
    world.give("undo", &[]);
    assert_eq!((notice(&world.model), world.playlists()), ("undone: mix off", before));
}

#[test]
fn the_limits_of_the_moment_do_not_shape_the_mixes() {
    let mut model = filled();
    give(&mut model, "only year>=1970", &[]);
    let effects = give(&mut model, "mix", &[]);
    let mixing = effects.iter().find_map(|e| if let Effect::Mix(mixing) = e { Some(mixing) } else { None }).unwrap();
    assert_eq!((mixing.situation.limits.only.as_str(), mixing.situation.playlist.len()), ("", 0));
}

#[test]
fn what_is_rediscovered_joins_what_was_added_and_can_be_undone() {
    let mut model = filled();
    let before = items(&model);
    let effects = give(&mut model, "rediscover 5 90d", &[]);
    let wanted = effects.iter().find_map(|e| if let Effect::Rediscover(wanted) = e { Some(wanted) } else { None });
    let wanted = wanted.unwrap();
    assert_eq!((wanted.count, wanted.days, wanted.situation.ahead.len()), (5, 90, 15));
    assert_eq!(wanted.situation.playing, Some(before[0].song.track));
    let songs = model.catalog.songs()[30..33].to_vec();
    let (name, notes) = ("rediscovered".to_string(), String::new());
    update(&mut model, Msg::Queue { name, songs: songs.clone(), notes, placing: Placing::Append });
    assert_eq!(notice(&model), "rediscovered: 3 tracks");
    let added: Vec<_> = model.queue.items()[4..7].iter().map(|item| item.song.clone()).collect();
    assert_eq!(added, songs);
    give(&mut model, "undo", &[]);
    assert_eq!((notice(&model), items(&model)), ("undone: append rediscovered (3 tracks)", before));
}
