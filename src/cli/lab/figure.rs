//! `jukebox lab fig1`: mel spectrograms of two tracks of a data set, as in the paper's Figure 1.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Args;
use jukebox_encoder::Input;

use super::super::data::{self, Purpose};
use super::super::spectrogram::save;
use crate::analysis::figure::panel;
use crate::config::Config;
use crate::paths::Paths;
use crate::training::DataSet;

/// `jukebox lab fig1`
#[derive(Debug, Args)]
pub struct Fig1Args {
    /// Music to choose from: `tree:DIR` or `fma:DIR` as for `jukebox train`
    #[arg(long, value_name = "KIND:DIR")]
    pub data: String,
    /// The genres of the two tracks [default: Jazz and Hip-Hop, as in the paper, or the first two that there are]
    #[arg(long, value_name = "GENRE", num_args = 2)]
    pub genres: Vec<String>,
    /// The SVG file to write
    #[arg(long, value_name = "FILE", default_value = "fig1.svg")]
    pub out: PathBuf,
}

/// Draws the figure.
///
/// # Errors
/// When the data cannot be read, has not both genres, or the file cannot be written.
pub fn run(args: &Fig1Args, config: &Config, paths: &Paths) -> Result<()> {
    let set = data::read(&args.data, Input::Power, Purpose::Measure, &paths.lab(), config, paths)?;
    let [left, right] = genres(&set, &args.genres)?;
    let panels = [left, right].map(|genre| {
        let clip = set.clips.genres.iter().position(|g| usize::from(*g) == genre).unwrap_or(0);
        let name = set.tracks.get(set.track[clip] as usize).map_or("", |track| track.name.as_str());
        panel(&format!("{}: {name}", set.genres[genre]), set.clips.image(clip))
    });
    save(&panels, Some(&args.out), None)
}

/// The two genres, as positions in the data's.
fn genres(set: &DataSet, asked: &[String]) -> Result<[usize; 2]> {
    let found = |name: &str| {
        let key = crate::training::folded(name);
        set.genres.iter().position(|own| crate::training::folded(own) == key)
    };
    if let [first, second] = asked {
        let of = |name: &String| {
            found(name).ok_or_else(|| anyhow!("--genres {name}: the genres are {}", set.genres.join(", ")))
        };
        return Ok([of(first)?, of(second)?]);
    }
    let mut two: Vec<usize> = ["Jazz", "Hip-Hop"].into_iter().filter_map(found).collect();
    two.extend((0..set.genres.len()).filter(|g| !two.contains(g)).collect::<Vec<_>>());
    match two[..] {
        [first, second, ..] => Ok([first, second]),
        _ => Err(anyhow!(
            "{}: it has fewer than two genres; `jukebox spectrogram ONE TWO` draws any two files",
            set.name
        )),
    }
}
