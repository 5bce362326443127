//! How much of a track counts as heard when it is over or left.

use super::*;
use crate::app::state::playback::Playback;

/// Seconds heard of what ended last, whether they were the whole of it, and whether it ended by itself.
fn listened(effects: &[Effect]) -> Option<(f64, bool, bool)> {
    effects.iter().find_map(|e| match e {
        Effect::Heard { secs, whole, ended, .. } => Some((*secs, *whole, *ended)),
        _ => None,
    })
}

#[test]
fn what_was_heard_decides_whether_a_track_was_heard_as_a_whole() {
    let listen = |model: &mut Model, to: u32| {
        let (token, from) = (model.play.current, model.play.position);
        for secs in (from as u32 + 1)..=to {
            update(model, Msg::Player(audio::Event::Position { token, secs: secs.into() }));
        }
    };
    let of = |length: f64| {
        let (mut model, effects) = playing(0);
        answer(&mut model, &effects, 10..25);
        let token = started(&effects).unwrap();
        update(&mut model, Msg::Player(audio::Event::Started { token, secs: Some(length) }));
        model
    };
    let mut model = of(60.0);
    listen(&mut model, 59);
    assert_eq!(listened(&end(&mut model)), Some((60.0, true, true)), "the rest between the last report and the end");
    // Sought to its end or near it.
    let mut model = of(60.0);
    listen(&mut model, 3);
    give(&mut model, "seek 55", &[]);
    listen(&mut model, 60);
    assert_eq!(listened(&end(&mut model)), Some((8.0, false, true)));
    let mut model = of(60.0);
    give(&mut model, "seek 1:00", &[]);
    assert_eq!(listened(&end(&mut model)), Some((0.0, false, true)));
    // Left in its last seconds, all of it was heard, unlike half of it.
    for (to, whole) in [(56, true), (31, false)] {
        let mut model = of(60.0);
        listen(&mut model, to);
        assert_eq!(listened(&give(&mut model, "next", &[])), Some((to.into(), whole, false)));
    }
    // A length of 250 seconds was estimated, and the decoder's end comes after 100.
    let mut model = of(250.0);
    listen(&mut model, 100);
    assert_eq!(listened(&end(&mut model)), Some((100.0, true, true)));
    let mut model = of(250.0);
    listen(&mut model, 30);
    give(&mut model, "seek 90", &[]);
    listen(&mut model, 100);
    assert_eq!(listened(&end(&mut model)), Some((40.0, false, true)), "the part between was passed over");
    let mut model = of(250.0);
    listen(&mut model, 30);
    give(&mut model, "seek 200", &[]);
    assert_eq!(listened(&end(&mut model)), Some((30.0, false, true)), "it was sought to its end");
    let mut model = of(250.0);
    listen(&mut model, 100);
    assert_eq!(listened(&give(&mut model, "next", &[])), Some((100.0, false, false)), "nothing is known of its end");
}

#[test]
fn a_crossfade_takes_nothing_from_what_was_heard() {
    let left = |heard: f64, position: f64, length: f64, ended: bool| {
        let mut play = Playback::at_volume(100);
        (play.heard, play.position) = (heard, position);
        let taken = play.take_heard(length, ended, 8.0);
        assert_eq!(play.heard, 0.0);
        taken
    };
    assert_eq!(left(52.0, 52.0, 60.0, true), (60.0, true));
    assert_eq!(left(3.0, 55.0, 60.0, true), (8.0, false));
    // An estimate that is further out than the crossfade.
    assert_eq!(left(45.0, 45.0, 60.0, true), (45.0, true));
    // Of unknown length: it has ended where it was, or nobody knows.
    assert_eq!((left(99.0, 100.0, 0.0, true), left(20.0, 100.0, 0.0, true)), ((99.0, true), (20.0, false)));
    assert_eq!(left(99.0, 100.0, 0.0, false), (99.0, false));
}
