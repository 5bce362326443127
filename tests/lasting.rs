//! What a player restores: its session after every kind of exit, its library after the disk was missing, and new files
//! where the system does not report changes.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use pty::Player;
use rustix::process::Signal;
use serde_json::Value;
use support::Home;

/// Songs of each kind in [`library`].
const EACH: u32 = 3;
const SONGS: usize = 2 * EACH as usize;

/// Short songs, and few: what is played of them is about a second, and all of them are listened to beside the test.
fn library() -> Home {
    Home::with_songs(&[("tones/tone", "tone"), ("noises/noise", "noise")], EACH, 10.0)
}

fn start(home: &Home) -> Player {
    Player::open(home, 79, 40)
}

/// The most recently written session of the only music directory, with its latest position.
fn session(home: &Home) -> Value {
    let dir = std::fs::read_dir(home.home().join("state/sessions")).unwrap();
    let files: Vec<_> = dir.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let mut session: Value = serde_json::from_slice(&std::fs::read(&files[0]).unwrap()).unwrap();
    if let Ok(bytes) = std::fs::read(files[0].with_extension("place")) {
        let place: Value = serde_json::from_slice(&bytes).unwrap();
        place["place"].as_object().unwrap().iter().for_each(|(name, value)| session[name] = value.clone());
    }
    session
}

fn position(status: &Value) -> f64 {
    status["playing"]["position"].as_f64().unwrap_or(-1.0)
}

/// Waits until the session on disk has a position after `behind`; returns it.
#[track_caller]
fn wait_written(home: &Home, behind: f64) -> f64 {
    let begun = Instant::now();
    loop {
        let place = session(home)["position"].as_f64().unwrap();
        if place > behind {
            return place;
        }
        assert!(begun.elapsed() < pty::PATIENCE, "the session on disk stays at {place} s");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn titles(status: &Value) -> Vec<String> {
    status["ahead"].as_array().unwrap().iter().map(|a| a["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn queue_place_modes_and_view_survive_every_end() {
    // Long enough to be played from one end of the player to the next. One noise is enough to be filtered out.
    let home = Home::with_songs(&[("tones/tone", "tone")], 6, 30.0);
    home.wav("noises/noise0.wav", "noise", 5.0, 0);
    let mut player = start(&home);
    player.wait_for("tone0");
    for command in ["auto off", "repeat all", "shuffle tracks", "volume 35", "filter title~tone"] {
        home.run(&["send", command]).code(0);
    }
    player.wait_until("only tones", |s| !s.contains("noise"));
    player.keys("ggj\r");
    home.wait_status("plays", |s| s["state"] == "playing" && position(s) > 0.5);
    player.keys("jejeje\t");
    let mut before = home.wait_status("goes on", |s| position(s) > 1.0);
    assert!(!titles(&before).is_empty(), "nothing ahead would be kept by anybody: {before}");
    let mut earliest = position(&before);
    for end in ["q", "TERM", "HUP", "KILL"] {
        match end {
            "q" => player.keys(":q!\r"),
            "TERM" => player.signal(Signal::TERM),
            "HUP" => player.signal(Signal::HUP),
            _ => {
                // It gets no warning, so its periodic writes of the position must suffice.
                before = home.status();
                earliest = wait_written(&home, position(&before));
                player.signal(Signal::KILL);
            }
        }
        player.wait_end();
        player = start(&home);
        player.wait_until("the track held", |s| s.contains('‖'));
        let after = home.wait_status("back", |s| s["state"] == "paused");
        assert_eq!(after["playing"]["title"], before["playing"]["title"], "{end}");
        assert_eq!(titles(&after), titles(&before), "{end}");
        assert_eq!((&after["volume"], &after["auto"]), (&before["volume"], &before["auto"]), "{end}");
        // The status is requested shortly before the exit.
        assert!(position(&after) >= earliest - 0.3, "{end}: {} is before {earliest}", position(&after));
        player.keys("\u{1b}1");
        player.wait_until("the filter of before", |s| s.contains("title~tone") && !s.contains("noise"));
        player.keys("\u{1b}2");
        home.run(&["send", "play"]).code(0);
        earliest = position(&after);
        before = home.wait_status("goes on", |s| position(s) > earliest + 0.3);
        earliest = position(&before);
        let session = session(&home);
        assert_eq!(session["modes"]["shuffle"], "tracks", "{end}: {}", session["modes"]);
        assert_eq!(session["view"]["queue"], true, "{end}: {}", session["view"]);
    }
}

#[test]
fn a_queue_outlives_its_store_another_directory_and_a_damaged_file() {
    let home = library();
    let mut player = Player::open(&home, 120, 40);
    player.wait_for("noise2");
    home.run(&["send", "auto", "off"]).code(0);
    home.run(&["send", "enqueue", &home.music_arg()]).code(0);
    let before = home.wait_status("queued", |s| titles(s).len() == SONGS);
    let end = |mut player: Player| {
        player.keys(":q!\r");
        player.wait_end();
    };
    end(player);
    // Another directory has its own queue.
    let other = home.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::copy(home.music.join("tones/tone0.wav"), other.join("single.wav")).unwrap();
    let mut player = Player::start(&home, &["--no-audio", &other.display().to_string()], 120, 40, &[]);
    player.wait_for("single");
    home.wait_status("begun", |s| s["songs"] == 1 && titles(s).is_empty());
    home.run(&["send", "enqueue", &other.display().to_string()]).code(0);
    home.wait_status("queued", |s| titles(s) == ["single"]);
    end(player);
    let player = Player::open(&home, 120, 40);
    home.wait_status("back", |s| titles(s) == titles(&before));
    end(player);
    // The store is rebuilt, so the library arrives in parts.
    std::fs::remove_dir_all(home.home().join("data/store")).unwrap();
    let player = Player::open(&home, 120, 40);
    home.wait_status("kept while it is read", |s| titles(s) == titles(&before));
    let away = |s: &Value| s["ahead"].as_array().unwrap().iter().filter(|a| a["away"] == true).count();
    home.wait_status("all there again", |s| titles(s) == titles(&before) && away(s) == 0);
    end(player);
    // With a damaged session file, the previous one is used.
    for entry in std::fs::read_dir(home.home().join("state/sessions")).unwrap().map(|e| e.unwrap().path()) {
        if entry.extension().is_some_and(|e| e == "json") {
            std::fs::write(&entry, "{\"items\": [").unwrap();
        }
    }
    let mut player = Player::open(&home, 120, 40);
    player.wait_for("the last session is damaged");
    home.wait_status("back from the one before", |s| titles(s) == titles(&before));
    // Deleted files leave the queue after a complete scan of their directory.
    std::fs::remove_dir_all(home.music.join("noises")).unwrap();
    home.run(&["send", "rescan"]).code(0);
    home.wait_status("the deleted ones gone", |s| titles(s).len() == SONGS / 2 && away(s) == 0);
    end(player);
}

#[test]
fn a_disk_that_is_away_is_no_deletion() {
    let home = library();
    let mut player = start(&home);
    player.wait_for("tone0");
    home.wait_status("heard everything", |s| s["latents"] == SONGS);
    let away = home.dir.path().join("away");
    std::fs::rename(&home.music, &away).unwrap();
    std::fs::create_dir(&home.music).unwrap();
    home.run(&["send", "rescan"]).code(0);
    player.wait_for("the music directory is empty");
    let now = home.status();
    assert_eq!(
        (&now["songs"], &now["latents"]),
        (&SONGS.into(), &SONGS.into()),
        "an empty mount point forgot the library"
    );
    player.keys(":q!\r");
    player.wait_end();
    // Neither does starting the player while the disk is missing.
    let mut player = start(&home);
    home.wait_status("opened", |s| s["songs"] == SONGS);
    std::fs::remove_dir(&home.music).unwrap();
    std::fs::rename(&away, &home.music).unwrap();
    // Nothing reports that the disk is back.
    home.wav("later/brandnew.wav", "tone", 5.0, 77);
    player.wait_for("brandnew");
    let now = home.wait_status("heard the new one", |s| s["latents"] == SONGS + 1);
    assert_eq!(now["songs"], SONGS + 1);
}

#[test]
fn faults_of_a_disk_that_was_away_are_withdrawn() {
    let home = library();
    let mut player = start(&home);
    home.wait_status("listed everything", |s| s["songs"] == SONGS);
    for command in ["auto off", "repeat all", &format!("enqueue {}", home.music.join("tones").display()), "play"] {
        home.run(&["send", command]).code(0);
    }
    let away = home.dir.path().join("away");
    // Restored after the player gave up a track, and while it is still looking for one.
    for given_up in [true, false] {
        home.wait_status("plays", |s| s["state"] == "playing" && position(s) > 0.2);
        std::fs::rename(&home.music, &away).unwrap();
        home.run(&["send", "next"]);
        if given_up {
            home.wait_status("gave a track up", |s| s["faults"] != 0);
        }
        std::fs::rename(&away, &home.music).unwrap();
        home.run(&["send", "rescan"]).code(0);
        home.run(&["send", "play"]);
        home.wait_status("plays on", |s| s["state"] == "playing" && position(s) > 0.2);
        home.wait_status("withdrew its faults", |s| s["faults"] == 0);
    }
    player.keys(":q!\r");
    player.wait_end();
}

#[test]
fn without_watches_left_it_looks_every_so_often_and_says_so_once() {
    const FEW: &str = "echo 1 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    let allowed = Command::new("unshare").args(["-Ur", "sh", "-c", FEW, "sh", "true"]).status();
    if !allowed.is_ok_and(|s| s.success()) {
        eprintln!("SKIPPED: no user namespace of its own here");
        return;
    }
    let home = library();
    let config = home.dir.path().join("config.toml");
    std::fs::write(&config, "[library]\npoll = 1\n").unwrap();
    let music = home.music_arg();
    let args = ["--config", &config.display().to_string(), "--no-audio", &music];
    let by = ["unshare", "-Ur", "sh", "-c", FEW, "sh"];
    let mut player = Player::start_by(&by, &home, &args, 79, 40, &[]);
    player.wait_for("no more watches");
    player.wait_for("tone0");
    home.wav("noises/later.wav", "tone", 5.0, 77);
    let begun = Instant::now();
    player.wait_for("later");
    println!("found by polling after {:?}", begun.elapsed());
    std::fs::remove_file(home.music.join("tones/tone0.wav")).unwrap();
    player.wait_until("that tone0 is gone", |s| !s.contains("tone0"));
    player.keys(":q!\r");
    player.wait_end();
    let log = std::fs::read_to_string(home.home().join("state/jukebox.log")).unwrap();
    assert_eq!(log.matches("no more watches").count(), 1, "{log}");
}
