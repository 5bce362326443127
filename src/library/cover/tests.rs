//! Covers in every format, where they are looked for, and pictures that are made to do harm.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::decode::decode;
use super::*;
use crate::library::tags::fixture::{flac, frame, mp3, picture};
use crate::picture::Raster;

/// 16×16 pixels of one colour, about (192, 64, 31).
const JPEG: &str = "ffd8ffe000104a46494600010200000100010000ffdb004300080a0a0b0a0b0d0d0d0d0d0d100f1010101010101010101010121212151515\
12121210101212141415151717171515151517171919191e1e1c1c2323242b2b33ffc4004c000101000000000000000000000000000000050101\
0100000000000000000000000000000607100100000000000000000000000000000000110100000000000000000000000000000000ffc0001108\
0010001003012200021100031100ffda000c03010002110311003f008400ca86ffd9";
/// 16×16 pixels of one colour, about (29, 65, 190).
const WEBP: &str = "52494646320000005745425056503820260000007001009d012a1000100007409625a0027401400000fee78bff143cd6f60ee4c5c32110000000";
/// 7×5 pixels, interlaced, with every filter.
const INTERLACED: &str = "89504e470d0a1a0a0000000d494844520000000700000005080200000171ff5119000000097048597300000005000000070082ee2146000000\
7f49444154789c0174008bff011e0704017fd92001902600c6678a017d2cdb63c41a03fc811863cc0e01a7ebe5f5151acfff01bd010001a36377\
dd1c08e215fb030391c41adcbd3abc850273d116bd3730bd20df01629f95f52b6a433600e58081e67f80453600da104f045110f4c014c2d73e0a\
e5211defd54403ecfc07d7ea6ae5311149ea7c0f0000000049454e44ae426082";
/// What it shows.
const SHOWN: &str = "1e0704a363777d2cdb807f7f7fd92062947ae0f0f5629f9557caff9a00ff7f808065ff00aa350084454fa7ebe554c2ff9c00ff847c7c6bff00ad\
4400280000b3af8973dec1713ecb56a19d45d444ad21408b0c39902600c793153a978541b3ac568d8a6a64dff08fcb";

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&(data.len() as u32).to_be_bytes()[..], kind, data, &[0; 4]].concat()
}

/// A PNG that says to have these sides, bits and kind of pixels.
fn png((width, height): (u32, u32), depth: u8, kind: u8, others: &[Vec<u8>], raw: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(raw).unwrap();
    let packed = zlib.finish().unwrap();
    let (first, second) = packed.split_at(packed.len() / 2);
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, kind, 0, 0, 0]].concat();
    let parts = [chunk(b"IHDR", &head), others.concat(), chunk(b"IDAT", first), chunk(b"IDAT", second)];
    [&b"\x89PNG\r\n\x1a\n"[..], &parts.concat(), &chunk(b"IEND", b"")].concat()
}

/// A picture of one colour.
fn plain(rgb: [u8; 3]) -> Vec<u8> {
    Raster::new(4, 4, rgb.repeat(16)).unwrap().png()
}

struct Album(tempfile::TempDir);

impl Album {
    fn new() -> Album {
        let album = Album(tempfile::tempdir().unwrap());
        album.put("a.mp3", &mp3(3, 0, &[]));
        album
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The colour of the cover that is found, and what was wrong.
    fn read(&self, name: &str) -> (Option<[u8; 3]>, Vec<String>) {
        let Read { picture, faults } = read(&self.0.path().join(name), false, (8, 8), None);
        (picture.map(|picture| picture.pixel(0, 0)), faults)
    }
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

#[test]
fn the_three_formats_are_decoded() {
    let near = |picture: &Raster, rgb: [u8; 3]| {
        let pixel = picture.pixel(8, 8);
        pixel.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 6)
    };
    let jpeg = decode(&hex(JPEG)).unwrap();
    assert!((jpeg.width, jpeg.height) == (16, 16) && near(&jpeg, [192, 64, 31]), "{:?}", jpeg.pixel(8, 8));
    let webp = decode(&hex(WEBP)).unwrap();
    assert!((webp.width, webp.height) == (16, 16) && near(&webp, [29, 65, 190]), "{:?}", webp.pixel(8, 8));
    let png = decode(&hex(INTERLACED)).unwrap();
    assert_eq!((png.width, png.height, png.rgb), (7, 5, hex(SHOWN)));
    let own = Raster::new(2, 2, (0..12).collect()).unwrap();
    assert_eq!(decode(&own.png()).unwrap(), own);
}

#[test]
fn every_kind_of_pixel_of_a_png_is_understood() {
    let of = |depth, kind, others: &[Vec<u8>], raw: &[u8]| decode(&png((2, 1), depth, kind, others, raw)).unwrap().rgb;
    assert_eq!(of(1, 0, &[], &[0, 0b0100_0000]), [0, 0, 0, 255, 255, 255]);
    assert_eq!(of(4, 0, &[], &[0, 0x1f]), [17, 17, 17, 255, 255, 255]);
    assert_eq!(of(16, 0, &[], &[0, 9, 1, 8, 2]), [9, 9, 9, 8, 8, 8]);
    assert_eq!(of(16, 2, &[], &[1, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]), [1, 2, 3, 5, 7, 9]);
    assert_eq!(of(8, 4, &[], &[0, 200, 255, 200, 0]), [200, 200, 200, 0, 0, 0]);
    assert_eq!(of(8, 6, &[], &[0, 1, 2, 3, 255, 250, 100, 50, 51]), [1, 2, 3, 50, 20, 10]);
    let palette = [chunk(b"PLTE", &[1, 2, 3, 40, 50, 60]), chunk(b"tRNS", &[255, 0])];
    assert_eq!(of(2, 3, &palette, &[0, 0b0001_0000]), [1, 2, 3, 0, 0, 0]);
    // An index that the palette does not have is black.
    assert_eq!(of(8, 3, &palette, &[0, 0, 9]), [1, 2, 3, 0, 0, 0]);
}

#[test]
fn a_cover_is_found_in_the_tags_and_then_beside_the_file() {
    let album = Album::new();
    assert_eq!(album.read("a.mp3"), (None, vec![]));
    album.put("Front.PNG", &plain(BLUE));
    assert_eq!(album.read("a.mp3"), (Some(BLUE), vec![]));
    album.put("FOLDER.png", &plain([0, 255, 0]));
    album.put("cover.jpg", &hex(JPEG));
    assert_eq!(album.read("a.mp3").0.unwrap()[0] / 10, 19, "cover comes before folder and front");
    let apic = frame(3, "APIC", &[&b"\0image/png\0\x03\0"[..], &plain(RED)].concat());
    album.put("b.mp3", &mp3(3, 0, &[apic]));
    album.put("c.flac", &flac(&[(6, picture(3, &plain(RED)))]));
    let stored = |name: &str| stored(&album.0.path().join(name), None);
    for name in ["b.mp3", "c.flac"] {
        assert_eq!(album.read(name), (Some(RED), vec![]), "{name}");
        assert_eq!(stored(name), Some(plain(RED)), "{name}");
    }
    // One that cannot be shown is told, and another one is taken.
    let apic = frame(3, "APIC", b"\0image/png\0\x03\0\x89PNG\r\n\x1a\nbroken");
    album.put("d.mp3", &mp3(3, 0, &[apic]));
    let (found, faults) = album.read("d.mp3");
    assert!(found.is_some() && faults.len() == 1 && faults[0].starts_with("the cover in its tags cannot be shown"));
    assert_eq!([stored("a.mp3"), stored("d.mp3"), stored("none.mp3")], [None, None, None]);
}

#[test]
fn names_count_in_any_case_and_links_where_they_are_followed() {
    let album = Album::new();
    for name in ["cover.gif", "cover", "cover.jpg.part", "mycover.jpg", ".jpg", "back.jpg"] {
        album.put(name, &plain(RED));
    }
    let elsewhere = Album::new();
    let real = elsewhere.put("x.png", &plain(BLUE));
    std::os::unix::fs::symlink(&real, album.0.path().join("Cover.JPEG")).unwrap();
    assert_eq!(album.read("a.mp3"), (None, vec![]));
    let followed = read(&album.0.path().join("a.mp3"), true, (8, 8), None);
    assert_eq!((followed.picture.map(|p| p.pixel(0, 0)), followed.faults), (Some(BLUE), vec![]));
    assert!(read(Path::new("/no/such/file.mp3"), false, (8, 8), None).picture.is_none());
}

#[test]
fn a_picture_that_lies_costs_a_line() {
    let huge = |sides| png(sides, 8, 2, &[], &[0; 64]);
    let mut lying = hex(JPEG);
    // The sides in the frame's head.
    let at = lying.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap() + 5;
    lying[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let mut tall = hex(JPEG);
    tall[at..at + 4].copy_from_slice(&[0x1f, 0x00, 0x1f, 0x00]);
    let mut webp = hex(WEBP);
    let at = webp.windows(3).position(|three| three == [0x9d, 0x01, 0x2a]).unwrap() + 3;
    webp[at..at + 4].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
    let text = chunk(b"zTXt", &vec![0; 1 << 16]);
    for (what, bytes, why) in [
        ("64k × 64k", huge((65_536, 65_536)), "too many"),
        ("the largest there is", huge((u32::MAX, u32::MAX)), "too many"),
        ("a long strip", huge((100_000, 1)), "too many"),
        ("64k × 64k JPEG", lying, "too many"),
        ("JPEG of 63 million", tall, "too many"),
        ("16k × 16k WebP", webp, "too many"),
        ("no pixels", huge((0, 5)), "no pixels"),
        ("more pixels than there are", huge((4000, 4000)), "damaged or cut off"),
        ("cut off", png((9, 9), 8, 2, &[text], &[0; 600])[..90].to_vec(), "damaged or cut off"),
        ("cut off in its head", plain(RED)[..20].to_vec(), "no known kind"),
        ("no head", b"\x89PNG\r\n\x1a\n".to_vec(), "no head"),
        ("an unknown filter", png((1, 1), 8, 0, &[], &[9, 1]), "filter"),
        ("another format", b"GIF89a".to_vec(), "no JPEG"),
        ("nothing", vec![], "no JPEG"),
    ] {
        let said = decode(&bytes).unwrap_err().to_string();
        assert!(said.contains(why), "{what}: {said}");
    }
    for (name, whole) in [("jpg", hex(JPEG)), ("webp", hex(WEBP)), ("png", hex(INTERLACED))] {
        for length in 0..whole.len() {
            // Whatever comes of it: no panic.
            let _ = decode(&whole[..length]);
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
            let of = std::panic::catch_unwind(|| decode(&bytes).is_ok());
            // A decoder of others may panic, which `read` catches; our own may not.
            assert!(name != "png" || of.is_ok());
        }
    }
}

#[test]
fn what_is_no_picture_costs_a_line_and_another_cover_is_taken() {
    let album = Album::new();
    fs::create_dir(album.0.path().join("cover.jpg")).unwrap();
    let fifo = album.0.path().join("cover.png");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let large = fs::File::create(album.0.path().join("cover.webp")).unwrap();
    large.set_len(2 << 30).unwrap();
    album.put("folder.png", b"not a picture");
    album.put("front.png", &plain(RED));
    let (found, faults) = album.read("a.mp3");
    assert_eq!((found, faults.len()), (Some(RED), 4), "{faults:?}");
    for (fault, why) in faults.iter().zip(["a directory", "a FIFO", "larger than 16 MiB", "no JPEG, PNG or WebP"]) {
        assert!(fault.contains(why), "{fault}");
    }
}
