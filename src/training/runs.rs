//! The runs of an installation as their files tell them: what the player shows of trainings that are running, or were.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::fault::RunError;
use super::limit::Local;
use super::lock::{Holder, holder};
use super::run::{ASKED, LOG, MODEL, OUTCOME, begun};
use super::standing::{STANDING, Standing};
use super::{EpochReport, judging};
use crate::files;
use crate::text;

/// The most runs that are listed, the newest.
const MOST: usize = 200;
/// The longest time left that is told, in seconds.
const LONGEST: u64 = 365 * 24 * 3600;
/// The most points of a curve.
const POINTS: usize = 1024;
/// The files of a run that are looked at.
const FILES: [&str; 5] = [ASKED, LOG, OUTCOME, STANDING, MODEL];

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is being trained; the data may still be being read.
    Running,
    /// It is being trained, and was asked to stop.
    Stopping,
    /// Its encoder was published under this name.
    Published(String),
    /// It was trained and judged, and its encoder is kept aside.
    Aside,
    /// It was stopped by the user before it was judged.
    Stopped,
    /// It ended with this error.
    Failed(String),
    /// Its process ended without a word.
    Lost,
    /// A file of it cannot be read.
    Damaged(String),
}

impl State {
    /// Whether a process works on it.
    pub fn is_running(&self) -> bool {
        matches!(self, State::Running | State::Stopping)
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The name of its directory, safe for the screen.
    pub name: String,
    /// Its directory.
    pub directory: PathBuf,
    /// The architecture; empty if unknown.
    pub arch: String,
    /// The data set as it was asked for; empty if unknown.
    pub data: String,
    /// The number of epochs that was asked for.
    pub epochs: usize,
    /// What became of it.
    pub state: State,
    /// The completed epochs.
    pub done: Vec<EpochReport>,
    /// How it stands, or stood when it was last written.
    pub standing: Option<Standing>,
    /// When it stops at the latest, in local time.
    pub ends: Option<String>,
    /// What the guard said.
    pub verdict: Option<String>,
    /// Correlation of each dimension with that of the encoder before, NaN where it has none; empty where they were not
    /// compared.
    pub correlation: Vec<f64>,
    /// Whether it was judged before all its epochs were done, because its time was up.
    pub cut: bool,
    /// Whether there is an encoder that can be published.
    pub has_model: bool,
}

impl Run {
    /// The dimensions, counted from 1, that may have changed their meaning.
    pub fn changed(&self) -> Vec<usize> {
        judging::flagged(&self.correlation)
    }

    /// Whether it can be continued.
    pub fn goes_on(&self) -> bool {
        match self.state {
            State::Stopped | State::Failed(_) | State::Lost => true,
            State::Published(_) | State::Aside => self.cut,
            State::Running | State::Stopping | State::Damaged(_) => false,
        }
    }

    /// The time left, while it is being trained and that is known.
    pub fn left(&self) -> Option<Duration> {
        let standing = self.standing.as_ref().filter(|_| self.state == State::Running)?;
        // The file may say anything.
        standing.left.map(|secs| Duration::from_secs(secs.min(LONGEST)))
    }

    /// The encoder's file.
    pub fn model(&self) -> PathBuf {
        self.directory.join(MODEL)
    }

    /// What became of it, in a few words.
    pub fn words(&self) -> String {
        match &self.state {
            State::Running => "running".into(),
            State::Stopping => "stopping".into(),
            State::Published(name) => format!("published as {name}"),
            State::Aside => "kept aside".into(),
            State::Stopped => "stopped".into(),
            State::Failed(_) => "failed".into(),
            State::Lost => "ended unexpectedly".into(),
            State::Damaged(_) => "damaged".into(),
        }
    }
}

/// All runs, and who trains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// The runs: one that is being trained first, then the newest first.
    pub runs: Vec<Arc<Run>>,
    /// The training that runs now, if any.
    pub holder: Option<Holder>,
    /// The name of the encoder in use; empty if unknown.
    pub in_use: String,
    /// The name of the encoder in use before, which can be gone back to.
    pub before: Option<String>,
}

impl Board {
    /// The run of this name.
    pub fn run(&self, name: &str) -> Option<&Arc<Run>> {
        self.runs.iter().find(|run| run.name == name)
    }

    /// Whether nothing has changed since `before`, which was made by the same reader.
    pub fn is(&self, before: &Board) -> bool {
        let runs = |board: &Board| board.runs.iter().map(Arc::as_ptr).collect::<Vec<_>>();
        let rest = |board: &Board| (board.holder.clone(), board.in_use.clone(), board.before.clone());
        runs(self) == runs(before) && rest(self) == rest(before)
    }

    /// The run that is being trained; `None` also while its directory is not there yet.
    pub fn running(&self) -> Option<&Arc<Run>> {
        self.runs.first().filter(|run| run.state.is_running())
    }
}

/// Inode, size and time of a file, by which a change is noticed.
type Stamp = Option<(u64, u64, i64, i64)>;

fn stamp(path: &Path) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec()))
}

/// A run as it was last read, and when.
type Known = (([Stamp; FILES.len()], Option<Holder>), Arc<Run>);

/// Reads the runs again where their files have changed.
pub struct Reader {
    runs: PathBuf,
    lock: PathBuf,
    local: Local,
    known: BTreeMap<PathBuf, Known>,
}

impl Reader {
    /// For the runs in a directory, and the lock of trainings; neither need exist. Times are told in this zone.
    pub fn new(runs: &Path, lock: &Path, local: Local) -> Reader {
        Reader { runs: runs.into(), lock: lock.into(), local, known: BTreeMap::new() }
    }

    /// The runs as they are now, without the names of encoders. Files that have not changed are not read.
    pub fn read(&mut self) -> Board {
        let holder = holder(&self.lock);
        let mut found = directories(&self.runs);
        // Newest first: the names begin with the time.
        found.sort();
        found.reverse();
        found.truncate(MOST);
        if let Some(own) = holder.as_ref().map(|holder| holder.run.clone()).filter(|run| run.is_dir()) {
            found.retain(|directory| *directory != own);
            found.insert(0, own);
        }
        let mut known = BTreeMap::new();
        let mut runs = Vec::new();
        for directory in found {
            let own = holder.clone().filter(|holder| holder.run == directory);
            let stamps = (FILES.map(|name| stamp(&directory.join(name))), own);
            let run = match self.known.remove(&directory) {
                Some((before, run)) if before == stamps => run,
                _ => Arc::new(read(&directory, stamps.1.as_ref(), &self.local)),
            };
            runs.push(run.clone());
            known.insert(directory, (stamps, run));
        }
        self.known = known;
        Board { runs, holder, ..Board::default() }
    }
}

/// The directories in which a run was begun.
fn directories(runs: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(runs).into_iter().flatten().flatten().map(|entry| entry.path());
    all.filter(|directory| FILES.iter().any(|name| directory.join(name).is_file())).collect()
}

/// The end of a run, as [`super::night`] writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    finished: bool,
    outcome: Summary,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Summary {
    why: Option<String>,
    published: Option<String>,
    /// Numbers that are not finite are written as null.
    correlation: Vec<Option<f64>>,
}

/// Reads a file of JSON that may be missing.
fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, RunError> {
    let fault = |cause: std::io::Error| {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        RunError::Damaged { file, cause }
    };
    match files::text(path, files::SMALL) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(fault(e)),
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| fault(e.into())),
    }
}

fn read(directory: &Path, holder: Option<&Holder>, local: &Local) -> Run {
    let name = directory.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let asked = begun(directory);
    let written = json::<Written>(&directory.join(OUTCOME));
    // What another process has left is of an earlier part of the run.
    let own = |standing: &Standing| holder.is_none_or(|holder| holder.pid == i32::try_from(standing.pid).ok());
    let mut standing = json::<Standing>(&directory.join(STANDING)).ok().flatten().filter(own);
    standing.iter_mut().for_each(|standing| standing.losses.truncate(POINTS));
    let log = files::text(&directory.join(LOG), files::SMALL).unwrap_or_default();
    let state = state(holder.is_some(), asked.as_ref().err(), &written, standing.as_ref());
    let Written { finished, outcome } = written.ok().flatten().unwrap_or_default();
    // A resumed run is not judged yet.
    let judged = !state.is_running();
    let (arch, data, epochs) = asked.map_or_else(
        |_| Default::default(),
        |asked| (asked.config.arch.name().to_owned(), text::sanitize(&asked.data), asked.config.epochs),
    );
    let ends = standing.as_ref().filter(|_| !judged).and_then(|s| Some(local.show(s.ends?, s.written)));
    Run {
        name: text::sanitize(&name),
        directory: directory.into(),
        arch,
        data,
        epochs: standing.as_ref().map(|standing| standing.epochs).filter(|epochs| *epochs > 0).unwrap_or(epochs),
        state,
        done: log.lines().map_while(|line| serde_json::from_str(line).ok()).collect(),
        standing,
        ends,
        verdict: outcome.why.filter(|_| judged).map(|why| text::sanitize(&why)),
        correlation: outcome.correlation.into_iter().filter(|_| judged).map(|r| r.unwrap_or(f64::NAN)).collect(),
        cut: !finished,
        has_model: directory.join(MODEL).is_file(),
    }
}

/// What became of a run, by its files and whether a process works on it.
fn state(
    running: bool,
    fault: Option<&RunError>,
    written: &Result<Option<Written>, RunError>,
    standing: Option<&Standing>,
) -> State {
    match (running, written) {
        (true, _) if standing.is_some_and(|standing| standing.stopping) => State::Stopping,
        (true, _) => State::Running,
        (false, Err(why)) => State::Damaged(text::sanitize(&why.to_string())),
        (false, Ok(Some(Written { outcome: Summary { published: Some(name), .. }, .. }))) => {
            State::Published(text::sanitize(name))
        }
        (false, Ok(Some(Written { finished: true, .. } | Written { outcome: Summary { why: Some(_), .. }, .. }))) => {
            State::Aside
        }
        (false, Ok(_)) if fault.is_some() => {
            State::Damaged(fault.map(|why| text::sanitize(&why.to_string())).unwrap_or_default())
        }
        (false, Ok(written)) => match (standing.and_then(|standing| standing.fault.as_ref()), written) {
            (Some(why), _) => State::Failed(text::sanitize(why)),
            (None, Some(_)) => State::Stopped,
            (None, None) => State::Lost,
        },
    }
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
