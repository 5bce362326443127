//! `jukebox scan DIR`: reads and analyses a music directory, then exits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use serde::Serialize;

use super::asker::OTHER_ANSWER;
use super::questions::Questions;
use super::{local, print};
use crate::analysis::{Analysis, Options, Progress, Update};
use crate::ask::protocol::{Reply, Request};
use crate::config::{Config, MOST_WORKERS};
use crate::library::unsupported;
use crate::paths::Paths;
use crate::runtime::socket;
use crate::text;

/// `jukebox scan`
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// The music directory [default: `library.music` of config.toml, or the XDG music directory]
    pub dir: Option<PathBuf>,
    /// Read every file again, changed or not
    #[arg(long)]
    pub full: bool,
    /// Number of worker processes, at most 256; 0: chosen automatically
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=i64::from(MOST_WORKERS)))]
    pub workers: u16,
    /// Also measure the loudness of whole files; takes far longer
    #[arg(long)]
    pub loudness: bool,
    /// Read only the tags, without analysing the sound
    #[arg(long, conflicts_with = "loudness")]
    pub tags_only: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The result of a scan, as printed.
#[derive(Debug, Default, Serialize)]
struct Summary {
    songs: usize,
    latents: usize,
    /// Number of tracks with descriptors; `measured`: of those with a known loudness.
    described: usize,
    measured: usize,
    faults: Vec<(String, String)>,
    /// Files whose formats cannot be played, by the name of the format.
    unsupported: BTreeMap<String, usize>,
    /// Songs whose tags could be read only in part, and what was left out.
    partly: Vec<(String, String)>,
    seconds: f64,
    /// Files whose tags were read in this scan; `read_seconds`: the time from its start; `read_rate`: files per second.
    read: usize,
    read_seconds: f64,
    read_rate: f64,
    /// Tracks analysed in this scan; `rate`: tracks per second.
    analysed: usize,
    rate: f64,
}

/// Has the player that runs rescan its library, if `dir`, where one is named, lies in it; what is to be told of that.
/// `None` if none runs.
fn by_player(dir: Option<&Path>, paths: &Paths) -> Result<Option<String>> {
    let library = match socket::ask(&paths.socket(), &Request::Status)? {
        None => return Ok(None),
        Some(Reply::Status(status)) if status.of_player() => status.music,
        // A scan refuses the command below.
        Some(Reply::Status(_)) => String::new(),
        Some(Reply::Error(why)) => bail!(why),
        Some(_) => bail!(OTHER_ANSWER),
    };
    let outside = |dir: &&Path| !Path::new(&*dir.to_string_lossy()).starts_with(&library);
    // A player of an older version does not tell its library.
    if let Some(dir) = dir.filter(outside).filter(|_| !library.is_empty()) {
        bail!(
            "{}: not in the library of the player that is running ({library}); quit it with `jukebox send quit` to scan \
             another directory",
            dir.display()
        );
    }
    match socket::ask(&paths.socket(), &Request::Command("rescan".into()))? {
        None => Ok(None),
        Some(Reply::Error(why)) => Err(anyhow!(why)),
        Some(_) => {
            let of = if library.is_empty() { String::new() } else { format!(" ({library})") };
            Ok(Some(format!(
                "a player is running and now rescans its library{of}; `jukebox status` shows the progress"
            )))
        }
    }
}

/// Scans until all work is done. A player that runs rescans its library itself.
///
/// # Errors
/// When the directory cannot be read, the player that runs has another library, a scan holds the store, or no worker
/// process can be started.
pub fn run(args: ScanArgs, config: &Config, paths: &Paths) -> Result<()> {
    let named = match &args.dir {
        Some(dir) => local::music_dir(Some(dir), config)?,
        None => None,
    };
    if let Some(said) = by_player(named.as_deref(), paths)? {
        print::note(&said);
        return Ok(());
    }
    let root = match named {
        Some(root) => Some(root),
        None => local::music_dir(None, config)?,
    };
    let root =
        root.ok_or_else(|| anyhow!("which directory? `jukebox scan DIR`, or set library.music in config.toml"))?;
    // Answers other commands, which cannot open the store meanwhile.
    let mut questions = Questions::new(&root, paths, config);
    let workers = if args.workers > 0 { usize::from(args.workers) } else { config.analysis.workers };
    let begun = Instant::now();
    let (analysis, updates) = Analysis::start(Options {
        paths: paths.clone(),
        root,
        follow_links: config.library.follow_links,
        poll: std::time::Duration::from_secs(config.library.poll),
        // No player is running, so all cores may be used.
        workers: if workers > 0 { workers } else { std::thread::available_parallelism().map_or(1, usize::from) },
        device: config.analysis.device.clone(),
        tag_encoding: config.library.tag_encoding,
        watch: false,
        full: args.full,
        listen: !args.tags_only,
        loudness: args.loudness,
    })?;
    let mut summary = Summary::default();
    let mut teller = Teller::default();
    let (mut first_latents, mut no_worker) = (None, None);
    for update in &updates {
        questions.note(&update);
        match update {
            Update::Catalog(catalog) => {
                let partly = catalog.songs().iter().filter_map(|song| Some((song, song.tag_fault.as_deref()?)));
                summary.partly = partly.map(|(s, why)| (s.path.to_string_lossy().into_owned(), why.into())).collect();
                summary.songs = catalog.len();
            }
            Update::Space(space) => {
                summary.latents = space.len();
                first_latents.get_or_insert(space.len());
            }
            Update::Progress(progress) => {
                (summary.described, summary.measured) = (progress.described, progress.measured);
                if progress.read > summary.read {
                    (summary.read, summary.read_seconds) = (progress.read, begun.elapsed().as_secs_f64());
                }
                teller.tell(&progress);
            }
            Update::Fault { path, why } => {
                summary.faults.retain(|(p, _)| *p != path.to_string_lossy());
                summary.faults.push((path.to_string_lossy().into_owned(), why.to_string()));
            }
            Update::FaultGone(path) => summary.faults.retain(|(p, _)| *p != path.to_string_lossy()),
            Update::Unsupported(files) => summary.unsupported.clone_from(&files.counts),
            Update::Note { text, .. } => print::note(&text),
            Update::NoWorker(why) => no_worker = Some(why),
            Update::Loudness(_) | Update::Scanned { .. } | Update::Files(_) | Update::Cover(_) => {}
            Update::Idle => break,
            Update::Ended(why) => bail!(why.unwrap_or_else(|| "the analysis ended early".into())),
        }
    }
    // Keep answering until the store has been released.
    analysis.stop(Duration::from_secs(30));
    drop(questions);
    let unkept = updates.try_iter().find_map(|update| match update {
        Update::Ended(why) => why,
        _ => None,
    });
    let failed = unkept.or(no_worker);
    teller.end();
    summary.seconds = begun.elapsed().as_secs_f64();
    summary.analysed = summary.latents.saturating_sub(first_latents.unwrap_or(0));
    summary.rate = summary.analysed as f64 / summary.seconds.max(1e-3);
    summary.read_rate = if summary.read > 0 { summary.read as f64 / summary.read_seconds.max(1e-3) } else { 0.0 };
    if args.json {
        print::json(&summary)?;
        return failed.map_or(Ok(()), |why| Err(anyhow!(why)));
    }
    for (path, why) in summary.faults.iter().chain(&summary.partly) {
        print::note(&format!("{path}: {why}"));
    }
    unsupported::words(&summary.unsupported).iter().for_each(|words| print::note(words));
    let read = format!("tags of {} read in {:.1} s", text::count(summary.read, "file"), summary.read_seconds);
    let read = format!("{read} ({:.1} a second)", summary.read_rate);
    let songs = text::count(summary.songs, "song");
    if args.tags_only {
        let (unusable, secs) = (summary.faults.len(), summary.seconds);
        print::line(&format!("{songs}; {read}; {unusable} unusable; {secs:.1} s in all"));
        return failed.map_or(Ok(()), |why| Err(anyhow!(why)));
    }
    print::line(&format!(
        "{}, {} with a latent; {} analysed in {:.1} s ({:.1} a second); {} unusable; {} with descriptors, {} with \
         loudness",
        text::count(summary.songs, "song"),
        summary.latents,
        summary.analysed,
        summary.seconds,
        summary.rate,
        summary.faults.len(),
        summary.described,
        summary.measured,
    ));
    if summary.read > 0 {
        print::line(&read);
    }
    failed.map_or(Ok(()), |why| Err(anyhow!(why)))
}

/// Shows progress on stderr: on a terminal one line that is rewritten, otherwise a line every ten seconds.
#[derive(Default)]
pub(super) struct Teller {
    last: Option<Instant>,
    open: bool,
}

impl Teller {
    pub(super) fn tell(&mut self, p: &Progress) {
        let person = print::person_watches();
        let pause = Duration::from_secs(if person { 0 } else { 10 });
        if p.stage.is_empty() || self.last.is_some_and(|t| t.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        let left = p.left.map_or(String::new(), |s| format!(", {} left", text::time(s)));
        let line = format!("{} {} of {}, {:.1} a second{left}", p.stage, p.done, p.total, p.rate);
        if person {
            print::progress(&line);
            self.open = true;
        } else {
            print::note(&line);
        }
    }

    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            print::note("");
        }
    }
}
