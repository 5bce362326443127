//! Questions and commands to a player from outside: a failure exits with its message and code 1, whatever else is
//! connected, and file names cannot send control sequences to the terminal of a command.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use jukebox::app::commands::COMMANDS;
use jukebox::app::commands::row::Args;
use pty::Player;
use support::Home;

fn library() -> Home {
    Home::with_songs(&[("tone", "tone"), ("noise", "noise")], 4, 6.0)
}

fn start(home: &Home) -> Player {
    let mut player = Player::open(home, 160, 40);
    player.wait_for("tone0");
    // A signature exists once the library has been analysed.
    player.wait_until("that all is heard", |screen| screen.contains("tone3") && !screen.contains(" of 8"));
    player
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn commands_that_fail_say_why_and_end_with_one() {
    let home = library();
    let config = home.home().join("config");
    write(
        &config.join("plugins/broken/plugin.toml"),
        "name = \"broken\"\nversion = \"1\"\napi = 1\ndescription = \"x\"\n",
    );
    write(&config.join("plugins/broken/init.luau"), "this is no Luau");
    write(&config.join("themes/broken.toml"), "[palette\n");
    write(&home.home().join("data/playlists/list.m3u8"), "/nowhere/at/all.flac\n");
    let mut player = start(&home);
    let fails = |line: &str| {
        let sent = home.run(&["send", line]);
        assert_eq!(sent.code, 1, "{line}: {}{}", sent.out, sent.err);
        assert!(sent.err.starts_with("jukebox: ") && sent.err.lines().count() == 1, "{line}: {}", sent.err);
        sent.err
    };
    // Every command, with an invalid argument.
    for spec in COMMANDS.iter() {
        match (spec.args, spec.name) {
            (Args::None, _) => fails(&format!("{} nonsense", spec.name)),
            (_, "play" | "enqueue" | "enqueue-next" | "save") => fails(&format!("{} /nonexistent/file", spec.name)),
            (_, "filter" | "only" | "never") => fails(&format!("{} nonsense=1", spec.name)),
            _ => fails(&format!("{} nonsense-at-all", spec.name)),
        };
    }
    // Faults found by other threads: the journal's, the engine's and the screen's.
    for (line, says) in [
        ("rate 9", "rate wants"),
        ("rate 4", "none plays"),
        ("playlist open nope", "nope"),
        ("playlist open list", "none of its tracks is in the library"),
        ("playlist delete nope", "nope"),
        ("playlist rename nope other", "nope"),
        ("playlist export nope /tmp/nope.m3u8", "nope"),
        ("signature use nope", "nope"),
        ("signature delete nope", "nope"),
        ("signature compare nope library", "nope"),
        ("mood nope 1-2", "nope"),
        ("mood delete nope", "nope"),
        ("journey \"nope\" \"nor this\"", "nope"),
        ("blend +nope", "nope"),
        ("filter like(\"/nope\")", "nope"),
        ("taste undo", "nothing to undo"),
        ("theme broken", "broken"),
        ("why 99", "no such track"),
        ("engine nope", "no engine 'nope'"),
    ] {
        let why = fails(line);
        assert!(why.contains(says), "{line}: {why}");
    }
    let refused = home.run(&["/nonexistent.wav"]).code(1);
    assert!(refused.err.contains("no such"), "{}", refused.err);
    let outside = home.dir.path().join("outside.wav");
    std::fs::write(&outside, support::wav("tone", 2.0, 3)).unwrap();
    let refused = home.run(&[outside.to_str().unwrap()]).code(1);
    assert!(refused.err.contains("outside"), "{}", refused.err);
    // Successful commands print no error and exit with 0.
    let tone = home.music.join("tone1.wav").display().to_string();
    for line in
        [&format!("play {tone}"), "rate 9%", "playlist save mine", "playlist append mine", "theme mono", "why 1"]
    {
        let sent = home.run(&["send", line]).code(0);
        assert_eq!(sent.err, "", "{line}");
    }
    assert!(fails("engine broken").contains("broken"));
    home.run(&["send", "engine signature"]).code(0);
    home.run(&["send", "quit"]).code(0);
    assert_eq!(player.wait_end(), 0);
}

fn resident(pid: u64) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn idle_clients_and_huge_requests_cost_nobody_anything() {
    let home = library();
    let _player = start(&home);
    let status = home.status();
    let socket = home.home().join("run/control.sock");
    let connect = || UnixStream::connect(&socket).unwrap();
    let _idle: Vec<UnixStream> = (0..100).map(|_| connect()).collect();
    home.run(&["send", "volume 40"]).code(0);
    let ask = |request: &str| {
        let mut stream = connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        line
    };
    let inside: Vec<u8> = format!("{}/never.wav", home.music.display()).into_bytes();
    let inside = serde_json::to_string(&inside).unwrap();
    let requests = [
        // Millions of paths; tens of thousands that could exist; a text of megabytes.
        format!("{{\"Open\":[{}[47]]}}\n", "[47],".repeat(2_500_000)),
        format!("{{\"Open\":[{}{inside}]}}\n", format!("{inside},").repeat((12 << 20) / (inside.len() + 1))),
        format!("{{\"Command\":\"enqueue {}\"}}\n", "x".repeat(8 << 20)),
    ];
    let pid = status["pid"].as_u64().unwrap();
    let first = ask(&requests[0]);
    assert!(first.contains("at most"), "{first}");
    let before = resident(pid);
    for _ in 0..4 {
        for request in &requests {
            assert!(ask(request).contains("Error"));
        }
    }
    // Each of them is about 12 MB of text, and more than ten times that when parsed.
    let left = resident(pid).saturating_sub(before);
    assert!(left < 24 * 1024, "{left} kB were kept");
    home.run(&["send", "volume 50"]).code(0);
}

/// What a command writes to a terminal.
fn shown(home: &Home, args: &[&str]) -> String {
    let mut verb = Player::start(home, args, 200, 60, &[]);
    verb.wait_end();
    // Wait for the last bytes to arrive.
    let mut seen = verb.raw();
    loop {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let now = verb.raw();
        if now.len() == seen.len() && !now.is_empty() {
            return String::from_utf8_lossy(&now).into_owned();
        }
        seen = now;
    }
}

#[test]
fn no_name_speaks_to_the_terminal_of_a_verb() {
    let home = library();
    let evil = "evil\u{1b}]0;OWNED\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2066}name";
    let same = support::wav("tone", 6.0, 1);
    for name in [format!("{evil}.wav"), format!("copy {evil}.wav")] {
        std::fs::write(home.music.join(name), &same).unwrap();
    }
    let broken = home.music.join(format!("{evil}.mp3"));
    std::fs::write(&broken, "no music").unwrap();
    let blank = home.music.join("\u{200d}\u{200d}.wav");
    std::fs::write(&blank, support::wav("noise", 6.0, 77)).unwrap();
    let models = home.home().join("data/models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::write(models.join(format!("{evil}.safetensors")), "no model").unwrap();
    let music = home.music_arg();
    home.run(&["scan", &music]).code(0);
    let (name, file) = (home.music.join(format!("{evil}.wav")), broken.to_str().unwrap());
    let name = name.to_str().unwrap();
    let list = home.dir.path().join(format!("{evil}.m3u8"));
    std::fs::write(&list, format!("{evil}.ogg\n")).unwrap();
    let list = list.to_str().unwrap();
    for args in [
        &["duplicates"][..],
        &["duplicates", "--paths"],
        &["duplicates", "--json"],
        &["search", "evil"],
        &["search", "--json", "evil"],
        &["search", evil],
        &["similar", name],
        &["similar", file],
        &["model", "list"],
        &["model", "show", evil],
        &["playlist", "check", list],
        &["--config", file, "status"],
        &["scan", file],
        &["send", evil],
        &[evil],
        &["--no-such", evil],
        &["duplicates", "--kind", evil],
        &["similar", name, "-n", evil],
    ] {
        let text = shown(&home, args).replace("\r\n", "\n");
        let own = text.replace("\r\u{1b}[K", "");
        let speaks = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{2066}';
        assert!(!own.contains(speaks), "{args:?}: {own:?}");
    }
    // A pipe gets the exact bytes, and JSON preserves them.
    let found = home.run(&["search", "evil"]).code(0);
    assert!(found.out.lines().any(|line| line == name), "{}", found.out);
    let json = home.run(&["search", "--json", "evil"]).code(0);
    assert!(
        !json.out.contains('\u{9b}') && json.out.contains("\\u009b") && json.out.contains("\\u202e"),
        "{}",
        json.out
    );
    let hits: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(hits.as_array().unwrap().iter().any(|hit| hit["path"] == name));
    assert!(shown(&home, &["search", "length<10:00"]).contains("(untitled)"));
}

#[test]
fn the_library_is_asked_while_it_is_scanned() {
    let home = library();
    let music = home.music_arg();
    home.run(&["scan", &music]).code(0);
    // Long enough that their scan is still running when questions are asked. Their first samples make them eight tracks.
    let mut long = support::wav("noise", 240.0, 0);
    for n in 0..8u8 {
        long[44] = n;
        std::fs::write(home.music.join(format!("long{n}.wav")), &long).unwrap();
    }
    let mut scan = home.command(&["scan", &music, "--full", "--loudness", "--workers", "1"]);
    let mut scan = scan.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let socket = home.home().join("run/control.sock");
    while UnixStream::connect(&socket).is_err() {
        assert!(scan.try_wait().unwrap().is_none(), "it ended before anything could be asked");
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_raw(scan.id() as i32).unwrap();
    let found = home.run(&["search", "tone"]).code(0);
    assert_eq!(found.out.lines().count(), 4, "{}", found.out);
    let status = home.run(&["status"]).code(0);
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    let _ = scan.wait();
    assert!(status.out.contains("8 songs"), "{}", status.out);
}

#[test]
fn the_configuration_is_named_before_or_behind_a_verb() {
    let home = Home::new();
    let config = home.dir.path().join("c.toml");
    std::fs::write(&config, "[player]\nvolume = 50\n").unwrap();
    let config = config.to_str().unwrap();
    for args in [
        &["--config", config, "status"][..],
        &["status", "--config", config],
        &["--config", config, "playlist", "list"],
    ] {
        home.run(args).code(0);
    }
    for verb in ["status", "next", "stats"] {
        let missing = home.run(&["--config", "/nonexistent.toml", verb]).code(1);
        assert!(missing.err.contains("/nonexistent.toml: no such configuration file"), "{}", missing.err);
    }
    let stray = home.run(&["--no-audio", "status"]).code(2);
    assert!(stray.err.contains("--no-audio"), "{}", stray.err);
    // A command's name after a path is a path.
    let file = home.run(&["/nonexistent", "status"]).code(1);
    assert!(file.err.contains("/nonexistent: no such"), "{}", file.err);
    let help = home.run(&["--help"]).code(0).out;
    assert!(help.contains("[--config <FILE>] <COMMAND>"), "{help}");
}
