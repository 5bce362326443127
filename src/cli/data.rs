//! Reads `--data`, the data set that commands train or measure on, with this program's workers, caches and library.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use jukebox_encoder::{Encoder, Input};

use super::scan::Teller;
use super::{local, print};
use crate::analysis::Progress;
use crate::analysis::jobs::{Found, Job};
use crate::analysis::model::{self, Model};
use crate::analysis::pool::{self, Done, Outcome};
use crate::analysis::shelf::Shelf;
use crate::ask::protocol::{Reply, Request};
use crate::config::{Config, TagEncoding};
use crate::paths::Paths;
use crate::runtime::socket;
use crate::store::StoreError;
use crate::track::Probe;
use crate::training::models::Models;
use crate::training::{
    Asked, DataSet, Device, Each, EachSound, Genres, Least, ListenError, Listener, Reading, TAUGHT, Teacher, Unheard,
    snapshot,
};

/// What the data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Training: genres with too few tracks are merged or left out.
    Learn {
        /// Whether it needs descriptors of the sound of its clips.
        describe: bool,
    },
    /// Evaluation: genres are used as they are.
    Measure,
}

/// Reads `strobe:DIR`, `tree:DIR`, `fma:DIR`, `distil:DIR`, `library` or `taught:MODEL`. New audio is analysed on all
/// cores and its images are kept in the cache directory. For the library, a snapshot is written to `directory` unless
/// one exists: a resumed run trains on the data that it started with, and a new one first forgets what is there
/// ([`forget_snapshot`]).
///
/// # Errors
/// What is missing or wrong, and how to fix it.
pub fn read(
    data: &str,
    image: Input,
    purpose: Purpose,
    directory: &Path,
    config: &Config,
    paths: &Paths,
) -> Result<DataSet> {
    let describe = purpose == Purpose::Learn { describe: true };
    let genres = Genres::new(&config.train.genres)?;
    let least = Least { artists: config.train.least_artists, tracks: config.train.least_tracks };
    let file = directory.join(snapshot::SNAPSHOT);
    let of_library = of_library(data);
    if of_library && !file.exists() {
        take_snapshot(&file, describe, config, paths)?;
    }
    let images = model::images(paths, image);
    let mut telling = Telling::default();
    let mut told = |done: usize, total: usize| telling.tell(done, total);
    let teacher = data.strip_prefix(TAUGHT).map(|name| teacher(name, paths, &mut told)).transpose()?;
    let gathered = DataSet::gather(
        data,
        &mut Reading {
            image,
            genres: &genres,
            least: matches!(purpose, Purpose::Learn { .. }).then_some(least),
            cache: &paths.cache.join("training"),
            library: of_library.then_some((file.as_path(), images.as_path())),
            teacher,
            describe,
            listener: &mut Workers::new(config),
        },
    );
    telling.teller.end();
    Ok(gathered?)
}

/// Reads `tree:DIR` as the lab's outlook sees it ([`DataSet::views`]), with the middle of each track at
/// other pitches if `pitched`, and descriptors of its sound if `describe`.
///
/// # Errors
/// As [`read`], and when the data has too few descriptors.
pub fn read_views(data: &str, (pitched, describe): (bool, bool), config: &Config, paths: &Paths) -> Result<DataSet> {
    Ok(DataSet::views(
        data,
        pitched,
        &mut Reading {
            image: Input::Strobe,
            genres: &Genres::new(&config.train.genres)?,
            least: None,
            cache: &paths.cache.join("training"),
            library: None,
            teacher: None,
            describe,
            listener: &mut Workers::new(config),
        },
    )?)
}

/// Whether data is the library's, of which a snapshot is taken.
fn of_library(data: &str) -> bool {
    data == "library" || data.starts_with(TAUGHT)
}

/// Removes the snapshot of the library that is in a directory, if the data is the library's, so that [`read`] takes another
/// one: the library may have changed since.
///
/// # Errors
/// When there is one and it cannot be removed.
pub fn forget_snapshot(data: &str, directory: &Path) -> Result<()> {
    if !of_library(data) {
        return Ok(());
    }
    let file = directory.join(snapshot::SNAPSHOT);
    match std::fs::remove_file(&file) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(anyhow!("{}: the old snapshot of the library cannot be removed: {e}", file.display()))
        }
        _ => Ok(()),
    }
}

/// Loads the imported tagger of this name, one instance per core.
fn teacher<'a>(name: &str, paths: &Paths, told: &'a mut Asked<'a>) -> Result<Teacher<'a>> {
    let models = Models::new(&paths.models(), model::SHIPPED).with_older(model::OLDER);
    let how = "`jukebox model import` one (`pip download --no-deps musicnn==0.1.0` fetches it)";
    let found = models.find(name).map_err(|e| anyhow!("{e}; {how}"))?;
    let weights = models.read(&found)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let encoders = (0..threads).map(|_| Encoder::load(&weights, Device::Cpu)).collect::<Result<Vec<_>, _>>();
    let encoders = encoders.map_err(|e| anyhow!("{name}: {e:#}"))?;
    if !encoders.iter().all(|e| e.card().arch.is_tagger()) {
        bail!("{name} is no tagger, and has nothing to teach; {how}");
    }
    Ok(Teacher { name: found.name, encoders, told })
}

/// Shows the progress of the tagger.
#[derive(Default)]
struct Telling {
    teller: Teller,
    begun: Option<Instant>,
}

impl Telling {
    fn tell(&mut self, done: usize, total: usize) {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        let rate = done as f64 / begun.elapsed().as_secs_f64().max(1e-3);
        let left = (done > 0).then(|| (total - done) as f64 / rate);
        let stage = "asking the tagger, patch".into();
        self.teller.tell(&Progress { stage, done, total, rate, left, ..Progress::default() });
    }
}

/// Writes a snapshot of the library to `file`, through the running player or, if none runs, from the store; with the
/// descriptors of its tracks if `describe`. Returns the number of tracks.
///
/// # Errors
/// When there is no library yet, it cannot be queried, or the file cannot be written.
pub fn take_snapshot(file: &Path, describe: bool, config: &Config, paths: &Paths) -> Result<usize> {
    // The player may have another working directory.
    let file = std::path::absolute(file).map_err(|e| anyhow!("{}: {e}", file.display()))?;
    let request = if describe { Request::Described } else { Request::Snapshot };
    match socket::ask(&paths.socket(), &request(file.clone()))? {
        Some(Reply::Snapshot(tracks)) => return Ok(tracks),
        Some(Reply::Error(why)) => bail!(why),
        Some(_) => bail!(super::asker::OTHER_ANSWER),
        None => {}
    }
    if !paths.store().exists() {
        bail!("there is no library yet; run `jukebox scan DIR` first, or use --data tree:DIR");
    }
    let root = local::music_dir(None, config)?;
    let model = Model::in_use(paths)?;
    let (shelf, notes) = Shelf::open(&paths.store(), model.generation()?).map_err(|e| match e {
        StoreError::Held { .. } => anyhow!("{}: {e}; stop it first", paths.store().display()),
        other => anyhow!("{}: {other}", paths.store().display()),
    })?;
    notes.iter().for_each(|n| print::note(n));
    let mut catalog = shelf.catalog(root.as_deref().unwrap_or(Path::new("/")));
    // The library may have been scanned by name, outside of the configured directory.
    if catalog.is_empty() {
        catalog = shelf.catalog(Path::new("/"));
    }
    let sound = |track| shelf.sound(track).filter(|_| describe).map(|record| record.values());
    Ok(snapshot::export(&catalog, &file, &sound)?)
}

/// A pool of worker processes for analysis.
pub struct Workers {
    count: usize,
    encoding: TagEncoding,
}

impl Workers {
    /// As many workers as configured; by default one per core, since no player needs one.
    pub fn new(config: &Config) -> Workers {
        let count = match config.analysis.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        Workers { count, encoding: config.library.tag_encoding }
    }

    /// Runs all jobs and calls `each` with a job's index and outcome as it finishes.
    fn run(
        &self,
        stage: &str,
        jobs: Vec<Job>,
        each: &mut dyn FnMut(usize, Outcome) -> Result<(), ListenError>,
    ) -> Result<(), ListenError> {
        let total = jobs.len();
        let (give, take) = crossbeam_channel::unbounded();
        let (answer, done) = crossbeam_channel::unbounded::<Done>();
        let mut places: HashMap<PathBuf, usize> = HashMap::with_capacity(total);
        for (place, job) in jobs.into_iter().enumerate() {
            places.insert(job.path().to_path_buf(), place);
            let _ = give.send(job);
        }
        pool::start(self.count.clamp(1, total.max(1)), &pool::reader(self.encoding), &take, &answer)
            .map_err(|e| ListenError::NoThread(e.to_string()))?;
        drop(answer);
        let (begun, mut teller, mut count) = (Instant::now(), Teller::default(), 0);
        // The rate is unreliable during the first files.
        let settled = Duration::from_secs(2);
        let mut twice = HashSet::new();
        let mut told = Ok(());
        while count < total && told.is_ok() {
            let Ok(Done { job, outcome }) = done.recv() else { break };
            // An interrupted or killed worker may have been stopped from outside or run out of
            // memory: retry once.
            let chance = matches!(outcome, Outcome::Interrupted(_) | Outcome::Killed(_));
            if chance && twice.insert(job.path().to_path_buf()) && give.send(job.clone()).is_ok() {
                continue;
            }
            count += 1;
            let secs = begun.elapsed().as_secs_f64();
            let rate = count as f64 / secs.max(1e-3);
            if begun.elapsed() > settled {
                let left = Some((total - count) as f64 / rate);
                teller.tell(&Progress { stage: stage.into(), done: count, total, rate, left, ..Progress::default() });
            }
            told = match (outcome, places.get(job.path())) {
                (Outcome::NoWorker(why), _) => Err(ListenError::NoWorker(why)),
                (outcome, Some(&place)) => each(place, outcome),
                _ => Ok(()),
            };
        }
        drop(give);
        teller.end();
        // After an error, withdraw the jobs that are still queued.
        take.try_iter().for_each(drop);
        told
    }

    /// Runs a job for each file that draws images.
    fn draw(
        &self,
        files: &[(PathBuf, f64)],
        job: impl Fn(PathBuf, f64) -> Job,
        each: &mut Each<'_>,
    ) -> Result<(), ListenError> {
        let jobs = files.iter().map(|(path, secs)| job(path.clone(), *secs)).collect();
        self.run("listening", jobs, &mut |place, outcome| {
            each(
                place,
                match outcome {
                    Outcome::Found(Found::Drawn(images)) => Ok(images),
                    other => Err(why(other)),
                },
            )
        })
    }
}

impl Listener for Workers {
    fn probe(&mut self, files: &[PathBuf]) -> Result<Vec<Result<Probe, Unheard>>, ListenError> {
        let jobs = files.iter().map(|path| Job::Probe { path: path.clone() }).collect();
        let mut probes: Vec<Result<Probe, Unheard>> = files.iter().map(|_| Err(Unheard::Skipped)).collect();
        self.run("reading tags", jobs, &mut |place, outcome| {
            probes[place] = match outcome {
                Outcome::Found(Found::Probe { probe, .. }) => Ok(*probe),
                other => Err(why(other)),
            };
            Ok(())
        })?;
        Ok(probes)
    }

    fn listen(&mut self, files: &[(PathBuf, f64)], input: Input, each: &mut Each<'_>) -> Result<(), ListenError> {
        self.draw(files, |path, secs| Job::Draw { path, secs, input }, each)
    }

    fn views(&mut self, files: &[(PathBuf, f64)], pitched: bool, each: &mut Each<'_>) -> Result<(), ListenError> {
        self.draw(files, |path, secs| Job::Views { path, secs, pitched }, each)
    }

    fn describe(&mut self, files: &[(PathBuf, f64)], each: &mut EachSound<'_>) -> Result<(), ListenError> {
        let job = |(path, secs): &(PathBuf, f64)| Job::Describe { path: path.clone(), secs: *secs };
        self.run("describing", files.iter().map(job).collect(), &mut |place, outcome| {
            each(
                place,
                match outcome {
                    Outcome::Found(Found::Sound(sound)) => Ok(sound),
                    other => Err(why(other)),
                },
            )
        })
    }
}

/// Why a job gave no result.
fn why(outcome: Outcome) -> Unheard {
    Unheard::Refused(match outcome {
        Outcome::Interrupted(why) | Outcome::NoWorker(why) => why,
        Outcome::Refused(fault) | Outcome::Killed(fault) => fault.to_string(),
        Outcome::Found(_) | Outcome::Each(_) => "changed while it was being read".into(),
    })
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
