//! Measures how long it takes to embed a library with another encoder. `listening_again [TRACKS]` creates a library of
//! that many tracks (10,000) in a temporary directory, with complete store and image cache (three segments or seven
//! patches per track). It then puts another model in use while a player's analysis runs, and waits until the new
//! latents are in use.
//!
//!     cargo run --example listening_again -- 10000

mod support;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jukebox::analysis::model::{Model, SHIPPED, images};
use jukebox::analysis::shelf::Shelf;
use jukebox::analysis::{Analysis, Options, Update};
use jukebox::latent::DIMS;
use jukebox::paths::Paths;
use jukebox::sound::Descriptors;
use jukebox::sound::segments::PATCHES;
use jukebox::store::{FileRecord, ImageCache, LatentRecord, Outcome};
use jukebox::track::{Probe, Stat, TAGS_VERSION, Tags, TrackId};
use jukebox_encoder::{Facts, Input, with_facts};

const SEGMENTS: usize = 3;

fn main() -> ExitCode {
    // The encoder's process is this program.
    let args = support::args();
    if let [worker, kind] = &args[..]
        && worker == "__worker"
    {
        return jukebox::cli::child::run(kind);
    }
    let tracks = args.first().map_or(Ok(10_000), |n| n.parse::<usize>());
    support::ended(tracks.map_err(|_| "usage: listening_again [TRACKS]".to_string()).and_then(run))
}

fn run(tracks: usize) -> Result<(), String> {
    let dir = std::env::temp_dir().join(format!("jukebox-listening-again-{}", std::process::id()));
    let outcome = measure(&dir, tracks);
    let _ = std::fs::remove_dir_all(&dir);
    outcome
}

fn measure(dir: &Path, tracks: usize) -> Result<(), String> {
    let words = |e: std::io::Error| e.to_string();
    let paths = Paths::under(&dir.join("home"));
    std::fs::create_dir_all(dir.join("music")).map_err(words)?;
    let root = dir.join("music").canonicalize().map_err(words)?;
    let begun = Instant::now();
    fill(&paths, &root, tracks)?;
    println!("made a library of {tracks} tracks in {:.1} s", begun.elapsed().as_secs_f64());

    let options = Options {
        paths: paths.clone(),
        root,
        follow_links: false,
        poll: Duration::from_secs(180),
        workers: 0,
        device: "cpu".into(),
        tag_encoding: Default::default(),
        watch: true,
        full: false,
        listen: true,
        loudness: false,
    };
    let (analysis, updates) = Analysis::start(options)?;
    let mut generation = String::new();
    loop {
        match updates.recv().map_err(|e| e.to_string())? {
            Update::Space(space) => generation = space.generation().to_string(),
            Update::Idle => break,
            Update::Fault { path, why } => return Err(format!("{}: {why}", path.display())),
            Update::Ended(why) => return Err(why.unwrap_or_default()),
            _ => {}
        }
    }
    println!("in use: {generation}");

    let other = with_facts(SHIPPED, &Facts { data: "the same, again".into(), ..Facts::default() });
    let other = other.map_err(|e| format!("{e:#}"))?;
    std::fs::create_dir_all(paths.models()).map_err(words)?;
    // Renamed into place, as publishing does.
    let (file, beside) = (Model::file(&paths), paths.models().join("beside"));
    std::fs::write(&beside, &other).and_then(|()| std::fs::rename(&beside, &file)).map_err(words)?;
    let wanted = Model::in_use(&paths)?.generation()?.to_string();
    let (begun, mut told, mut spaces) = (Instant::now(), Instant::now(), 0);
    let space = loop {
        match updates.recv().map_err(|e| e.to_string())? {
            Update::Space(space) if space.generation() == wanted => break space,
            Update::Space(space) => {
                spaces += 1;
                if space.generation() != generation || space.len() != tracks {
                    return Err(format!("a space of {} tracks of {}", space.len(), space.generation()));
                }
            }
            Update::Progress(p) if told.elapsed() > Duration::from_secs(5) => {
                told = Instant::now();
                println!("{} {} of {}, {:.1} a second", p.stage, p.done, p.total, p.rate);
            }
            Update::Note { text, .. } => println!("{text}"),
            Update::Fault { path, why } => return Err(format!("{}: {why}", path.display())),
            Update::Ended(why) => return Err(why.unwrap_or_default()),
            _ => {}
        }
    };
    let secs = begun.elapsed().as_secs_f64();
    println!(
        "{} tracks in the new space after {secs:.1} s: {:.1} tracks a second; {spaces} whole old spaces before it",
        space.len(),
        space.len() as f64 / secs
    );
    if space.len() != tracks {
        return Err(format!("{} of {tracks} tracks were in the first new space", space.len()));
    }
    analysis.stop(Duration::from_secs(30));
    Ok(())
}

/// Creates a library of empty files for which the store is complete.
fn fill(paths: &Paths, root: &Path, tracks: usize) -> Result<(), String> {
    let words = |e: std::io::Error| e.to_string();
    let model = Model::shipped()?;
    let (mut shelf, _) = Shelf::open(&paths.store(), model.generation()?).map_err(|e| e.to_string())?;
    let input = model.input();
    let mut cache = ImageCache::open(&images(paths, input), input.bytes()).map_err(words)?;
    let segments = if input == Input::Patch { PATCHES } else { SEGMENTS };
    let mut random = fastrand::Rng::with_seed(1);
    for n in 0..tracks {
        let mut id = [0; 16];
        random.fill(&mut id);
        let track = TrackId(id);
        let path = root.join(format!("album {}", n / 12)).join(format!("{n}.mp3"));
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(words)?;
        std::fs::write(&path, []).map_err(words)?;
        let stat = Stat::of(&std::fs::symlink_metadata(&path).map_err(words)?);
        let tags = Tags {
            title: Some(format!("track {n}").into()),
            artist: Some(format!("artist {}", n / 36).into()),
            album: Some(format!("album {}", n / 12).into()),
            ..Tags::default()
        };
        let probe = Probe {
            track,
            former: track,
            secs: 180.0,
            rate: 44_100,
            channels: 2,
            codec: "mp3",
            tags: tags.into(),
            tag_fault: None,
        };
        let outcome = Outcome::Probed(probe);
        shelf.put_file(
            path,
            FileRecord { stat, outcome, listen_fault: None, added: 0, tags_version: TAGS_VERSION, gone_since: None },
        );
        let mean = std::array::from_fn::<f32, DIMS, _>(|_| random.f32() - 0.5);
        shelf.put_latent(
            track,
            LatentRecord { mean, spread: [0.1; DIMS], segments: 3, genres: Vec::new(), tags: Vec::new() },
        );
        shelf.put_sound(track, Descriptors::default());
        let mut drawn = vec![vec![0; input.bytes()]; segments];
        drawn.iter_mut().for_each(|image| random.fill(image));
        cache.put(track, &drawn).map_err(words)?;
    }
    shelf.flush().and_then(|()| shelf.complete_generation().map(drop)).map_err(|e| e.to_string())?;
    Ok(())
}
