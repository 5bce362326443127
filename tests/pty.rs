//! The player in a pseudo-terminal: it starts, plays, responds and exits, and always restores the terminal.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "pty/covers.rs"]
mod covers;
#[path = "support/pty.rs"]
mod pty;
mod support;

use std::time::{Duration, Instant};

use pty::Player;
use rustix::process::Signal;
use support::Home;

fn library() -> Home {
    Home::with_songs(&[("tones/tone", "tone"), ("noises/noise", "noise")], 6, 6.0)
}

fn start(home: &Home, columns: u16, rows: u16) -> Player {
    let mut player = Player::open(home, columns, rows);
    // A wide screen shows albums, named after their directories, beside the tracks of one of them.
    player.wait_for(if columns < 120 { "tone0" } else { "tones" });
    player
}

#[test]
fn plays_and_fills_the_queue_and_says_why() {
    // Different lengths: tones or noises of equal length would count as versions of one song, which never follow each
    // other.
    let home = Home::new();
    for n in 0..4 {
        home.wav(&format!("tones/tone{n}.wav"), "tone", 40.0 + 9.0 * n as f32, n);
        home.wav(&format!("noises/noise{n}.wav"), "noise", 40.0 + 9.0 * n as f32, n);
    }
    let mut player = start(&home, 200, 60);
    player.wait_for("no sound");
    player.keys("gg\r");
    player.wait_until("a playing track and automatic ones", |s| s.contains('▶') && s.matches('~').count() >= 5);
    // While the library is analysed only three tracks stand ahead.
    let status = home.wait_status("more automatic tracks", |s| s["ahead"].as_array().is_some_and(|a| a.len() >= 4));
    assert_eq!(status["state"], "playing");
    let ahead = status["ahead"].as_array().unwrap();
    assert!(ahead.iter().all(|a| a["auto"] == true && !a["why"].as_str().unwrap().is_empty()));
    player.keys(":signature 3,7,12\r");
    player.wait_for("3,7,12");
    home.run(&["send", "pause"]).code(0);
    player.wait_until("the pause", |s| s.contains('‖'));
    let wrong = home.run(&["send", "signature", "99"]).code(1);
    assert!(wrong.err.contains("32"), "{}", wrong.err);
    player.keys(":q!\r");
    player.ends_well(0);
}

#[test]
fn follows_the_directory_and_is_asked_by_others() {
    let home = library();
    let mut player = start(&home, 79, 40);
    home.wav("later/brandnew.wav", "tone", 5.0, 77);
    player.wait_for("brandnew");
    std::fs::remove_file(home.music.join("tones/tone0.wav")).unwrap();
    player.wait_until("that tone0 is gone", |s| !s.contains("tone0"));
    let second = home.run(&["scan", &home.music_arg()]).code(0);
    assert!(second.err.contains("is running"), "{}", second.err);
    let seed = home.music.join("tones/tone1.wav").display().to_string();
    let similar = home.run(&["similar", &seed, "-n", "2"]);
    assert_eq!(similar.code, 0, "{}", similar.err);
    player.keys(":q!\r");
    player.ends_well(0);
}

/// A first start without music: the first piece of the demo library plays once it is composed; the others follow.
#[test]
fn a_first_start_without_music_plays_the_demo() {
    let home = Home::new();
    let mut player = Player::start(&home, &["--no-audio"], 80, 24, &[]);
    player.wait_for("Attic, Late August");
    let status = home.wait_status("plays", |status| status["state"] == "playing");
    assert_eq!(status["playing"]["title"], "Attic, Late August");
    let status = home.wait_status("more pieces", |status| status["songs"].as_u64() >= Some(4));
    assert_eq!(status["faults"], 0, "no piece is read before it is whole");
    player.keys(":q!\r");
    player.ends_well(0);
}

#[test]
fn the_session_comes_back() {
    let home = library();
    let mut player = start(&home, 120, 40);
    player.keys("/tone3\r\r");
    player.wait_until("tone3 plays", |s| s.contains('▶'));
    player.keys(":q!\r");
    player.ends_well(0);
    let mut player = Player::open(&home, 120, 40);
    player.wait_for("tone3");
    let status = home.status();
    assert_eq!((&status["state"], &status["playing"]["title"]), (&"paused".into(), &"tone3".into()));
}

#[test]
fn every_end_restores_the_terminal() {
    let home = library();
    for (signal, code) in [(Signal::TERM, 0), (Signal::HUP, 0), (Signal::INT, 0)] {
        let mut player = start(&home, 80, 24);
        player.keys("gg\r");
        player.wait_for("▶");
        player.signal(signal);
        player.ends_well(code);
    }
}

#[test]
fn a_terminal_that_vanishes_leaves_no_orphan() {
    let home = library();
    let mut player = start(&home, 80, 24);
    player.close_terminal();
    player.wait_end();
}

#[test]
fn an_end_by_force_or_by_a_fault_gives_the_terminal_back_too() {
    let home = library();
    // Running out of memory or a panic within a panic raises SIGABRT, a fault in a library SIGSEGV, and the OOM killer
    // SIGKILL.
    for signal in [Signal::ABORT, Signal::SEGV, Signal::KILL] {
        let mut player = start(&home, 80, 24);
        // Repeatedly, because Rust's SIGSEGV handler uninstalls itself at the first signal and expects a real fault to
        // recur.
        while player.child.try_wait().unwrap().is_none() {
            player.signal(signal);
            std::thread::sleep(Duration::from_millis(20));
        }
        // Only the guard process can restore the terminal.
        player.left("jukebox did not end by itself");
        let begun = Instant::now();
        while player.on_alternate_screen() || !player.terminal_is_restored() {
            assert!(begun.elapsed() < pty::PATIENCE, "{signal:?}: {}", player.contents());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    // After a normal exit it prints nothing.
    let mut player = start(&home, 80, 24);
    player.keys(":q!\r");
    player.ends_well(0);
    assert!(!player.contents().contains("by itself"), "{}", player.contents());
}

#[test]
fn a_terminal_that_vanishes_is_noticed_though_nobody_sends_a_hang_up() {
    let home = library();
    let music = home.music_arg();
    // In a session of its own, the terminal is connected only through its input and output.
    let mut player = Player::start_by(&["setsid", "--wait"], &home, &["--no-audio", &music], 80, 24, &[]);
    player.wait_for("tone0");
    let status = home.status();
    let process = format!("/proc/{}/stat", status["pid"]);
    assert_eq!(status["state"], "stopped", "nothing plays: no clock looks at the terminal");
    player.close_terminal();
    let begun = Instant::now();
    let runs = || std::fs::read_to_string(&process).is_ok_and(|stat| !stat.contains(") Z "));
    while runs() {
        assert!(begun.elapsed() < pty::PATIENCE, "it lives on without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_panic_on_a_worker_thread_is_said_and_nothing_breaks() {
    let home = library();
    let music = home.music_arg();
    let mut player = Player::start(&home, &["--no-audio", &music], 100, 30, &[("JUKEBOX_FAULT", "panic:engine")]);
    player.wait_for("tone0");
    player.keys("gg\r");
    player.wait_for("engine");
    player.keys(":q!\r");
    player.ends_well(0);
    let log = std::fs::read_to_string(home.home().join("state/jukebox.log")).unwrap();
    assert!(log.contains("panic"), "{log}");
}

#[test]
fn sizes_from_tiny_to_large_and_back() {
    let home = library();
    let mut player = start(&home, 80, 24);
    player.resize(40, 8);
    player.wait_for("small");
    for (columns, rows) in [(1, 1), (3, 2), (200, 60), (41, 11), (80, 24)] {
        player.resize(columns, rows);
        std::thread::sleep(Duration::from_millis(60));
    }
    player.wait_for("tone0");
    player.keys(":q!\r");
    player.ends_well(0);
}

#[test]
fn an_answer_of_the_terminal_that_comes_late_is_no_key() {
    let home = library();
    let mut player = start(&home, 80, 24);
    // It asked for the background, and went on without an answer.
    assert!(String::from_utf8_lossy(&player.raw()).contains("\u{1b}]11;?"));
    // As keys, its letters would change tracks and open the command line, where the help does not open.
    player.keys("\u{1b}]11;rgb:bbbb/bbbb/bbbb\u{7}");
    player.keys("?");
    player.wait_for("narrows this help");
    player.keys("q:q!\r");
    player.ends_well(0);
}

#[test]
fn names_cannot_speak_to_the_terminal() {
    let home = library();
    let name = "evil\u{1b}]0;owned\u{7}\u{202e}name.wav";
    std::fs::write(home.music.join(name), support::wav("tone", 2.0, 3)).unwrap();
    let mut player = start(&home, 79, 40);
    player.wait_for("evil");
    player.keys(":q!\r");
    player.ends_well(0);
    let raw = player.raw();
    let raw = String::from_utf8_lossy(&raw);
    assert!(!raw.contains("\u{1b}]0;owned") && !raw.contains('\u{202e}'), "the name spoke to the terminal");
}

#[test]
fn a_player_already_runs() {
    let home = library();
    let mut player = start(&home, 100, 30);
    let music = home.music_arg();
    for _ in 0..20 {
        let mut second = Player::start(&home, &["--no-audio", &music], 100, 30, &[]);
        assert_eq!(second.wait_end(), 1);
        second.left("already running");
    }
    let file = home.music.join("noises/noise2.wav").display().to_string();
    let handed = home.run(&[&file]);
    assert_eq!(handed.code, 0, "{}", handed.err);
    player.wait_until("the file that was handed over plays", |s| s.contains('▶') && s.contains("noise2"));
    let list = home.dir.path().join("list.m3u");
    std::fs::write(&list, "#EXTM3U\nmusic/gone.wav\nmusic/tones/tone4.wav\nmusic/tones/tone5.wav\n").unwrap();
    home.run(&[&list.display().to_string()]).code(0);
    let plays = |s: &str| s.lines().any(|line| line.contains('▶') && line.contains("tone4"));
    player.wait_until("the playlist that was handed over plays", plays);
    std::fs::write(&list, "music/gone.wav\n").unwrap();
    assert!(home.run(&[&list.display().to_string()]).code(1).err.contains("none of its files exists"));
}

#[test]
fn the_window_is_named_after_what_plays_and_has_its_old_title_back() {
    let home = library();
    let waits = |player: &Player, sequence: &str| {
        let begun = Instant::now();
        while !String::from_utf8_lossy(&player.raw()).contains(sequence) {
            assert!(begun.elapsed() < pty::PATIENCE, "{sequence:?} never came");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    for killed in [false, true] {
        let mut player = start(&home, 80, 24);
        waits(&player, "\u{1b}[22;2t");
        waits(&player, "\u{1b}]2;jukebox\u{7}");
        player.keys("/tone3\r\r");
        waits(&player, "\u{1b}]2;tone3\u{7}");
        if killed {
            player.signal(Signal::KILL);
            player.left("jukebox did not end by itself");
        } else {
            player.keys(":q!\r");
            player.ends_well(0);
        }
        waits(&player, "\u{1b}[23;2t");
    }
    let config = home.dir.path().join("untitled.toml");
    std::fs::write(&config, "[ui]\ntitle = false\n").unwrap();
    let (config, music) = (config.display().to_string(), home.music_arg());
    let mut player = Player::start(&home, &["--no-audio", "--config", &config, &music], 80, 24, &[]);
    player.wait_for("tone3");
    player.keys(":q!\r");
    player.ends_well(0);
    let raw = String::from_utf8_lossy(&player.raw()).into_owned();
    let titles = ["\u{1b}[22;2t", "\u{1b}]2;", "\u{1b}[23;2t"];
    assert!(titles.iter().all(|sequence| !raw.contains(sequence)), "a title was asked for by nobody");
}
