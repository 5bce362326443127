//! Hostile names and tags on the player's screen: only the program itself may send control sequences to the terminal.
//! `tests/outside.rs` checks the output of commands.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use lofty::config::WriteOptions;
use lofty::tag::{Accessor, Tag, TagExt, TagType};

use crate::pty::Player;
use crate::support::Home;

/// Text that terminals or readers could misinterpret: window titles, clipboard, colours, device control strings, C1
/// controls in both encodings, carriage returns, right-to-left overrides, invisible characters.
const PAYLOADS: [&str; 14] = [
    "\u{1b}]0;owned\u{7}",
    "\u{1b}]52;c;b3duZWQ=\u{1b}\\",
    "\u{1b}]8;;file:///etc/passwd\u{1b}\\link",
    "\u{1b}[31m\u{1b}[2J\u{1b}[H",
    "\u{1b}P+q6f776e6564\u{1b}\\",
    "\u{9d}0;owned\u{9c}",
    "\u{9b}2J",
    "\u{90}q\u{9c}",
    "over\rwritten\u{8}\u{8}",
    "two\nlines\u{b}\u{c}\u{85}more",
    "\u{202e}gnp.exe",
    "\u{2066}isolated\u{2069}\u{200e}\u{200f}\u{61c}",
    "\u{200b}\u{200d}\u{feff}\u{2060}",
    "\u{e0041}\u{e0042}\u{7f}",
];

/// A library with one mp3 per payload, which is in its tags and, as far as possible, in its name.
fn library() -> Home {
    let home = Home::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio");
    let sound = std::fs::read(fixtures.join("chirp.mp3")).unwrap();
    for (n, payload) in PAYLOADS.iter().enumerate() {
        let dir = home.music.join(format!("dir{}", payload.replace(['/', '\0'], "_")));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join(format!("{n}{}.mp3", payload.replace(['/', '\0'], "_")));
        // Different sound data, so that each is a separate track.
        let mut own = sound.clone();
        let end = own.len() - 200 - n;
        own[end] ^= 0x55;
        std::fs::write(&path, own).unwrap();
        let mut tag = Tag::new(TagType::Id3v2);
        tag.set_title(format!("title{n}{payload}"));
        tag.set_artist(format!("artist{payload}"));
        tag.set_album(format!("album{payload}"));
        tag.set_genre(format!("genre{payload}"));
        tag.set_comment(format!("comment{payload}"));
        tag.save_to_path(&path, WriteOptions::default()).unwrap();
    }
    let broken = home.music.join(OsString::from_vec(b"broken \x9b31m\xff\x1b]0;owned\x07.mp3".to_vec()));
    std::fs::write(&broken, b"no music").unwrap();
    home
}

#[test]
fn no_name_speaks_on_the_screen() {
    let home = library();
    let mut player = Player::start(&home, &["--no-audio", &home.music.display().to_string()], 160, 50, &[]);
    player.wait_for("title");
    player.keys("gg\r");
    player.wait_for("▶");
    // A wide screen shows the tracks of one album: the cursor goes through all of them.
    for _ in 0..14 {
        player.keys("j");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    for keys in [":why\r", "\u{1b}", ":info\r", "\u{1b}", ":errors\r", "\u{1b}", "?", "\u{1b}", "/title\r", "\t"] {
        player.keys(keys);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    player.keys(":q!\r");
    player.ends_well(0);
    let raw = String::from_utf8_lossy(&player.raw()).into_owned();
    let said = |what: &&str| raw.contains(*what);
    let words = ["owned", "b3duZWQ", "file:///etc", "\u{9b}", "\u{9d}", "\u{90}", "\u{202e}", "\u{2066}"];
    // The words may appear as text, but not the sequences that would make them commands.
    let commands =
        ["\u{1b}]0;owned", "\u{1b}]52", "\u{1b}]8;", "\u{1b}P+q", "\u{9b}", "\u{9d}", "\u{90}", "\u{202e}", "\u{2066}"];
    let found: Vec<&str> = commands.into_iter().filter(said).collect();
    assert!(words.iter().any(said), "the hostile songs were never shown");
    assert!(found.is_empty(), "{found:?}");
}
