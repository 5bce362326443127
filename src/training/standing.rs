//! How a training stands, in a file of its run's directory: the player shows trainings that another process runs.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::{Progress, Stage};
use crate::clock::Clock;
use crate::files;
use crate::store::private;

/// The name of the file in the run's directory.
pub const STANDING: &str = "progress.json";

/// Least time between two writes, unless something other than a step happened.
const EVERY: Duration = Duration::from_secs(2);
/// Maximum number of losses in the file; beyond it they are averaged.
const POINTS: usize = 160;

/// The state of a training when the file was written. Unknown values are `None`, empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The process that trains.
    pub pid: u32,
    /// The current stage.
    pub stage: Stage,
    /// Whether it was asked to stop.
    pub stopping: bool,
    /// Why it ended, if that was an error.
    pub fault: Option<String>,
    /// The device, in words.
    pub device: String,
    /// Number of training, validation and test clips.
    pub clips: [usize; 3],
    /// Number of genres.
    pub genres: usize,
    /// Whether there is a teacher to learn from.
    pub teacher: bool,
    /// Total number of epochs.
    pub epochs: usize,
    /// Epoch and step number of the last step, and steps per epoch.
    pub at: (usize, usize, usize),
    /// Share of all steps that are done, 0 to 1.
    pub share: f64,
    /// Estimated time for the remaining epochs, in seconds.
    pub left: Option<u64>,
    /// Latest time at which it stops, in seconds since the Unix epoch.
    pub ends: Option<i64>,
    /// When this was written, in seconds since the Unix epoch.
    pub written: i64,
    /// Clips per second.
    pub speed: Option<f64>,
    /// Epoch (with its fraction) and loss of the steps, averaged to at most 160 points.
    pub losses: Vec<(f64, f64)>,
    /// The last message for the user.
    pub note: String,
}

/// Writes the file while a training runs. A file that cannot be written costs the display only.
pub(super) struct Keeper<'a> {
    directory: PathBuf,
    clock: &'a dyn Clock,
    curve: Curve,
    standing: Standing,
    written: Option<Duration>,
    begun: bool,
}

impl<'a> Keeper<'a> {
    /// For a run in a directory, which need not exist yet: nothing is written until it does.
    pub fn new(directory: &Path, device: &str, batch: usize, clock: &'a dyn Clock) -> Keeper<'a> {
        let standing = Standing { pid: std::process::id(), device: device.into(), ..Standing::default() };
        let curve = Curve::new("", device, batch);
        Keeper { directory: directory.into(), clock, curve, standing, written: None, begun: false }
    }

    /// Takes a progress message; `go_on` is false once the training was asked to stop.
    pub fn take(&mut self, progress: &Progress, go_on: bool) {
        let now = self.clock.now();
        self.begun = true;
        self.curve.take(progress, now);
        if let Progress::Ready { clips, genres, teacher } = progress {
            (self.standing.clips, self.standing.genres, self.standing.teacher) = (*clips, genres.len(), *teacher);
        }
        let asked = !go_on && !self.standing.stopping;
        self.standing.stopping |= !go_on;
        let waits = matches!(progress, Progress::Step { .. }) && !asked;
        if waits && self.written.is_some_and(|at| now < at + EVERY) {
            return;
        }
        self.written = Some(now);
        self.write();
    }

    /// The training has ended, with an error or without one. An error before it had begun says nothing about the run.
    pub fn end(&mut self, fault: Option<&str>) {
        if self.begun {
            self.standing.fault = fault.map(str::to_owned);
            self.write();
        }
    }

    fn write(&mut self) {
        let curve = &self.curve;
        self.standing = Standing {
            stage: curve.stage,
            epochs: curve.epochs,
            at: curve.at,
            share: curve.share().unwrap_or(0.0),
            left: curve.left().map(|left| left.as_secs()),
            ends: curve.ends,
            written: self.clock.unix() as i64,
            speed: curve.clips_a_second().filter(|speed| speed.is_finite()),
            losses: thinned(&curve.losses),
            note: curve.notes.last().cloned().unwrap_or_default(),
            ..std::mem::take(&mut self.standing)
        };
        let _ = replace(&self.directory, &self.standing);
    }
}

/// At most [`POINTS`] finite points, averaged over neighbours.
fn thinned(losses: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let finite: Vec<(f64, f64)> = losses.iter().copied().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
    let each = finite.len().div_ceil(POINTS).max(1);
    let rounded = |x: f64| (x * 1e5).round() / 1e5;
    let mean = |points: &[(f64, f64)]| points.iter().map(|p| p.1).sum::<f64>() / points.len() as f64;
    finite.chunks(each).filter_map(|chunk| Some((rounded(chunk.last()?.0), rounded(mean(chunk))))).collect()
}

/// Replaces the file as a whole. It is not synced: it is written every few seconds, and of no use after a power cut.
fn replace(directory: &Path, standing: &Standing) -> io::Result<()> {
    if !directory.is_dir() {
        return Ok(());
    }
    let (path, spare) = (directory.join(STANDING), directory.join(format!("{STANDING}.new")));
    let text = serde_json::to_string(standing)?;
    let written = || -> io::Result<()> {
        let mut options = private::options();
        let (mut file, _) = files::with(options.write(true).create(true).truncate(true), &spare)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&spare, &path)
    };
    written().inspect_err(|_| drop(fs::remove_file(&spare)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn read(directory: &Path) -> Option<Standing> {
        serde_json::from_str(&fs::read_to_string(directory.join(STANDING)).ok()?).ok()
    }

    fn step(step: usize, loss: f64) -> Progress {
        Progress::Step { epoch: 1, step, steps: 10, loss, rate: None }
    }

    #[test]
    fn steps_are_written_every_two_seconds_and_all_else_at_once() {
        let (dir, clock) = (tempfile::tempdir().unwrap(), ManualClock::default());
        let mut keeper = Keeper::new(dir.path(), "CPU", 64, &clock);
        keeper.take(&Progress::Ready { clips: [100, 20, 10], genres: Vec::new(), teacher: true }, true);
        keeper.take(&Progress::Plan { epochs: 2, ends: Some(7) }, true);
        keeper.take(&Progress::Stage(Stage::Learning), true);
        keeper.take(&step(1, 2.0), true);
        let standing = read(dir.path()).unwrap();
        assert_eq!((standing.stage, standing.clips, standing.ends), (Stage::Learning, [100, 20, 10], Some(7)));
        assert_eq!((standing.at, standing.pid), ((0, 0, 0), std::process::id()));
        clock.advance(EVERY);
        keeper.take(&step(2, f64::NAN), true);
        let standing = read(dir.path()).unwrap();
        assert_eq!((standing.at, standing.losses.as_slice()), ((1, 2, 10), &[(0.1, 2.0)][..]));
        keeper.take(&step(3, 1.5), false);
        assert!(read(dir.path()).unwrap().stopping, "a stop is told at once");
        keeper.end(Some("the disk is full"));
        assert_eq!(read(dir.path()).unwrap().fault.as_deref(), Some("the disk is full"));
    }

    #[test]
    fn a_run_that_has_not_begun_leaves_what_is_there() {
        let (dir, clock) = (tempfile::tempdir().unwrap(), ManualClock::default());
        Keeper::new(dir.path(), "CPU", 64, &clock).end(Some("there is a run already"));
        assert!(read(dir.path()).is_none());
        let nowhere = dir.path().join("nowhere");
        Keeper::new(&nowhere, "CPU", 64, &clock).take(&Progress::Stage(Stage::Timing), true);
        assert!(!nowhere.exists());
    }

    #[test]
    fn many_losses_become_few() {
        let losses: Vec<(f64, f64)> = (0..1000).map(|n| (f64::from(n), 2.0)).collect();
        let few = thinned(&losses);
        assert!(few.len() <= POINTS && few.iter().all(|p| p.1 == 2.0) && few.last().unwrap().0 == 999.0);
        assert!(thinned(&[]).is_empty());
    }
}
