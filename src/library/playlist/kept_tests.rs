//! Changing a playlist file preserves everything in it but its entries.

use super::*;
use crate::track::TrackId;

fn entry(path: &str) -> Entry {
    Entry { path: path.into(), title: Some("T".into()), secs: Some(61.0), ..Entry::default() }
}

fn parsed(bytes: &[u8], format: Format) -> Playlist {
    parse(bytes, Ok(format), Path::new("/l")).unwrap()
}

/// The content of a file after [`add`].
fn added(bytes: &[u8]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.m3u8");
    std::fs::write(&file, bytes).unwrap();
    let before = read(&file).unwrap().entries.len();
    assert_eq!(add(&file, &[entry("/m/new 1.mp3"), entry("/m/new 2.mp3")]).unwrap(), before + 2);
    let now = read(&file).unwrap();
    assert_eq!(now.entries[before].path, Path::new("/m/new 1.mp3"));
    assert_eq!(now.entries[before + 1], entry("/m/new 2.mp3"));
    std::fs::read(&file).unwrap()
}

const RADIO: &[u8] = b"#EXTM3U\r\n# my own words\r\n#EXTINF:-1 tvg-logo=\"a,b\",Radio\r\nhttp://radio/x?y#z\r\n\r\n\
#EXTVLCOPT:start-time=3\r\n#EXTINF:12,A - B\r\n/m/a.mp3\r\n#EXTX-UNKNOWN\r\nmms://last/";

#[test]
fn adding_changes_nothing_else() {
    let new = b"#EXTINF:61,T\r\n/m/new 1.mp3\r\n#EXTINF:61,T\r\n/m/new 2.mp3\r\n";
    assert_eq!(added(RADIO), [RADIO, b"\r\n", new].concat());
    let marked = [b"\xef\xbb\xbf", RADIO, b"\r\n"].concat();
    assert_eq!(added(&marked), [&marked[..], new].concat());
    let latin = b"#EXTM3U\n#caf\xe9\n/m/caf\xe9.mp3\n";
    assert!(added(latin).starts_with(latin));
    let mac = b"/m/a.mp3\r/m/b.mp3\r";
    assert!(added(mac).ends_with(b"#EXTINF:61,T\r/m/new 2.mp3\r"));
    let wide =
        |text: &str| [0xfeffu16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let text = "# \u{66f2}\r\nhttp://x/\r\n/m/a.mp3\r\n";
    assert_eq!(added(&wide(text)), [wide(text), wide(std::str::from_utf8(new).unwrap())[2..].to_vec()].concat());
    assert!(added(b"").starts_with(b"#EXTM3U\n"));
}

#[test]
fn keys_and_elements_stay_too() {
    let pls = b"[playlist]\nX-Own=1\nFile2=http://radio/\nTitle2=R\nnumberofentries = 2\nFile7=/m/a.mp3\nVersion=2\n[other]\nkey=value\n";
    let text = String::from_utf8(added(pls)).unwrap();
    assert!(
        text.starts_with("[playlist]\nX-Own=1\nFile2=http://radio/\nTitle2=R\nnumberofentries =4\nFile7=/m/a.mp3\n"),
        "{text}"
    );
    assert!(text.contains("\nFile8=/m/new 1.mp3\nTitle8=T\nLength8=61\nFile9="), "{text}");
    assert!(text.ends_with("\nVersion=2\n[other]\nkey=value\n"), "{text}");
    let around = |list: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<playlist version=\"1\"><!-- mine --><info>x</info>{list}<extension application=\"y\"><z/></extension></playlist>"
        )
    };
    let full = "<trackList><track><location>http://r/</location></track><track><location>/m/a</location><annotation>n</annotation></track></trackList>";
    let text = String::from_utf8(added(around(full).as_bytes())).unwrap();
    let (before, after) = around(full).split_once("</trackList>").map(|(a, b)| (a.to_string(), b.to_string())).unwrap();
    assert!(text.starts_with(&before) && text.ends_with(&format!("</trackList>{after}")), "{text}");
    assert_eq!(parsed(text.as_bytes(), Format::Xspf).streams.len(), 1);
    for empty in ["<trackList/>", "<trackList></trackList>", ""] {
        let text = String::from_utf8(added(around(empty).as_bytes())).unwrap();
        assert!(
            text.contains("<!-- mine -->") && text.contains("<z/>") && text.matches("<trackList>").count() == 1,
            "{text}"
        );
    }
    let latin =
        b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><playlist><title>caf\xe9</title><trackList/></playlist>";
    let text = added(latin);
    assert_eq!(parsed(&text, Format::Xspf).title.as_deref(), Some("caf\u{e9}"));
}

#[test]
fn the_largest_number_leaves_room_for_more() {
    let pls = format!("[playlist]\nFile7=/m/a.mp3\nTitle7=A\nX-Own=1\nfile {} = http://radio/\n", u64::MAX);
    let text = String::from_utf8(added(pls.replace("file ", "file").as_bytes())).unwrap();
    let begin = "[playlist]\nFile1=/m/a.mp3\nTitle1=A\nX-Own=1\nfile2 = http://radio/\nFile3=/m/new 1.mp3\n";
    assert!(text.starts_with(begin), "{text}");
}

#[test]
fn text_that_is_too_long_loses_no_element() {
    let long = "x".repeat(10_000);
    let track = |place: &str, more: &str| format!("<track><location>{place}</location>{more}</track>");
    let list = [
        track("/m/a.mp3", &format!("<annotation>{long}</annotation><title>{long}</title>{long}")),
        track(&format!("/m/{long}"), ""),
        track("/m/b.mp3", ""),
        long.clone(),
    ];
    let xspf = format!("<playlist version=\"1\"><trackList>{}</trackList></playlist>", list.concat());
    let read = parsed(xspf.as_bytes(), Format::Xspf);
    let paths: Vec<&Path> = read.entries.iter().map(|entry| entry.path.as_path()).collect();
    assert_eq!(paths, [Path::new("/m/a.mp3"), Path::new("/m/b.mp3")]);
    assert_eq!((read.left_out, read.entries[0].title.as_deref()), (1, None));
    // Further entries stand at the end of the list.
    let text = String::from_utf8(added(xspf.as_bytes())).unwrap();
    assert!(text.starts_with(xspf.strip_suffix("</trackList></playlist>").unwrap()), "{}", &text[..200]);
}

#[test]
fn what_is_written_in_the_same_format_keeps_its_words() {
    let mut list = parsed(RADIO, Format::M3u);
    assert_eq!((list.entries.len(), list.streams.len(), list.left_out), (1, 2, 2));
    let write = |list: &Playlist, format| render(list, format, true, Path::new("/m"), Paths::Relative);
    let text = |list: &Playlist, format| String::from_utf8(write(list, format)).unwrap();
    let original = String::from_utf8(RADIO.to_vec()).unwrap();
    assert_eq!(text(&list, Format::M3u), original.replace("/m/a.mp3", "a.mp3"));
    // The entry's file was found elsewhere.
    list.entries[0].path = "/m/sub/b.mp3".into();
    list.entries[0].track = Some(TrackId([7; 16]));
    let told = format!("#JUKEBOX:{}\r\nsub/b.mp3", TrackId([7; 16]));
    assert_eq!(text(&list, Format::M3u), original.replace("/m/a.mp3", &told));
    // Another format is written anew, with the streams in place.
    let pls = text(&list, Format::Pls);
    assert!(pls.starts_with("[playlist]\nFile1=http://radio/x?y#z\nTitle1=Radio\n"), "{pls}");
    assert!(pls.contains("File2=sub/b.mp3\n") && pls.contains("File3=mms://last/\n"), "{pls}");
    let xspf = text(&list, Format::Xspf);
    assert_eq!(parsed(xspf.as_bytes(), Format::Xspf).streams.len(), 2);
    let back = text(&parsed(xspf.as_bytes(), Format::Xspf), Format::M3u);
    assert!(back.starts_with("#EXTM3U\n#EXTINF:-1,Radio\nhttp://radio/x?y#z\n"), "{back}");
}

#[test]
fn places_of_other_systems_stay_until_their_files_are_found() {
    let foreign = "D:\\Music\\a.mp3\n\\\\nas\\b.mp3\nfile:///E:/c.mp3\nfile://nas/d.mp3\nsub/e.mp3\n";
    let mut list = parsed(foreign.as_bytes(), Format::M3u);
    let text =
        |list: &Playlist| String::from_utf8(render(list, Format::M3u, true, Path::new("/x"), Paths::Absolute)).unwrap();
    assert_eq!(text(&list), foreign.replace("sub/e.mp3", "/l/sub/e.mp3"));
    list.entries[2].path = "/m/c.mp3".into();
    assert!(text(&list).contains("b.mp3\n/m/c.mp3\nfile://nas"), "{}", text(&list));
    assert_eq!(is_foreign_each(), [true, true, true, true, false, false, false]);
}

fn is_foreign_each() -> Vec<bool> {
    let places: [&[u8]; 7] =
        [b"C:/a", b"\\Music\\a", b"file://host/a", b"file:///C:/a", b"a/b", b"file:///a", b"file://localhost/a"];
    places.iter().map(|place| source::is_foreign(place)).collect()
}

#[test]
fn titles_of_old_code_pages_are_read() {
    let (cyrillic, ..) = encoding_rs::WINDOWS_1251.encode("#EXTINF:12,\u{41a}\u{438}\u{43d}\u{43e} - \u{413}\u{440}\u{443}\u{43f}\u{43f}\u{430} \u{43a}\u{440}\u{43e}\u{432}\u{438}\n/m/a.mp3\n");
    let list = parsed(&cyrillic, Format::M3u);
    assert_eq!(
        list.entries[0].title.as_deref(),
        Some(
            "\u{41a}\u{438}\u{43d}\u{43e} - \u{413}\u{440}\u{443}\u{43f}\u{43f}\u{430} \u{43a}\u{440}\u{43e}\u{432}\u{438}"
        )
    );
    let named = b"#EXTENC: windows-1252\n#EXTINF:1,\x80\n/m/a\n";
    assert_eq!(parsed(named, Format::M3u).entries[0].title.as_deref(), Some("\u{20ac}"));
    for little in [true, false] {
        let unit = |u: u16| if little { u.to_le_bytes() } else { u.to_be_bytes() };
        let bare: Vec<u8> = "#EXTM3U\n/m/\u{66f2}.mp3\n".encode_utf16().flat_map(unit).collect();
        assert_eq!(parsed(&bare, Format::M3u).entries[0].path, Path::new("/m/\u{66f2}.mp3"), "no byte order mark");
    }
}

#[test]
fn long_places_are_written_whole() {
    let path = format!("/m/{}.mp3", "\u{66f2}".repeat(80));
    let list = Playlist { entries: vec![entry(&path)], ..Playlist::default() };
    let xspf = render(&list, Format::Xspf, true, Path::new("/"), Paths::Absolute);
    assert_eq!(parsed(&xspf, Format::Xspf).entries[0].path, Path::new(&path));
}
