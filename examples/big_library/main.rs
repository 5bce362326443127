//! Generates a library of very many small tagged files for measuring scans. It is the same for the same seed, except
//! for the order of frames in ID3 tags, which the tag library chooses. With `--home` also the store of a player that has
//! listened to all of them, for measuring what takes latents, such as the map.
//!
//!     cargo run --example big_library -- DIR [FILES=100000] [SEED=1] [--home HOME]

mod heard;
mod library;
mod names;
mod ogg;
mod options;
mod sound;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::Instant;

use options::{Options, USAGE};

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let Some(options) = Options::read(std::env::args_os().skip(1))? else {
        println!("{USAGE}");
        return Ok(());
    };
    let begun = Instant::now();
    let made = library::make(&options.dir, options.files, options.seed)?;
    let secs = begun.elapsed().as_secs_f64();
    println!(
        "{} files, {} of them broken, {} albums, {:.0} MB, in {secs:.1} s",
        made.files,
        made.broken,
        made.albums,
        made.bytes as f64 / 1e6
    );
    if let Some(home) = &options.home {
        let begun = Instant::now();
        let songs = heard::fill(&options.dir, home, options.seed)?;
        println!("{songs} songs have made-up latents in {}, in {:.1} s", home.display(), begun.elapsed().as_secs_f64());
    }
    Ok(())
}
