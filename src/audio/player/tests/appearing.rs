//! Tests of devices that appear while music plays silently, waits for a device, or plays to
//! another.

use std::sync::atomic::Ordering::SeqCst;

use super::devices::{Rack, bare_rack, rack_with};
use super::*;
use crate::audio::Standing;

/// The position in `sound`, in seconds, at which `heard` starts.
fn place(heard: &[f32], sound: &[f32]) -> f64 {
    let piece = &heard[1200..1400];
    let at = sound.windows(piece.len()).position(|w| w == piece).expect("the music");
    (at / 2 - 600) as f64 / f64::from(RATE)
}

/// Advances time until a device was opened; returns the time passed.
fn back(bench: &Bench) -> Duration {
    bench.pass_until(|event| matches!(event, Event::Output { silent: false, .. }))
}

fn appears(rack: &Rack) {
    rack.failing.store(0, SeqCst);
    rack.signs.fetch_add(1, SeqCst);
}

fn standing(bench: &Bench) -> (Option<String>, Standing) {
    bench.player.send(Command::Devices);
    loop {
        if let Event::Devices { chosen, standing, .. } = bench.event() {
            return (chosen, standing);
        }
    }
}

#[test]
fn music_that_plays_silently_goes_on_at_a_device_that_appears() {
    let (mut bench, rack) = bare_rack(&[], false, Settings::default(), usize::MAX);
    let Event::Output { silent: true, why: Some(why), .. } = bench.event() else { panic!("not silent") };
    assert!(why.contains("unplugged"), "{why}");
    assert_eq!(standing(&bench), (None, Standing::Missing));
    let (a, sound) = bench.file("a.wav", 600_000, 60);
    bench.play(1, &a);
    // The silent clock is running.
    let (begun, since) = (bench.clock.now(), Instant::now());
    let at = loop {
        assert!(since.elapsed() < SOON, "nothing plays");
        bench.clock.advance(TICK);
        match bench.events.recv_timeout(TICK) {
            Ok(Event::Position { secs, .. }) if secs > 0.2 => break secs,
            _ => {}
        }
    };
    appears(&rack);
    let took = back(&bench);
    assert!(took < Duration::from_secs(1), "{took:?}");
    let from = place(&bench.sink.pull(5000), &sound);
    // Music and time advanced together in the meantime.
    let most = (bench.clock.now() - begun).as_secs_f64();
    assert!(from >= at && from <= most, "{from} s, was at {at} s, {most} s have passed");
    assert_eq!(standing(&bench), (None, Standing::Plays));
}

#[test]
fn a_device_that_is_not_ready_at_its_first_sign_is_tried_again() {
    let (mut bench, rack) = bare_rack(&[], false, Settings::default(), usize::MAX);
    let (a, sound) = bench.file("a.wav", 600_000, 61);
    assert!(matches!(bench.event(), Event::Output { silent: true, .. }));
    bench.play(1, &a);
    appears(&rack);
    // For instance because permission for its card was not granted yet.
    rack.failing.store(1, SeqCst);
    let took = back(&bench);
    assert!(took < Duration::from_secs(2), "{took:?}");
    place(&bench.sink.pull(5000), &sound);
}

#[test]
fn a_device_that_was_away_for_long_is_taken_at_its_first_sign() {
    // After one attempt it is searched for only every five seconds.
    let settings = Settings { tries: 1, ..Settings::default() };
    let (mut bench, rack) = rack_with(&[], false, settings);
    let (a, sound) = bench.file("a.wav", 100_000, 62);
    bench.play(1, &a);
    bench.sink.pull(5000);
    rack.failing.store(usize::MAX, SeqCst);
    rack.lose();
    bench.pass_until(|event| matches!(event, Event::Refused(_)));
    assert_eq!(standing(&bench), (None, Standing::Missing));
    appears(&rack);
    let took = back(&bench);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(bench.sink.pull(5000)[600..], sound[10_600..20_000], "not where it was");
}

#[test]
fn the_chosen_device_is_gone_back_to_when_it_appears() {
    let settings = Settings { astray: Duration::ZERO, ..Settings::default() };
    let (mut bench, rack) = rack_with(&[], false, settings);
    let (a, sound) = bench.file("a.wav", 100_000, 63);
    bench.play(1, &a);
    bench.player.send(Command::Device(Some("hw:1".into())));
    back(&bench);
    bench.sink.pull(5000);
    let chosen = Some("hw:1".to_string());
    assert_eq!(standing(&bench), (chosen.clone(), Standing::Plays));
    rack.away.store(true, SeqCst);
    rack.lose();
    back(&bench);
    assert_eq!(standing(&bench), (chosen.clone(), Standing::StoodIn));
    assert_eq!(bench.sink.pull(5000)[600..], sound[10_600..20_000], "not where it was");
    rack.away.store(false, SeqCst);
    appears(&rack);
    let took = back(&bench);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(standing(&bench), (chosen, Standing::Plays));
    assert_eq!(bench.sink.pull(5000)[600..], sound[20_600..30_000], "not where it was");
}

#[test]
fn the_default_stands_in_for_a_chosen_device_that_hangs() {
    let settings = Settings { hanging: Duration::from_millis(150), astray: Duration::ZERO, ..Settings::default() };
    let (mut bench, rack) = rack_with(&[], false, settings);
    let (a, sound) = bench.file("a.wav", 100_000, 64);
    bench.play(1, &a);
    bench.sink.pull(5000);
    let (release, hang) = crossbeam_channel::unbounded::<()>();
    rack.spared.store(true, SeqCst);
    // A device that never opened is forgotten …
    *rack.hang.lock().unwrap() = Some(hang.clone());
    bench.player.send(Command::Device(Some("hw:1".into())));
    bench.pass_until(
        |event| matches!(event, Event::Refused(why) if why.contains("does not answer") && why.contains("default")),
    );
    back(&bench);
    assert_eq!(standing(&bench), (None, Standing::Plays));
    assert_eq!(bench.sink.pull(5000)[600..], sound[10_600..20_000], "not where it was");
    // … and one that had opened before is used again once it responds.
    *rack.hang.lock().unwrap() = None;
    bench.player.send(Command::Device(Some("hw:1".into())));
    back(&bench);
    *rack.hang.lock().unwrap() = Some(hang);
    rack.lose();
    back(&bench);
    assert_eq!(standing(&bench).1, Standing::StoodIn);
    *rack.hang.lock().unwrap() = None;
    drop(release);
    back(&bench);
    assert_eq!(standing(&bench), (Some("hw:1".into()), Standing::Plays));
    assert_eq!(bench.sink.pull(5000)[600..], sound[20_600..30_000], "not where it was");
}

#[test]
fn another_device_is_opened_while_one_hangs() {
    let (mut bench, rack) = rack_with(&[], false, Settings::default());
    let (a, sound) = bench.file("a.wav", 100_000, 65);
    bench.play(1, &a);
    bench.sink.pull(5000);
    let (_release, hang) = crossbeam_channel::unbounded::<()>();
    rack.spared.store(true, SeqCst);
    *rack.hang.lock().unwrap() = Some(hang);
    bench.player.send(Command::Device(Some("hw:1".into())));
    bench.player.send(Command::Device(None));
    // Time stands still.
    while !matches!(bench.event(), Event::Output { silent: false, .. }) {}
    // The event is sent before the track is passed to the output; this reply comes after it.
    standing(&bench);
    assert_eq!(bench.sink.pull(5000)[600..], sound[10_600..20_000], "not where it was");
}
