//! Gives every song in a home a random latent and random descriptors, so that the player can be measured with a library
//! that would take hours to analyse: `random_latents HOME`, after `JUKEBOX_HOME=HOME jukebox scan --tags-only`. Its
//! proposals are then meaningless; never use this on a home that you use for listening.

mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jukebox::analysis::model::Model;
use jukebox::analysis::shelf::Shelf;
use jukebox::latent::DIMS;
use jukebox::paths::Paths;
use jukebox::sound::Descriptors;
use jukebox::store::LatentRecord;

fn main() -> ExitCode {
    support::ended(
        std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: random_latents HOME".into()).and_then(run),
    )
}

fn run(home: PathBuf) -> Result<(), String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", home.display());
    let paths = Paths::under(&home.canonicalize().map_err(|e| explain(&e))?);
    let (mut shelf, _) = Shelf::open(&paths.store(), Model::shipped()?.generation()?).map_err(|e| explain(&e))?;
    let mut random = fastrand::Rng::with_seed(1);
    let catalog = shelf.catalog(Path::new("/"));
    for song in catalog.songs() {
        let mean = std::array::from_fn::<f32, DIMS, _>(|_| 2.0 * (random.f32() + random.f32() + random.f32()) - 3.0);
        shelf.put_latent(
            song.track,
            LatentRecord { mean, spread: [0.3; DIMS], segments: 3, genres: Vec::new(), tags: Vec::new() },
        );
        shelf.put_sound(song.track, Descriptors::default());
    }
    shelf.flush().and_then(|()| shelf.complete_generation().map(drop)).map_err(|e| explain(&e))?;
    println!("{} songs have latents", catalog.songs().len());
    Ok(())
}
