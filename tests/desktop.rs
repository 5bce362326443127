//! The player as seen from outside: `jukebox events`, the control verbs, hooks, and MPRIS and notifications on a private bus.
#![allow(clippy::unwrap_used, clippy::panic, clippy::too_many_arguments)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};

use jukebox::picture::Raster;
use pty::Player;
use serde_json::Value;
use support::Home;
use zbus::Connection;
use zbus::wire::OwnedVariant;

fn library() -> Home {
    Home::with_songs(&[("tones/tone", "tone")], 3, 30.0)
}

/// A process that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads events until one passes.
fn until(events: &mut impl Iterator<Item = Value>, what: &str, passes: impl Fn(&Value) -> bool) -> Value {
    events.find(passes).unwrap_or_else(|| panic!("no event tells {what}"))
}

#[test]
fn events_and_hooks_tell_what_the_verbs_do() {
    let home = library();
    let heard = home.home().join("heard");
    std::fs::create_dir_all(home.home().join("config")).unwrap();
    let config = home.home().join("hooks.toml");
    let hook = format!("sh -c 'echo \"$JUKEBOX_TITLE\" >>{}'", heard.display());
    std::fs::write(&config, format!("[hooks]\non_track = {hook:?}\n")).unwrap();
    let args = ["--no-audio", "--config", config.to_str().unwrap(), &home.music_arg()];
    let mut player = Player::start(&home, &args, 100, 30, &[]);
    player.wait_for("tone0");
    home.wait_status("the library", |s| s["songs"] == 3);
    let mut command = home.command(&["events"]);
    let mut following = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(following.0.stdout.take().unwrap()).lines();
    let (sender, received) = mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let in_time = std::iter::from_fn(|| received.recv_timeout(support::PATIENCE).ok());
    let mut events = in_time.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    until(&mut events, "the volume as it is", |e| e["event"] == "volume" && e["volume"] == 80);
    home.run(&["volume", "30"]).code(0);
    assert!(home.run(&["volume"]).code(0).out.contains("30"));
    until(&mut events, "the volume", |e| e["event"] == "volume" && e["volume"] == 30);
    let file = home.music.join("tones/tone1.wav").display().to_string();
    home.run(&["play", &file]).code(0);
    let track = until(&mut events, "the track", |e| e["event"] == "track" && !e["track"].is_null());
    assert_eq!(track["track"]["path"], file);
    until(&mut events, "that it plays", |e| e["event"] == "state" && e["state"] == "playing");
    let other = home.music.join("tones/tone2.wav").display().to_string();
    home.run(&["add", "--next", &other]).code(0);
    until(&mut events, "the queue", |e| e["event"] == "queue" && e["next"] == "tone2");
    home.run(&["send", "seek", "12"]).code(0);
    let seek = until(&mut events, "the seek", |e| e["event"] == "seek");
    assert!(seek["position"].as_f64().unwrap() >= 12.0, "{seek}");
    home.run(&["pause"]).code(0);
    until(&mut events, "the pause", |e| e["event"] == "state" && e["state"] == "paused");
    home.run(&["next"]).code(0);
    until(&mut events, "the next track", |e| e["event"] == "track" && e["track"]["path"] == other.as_str());
    let told = |text: &str| std::fs::read_to_string(&heard).is_ok_and(|all| all.lines().any(|line| line == text));
    support::wait("the hook", || told("tone2"));
    let refused = home.run(&["add", "/nonexistent.mp3"]).code(1);
    assert!(refused.err.contains("no such file"), "{}", refused.err);
    let failed: Value = serde_json::from_str(&home.run(&["send", "--json", "engine nope"]).code(1).out).unwrap();
    assert!(failed["ok"] == false && failed["message"].as_str().unwrap().contains("nope"), "{failed}");
    player.keys(":q!\r");
    player.ends_well(0);
    let end = loop {
        if let Err(end) = received.recv_timeout(support::PATIENCE) {
            break end;
        }
    };
    assert_eq!(end, RecvTimeoutError::Disconnected, "the stream ends with the player");
}

/// A private bus; `None` where there is no dbus-daemon.
fn bus() -> Option<(Running, String)> {
    let mut command = Command::new("dbus-daemon");
    command.args(["--session", "--nofork", "--nopidfile", "--print-address"]);
    let mut daemon = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?);
    let mut address = String::new();
    BufReader::new(daemon.0.stdout.take()?).read_line(&mut address).ok()?;
    Some((daemon, address.trim().to_owned()))
}

const NAME: &str = "org.mpris.MediaPlayer2.jukebox";
const PATH: &str = "/org/mpris/MediaPlayer2";
const PLAYER: &str = "org.mpris.MediaPlayer2.Player";

fn call(bus: &Connection, method: &str) {
    zbus::block_on(bus.call_method(Some(NAME), PATH, Some(PLAYER), method, &())).unwrap();
}

/// A property as text; `None` while the player is not on the bus.
fn property(bus: &Connection, name: &str) -> Option<String> {
    let interface = Some("org.freedesktop.DBus.Properties");
    let got = zbus::block_on(bus.call_method(Some(NAME), PATH, interface, "Get", &(PLAYER, name))).ok()?;
    Some(format!("{:?}", got.body().deserialize::<OwnedVariant>().unwrap()))
}

/// A configuration with notifications.
fn notifying(home: &Home) -> String {
    std::fs::create_dir_all(home.home()).unwrap();
    let config = home.home().join("notifying.toml");
    std::fs::write(&config, "[player]\nnotifications = true\n").unwrap();
    config.display().to_string()
}

/// A notification as it reaches the server.
#[derive(Debug)]
struct Notified {
    app: String,
    replaces: u32,
    icon: String,
    title: String,
    body: String,
    hints: Vec<String>,
    time: i32,
}

/// A notification server that hands on what it is told; every notification has the number 41.
struct Notifications(mpsc::Sender<Notified>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".into(), "body-markup".into()]
    }

    fn notify(
        &self,
        app: String,
        replaces: u32,
        icon: String,
        title: String,
        body: String,
        _actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        time: i32,
    ) -> u32 {
        let hints = hints.into_keys().collect();
        let _ = self.0.send(Notified { app, replaces, icon, title, body, hints, time });
        41
    }
}

#[test]
fn the_desktop_notifies_of_what_begins() {
    let Some((_daemon, address)) = bus() else {
        eprintln!("SKIPPED: dbus-daemon is not installed (apt-get install dbus)");
        return;
    };
    let home = Home::new();
    let first = home.tagged(("Sun & Moon", "Half", "First"), "tone", 30.0, 1);
    let second = home.tagged(("Sun & Moon", "Half", "Second"), "tone", 30.0, 2);
    std::fs::write(first.with_file_name("cover.png"), "x").unwrap();
    let (sender, told) = mpsc::channel();
    let server = zbus::connection::Builder::address(address.as_str())
        .serve_at("/org/freedesktop/Notifications", Notifications(sender))
        .name("org.freedesktop.Notifications");
    let _server = zbus::block_on(server.build()).unwrap();
    let env = [("DBUS_SESSION_BUS_ADDRESS", address.as_str())];
    let args = ["--no-audio", "--config", &notifying(&home), &home.music_arg()];
    let mut player = Player::start(&home, &args, 100, 30, &env);
    home.wait_status("the library", |s| s["songs"] == 2);
    let next = || told.recv_timeout(support::PATIENCE).unwrap();
    home.run(&["play", &first.display().to_string()]).code(0);
    let one = next();
    assert_eq!((one.app.as_str(), one.replaces, one.time), ("jukebox", 0, -1), "{one:?}");
    assert_eq!((one.title.as_str(), one.body.as_str()), ("First", "Sun &amp; Moon · Half"));
    assert!(one.icon.starts_with("file:///") && one.icon.ends_with("/cover.png"), "{one:?}");
    assert!(["desktop-entry", "transient"].iter().all(|hint| one.hints.iter().any(|h| h == hint)), "{one:?}");
    // Neither a pause nor what follows it is another track.
    home.run(&["pause"]).code(0);
    home.run(&["send", "toggle"]).code(0);
    home.wait_status("that it plays again", |s| s["state"] == "playing");
    home.run(&["play", &second.display().to_string()]).code(0);
    let two = next();
    assert_eq!((two.title.as_str(), two.replaces), ("Second", 41), "in the place of the first");
    player.keys(":q!\r");
    player.ends_well(0);
}

#[test]
fn the_desktop_controls_it_and_sees_what_plays() {
    let Some((_daemon, address)) = bus() else {
        eprintln!("SKIPPED: dbus-daemon is not installed (apt-get install dbus)");
        return;
    };
    let home = library();
    std::fs::write(home.music.join("tones/cover.png"), "x").unwrap();
    let env = [("DBUS_SESSION_BUS_ADDRESS", address.as_str())];
    // No server for notifications is on this bus.
    let args = ["--no-audio", "--config", &notifying(&home), &home.music_arg()];
    let mut player = Player::start(&home, &args, 100, 30, &env);
    player.wait_for("tone0");
    home.wait_status("the library", |s| s["songs"] == 3);
    let bus = zbus::block_on(zbus::connection::Builder::address(address.as_str()).build()).unwrap();
    let shows = |name: &str, text: &str| property(&bus, name).is_some_and(|value| value.contains(text));
    support::wait("the player on the bus", || shows("PlaybackStatus", "Stopped"));
    let file = home.music.join("tones/tone1.wav").display().to_string();
    home.run(&["play", &file]).code(0);
    support::wait("the track", || shows("Metadata", "tone1") && shows("Metadata", "cover.png"));
    support::wait("that it plays", || shows("PlaybackStatus", "Playing"));
    call(&bus, "PlayPause");
    support::wait("the pause", || shows("PlaybackStatus", "Paused"));
    home.wait_status("the pause", |s| s["state"] == "paused");
    call(&bus, "Play");
    support::wait("that it plays again", || shows("PlaybackStatus", "Playing"));
    home.run(&["volume", "40"]).code(0);
    support::wait("the volume", || shows("Volume", "0.4"));
    call(&bus, "Stop");
    support::wait("the stop", || shows("PlaybackStatus", "Stopped"));
    player.keys(":q!\r");
    player.ends_well(0);
}

/// Appends an ID3v2.3 tag with a front cover to a wav.
fn put_cover(file: &Path, png: &[u8]) {
    let body = [&b"\0image/png\0\x03\0"[..], png].concat();
    let frame = [&b"APIC"[..], &(body.len() as u32).to_be_bytes(), &[0; 2], &body].concat();
    // Seven bits a byte.
    let size = [21, 14, 7, 0].map(|shift| (frame.len() >> shift & 127) as u8);
    let tag = [&b"ID3\x03\0\0"[..], &size, &frame].concat();
    let mut wav = std::fs::read(file).unwrap();
    wav.extend([&b"id3 "[..], &(tag.len() as u32).to_le_bytes(), &tag, &[0][..tag.len() % 2]].concat());
    let length = wav.len() as u32 - 8;
    wav[4..8].copy_from_slice(&length.to_le_bytes());
    std::fs::write(file, wav).unwrap();
}

#[test]
fn the_desktop_is_given_the_cover_in_the_tags_as_a_file() {
    let Some((_daemon, address)) = bus() else {
        eprintln!("SKIPPED: dbus-daemon is not installed (apt-get install dbus)");
        return;
    };
    let home = Home::new();
    let file = home.wav("tone.wav", "tone", 30.0, 1);
    let png = Raster::new(4, 4, [200, 30, 30].repeat(16)).unwrap().png();
    put_cover(&file, &png);
    // The one in the tags comes first, as on the screen.
    std::fs::write(file.with_file_name("cover.png"), "x").unwrap();
    let env = [("DBUS_SESSION_BUS_ADDRESS", address.as_str())];
    let mut player = Player::start(&home, &["--no-audio", &home.music_arg()], 100, 30, &env);
    home.wait_status("the library", |s| s["songs"] == 1);
    let bus = zbus::block_on(zbus::connection::Builder::address(address.as_str()).build()).unwrap();
    home.run(&["play", &file.display().to_string()]).code(0);
    let covers = home.home().join("cache/covers");
    let url = format!("file://{}/", covers.display());
    support::wait("the cover", || property(&bus, "Metadata").is_some_and(|value| value.contains(&url)));
    let kept: Vec<_> = std::fs::read_dir(&covers).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(std::fs::read(&kept[0]).unwrap(), png);
    player.keys(":q!\r");
    player.ends_well(0);
}
