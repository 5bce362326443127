//! Lyrics in every form, good and bad.

use std::fs;
use std::path::{Path, PathBuf};

use encoding_rs::{SHIFT_JIS, UTF_16BE, WINDOWS_1251};
use proptest::prelude::*;

use super::decode::decoded;
use super::*;
use crate::library::tags::fixture::{ape, atom, comments, flac, frame, mp3, mp4, utf16};

fn lines(text: &str) -> Vec<(u32, String)> {
    parse(text).lines.into_iter().map(|line| (line.at, line.text)).collect()
}

fn expect(text: &str, expected: &[(u32, &str)]) {
    let expected: Vec<(u32, String)> = expected.iter().map(|(at, text)| (*at, (*text).to_string())).collect();
    assert_eq!(lines(text), expected, "{text}");
}

#[test]
fn lines_are_sorted_and_repeated_as_their_times_say() {
    let text = "[ti:Song]\r\n[ar: Someone]\r\n[00:20.00]\u{feff}two\r\n[00:10.00][00:30.5] one \r\n[00:25]\r\n";
    expect(text, &[(10_000, "one"), (20_000, "two"), (25_000, ""), (30_500, "one")]);
    // A line without a time goes with the one before it, and blank ones are only layout.
    expect("[00:05]a\n\n(la)\n[00:01]b\r", &[(1000, "b"), (5000, "a"), (5000, "(la)")]);
}

#[test]
fn an_offset_moves_all_lines_and_words() {
    expect("[offset:+500]\n[00:01]a\n[00:00.2]b", &[(0, "b"), (500, "a")]);
    expect("[00:01]a\n[offset: -250 ]", &[(1250, "a")]);
    expect("[offset:soon]\n[00:01]a", &[(1000, "a")]);
    let moved = parse("[offset:100]\n[00:01]<00:01>a <00:01.5>b");
    assert_eq!(moved.lines[0].words, [Word { at: 900, from: 0 }, Word { at: 1400, from: 2 }]);
}

#[test]
fn what_is_no_time_is_text() {
    expect("[00:99]x\n[Chorus: all]\n[zz]\n<3", &[(0, "[00:99]x"), (0, "[Chorus: all]"), (0, "[zz]"), (0, "<3")]);
    expect("[00:01]a [x] <b> 1<2", &[(1000, "a [x] <b> 1<2")]);
    assert!(!parse("la\nla").timed && parse("[00:01]la").timed);
    assert!(parse("").is_empty() && parse("[ar:x]\n[length: 3:00]\n\n").is_empty());
    expect("\n\nverse\n\nverse\n\n", &[(0, "verse"), (0, ""), (0, "verse")]);
}

#[test]
fn words_have_times_of_their_own() {
    let lyrics = parse("[00:10.00] <00:10.00> Wild <00:10.50> is <00:11>the\u{1b}[0m<00:12>\n[00:20]<00:20>x<00:21>y");
    let line = &lyrics.lines[0];
    assert_eq!(line.text, "Wild is the [0m");
    let sung = |ms| &line.text[..line.sung(ms)];
    assert_eq!([sung(0), sung(10_000), sung(10_700), sung(11_000)], ["", "Wild ", "Wild is ", "Wild is the [0m"]);
    assert_eq!(lyrics.lines[1].text, "xy");
    // Without a time of the line, its first word's counts.
    expect("<00:03>a <00:04>b", &[(3000, "a b")]);
    // A repeated line's words are repeated with it.
    let twice = parse("[00:10][01:10]<00:10>a <00:11>b");
    assert_eq!(twice.lines[1].words, [Word { at: 70_000, from: 0 }, Word { at: 71_000, from: 2 }]);
}

#[test]
fn the_line_that_sounds_is_found_with_its_translation() {
    let lyrics = parse("[00:10]one\n[00:10]eins\n[00:20]<00:20>two <00:22>words\n[00:30]");
    let lit = |ms| lyrics.lit(ms).map(|lit| (lit.first, lit.end, lit.words));
    assert_eq!([lit(-5), lit(9_999)], [None, None]);
    assert_eq!([lit(10_000), lit(19_999), lit(20_000)], [Some((0, 2, 0)), Some((0, 2, 0)), Some((2, 3, 1))]);
    assert_eq!([lit(22_000), lit(i64::MAX)], [Some((2, 3, 2)), Some((3, 4, 0))]);
    let next = [-5, 10_000, 20_000, 22_000, 30_000].map(|ms| lyrics.next(ms));
    assert_eq!(next, [Some(10_000), Some(20_000), Some(22_000), Some(30_000), None]);
    assert_eq!((parse("a\nb").lit(5), parse("a\nb").next(5)), (None, None));
}

#[test]
fn there_is_a_limit_to_everything() {
    let many = parse(&"[00:01][00:02]la\n".repeat(15_000));
    assert!(many.cut && many.lines.len() == 2_000);
    let stamps = "[00:01]".repeat(60);
    let long = parse(&format!("{stamps}{}\n", "word ".repeat(500)).repeat(200));
    let bytes: usize = long.lines.iter().map(|line| line.text.len()).sum();
    assert!(bytes <= 256 << 10 && !long.lines.is_empty(), "{bytes}");
}

#[test]
fn every_encoding_is_read() {
    let russian = "[00:01.00]Ой, цветёт калина\n[00:05.00]в поле у ручья\n";
    let (bytes, ..) = WINDOWS_1251.encode(russian);
    assert_eq!(decoded(&bytes, None), russian);
    let japanese = "[00:01.00]青い鳥が空を飛んで\n[00:04.00]どこまでも行くよ\n";
    let (bytes, ..) = SHIFT_JIS.encode(japanese);
    assert_eq!((decoded(&bytes, None), decoded(&bytes, Some(SHIFT_JIS))), (japanese.into(), japanese.into()));
    for text in [russian, japanese, "[00:01]naïve café\n"] {
        assert_eq!(decoded(text.as_bytes(), None), text);
        assert_eq!(decoded(&[&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(), None), text);
        assert_eq!(decoded(&utf16(text), None), text, "with a mark");
        let bare: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&bare, None), text, "little-endian");
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&big, None), text, "big-endian");
        assert_eq!(
            decoded(&[&b"\xfe\xff"[..], &big].concat(), None),
            UTF_16BE.decode(&big).0,
            "big-endian with a mark"
        );
    }
}

/// A file with a directory around it.
struct Song(tempfile::TempDir, PathBuf);

impl Song {
    fn new(name: &str, bytes: &[u8]) -> Song {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        Song(dir, path)
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) -> &Song {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Where the lyrics come from, and their first line.
    fn found(&self) -> Option<(String, String)> {
        let read = read(&self.1, false, None);
        assert!(read.faults.is_empty(), "{:?}", read.faults);
        read.lyrics.map(|lyrics| (lyrics.from, lyrics.lines[0].text.clone()))
    }
}

fn is(from: &str, text: &str) -> Option<(String, String)> {
    Some((from.into(), text.into()))
}

#[test]
fn what_lies_beside_the_file_goes_before_its_tags_and_times_before_none() {
    let tagged = |text: &str| flac(&[(4, comments(&[format!("LYRICS={text}").as_bytes()]))]);
    let song = Song::new("a.b.flac", &tagged("plain of the tags"));
    assert_eq!(song.found(), is("tags", "plain of the tags"));
    song.put("a.b.txt", "plain");
    assert_eq!(song.found(), is("a.b.txt", "plain"));
    fs::write(&song.1, tagged("[00:01]timed of the tags")).unwrap();
    assert_eq!(song.found(), is("tags", "timed of the tags"));
    song.put("lyrics/a.b.lrc", "[00:02]timed in the folder");
    assert_eq!(song.found(), is("a.b.lrc", "timed in the folder"));
    song.put("a.b.LRC", "no times in it");
    assert_eq!(song.found(), is("a.b.lrc", "timed in the folder"));
    song.put("a.b.lrc", "[00:03]timed beside");
    assert_eq!(song.found(), is("a.b.lrc", "timed beside"));
    song.put("a.lrc", "[00:04]of another song");
    assert_eq!(song.found(), is("a.b.lrc", "timed beside"));
    assert_eq!(read(Path::new("/m/album.cue/track0001"), true, None), Read::default(), "a piece has none");
}

#[test]
fn links_pipes_and_giants_are_left_alone() {
    let song = Song::new("a.flac", &flac(&[(4, comments(&[]))]));
    let at = |name: &str| song.0.path().join(name);
    song.put("elsewhere.txt", "[00:01]linked");
    std::os::unix::fs::symlink("elsewhere.txt", at("a.lrc")).unwrap();
    assert_eq!(song.found(), None);
    assert_eq!(read(&song.1, true, None).lyrics.unwrap().lines[0].text, "linked");
    fs::remove_file(at("a.lrc")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, at("a.lrc"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    song.put("a.txt", vec![b'x'; (1 << 20) + 1]);
    let found = read(&song.1, true, None);
    assert_eq!(found.lyrics, None);
    let said = found.faults.join("|");
    assert!(
        said.contains("a.lrc cannot be read: a FIFO") && said.contains("a.txt cannot be read: larger than 1 MiB"),
        "{said}"
    );
}

#[test]
fn lyrics_of_every_kind_of_tag_are_read() {
    let sylt = |encoding: u8, unit: u8, kind: u8, parts: &[(&[u8], u32)]| {
        let parts: Vec<u8> = parts.iter().flat_map(|(text, ms)| [*text, &ms.to_be_bytes()].concat()).collect();
        let about: &[u8] = if encoding == 1 { b"\xff\xfe\0\0" } else { b"\0" };
        [&[encoding][..], b"eng", &[unit, kind], about, &parts].concat()
    };
    let syllables = sylt(3, 2, 1, &[(b"Wild \0", 1000), (b"is\0", 1500), (b"\nthe \0", 2000), (b"Wind\0", 2500)]);
    let song = Song::new("a.mp3", &mp3(4, 0, &[frame(4, "SYLT", &syllables), frame(4, "USLT", b"\x03eng\0plain")]));
    let lyrics = read(&song.1, false, None).lyrics.unwrap();
    let lines: Vec<(u32, &str, usize)> = lyrics.lines.iter().map(|l| (l.at, l.text.as_str(), l.words.len())).collect();
    assert_eq!(lines, [(1000, "Wild is", 2), (2000, "the Wind", 2)]);
    let (russian, ..) = WINDOWS_1251.encode("Ой, цветёт калина");
    let russian = [&russian[..], b"\0"].concat();
    let parts = sylt(0, 2, 1, &[(&russian, 500), (b"la\0", 65_000)]);
    let song = Song::new("a.mp3", &mp3(3, 0, &[frame(3, "SYLT", &parts)]));
    let lyrics = read(&song.1, false, None).lyrics.unwrap();
    let texts: Vec<(u32, &str)> = lyrics.lines.iter().map(|line| (line.at, line.text.as_str())).collect();
    assert_eq!(texts, [(500, "Ой, цветёт калина"), (65_000, "la")]);
    let wide = [utf16("青い鳥"), vec![0, 0]].concat();
    let song = Song::new("a.mp3", &mp3(4, 0, &[frame(4, "SYLT", &sylt(1, 2, 1, &[(&wide, 700)]))]));
    assert_eq!(song.found(), is("tags", "青い鳥"));
    // Times in frames, and chords, are no lyrics.
    for other in [sylt(3, 1, 1, &[(b"x\0", 1)]), sylt(3, 2, 5, &[(b"Am\0", 1)])] {
        assert_eq!(Song::new("a.mp3", &mp3(4, 0, &[frame(4, "SYLT", &other)])).found(), None);
    }
    let plain = |name: &str, bytes: &[u8]| assert_eq!(Song::new(name, bytes).found(), is("tags", "la"), "{name}");
    plain("a.mp3", &mp3(3, 0, &[frame(3, "USLT", b"\0eng\0la")]));
    plain("a.mp3", &mp3(2, 0, &[frame(2, "ULT", b"\0eng\0la")]));
    plain("a.mp3", &mp3(4, 0, &[frame(4, "TXXX", b"\x03LYRICS\0la")]));
    plain("a.mp3", &[mp3(4, 0, &[]), ape(&[("Lyrics", 0, b"la")])].concat());
    plain("a.mp3", &[mp3(4, 0, &[]), ape(&[("UNSYNCEDLYRICS", 0, b"la")])].concat());
    for name in ["LYRICS", "UNSYNCEDLYRICS", "SyncedLyrics", "unsynced lyrics"] {
        plain("a.flac", &flac(&[(4, comments(&[format!("{name}=la").as_bytes()]))]));
    }
    plain("a.m4a", &mp4(&[atom(b"\xa9lyr", 1, b"la")]));
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..600), ms in any::<i32>()) {
        sound(&decoded(&bytes, None), i64::from(ms))?;
    }

    #[test]
    fn no_text_breaks_the_parser(
        text in "(\\[[0-9]{1,3}:[0-9]{1,2}([.:,][0-9]{1,4})?\\]|<[0-9:.]{0,9}>|\\[offset:[+-]?[0-9]{1,6}\\]|\\PC|[\\r\\n \u{301}\u{202e}\u{1b}\\[<]){0,60}",
        ms in 0..7_000_000i64,
    ) {
        sound(&text, ms)?;
    }
}

/// Checks what must hold of any lyrics.
fn sound(text: &str, ms: i64) -> Result<(), TestCaseError> {
    let lyrics = parse(text);
    for line in &lyrics.lines {
        prop_assert!(line.text.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{:?}", line.text);
        prop_assert!(line.text.is_char_boundary(line.sung(ms)));
        prop_assert!(line.words.iter().all(|word| line.text.is_char_boundary(word.from as usize)));
    }
    prop_assert!(lyrics.lines.is_sorted_by_key(|line| line.at));
    if let Some(lit) = lyrics.lit(ms) {
        prop_assert!(lit.first < lit.end && lit.end <= lyrics.lines.len());
        let at = lyrics.lines[lit.first].at;
        prop_assert!(i64::from(at) <= ms && lyrics.lines[lit.first..lit.end].iter().all(|line| line.at == at));
    }
    if let Some(next) = lyrics.next(ms) {
        prop_assert!(next > ms && lyrics.lit(next) != lyrics.lit(ms));
        prop_assert_eq!(lyrics.lit(next - 1), lyrics.lit(ms), "nothing changes before");
    }
    Ok(())
}
