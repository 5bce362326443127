//! Gains and crossfades go by what really plays before and after a track.

use super::*;
use crate::audio::Sounding;
use crate::sound::Loudness;

/// Songs of the catalog, ten to an album, play in this order; every track is quieter than the one before it on its album.
fn session(order: &[usize]) -> Model {
    let mut model = fixture::model(40);
    let loudness = |i: usize| Loudness { lufs: Some(-10.0 - (i % 10) as f32), range: None, peak: Some(-20.0) };
    let all = model.catalog.songs().iter().enumerate().map(|(i, s)| (s.track, loudness(i))).collect();
    update(&mut model, Msg::Loudness(Arc::new(all)));
    give(&mut model, "auto off", &[]);
    give(&mut model, "crossfade 4", &[]);
    let songs: Vec<Arc<Song>> = order.iter().map(|&i| model.catalog.songs()[i].clone()).collect();
    give(&mut model, "play", &songs.iter().collect::<Vec<_>>());
    model
}

/// Whether a gain is that of a track's album, and not its own.
fn by_album(gain: f32, song: usize) -> bool {
    let db = 20.0 * gain.log10();
    let power: f32 = (0..10).map(|i| 10f32.powf((-10.0 - i as f32) / 10.0)).sum::<f32>() / 10.0;
    let album = -18.0 - 10.0 * power.log10();
    let own = -8.0 + (song % 10) as f32;
    assert!((db - album).abs() < 0.1 || (db - own).abs() < 0.01, "{db} dB is neither {album} nor {own}");
    (db - album).abs() < 0.1
}

fn follow(effects: &[Effect]) -> Sounding {
    let all = effects.iter().rev();
    let mut told = all.filter_map(|e| match e {
        Effect::Player(Command::Follow { sounding, .. }) => Some(*sounding),
        _ => None,
    });
    told.next().expect("a follower")
}

fn gain(effects: &[Effect], token: u64) -> Option<f32> {
    effects.iter().find_map(|e| match e {
        Effect::Player(Command::Gain { token: t, gain }) if *t == token => Some(*gain),
        _ => None,
    })
}

/// What follows begins.
fn go_on(model: &mut Model) -> Vec<Effect> {
    let token = model.play.following.as_ref().expect("a follower").token;
    end(model);
    update(model, Msg::Player(audio::Event::Started { token, secs: None }))
}

#[test]
fn a_track_that_follows_itself_has_its_own_gain() {
    let mut model = session(&[4, 5]);
    let told = follow(&give(&mut model, "repeat one", &[]));
    assert!(!by_album(told.gain, 4));
    assert_eq!(told.crossfade, 4.0, "it fades into itself");
    let told = follow(&give(&mut model, "repeat off", &[]));
    assert!(by_album(told.gain, 5));
    assert_eq!(told.crossfade, 0.0);
}

#[test]
fn a_round_goes_on_from_its_end_to_its_beginning() {
    // The end of the list is the track before its first on the album.
    let mut model = session(&[5, 20, 4]);
    give(&mut model, "repeat all", &[]);
    let told = follow(&go_on(&mut model));
    assert!(by_album(told.gain, 4), "what comes after it begins the list");
    assert_eq!(told.crossfade, 4.0);
    let told = follow(&go_on(&mut model));
    assert!(by_album(told.gain, 5), "what plays before it ends the list");
    assert_eq!(told.crossfade, 0.0);
    let told = follow(&go_on(&mut model));
    assert_eq!((told.crossfade, by_album(told.gain, 20)), (4.0, false));
}

#[test]
fn a_followers_gain_goes_with_what_comes_after_it() {
    let mut model = session(&[20, 4]);
    let token = model.play.following.as_ref().unwrap().token;
    let next = model.catalog.songs()[5].clone();
    let effects = give(&mut model, "enqueue", &[&next]);
    assert!(by_album(gain(&effects, token).expect("told anew"), 4));
    assert_eq!(gain(&give(&mut model, "volume 50", &[]), token), None, "once");
    let effects = give(&mut model, "remove 2", &[]);
    assert!(!by_album(gain(&effects, token).expect("told anew"), 4));
    assert_eq!(model.play.following.as_ref().map(|f| f.token), Some(token), "it is the same start");
}

#[test]
fn what_was_played_counts_when_it_has_left_the_queue() {
    let mut model = session(&[4, 5]);
    give(&mut model, "consume on", &[]);
    let token = model.play.following.as_ref().unwrap().token;
    let current = model.play.current;
    update(&mut model, Msg::Player(audio::Event::Position { token: current, secs: 1.0 }));
    go_on(&mut model);
    assert_eq!(model.queue.items().len(), 1);
    let effects = give(&mut model, "replaygain smart", &[]);
    assert!(by_album(gain(&effects, token).expect("what plays"), 5));
    // What stands before a track in the list was not played before it when that was jumped over.
    let mut model = session(&[20, 4, 5]);
    model.queue.next();
    let effects = give(&mut model, "next", &[]);
    let played = effects.iter().find_map(|e| match e {
        Effect::Player(Command::Play { sounding, .. }) => Some(*sounding),
        _ => None,
    });
    assert!(!by_album(played.expect("a start").gain, 5));
}
