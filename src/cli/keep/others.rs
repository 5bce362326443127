//! Import from other players.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::mem::discriminant;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use clap::ValueEnum;

use super::listens;
use crate::cli::local;
use crate::config::Config;
use crate::library::foreign::listens::Service;
use crate::library::foreign::{self, Known};
use crate::library::journal::{Entry, Event, Tallies};
use crate::library::playlist::{Entry as Listed, Finder};
use crate::library::{Catalog, Song};
use crate::text;

/// Other players to import from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Foreign {
    /// Stickers: rating, like, playCount, skipCount, lastPlayed
    Mpd,
    /// Rating, play count, last played
    Rhythmbox,
    /// Play counts
    Cmus,
    /// Listens with their times: the .zip of its export, or .jsonl out of it
    Listenbrainz,
    /// Scrobbles with their times: .csv or .json of an exporter
    Lastfm,
}

/// Reads what another player or a service knows, as events (counts and ratings are dated now), and a summary of it.
/// `missing` is a file for the listens that were not found.
///
/// # Errors
/// When the player cannot be reached, or a file cannot be read; when a player has several places or `missing`.
pub(super) fn known(
    player: Foreign,
    places: &[PathBuf],
    missing: Option<&Path>,
    catalog: &Catalog,
    config: &Config,
    entries: &[Entry],
) -> Result<(Vec<Entry>, String)> {
    let file = |usual: Option<PathBuf>| -> Result<PathBuf> {
        let place = only(places, missing)?.map(Path::to_path_buf);
        place.or(usual).ok_or_else(|| anyhow!("HOME is not set; name the file"))
    };
    let listens = |service| listens::plays(service, places, missing, catalog, entries);
    let (name, known) = match player {
        Foreign::Mpd => ("mpd", foreign::mpd::read(&mpd_host(only(places, missing)?))?),
        Foreign::Rhythmbox => ("rhythmbox", foreign::rhythmbox::read(&file(foreign::rhythmbox::file())?)?),
        Foreign::Cmus => ("cmus", foreign::cmus::read(&file(foreign::cmus::file())?)?),
        Foreign::Listenbrainz => return listens(Service::ListenBrainz),
        Foreign::Lastfm => return listens(Service::LastFm),
    };
    let finder = Finder::new(catalog);
    let root = local::music_dir(None, config).ok().flatten().unwrap_or_default();
    let mut named: HashMap<&OsStr, Vec<&Arc<Song>>> = HashMap::new();
    for song in catalog.songs() {
        named.entry(song.path.file_name().unwrap_or_default()).or_default().push(song);
    }
    // Relative to a music directory that the other player does not name: try ours, else a unique
    // match by suffix.
    let relative = |path: &Path| {
        let only = || {
            let mut songs = named.get(path.file_name()?)?.iter().filter(|s| s.path.ends_with(path));
            songs.next().filter(|_| songs.next().is_none()).copied()
        };
        catalog.of_path(&root.join(path)).or_else(only)
    };
    let absolute = |path: &Path| {
        let meant = || catalog.of_path(&path.canonicalize().ok()?);
        // The music may have been moved, or the player may have run on another system.
        let moved = || finder.find(&Listed { path: path.to_path_buf(), ..Listed::default() }).map(|(song, _)| song);
        catalog.of_path(path).or_else(meant).or_else(moved)
    };
    let find = |known: &Known| {
        let path = &known.path;
        if path.is_absolute() { absolute(path) } else { relative(path) }
    };
    // What the user set here wins, including a removed rating.
    let said: HashSet<_> = entries.iter().map(|e| (e.event.track(), discriminant(&e.event))).collect();
    let new = |event: &Event| match event {
        Event::Rated { track, .. } | Event::Loved { track, .. } => {
            let former = catalog.of_track(*track).map(|song| song.former);
            [Some(*track), former].iter().all(|track| !said.contains(&(*track, discriminant(event))))
        }
        _ => true,
    };
    let tallies = Tallies::new(entries);
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (mut events, mut found, mut seen) = (Vec::new(), 0, HashSet::new());
    for known in &known {
        // If two files hold the same track, the first one counts.
        let Some(song) = find(known) else { continue };
        found += 1;
        if seen.insert(song.track) {
            events.extend(known.events(song, name, &tallies).into_iter().filter(new).map(|event| Entry { at, event }));
        }
    }
    let ratings = events.iter().filter(|e| matches!(e.event, Event::Rated { .. } | Event::Loved { .. })).count();
    let counts = events.len() - ratings;
    let said = format!(
        "{name}: knows {}, {found} of them in the library; {ratings} ratings and loves, {counts} play counts are new",
        text::count(known.len(), "file")
    );
    Ok((events, said))
}

/// The place of a player's data, if one is named.
fn only<'a>(places: &'a [PathBuf], missing: Option<&Path>) -> Result<Option<&'a Path>> {
    match (places, missing) {
        (_, Some(_)) => Err(anyhow!("--missing is for listens: --from listenbrainz, --from lastfm")),
        ([], _) => Ok(None),
        ([one], _) => Ok(Some(one)),
        _ => Err(anyhow!("one place at a time; only listens are imported from several files")),
    }
}

/// The host given as an argument, else the one that mpc would use.
fn mpd_host(named: Option<&Path>) -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    if let Some(host) = named {
        return host.to_string_lossy().into_owned();
    }
    let host = variable("MPD_HOST").unwrap_or_else(|| "localhost".into());
    match variable("MPD_PORT") {
        Some(port) if !host.contains('/') => format!("{host}:{port}"),
        _ => host,
    }
}
