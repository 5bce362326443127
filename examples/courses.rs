//! Evaluates directions, journeys, blends and whole albums on real libraries: `courses HOME…`, each the JUKEBOX_HOME of
//! a library that was scanned (`JUKEBOX_HOME=HOME jukebox scan DIR`). Nothing is written. Without an argument it
//! generates a library.

mod support;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use fastrand::Rng;
use jukebox::analysis::model::Model;
use jukebox::analysis::shelf::Shelf;
use jukebox::latent::simulation::{self, Kind};
use jukebox::latent::{DIMS, Scorer, named};
use jukebox::library::{Catalog, Song};
use jukebox::measure::{auc, spearman};
use jukebox::paths::Paths;
use jukebox::queue::course::{Course, Line, value};
use jukebox::queue::{Blend, Context, Director, Proposal, Situation, Way, prior};
use jukebox::track::{Tags, TrackId};

/// Number of tracks in a course.
const STEPS: usize = 12;
/// Maximum number of seeds; in a smaller library, every analysed track is one.
const SEEDS: usize = 200;
/// Number of random pairs of ends of journeys, and of blends.
const PAIRS: usize = 100;

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let homes: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut libraries = Vec::new();
    if homes.is_empty() {
        libraries.push(("planted, 900 tracks in six styles".to_string(), Ok(planted(900))));
    }
    libraries.extend(homes.iter().map(|home| (home.display().to_string(), open(home))));
    for (name, library) in libraries {
        measure(&name, &library?);
    }
    Ok(())
}

fn open(home: &Path) -> Result<Context, String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", home.display());
    let paths = Paths::under(&home.canonicalize().map_err(|e| explain(&e))?);
    let model = Model::in_use(&paths)?;
    let (shelf, _) = Shelf::open(&paths.store(), model.generation()?).map_err(|e| explain(&e))?;
    let catalog = Arc::new(shelf.catalog(Path::new("/")));
    let space = Arc::new(shelf.space(&catalog, &model.reference()));
    if space.len() < 3 * STEPS {
        return Err(explain(&format!("{} tracks are analysed; `jukebox scan` it first", space.len())));
    }
    let prior = prior(&catalog, &space);
    Ok(Context { catalog, space, prior, ..Context::default() })
}

fn planted(n: usize) -> Context {
    let mut rng = Rng::with_seed(1);
    let tracks = simulation::library(&mut rng, n, Kind::Clustered);
    let values = simulation::named(&mut rng, n);
    let place = |id: TrackId| id.0[14..].iter().fold(0, |n, b| n * 256 + usize::from(*b));
    let space = simulation::space(tracks).with_named(|id| values.get(place(id)).copied());
    let song = |row: u32| {
        let id = space.id(row).unwrap_or(TrackId([0; 16]));
        // Ten albums of fifteen tracks per style.
        let (style, number) = (place(id) % 6, place(id) / 6);
        let tags = Tags {
            title: Some(format!("Song {row}").into()),
            artist: Some(format!("Artist {style} {}", number / 15).into()),
            album: Some(format!("Album {style} {}", number / 15).into()),
            track: Some(number as u32 % 15 + 1),
            ..Tags::default()
        };
        Arc::new(Song { tags: tags.into(), secs: 200.0, ..Song::bare(format!("/music/{row:05}.flac"), id) })
    };
    let songs = (0..n as u32).map(song).collect();
    Context { catalog: Arc::new(Catalog::new(songs)), space: Arc::new(space), ..Context::default() }
}

fn measure(name: &str, library: &Context) {
    println!("\n{name}: {} songs, {} analysed", library.catalog.len(), library.space.len());
    directions(library);
    journeys(library);
    blends(library);
    albums(library);
}

/// The library in a state in which one track plays.
fn playing(library: &Context, row: u32) -> Context {
    let id: Vec<TrackId> = library.space.id(row).into_iter().collect();
    let situation = Situation { playlist: id.clone(), playing: id.first().copied(), heard: id, ..Situation::default() };
    Context { situation, seed: u64::from(row), ..library.clone() }
}

fn seeds(library: &Context) -> Vec<u32> {
    let all = library.space.len() as u32;
    (0..all).step_by((all as usize).div_ceil(SEEDS)).collect()
}

fn picks(context: &Context, engine: &str, want: usize) -> (Vec<Proposal>, Option<String>) {
    Director::new(Vec::new()).picks(context, engine, want)
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted.get(((sorted.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// How much nearer to the seed the picks are than the rest of the library, as an AUC of Euclidean
/// distances of latents.
fn nearness(library: &Context, seed: u32, picks: &[Proposal]) -> Option<f64> {
    let rows: HashSet<u32> = picks.iter().filter_map(|p| library.space.row(p.id)).collect();
    let near = |row: u32| library.space.difference(seed, row);
    let others = (0..library.space.len() as u32).filter(|r| *r != seed && !rows.contains(r));
    auc(&rows.iter().map(|&r| near(r)).collect::<Vec<_>>(), &others.map(near).collect::<Vec<_>>())
}

fn directions(library: &Context) {
    println!("directions of {STEPS} tracks: Spearman of position and value, floor 0.8 at the 5th percentile");
    println!("  dimension       seeds   median    5th    worst  under .8   range   nearness (without)   noted");
    let space = &library.space;
    let named = ["tempo", "energy", "brightness", "bass", "loudness"].into_iter().filter_map(named::find);
    let mut dims: Vec<u8> = named.collect();
    dims.extend([0, 6, 18]);
    for dim in dims {
        let known = (0..space.len() as u32).filter(|&r| value(space, r, dim).is_some()).count();
        for up in [true, false] {
            let label = format!("{} {}", named::label(dim), if up { "up" } else { "down" });
            if known < 3 * STEPS {
                println!("  {label:<16} known of {known} tracks only: not measured");
                continue;
            }
            let (mut rhos, mut ranges, mut near, mut plain, mut noted) = (vec![], vec![], vec![], vec![], 0);
            let shares = sorted((0..space.len() as u32).filter_map(|r| value(space, r, dim)).map(f64::from).collect());
            for row in seeds(library) {
                let mut context = playing(library, row);
                plain.extend(nearness(library, row, &picks(&context, "signature", STEPS).0));
                context.situation.course = Some(Course::new(1, Way::Direction { dim, up }, STEPS as u16));
                let (found, note) = picks(&context, "signature", STEPS);
                noted += usize::from(note.is_some());
                let values: Vec<f64> = found
                    .iter()
                    .filter_map(|p| value(space, space.row(p.id)?, dim))
                    .map(|v| f64::from(if up { v } else { -v }))
                    .collect();
                let places: Vec<f64> = (0..values.len()).map(|i| i as f64).collect();
                // A course that is too short counts as failed.
                let rho = spearman(&places, &values).filter(|_| values.len() == STEPS);
                rhos.push(rho.unwrap_or(0.0));
                near.extend(nearness(library, row, &found));
                let share =
                    |v: f64| shares.partition_point(|&s| s < if up { v } else { -v }) as f64 / shares.len() as f64;
                if let (Some(&first), Some(&last)) = (values.first(), values.last()) {
                    ranges.push((share(last) - share(first)).abs());
                }
            }
            let (rhos, ranges) = (sorted(rhos), sorted(ranges));
            println!(
                "  {label:<16}{:>5}{:>9.3}{:>8.3}{:>8.3}{:>8}{:>10.2}{:>10.2} ({:.2}){:>14}",
                rhos.len(),
                quantile(&rhos, 0.5),
                quantile(&rhos, 0.05),
                quantile(&rhos, 0.0),
                rhos.iter().filter(|r| **r < 0.8).count(),
                quantile(&ranges, 0.5),
                mean(&near),
                mean(&plain),
                noted
            );
        }
    }
    println!(
        "  range: the share of the library that the median course passes through; nearness: AUC of the picks against"
    );
    println!("  the rest by Euclid to the seed, and in brackets that of twelve picks without a direction");
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn journeys(library: &Context) {
    let space = &library.space;
    let mut rng = Rng::with_seed(2);
    let n = space.len() as u32;
    let (mut rhos, mut back, mut jumps, mut aside, mut random, mut ended, mut hops) =
        (vec![], 0, vec![], vec![], vec![], 0, vec![]);
    let mut made = 0;
    for _ in 0..PAIRS {
        let (a, b) = (rng.u32(..n), rng.u32(..n));
        let (Some(line), Some(from), Some(to)) = (Line::new(space, a, b), space.id(a), space.id(b)) else { continue };
        let mut context = playing(library, a);
        context.situation.course = Some(Course::new(1, Way::Journey { from, to }, STEPS as u16));
        let (found, _) = picks(&context, "signature", STEPS);
        let found: Vec<Proposal> = found.into_iter().filter(|p| p.why.step.is_some()).collect();
        made += 1;
        ended += usize::from(found.last().is_some_and(|p| p.id == to) && found.len() == STEPS);
        let rows: Vec<u32> = found.iter().filter_map(|p| space.row(p.id)).collect();
        let along: Vec<f64> =
            std::iter::once(0.0).chain(rows.iter().map(|&r| f64::from(line.along(&space.point(r))))).collect();
        let places: Vec<f64> = (0..along.len()).map(|i| i as f64).collect();
        rhos.push(spearman(&places, &along).unwrap_or(0.0));
        let steps: Vec<f64> = along.windows(2).map(|w| w[1] - w[0]).collect();
        back += steps.iter().filter(|s| **s <= 0.0).count();
        jumps.push(steps.iter().copied().fold(0.0, f64::max) / mean(&steps));
        let path: Vec<u32> = std::iter::once(a).chain(rows.iter().copied()).collect();
        let far: Vec<f64> = path.windows(2).map(|w| f64::from(space.difference(w[0], w[1]))).collect();
        hops.push(far.iter().copied().fold(0.0, f64::max) / mean(&far));
        aside.extend(rows.iter().take(STEPS - 1).map(|&r| f64::from(line.aside(&space.point(r)))));
        random.extend((0..STEPS).map(|_| f64::from(line.aside(&space.point(rng.u32(..n))))));
    }
    let (rhos, jumps, hops) = (sorted(rhos), sorted(jumps), sorted(hops));
    println!("journeys of {STEPS} tracks between {made} random pairs: floor 0.95, no step back");
    println!(
        "  Spearman of the projection: median {:.3}, 5th {:.3}, worst {:.3}; steps back: {back}; ended at B: {ended}",
        quantile(&rhos, 0.5),
        quantile(&rhos, 0.05),
        quantile(&rhos, 0.0)
    );
    println!(
        "  largest step over the mean step: along the line {:.2} (95th {:.2}), between neighbours {:.2} (95th {:.2})",
        quantile(&jumps, 0.5),
        quantile(&jumps, 0.95),
        quantile(&hops, 0.5),
        quantile(&hops, 0.95)
    );
    println!("  distance from the line: {:.2}, of random tracks {:.2}", mean(&aside), mean(&random));
}

fn blends(library: &Context) {
    let space = &library.space;
    let mut rng = Rng::with_seed(3);
    let n = space.len() as u32;
    let few = |rng: &mut Rng| -> Vec<TrackId> {
        // A track and its two nearest: a small set with similar sound.
        let row = rng.u32(..n);
        let point = Scorer::around(&space.point(row), 0..DIMS as u8);
        space.scan(&point, 3, &|_| true).into_iter().filter_map(|h| space.id(h.row)).collect()
    };
    let (mut with, mut without, mut both) = (vec![], vec![], vec![]);
    for _ in 0..PAIRS {
        let (a, b, c) = (few(&mut rng), few(&mut rng), few(&mut rng));
        let ask = |blend: Blend| {
            let mut context = library.clone();
            context.situation.playlist = blend.plus.concat();
            context.situation.blend = Some(blend);
            picks(&context, "signature", 20).0
        };
        // Euclidean distance to the nearest track of a set; the difference is negative if a track is nearer to A or B
        // than to C.
        let to = |id: TrackId, set: &[TrackId]| {
            let row = space.row(id).unwrap_or_default();
            set.iter()
                .filter_map(|&s| Some(space.difference(row, space.row(s)?)))
                .min_by(f32::total_cmp)
                .unwrap_or(f32::INFINITY)
        };
        let lead = |id: TrackId| to(id, &a).min(to(id, &b)) - to(id, &c);
        let plus = vec![a.clone(), b.clone()];
        let blended = ask(Blend { plus: plus.clone(), minus: vec![c.clone()] });
        let plain = ask(Blend { plus, minus: Vec::new() });
        let rest: Vec<f32> = (0..n).filter_map(|r| space.id(r)).map(lead).collect();
        let leads = |picks: &[Proposal]| picks.iter().map(|p| lead(p.id)).collect::<Vec<_>>();
        with.extend(auc(&leads(&blended), &rest));
        without.extend(auc(&leads(&plain), &rest));
        let near_a = blended.iter().filter(|p| to(p.id, &a) < to(p.id, &b)).count();
        both.push(near_a.min(blended.len() - near_a) as f64 / blended.len().max(1) as f64);
    }
    println!("blends +A +B −C of three tracks each, 100 of them, 20 picks:");
    println!(
        "  AUC of being nearer to A or B than to C, against the library: {:.3}; without −C {:.3}",
        mean(&with),
        mean(&without)
    );
    println!("  picks nearer to the lesser of A and B: {:.0} %", 100.0 * mean(&both));
}

fn albums(library: &Context) {
    let albums = library.catalog.albums();
    let of = |id: TrackId| albums.iter().position(|album| album.songs.iter().any(|s| s.track == id));
    let (mut queues, mut kept, mut pairs, mut begun, mut whole, mut near) = (0, 0, 0, 0, 0, vec![]);
    for row in seeds(library).into_iter().step_by(4) {
        let mut context = playing(library, row);
        let mut all: Vec<TrackId> = Vec::new();
        // In refills of seven, which can end anywhere within an album.
        for _ in 0..6 {
            let (found, note) = picks(&context, "albums", 7);
            if note.is_some() {
                break;
            }
            context.situation.ahead.extend(found.iter().map(|p| p.id));
            all.extend(found.iter().map(|p| p.id));
            near.extend(nearness(library, row, &found));
        }
        if all.is_empty() {
            continue;
        }
        queues += 1;
        let runs: Vec<Vec<TrackId>> = all.chunk_by(|a, b| of(*a) == of(*b)).map(<[TrackId]>::to_vec).collect();
        for (at, run) in runs.iter().enumerate() {
            let Some(album) = run.first().and_then(|&id| of(id)).and_then(|i| albums.get(i)) else { continue };
            let place = |id: &TrackId| album.songs.iter().position(|s| s.track == *id);
            pairs += run.len() - 1;
            kept += run.windows(2).filter(|w| place(&w[1]) == place(&w[0]).map(|p| p + 1)).count();
            // The first is the rest of the album that played, and the last is cut off.
            if at > 0 && at + 1 < runs.len() {
                begun += 1;
                whole += usize::from(run.len() == album.songs.len());
            }
        }
    }
    match queues {
        0 => println!("whole albums: none of four tracks or more"),
        _ => println!(
            "whole albums in {queues} queues of refills of 7: {kept} of {pairs} neighbours in order, {whole} of {begun} albums \
             whole; nearness {:.2}",
            mean(&near)
        ),
    }
}
