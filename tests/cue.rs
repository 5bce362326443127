//! A file with a cue sheet beside it: in the library its pieces are tracks like any others.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::fs;
use std::time::{Duration, Instant};

use pty::Player;
use serde_json::{Value, json};
use support::Home;

const SHEET: &str = "PERFORMER \"Nobody\"\nTITLE \"Rooms\"\nFILE \"rooms.wav\" WAVE\n\
    TRACK 01 AUDIO\nTITLE \"Hall\"\nINDEX 01 00:00:00\n\
    TRACK 02 AUDIO\nTITLE \"Cellar\"\nINDEX 01 00:04:00\n\
    TRACK 03 AUDIO\nTITLE \"Attic\"\nINDEX 01 00:09:37\n";

fn library() -> Home {
    let home = Home::new();
    home.wav("rooms/rooms.wav", "tone", 40.0, 3);
    home.wav("other.wav", "noise", 30.0, 4);
    fs::write(home.music.join("rooms/rooms.cue"), SHEET).unwrap();
    home
}

fn start(home: &Home, what: &str) -> Player {
    Player::start(home, &["--no-audio", what], 120, 40, &[])
}

fn found(home: &Home, filter: &str) -> Vec<String> {
    let ran = home.run(&["search", "--json", filter]);
    // All matches have just disappeared; the next scan finds the present ones.
    if ran.code == 1 && ran.err.contains("left out") {
        return Vec::new();
    }
    let found: Value = serde_json::from_str(&ran.code(0).out).unwrap();
    let songs = found["songs"].as_array().unwrap_or_else(|| found.as_array().unwrap());
    songs.iter().map(|s| s["title"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the running player finds these titles, and checks that the program says so too. A program that is started
/// for every look would take more of the processor than the player.
#[track_caller]
fn until_found(home: &Home, filter: &str, titles: &[&str]) {
    let request = json!({ "Search": { "text": filter, "fuzzy": false, "count": 100 } });
    let begun = Instant::now();
    loop {
        let reply = home.ask(&request).expect("a running player");
        let hits = reply["Found"]["hits"].as_array().unwrap_or_else(|| panic!("{reply}"));
        if hits.iter().map(|hit| hit["title"].as_str().unwrap()).eq(titles.iter().copied()) {
            break;
        }
        assert!(begun.elapsed() < pty::PATIENCE, "{filter}: {reply}");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(found(home, filter), titles);
}

#[test]
fn a_sheet_is_scanned_played_sought_in_and_followed() {
    let home = library();
    let sheet = home.music.join("rooms/rooms.cue").canonicalize().unwrap();
    let mut player = start(&home, home.music.to_str().unwrap());
    player.wait_for("Cellar");
    let heard = |s: &Value| s["songs"] == 4 && s["latents"] == 4;
    home.wait_status("heard", heard);
    assert_eq!(found(&home, "album=Rooms & artist=Nobody"), ["Hall", "Cellar", "Attic"]);
    home.run(&["send", "auto off"]).code(0);
    home.run(&["send", "repeat off"]);
    home.run(&["send", "play", sheet.join("track0002").to_str().unwrap()]).code(0);
    let playing = |s: &Value, title: &str| s["playing"]["title"] == title;
    let now =
        home.wait_status("Cellar plays", |s| playing(s, "Cellar") && s["playing"]["position"].as_f64() > Some(0.2));
    assert!((now["playing"]["duration"].as_f64().unwrap() - (5.0 + 37.0 / 75.0)).abs() < 1e-3, "{now}");
    home.run(&["send", "seek 3"]).code(0);
    home.wait_status("3 s into it", |s| playing(s, "Cellar") && s["playing"]["position"].as_f64() > Some(3.0));

    // The sheet is corrected: a title and a position.
    fs::write(&sheet, SHEET.replace("Attic", "Loft").replace("00:09:37", "00:10:00")).unwrap();
    until_found(&home, "album=Rooms", &["Hall", "Cellar", "Loft"]);
    // An album is copied in while the player runs: first the file, then its sheet.
    let wav = fs::read(home.music.join("rooms/rooms.wav")).unwrap();
    fs::create_dir(home.music.join("new")).unwrap();
    fs::write(home.music.join("new/fresh.wav"), [&wav[..40], &[0x50, 0x75, 0x0d, 0], &wav[44..44 + 882_000]].concat())
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    fs::write(home.music.join("new/fresh.cue"), SHEET.replace("rooms.wav", "fresh.wav").replace("Rooms", "Fresh"))
        .unwrap();
    until_found(&home, "album=Fresh", &["Hall", "Cellar", "Attic"]);
    // The file does not appear beside its tracks later: a file added after it is already known.
    home.wav("later.wav", "noise", 3.0, 5);
    until_found(&home, "later", &["later"]);
    assert_eq!(found(&home, "fresh").len(), 3, "{:?}", found(&home, "fresh"));
    // The sheet is removed: the file is one track.
    fs::remove_file(&sheet).unwrap();
    until_found(&home, "rooms", &["rooms"]);
    player.keys("qy");
    assert_eq!(player.wait_end(), 0);
}

#[test]
fn a_sheet_can_be_named_to_be_played() {
    let home = library();
    let mut player = start(&home, home.music.join("rooms/rooms.cue").to_str().unwrap());
    let ahead =
        |s: &Value| s["ahead"].as_array().unwrap().iter().map(|a| a["title"].clone()).take(2).collect::<Vec<_>>();
    home.wait_status("playing", |s| s["playing"]["title"] == "Hall" && ahead(s) == ["Cellar", "Attic"]);
    player.keys("qy");
    assert_eq!(player.wait_end(), 0);
    let home = library();
    fs::write(home.music.join("rooms/rooms.cue"), "FILE \"rooms.wav\" WAVE\n").unwrap();
    let ran = home.run(&[home.music.join("rooms/rooms.cue").to_str().unwrap()]).code(1);
    assert!(ran.err.contains("rooms.cue: no track in it"), "{}", ran.err);
}

#[test]
fn a_sheet_inside_a_file_takes_it_apart() {
    let home = Home::new();
    let sheet = "PERFORMER \"Nobody\"\nTITLE \"Rooms\"\nFILE \"old.mp3\" MP3\nTRACK 01 AUDIO\nTITLE \"Hall\"\nINDEX 01 00:00:00\n\
        TRACK 02 AUDIO\nTITLE \"Cellar\"\nINDEX 01 00:00:45\n";
    let body = format!("\0CUESHEET\0{sheet}");
    let seven = [21, 14, 7, 0].map(|bits| ((body.len() + 10) >> bits) as u8 & 0x7f);
    let size = (body.len() as u32).to_be_bytes();
    let tag = [&b"ID3\x03\0\0"[..], &seven, b"TXXX", &size, &[0, 0], body.as_bytes()].concat();
    let sound = fs::read("tests/fixtures/audio/chirp-bare.mp3").unwrap();
    let file = home.music.join("rooms.mp3");
    fs::write(&file, [&tag[..], &sound].concat()).unwrap();
    let scan = || home.run(&["scan", "--tags-only", home.music.to_str().unwrap()]).code(0);
    scan();
    assert_eq!(found(&home, "album=Rooms & artist=Nobody"), ["Hall", "Cellar"]);
    let listed = home.run(&["search", ""]).code(0).out;
    assert!(listed.contains("rooms.mp3/track0002") && listed.lines().count() == 2, "{listed}");
    // The next scan finds nothing new, and a sheet beside the file takes precedence over the
    // embedded one.
    scan();
    assert_eq!(found(&home, ""), ["Hall", "Cellar"]);
    fs::write(home.music.join("rooms.cue"), sheet.replace("old.mp3", "rooms.mp3").replace("Hall", "Attic")).unwrap();
    scan();
    assert_eq!(found(&home, ""), ["Attic", "Cellar"]);
    fs::remove_file(home.music.join("rooms.cue")).unwrap();
    // Without a sheet it is one track.
    fs::write(&file, &sound).unwrap();
    scan();
    assert_eq!(found(&home, ""), ["rooms"]);
}
