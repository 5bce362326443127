//! A player without a terminal: it plays, terminals come and go, SIGTERM ends it.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::process::{Child, Command, Stdio};

use pty::Player;
use rustix::process::{Pid, Signal, kill_process};
use support::Home;

/// A player without a screen, which is killed with the test.
struct Headless(Child);

impl Headless {
    fn start(home: &Home) -> Headless {
        Headless::of(home.command(&["--headless", "--no-audio", &home.music_arg()]), home)
    }

    /// With hang-ups ignored, as `nohup` starts it.
    fn start_ignoring_hang_ups(home: &Home) -> Headless {
        let own = home.command(&["--headless", "--no-audio", &home.music_arg()]);
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(own.get_program()).args(own.get_args());
        for (name, value) in own.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Headless::of(command, home)
    }

    fn of(mut command: Command, home: &Home) -> Headless {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let player = Headless(child);
        home.wait_status("the library", |s| s["songs"] == 3 && s["headless"] == true);
        player
    }

    /// Asks it to end, as systemd does; the exit code.
    fn end(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn library() -> Home {
    Home::with_songs(&[("tones/tone", "tone")], 3, 30.0)
}

#[test]
fn it_plays_without_a_terminal_and_ends_cleanly() {
    let home = library();
    let player = Headless::start(&home);
    let said = home.run(&["status"]).code(0);
    assert!(said.out.contains("without a screen"), "{}", said.out);
    let file = home.music.join("tones/tone1.wav").display().to_string();
    home.run(&["play", &file]).code(0);
    home.wait_status("that it plays", |s| s["state"] == "playing" && s["playing"]["path"] == file.as_str());
    let second = home.run(&["--headless", "--no-audio"]).code(1);
    assert!(second.err.contains("already running") && second.err.contains("shows its screen"), "{}", second.err);
    // A script that has no terminal is told so.
    let nowhere = home.run(&[]).code(1);
    assert!(nowhere.err.contains("not a terminal"), "{}", nowhere.err);
    assert_eq!(player.end(), Some(0));
    assert_eq!(home.status()["state"], "not running");
    // The session was saved.
    let player = Headless::start(&home);
    home.wait_status("the track from before", |s| s["playing"]["path"] == file.as_str());
    home.run(&["send", "quit"]);
    let mut player = player;
    assert_eq!(player.0.wait().unwrap().code(), Some(0));
    home.run(&["--headless", "status"]).code(2);
}

#[test]
fn without_a_music_directory_nothing_is_played() {
    let home = Home::new();
    let none = home.run(&["--headless", "--no-audio"]).code(1);
    assert!(none.err.contains("no music directory") && none.err.contains("library.music"), "{}", none.err);
    assert!(!home.home().join("data/demo").exists(), "nothing is composed either");
}

#[test]
fn the_unit_does_not_repeat_an_error() {
    let unit = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/jukebox.service");
    let text = std::fs::read_to_string(unit).unwrap();
    let set = |line: &str| text.lines().any(|own| own == line);
    assert!(set("Restart=on-failure") && set("RestartPreventExitStatus=1 2"), "{text}");
}

#[test]
fn doctor_names_the_directory_of_the_player_that_runs() {
    let home = library();
    std::fs::write(home.music.join("tones/old.wma"), "x").unwrap();
    let player = Headless::start(&home);
    home.wait_status("the file that cannot be played", |s| s["unsupported"]["WMA"] == 1);
    assert_eq!(home.status()["music"], home.music_arg().as_str());
    let found = home.run(&["doctor"]).out;
    let line = found.lines().find(|line| line.contains("music")).unwrap();
    assert!(line.contains(&home.music_arg()) && line.contains("1 WMA file is not supported"), "{line}");
    assert_eq!(player.end(), Some(0));
}

#[test]
fn a_hang_up_that_was_ignored_stays_ignored() {
    let home = library();
    let mut player = Headless::start_ignoring_hang_ups(&home);
    let pid = Pid::from_child(&player.0);
    let file = home.music.join("tones/tone1.wav").display().to_string();
    kill_process(pid, Signal::HUP).unwrap();
    // It does what it is told afterwards; a player that ends takes less time than this.
    home.run(&["play", &file]).code(0);
    home.wait_status("that it plays", |s| s["state"] == "playing");
    kill_process(pid, Signal::HUP).unwrap();
    home.run(&["pause"]).code(0);
    home.wait_status("that it pauses", |s| s["state"] == "paused");
    assert!(player.0.try_wait().unwrap().is_none());
    // The first SIGTERM is the first signal that it has heard of.
    assert_eq!(player.end(), Some(0));
}

#[test]
fn directories_and_playlists_are_played_and_added() {
    let home = library();
    let player = Headless::start(&home);
    home.run(&["send", "auto off"]).code(0);
    let empty = home.run(&["send", "play"]).code(1);
    assert!(empty.err.contains("`jukebox play FILTER|FILE`"), "{}", empty.err);
    let path = |name: &str| home.music.join(name).display().to_string();
    home.run(&["play", &path("tones")]).code(0);
    let ahead = |s: &serde_json::Value| s["ahead"].as_array().unwrap().len();
    home.wait_status("that the directory plays", |s| s["state"] == "playing" && ahead(s) == 2);
    // The playlist lies outside the library, its files inside.
    let list = home.dir.path().join("list.m3u8");
    std::fs::write(&list, "music/tones/tone2.wav\nmusic/gone.wav\nmusic/tones/tone1.wav\n").unwrap();
    let list = list.display().to_string();
    let added = home.run(&["add", &list]).code(0);
    assert!(added.out.contains("2 tracks added"), "{}", added.out);
    home.wait_status("what was added", |s| ahead(s) == 4);
    home.run(&["play", &list]).code(0);
    let first = path("tones/tone2.wav");
    home.wait_status("that the playlist plays", |s| s["playing"]["path"] == first.as_str());
    std::fs::write(home.music.join("old.wma"), "old").unwrap();
    for verb in ["play", "add"] {
        let said = home.run(&[verb, &path("old.wma")]).code(1);
        assert!(said.err.contains("old.wma: WMA files are not supported"), "{}", said.err);
    }
    assert_eq!(player.end(), Some(0));
}

#[test]
fn a_player_rescans_its_own_library_only() {
    let home = library();
    let player = Headless::start(&home);
    let music = home.music_arg();
    assert_eq!(home.status()["music"], music.as_str());
    let inside = home.music.join("tones").display().to_string();
    for line in [&["scan"][..], &["scan", &music], &["scan", &inside]] {
        let said = home.run(line).code(0);
        assert!(said.err.contains(&format!("rescans its library ({music})")), "{line:?}: {}", said.err);
    }
    let other = home.dir.path().join("music of another");
    std::fs::create_dir(&other).unwrap();
    let refused = home.run(&["scan", other.to_str().unwrap()]).code(1);
    assert!(refused.err.contains("music of another: not in the library of the player"), "{}", refused.err);
    assert!(refused.err.contains(&music) && refused.err.contains("`jukebox send quit`"), "{}", refused.err);
    assert_eq!(player.end(), Some(0));
}

#[test]
fn terminals_come_and_go() {
    let home = library();
    let player = Headless::start(&home);
    let file = home.music.join("tones/tone1.wav").display().to_string();
    home.run(&["play", &file]).code(0);
    assert!(home.run(&["send", "detach"]).code(0).out.contains("no terminal shows this player"));
    let mut first = Player::start(&home, &[], 100, 30, &[]);
    first.wait_until("what plays", |s| s.contains('▶') && s.contains("tone1"));
    first.keys("?");
    first.wait_for("narrows this help");
    first.keys("q");
    first.resize(80, 24);
    first.wait_until("the smaller screen", |s| !s.contains("narrows this help") && s.contains("tone1"));
    first.keys(":detach\r");
    first.ends_well(0);
    first.left("the music goes on");
    assert_eq!(home.status()["state"], "playing");

    // From outside, too.
    let mut other = Player::start(&home, &[], 100, 30, &[]);
    other.wait_until("what plays", |s| s.contains("tone1"));
    assert!(home.run(&["send", "detach"]).code(0).out.contains("is let go"));
    other.ends_well(0);
    other.left("the music goes on");

    // A second one, of another size, takes the screen from the third.
    let mut second = Player::start(&home, &[], 120, 40, &[]);
    second.wait_until("what plays", |s| s.contains("tone1"));
    second.keys("q");
    second.ends_well(0);
    second.left("the music goes on");
    let mut second = Player::start(&home, &[], 120, 40, &[]);
    second.wait_until("what plays", |s| s.contains("tone1"));
    let mut third = Player::start(&home, &[], 100, 30, &[]);
    second.ends_well(0);
    second.left("another terminal");
    third.wait_until("what plays", |s| s.contains("tone1"));
    // A terminal that is closed ends nothing.
    third.close_terminal();
    third.wait_end();
    home.wait_status("that it plays", |s| s["state"] == "playing");

    let mut last = Player::start(&home, &[], 100, 30, &[]);
    last.wait_until("what plays", |s| s.contains("tone1"));
    assert_eq!(player.end(), Some(0));
    last.ends_well(0);
    last.left("the player has ended");
}

#[test]
fn a_player_with_a_screen_keeps_it() {
    let home = library();
    let mut player = Player::open(&home, 100, 30);
    home.wait_status("the library", |s| s["songs"] == 3);
    player.keys(":detach\r");
    player.wait_for("only a player started with --headless");
    assert!(home.run(&["send", "detach"]).code(1).err.contains("only a player started with --headless"));
    let mut second = Player::start(&home, &[], 100, 30, &[]);
    assert_eq!(second.wait_end(), 1);
    second.left("already running");
    player.keys(":q!\r");
    player.ends_well(0);
}

#[test]
fn answers_of_several_lines_and_views_are_printed() {
    let home = library();
    let player = Headless::start(&home);
    let told = |line: &str| home.run(&["send", line]).code(0).out;
    for name in ["calm", "loud"] {
        home.run(&["send", &format!("playlist smart {name} title~tone")]).code(0);
    }
    assert_eq!(told("playlist list"), "calm: title~tone\nloud: title~tone\n");
    let json: serde_json::Value =
        serde_json::from_str(&home.run(&["send", "--json", "playlist list"]).code(0).out).unwrap();
    assert_eq!(json, serde_json::json!({ "ok": true, "message": "calm: title~tone\nloud: title~tone" }));
    assert!(told("signature list").contains("no saved signatures yet"));
    assert!(told("mood list").contains("no moods yet"));
    let help = told("help seek");
    assert!(help.starts_with("seek ") && help.lines().count() > 3, "{help}");
    for line in ["errors", "errors"] {
        assert_eq!(told(line), "Every file can be used.\n", "it is told each time");
    }
    assert!(!told("dims").trim().is_empty() && !told("taste").trim().is_empty());
    assert!(told("queue").contains("the view Queue is open"), "{}", told("queue"));
    assert_eq!(player.end(), Some(0));
}
