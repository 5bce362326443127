//! `jukebox playlist`: the user's playlists, and import of other players' playlists.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{asker, print};
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::Place;
use crate::audio::cue;
use crate::config::Config;
use crate::library::playlist::smart::Smart;
use crate::library::playlist::{self, Encoded, How, Paths as Written, Playlist, PlaylistError};
use crate::library::playlists::Playlists;
use crate::paths::Paths;
use crate::text;

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
    /// List your playlists
    List {
        /// Print JSON: an array of names
        #[arg(long)]
        json: bool,
    },
    /// Show the files of a playlist, one per line
    Show {
        /// Name of a playlist, or a file
        #[arg(value_name = "NAME|FILE")]
        which: PathBuf,
        /// Print JSON: an array of paths, each as text, or as an array of bytes where it is not UTF-8
        #[arg(long)]
        json: bool,
    },
    /// Write one of your playlists to a file: .m3u8, .m3u, .pls or .xspf
    Export {
        /// Name of the playlist
        name: String,
        /// The file to write
        file: PathBuf,
        /// Write relative paths, with .. where needed [default: relative when all files lie below the playlist]
        #[arg(long, conflicts_with = "absolute")]
        relative: bool,
        /// Write absolute paths
        #[arg(long)]
        absolute: bool,
        /// Overwrite an existing file
        #[arg(long)]
        force: bool,
    },
    /// Import a playlist of another player
    Import {
        /// The file to read
        file: PathBuf,
        /// Name of the new playlist [default: the file's name]
        #[arg(long)]
        name: Option<String>,
    },
    /// Show which tracks of a playlist are in the library, have moved or are missing
    Check {
        /// Name of a playlist, or a file
        #[arg(value_name = "NAME|FILE")]
        which: PathBuf,
    },
}

/// The files of a playlist as JSON.
#[derive(Serialize)]
#[serde(transparent)]
struct Files(#[serde(with = "crate::paths::raw::list")] Vec<PathBuf>);

/// Runs the subcommand.
///
/// # Errors
/// When the playlist does not exist, or cannot be read or written.
pub fn run(args: PlaylistArgs, config: &Config, paths: &Paths) -> Result<()> {
    let lists = Playlists::in_dir(paths.playlists());
    match args.verb {
        PlaylistVerb::List { json } => {
            let names = lists.names();
            if json {
                return print::json(&names);
            }
            if names.is_empty() {
                print::note("no playlists yet; `:playlist save NAME` in the player saves the queue");
            }
            names.iter().for_each(|name| print::line(name));
        }
        PlaylistVerb::Show { which, json } => {
            let files: Vec<PathBuf> = match smart(&lists, &which)? {
                Some(smart) => match asker::Asker::new(paths, config).ask(Request::Smart(smart))? {
                    Reply::Found { hits, .. } => hits.iter().map(|hit| hit.file()).collect(),
                    _ => bail!(asker::OTHER_ANSWER),
                },
                None => read(&lists, &which)?.entries.into_iter().map(|entry| entry.path).collect(),
            };
            if json {
                return print::json(&Files(files));
            }
            files.iter().for_each(|file| print::path(file));
        }
        PlaylistVerb::Export { name, file, relative, absolute, force } => {
            let place = match (relative, absolute) {
                (true, _) => Written::Relative,
                (_, true) => Written::Absolute,
                _ => Written::Fitting,
            };
            let mut list = lists.load(&name)?;
            let away = find(&mut list, config, paths)?;
            playlist::export(&file, &list, place, force).map_err(|why| match why {
                PlaylistError::Taken(_) => anyhow!("{why}; --force overwrites it"),
                other => other.into(),
            })?;
            print::note(&format!("written: {}, {}", file.display(), text::count(list.entries.len(), "track")));
            if away > 0 {
                print::note(&format!(
                    "{away} of them {} missing (is their disk mounted?) and {} kept as found; \
                     `jukebox playlist check {name}` names them",
                    text::either(away, "is", "are"),
                    text::either(away, "was", "were")
                ));
            }
        }
        PlaylistVerb::Import { file, name } => {
            let stem = || file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let name = name.unwrap_or_else(stem);
            import(&lists, &file, &name, config, paths)?;
        }
        PlaylistVerb::Check { which } => check(&absolute(read(&lists, &which)?)?, config, paths)?,
    }
    Ok(())
}

/// Replaces the paths of moved files by their present ones. Returns the number of files not found.
fn find(list: &mut Playlist, config: &Config, paths: &Paths) -> Result<usize> {
    let gone = |entry: &playlist::Entry| !cue::is_there(&entry.path);
    let lost: Vec<playlist::Entry> = list.entries.iter().filter(|entry| gone(entry)).cloned().collect();
    if lost.is_empty() {
        return Ok(0);
    }
    let mut places = asker::Asker::new(paths, config).places(&lost)?.into_iter();
    let mut away = 0;
    for entry in list.entries.iter_mut().filter(|entry| gone(entry)) {
        // A match by name alone may be another recording; that is left for the user to decide.
        match places.next().flatten().filter(|place| place.how != How::Name && cue::is_there(&place.path)) {
            Some(place) => entry.path = place.path,
            None => away += 1,
        }
    }
    Ok(away)
}

/// The user's smart playlist of this name, if it is one.
fn smart(lists: &Playlists, which: &Path) -> Result<Option<Smart>> {
    match which.to_str() {
        Some(name) if !which.exists() && !playlist::is_playlist(which) => Ok(lists.smart(name)?),
        _ => Ok(None),
    }
}

/// A playlist of the user's by name, or a playlist file.
fn read(lists: &Playlists, which: &Path) -> Result<Playlist> {
    match which.to_str() {
        Some(name) if !which.exists() && !playlist::is_playlist(which) => Ok(lists.load(name)?),
        _ => Ok(playlist::read(which)?),
    }
}

/// The playlist with absolute paths.
fn absolute(mut list: Playlist) -> Result<Playlist> {
    for entry in &mut list.entries {
        let path = std::path::absolute(&entry.path).map_err(|e| anyhow!("{}: {e}", entry.path.display()))?;
        // The library lists files by their canonical paths.
        entry.path = cue::canonicalize(&path).unwrap_or(path);
    }
    Ok(list)
}

fn left_out(list: &Playlist) -> String {
    if list.left_out == 0 { String::new() } else { format!(", {} left out (no local files)", list.left_out) }
}

/// Saves another player's playlist under `name`. Entries found in the library get the path and identity of its songs;
/// everything else in the file is kept.
fn import(lists: &Playlists, file: &Path, name: &str, config: &Config, paths: &Paths) -> Result<()> {
    let mut list = absolute(playlist::read(file)?)?;
    // Importing also works before there is a library, so a failure here is ignored.
    let places = asker::Asker::new(paths, config).places(&list.entries);
    let mut found = 0;
    for (entry, place) in list.entries.iter_mut().zip(places.iter().flatten()) {
        if let Some(place) = place {
            found += 1;
            entry.path.clone_from(&place.path);
            entry.track = Some(place.track);
        }
    }
    lists.save(name, &list, false).map_err(|why| anyhow!("{why}; --name chooses another name"))?;
    let all = list.entries.len();
    let tracks = text::count(all, "track");
    let mut said = match &places {
        Ok(_) => format!("{name}: {tracks}, {found} found, {} not in the library", all - found),
        Err(why) => format!("{name}: {tracks}; cannot tell which of them are in the library: {why}"),
    };
    let streams = list.streams.len();
    let kept = if streams == 1 { "stream kept" } else { "streams kept" };
    for (n, what) in [(streams, kept), (list.left_out.saturating_sub(streams), "left out (no local files)")] {
        if n > 0 {
            said.push_str(&format!(", {n} {what}"));
        }
    }
    if list.source.as_ref().is_some_and(|source| matches!(source.encoded, Encoded::Utf16 { .. })) {
        said.push_str("; written in UTF-8");
    }
    print::note(&said);
    Ok(())
}

fn check(list: &Playlist, config: &Config, paths: &Paths) -> Result<()> {
    let places = asker::Asker::new(paths, config).places(&list.entries)?;
    let (mut there, mut moved, mut tails, mut guessed, mut gone) = (0, 0, 0, 0, 0);
    for (entry, place) in list.entries.iter().zip(places) {
        let old = crate::text::sanitize(&entry.path.to_string_lossy());
        let new = |place: &Place| crate::text::sanitize(&place.path.to_string_lossy());
        match place {
            Some(Place { how: How::Path, .. }) => there += 1,
            Some(place) if place.how == How::Track => {
                moved += 1;
                print::line(&format!("moved: {old} is now {}", new(&place)));
            }
            Some(place) if place.how == How::Tail => {
                tails += 1;
                print::line(&format!("by the end of its path: {old} is {}", new(&place)));
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
        "{there} in place, {moved} moved, {tails} by the end of their path, {guessed} by name and length, {gone} not in the library{}",
        left_out(list)
    ));
    Ok(())
}
