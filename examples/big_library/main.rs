//! Generates a library of very many small tagged files for measuring scans. It is the same for the same seed, except
//! for the order of frames in ID3 tags, which the tag library chooses.
//!
//!     cargo run --example big_library -- DIR [FILES=100000] [SEED=1]

mod library;
mod names;
mod ogg;
mod sound;

use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), String> {
    let mut args = std::env::args_os().skip(1);
    let dir = args.next().map(PathBuf::from).ok_or("usage: big_library DIR [FILES] [SEED]")?;
    let mut number = |otherwise: u64| match args.next() {
        None => Ok(otherwise),
        Some(text) => text.to_str().and_then(|t| t.parse().ok()).ok_or(format!("not a number: {}", text.display())),
    };
    let (files, seed) = (number(100_000)?, number(1)?);
    let begun = Instant::now();
    let made = library::make(&dir, files as usize, seed)?;
    let secs = begun.elapsed().as_secs_f64();
    println!(
        "{} files, {} of them broken, {} albums, {:.0} MB, in {secs:.1} s",
        made.files,
        made.broken,
        made.albums,
        made.bytes as f64 / 1e6
    );
    Ok(())
}
