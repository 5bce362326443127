//! ID3v2 tags with one invalid part: everything else is read.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

use crate::library::tags::fixture::*;
use crate::track::Tags;

/// An mp3 with a title and an artist, and other bytes between the two frames.
fn around(version: u8, between: Vec<u8>) -> Vec<u8> {
    let (title, artist) = if version == 2 { ("TT2", "TP1") } else { ("TIT2", "TPE1") };
    mp3(
        version,
        0,
        &[frame(version, title, b"\0Title kept"), between, frame(version, artist, b"\0Artist kept"), vec![0; 64]],
    )
}

fn is_kept(tags: &Tags, what: &str) {
    let names = (tags.title.as_deref(), tags.artist.as_deref());
    assert_eq!(names, (Some("Title kept"), Some("Artist kept")), "{what}");
}

#[test]
fn a_bad_frame_costs_itself_and_is_told() {
    let letters = frame(4, "TALB", b"\x03\xff\xfe\xfd");
    let (tags, fault) = read("a.mp3", &around(4, letters));
    is_kept(&tags, "letters");
    assert!(tags.album.is_none() && fault.is_some_and(|f| f.contains("letters")));
    let told = [
        (3, "APIC", &b"\0image/jpeg"[..]),
        (4, "APIC", b"\0image/jpeg\0\x03\0"),
        (2, "PIC", b"\0JPG"),
        (3, "COMM", b"\0en"),
        (3, "USLT", b"\x01e"),
        (3, "TXXX", b"\x01abc"),
        (4, "RVA2", b"\0track\0\x01\0"),
        (4, "UFID", b"http://musicbrainz.org"),
    ];
    for (version, id, body) in told {
        let (tags, fault) = read("a.mp3", &around(version, frame(version, id, body)));
        is_kept(&tags, id);
        let id = if id == "PIC" { "APIC" } else { id };
        let fault = fault.unwrap_or_default();
        assert!(fault.contains(id), "{id}: {fault:?}");
    }
    // The loss of something that is not shown is not reported.
    for (version, id, body) in [(3, "POPM", &b"who"[..]), (4, "TALB", b""), (4, "TALB", b"\x03"), (4, "XYZW", b"?")] {
        let (tags, fault) = read("a.mp3", &around(version, frame(version, id, body)));
        is_kept(&tags, id);
        assert_eq!(fault, None, "{id}");
    }
}

#[test]
fn dates_are_read_however_they_are_written() {
    let year = |id: &str, date: &str| {
        let (tags, fault) = read("a.mp3", &around(4, frame(4, id, format!("\x03{date}").as_bytes())));
        is_kept(&tags, date);
        (tags.year, fault.is_some())
    };
    for date in [
        "03.05.1974",
        "[1974]",
        "1974-05",
        "1974/05/03",
        "c1974",
        "circa 1974",
        "©1974 Somebody",
        "19740503",
        "03051974",
        "May 3, 1974",
    ] {
        assert_eq!(year("TDRC", date), (Some(1974), false), "{date}");
        assert_eq!(year("TYER", date), (Some(1974), false), "{date}");
        assert_eq!(year("TDOR", date), (Some(1974), false), "{date}");
    }
    assert_eq!(year("TDRC", "Unknown"), (None, true), "and it is said why there is none");
    assert_eq!([year("TDRC", "0000"), year("TDRC", "--")], [(None, false); 2], "as good as none");
    let both = [frame(4, "TDRC", b"\x03Unknown"), frame(4, "TYER", b"\x031974"), frame(4, "TIT2", b"\x03x")];
    assert_eq!(read("a.mp3", &mp3(4, 0, &both)).0.year, Some(1974));
}

#[test]
fn utf16_without_its_mark_or_its_last_byte_is_read() {
    let album = |body: &[u8]| read("a.mp3", &around(3, frame(3, "TALB", body))).0.album;
    let (little, big): (Vec<u8>, Vec<u8>) = (
        "Ålbum".encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "Ålbum".encode_utf16().flat_map(u16::to_be_bytes).collect(),
    );
    let with = |encoding: u8, text: &[u8], behind: &[u8]| album(&[&[encoding][..], text, behind].concat());
    for (encoding, text, behind) in [
        (1, &little, &b""[..]),
        (1, &big, b""),
        (2, &big, b""),
        (2, &little, b""),
        (1, &little, b"\0"),
        (1, &utf16("Ålbum"), b"\0"),
        (1, &utf16("Ålbum"), b"\0\0"),
        // Declared as Latin-1, but with the byte order mark of UTF-16.
        (0, &utf16("Ålbum"), b""),
    ] {
        assert_eq!(with(encoding, text, behind).as_deref(), Some("Ålbum"), "{encoding} {text:?} {behind:?}");
    }
    let half = with(1, &utf16("Ålbum")[..11], b"");
    assert_eq!(half.as_deref(), Some("Ålbu"));
}

#[test]
fn extended_headers_are_passed_over_whatever_size_they_say() {
    let frames = |version| [frame(version, "TIT2", b"\0Title kept"), frame(version, "TPE1", b"\0Artist kept")].concat();
    let headers: [(u8, &[u8]); 8] = [
        (3, b"\0\0\0\x06\0\0\0\0\0\0"),
        // With a CRC.
        (3, b"\0\0\0\x0a\x80\0\0\0\0\0\x12\x34\x56\x78"),
        // Including its own size, against the specification.
        (3, b"\0\0\0\x0a\0\0\0\0\0\0"),
        (4, b"\0\0\0\x06\x01\0"),
        (4, b"\0\0\0\x0c\x01\x20\x05\x01\x02\x03\x04\x05"),
        // Not including its own size.
        (4, b"\0\0\0\x02\x01\0"),
        // Declared, but absent.
        (3, b""),
        (4, b""),
    ];
    for (version, header) in headers {
        let bytes = mp3(version, 0x40, &[header.to_vec(), frames(version)]);
        let (tags, fault) = read("a.mp3", &bytes);
        is_kept(&tags, &format!("{version} {header:?}"));
        assert_eq!(fault, None);
    }
}

#[test]
fn tags_one_behind_another_fill_each_other_in() {
    let first = id3(3, 0, &[frame(3, "TIT2", b"\0Title kept"), frame(3, "TALB", b"\0")]);
    let second = id3(4, 0, &[frame(4, "TIT2", b"\x03Second"), frame(4, "TPE1", b"\x03Artist kept")]);
    let v1 = id3v1([b"Title", b"Artist", b"Album of v1", b"1974"], 17);
    let apev2 = ape(&[("Album", 0, b"Album of APE"), ("Genre", 0, b"Dub")]);
    let (tags, fault) = read("a.mp3", &[&first[..], &second, &[0; 100], &sound(), &apev2, &v1].concat());
    is_kept(&tags, "both");
    assert_eq!((tags.album.as_deref(), tags.year, fault), (Some("Album of APE"), Some(1974), None));
    assert_eq!(*tags.genres, ["Dub"]);
    // A tag with a footer, at the end of the file.
    let mut footed = id3(4, 0x10, &[frame(4, "TIT2", b"\x03Title kept"), frame(4, "TPE1", b"\x03Artist kept")]);
    let footer = [b"3DI", &footed[3..10]].concat();
    footed.extend(footer);
    is_kept(&read("a.mp3", &[sound(), footed].concat()).0, "footer");
}

#[test]
fn unsynchronised_tags_and_frames_are_read() {
    // 0xff before 0xe0 and before zero: a zero was inserted after each.
    let (text, written) = (b"\x01\xff\xfe\xe0\x00\xff\x00", b"\x01\xff\x00\xfe\xe0\x00\xff\x00\x00");
    let album = char::from(0xe0).to_string() + "ÿ";
    let whole = |version| {
        let frames = [
            frame(version, "TIT2", b"\0Title kept"),
            frame(version, "TALB", text),
            frame(version, "TPE1", b"\0Artist kept"),
        ]
        .concat();
        let body: Vec<u8> = frames.iter().flat_map(|b| if *b == 0xff { vec![0xff, 0] } else { vec![*b] }).collect();
        mp3(version, 0x80, &[body])
    };
    let (tags, fault) = read("a.mp3", &whole(3));
    is_kept(&tags, "2.3");
    assert_eq!((tags.album.as_deref(), fault), (Some(&*album), None));
    let parts =
        [frame(4, "TIT2", b"\0Title kept"), flagged(4, "TALB", [0, 2], written), frame(4, "TPE1", b"\0Artist kept")];
    let (tags, fault) = read("a.mp3", &mp3(4, 0x80, &parts));
    is_kept(&tags, "2.4");
    assert_eq!((tags.album.as_deref(), fault), (Some(&*album), None));
}

#[test]
fn compressed_and_grouped_frames_are_read_and_encrypted_ones_are_told() {
    let text = b"\x03Album of many words, of many words, of many words".to_vec();
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&text).unwrap();
    let packed = packer.finish().unwrap();
    let size = (text.len() as u32).to_be_bytes();
    let cases = [
        (3, [0, 0x80], [&size[..], &packed].concat()),
        (3, [0, 0xa0], [&size[..], &[9], &packed].concat()),
        (3, [0, 0x20], [&[9][..], &text].concat()),
        (4, [0, 0x09], [&syncsafe(text.len())[..], &packed].concat()),
        (4, [0, 0x49], [&[9][..], &syncsafe(text.len()), &packed].concat()),
        (4, [0, 0x01], [&syncsafe(text.len())[..], &text].concat()),
    ];
    for (version, flags, body) in cases {
        let (tags, fault) = read("a.mp3", &around(version, flagged(version, "TALB", flags, &body)));
        is_kept(&tags, "compressed");
        assert_eq!(tags.album.as_deref(), std::str::from_utf8(&text[1..]).ok(), "{version} {flags:?}");
        assert_eq!(fault, None);
    }
    for (flags, body) in [([0, 0x80], &b"\0\0\0\x09not zlib"[..]), ([0, 0x40], b"\x01secret"), ([0, 0x80], b"\0")] {
        let (tags, fault) = read("a.mp3", &around(3, flagged(3, "TALB", flags, body)));
        is_kept(&tags, "told");
        assert!(fault.is_some_and(|f| f.contains("TALB")), "{flags:?}");
    }
    // A frame that decompresses to more than the limit is cut off.
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&vec![b'x'; 20 << 20]).unwrap();
    let bomb = [&[0xff; 4][..], &packer.finish().unwrap()].concat();
    is_kept(&read("a.mp3", &around(3, flagged(3, "TALB", [0, 0x80], &bomb))).0, "bomb");
}

#[test]
fn sizes_are_believed_when_something_sensible_follows() {
    // iTunes wrote plain sizes in 2.4; where the other reading ends, the text looks like a frame.
    let title = "B".repeat(307);
    let plain = |id: &str, text: &str| {
        [id.as_bytes(), &(text.len() as u32 + 1).to_be_bytes(), &[0, 0, 3], text.as_bytes()].concat()
    };
    let frames = [plain("TIT2", &title), plain("TPE1", &"A".repeat(200)), plain("TALB", "Album"), vec![0; 32]];
    let tags = read("a.mp3", &mp3(4, 0, &frames)).0;
    assert_eq!((tags.title.map(|t| t.len()), tags.artist.map(|a| a.len())), (Some(307), Some(200)));
    assert_eq!(tags.album.as_deref(), Some("Album"));
    // With a large picture of zeros, in which any size ends at what could be padding.
    let png = [&b"\0image/png\0\x03\0\x89PNG\r\n\x1a\n"[..], &[0; 3000]].concat();
    let picture = [&b"APIC"[..], &(png.len() as u32).to_be_bytes(), &[0, 0], &png].concat();
    let (tags, fault) = read("a.mp3", &around(4, picture));
    is_kept(&tags, "picture");
    assert!(tags.art && fault.is_none());
    // Seven bits per byte in 2.3.
    let safe = [&b"COMM"[..], &syncsafe(300), &[0, 0], &[b'x'; 300]].concat();
    is_kept(&read("a.mp3", &around(3, safe)).0, "2.3");
    // Too large, up to 4 GiB; the frames after it are found.
    for size in [40u32, 1000, 1 << 30, u32::MAX] {
        let bad = [&b"APIC"[..], &size.to_be_bytes(), b"\0\0\0image/jpeg"].concat();
        let (tags, fault) = read("a.mp3", &around(3, bad));
        is_kept(&tags, &size.to_string());
        assert!(fault.is_some_and(|f| f.contains("APIC")), "{size}");
    }
    // Too small.
    let bad = [&b"COMM"[..], &3u32.to_be_bytes(), b"\0\0\0eng\0a comment of some length"].concat();
    is_kept(&read("a.mp3", &around(3, bad)).0, "small");
}

#[test]
fn padding_and_names_of_another_version_hide_no_frame() {
    is_kept(&read("a.mp3", &around(3, vec![0; 50])).0, "padding between");
    is_kept(&read("a.mp3", &around(3, b"\xff\x01junk?\0".to_vec())).0, "junk between");
    let old = [frame(3, "TT2\0", b"\0Title kept"), frame(3, "TP1 ", b"\0Artist kept")];
    is_kept(&read("a.mp3", &mp3(3, 0, &old)).0, "names of 2.2");
    is_kept(&read("a.mp3", &around(2, frame(2, "TCO", b"\0(17)"))).0, "2.2");
}

#[test]
fn a_tag_whose_size_is_wrong_is_read_as_far_as_it_goes() {
    let mut long = around(3, Vec::new());
    long[6..10].copy_from_slice(&syncsafe(1 << 20));
    let (tags, fault) = read("a.mp3", &long);
    is_kept(&tags, "long");
    assert!(fault.is_some_and(|f| f.contains("end")));
    let mut eight = around(3, Vec::new());
    eight[6..10].copy_from_slice(&200u32.to_be_bytes());
    is_kept(&read("a.mp3", &eight).0, "eight bits a byte");
    // The stated size covers at most a part of the title, and there is no padding.
    for size in [0usize, 12, 30] {
        let frames =
            [frame(3, "TIT2", b"\0Title kept"), frame(3, "TPE1", b"\0Artist kept"), frame(3, "TALB", b"\0Album")];
        let mut short = mp3(3, 0, &frames);
        short[6..10].copy_from_slice(&syncsafe(size));
        let (tags, _) = read("a.mp3", &short);
        is_kept(&tags, &size.to_string());
        assert_eq!(tags.album.as_deref(), Some("Album"), "{size}");
    }
    // After zeros, and after junk.
    is_kept(&read("a.mp3", &[vec![0; 70_000], around(3, Vec::new())].concat()).0, "zeros before");
    is_kept(&read("a.mp3", &[b"<html>".to_vec(), around(3, Vec::new())].concat()).0, "junk before");
    let v1 = id3v1([b"Title kept", b"Artist kept", b"", b""], 255);
    is_kept(&read("a.mp3", &[&b"ID3\x03\0\0\0\0\0\x05TIT2\0"[..], &sound(), &v1].concat()).0, "cut, ID3v1 stands in");
}

#[test]
fn frames_mean_what_other_players_take_them_for() {
    let frames = [
        frame(4, "TIT2", b"\x03Title"),
        frame(4, "TCON", b"\x03(51)(39)\x0017\x00(4)Eurodisco\x00RX\x00(CR)\x00((I think"),
        frame(4, "TPOS", b"\x03B"),
        frame(4, "TRCK", b"\x03A07/12"),
        frame(4, "TCMP", b"\x031"),
        frame(4, "TXXX", b"\x03MusicBrainz Album Id\0b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"),
        frame(4, "TXXX", b"\x03replaygain_album_gain\0-3,25 dB"),
        frame(4, "UFID", b"http://musicbrainz.org\0b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"),
        frame(4, "RVA2", b"track\0\x01\xfc\x00\x10\x80\x00"),
        frame(4, "COMM", b"\x03engiTunNORM\0 000 000"),
        frame(4, "COMM", b"\x03engdescribed\0second"),
        frame(4, "COMM", b"\x03deu\0first"),
        frame(4, "USLT", b"\x03eng\0la\nla"),
    ];
    let (tags, fault) = read("a.mp3", &mp3(4, 0, &frames));
    assert_eq!(*tags.genres, ["Techno-Industrial", "Noise", "Rock", "Eurodisco", "Remix", "Cover", "(I think"]);
    assert_eq!((tags.disc, tags.track, tags.compilation, tags.lyrics), (Some(2), Some(7), true, true));
    assert_eq!(tags.comment(), Some("first"));
    let gain = tags.replaygain.unwrap();
    assert_eq!((gain.track, gain.album), (Some(-2.0), Some(-3.25)));
    let more = tags.more.unwrap();
    assert!(more.mbid_track.is_some() && more.mbid_track == more.mbid_album && fault.is_none());
}

#[test]
fn a_tag_made_to_be_searched_for_ever_is_given_up() {
    // Thousands of frames that each seem to end in zeros which do not extend to the end, with junk
    // between them.
    let mut body = Vec::new();
    while body.len() < 1 << 20 {
        body.extend(b"TIT2\0\x10\0\0\0\0\0x\xff");
    }
    body.extend(vec![0; 4 << 20]);
    body.push(1);
    let mut v1 = id3v1([b"Title kept", b"Artist kept", b"", b""], 255);
    let bytes = [&id3(3, 0, &[body.clone()])[..], &sound(), &v1].concat();
    assert_eq!(read("a.mp3", &bytes).0.artist.as_deref(), Some("Artist kept"));
    // The same for other kinds of tag: every size is wrong.
    let junk = b"\x40\x42\x0f\0\0\0\0\0Key\0".repeat(100_000);
    v1.splice(0..0, ape(&[("Artist", 0, &junk)]));
    read("a.mp3", &[sound(), v1].concat());
    read(
        "a.flac",
        &flac(&[(4, [&[4, 0, 0, 0][..], b"test", &[0xff; 4], &b"\x40\x42\x0f\0A=".repeat(100_000)].concat())]),
    );
    read("a.m4a", &mp4(&[b"\0\x0f\x42\x40name\0\0\0\x10data".repeat(100_000)]));
}

#[test]
fn a_mutated_frame_never_costs_another() {
    // The middle one of five frames is damaged at random; the other four are always read.
    let mut random = fastrand::Rng::with_seed(11);
    let ids = ["APIC", "COMM", "TXXX", "USLT", "POPM", "RVA2", "TDRC", "TALB", "GEOB", "PRIV"];
    for round in 0..2000 {
        let version = random.u8(3..=4);
        let body: Vec<u8> = (0..random.usize(..40)).map(|_| random.u8(..)).collect();
        let mut bad = frame(version, ids[random.usize(..ids.len())], &body);
        match random.u8(..4) {
            // Its size.
            0 => bad[4 + random.usize(..4)] = random.u8(..),
            // Its flags.
            1 => bad[8 + random.usize(..2)] = random.u8(..),
            // Its end.
            2 => bad.truncate(random.usize(10..=bad.len())),
            // Its content is random anyway.
            _ => {}
        }
        let frames = [
            frame(version, "TIT2", b"\0Title kept"),
            frame(version, "TRCK", b"\x003"),
            bad,
            frame(version, "TPE1", b"\0Artist kept"),
            frame(version, "TPOS", b"\x002"),
            vec![0; random.usize(..50)],
        ];
        let bytes = mp3(version, 0, &frames);
        let (tags, _) = read("a.mp3", &bytes);
        is_kept(&tags, &format!("round {round}: {:?}", frames[2]));
        assert_eq!((tags.track, tags.disc), (Some(3), Some(2)), "round {round}: {:?}", frames[2]);
    }
}
