//! `jukebox export` writes all user data in plain formats; `jukebox import` reads it back, or takes over data from
//! another player.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use serde::Serialize;

use super::asker::Who;
use super::{asker, local, print};
use crate::ask::protocol::{Reply, Request};
use crate::ask::report::{About, Hit};
use crate::config::Config;
use crate::files;
use crate::library::journal::{Entry, Event, Journal};
use crate::library::{Catalog, playlist, snapshot};
use crate::paths::Paths;
use crate::runtime::socket;
use crate::store::private;
use crate::text;
use crate::track::TrackId;

mod copies;
mod handover;
mod listens;
mod others;

use copies::Missing;
use handover::Target;
pub use others::Foreign;

/// `jukebox export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Directory to create
    pub dir: PathBuf,
}

/// `jukebox import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Directory that `jukebox export` wrote; with --from, the other player's file (for mpd its host) instead of the usual
    /// one, or the files of exported listens
    #[arg(required_unless_present = "from", required_if_eq_any([("from", "listenbrainz"), ("from", "lastfm")]))]
    pub from_where: Vec<PathBuf>,
    /// Import ratings and play counts of another player, or the listens that a service has exported
    #[arg(long, value_name = "PLAYER")]
    pub from: Option<Foreign>,
    /// Write the listens that are not in the library to this new file, as CSV, also with --dry-run
    #[arg(long, value_name = "FILE", requires = "from")]
    pub missing: Option<PathBuf>,
    /// Only show what would be imported
    #[arg(long)]
    pub dry_run: bool,
}

/// A line of `history.jsonl`: a journal entry, with the track's name for human readers.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Writes all user data into a new directory.
///
/// # Errors
/// When the directory exists or cannot be written, or neither the player nor the store can be reached.
pub fn export(args: &ExportArgs, config: &Config, paths: &Paths) -> Result<()> {
    let explain = |e: std::io::Error| anyhow!("{}: {}", args.dir.display(), private::explain(&e));
    if args.dir.exists() {
        bail!("{}: already exists; name a new directory", args.dir.display());
    }
    let entries = Journal::read(&paths.journal()).map_err(|e| anyhow!("{}: {e}", paths.journal().display()))?;
    let mut asker = asker::Asker::new(paths, config);
    let everything = Request::Search { text: String::new(), fuzzy: false, count: usize::MAX };
    let songs: Vec<Hit> = match asker.ask(everything)? {
        Reply::Found { hits, .. } => hits,
        _ => bail!(asker::OTHER_ANSWER),
    };
    let mut tracks: Vec<_> = entries.iter().filter_map(|e| e.event.track()).collect();
    tracks.sort();
    tracks.dedup();
    let about = asker.about(&tracks)?;
    private::dir(&args.dir).map_err(explain)?;
    let files = write_out(args, paths, &entries, &songs, &about).inspect_err(|_| {
        // Remove what was just created: half an export could be taken for a whole one, and would block the next.
        let _ = fs::remove_dir_all(&args.dir);
    })?;
    print::note(&format!(
        "{}: {}, {}, {files} files of playlists, signatures and configuration",
        args.dir.display(),
        text::count(entries.len(), "event"),
        text::count(songs.len(), "song")
    ));
    Ok(())
}

/// Writes the files of an export; returns how many of them are copies of the user's own files.
fn write_out(
    args: &ExportArgs,
    paths: &Paths,
    entries: &[Entry],
    songs: &[Hit],
    about: &HashMap<TrackId, About>,
) -> Result<usize> {
    let explain = |e: std::io::Error| anyhow!("{}: {}", args.dir.display(), private::explain(&e));
    let mut history = String::new();
    for entry in entries {
        let name =
            entry.event.track().and_then(|track| about.get(&track)).map(|a| format!("{} – {}", a.artist, a.title));
        history += &text::json(&serde_json::to_string(&Told { entry, name })?);
        history.push('\n');
    }
    private::replace(&args.dir.join("history.jsonl"), history.as_bytes()).map_err(explain)?;
    let mut library = String::new();
    for song in songs {
        library += &text::json(&serde_json::to_string(song)?);
        library.push('\n');
    }
    private::replace(&args.dir.join("library.jsonl"), library.as_bytes()).map_err(explain)?;
    let mut missing = Missing::of(true);
    for (from, to) in copies::parts(paths) {
        missing.dir(&from, &args.dir.join(to)).map_err(explain)?;
    }
    let mut files = missing.copied;
    for (from, to) in copies::single(paths) {
        if from.exists() {
            let bytes = files::read(&from, files::ANY).map_err(|e| anyhow!("{}: {e}", from.display()))?;
            let to = args.dir.join(to);
            private::dir(to.parent().unwrap_or(&args.dir)).map_err(explain)?;
            private::replace(&to, &bytes).map_err(explain)?;
            files += 1;
        }
    }
    private::replace(&args.dir.join("README.txt"), README.as_bytes()).map_err(explain)?;
    Ok(files)
}

const README: &str = "\
What the user of jukebox made. `jukebox import DIR` takes it back; existing files are not overwritten.

history.jsonl   a JSON object a line: at (Unix seconds), event (played, skipped, rated, loved, kept, removed, counted;
                judged, odd_one, taste_less, taste_undone, taste_reset: what taste is learned from),
                track (the identity of the sound), and what belongs to the event; name is for people
library.jsonl   the songs as they were known, for people
playlists/      .m3u8 files, and .smart ones: a filter, sort: and limit: lines
signatures/     JSON
dimensions.json what you call dimensions
moods.json      which signature the queue follows at which hours
config/         config.toml, themes, plugins
sessions/       the queue as it stood, for each music directory (session.json: as an older version kept it)
";

/// Imports an export, or the data of another player. Holds the store while it runs; beside a player, that one adds the
/// events to the journal. A dry run only asks whoever holds the store.
///
/// # Errors
/// When a scan runs and this is no dry run, or a file cannot be read or written.
pub fn import(args: &ImportArgs, config: &Config, paths: &Paths) -> Result<()> {
    let open = || local::Local::open(paths, config);
    let (local, player) = match asker::player_or(paths, &Request::Status, open)? {
        Who::Store(local) => (Some(local), false),
        Who::Player(Reply::Status(status)) if !status.of_player() && args.dry_run => (None, false),
        Who::Player(Reply::Status(status)) if !status.of_player() => {
            bail!("a scan is running: import when it has finished");
        }
        Who::Player(_) => (None, true),
    };
    let (target, entries) = match (args.dry_run, player) {
        (true, _) => Target::nobody(paths)?,
        (false, true) => Target::player(paths)?,
        (false, false) => Target::own(paths)?,
    };
    let catalog = match &local {
        Some(local) => local.answers().catalog,
        None => lent(paths)?,
    };
    let (events, said) = match args.from {
        Some(player) => others::known(player, &args.from_where, args.missing.as_deref(), &catalog, config, &entries)?,
        None => of_export(args, &entries, &catalog, paths, player)?,
    };
    let left_out = match target.take(&events, paths)? {
        0 => String::new(),
        n => format!(
            "; {n} of them {} left out: the player has written the same or something newer meanwhile",
            text::either(n, "was", "were")
        ),
    };
    let dry = match &args.missing {
        _ if !args.dry_run => "",
        // The list that was asked for was written.
        Some(_) => "; nothing was imported",
        None => "; nothing was written",
    };
    print::note(&format!("{said}{left_out}{dry}"));
    Ok(())
}

/// The catalogue of whoever holds the store, which writes it to a file beside its socket.
fn lent(paths: &Paths) -> Result<Arc<Catalog>> {
    let file = paths.runtime.join(format!("catalog-{}", std::process::id()));
    let reply = socket::ask(&paths.socket(), &Request::Catalog(file.clone()));
    let catalog = snapshot::read(&file, Path::new("/"));
    let _ = fs::remove_file(&file);
    match (reply?, catalog) {
        (Some(Reply::Done), Some(catalog)) => Ok(catalog.into()),
        (Some(Reply::Error(why)), _) => bail!(why),
        (Some(_), _) => bail!(asker::OTHER_ANSWER),
        (None, _) => bail!("the player has just ended; run it again"),
    }
}

/// The events of an export that are not in the journal yet, and a summary. Beside a `player`, saved queues are left out.
fn of_export(
    args: &ImportArgs,
    entries: &[Entry],
    catalog: &Catalog,
    paths: &Paths,
    player: bool,
) -> Result<(Vec<Entry>, String)> {
    let [dir] = args.from_where.as_slice() else { bail!("name one directory that `jukebox export` wrote") };
    if playlist::is_playlist(dir) {
        bail!("{}: a playlist; `jukebox playlist import` reads it", dir.display());
    }
    let history = dir.join("history.jsonl");
    let text =
        files::text(&history, files::ANY).map_err(|e| anyhow!("{}: {e}; is this an export?", history.display()))?;
    let line = |entry: &Entry| serde_json::to_string(entry).unwrap_or_default();
    let have: HashSet<String> = entries.iter().map(line).collect();
    let mut newest: HashMap<_, u64> = HashMap::new();
    // A track's former identity counts as the same track.
    let matter = |event: &Event| event.sets().map(|(track, kind, of)| (catalog.current(track), kind, of.to_owned()));
    for entry in entries {
        if let Some(matter) = matter(&entry.event) {
            let at = newest.entry(matter).or_default();
            *at = entry.at.max(*at);
        }
    }
    // The journal is evaluated in the order of its lines, so an older event must not be appended
    // after a newer one.
    let superseded = |entry: &Entry| matter(&entry.event).and_then(|m| newest.get(&m)).is_some_and(|at| *at > entry.at);
    let (mut events, mut unread) = (Vec::new(), 0);
    for text in text.lines().filter(|l| !l.trim().is_empty()) {
        match serde_json::from_str::<Entry>(text) {
            Ok(entry) if !have.contains(&line(&entry)) && !superseded(&entry) => {
                // Renewed to the present identity, it also takes effect if the former identity has another value.
                let mut renewed = entry;
                renewed.event.renew(&|track| catalog.current(track));
                if !have.contains(&line(&renewed)) {
                    events.push(renewed);
                }
            }
            Ok(_) => {}
            Err(_) => unread += 1,
        }
    }
    let brought = copies::bring(dir, paths, !args.dry_run, player)?;
    for file in &brought.differ {
        print::note(&format!("{}: differs and was left as it is", text::sanitize(&file.to_string_lossy())));
    }
    if brought.queues > 0 {
        print::note(&format!(
            "{} of saved queues {} left out: the running player writes its own; import again when none runs",
            text::count(brought.queues, "file"),
            text::either(brought.queues, "is", "are")
        ));
    }
    let unread = if unread > 0 { format!("; {unread} lines could not be read") } else { String::new() };
    Ok((
        events.clone(),
        format!("{} and {} are new{unread}", text::count(events.len(), "event"), text::count(brought.files, "file")),
    ))
}
