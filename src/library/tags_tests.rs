//! Tags of small files, built byte by byte.

use std::path::PathBuf;

use super::fields::{MAX_COMMENT, number, year};
use super::*;
use crate::track::{More, ReplayGain};

/// An ID3v2.4 text frame in encoding 0 (Latin-1), 1 (UTF-16 with a byte order mark) or 3 (UTF-8).
fn frame(id: &str, encoding: u8, text: &[u8]) -> Vec<u8> {
    let mut out = id.as_bytes().to_vec();
    out.extend(syncsafe(text.len() + 1));
    out.extend([0, 0, encoding]);
    out.extend(text);
    out
}

fn syncsafe(n: usize) -> [u8; 4] {
    [(n >> 21 & 127) as u8, (n >> 14 & 127) as u8, (n >> 7 & 127) as u8, (n & 127) as u8]
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// An mp3 of four silent frames with these ID3v2.4 frames.
fn mp3(frames: &[Vec<u8>]) -> Vec<u8> {
    let body = frames.concat();
    let mut out = b"ID3\x04\x00\x00".to_vec();
    out.extend(syncsafe(body.len()));
    out.extend(body);
    for _ in 0..4 {
        let mut silent = vec![0u8; 417];
        silent[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
        out.extend(silent);
    }
    out
}

/// A FLAC file without audio, with these Vorbis comments.
fn flac(comments: &[&str]) -> Vec<u8> {
    let mut out = b"fLaC\x00\x00\x00\x22".to_vec();
    let mut info = [0u8; 34];
    info[..4].copy_from_slice(&[0x10, 0, 0x10, 0]);
    info[10..14].copy_from_slice(&[0x0a, 0xc4, 0x42, 0xf0]);
    out.extend(info);
    let mut block = 4u32.to_le_bytes().to_vec();
    block.extend(b"test");
    block.extend((comments.len() as u32).to_le_bytes());
    for comment in comments {
        block.extend((comment.len() as u32).to_le_bytes());
        block.extend(comment.as_bytes());
    }
    out.push(0x84);
    out.extend(&(block.len() as u32).to_be_bytes()[1..]);
    out.extend(block);
    out
}

fn wav(info: &[(&str, &str)]) -> Vec<u8> {
    let chunk = |id: &str, body: &[u8]| {
        let mut out = id.as_bytes().to_vec();
        out.extend((body.len() as u32).to_le_bytes());
        out.extend(body);
        out.extend(vec![0; body.len() % 2]);
        out
    };
    let mut list = b"INFO".to_vec();
    info.iter().for_each(|(id, text)| list.extend(chunk(id, text.as_bytes())));
    let format = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];
    let mut body = b"WAVE".to_vec();
    body.extend(chunk("fmt ", &format));
    body.extend(chunk("LIST", &list));
    body.extend(chunk("data", &[0; 64]));
    chunk("RIFF", &body)
}

struct File(#[allow(dead_code)] tempfile::TempDir, PathBuf);

fn file(name: &str, bytes: &[u8]) -> File {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    File(dir, path)
}

#[test]
fn everything_that_a_good_tagger_writes_is_read() {
    let id = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";
    let long = "word ".repeat(100);
    let all = flac(&[
        "ARTIST=A & B",
        "ARTISTS=A",
        "ARTISTS=B",
        "ALBUMARTIST=Various Artists",
        "COMPILATION=1",
        "DATE=2003-05",
        "ORIGINALDATE=1969-01-12",
        "COMPOSER=Bach",
        "COMPOSER=Gounod",
        &format!("COMMENT={long}"),
        &format!("MUSICBRAINZ_TRACKID={id}"),
        "MUSICBRAINZ_ALBUMID=no id",
        "LYRICS=la\nla\x1b[31m",
        "REPLAYGAIN_TRACK_GAIN=-7.25 dB",
        "REPLAYGAIN_TRACK_PEAK=0.98",
        "REPLAYGAIN_ALBUM_GAIN=+999 dB",
        "REPLAYGAIN_ALBUM_PEAK=nan",
    ]);
    let tags = tags("a.flac", &all);
    assert_eq!((tags.artist.as_deref(), &tags.artists[..]), (Some("A & B"), &["A".to_string(), "B".into()][..]));
    assert_eq!((tags.album_artists.len(), tags.compilation), (0, true), "one is no list");
    assert_eq!((tags.year, tags.original_year()), (Some(2003), Some(1969)));
    assert_eq!(tags.composer(), Some("Bach, Gounod"));
    assert!(tags.comment().is_some_and(|c| c.len() <= MAX_COMMENT && c.starts_with("word word")));
    let more = tags.more.unwrap();
    assert_eq!((more.mbid_track.unwrap().to_string().as_str(), more.mbid_album), (id, None));
    assert_eq!((tags.lyrics, tags.art), (true, false));
    let gain = ReplayGain { track: Some(-7.25), track_peak: Some(0.98), ..ReplayGain::default() };
    assert_eq!(tags.replaygain.as_deref(), Some(&gain), "what cannot be is left out");
    let File(_dir, path) = &file("a.flac", &all);
    assert_eq!(lyrics(path, None).unwrap(), ["la\nla\x1b[31m"], "as it is stored");
}

#[test]
fn a_cover_is_found_and_handed_out_as_it_is() {
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &[7; 50]].concat();
    let picture = |kind: u8, data: &[u8]| {
        let body = [&b"\x00image/png\x00"[..], &[kind, 0], data].concat();
        let mut out = b"APIC".to_vec();
        out.extend(syncsafe(body.len()));
        out.extend([0, 0]);
        out.extend(body);
        out
    };
    let bytes = mp3(&[picture(4, b"\xff\xd8\xffback"), picture(3, &png)]);
    let both = file("a.mp3", &bytes);
    assert!(tags("a.mp3", &bytes).art);
    assert_eq!(cover(&both.1, None).unwrap(), Some(png));
    // Of no format that is shown: it must not reach a decoder.
    let odd = file("a.mp3", &mp3(&[picture(3, b"<svg/>")]));
    assert_eq!(cover(&odd.1, None).unwrap(), None);
    assert!(cover(Path::new("/no/such.mp3"), None).is_err());
}

fn tags(name: &str, bytes: &[u8]) -> Tags {
    let (tags, fault) = read(&file(name, bytes).1, None);
    assert_eq!(fault, None);
    tags
}

fn some<T: for<'a> From<&'a str>>(text: &str) -> Option<T> {
    Some(text.into())
}

#[test]
fn id3_in_every_encoding() {
    let read = tags(
        "a.mp3",
        &mp3(&[
            frame("TIT2", 1, &utf16("Björk – 日本")),
            frame("TPE1", 0, b"Caf\xe9 Tacvba"),
            frame("TALB", 3, "Ænima".as_bytes()),
            frame("TPE2", 3, b"Various Artists"),
            frame("TDRC", 0, b"1997-05-21"),
            frame("TRCK", 0, b"3/12"),
            frame("TPOS", 0, b"2/2"),
            frame("TCON", 3, b"Rock\0Dub; Ska\0rock\0(17)"),
        ]),
    );
    assert_eq!(read.title, some("Björk – 日本"));
    assert_eq!(read.artist, some("Café Tacvba"));
    assert_eq!(read.album, some("Ænima"));
    assert_eq!(read.album_artist, some("Various Artists"));
    assert_eq!((read.year, read.track, read.disc), (Some(1997), Some(3), Some(2)));
    assert_eq!(*read.genres, ["Rock", "Dub", "Ska"]);
}

#[test]
fn vorbis_comments_with_several_values() {
    let read = tags(
        "a.flac",
        &flac(&[
            "TITLE=One",
            "ARTIST=Ann",
            "ARTIST=Bob",
            "GENRE=R&B/Soul",
            "GENRE=Folk, World, & Country; Jazz / Fusion",
            "DATE=24.12.2003",
            "TRACKNUMBER=07",
        ]),
    );
    assert_eq!((read.title, read.artist), (some("One"), some("Ann, Bob")));
    assert_eq!(*read.genres, ["R&B/Soul", "Folk, World, & Country", "Jazz", "Fusion"]);
    assert_eq!((read.year, read.track, read.disc, read.album), (Some(2003), Some(7), None, None));
}

#[test]
fn riff_info() {
    let read = tags("a.wav", &wav(&[("INAM", "Take One"), ("IART", "Me"), ("IGNR", "Noise"), ("ICRD", "20031224")]));
    assert_eq!((read.title, read.artist, read.year), (some("Take One"), some("Me"), Some(2003)));
    assert_eq!(*read.genres, ["Noise"]);
}

#[test]
fn no_tags_are_no_fault() {
    assert_eq!(tags("a.wav", &wav(&[])), Tags::default());
    assert_eq!(tags("a.mp3", &mp3(&[])), Tags::default());
}

#[test]
fn the_content_decides_what_a_file_is() {
    assert_eq!(tags("really-a-flac.mp3", &flac(&["TITLE=One"])).title, some("One"));
}

#[test]
fn escape_sequences_and_endless_texts_are_made_safe() {
    let title = format!("\x1b]0;owned\x07{}", "x".repeat(1 << 20));
    let read = tags("a.flac", &flac(&[&format!("TITLE={title}"), "ARTIST=\u{202e}\u{200b}", "GENRE=;\x1b;;"]));
    let title = read.title.unwrap();
    assert!(title.starts_with("]0;owned x") && title.len() <= crate::text::MAX_GRAPHEMES, "{}", title.len());
    assert_eq!((read.artist, read.genres.len()), (None, 0));
    let many: Vec<String> = (0..2000).map(|i| format!("GENRE=g{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(tags("a.flac", &flac(&many)).genres.len(), MAX_GENRES);
}

#[test]
fn what_cannot_be_read_is_told_and_costs_no_track() {
    for (name, bytes) in [("empty.flac", &b""[..]), ("text.m4a", b"this is no music"), ("x.ogg", &[0; 5000])] {
        let (tags, fault) = read(&file(name, bytes).1, None);
        assert_eq!(tags, Tags::default());
        assert!(fault.is_some_and(|f| !f.is_empty()), "{name}");
    }
    assert!(read(Path::new("/no/such/file.mp3"), None).1.is_some());
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(read(dir.path(), None).1, some("not a regular file"));
    let pipe = dir.path().join("pipe.mp3");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    assert_eq!(read(&pipe, None).1, some("not a regular file"), "and does not wait for a writer");
}

#[test]
fn broken_files_never_get_through() {
    let whole = [
        ("a.mp3", mp3(&[frame("TIT2", 1, &utf16("Title")), frame("TCON", 3, b"Rock\0Dub")])),
        ("a.flac", flac(&["TITLE=One", "GENRE=Dub"])),
        ("a.wav", wav(&[("INAM", "Take One")])),
    ];
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..600 {
        let (name, bytes) = &whole[round % 3];
        let mut bytes = bytes.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..bytes.len().min(300));
            match random.u8(..3) {
                0 => bytes[at] ^= 1 << random.u8(..8),
                1 => bytes[at] = 0xff,
                _ => bytes.truncate(at + 1),
            }
        }
        let (tags, _) = read(&file(name, &bytes).1, None);
        let safe = |t: &str| t == sanitize(t) && !t.is_empty();
        let mut texts = tags.title.as_deref().into_iter().chain(tags.genres.iter().map(String::as_str));
        assert!(texts.all(safe), "round {round}: {tags:?}");
    }
}

#[test]
fn years_and_numbers_however_written() {
    for (date, expected) in
        [("2003", Some(2003)), ("2003-04-05T10:00", Some(2003)), ("c. 1999", Some(1999)), ("19990101", Some(1999))]
    {
        assert_eq!(year(date), expected);
    }
    assert_eq!([year("0000"), year("99"), year("12345"), year("")], [None; 4]);
    assert_eq!([number("3"), number("03/12"), number("12 of 20")], [Some(3), Some(3), Some(12)]);
    assert_eq!([number("A1"), number("Track 05"), number("#7")], [Some(1), Some(5), Some(7)]);
    assert_eq!([number("0"), number("side B"), number(""), number("99999999999")], [None; 4]);
}

#[test]
fn a_piece_has_what_its_sheet_says_and_else_what_its_file_does() {
    use super::sheet::tags;
    use crate::audio::cue;
    let dir = tempfile::tempdir().unwrap();
    let text = "REM GENRE \"Dub; Techno\"\nREM DATE 1998\nREM DISCNUMBER 2\nREM REPLAYGAIN_ALBUM_GAIN -6.00 dB\n\
                PERFORMER \"Various Artists\"\nTITLE \"Rooms\x1b[31m\"\nFILE \"a.wav\" WAVE\nTRACK 01 AUDIO\nTITLE \"Hall\"\n\
                PERFORMER \"Nobody\"\nSONGWRITER \"Somebody\"\nREM REPLAYGAIN_TRACK_GAIN +1.50 dB\nREM REPLAYGAIN_TRACK_PEAK 0.5\n\
                INDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:10:00\n";
    let path = dir.path().join("a.cue");
    std::fs::write(&path, text).unwrap();
    let sheet = cue::read(&path).unwrap();
    let file = Tags {
        title: Some("The whole".into()),
        artist: Some("File".into()),
        album: Some("File's".into()),
        lyrics: true,
        art: true,
        replaygain: Some(Box::new(ReplayGain { track: Some(-9.0), track_peak: Some(0.9), ..ReplayGain::default() })),
        more: Some(Box::new(More {
            comment: Some("ripped".into()),
            mbid_track: "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d".parse().ok(),
            ..More::default()
        })),
        ..Tags::default()
    };
    let first = tags(&sheet, 1, file.clone());
    assert_eq!((first.title.as_deref(), first.artist.as_deref()), (Some("Hall"), Some("Nobody")));
    assert_eq!((first.album.as_deref(), first.album_artist.as_deref()), (Some("Rooms [31m"), Some("Various Artists")));
    assert!(first.compilation && first.art && !first.lyrics);
    assert_eq!(
        (&*first.genres, first.year, first.track, first.disc),
        (&["Dub".to_string(), "Techno".into()][..], Some(1998), Some(1), Some(2))
    );
    let gain = first.replaygain.unwrap();
    assert_eq!(
        (gain.track, gain.track_peak, gain.album, gain.album_peak),
        (Some(1.5), Some(0.5), Some(-6.0), Some(0.9))
    );
    let more = first.more.unwrap();
    assert_eq!(
        (more.composer.as_deref(), more.comment.as_deref(), more.mbid_track),
        (Some("Somebody"), Some("ripped"), None)
    );
    let second = tags(&sheet, 2, file.clone());
    assert_eq!((second.title.as_deref(), second.artist.as_deref()), (Some("Track 2"), Some("Various Artists")));
    assert_eq!(second.replaygain.unwrap().track, None, "the whole file's gain is not the track's");
    let bare = cue::read(&{
        std::fs::write(&path, "FILE \"a.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n").unwrap();
        path
    });
    let bare = tags(&bare.unwrap(), 1, file);
    assert_eq!((bare.artist.as_deref(), bare.album.as_deref(), bare.genres.len()), (Some("File"), Some("File's"), 0));
    assert_eq!(bare.replaygain.unwrap().album, Some(-9.0), "measured as one, it is the album");
}
