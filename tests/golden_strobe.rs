//! The strobe front end against images that somebody else computed from eight real clips (FMA-small). The clips are not
//! part of the project: they are looked for in `$JUKEBOX_SHARED/data/fma-clips`, else beside the repository.

#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::path::{Path, PathBuf};

use jukebox::sound::strobe;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

fn clips() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("JUKEBOX_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    shared.join("data/fma-clips")
}

/// The whole file as mono, the mean of its channels; `trimmed` without encoder delay and padding.
fn decode(path: &Path, trimmed: bool) -> (u32, Vec<f32>) {
    let stream = MediaSourceStream::new(Box::new(File::open(path).unwrap()), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .unwrap();
    let params = format.default_track(TrackType::Audio).unwrap().codec_params.clone().unwrap();
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(params.audio().unwrap(), &AudioDecoderOptions::default().gapless(trimmed))
        .unwrap();
    let (mut rate, mut mono, mut block) = (0, Vec::new(), Vec::<f32>::new());
    while let Some(packet) = format.next_packet().unwrap() {
        let audio = decoder.decode(&packet).unwrap();
        rate = audio.spec().rate();
        let channels = audio.spec().channels().count();
        block.resize(audio.samples_interleaved(), 0.0);
        audio.copy_to_slice_interleaved(&mut block);
        mono.extend(block.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32));
    }
    (rate, mono)
}

fn mean_error(samples: &[f32], golden: &[u8]) -> f64 {
    let image = strobe(samples).expect("music is not silence");
    let sum: f64 = image.pixels().iter().zip(golden).map(|(&a, &b)| f64::from(a.abs_diff(b))).sum();
    sum / golden.len() as f64
}

#[test]
fn real_clips_give_the_images_that_were_published() {
    let dir = clips();
    let Ok(entries) = std::fs::read_dir(&dir) else {
        eprintln!("SKIPPED: no golden clips in {} (set JUKEBOX_SHARED)", dir.display());
        return;
    };
    let mut compared = 0;
    for path in entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "mp3")) {
        let golden = std::fs::read(path.with_extension("mel128.u8")).unwrap();
        assert_eq!(golden.len(), 128 * 128);
        let (rate, trimmed) = decode(&path, true);
        assert_eq!(rate, 44_100);
        let (_, whole) = decode(&path, false);
        let (error, untrimmed) = (mean_error(&trimmed, &golden), mean_error(&whole, &golden));
        println!(
            "{}: {:.2} s, mean error {error:.3} of 255 (with the encoder delay left in: {untrimmed:.2})",
            path.file_stem().unwrap().to_string_lossy(),
            trimmed.len() as f64 / 44_100.0,
        );
        assert!(error <= 0.5, "{}: {error}", path.display());
        compared += 1;
    }
    assert_eq!(compared, 8, "{}", dir.display());
}
