use super::*;
use crate::audio::fixture::write;

const SHEET: &str = r#"REM GENRE "Field Recordings"
REM DATE 1998
PERFORMER "Nobody"
TITLE "Three Rooms"
FILE "Three Rooms.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Hall"
    REM REPLAYGAIN_TRACK_GAIN -3.10 dB
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Say "Cellar""
    PERFORMER "Somebody"
    INDEX 00 00:58:70
    INDEX 01 01:00:37
  TRACK 03 AUDIO
    INDEX 01 70:00:00
"#;

fn sheet(text: &str) -> io::Result<Sheet> {
    parse::parse(text)
}

#[test]
fn a_sheet_says_where_each_track_is_and_what_it_is() {
    let sheet = sheet(SHEET).unwrap();
    assert_eq!(sheet.about.title.as_deref(), Some("Three Rooms"));
    assert_eq!(sheet.about.remarks["GENRE"], "Field Recordings");
    let places: Vec<_> = sheet.pieces().map(|e| (e.number, e.start, e.end)).collect();
    // The gap before a track is part of the track before it.
    assert_eq!(places, [(1, 0, Some(60 * 75 + 37)), (2, 60 * 75 + 37, Some(70 * 60 * 75)), (3, 70 * 60 * 75, None)]);
    let about = &sheet.entries[1].about;
    assert_eq!((about.title.as_deref(), about.performer.as_deref()), (Some("Say \"Cellar\""), Some("Somebody")));
    assert_eq!(sheet.entries[0].about.remarks["REPLAYGAIN_TRACK_GAIN"], "-3.10 dB");
}

#[test]
fn files_of_one_track_are_left_whole() {
    // EAC's layout: the gap is at the end of the previous file.
    let text = "FILE \"1.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 00 03:00:00\n\
                FILE \"2.wav\" WAVE\nINDEX 01 00:00:00\nTRACK 03 AUDIO\nINDEX 01 04:00:00\n";
    let sheet = sheet(text).unwrap();
    let pieces: Vec<_> = sheet.pieces().map(|e| (e.number, e.file.as_str(), e.start, e.end)).collect();
    assert_eq!(pieces, [(2, "2.wav", 0, Some(4 * 60 * 75)), (3, "2.wav", 4 * 60 * 75, None)]);
}

#[test]
fn what_is_written_carelessly_is_read_all_the_same() {
    let text = "title  Bare words \r\nFile my album.flac WAVE\r\n\ttrack 1 audio\r\n index 01 0:0:0\r\nTRACK 02 MODE1/2352\r\n\
                INDEX 01 00:01:00\r\nTRACK 3\r\nINDEX 1 00:02:00\r\nCATALOG 1\r\n\r\nTITLE \"\"\r\n";
    let sheet = sheet(text).unwrap();
    assert_eq!(sheet.about.title.as_deref(), Some("Bare words"));
    let pieces: Vec<_> = sheet.pieces().map(|e| (e.number, e.file.as_str(), e.start, e.end)).collect();
    // A data track is not music, but it ends the track before it.
    assert_eq!(pieces, [(1, "my album.flac", 0, Some(75)), (3, "my album.flac", 150, None)]);
    assert_eq!(sheet.entries[2].about.title, None);
}

#[test]
fn tracks_are_ordered_by_their_begins_and_empty_ones_left_out() {
    let at = |track: u32, time: &str| format!("TRACK {track:02} AUDIO\nINDEX 01 {time}\n");
    let first = [at(1, "00:00:00"), at(2, "00:20:00"), at(3, "00:10:00"), at(4, "00:20:00")].concat();
    // The begins of another file are its own.
    let second = [at(5, "00:30:00"), at(6, "00:05:00")].concat();
    let sheet = sheet(&format!("FILE \"a.wav\" WAVE\n{first}FILE \"b.wav\" WAVE\n{second}")).unwrap();
    let pieces: Vec<_> = sheet.pieces().map(|e| (e.number, e.start, e.end)).collect();
    let want = [(1, 0, Some(750)), (3, 750, Some(1500)), (4, 1500, None), (6, 375, Some(2250)), (5, 2250, None)];
    assert_eq!(pieces, want);
}

#[test]
fn times_that_start_over_are_refused() {
    let of = |times: &[u32]| {
        let track = |(number, secs): (usize, &u32)| {
            format!("TRACK {number:02} AUDIO\nINDEX 01 {:02}:{:02}:00\n", secs / 60, secs % 60)
        };
        sheet(&format!("FILE \"a.wav\" WAVE\n{}", (1..).zip(times).map(track).collect::<String>()))
    };
    for (times, number) in [
        (&[0, 200, 400, 600, 0, 210, 390][..], 5),
        (&[0, 200, 400, 2, 180, 700][..], 4),
        (&[0, 200, 100, 300, 250][..], 5),
        (&[300, 200, 100][..], 3),
    ] {
        let said = of(times).unwrap_err().to_string();
        assert!(said.contains(&format!("at track {number};")) && !said.contains('\n'), "{times:?}: {said}");
    }
    // A bonus track, an introduction, and a medley in another place.
    for times in [&[0, 200, 400, 600, 300][..], &[200, 400, 600, 0], &[0, 400, 600, 200, 300], &[10, 400, 600, 0, 100]]
    {
        let starts: Vec<u32> = of(times).unwrap().entries.iter().map(|entry| entry.start / SECTORS).collect();
        assert!(starts.len() == times.len() && starts.is_sorted(), "{times:?}: {starts:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_in_a_line() {
    let head = "FILE \"a.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:10:00\n";
    for (text, why) in [
        (String::new(), "no track"),
        ("TRACK 01 AUDIO\nINDEX 01 00:00:00\n".into(), "no FILE"),
        (format!("{head}TRACK 01 AUDIO\nINDEX 01 00:20:00\n"), "two tracks 1"),
        (format!("{head}TRACK 02 AUDIO\nINDEX 01 00:61:00\n"), "no time"),
        (format!("{head}TRACK 02 AUDIO\nINDEX 01 99999999999:00:00\n"), "no time"),
        (format!("{head}TRACK zwei AUDIO\n"), "no track's number"),
    ] {
        let said = sheet(&text).unwrap_err().to_string();
        assert!(said.contains(why) && !said.contains('\n'), "{text:?}: {said}");
    }
}

#[test]
fn bytes_of_any_kind_are_no_panic() {
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..2000 {
        let mut bytes = SHEET.as_bytes().to_vec();
        for _ in 0..random.usize(1..20) {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
        bytes.truncate(random.usize(..=bytes.len()));
        let _ = sheet(&parse::text(&bytes));
    }
}

#[test]
fn a_sheet_in_any_code_page_is_read() {
    let words = "PERFORMER \"Ольга\"\nTITLE \"Песни о любви и о войне\"\nFILE \"a.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n";
    let (cyrillic, ..) = encoding_rs::WINDOWS_1251.encode(words);
    let wide: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let japanese = words.replace("Песни о любви и о войне", "東京の夜と朝のうた");
    let (shift, ..) = encoding_rs::SHIFT_JIS.encode(&japanese);
    let marked = [b"\xef\xbb\xbf", words.as_bytes()].concat();
    for bytes in [words.as_bytes().to_vec(), marked, cyrillic.into_owned(), [vec![0xff, 0xfe], wide].concat()] {
        assert_eq!(sheet(&parse::text(&bytes)).unwrap().about.title.as_deref(), Some("Песни о любви и о войне"));
    }
    assert_eq!(sheet(&parse::text(&shift)).unwrap().about.title.as_deref(), Some("東京の夜と朝のうた"));
}

#[test]
fn names_of_pieces_are_told_from_files() {
    let sheet = Path::new("/m/a.cue");
    assert_eq!(name(sheet, 3), Path::new("/m/a.cue/track0003"));
    assert_eq!(split(&name(sheet, 12_345)), Some((sheet, 12_345)));
    assert!(is_track(&name(sheet, 1)) && is_track(Path::new("/m/a.flac")) && !is_track(sheet));
    for other in
        ["/m/a.cue", "/m/a.txt/track0001", "/m/a.cue/track1", "/m/a.cue/track+001", "/m/a.cue/Track0001", "track0001"]
    {
        assert_eq!(split(Path::new(other)), None, "{other}");
        assert_eq!(locate(Path::new(other)).unwrap(), None, "{other}");
    }
}

#[test]
fn a_file_is_found_also_when_it_is_called_a_little_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name);
    let cue = write(dir.path(), "Rooms.cue", SHEET.as_bytes());
    let file = || pieces(&cue, true).map(|p| p[0].1.file.clone());
    let none = file().unwrap_err();
    assert_eq!(none.kind(), io::ErrorKind::NotFound);
    assert!(none.to_string().contains("Three Rooms.wav"), "{none}");
    // In order of increasing preference.
    for name in ["rooms.mp3", "Rooms.flac", "THREE ROOMS.ogg", "three rooms.flac", "Three Rooms.wav"] {
        write(dir.path(), name, b"x");
        assert_eq!(file().unwrap(), here(name));
    }
    let all = pieces(&cue, true).unwrap();
    assert_eq!(all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), [1, 2, 3].map(|n| name(&cue, n)));
    assert_eq!(locate(&name(&cue, 2)).unwrap().as_ref(), Some(&all[1].1));
    assert_eq!(locate(&name(&cue, 4)).unwrap_err().kind(), io::ErrorKind::NotFound);
    // Both kinds of slash lead into subdirectories; a path out of the directory is not followed.
    fs::create_dir(here("in")).unwrap();
    write(&here("in"), "x.wav", b"x");
    for (meant, found) in [("in\\x.wav", "in/x.wav"), ("in/x.wav", "in/x.wav"), ("../in/x.wav", "Rooms.flac")] {
        write(dir.path(), "Rooms.cue", SHEET.replace("Three Rooms.wav", meant).as_bytes());
        assert_eq!(file().unwrap(), here(found), "{meant}");
    }
    let doubled = write(dir.path(), "rooms.mp3.cue", SHEET.replace("Three Rooms", "gone").as_bytes());
    assert_eq!(pieces(&doubled, true).unwrap()[0].1.file, here("Rooms.flac"));
}

#[test]
fn a_piece_changes_with_its_sheet_and_with_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let cue = write(dir.path(), "a.cue", SHEET.as_bytes());
    write(dir.path(), "Three Rooms.wav", b"12");
    let piece = name(&cue, 1);
    let first = stat(&piece).unwrap();
    write(dir.path(), "Three Rooms.wav", b"123");
    let second = stat(&piece).unwrap();
    write(dir.path(), "a.cue", SHEET.replace("Hall", "Halls").as_bytes());
    let third = stat(&piece).unwrap();
    assert!(first.size < second.size && second.size < third.size);
    fs::remove_file(&cue).unwrap();
    assert_eq!(stat(&piece).unwrap_err().kind(), io::ErrorKind::NotFound);
}
