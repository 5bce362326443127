//! Answers questions without a running player: opens the store, asks, and closes it again.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use thiserror::Error;

use crate::analysis::embed::{self, Reply, Request};
use crate::analysis::error::ModelError;
use crate::analysis::jobs::{Found, Job};
use crate::analysis::model::Model;
use crate::analysis::pool;
use crate::analysis::shelf::Shelf;
use crate::ask::answers::Answers;
use crate::ask::fields;
use crate::ask::report::Status;
use crate::audio::cue;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, TagEncoding};
use crate::library::dimensions::OwnNames;
use crate::library::journal::{Entry, Event, Journal, Tallies};
use crate::library::signatures::Signatures;
use crate::library::unsupported;
use crate::paths::Paths;
use crate::queue::taste::Learner;
use crate::store::{FileRecord, LatentRecord, Outcome, StoreError};
use crate::track::{FileFault, TrackId};
use crate::worker::Worker;

/// The canonical path of the music directory: the one named on the command line, else the configured one, else the XDG
/// one; `None` if there is none.
///
/// # Errors
/// When the named or configured directory does not exist, is not a directory or cannot be read.
pub fn music_dir(named: Option<&Path>, config: &Config) -> Result<Option<PathBuf>> {
    let configured = (!config.library.music.as_os_str().is_empty()).then(|| home_relative(&config.library.music));
    let (dir, fix) = match (named, configured) {
        (Some(dir), _) => (dir.to_path_buf(), "name another directory"),
        (None, Some(dir)) => (dir, "correct library.music in config.toml"),
        (None, None) => return Ok(crate::paths::xdg_music().and_then(|d| check_dir(&d, "").ok())),
    };
    check_dir(&dir, fix).map(Some)
}

/// Expands a leading `~` as a shell would.
pub(super) fn home_relative(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path.to_path_buf(),
    }
}

/// Checks that a directory can be read; returns its canonical path.
fn check_dir(dir: &Path, fix: &str) -> Result<PathBuf> {
    let say = |what: &str| Err(anyhow!("{}: {what}; {fix}", dir.display()));
    match std::fs::metadata(dir) {
        Err(e) if e.kind() == ErrorKind::NotFound => return say("no such directory"),
        Err(e) => return say(&format!("cannot be read ({e})")),
        Ok(meta) if !meta.is_dir() => return say("not a directory"),
        Ok(_) => {}
    }
    if let Err(e) = std::fs::read_dir(dir) {
        return say(&format!("cannot be read ({e})"));
    }
    dir.canonicalize().map_err(|e| anyhow!("{}: {e}", dir.display()))
}

/// The store, opened to answer questions.
pub struct Local {
    shelf: Shelf,
    model: Model,
    device: String,
    encoding: TagEncoding,
    signatures: Signatures,
    named: OwnNames,
    filters: BTreeMap<String, String>,
    journal: PathBuf,
}

impl Local {
    /// Opens the store.
    ///
    /// # Errors
    /// When another jukebox holds the store, or it cannot be opened.
    pub fn open(paths: &Paths, config: &Config) -> Result<Local, Unopened> {
        let model = Model::in_use(paths)?;
        let (shelf, notes) =
            Shelf::open(&paths.store(), model.generation()?).map_err(|e| unopened(e, &paths.store()))?;
        notes.iter().for_each(|n| super::print::note(n));
        let signatures = Signatures::in_dir(paths.signatures());
        let (filters, journal) = (config.filters.clone(), paths.journal());
        let (device, encoding) = (config.analysis.device.clone(), config.library.tag_encoding);
        let named = OwnNames::in_file(paths.dimensions());
        Ok(Local { shelf, model, device, encoding, signatures, named, filters, journal })
    }

    /// Analyses the files that the store does not know yet, so that questions about them can be
    /// answered.
    ///
    /// # Errors
    /// When a file cannot be read as music; the message starts with its name.
    pub fn learn(&mut self, files: &[PathBuf]) -> Result<()> {
        let mut reader: Worker<Job, Found> = Worker::new(pool::reader(self.encoding));
        let mut ready: Vec<(TrackId, Vec<Vec<u8>>)> = Vec::new();
        let patience = std::time::Duration::from_secs(60);
        for path in files {
            let fault = |e: &dyn std::fmt::Display| anyhow!("{}: {e}", path.display());
            let known = match self.shelf.file(path).map(|r| r.outcome) {
                Some(Outcome::Probed(probe)) => Some((probe.track, probe.secs)),
                _ => None,
            };
            let (track, secs) = match known {
                Some(known) => known,
                None => match reader.call(&Job::Probe { path: path.clone() }, patience).map_err(|e| fault(&e))? {
                    Found::Probe { stat, probe, .. } => {
                        let found = (probe.track, probe.secs);
                        let outcome = Outcome::Probed(*probe);
                        let record = FileRecord {
                            stat,
                            outcome,
                            listen_fault: None,
                            added: SystemClock::new().unix(),
                            tags_version: self.encoding.mark(),
                            gone_since: None,
                        };
                        self.shelf.put_file(path.clone(), record);
                        found
                    }
                    Found::Unable(why) => return Err(fault(&why)),
                    Found::Missing => return Err(fault(&FileFault::Missing)),
                    _ => return Err(fault(&"is still being written; try again when it is complete")),
                },
            };
            if self.shelf.heard(track) {
                continue;
            }
            match reader
                .call(&Job::Listen { path: path.clone(), secs, input: self.model.input() }, patience)
                .map_err(|e| fault(&e))?
            {
                Found::Heard { images, .. } if images.is_empty() => {
                    return Err(fault(&"silent from beginning to end"));
                }
                Found::Heard { images, sound, .. } => {
                    self.shelf.put_sound(track, sound);
                    ready.push((track, images));
                }
                Found::Unable(why) => return Err(fault(&why)),
                Found::Missing => return Err(fault(&FileFault::Missing)),
                _ => return Err(fault(&"is still being written; try again when it is complete")),
            }
        }
        for (track, record) in self.embed(ready)? {
            self.shelf.put_latent(track, record);
        }
        self.shelf.flush().map_err(|e| anyhow!("the store cannot be written: {e}"))
    }

    fn embed(&self, ready: Vec<(TrackId, Vec<Vec<u8>>)>) -> Result<Vec<(TrackId, LatentRecord)>> {
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        let mut encoder: Worker<Request, Reply> = Worker::new(pool::spec("encode"));
        let (mut out, mut device) = (Vec::new(), self.device.clone());
        for (track, images) in ready {
            let request = Request { model: self.model.source(), device: device.clone(), images };
            let reply = encoder
                .call(&request, std::time::Duration::from_secs(180))
                .map_err(|e| anyhow!("the encoder failed: {e}"))?;
            if let Some(why) = reply.fell_back {
                super::print::note(&why);
                device = "cpu".into();
            }
            let Some(record) = embed::combine(&reply.embedded, reply.unit) else {
                let name = self.model.name();
                bail!("{name} gives no usable numbers for it; choose another with `jukebox model use`");
            };
            out.push((track, record));
        }
        Ok(out)
    }

    /// Appends an event about the user's taste to the journal.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn record(&self, event: Event) -> Result<Entry> {
        record(&self.journal, event)
    }

    /// Loads everything that the store knows, for answering questions.
    pub fn answers(&self) -> Answers {
        let catalog = self.shelf.catalog(Path::new("/"));
        let space = self.shelf.space(&catalog, &self.model.reference());
        // Holding the store permits opening the journal. An unreadable journal counts as empty.
        let entries = Journal::open(&self.journal).map(|(_, entries, _)| entries).unwrap_or_default();
        Answers::new(catalog.into(), space.into(), self.signatures.clone())
            .with_own(fields::language(&self.filters), Tallies::new(&entries))
            .with_taste(Learner::new(&entries))
            .with_names(self.named.clone())
            .with_unwatched_files()
    }
}

/// Appends an event about the user's taste to the journal, which only the holder of the store may
/// write.
///
/// # Errors
/// When the journal cannot be written.
pub fn record(file: &Path, event: Event) -> Result<Entry> {
    let explain = |e: std::io::Error| anyhow!("{}: {e}", file.display());
    let entry = Entry { at: SystemClock::new().unix(), event };
    let (mut journal, ..) = Journal::open(file).map_err(explain)?;
    journal.append(&entry).and_then(|()| journal.sync()).map_err(explain)?;
    Ok(entry)
}

/// Why a store was not opened.
#[derive(Debug, Error)]
pub enum Unopened {
    /// Another jukebox holds it, and does not answer.
    #[error("{}: {cause} but does not answer on its socket; try again when it has exited", dir.display())]
    Held {
        /// Where the store is.
        dir: PathBuf,
        /// Which process holds it.
        #[source]
        cause: StoreError,
    },
    /// It cannot be read.
    #[error("{}: {cause}", dir.display())]
    Store {
        /// Where it is.
        dir: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: StoreError,
    },
    /// The encoder in use, whose numbers are in it, cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
}

fn unopened(cause: StoreError, dir: &Path) -> Unopened {
    let dir = dir.to_path_buf();
    match cause {
        StoreError::Held { .. } => Unopened::Held { dir, cause },
        _ => Unopened::Store { dir, cause },
    }
}

/// The status when no player is running.
///
/// # Errors
/// When the store cannot be opened.
pub fn status(paths: &Paths) -> Result<Status, Unopened> {
    if !paths.store().exists() {
        return Ok(Status { state: "not running".into(), ..Status::default() });
    }
    let model = Model::in_use(paths)?;
    let (shelf, _) = Shelf::open(&paths.store(), model.generation()?).map_err(|e| unopened(e, &paths.store()))?;
    let catalog = shelf.catalog(Path::new("/"));
    let faults = shelf
        .odd_files_under(Path::new("/"))
        .filter(|(_, r)| r.gone_since.is_none())
        .filter(|(_, r)| matches!(r.outcome, Outcome::Failed { .. }) || r.listen_fault.is_some())
        .count();
    let (described, measured) = shelf.sounds_of(&catalog);
    Ok(Status {
        state: "not running".into(),
        songs: catalog.len(),
        latents: shelf.heard_of(&catalog),
        described,
        measured,
        faults,
        unsupported: unsupported::kept(&paths.unsupported()),
        ..Status::default()
    })
}

/// Splits an answer: the items whose files exist, and the number of those whose files do not.
pub fn there<T>(told: Vec<T>, file: impl Fn(&T) -> PathBuf) -> (Vec<T>, usize) {
    let all = told.len();
    let there: Vec<T> = told.into_iter().filter(|one| cue::is_there(&file(one))).collect();
    let away = all - there.len();
    (there, away)
}

/// The notice for tracks whose files are missing.
pub fn not_there(count: usize) -> String {
    let tracks = if count == 1 { "1 track is".to_string() } else { format!("{count} tracks are") };
    format!("{tracks} left out: their files are missing; is the disk mounted? `jukebox scan DIR` looks again")
}

/// The paths as the store knows them: absolute, with links resolved.
///
/// # Errors
/// For the first file that does not exist.
pub fn absolute(files: &[PathBuf]) -> Result<Vec<PathBuf>> {
    files.iter().map(|f| cue::canonicalize(f).map_err(|e| anyhow!("{}: {e}", f.display()))).collect()
}
