//! Compares strobe images with references computed independently from eight real clips (FMA-small). The clips are not
//! part of the project: they are searched for in `$JUKEBOX_SHARED/data/fma-clips`, else beside the repository.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use jukebox::audio::decode::Decoder;
use jukebox::audio::segment;
use jukebox::sound::strobe;

fn clips() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("JUKEBOX_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    shared.join("data/fma-clips")
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
        assert_eq!(Decoder::open(&path).unwrap().info().rate, 44_100);
        let samples = segment::read_mono(&path, 0.0, 30.0).unwrap();
        let error = mean_error(&samples, &golden);
        println!("{}: mean error {error:.3} of 255", path.file_stem().unwrap().to_string_lossy());
        assert!(error <= 0.5, "{}: {error}", path.display());
        compared += 1;
    }
    assert_eq!(compared, 8, "{}", dir.display());
}
