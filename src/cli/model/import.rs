//! `jukebox model import`: converts a public music tagger, downloaded by the user, into an encoder.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Args;
use jukebox_encoder::import::Axes;

use crate::analysis::model::MUSICNN;
use crate::cli::print;
use crate::clock::{Clock, SystemClock};
use crate::training::models::Models;
use crate::training::tagger;

/// `jukebox model import`
#[derive(Debug, Args)]
#[command(
    after_help = "Imports MSD_musicnn (ISC licence), a tagger of 787,000 parameters that knows 50 Last.fm tags: \
`pip download --no-deps musicnn==0.1.0` fetches the wheel. It listens as an encoder of its own (`jukebox model use musicnn`), and \
`jukebox train --from-teacher` learns from it on music without genre tags."
)]
pub struct ImportArgs {
    /// The wheel, or the folder of an unpacked one
    pub source: PathBuf,
    /// Look at every band and frame: slower, with tags closer to the original's
    #[arg(long)]
    pub full: bool,
    /// What to call it [default: musicnn, or musicnn-full]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Imports the tagger and adds it to the models.
///
/// # Errors
/// A message for the user, when the file does not exist, is not a package of the tagger, or is
/// damaged.
pub fn import(models: &Models, args: &ImportArgs) -> Result<()> {
    let axes = Axes::read(MUSICNN).map_err(|e| anyhow!("the axes built in are broken: {e:#}"))?;
    let weights = tagger::import(&args.source, &axes, args.full)?;
    let usual = if args.full { "musicnn-full" } else { "musicnn" };
    let name = models.add(&weights, Some(args.name.as_deref().unwrap_or(usual)), SystemClock::new().unix())?;
    print::line(&format!("{name} is kept: `jukebox model use {name}` listens with it"));
    let teacher = if name == "musicnn" { String::new() } else { format!(" {name}") };
    print::note(&format!(
        "`jukebox train --from-teacher{teacher}` teaches the encoder in use what it hears in your library"
    ));
    Ok(())
}
