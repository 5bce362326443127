//! `jukebox map`: lays the library out, draws it, and measures how well the map keeps neighbourhoods.

mod measure;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use clap::Args;

use self::measure::{Map, measured};
use super::local::{Local, Unopened};
use super::print;
use crate::ask::answers::Answers;
use crate::ask::known::Known;
use crate::ask::map::{Classes, Colour, file};
use crate::config::Config;
use crate::latent::map::{GivenUp, Places, Point};
use crate::latent::{Fits, Latent};
use crate::library::Song;
use crate::paths::Paths;
use crate::picture::{self, Spot};
use crate::store::exported;
use crate::text;

/// `jukebox map`
#[derive(Debug, Args)]
#[command(
    after_help = "Near is alike; how far apart two regions lie tells little. The map is laid out once for an encoder and kept; \
later tracks are placed without moving the others. Quit the player first: it holds the store."
)]
pub struct MapArgs {
    /// Write the map as an SVG page: a browser shows artist, title and album under the pointer
    #[arg(long, value_name = "OUT")]
    pub svg: Option<PathBuf>,
    /// Colour of that page
    #[arg(long, default_value = "genre", value_parser = ["genre", "tag", "tempo", "energy", "year", "plays"])]
    pub colour: String,
    /// Measure trustworthiness and continuity at 15 neighbours, beside the principal plane and random places, and the time
    /// that 1,000, 10,000, 100,000 and all tracks take, as far as there are so many
    #[arg(long)]
    pub measure: bool,
    /// Lay all tracks out anew; they will stand elsewhere
    #[arg(long)]
    pub refit: bool,
}

/// Lays the library out, and draws or measures the map.
///
/// # Errors
/// When the store cannot be opened, nothing is analysed, or a file cannot be written.
pub fn run(args: &MapArgs, config: &Config, paths: &Paths) -> Result<()> {
    let opened = Local::open(paths, config).map_err(|why| match why {
        Unopened::Held { .. } => anyhow!("another jukebox holds the store; quit it first"),
        other => other.into(),
    });
    let answers = opened?.answers();
    if answers.space.is_empty() {
        bail!("nothing is analysed yet; run `jukebox scan DIR` first");
    }
    let (places, secs) = places(&answers, &paths.maps(), args.refit)?;
    print::line(&format!(
        "{} on the map, {} of them placed later",
        text::count(answers.space.len(), "track"),
        places.later()
    ));
    if args.measure {
        let all = places.all().filter_map(|(track, at)| Some((answers.space.point(answers.space.row(track)?), at)));
        let (points, at): (Vec<Latent>, Vec<Point>) = all.unzip();
        measured(&Map { points: &points, at: &at, secs }).iter().for_each(|line| print::line(line));
    }
    if let Some(out) = &args.svg {
        let colour = Colour::named(&args.colour).unwrap_or_default();
        let page = picture::standalone(&drawn(&answers, &places, colour));
        exported::overwrite(out, page.as_bytes()).map_err(|e| anyhow!("{}: cannot be written: {e}", out.display()))?;
        print::note(&format!("written: {}", out.display()));
    }
    Ok(())
}

/// The places that are kept, with every track of the library, or new ones and the seconds that laying them out took.
fn places(answers: &Answers, dir: &Path, refit: bool) -> Result<(Places, Option<f64>)> {
    let space = &answers.space;
    let known = if refit { None } else { file::read(dir, space.generation()) };
    // Ctrl-C ends the process, and leaves what was kept as it was.
    let (on, given_up) = (|_: f32| true, |GivenUp| anyhow!("laying the map out was given up"));
    let begun = Instant::now();
    let (mut places, new) = match known {
        Some(places) => (places, false),
        None => {
            print::note(&format!("{} tracks are laid out", space.len()));
            (Places::fit(space, &on).map_err(given_up)?, true)
        }
    };
    let secs = new.then(|| begun.elapsed().as_secs_f64());
    let more = places.extended(space, &on).map_err(given_up)?;
    let changed = new || more.is_some();
    if let Some(more) = more {
        places = more;
    }
    if changed {
        file::write(dir, &places).map_err(|e| anyhow!("{}: the map cannot be kept: {e}", dir.display()))?;
    }
    Ok((places, secs))
}

/// The map as a picture.
fn drawn(answers: &Answers, places: &Places, colour: Colour) -> String {
    let song = |(track, at)| Some((at, answers.catalog.of_track(track)?.clone()));
    let (at, songs): (Vec<Point>, Vec<Arc<Song>>) = places.all().filter_map(song).unzip();
    let fits = Fits::default();
    let known = Known { tallies: &answers.tallies, space: &answers.space, fits: &fits };
    let classes = Classes::by(colour, &songs, &known);
    let title = |song: &Song| format!("{} – {}\n{}", song.artist(), song.title(), song.album());
    let spots = at.iter().zip(&songs).zip(&classes.of);
    let spots: Vec<Spot> =
        spots.map(|((at, song), class)| Spot { at: *at, class: usize::from(*class), title: title(song) }).collect();
    let names: Vec<&str> = classes.all.iter().map(|class| class.name.as_str()).collect();
    picture::spots(&spots, &names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Space;
    use crate::library::Catalog;
    use crate::library::signatures::Signatures;
    use crate::track::{Tags, TrackId};

    fn answers(tracks: u8) -> Answers {
        let song = |n: u8| {
            let tags = Tags { title: Some(format!("<{n}>").into()), artist: Some("A & B".into()), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}.mp3"), TrackId([n; 16])) })
        };
        let mut rng = fastrand::Rng::with_seed(2);
        let latents = (0..tracks).map(|n| (TrackId([n; 16]), std::array::from_fn(|_| rng.f32()))).collect();
        let space = Space::build("x".into(), Arc::default(), latents);
        let catalog = Catalog::new((0..tracks).map(song).collect());
        Answers::new(catalog.into(), space.into(), Signatures::in_dir("/nonexistent".into()))
    }

    #[test]
    fn the_map_is_kept_and_drawn() {
        let dir = tempfile::tempdir().unwrap();
        let answers = answers(40);
        let (first, secs) = places(&answers, dir.path(), false).unwrap();
        assert!(secs.is_some());
        assert_eq!(places(&answers, dir.path(), false).unwrap(), (first.clone(), None));
        assert!(places(&answers, dir.path(), true).unwrap().1.is_some());
        let page = drawn(&answers, &first, Colour::Genre);
        assert_eq!(page.matches("<circle").count(), 40);
        assert!(page.contains("A &amp; B – &lt;7&gt;") && !page.contains("<7>"), "{page}");
    }
}
