use std::fs;
use std::os::unix::fs::symlink;

use super::*;

const SHEET: &str = "FILE \"rooms.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:00:45\n";

/// An mp3 with this cue sheet in its tag.
fn with_sheet(sheet: &str) -> Vec<u8> {
    let body = format!("\0CUESHEET\0{sheet}");
    let seven = [21, 14, 7, 0].map(|bits| ((body.len() + 10) >> bits) as u8 & 0x7f);
    let size = (body.len() as u32).to_be_bytes();
    let sound = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/audio/chirp-bare.mp3")).unwrap();
    [&b"ID3\x03\0\0"[..], &seven, b"TXXX", &size, &[0, 0], body.as_bytes(), &sound].concat()
}

/// A directory with files of these names, and its canonical path.
fn files(names: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    for (name, bytes) in names {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), bytes).unwrap();
    }
    (dir, root)
}

#[test]
fn every_kind_of_argument_stands_for_what_the_library_lists() {
    let book = with_sheet(SHEET);
    let list = b"music/one.mp3\nmusic/gone.mp3\nmusic/album/rooms.wav\nmusic/book.mp3\nmusic/cover.jpg\n";
    let (_dir, root) = files(&[
        ("music/album/rooms.wav", b"RIFF"),
        ("music/album/rooms.cue", SHEET.as_bytes()),
        ("music/one.mp3", b"x"),
        ("music/book.mp3", &book),
        ("music/cover.jpg", b"x"),
        ("list.m3u8", list),
    ]);
    let of = |names: &[&str]| -> Vec<String> {
        let arguments: Vec<PathBuf> = names.iter().map(|name| root.join(name)).collect();
        let named = look_up(&arguments, Some(&root.join("music"))).unwrap();
        let shown = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
        let shown = |named: &Named| match named {
            Named::Dir(dir) => format!("{}/", shown(dir)),
            Named::File(file) => shown(file),
        };
        named.iter().map(shown).collect()
    };
    let rooms = ["music/album/rooms.cue/track0001", "music/album/rooms.cue/track0002"];
    let book = ["music/book.mp3/track0001", "music/book.mp3/track0002"];
    assert_eq!(of(&["music/album", "music/one.mp3"]), ["music/album/", "music/one.mp3"]);
    assert_eq!(of(&["list.m3u8"]), [&["music/one.mp3"], &rooms[..], &book[..]].concat());
    assert_eq!(of(&["music/album/rooms.cue", "music/album/rooms.wav"]), rooms, "the pieces once");
    assert_eq!(of(&["music/book.mp3"]), book);
    assert_eq!(of(&["music/book.mp3/track0002"]), book[1..]);
}

#[test]
fn what_cannot_be_played_is_refused_by_name_and_reason() {
    let (_dir, root) = files(&[
        ("one.mp3", b"x"),
        ("x.WMA", b"x"),
        ("cover.jpg", b"x"),
        ("gone.m3u", b"nowhere.mp3\n"),
        ("apart.cue", b"FILE \"one.mp3\" MP3\n"),
    ]);
    for (name, why) in [
        ("x.WMA", "x.WMA: WMA files are not supported"),
        ("cover.jpg", "cover.jpg: neither a directory nor a music file"),
        ("gone.m3u", "gone.m3u: none of its files exists"),
        ("apart.cue", "apart.cue: no track in it"),
        ("nowhere", "nowhere: no such directory or file"),
    ] {
        // Also where something else can be played.
        let said = look_up(&[root.join("one.mp3"), root.join(name)], None).unwrap_err().to_string();
        assert!(said.contains(why) && said.starts_with(root.to_str().unwrap()), "{said}");
    }
    assert!(few_enough(vec![PathBuf::new(); MOST]).is_ok());
    assert!(few_enough(vec![PathBuf::new(); MOST + 1]).unwrap_err().to_string().contains("100001 files"));
}

#[test]
fn links_inside_the_library_keep_their_names() {
    let (_dir, root) = files(&[("disk/a/1.mp3", b"x"), ("music/2.mp3", b"x")]);
    symlink(root.join("disk/a"), root.join("music/link")).unwrap();
    let (file, dir) = (root.join("music/link/1.mp3"), root.join("music/link"));
    let named = look_up(&[file.clone(), dir.clone()], Some(&root.join("music"))).unwrap();
    assert_eq!(named, [Named::File(file.clone()), Named::Dir(dir)]);
    let elsewhere = look_up(&[file], None).unwrap();
    assert_eq!(elsewhere, [Named::File(root.join("disk/a/1.mp3"))]);
}
