//! Playlists of other programs and systems; overwriting only on request; invalid files.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pty::Player;
use support::Home;

fn scan(home: &Home) {
    home.run(&["scan", "--tags-only", home.music.to_str().unwrap()]).code(0);
}

fn list(home: &Home, name: &str, bytes: &[u8]) -> String {
    let dir = home.dir.path().join("lists");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(name), bytes).unwrap();
    dir.join(name).display().to_string()
}

#[test]
fn lists_of_other_systems_are_found_and_kept() {
    let home = Home::new();
    for (n, name) in ["A \u{c9}t\u{e9}/01 #1 100%.wav", "A \u{c9}t\u{e9}/02.wav", "B/02.wav"].into_iter().enumerate() {
        home.wav(name, "tone", 3.0 + n as f32, n as u32);
    }
    scan(&home);
    let wide =
        |text: &str| [0xfeffu16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let in_place = [
        list(&home, "percent.m3u", b"../music/A%20%C3%89t%C3%A9/01%20%231%20100%25.wav\n../music/B/02.wav"),
        list(&home, "back.m3u", "..\\music\\A \u{c9}t\u{e9}\\01 #1 100%.wav\r\n..\\music\\B\\02.wav\r\n".as_bytes()),
        list(&home, "nfd.m3u8", "../music/A E\u{301}te\u{301}/01 #1 100%.wav\n../music/b/02.WAV".as_bytes()),
        list(&home, "wide.m3u", &wide("../music/A \u{c9}t\u{e9}/01 #1 100%.wav\r\n../music/B/02.wav\r\n")),
        list(&home, "old.m3u", b"../music/A \xc9t\xe9/01 #1 100%.wav\n../music/B/02.wav"),
        list(
            &home,
            "back.pls",
            "[playlist]\r\nFile1=..\\music\\A \u{c9}t\u{e9}\\02.wav\r\nFile9=../music/B/02.wav".as_bytes(),
        ),
    ];
    for file in &in_place {
        let said = home.run(&["playlist", "check", file]).code(0).out;
        assert!(said.contains("2 in place, 0 moved"), "{file}: {said}");
    }
    let away = "#EXTM3U\r\n# mine\r\n#EXTINF:-1,Radio\r\nhttp://radio/\r\nD:\\Music\\B\\02.wav\r\n\
        /volume1/music/A \u{c9}t\u{e9}/02.wav\r\n/volume1/C/02.wav\r\n#EXTVLCOPT:x\r\n\\\\nas\\gone.wav\r\n";
    let away = list(&home, "away.m3u8", away.as_bytes());
    let said = home.run(&["playlist", "check", &away]).code(0).out;
    assert!(said.contains("0 in place, 0 moved, 2 by the end of their path, 0 by name and length, 2 not in"), "{said}");
    let said = home.run(&["playlist", "import", &away]).code(0).err;
    assert!(said.contains("away: 4 tracks, 2 found, 2 not in the library, 1 stream kept"), "{said}");
    let kept = fs::read_to_string(home.home().join("data/playlists/away.m3u8")).unwrap();
    let music = home.music.display();
    assert!(kept.starts_with("#EXTM3U\r\n# mine\r\n#EXTINF:-1,Radio\r\nhttp://radio/\r\n#JUKEBOX:"), "{kept}");
    assert!(kept.contains(&format!("\r\n{music}/B/02.wav\r\n")), "{kept}");
    assert!(kept.ends_with("\r\n/volume1/C/02.wav\r\n#EXTVLCOPT:x\r\n\\\\nas\\gone.wav\r\n"), "{kept}");
    assert!(home.run(&["playlist", "import", &away]).code(1).err.contains("--name"));
    // An existing playlist is overwritten only on request.
    let out = home.dir.path().join("out.pls");
    let export =
        |force: &[&str]| home.run(&[&["playlist", "export", "away", out.to_str().unwrap()][..], force].concat());
    export(&[]).code(0);
    // Another program may have to read it; the playlist that it was made of is the user's alone.
    fs::write(home.dir.path().join("plain"), "").unwrap();
    assert_eq!(support::mode(&out), support::mode(&home.dir.path().join("plain")));
    assert_eq!(support::mode(&home.home().join("data/playlists/away.m3u8")), 0o600);
    fs::write(&out, "mine").unwrap();
    assert!(export(&[]).code(1).err.contains("--force"));
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    export(&["--force"]).code(0);
    assert!(fs::read_to_string(&out).unwrap().contains("File1=http://radio/"));
}

#[track_caller]
fn wait(file: &Path, what: &str, is: impl Fn(&str) -> bool) -> String {
    let begun = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if is(&text) {
            return text;
        }
        assert!(begun.elapsed() < pty::PATIENCE, "never {what}: {text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_player_keeps_what_is_there() {
    let home = Home::new();
    home.wav("a.wav", "tone", 30.0, 1);
    let lists = home.home().join("data/playlists");
    fs::create_dir_all(&lists).unwrap();
    let radio = "#EXTM3U\n# mine\n#EXTINF:-1,Radio\nhttp://radio/\n#EXT-X-OWN:1\n";
    fs::write(lists.join("radio.m3u8"), radio).unwrap();
    let (real, link) = (home.dir.path().join("real.m3u8"), home.dir.path().join("link.m3u8"));
    fs::write(&real, "mine").unwrap();
    std::os::unix::fs::symlink("real.m3u8", &link).unwrap();
    let mut player = Player::start(&home, &["--no-audio", home.music.to_str().unwrap()], 120, 40, &[]);
    home.wait_status("scanned", |s| s["songs"] == 1);
    let send = |line: &str| home.run(&["send", line]);
    send("auto off").code(0);
    send("play a.wav").code(0);
    home.wait_status("playing", |s| s["playing"]["title"] == "a");
    send("playlist add radio").code(0);
    let path = home.music.join("a.wav").display().to_string();
    let now = wait(&lists.join("radio.m3u8"), "added", |text| text.contains(&path));
    assert!(now.starts_with(radio) && now.len() > radio.len(), "{now}");
    // A copy has the same bytes, and is undone; no name that is taken is written over.
    send("playlist duplicate radio copy").code(0);
    assert_eq!(fs::read(lists.join("copy.m3u8")).unwrap(), now.as_bytes());
    assert!(send("playlist duplicate radio copy").code(1).err.contains("already exists"));
    assert!(send("playlist rename copy radio").code(1).err.contains("already exists"));
    send("undo").code(0);
    assert!(!lists.join("copy.m3u8").exists());
    send("playlist smart hits #1 hits").code(0);
    assert_eq!(fs::read_to_string(lists.join("hits.smart")).unwrap(), "\\#1 hits\n");
    // Rejected on the screen too; the existing file is kept.
    let refused = send(&format!("save {}", link.display())).code(1).err;
    assert!(refused.contains("is there already") && refused.contains("save!"), "{refused}");
    player.wait_for("is there already");
    assert_eq!(fs::read_to_string(&real).unwrap(), "mine");
    send(&format!("save! {}", link.display())).code(0);
    wait(&real, "written over", |text| text.contains(&path) || text.contains("a.wav"));
    assert!(link.is_symlink(), "the link stays one");
    assert!(send("playlist save radio").code(1).err.contains("save! radio"));
    assert!(fs::read_to_string(lists.join("radio.m3u8")).unwrap().starts_with(radio));
    send("playlist save! radio").code(0);
    wait(&lists.join("radio.m3u8"), "replaced", |text| !text.contains("mine"));
    assert!(fs::read_to_string(lists.join("radio.m3u8~")).unwrap().starts_with(radio), "one step back is kept");
    player.keys("qy");
    assert_eq!(player.wait_end(), 0);
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let home = Home::new();
    home.wav("a.wav", "tone", 3.0, 1);
    scan(&home);
    let fifo = |path: PathBuf| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        path
    };
    let own = home.home();
    let refused = |args: &[&str]| {
        let said = home.run(args).code(1).err;
        assert!(said.contains("a FIFO, not a regular file"), "{args:?}: {said}");
    };
    let pipe = fifo(home.dir.path().join("pipe.m3u8"));
    let pipe = pipe.to_str().unwrap();
    refused(&["playlist", "import", pipe]);
    refused(&["playlist", "show", pipe]);
    refused(&["import", "--from", "rhythmbox", pipe]);
    refused(&["import", "--from", "cmus", pipe]);
    fifo(own.join("data/playlists/p.m3u8"));
    refused(&["playlist", "show", "p"]);
    fifo(own.join("data/playlists/s.smart"));
    refused(&["playlist", "show", "s"]);
    fifo(own.join("data/signatures/x.json"));
    refused(&["signature", "--compare", "x", "x"]);
    fifo(home.dir.path().join("export/history.jsonl"));
    refused(&["import", home.dir.path().join("export").to_str().unwrap()]);
    fifo(own.join("data/journal.jsonl"));
    refused(&["stats"]);
    fifo(own.join("config/config.toml"));
    refused(&["search", "x"]);
}

#[test]
fn playlists_are_listed_and_shown_as_json() {
    let home = Home::new();
    let told = |args: &[&str]| serde_json::from_str::<serde_json::Value>(&home.run(args).code(0).out).unwrap();
    assert_eq!(told(&["playlist", "list", "--json"]), serde_json::json!([]));
    let file = home.music.join("p.m3u8");
    std::fs::write(&file, "/m/a.mp3\n/m/b.mp3\n").unwrap();
    let file = file.display().to_string();
    assert_eq!(told(&["playlist", "show", &file, "--json"]), serde_json::json!(["/m/a.mp3", "/m/b.mp3"]));
    home.run(&["playlist", "import", &file]).code(0);
    assert_eq!(told(&["playlist", "list", "--json"]), serde_json::json!(["p"]));
}
