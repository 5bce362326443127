use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use proptest::prelude::*;

use super::places::plain;
use super::words::{LINES, LONGEST};
use super::*;
use crate::library::{Catalog, Song};
use crate::track::{Tags, TrackId};

const FORMATS: [Format; 3] = [Format::M3u, Format::Pls, Format::Xspf];

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

fn entry(name: &[u8]) -> Entry {
    Entry { path: path(name), ..Entry::default() }
}

fn found(list: &Playlist) -> Vec<&[u8]> {
    list.entries.iter().map(|e| e.path.as_os_str().as_bytes()).collect()
}

#[test]
fn lines_are_paths() {
    let text = b"\xef\xbb\xbf#EXTM3U\r\n#EXTINF:12,X\r\na.mp3\r\n\r\n/abs/b.flac\nhttp://radio/x\nsub/caf\xe9.ogg\n../c%20d.mp3";
    let list = parse(text, Ok(Format::M3u), Path::new("/l")).unwrap();
    assert_eq!(found(&list), [&b"/l/a.mp3"[..], b"/abs/b.flac", b"/l/sub/caf\xe9.ogg", b"/c%20d.mp3"]);
    assert_eq!((list.entries[0].secs, list.entries[0].name().as_deref()), (Some(12.0), Some("X")));
    assert_eq!((list.left_out, list.entries[1].name()), (1, None));
    assert!(is_playlist(Path::new("x.M3U8")) && !is_playlist(Path::new("x.mp3")) && !is_playlist(Path::new("m3u")));
    assert!(read(Path::new("/nonexistent.m3u")).unwrap_err().to_string().starts_with("/nonexistent.m3u: "));
    assert!(read(Path::new("/dev/zero")).unwrap_err().to_string().contains("a device, not a regular file"));
}

#[test]
fn what_others_write_is_read() {
    let pls = b"[playlist]\nNumberOfEntries=2\nFile2=/m/b.ogg\nTitle2=B\nLength2=-1\nFile1=a b.ogg\nLength1=70\nFile3=http://x/";
    let list = parse(pls, Ok(Format::M3u), Path::new("/l")).unwrap();
    assert_eq!((found(&list), list.left_out), (vec![&b"/l/a b.ogg"[..], b"/m/b.ogg"], 1));
    assert_eq!((list.entries[0].secs, list.entries[1].secs), (Some(70.0), None));
    let xspf = br#"<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Q &amp; A</title><trackList>
<track><location>file:///m/a%20%23%25b.ogg</location><title>&#65;&lt;</title><duration>1500</duration></track>
<track><location>file://host/x.ogg</location></track><track><location>sub/%E6%97%A5.ogg</location></track><track/></trackList></playlist>"#;
    let list = parse(xspf, Err(FormatError::Extension), Path::new("/l")).unwrap();
    assert_eq!(found(&list), [&b"/m/a #%b.ogg"[..], b"/host/x.ogg", "/l/sub/日.ogg".as_bytes()]);
    assert_eq!((list.title.as_deref(), list.left_out), (Some("Q & A"), 1));
    assert_eq!((list.entries[0].title.as_deref(), list.entries[0].secs), (Some("A<"), Some(1.5)));
}

#[test]
fn bombs_and_foreign_entities_are_refused() {
    for xml in [
        "<!DOCTYPE p [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><playlist><title>&b;</title></playlist>",
        "<?xml version=\"1.0\"?><!DOCTYPE p SYSTEM \"file:///etc/passwd\"><playlist/>",
        "<playlist><title>&x;</title></playlist>",
        "<playlist><trackList>",
        "<playlist></track></playlist>",
    ] {
        assert!(parse(xml.as_bytes(), Ok(Format::Xspf), Path::new("/")).is_err(), "{xml}");
    }
    let deep = format!("<playlist>{}", "<a>".repeat(50));
    assert!(parse(deep.as_bytes(), Ok(Format::Xspf), Path::new("/")).unwrap_err().to_string().contains("deep"));
    let many = "a\n".repeat(LINES + 1);
    assert!(parse(many.as_bytes(), Ok(Format::M3u), Path::new("/")).is_err());
    let long = format!("{}\nb\n", "a".repeat(LONGEST + 1));
    let list = parse(long.as_bytes(), Ok(Format::M3u), Path::new("/l")).unwrap();
    assert_eq!((found(&list), list.left_out), (vec![&b"/l/b"[..]], 1));
}

#[test]
fn every_format_keeps_names_and_identity() {
    let names: [&[u8]; 9] = [
        b"/m/a b.mp3",
        b"/m/#1.mp3",
        b"/m/100%.mp3",
        "/m/日本/曲.ogg".as_bytes(),
        b"/m/caf\xe9.mp3",
        b"/m/http://x.mp3",
        b"/m/new\nline.ogg",
        b"/m/end ",
        b"/m/ <&>\"'.mp3",
    ];
    let song = Entry {
        track: Some(TrackId([7; 16])),
        artist: Some("A & B".into()),
        title: Some("<T>".into()),
        album: Some("L".into()),
        secs: Some(61.0),
        ..Entry::default()
    };
    let entries: Vec<Entry> = names.map(|n| Entry { path: path(n), ..song.clone() }).into();
    let list = Playlist { entries, ..Playlist::default() };
    for format in FORMATS {
        for (paths, dir) in [(Paths::Absolute, "/x"), (Paths::Relative, "/x/y"), (Paths::Fitting, "/m")] {
            let bytes = render(&list, format, true, Path::new(dir), paths);
            let back = parse(&bytes, Ok(format), Path::new(dir)).unwrap();
            // `//` within a path counts as one slash.
            let expected: Vec<PathBuf> = list.entries.iter().map(|e| plain(&e.path)).collect();
            assert_eq!(
                back.entries.iter().map(|e| e.path.clone()).collect::<Vec<_>>(),
                expected,
                "{format:?} {paths:?}"
            );
            let first = &back.entries[0];
            assert_eq!((first.track, first.secs), (song.track, song.secs), "{format:?}");
            assert_eq!(first.name().as_deref(), Some("A & B - <T>"), "{format:?}");
        }
    }
}

#[test]
fn paths_are_relative_where_all_lie_below() {
    let list = |names: &[&[u8]]| Playlist { entries: names.iter().map(|n| entry(n)).collect(), ..Playlist::default() };
    let text = |list: &Playlist, paths| {
        String::from_utf8(render(list, Format::M3u, true, Path::new("/m/lists"), paths)).unwrap()
    };
    let (below, beside) = (list(&[b"/m/lists/a"]), list(&[b"/m/lists/a", b"/m/b"]));
    assert_eq!(text(&below, Paths::Fitting), "#EXTM3U\na\n");
    assert_eq!(text(&beside, Paths::Fitting), "#EXTM3U\n/m/lists/a\n/m/b\n");
    assert_eq!(text(&beside, Paths::Relative), "#EXTM3U\na\n../b\n");
}

/// Song number `n`, with a duration of `secs`.
fn song(n: u8, path: &str, title: &str, secs: f64) -> Arc<Song> {
    let tags = Tags { title: Some(title.into()), artist: Some("X".into()), ..Tags::default() };
    let probe = crate::track::Probe {
        track: TrackId([n; 16]),
        former: TrackId([n; 16]),
        secs,
        rate: 44_100,
        channels: 2,
        codec: "mp3",
        tags: tags.into(),
        tag_fault: None,
    };
    Arc::new(Song::new(Path::new(path).into(), probe, 0))
}

#[test]
fn moved_files_are_found_again() {
    let catalog = Catalog::new(vec![
        song(1, "/new/1.mp3", "One", 60.0),
        song(2, "/new/2.mp3", "Two", 70.0),
        song(3, "/new/3.mp3", "Two", 71.0),
        song(4, "/new/4.mp3", "Four", 9.0),
    ]);
    let finder = Finder::new(&catalog);
    let find = |entry: &Entry| finder.find(entry).map(|(song, how)| (song.track.0[0], how));
    assert_eq!(find(&entry(b"/new/1.mp3")), Some((1, How::Path)));
    assert_eq!(find(&Entry { track: Some(TrackId([2; 16])), ..entry(b"/old/2") }), Some((2, How::Track)));
    let named = |name: &str, secs| Entry { title: Some(name.into()), secs, ..entry(b"/old/x") };
    assert_eq!(find(&named("x - FOUR", Some(10.0))), Some((4, How::Name)));
    assert_eq!(find(&named("X - Four", Some(90.0))), None, "another recording");
    assert_eq!(find(&named("X - Two", Some(70.5))), None, "two that fit are a guess");
    assert_eq!(find(&named("X - One", None)), None, "a name alone is too little");
}

#[test]
fn files_of_other_systems_are_found_by_the_ends_of_their_paths() {
    let catalog = Catalog::new(vec![
        song(1, "/m/Music/A\u{301}lbum \u{66f2}/01 #1 100%.mp3", "a", 12.0),
        song(2, "/m/Music/Queen/Best/01 Intro.mp3", "b", 12.0),
        song(3, "/m/Music/Abba/Best/01 Intro.mp3", "c", 30.0),
        song(4, "/m/Music/Box/CD 1/01.mp3", "d", 12.0),
        song(5, "/m/Music/case/x.mp3", "e", 12.0),
        song(6, "/m/Music/Case/x.mp3", "f", 12.0),
        song(7, "/m/Music/Copy/y.mp3", "g", 12.0),
        song(7, "/m/Music/Backup/Copy/y.mp3", "g", 12.0),
    ]);
    let finder = Finder::new(&catalog);
    let find = |name: &[u8]| {
        let list = parse(name, Ok(Format::M3u), Path::new("/m/lists")).unwrap();
        finder.find(&list.entries[0]).map(|(song, how)| (song.track.0[0], how))
    };
    let (here, tail) = (Some((1, How::Path)), Some((1, How::Tail)));
    assert_eq!(find("../Music/A\u{301}lbum \u{66f2}/01 #1 100%.mp3".as_bytes()), here);
    assert_eq!(find("../Music/\u{c1}LBUM \u{66f2}/01 #1 100%.MP3".as_bytes()), here, "composed, in another case");
    assert_eq!(find("..\\Music\\\u{c1}lbum \u{66f2}\\01 #1 100%.mp3".as_bytes()), here);
    assert_eq!(find(b"../Music/A%CC%81lbum%20%E6%9B%B2/01%20%231%20100%25.mp3"), here);
    assert_eq!(find(b"..\\Music\\%C3%81lbum%20%E6%9B%B2\\01%20%231%20100%25.mp3"), here);
    assert_eq!(find("D:\\Users\\me\\Music\\A\u{301}lbum \u{66f2}\\01 #1 100%.mp3".as_bytes()), tail);
    assert_eq!(find("\\\\nas\\share\\A\u{301}lbum \u{66f2}\\01 #1 100%.mp3".as_bytes()), tail);
    assert_eq!(find(b"file:///E:/A%CC%81lbum%20%E6%9B%B2/01%20%231%20100%25.mp3"), tail);
    assert_eq!(find(b"file://nas/share/A%CC%81lbum%20%E6%9B%B2/01%20%231%20100%25.mp3"), tail);
    assert_eq!(find("file://localhost/volume1/A\u{301}lbum \u{66f2}/01 #1 100%25.mp3".as_bytes()), tail);
    assert_eq!(find(b"/volume1/music/Queen/Best/01 Intro.mp3"), Some((2, How::Tail)), "the longest end");
    assert_eq!(find(b"#EXTINF:30,x\n/volume1/Best/01 Intro.mp3"), Some((3, How::Tail)), "the one that lasts as long");
    assert_eq!(find(b"/volume1/Best/01 Intro.mp3"), None, "either may be meant");
    assert_eq!(find(b"/volume1/Nobody/01 Intro.mp3"), None, "a file's name alone is too little");
    assert_eq!(find(b"/volume1/Other/CD 1/01.mp3"), None, "and a directory that only counts says nothing");
    assert_eq!(find(b"/volume1/Box/CD 1/01.mp3"), Some((4, How::Tail)));
    assert_eq!(
        (find(b"../Music/case/x.mp3"), find(b"..\\Music\\Case\\x.mp3")),
        (Some((5, How::Path)), Some((6, How::Path)))
    );
    assert_eq!(find(b"/volume1/Copy/y.mp3").map(|(n, _)| n), Some(7), "two files of one sound");
    // In Shift-JIS the second byte of a character may be a backslash.
    let (japanese, ..) = encoding_rs::SHIFT_JIS.encode("../Music/\u{8868}/\u{66f2}.mp3");
    let own = Catalog::new(vec![song(1, "/m/Music/\u{8868}/\u{66f2}.mp3", "a", 1.0)]);
    let list = parse(&japanese, Ok(Format::M3u), Path::new("/m/lists")).unwrap();
    assert!(Finder::new(&own).find(&list.entries[0]).is_some_and(|(_, how)| how == How::Path));
}

#[test]
fn a_path_is_read_in_the_way_in_which_it_is_there() {
    let there = |path: &Path| path == Path::new("/m/A B.mp3");
    for path in ["/m/A B.mp3", "/m/A%20B.mp3", "/l/..\\m\\A B.mp3", "/l/..\\m\\A%20B.mp3"] {
        assert_eq!(located(path.into(), there), Path::new("/m/A B.mp3"), "{path}");
    }
    assert_eq!(located("/m/none%20\\".into(), there), Path::new("/m/none%20\\"));
}

#[test]
fn a_written_file_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let list = Playlist { entries: vec![entry(root.join("a.mp3").as_os_str().as_bytes())], ..Playlist::default() };
    for name in ["x.m3u8", "x.m3u", "x.pls", "x.xspf"] {
        write(&root.join(name), &list, Paths::Fitting, false).unwrap();
        let said = write(&root.join(name), &list, Paths::Fitting, false).unwrap_err();
        assert!(matches!(said, PlaylistError::Taken(_)) && said.to_string().ends_with("is there already"), "{name}");
        write(&root.join(name), &list, Paths::Fitting, true).unwrap();
        assert_eq!(read(&root.join(name)).unwrap().entries[0].path, root.join("a.mp3"), "{name}");
    }
    assert!(write(&root.join("x.txt"), &list, Paths::Fitting, false).unwrap_err().to_string().contains(".m3u8"));
}

proptest! {
    #[test]
    fn no_bytes_break_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), which in 0..3usize, lead in 0..4usize) {
        let lead: &[u8] = [&b""[..], b"[playlist]\nFile1=", b"<playlist><trackList><track><location>", b"#EXTINF:1,"][lead];
        if let Ok(list) = parse(&[lead, &bytes].concat(), Ok(FORMATS[which]), Path::new("/l")) {
            prop_assert!(list.entries.iter().all(|e| e.path.is_absolute()));
        }
    }

    #[test]
    fn any_path_survives_every_format(name in prop::collection::vec(1..=255u8, 1..40), which in 0..3usize) {
        let whole = plain(&Path::new("/m").join(path(&name).strip_prefix("/").unwrap_or(&path(&name))));
        prop_assume!(whole != Path::new("/m") && whole.starts_with("/m"));
        let list = Playlist { entries: vec![Entry { path: whole.clone(), ..Entry::default() }], ..Playlist::default() };
        for paths in [Paths::Absolute, Paths::Relative] {
            let bytes = render(&list, FORMATS[which], true, Path::new("/m"), paths);
            let back = parse(&bytes, Ok(FORMATS[which]), Path::new("/m")).unwrap();
            prop_assert_eq!(&back.entries[0].path, &whole);
        }
    }
}
