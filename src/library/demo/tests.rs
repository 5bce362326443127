//! Tests of the demo library as a whole.

use std::collections::HashSet;

use lofty::file::TaggedFileExt;
use lofty::tag::Accessor;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::*;
use crate::sound::{Strobe, strobe};

fn hash(pcm: &[i16]) -> String {
    let bytes: Vec<u8> = pcm.iter().flat_map(|x| x.to_le_bytes()).collect();
    blake3::hash(&bytes).to_hex()[..16].to_owned()
}

fn image(pcm: &[i16]) -> Strobe {
    let mono: Vec<f32> = pcm.chunks_exact(2).map(|f| (f32::from(f[0]) + f32::from(f[1])) / 65_536.0).collect();
    strobe(&mono).expect("a piece is not silence")
}

#[test]
fn the_list_is_complete_and_names_are_distinct() {
    let titles: HashSet<_> = ALBUMS.iter().flat_map(|a| a.tracks).collect();
    let artists: HashSet<_> = ALBUMS.iter().map(|a| a.artist).collect();
    assert_eq!((titles.len(), artists.len(), PIECES), (32, 8, 32));
    for style in ["Ambient", "Chiptune", "Techno", "Folk"] {
        assert_eq!(ALBUMS.iter().filter(|a| a.style.genre() == style).count(), 2);
    }
    assert!(titles.iter().chain(&artists).all(|name| !name.contains('/') && !name.starts_with('.')));
    let formats: Vec<_> = (0..PIECES).map(format_of).collect();
    for format in [Format::Wav, Format::Aiff] {
        assert_eq!(formats.iter().filter(|&&f| f == format).count(), 4);
    }
}

/// Renders one piece of each album: its bytes are pinned (a change of sound must change this list),
/// and length and level are within range.
#[test]
fn pieces_are_the_same_everywhere_and_never_clip() {
    let mut changed = Vec::new();
    for (album, want) in ALBUMS.iter().zip([
        "ca2a1d9aa820d3a2",
        "f6fd159e5f28c303",
        "2f08450014c4e692",
        "dab5617bf037a0d8",
        "fb7be1414abafdde",
        "1b4cf822126a5f95",
        "928498edddcdda6f",
        "c0089f361e317426",
    ]) {
        let pcm = album.render(0);
        let secs = pcm.len() as f64 / 2.0 / 44_100.0;
        let peak = pcm.iter().map(|x| x.unsigned_abs()).max().unwrap_or(0);
        let rms = (pcm.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / pcm.len() as f64).sqrt() / 32_768.0;
        println!("{:20} {:5.1} s, peak {peak}, RMS {:.1} dB, {}", album.title, secs, 20.0 * rms.log10(), hash(&pcm));
        assert!((20.0..40.0).contains(&secs), "{}: {secs} s", album.title);
        assert!((20_000..30_000).contains(&peak), "{}: peak {peak}", album.title);
        assert!(rms > 0.03, "{}: RMS {rms}", album.title);
        assert!(pcm[..50].iter().chain(&pcm[pcm.len() - 50..]).all(|x| x.unsigned_abs() < 1000));
        if hash(&pcm) != want {
            changed.push(album.title);
        }
    }
    assert!(changed.is_empty(), "other bytes than before: {changed:?}");
}

/// Of two pieces from each album, each piece's nearest neighbour (by mean and standard deviation of
/// every mel band) is of the same style.
#[test]
fn the_styles_can_be_told_apart() {
    let pieces: Vec<_> = ALBUMS.iter().flat_map(|album| [1, 3].map(|track| (album, album.render(track)))).collect();
    let features: Vec<Vec<f64>> = pieces
        .iter()
        .map(|(_, pcm)| {
            let image = image(pcm);
            image
                .pixels()
                .chunks(128)
                .flat_map(|band| {
                    let mean = band.iter().map(|&v| f64::from(v)).sum::<f64>() / 128.0;
                    let spread = band.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / 128.0;
                    [mean, spread.sqrt()]
                })
                .collect()
        })
        .collect();
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
    for (i, (album, _)) in pieces.iter().enumerate() {
        let nearest = (0..pieces.len())
            .filter(|&j| j != i)
            .min_by(|&a, &b| distance(&features[i], &features[a]).total_cmp(&distance(&features[i], &features[b])));
        let other = nearest.map(|j| pieces[j].0);
        assert_eq!(other.map(|o| o.style), Some(album.style), "{} is nearest to {:?}", album.title, other);
    }
    let different: HashSet<_> = pieces.iter().map(|(_, pcm)| hash(pcm)).collect();
    assert_eq!(different.len(), pieces.len(), "no two pieces are alike");
}

/// Decodes a file with Symphonia: sample rate, channels and interleaved samples.
fn decode(path: &Path) -> (u32, usize, Vec<f32>) {
    let stream = MediaSourceStream::new(Box::new(File::open(path).unwrap()), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .unwrap();
    let params = format.default_track(TrackType::Audio).unwrap().codec_params.clone().unwrap();
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(params.audio().unwrap(), &AudioDecoderOptions::default())
        .unwrap();
    let (mut rate, mut channels, mut out, mut block) = (0, 0, Vec::new(), Vec::<f32>::new());
    while let Some(packet) = format.next_packet().unwrap() {
        let audio = decoder.decode(&packet).unwrap();
        (rate, channels) = (audio.spec().rate(), audio.spec().channels().count());
        block.resize(audio.samples_interleaved(), 0.0);
        audio.copy_to_slice_interleaved(&mut block);
        out.extend(&block);
    }
    (rate, channels, out)
}

#[test]
fn every_format_holds_samples_and_tags() {
    let dir = tempfile::tempdir().unwrap();
    let album = &ALBUMS[7];
    let mut pcm = album.render(2);
    pcm.truncate(2 * 44_101);
    for format in [Format::Flac, Format::Wav, Format::Aiff] {
        let path = dir.path().join(album.artist).join(format!("piece.{}", format.extension()));
        write_whole(&path, &format.file(&pcm, album, 2).unwrap()).unwrap();
        assert!(!path.with_extension(format!("{}.part", format.extension())).exists());
        let (rate, channels, samples) = decode(&path);
        assert_eq!((rate, channels, samples.len()), (44_100, 2, pcm.len()), "{format:?}");
        assert!(samples.iter().zip(&pcm).all(|(a, &b)| *a == f32::from(b) / 32_768.0), "{format:?}");

        let file = lofty::read_from_path(&path).unwrap();
        let tag = file.primary_tag().unwrap();
        assert_eq!(tag.title().as_deref(), Some("Blackthorn Winter"));
        assert_eq!(tag.artist().as_deref(), Some("Wren & Hollow"));
        assert_eq!(tag.album().as_deref(), Some("By the Weir"));
        assert_eq!(tag.genre().as_deref(), Some("Folk"));
        assert_eq!((tag.track(), tag.date().map(|d| d.year)), (Some(3), Some(2018)));
    }
}

#[test]
fn a_second_run_keeps_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    // All files but one exist; the missing one was left as a partial file.
    for piece in 0..PIECES {
        let path = path_of(dir.path(), piece);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let name = if piece == 9 { format!("{}.part", path.display()) } else { path.display().to_string() };
        fs::write(name, b"kept").unwrap();
    }
    let mut calls = Vec::new();
    assert_eq!(make(dir.path(), &mut |done, all| calls.push((done, all))).unwrap(), 1);
    assert_eq!(calls, (1..=32).map(|done| (done, 32)).collect::<Vec<_>>());
    let first = path_of(dir.path(), 0);
    assert_eq!(fs::read(first).unwrap(), b"kept");
    let made = path_of(dir.path(), 9);
    assert!(fs::metadata(&made).unwrap().len() > 1_000_000);
    assert_eq!(fs::read_dir(made.parent().unwrap()).unwrap().count(), 4, "the half file is gone");
    assert_eq!(make(dir.path(), &mut |_, _| {}).unwrap(), 0);
}

#[test]
fn the_first_piece_is_made_alone_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let first = make_first(dir.path()).unwrap().expect("nothing was there");
    assert_eq!(first, path_of(dir.path(), 0));
    assert!(fs::metadata(&first).unwrap().len() > 1_000_000);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no other album is begun");
    assert_eq!(make_first(dir.path()).unwrap(), None);
}

/// A player that is started meanwhile hears every style before the second track of any album.
#[test]
fn the_first_pieces_are_of_eight_albums() {
    let first: HashSet<_> = (0..8).map(|piece| place(piece).0.title).collect();
    assert_eq!(first.len(), 8);
    let all: HashSet<_> = (0..PIECES).map(|piece| path_of(Path::new(""), piece)).collect();
    assert_eq!(all.len(), PIECES);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    let error = make(&file, &mut |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("Mira Solane"), "{error}");
}
