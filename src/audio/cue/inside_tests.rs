use super::*;
use crate::audio::cue::{Piece, is_track, locate, pieces as all_pieces, split, stat};
use crate::audio::decode::Decoder;
use crate::audio::fixture::{boxed, decode, flac, noise, stored, write};
use crate::audio::probe::probe;

/// Three pieces of 1, 0.5 and 1.5 seconds; the sheet names the file differently.
const SHEET: &str = "PERFORMER \"P\"\nTITLE \"A\"\nFILE \"old name.wav\" WAVE\nTRACK 01 AUDIO\nTITLE \"One\"\nINDEX 01 00:00:00\n\
    TRACK 02 AUDIO\nTITLE \"Two\"\nINDEX 00 00:00:70\nINDEX 01 00:01:00\nTRACK 03 AUDIO\nINDEX 01 00:01:37\n";

fn comments(all: &[&str]) -> Vec<u8> {
    let sized = |text: &str| [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    let list: Vec<u8> = all.iter().flat_map(|text| sized(text)).collect();
    [sized("vendor"), (all.len() as u32).to_le_bytes().to_vec(), list].concat()
}

/// A FLAC of three seconds with additional metadata blocks (type and content).
fn with_blocks(blocks: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut whole = flac(&noise(3 * 8000, 5), 1, 8000);
    assert_eq!((&whole[..4], whole[4] & 0x7f), (&b"fLaC"[..], 0));
    // The stream info is no longer the last block.
    let last = whole[4] & 0x80;
    whole[4] &= 0x7f;
    let mut new = Vec::new();
    for (i, (kind, block)) in blocks.iter().enumerate() {
        let flag = if i + 1 == blocks.len() { last } else { 0 };
        new.push(kind | flag);
        new.extend(&(block.len() as u32).to_be_bytes()[1..]);
        new.extend(block);
    }
    whole.splice(42..42, new);
    whole
}

/// A FLAC CUESHEET block with tracks at these samples, and the lead-out.
fn block(starts: &[u64]) -> Vec<u8> {
    let track = |number: u8, start: u64, indices: u8| {
        let head = [&start.to_be_bytes()[..], &[number], &[0; 12 + 1 + 13], &[indices]].concat();
        let index = |n: u8| [&(u64::from(n) * 40).to_be_bytes()[..], &[n, 0, 0, 0]].concat();
        [head, (0..indices).flat_map(index).collect()].concat()
    };
    let own = starts.iter().enumerate().flat_map(|(i, start)| track(i as u8 + 1, *start, 2));
    [vec![0; 128 + 8 + 1 + 258], vec![starts.len() as u8 + 1], own.collect(), track(170, 24_000, 0)].concat()
}

#[test]
fn a_track_beyond_every_place_is_at_the_last_one() {
    let sheet = of_block(44_100, &[(1, 0, true), (2, u64::MAX, true)]);
    let places: Vec<(u32, Option<u32>)> = sheet.entries.iter().map(|entry| (entry.start, entry.end)).collect();
    assert_eq!(places, [(0, Some(u32::MAX)), (u32::MAX, None)]);
}

#[test]
fn a_flac_is_taken_apart_by_its_comment() {
    let dir = tempfile::tempdir().unwrap();
    let tags = comments(&["TITLE=x", &format!("CueSheet={SHEET}")]);
    let bytes = with_blocks(&[(1, vec![0; 9]), (5, block(&[0, 8000])), (4, tags), (1, vec![0; 5])]);
    let file = write(dir.path(), "Album.flac", &bytes);
    let names = [1, 2, 3].map(|n| name(&file, n));
    assert_eq!(pieces(&file, 3.0), names, "the sheet with words, not the block");
    assert_eq!(split(&names[2]), Some((file.as_path(), 3)));
    assert!(is_track(&names[0]) && stat(&names[0]).unwrap() == stat(&file).unwrap());
    let second = Piece { file: file.clone(), start: 75, end: Some(75 + 37) };
    assert_eq!(locate(&names[1]).unwrap(), Some(second));
    assert_eq!(locate(&name(&file, 4)).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(super::super::read(&file).unwrap().entries[1].about.title.as_deref(), Some("Two"));
    let (whole, parts) = (decode(&file), names.clone().map(|piece| decode(&piece)));
    assert_eq!(parts.concat(), whole);
    let sounds = names.clone().map(|piece| probe(&piece).unwrap());
    assert!((sounds[2].secs - (3.0 - 112.0 / 75.0)).abs() < 1e-6 && sounds[0].track != sounds[1].track);
    // Pieces join without a gap, and seeking works.
    let mut decoder = Decoder::open(&names[0]).unwrap();
    let mut out = Vec::new();
    while decoder.next(&mut out).unwrap() {}
    assert!(decoder.go_on(&names[1]));
    assert!(decoder.seek(0.25).is_ok());
    // A sheet that extends beyond the end of the file, or that belongs to other files, is
    // ignored.
    assert_eq!(pieces(&file, 1.2), Vec::<PathBuf>::new());
    let other = SHEET.replace("TRACK 02", "FILE \"b.wav\" WAVE\nTRACK 02");
    let other = write(dir.path(), "c.flac", &with_blocks(&[(4, comments(&[&format!("CUESHEET={other}")]))]));
    assert_eq!(pieces(&other, 3.0), Vec::<PathBuf>::new());
}

#[test]
fn a_sheet_that_goes_on_behind_the_end_of_its_file_divides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for (last, count) in [("00:01:37", 3), ("00:10:00", 0)] {
        let sheet = comments(&[&format!("CUESHEET={}", SHEET.replace("00:01:37", last))]);
        let file = write(dir.path(), "a.flac", &with_blocks(&[(4, sheet)]));
        assert_eq!(pieces(&file, 3.0).len(), count, "{last}");
        // It is not shortened to what would fit: it may be that of another file.
        assert_eq!(read(&file).unwrap().entries.len(), 3, "{last}");
    }
}

#[test]
fn a_flac_is_taken_apart_by_its_block() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "a.flac", &with_blocks(&[(5, block(&[0, 8000, 12_000]))]));
    let found: Vec<_> = all_pieces(&file, false).unwrap().into_iter().map(|(_, p)| (p.start, p.end)).collect();
    // Index 01 is 40 samples after each track's start.
    assert_eq!(found, [(0, Some(75)), (75, Some(113)), (113, None)]);
    for cut in 0..block(&[0, 8000]).len() {
        let short = block(&[0, 8000])[..cut].to_vec();
        let file = write(dir.path(), "cut.flac", &with_blocks(&[(5, short)]));
        let _ = all_pieces(&file, false);
    }
    let mixed = write(dir.path(), "b.flac", &with_blocks(&[(5, block(&[0, 12_000, 8000]))]));
    let found = all_pieces(&mixed, false).unwrap();
    assert_eq!(found.iter().map(|(_, p)| p.start).collect::<Vec<_>>(), [0, 75, 113]);
    assert_eq!(found[1].0, name(&mixed, 3));
    // The last one begins where the file of three seconds ends; index 01 is 40 samples behind it.
    let empty = write(dir.path(), "c.flac", &with_blocks(&[(5, block(&[0, 8000, 24_000 - 40]))]));
    assert_eq!((pieces(&empty, 3.0).len(), all_pieces(&empty, false).unwrap().len()), (2, 2));
    assert_eq!(all_pieces(&empty, false).unwrap()[1].1.end, None);
}

/// A book of so many seconds has these chapters when it is found and when it is scanned again, and all its sound is in them.
fn is_divided(book: &Path, secs: f64, titles: &[&str]) {
    let sheet = super::super::read(book).unwrap();
    assert!(sheet.entries.iter().map(|entry| entry.about.title.as_deref().unwrap()).eq(titles.iter().copied()));
    let names = pieces(book, secs);
    assert!(names.len() == titles.len() && all_pieces(book, false).unwrap().iter().map(|(name, _)| name).eq(&names));
    let mut sound = 0;
    for name in names {
        let mut decoder = Decoder::open(&name).unwrap();
        let mut out = Vec::new();
        while decoder.next(&mut out).unwrap() {}
        assert!(!out.is_empty() && !decoder.truncated() && probe(&name).is_ok(), "{name:?}");
        sound += out.len();
    }
    // Places in mka are exact to a millisecond.
    assert!(sound.abs_diff(decode(book).len()) < 100);
}

#[test]
fn an_audiobook_is_taken_apart_by_its_chapters() {
    use crate::audio::fixture::held::{block, cluster, element, matroska, number, track, with_more};
    let dir = tempfile::tempdir().unwrap();
    let entry = |tenths: u64, title: &str| {
        [&(tenths * 1_000_000).to_be_bytes()[..], &[title.len() as u8], title.as_bytes()].concat()
    };
    // The first begins late: what is before it is not lost.
    let listed = |entries: &[Vec<u8>]| {
        let list = [&[1, 0, 0, 0, 0, 0, 0, 0, entries.len() as u8][..], &entries.concat()].concat();
        with_more(&std::fs::read(stored("chirp.m4a")).unwrap(), b"udta", &boxed(b"chpl", &list))
    };
    let whole = listed(&[entry(2, "One"), entry(6, "Zwei ü")]);
    let book = write(dir.path(), "Book.m4b", &whole);
    let secs = probe(&book).unwrap().secs;
    let names = [1, 2].map(|n| name(&book, n));
    assert_eq!(pieces(&book, secs), names);
    let sheet = super::super::read(&book).unwrap();
    let shown: Vec<_> = sheet.entries.iter().map(|e| (e.start, e.end, e.about.title.as_deref().unwrap())).collect();
    assert_eq!(shown, [(0, Some(45), "One"), (45, None, "Zwei ü")]);
    let parts = names.map(|piece| decode(&piece).len());
    assert_eq!(parts.iter().sum::<usize>(), decode(&book).len());
    assert_eq!(pieces(&write(dir.path(), "podcast.m4a", &whole), secs), Vec::<PathBuf>::new());
    // Of several at one time the last has the sound, and one at the end of the file, or behind that, has none.
    let places = [(0, "One"), (6, "Empty"), (4, "Two"), (6, "Three"), (12, "The end"), (90, "Behind it")];
    let whole = listed(&places.map(|(tenths, title)| entry(tenths, title)));
    is_divided(&write(dir.path(), "empty.m4b", &whole), secs, &["One", "Two", "Three"]);

    let atom = |millis: u64, title: &str, hidden: u64| {
        let shown = element(0x80, &element(0x85, title.as_bytes()));
        element(0xb6, &[number(0x91, millis * 1_000_000), shown, number(0x98, hidden)].concat())
    };
    let edition = element(0x45b9, &[atom(0, "Eins", 0), atom(100, "No", 1), atom(400, "Zwei", 0)].concat());
    let frame = crate::audio::fixture::forms::silent_mp3(1, 9, false);
    let blocks: Vec<Vec<u8>> = (0..30).map(|n| block(n * 26, 0x80, &frame, 0)).collect();
    let rest = [element(0x1043_a770, &edition), cluster(0, &blocks)];
    let bytes = matroska(Some(780.0), &track("A_MPEG/L3", (44_100.0, 2), &[], 0), &rest);
    let set = write(dir.path(), "set.mka", &bytes);
    let sheet = super::super::read(&set).unwrap();
    let shown: Vec<_> = sheet.entries.iter().map(|e| (e.start, e.about.title.as_deref().unwrap())).collect();
    assert_eq!((shown, pieces(&set, 0.78).len()), (vec![(0, "Eins"), (30, "Zwei")], 2));
    assert_eq!(pieces(&write(dir.path(), "film.webm", &bytes), 0.78), Vec::<PathBuf>::new());
    let places = [(0, "One"), (400, "Empty"), (200, "Two"), (400, "Three"), (780, "The end"), (9000, "Behind it")];
    // When the sound begins, and how long it is said to be: where it begins late, that may be when it ends.
    for (late, said) in [(0, Some(780.0)), (0, None), (5000, Some(5780.0)), (5000, Some(780.0)), (5000, None)] {
        let edition = element(0x45b9, &places.map(|(millis, title)| atom(late + millis, title, 0)).concat());
        let rest = [element(0x1043_a770, &edition), cluster(late, &blocks)];
        let bytes = matroska(said, &track("A_MPEG/L3", (44_100.0, 2), &[], 0), &rest);
        let book = write(dir.path(), &format!("{late} {said:?}.mka"), &bytes);
        is_divided(&book, probe(&book).unwrap().secs, &["One", "Two", "Three"]);
    }
    // As many as a sheet may have: for each of them the list is read again.
    let edition = element(0x45b9, &(0..1500).map(|n| atom(n * 20, "", 0)).collect::<Vec<_>>().concat());
    let bytes = matroska(None, &track("A_MPEG/L3", (44_100.0, 2), &[], 0), &[element(0x1043_a770, &edition)]);
    assert_eq!(super::super::read(&write(dir.path(), "many.mka", &bytes)).unwrap().entries.len(), 999);
}

#[test]
fn other_tags_hold_sheets_too() {
    let dir = tempfile::tempdir().unwrap();
    let sheet = "FILE \"x\" MP3\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 00:00:40\n";
    let bare = std::fs::read(stored("chirp-bare.mp3")).unwrap();
    let seven = |n: usize| [21, 14, 7, 0].map(|bits| (n >> bits) as u8 & 0x7f);
    let frame = |version: u8, encoding: u8, text: Vec<u8>| {
        let body = [vec![encoding], text].concat();
        let size = if version == 4 { seven(body.len()) } else { (body.len() as u32).to_be_bytes() };
        let frame = [&b"TXXX"[..], &size, &[0, 0], &body].concat();
        let other = [&b"TIT2"[..], &[0, 0, 0, 2, 0, 0], b"\0x"].concat();
        [&b"ID3"[..], &[version, 0, 0], &seven(other.len() + frame.len() + 10), &other, &frame, &[0; 10]].concat()
    };
    let wide =
        |text: &str| [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let item = [&(sheet.len() as u32).to_le_bytes()[..], &[0; 4], b"Cuesheet\0", sheet.as_bytes()].concat();
    let ape = [
        &item[..],
        b"APETAGEX",
        &2000u32.to_le_bytes(),
        &(item.len() as u32 + 32).to_le_bytes(),
        &1u32.to_le_bytes(),
        &[0; 12],
    ];
    let id3v1 = [&b"TAG"[..], &[0; 125]].concat();
    for (i, bytes) in [
        [frame(3, 0, format!("CUESHEET\0{sheet}").into_bytes()), bare.clone()].concat(),
        [frame(4, 3, format!("cuesheet\0{sheet}").into_bytes()), bare.clone()].concat(),
        [frame(3, 1, [wide("CUESHEET\0"), wide(sheet)].concat()), bare.clone()].concat(),
        [bare.clone(), ape.concat()].concat(),
        [bare.clone(), ape.concat(), id3v1].concat(),
    ]
    .into_iter()
    .enumerate()
    {
        let file = write(dir.path(), &format!("{i}.mp3"), &bytes);
        assert_eq!(pieces(&file, probe(&file).unwrap().secs).len(), 2, "{i}");
    }
    // In Ogg, the comments are a packet on a page of their own.
    let ogg = std::fs::read(stored("chirp.ogg")).unwrap();
    let at = ogg.windows(7).position(|w| w == b"\x03vorbis").unwrap();
    let header = ogg[..at].windows(4).rposition(|w| w == b"OggS").unwrap();
    let packet = [&b"\x03vorbis"[..], &comments(&[&format!("CUESHEET={sheet}")]), &[1]].concat();
    let mut page = ogg[header..header + 26].to_vec();
    page.push((packet.len() / 255 + 1) as u8);
    page.extend(vec![255; packet.len() / 255]);
    page.push((packet.len() % 255) as u8);
    let file = write(dir.path(), "a.ogg", &[&ogg[..header], &page, &packet].concat());
    assert_eq!(pieces(&file, 0.0).len(), 2);
    for name in ["chirp.mp3", "chirp.ogg", "chirp.opus", "chirp.m4a", "chirp.aac"] {
        assert_eq!(read(&stored(name)).unwrap_err().kind(), io::ErrorKind::NotFound, "{name}");
    }
}
