//! The verbs that control the running player: play, pause, stop, toggle, next, previous, volume and add.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::named::{self, Named};
use super::{asker, local, send};
use crate::ask::protocol::{Reply, Request};
use crate::audio::cue;
use crate::config::Config;
use crate::paths::Paths;
use crate::runtime::socket;

/// `jukebox play` and `jukebox add`
#[derive(Debug, Args)]
pub struct SongsArgs {
    /// Files, directories, cue sheets and playlists, or a filter such as 'genre=jazz & rating>=80'
    #[arg(value_name = "FILE|DIR|FILTER")]
    pub what: Vec<PathBuf>,
    /// At most so many of the songs that pass a filter
    #[arg(short = 'n', long = "count", value_name = "N", value_parser = super::count::from_one)]
    pub count: Option<usize>,
}

/// `jukebox add`
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What to add.
    #[command(flatten)]
    pub songs: SongsArgs,
    /// Right after the playing track, instead of last
    #[arg(long)]
    pub next: bool,
}

/// `jukebox volume`
#[derive(Debug, Args)]
pub struct VolumeArgs {
    /// 80, +5, -5 or -2dB [default: show it]
    #[arg(value_name = "CHANGE", allow_hyphen_values = true)]
    pub change: Option<String>,
    /// Print the answer as JSON: ok, message
    #[arg(long)]
    pub json: bool,
}

/// Plays songs at once, or goes on where playback was paused.
///
/// # Errors
/// When no player runs, or nothing is there to play.
pub fn play(args: &SongsArgs, config: &Config, paths: &Paths) -> Result<()> {
    if args.what.is_empty() {
        return send::run("play", false, paths);
    }
    let songs = songs(args, config, paths)?;
    send::ask(&Request::Open(songs), false, paths)
}

/// Adds songs to what the user chose.
///
/// # Errors
/// When no player runs, or the library has none of the songs.
pub fn add(args: &AddArgs, config: &Config, paths: &Paths) -> Result<()> {
    if args.songs.what.is_empty() {
        bail!("add what? name files, directories, playlists or a filter: jukebox add 'artist=\"Miles Davis\"'");
    }
    let songs = songs(&args.songs, config, paths)?;
    send::ask(&Request::Add { paths: songs, next: args.next }, false, paths)
}

/// Sets or shows the volume.
///
/// # Errors
/// When no player runs, or the change is not understood.
pub fn volume(args: &VolumeArgs, paths: &Paths) -> Result<()> {
    send::run(format!("volume {}", args.change.as_deref().unwrap_or_default()).trim_end(), args.json, paths)
}

/// What the arguments name, or the files of the songs that pass the filter if no argument is a file.
fn songs(args: &SongsArgs, config: &Config, paths: &Paths) -> Result<Vec<PathBuf>> {
    let found: Vec<_> = args.what.iter().map(|path| cue::canonicalize(path)).collect();
    if found.iter().any(Result::is_ok) {
        if let Some((path, Err(e))) = args.what.iter().zip(found).find(|(_, found)| found.is_err()) {
            bail!("{}: {e}; name files that exist, or a filter alone", path.display());
        }
        let library = local::music_dir(None, config).ok().flatten();
        let named = named::look_up(&args.what, library.as_deref())?;
        return named::few_enough(named.into_iter().map(Named::into_path).collect());
    }
    let text = args.what.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let request = Request::Search { text: text.clone(), fuzzy: false, count: args.count.unwrap_or(usize::MAX) };
    match socket::ask(&paths.socket(), &request)? {
        None => Err(anyhow!(send::NO_PLAYER)),
        Some(Reply::Found { hits, .. }) if hits.is_empty() => {
            Err(anyhow!("{}: no such file, and as a filter it finds no song", text))
        }
        Some(Reply::Found { hits, .. }) => named::few_enough(hits.iter().map(|hit| hit.file()).collect()),
        Some(Reply::Error(why)) => Err(anyhow!("{}: no such file, and not a filter: {why}", text)),
        Some(_) => Err(anyhow!(asker::OTHER_ANSWER)),
    }
}
