//! Tags of other kinds with one invalid part: everything else is read.

use super::cover;
use super::fixture::*;
use crate::track::Tags;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn is_kept(tags: &Tags, what: &str) {
    let names = (tags.title.as_deref(), tags.artist.as_deref());
    assert_eq!(names, (Some("Title kept"), Some("Artist kept")), "{what}");
}

/// A file that is deleted when the returned directory is dropped.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (dir, path)
}

#[test]
fn a_bad_vorbis_comment_costs_itself() {
    let between = |bad: &[u8]| comments(&[b"TITLE=Title kept", bad, b"artist=Artist kept"]);
    let cases: [(&[u8], bool); 6] = [
        (b"ALBUM=Caf\xe9", false),
        (b"no sign of equality", true),
        (b"METADATA_BLOCK_PICTURE=!!!", true),
        (b"METADATA_BLOCK_PICTURE=AAAAAw==", true),
        (b"=nameless", false),
        (b"", false),
    ];
    for (bad, told) in cases {
        for (name, bytes) in [
            ("a.flac", flac(&[(4, between(bad))])),
            ("a.ogg", ogg(&[b"\x01vorbis".to_vec(), [b"\x03vorbis".to_vec(), between(bad), vec![1]].concat()])),
            ("a.opus", opus(&[b"TITLE=Title kept", bad, b"artist=Artist kept"])),
        ] {
            let (tags, fault) = read(name, &bytes);
            is_kept(&tags, name);
            assert_eq!(fault.is_some(), told, "{name} {:?}: {fault:?}", String::from_utf8_lossy(bad));
        }
    }
    // Wrong lengths of a comment or of the vendor, and a wrong number of comments.
    let good = comments(&[b"TITLE=Title kept", b"ALBUM=x", b"ARTIST=Artist kept"]);
    for (at, value) in [(32, 200u32), (32, u32::MAX), (32, 2), (0, 300), (8, 900_000_000)] {
        let mut bad = good.clone();
        bad[at..at + 4].copy_from_slice(&value.to_le_bytes());
        is_kept(&read("a.flac", &flac(&[(4, bad)])).0, &format!("{at} {value}"));
    }
}

#[test]
fn ogg_comments_over_many_pages_are_read() {
    let long = ["COMMENT=".as_bytes(), &[b'x'; 300_000]].concat();
    let (tags, fault) = read("a.opus", &opus(&[b"TITLE=Title kept", &long, b"ARTIST=Artist kept"]));
    is_kept(&tags, "pages");
    assert_eq!((tags.comment().map(str::len), fault), (Some(160), None));
    // Cut off within the comments.
    let bytes = opus(&[b"TITLE=Title kept", b"ARTIST=Artist kept", &long]);
    is_kept(&read("a.opus", &bytes[..70_000]).0, "cut");
}

#[test]
fn pictures_are_found_in_every_kind_of_tag() {
    let encoded = |bytes: &[u8]| {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let group = |part: &[u8]| {
            let bits = part.iter().enumerate().fold(0u32, |bits, (n, b)| bits | u32::from(*b) << (16 - 8 * n));
            (0..=part.len()).map(move |n| letters[(bits >> (18 - 6 * n) & 63) as usize]).collect::<Vec<u8>>()
        };
        [b"METADATA_BLOCK_PICTURE=".to_vec(), bytes.chunks(3).flat_map(group).collect()].concat()
    };
    let tag = frame(3, "APIC", &[&b"\0image/png\0\x03\0"[..], PNG].concat());
    let files = [
        ("a.mp3", mp3(3, 0, std::slice::from_ref(&tag))),
        // Without a kind of picture; without the terminator of its description.
        ("b.mp3", mp3(3, 0, &[frame(3, "APIC", &[&b"\0image/png\0"[..], PNG].concat())])),
        ("c.mp3", mp3(2, 0, &[frame(2, "PIC", &[&b"\0PNG\x03\0"[..], PNG].concat())])),
        ("d.mp3", [sound(), ape(&[("Cover Art (Front)", 1, &[&b"a.png\0"[..], PNG].concat())])].concat()),
        ("a.flac", flac(&[(6, picture(3, PNG)), (4, comments(&[]))])),
        ("a.opus", opus(&[&encoded(&picture(3, PNG))])),
        ("a.m4a", mp4(&[atom(b"covr", 14, PNG)])),
        ("a.wav", wav(&[chunk("id3 ", &id3(3, 0, &[tag]))])),
    ];
    for (name, bytes) in files {
        assert!(read(name, &bytes).0.art, "{name}");
        let (_dir, path) = file(name, &bytes);
        assert_eq!(cover(&path, None).unwrap().as_deref(), Some(PNG), "{name}");
    }
    // The front cover takes precedence over others, wherever it is.
    let other = [PNG, b"another"].concat();
    let (_dir, path) = file("a.flac", &flac(&[(6, picture(4, &other)), (6, picture(3, PNG))]));
    assert_eq!(cover(&path, None).unwrap().as_deref(), Some(PNG));
}

#[test]
fn a_bad_atom_costs_itself() {
    let between = |bad: Vec<u8>| mp4(&[atom(b"\xa9nam", 1, b"Title kept"), bad, atom(b"\xa9ART", 1, b"Artist kept")]);
    let mut large = atom(b"\xa9alb", 1, b"Album");
    large[..4].copy_from_slice(&u32::MAX.to_be_bytes());
    let mut inner = atom(b"\xa9alb", 1, b"Album");
    inner[8..12].copy_from_slice(&0x7fff_ffffu32.to_be_bytes());
    let mut nothing = atom(b"\xa9alb", 1, b"Album");
    nothing[..4].copy_from_slice(&[0; 4]);
    let cases = [
        ("bad UTF-8", atom(b"\xa9alb", 1, b"Caf\xe9"), false),
        ("short", boxed(b"\xa9alb", b"\0\0"), true),
        ("without a value", boxed(b"\xa9alb", &boxed(b"data", b"\0")), true),
        ("short number", atom(b"trkn", 0, b"\0"), true),
        ("too large", large, false),
        ("its value too large", inner, false),
        ("of no size", nothing, false),
        ("unknown", boxed(b"abcd", &boxed(b"data", &[0; 8])), false),
    ];
    for (what, bad, told) in cases {
        let (tags, fault) = read("a.m4a", &between(bad));
        is_kept(&tags, what);
        assert!(fault.is_some() || !told, "{what}");
    }
}

#[test]
fn atoms_mean_what_they_are_taken_for() {
    let own = |name: &[u8], value: &[u8]| {
        let mean = boxed(b"mean", b"\0\0\0\0com.apple.iTunes");
        let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], value].concat());
        boxed(b"----", &[mean, boxed(b"name", &[&[0; 4], name].concat()), data].concat())
    };
    let (tags, fault) = read(
        "a.m4a",
        &mp4(&[
            atom(b"\xa9nam", 1, "Títle".as_bytes()),
            atom(b"\xa9day", 1, b"03.05.1974"),
            atom(b"trkn", 0, &[0, 0, 0, 7, 0, 12, 0, 0]),
            atom(b"disk", 0, &[0, 0, 0, 2, 0, 2]),
            atom(b"gnre", 0, &[0, 18]),
            atom(b"cpil", 21, &[1]),
            own(b"replaygain_track_gain", b"-6,50 dB"),
            own(b"MusicBrainz Track Id", b"b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"),
            own(b"LABEL", b"x"),
        ]),
    );
    assert_eq!((tags.title.as_deref(), tags.year, fault), (Some("Títle"), Some(1974), None));
    assert_eq!((tags.track, tags.disc, tags.compilation), (Some(7), Some(2), true));
    assert_eq!(*tags.genres, ["Rock"]);
    assert_eq!(tags.replaygain.and_then(|gain| gain.track), Some(-6.5));
    assert!(tags.more.is_some_and(|more| more.mbid_track.is_some()));
}

#[test]
fn a_bad_item_of_ape_costs_itself() {
    let mut tag = ape(&[("Title", 0, b"Title kept"), ("Album", 0, b"Album"), ("Artist", 0, b"Artist kept")]);
    is_kept(&read("a.mp3", &[sound(), tag.clone()].concat()).0, "good");
    for value in [3u32, 1000, u32::MAX] {
        tag[24..28].copy_from_slice(&value.to_le_bytes());
        let (tags, fault) = read("a.mp3", &[sound(), tag.clone()].concat());
        is_kept(&tags, &value.to_string());
        assert!(fault.is_some(), "{value}");
    }
    // A size beyond the beginning of the file; lyrics and ID3v1 after the tag.
    let mut tag = ape(&[("Title", 0, b"Title kept"), ("Artist", 0, b"Artist kept")]);
    let lyrics = [&b"LYRICSBEGININD0000210"[..], b"000021", b"LYRICS200"].concat();
    let v1 = id3v1([b"v1", b"v1", b"Album of v1", b""], 255);
    let tags = read("a.mp3", &[sound(), tag.clone(), lyrics, v1].concat()).0;
    is_kept(&tags, "lyrics");
    assert_eq!(tags.album.as_deref(), Some("Album of v1"));
    let at = tag.len() - 20;
    tag[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    read("a.mp3", &[sound(), tag].concat());
}

#[test]
fn chunks_are_read_however_they_are_laid_out() {
    let texts: [(&str, &[u8]); 2] = [("INAM", b"Title kept"), ("IART", b"Artist kept")];
    is_kept(&read("a.wav", &wav(&[info(&texts)])).0, "info");
    // The size of the audio unknown or larger than the file; a text of odd length without padding.
    for size in [0u32, u32::MAX, 1 << 20] {
        let mut bytes = wav(&[info(&texts)]);
        let at = memchr::memmem::find(&bytes, b"data").unwrap() + 4;
        bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
        is_kept(&read("a.wav", &bytes).0, &size.to_string());
    }
    let odd =
        [&b"INFOIART"[..], &11u32.to_le_bytes(), b"Artist kept", b"INAM", &10u32.to_le_bytes(), b"Title kept"].concat();
    is_kept(&read("a.wav", &wav(&[chunk("LIST", &odd)])).0, "odd");
    // An ID3v2 chunk takes precedence, and INFO fills in what it lacks.
    let tag = id3(3, 0, &[frame(3, "TIT2", b"\0Title kept"), frame(3, "APIC", b"\0")]);
    let (tags, fault) = read("a.wav", &wav(&[info(&[("INAM", b"x"), texts[1]]), chunk("id3 ", &tag)]));
    is_kept(&tags, "both");
    assert!(fault.is_some_and(|f| f.contains("APIC")));
    let be =
        |id: &[u8; 4], body: &[u8]| [id, &(body.len() as u32).to_be_bytes()[..], body, &[0][..body.len() % 2]].concat();
    let aiff = |chunks: &[Vec<u8>]| be(b"FORM", &[b"AIFF".to_vec(), chunks.concat()].concat());
    is_kept(&read("a.aiff", &aiff(&[be(b"NAME", b"Title kept"), be(b"AUTH", b"Artist kept")])).0, "texts");
    is_kept(&read("a.aiff", &aiff(&[be(b"ID3 ", &tag), be(b"AUTH", b"Artist kept")])).0, "tag");
}

#[test]
fn lengths_beyond_every_file_lose_only_what_they_measure() {
    let texts: [(&str, &[u8]); 2] = [("INAM", b"Title kept"), ("IART", b"Artist kept")];
    // RF64: the chunk `ds64` states the length of the audio.
    let long = chunk("ds64", &[&[0; 8][..], &u64::MAX.to_le_bytes(), &[0; 12]].concat());
    let data = [&b"data"[..], &u32::MAX.to_le_bytes(), &[0; 64]].concat();
    let (tags, fault) = read("a.wav", &chunk("RIFF", &[b"WAVE".to_vec(), long, data, info(&texts)].concat()));
    is_kept(&tags, "ds64");
    assert_eq!(fault, None);
    // The mark of lyrics where their length would begin before the file.
    let (tags, fault) =
        read("a.mp3", &[b"LYRICS200".to_vec(), id3v1([b"Title kept", b"Artist kept", b"", b""], 3)].concat());
    is_kept(&tags, "lyrics");
    assert!(fault.is_none_or(|fault| !fault.contains("failed")));
}

#[test]
fn id3_before_flac_fills_in() {
    let tag = id3(3, 0, &[frame(3, "TIT2", b"\0Of ID3"), frame(3, "TPE1", b"\0Artist kept")]);
    let (tags, _) = read("a.flac", &[tag, flac(&[(4, comments(&[b"TITLE=Title kept"]))])].concat());
    is_kept(&tags, "flac");
}

#[test]
fn gains_are_read_with_a_comma_and_opus_goes_by_its_own() {
    let gains = |name: &str, texts: &[&[u8]]| {
        let bytes = if name.ends_with("opus") { opus(texts) } else { flac(&[(4, comments(texts))]) };
        read(name, &bytes).0.replaygain.map(|gain| *gain).unwrap_or_default()
    };
    let comma: [&[u8]; 3] =
        [b"REPLAYGAIN_TRACK_GAIN=-6,50 dB", b"REPLAYGAIN_ALBUM_GAIN=\xe2\x88\x926.5dB", b"REPLAYGAIN_TRACK_PEAK=0,988"];
    let gain = gains("a.flac", &comma);
    assert_eq!((gain.track, gain.album, gain.track_peak), (Some(-6.5), Some(-6.5), Some(0.988)));
    // −23 LUFS is 5 dB below −18: a value of 256 is +1 dB relative to the former and +6 dB to the
    // latter.
    let both: [&[u8]; 2] = [b"REPLAYGAIN_TRACK_GAIN=-6.50 dB", b"R128_TRACK_GAIN=256"];
    assert_eq!(gains("a.opus", &both).track, Some(6.0));
    assert_eq!(gains("a.flac", &both).track, Some(-6.5));
    assert_eq!(gains("a.opus", &both[..1]).track, Some(-6.5), "better than nothing");
    assert_eq!(gains("a.opus", &[b"R128_TRACK_GAIN=loud", both[0]]).track, Some(-6.5));
    assert_eq!(gains("a.flac", &both[1..]).track, Some(6.0));
}

#[test]
fn no_bytes_break_any_reader() {
    let own = boxed(b"----", &[boxed(b"mean", b"\0\0\0\0x"), boxed(b"name", b"\0\0\0\0y")].concat());
    let whole = [
        (
            "a.mp3",
            [
                id3(4, 0x40, &[b"\0\0\0\x06\x01\0".to_vec(), frame(4, "TIT2", b"\x01\xff\xfea\0")]),
                sound(),
                ape(&[("Title", 0, b"x")]),
                id3v1([b"x", b"", b"", b""], 3),
            ]
            .concat(),
        ),
        ("b.mp3", mp3(2, 0x80, &[frame(2, "TT2", b"\0x"), frame(2, "PIC", b"\0PNG\x03\0x")])),
        ("a.flac", flac(&[(6, picture(3, PNG)), (4, comments(&[b"TITLE=x", b"ARTIST=y"]))])),
        ("a.opus", opus(&[b"TITLE=x", b"ARTIST=y"])),
        ("a.m4a", mp4(&[atom(b"\xa9nam", 1, b"x"), own, atom(b"trkn", 0, &[0, 0, 0, 7, 0, 12])])),
        ("a.wav", wav(&[info(&[("INAM", b"x")]), chunk("id3 ", &id3(3, 0, &[frame(3, "TIT2", b"\0x")]))])),
    ];
    let mut random = fastrand::Rng::with_seed(5);
    for round in 0..3000 {
        let (name, bytes) = &whole[round % whole.len()];
        let mut bytes = bytes.clone();
        for _ in 0..random.usize(1..5) {
            let at = random.usize(..bytes.len());
            match random.u8(..5) {
                0 => bytes[at] ^= 1 << random.u8(..8),
                1 => bytes[at] = 0xff,
                2 => bytes[at] = 0,
                3 => drop(bytes.splice(at..at, (0..random.usize(..9)).map(|_| random.u8(..)).collect::<Vec<_>>())),
                _ => bytes.truncate(at + 1),
            }
        }
        let (tags, fault) = read(name, &bytes);
        assert!(fault.is_none_or(|fault| !fault.contains("failed")), "round {round}: {name}");
        let safe = |t: &str| t == crate::text::sanitize(t) && !t.is_empty();
        let mut texts = tags.title.as_deref().into_iter().chain(tags.genres.iter().map(String::as_str));
        assert!(texts.all(safe), "round {round}: {tags:?}");
    }
}

#[test]
fn matroska_says_what_is_of_the_track_and_what_of_the_album() {
    let title = element(0x1549_a966, &element(0x7ba9, b"File's title"));
    let track =
        tag_of(30, &[("TITLE", "Title kept"), ("ARTIST", "Artist kept"), ("PART_NUMBER", "3"), ("GENRE", "Dub")]);
    let album =
        tag_of(50, &[("TITLE", "Album"), ("ARTIST", "Band"), ("PART_NUMBER", "2"), ("DATE_RELEASED", "1998-02")]);
    let attached = element(0x61a7, &[element(0x466e, b"cover.png"), element(0x465c, PNG)].concat());
    let picture = element(0x1941_a469, &attached);
    // What is about a chapter is not about the file.
    let chapter = element(0x63c0, &element(0x63c4, &[9]));
    let text = element(0x67c8, &[element(0x45a3, b"TITLE"), element(0x4487, b"Chapter")].concat());
    let chapter = element(0x1254_c367, &element(0x7373, &[chapter, text].concat()));
    let whole = matroska(&[title.clone(), chapter, track, album, picture]);
    let (tags, fault) = read("a.mka", &whole);
    is_kept(&tags, "both");
    let names = (tags.album.as_deref(), tags.album_artist.as_deref());
    assert_eq!((names, tags.track, tags.disc), ((Some("Album"), Some("Band")), Some(3), Some(2)));
    assert_eq!((&*tags.genres, tags.year, tags.art, fault), (&["Dub".to_string()][..], Some(1998), true, None));
    let (_dir, path) = file("a.mka", &whole);
    assert_eq!(cover(&path, None).unwrap().as_deref(), Some(PNG));
    // ffmpeg says nothing about targets, and writes the title elsewhere.
    let (tags, _) = read("a.webm", &matroska(&[title, tag_of(0, &[("ALBUM", "Album"), ("ARTIST", "Artist kept")])]));
    let names = (tags.title.as_deref(), tags.artist.as_deref(), tags.album.as_deref());
    assert_eq!(names, (Some("File's title"), Some("Artist kept"), Some("Album")));
    // Of a concert as a whole, whose tracks have no tags.
    let (tags, _) = read("a.mka", &matroska(&[tag_of(50, &[("TITLE", "Concert"), ("ARTIST", "Band")])]));
    assert_eq!((tags.artist.as_deref(), tags.album.as_deref()), (Some("Band"), Some("Concert")));
    for end in 0..whole.len() {
        let _ = read("a.mka", &whole[..end]);
    }
    // Of very long texts together not all are read.
    let long = "x".repeat(250_000);
    let tag = |texts: usize| tag_of(0, &[&vec![("LYRICS", &*long); texts][..], &[("TITLE", "Title kept")]].concat());
    let title = |texts: usize| read("a.mka", &matroska(&[tag(texts)])).0.title;
    assert_eq!((title(3).as_deref(), title(16).as_deref()), (Some("Title kept"), Some("Title kept")));
    let (most, _) = read("a.mka", &matroska(&[tag_of(0, &[("LYRICS", &*long); 16]), tag_of(0, &[("TITLE", &long)])]));
    assert_eq!(most.title, None);
}

#[test]
fn caf_and_au_are_known() {
    let texts = b"\0\0\0\x03title\0Title kept\0artist\0Artist kept\0approximate duration in seconds\0\x31\0";
    let chunk = |name: &[u8; 4], body: &[u8]| [&name[..], &(body.len() as u64).to_be_bytes(), body].concat();
    let bytes = [&b"caff\0\x01\0\0"[..], &chunk(b"desc", &[0; 32]), &chunk(b"info", texts)].concat();
    let (tags, fault) = read("a.caf", &bytes);
    is_kept(&tags, "caf");
    assert_eq!(fault, None);
    assert_eq!(read("a.au", b".snd\0\0\0\x18 and the rest of it"), (Tags::default(), None));
}
