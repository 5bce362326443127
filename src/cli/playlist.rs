//! `jukebox playlist`: the user's playlists, and those of other players.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{asker, print};
use crate::app::control::{Reply, Request};
use crate::app::report::Place;
use crate::audio::cue;
use crate::config::Config;
use crate::library::playlist::smart::Smart;
use crate::library::playlist::{self, How, Paths as Written, Playlist};
use crate::library::playlists::Playlists;
use crate::paths::Paths;

/// `jukebox playlist`
#[derive(Debug, Args)]
pub struct PlaylistArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: PlaylistVerb,
}

/// What to do with playlists.
#[derive(Debug, Subcommand)]
pub enum PlaylistVerb {
    /// The names of your playlists
    List,
    /// The files of a playlist, one a line
    Show {
        /// One of yours, or a file
        #[arg(value_name = "NAME|FILE")]
        which: PathBuf,
    },
    /// Write one of your playlists into a file: .m3u8, .m3u, .pls, .xspf
    Export {
        /// Its name
        name: String,
        /// Where
        file: PathBuf,
        /// Relative paths, with .. where needed (without: relative when all files lie below the playlist)
        #[arg(long, conflicts_with = "absolute")]
        relative: bool,
        /// Absolute paths
        #[arg(long)]
        absolute: bool,
    },
    /// Keep a playlist of another player as yours
    Import {
        /// The file
        file: PathBuf,
        /// Its name here (without: the file's)
        #[arg(long)]
        name: Option<String>,
    },
    /// Which tracks of a playlist the library has, and which have moved or are gone
    Check {
        /// One of yours, or a file
        #[arg(value_name = "NAME|FILE")]
        which: PathBuf,
    },
}

/// Carries out what was asked.
///
/// # Errors
/// When there is no such playlist, or it cannot be read or written.
pub fn run(args: PlaylistArgs, config: &Config, paths: &Paths) -> Result<(), String> {
    let lists = Playlists::in_dir(paths.playlists());
    match args.verb {
        PlaylistVerb::List => {
            let names = lists.names();
            if names.is_empty() {
                print::note("none yet; `:playlist save NAME` in the player keeps the queue");
            }
            names.iter().for_each(|name| print::line(name));
        }
        PlaylistVerb::Show { which } => match smart(&lists, &which)? {
            Some(smart) => match asker::Asker::new(paths, config).ask(Request::Smart(smart))? {
                Reply::Found { hits, .. } => hits.iter().for_each(|hit| print::path(&hit.file())),
                _ => return Err(asker::OTHER_ANSWER.into()),
            },
            None => read(&lists, &which)?.entries.iter().for_each(|entry| print::path(&entry.path)),
        },
        PlaylistVerb::Export { name, file, relative, absolute } => {
            let place = match (relative, absolute) {
                (true, _) => Written::Relative,
                (_, true) => Written::Absolute,
                _ => Written::Fitting,
            };
            let list = lists.load(&name)?;
            playlist::write(&file, &list, place)?;
            print::note(&format!("written: {}, {} tracks", file.display(), list.entries.len()));
        }
        PlaylistVerb::Import { file, name } => {
            let list = absolute(playlist::read(&file)?)?;
            let stem = || file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let name = name.unwrap_or_else(stem);
            lists.save(&name, &list).map_err(|why| format!("{why}; --name chooses another name"))?;
            print::note(&format!("{name}: {} tracks{}", list.entries.len(), left_out(&list)));
        }
        PlaylistVerb::Check { which } => check(&absolute(read(&lists, &which)?)?, config, paths)?,
    }
    Ok(())
}

/// A smart one of the user's playlists.
fn smart(lists: &Playlists, which: &Path) -> Result<Option<Smart>, String> {
    match which.to_str() {
        Some(name) if !which.exists() && !playlist::is_playlist(which) => lists.smart(name),
        _ => Ok(None),
    }
}

/// One of the user's playlists, or a file.
fn read(lists: &Playlists, which: &Path) -> Result<Playlist, String> {
    match which.to_str() {
        Some(name) if !which.exists() && !playlist::is_playlist(which) => lists.load(name),
        _ => playlist::read(which),
    }
}

/// A playlist whose files are named from the root.
fn absolute(mut list: Playlist) -> Result<Playlist, String> {
    for entry in &mut list.entries {
        let path = std::path::absolute(&entry.path).map_err(|e| format!("{}: {e}", entry.path.display()))?;
        // The library knows files by their true places.
        entry.path = cue::canonicalize(&path).unwrap_or(path);
    }
    Ok(list)
}

fn left_out(list: &Playlist) -> String {
    if list.left_out == 0 { String::new() } else { format!(", {} left out (no local files)", list.left_out) }
}

fn check(list: &Playlist, config: &Config, paths: &Paths) -> Result<(), String> {
    let places = asker::Asker::new(paths, config).places(&list.entries)?;
    let (mut there, mut moved, mut guessed, mut gone) = (0, 0, 0, 0);
    for (entry, place) in list.entries.iter().zip(places) {
        let old = crate::text::sanitize(&entry.path.to_string_lossy());
        let new = |place: &Place| crate::text::sanitize(&place.path.to_string_lossy());
        match place {
            Some(Place { how: How::Path, .. }) => there += 1,
            Some(place) if place.how == How::Track => {
                moved += 1;
                print::line(&format!("moved: {old} is now {}", new(&place)));
            }
            Some(place) => {
                guessed += 1;
                print::line(&format!("by name and length: {old} may be {}", new(&place)));
            }
            None => {
                gone += 1;
                print::line(&format!("not in the library: {old}"));
            }
        }
    }
    print::line(&format!(
        "{there} in place, {moved} moved, {guessed} by name and length, {gone} not in the library{}",
        left_out(list)
    ));
    Ok(())
}
