//! Listening: the next tracks, and their way from the worker that makes images to the encoder that embeds them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use jukebox_encoder::Input;

use super::bench::{Bench, Wish};
use super::images::Images;
use super::trouble::Blame;
use crate::analysis::agenda::Agenda;
use crate::analysis::embed::{self, Batch, EncoderAnswer, Finished, Heard, Task};
use crate::analysis::error::ThreadError;
use crate::analysis::jobs::{Found, Job};
use crate::analysis::model::{Model, Source};
use crate::analysis::pool::Outcome as JobOutcome;
use crate::analysis::publish::Publisher;
use crate::analysis::shelf::Shelf;
use crate::library::Song;
use crate::store::LatentRecord;
use crate::track::{FileFault, TrackId};

/// Number of tracks that are embedded without waiting for more.
const BATCH: usize = 8;
/// How long a track may wait for others to be embedded with it.
const LINGER: Duration = Duration::from_millis(400);

/// The tracks being listened to or embedded, and those waiting for it.
pub(super) struct Listening {
    pub agenda: Agenda,
    /// Tracks taken from the agenda that have no latent yet.
    under_way: HashSet<TrackId>,
    /// Files that workers are listening to, with the track identity at the start.
    hearing: HashMap<PathBuf, TrackId>,
    /// New identities, by former one, of tracks that may be at the encoder.
    renamed: HashMap<TrackId, TrackId>,
    /// Tracks with their images, to be embedded.
    ready: Heard,
    ready_since: Option<Instant>,
    tasks: Sender<Task>,
    encoded: Receiver<EncoderAnswer>,
    /// Number of batches and trials at the encoder.
    at_encoder: usize,
    /// The encoder cannot be run; nothing is embedded until the next scan.
    down: bool,
}

impl Listening {
    /// Starts the encoder thread; `device` as in [`Options::device`](crate::analysis::Options::device).
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(device: String) -> Result<Listening, ThreadError> {
        let (tasks, given) = crossbeam_channel::unbounded();
        let (answer, encoded) = crossbeam_channel::unbounded();
        embed::start(device, given, answer)?;
        Ok(Listening::new(tasks, encoded))
    }

    fn new(tasks: Sender<Task>, encoded: Receiver<EncoderAnswer>) -> Listening {
        Listening {
            agenda: Agenda::default(),
            under_way: HashSet::new(),
            hearing: HashMap::new(),
            renamed: HashMap::new(),
            ready: Vec::new(),
            ready_since: None,
            tasks,
            encoded,
            at_encoder: 0,
            down: false,
        }
    }

    /// Results of the encoder, for [`Listening::take_answer`].
    pub fn answers(&self) -> Receiver<EncoderAnswer> {
        self.encoded.clone()
    }

    /// Number of tracks left, including those in progress.
    pub fn left(&self) -> usize {
        self.agenda.len() + self.under_way.len()
    }

    /// Whether nothing is in progress or waiting.
    pub fn is_done(&self) -> bool {
        self.left() == 0 && self.ready.is_empty() && self.at_encoder == 0
    }

    /// Whether the encoder cannot be run.
    pub fn is_down(&self) -> bool {
        self.down
    }

    /// Allows the encoder to be run again; returns whether it was down.
    pub fn revive(&mut self) -> bool {
        std::mem::take(&mut self.down)
    }

    /// Whether a track is in progress.
    pub fn has(&self, track: TrackId) -> bool {
        self.under_way.contains(&track)
    }

    /// The next job for a worker. Tracks whose images are in the cache need none.
    pub fn take(&mut self, shelf: &Shelf, images: &Images) -> Option<Job> {
        // A limited number: cached images are read only when they are needed.
        while self.ready.len() < 16 * BATCH {
            let song: Arc<Song> = self.agenda.take()?;
            // The file may contain another track by now, which is planned once the previous one is done.
            let taken = self.hearing.contains_key(&*song.path);
            if taken || shelf.heard(song.track) || !self.under_way.insert(song.track) {
                continue;
            }
            // The cache has its images if another encoder has processed it.
            let input = images.input();
            let Some(images) = images.get(song.track) else {
                self.hearing.insert(song.path.to_path_buf(), song.track);
                return Some(Job::Listen { path: song.path.to_path_buf(), secs: song.secs, input });
            };
            self.push_ready(song.track, images);
        }
        None
    }

    /// As [`Listening::take`], if the next track is in the directory `dir`.
    pub fn take_in(&mut self, dir: Option<&Path>, shelf: &Shelf, images: &Images) -> Option<Job> {
        let wanted = self.agenda.peek().is_some_and(|song| song.path.parent() == dir);
        if wanted { self.take(shelf, images) } else { None }
    }

    fn push_ready(&mut self, track: TrackId, images: Vec<Vec<u8>>) {
        self.ready.push((track, images));
        self.ready_since.get_or_insert_with(Instant::now);
    }

    /// Handles the result of a worker that listened for an encoder with this input.
    pub fn finish(
        &mut self,
        path: PathBuf,
        (secs, input): (f64, Input),
        outcome: JobOutcome,
        bench: &mut Bench,
        publisher: &mut Publisher,
    ) {
        let Some(track) = self.hearing.remove(&path) else { return };
        if !publisher.holds(&path, track) || input != bench.input() {
            // The file is another track or no music now, or another encoder with other images is in use.
            self.under_way.remove(&track);
            return bench.wishes.push(Wish::Plan);
        }
        let fault: FileFault = match outcome {
            JobOutcome::Found(Found::Heard { images, cut, .. }) if images.is_empty() => match cut {
                true => "cut short before there is anything to hear: copy it again".into(),
                false => "silent from beginning to end: it plays, but is not compared with others".into(),
            },
            JobOutcome::Found(Found::Heard { images, cut, sound }) => {
                publisher.shelf.put_sound(track, sound);
                if cut {
                    let why = "cut short: it ends before it should; what is there plays, copy it again for the rest";
                    publisher.unheard(&path, why.into());
                }
                bench.keep_images(track, &images, &publisher.teller);
                if self.down {
                    // The encoder is down; the images are in the cache for the next scan.
                    self.under_way.remove(&track);
                } else {
                    self.push_ready(track, images);
                }
                return;
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => {
                self.under_way.remove(&track);
                return bench.settle(path);
            }
            outcome => match bench.trouble.blame(&path, outcome, &publisher.teller) {
                Blame::Again => {
                    self.hearing.insert(path.clone(), track);
                    return bench.readers.repeat(Job::Listen { path, secs, input });
                }
                Blame::File(why) => why,
                Blame::Later(why) => {
                    self.under_way.remove(&track);
                    return bench.trouble.set_aside(track, &path, why, &mut publisher.teller);
                }
                Blame::Gone => {
                    self.under_way.remove(&track);
                    return publisher.gone(&path);
                }
            },
        };
        self.under_way.remove(&track);
        bench.trouble.aside.insert(track);
        publisher.unheard(&path, fault);
    }

    /// Sends what is ready to the encoder; a partial batch only after [`LINGER`], or if `last`: nothing more will come.
    pub fn embed(&mut self, model: &Model, last: bool) {
        // One batch waits while another is embedded, so that the encoder is never idle.
        while self.at_encoder < 2 && !self.ready.is_empty() && !self.down {
            let waited = self.ready_since.is_some_and(|t| t.elapsed() > LINGER);
            if !(self.ready.len() >= BATCH || waited || last) {
                return;
            }
            let rest = self.ready.split_off(self.ready.len().min(4 * BATCH));
            let tracks = std::mem::replace(&mut self.ready, rest);
            self.ready_since = (!self.ready.is_empty()).then(Instant::now);
            if !self.send(Task::Embed(Batch { model: model.source(), tracks })) {
                return;
            }
        }
    }

    /// Drops waiting images: another kind is used from now on.
    pub fn forget_images(&mut self) {
        for (track, _) in self.ready.drain(..) {
            self.under_way.remove(&track);
        }
        self.ready_since = None;
    }

    /// Has a model encode some images before it is used.
    pub fn try_out(&mut self, model: Source, images: Vec<Vec<u8>>) {
        self.send(Task::Try { model, images });
    }

    fn send(&mut self, task: Task) -> bool {
        let sent = self.tasks.send(task).is_ok();
        self.at_encoder += usize::from(sent);
        sent
    }

    /// Records that the encoder has answered: its tracks leave `under_way` and get their present identities.
    pub fn take_answer(&mut self, answer: &mut EncoderAnswer) {
        self.at_encoder = self.at_encoder.saturating_sub(1);
        let EncoderAnswer::Embedded(finished) = answer else { return };
        let records = finished.outcome.iter_mut().flatten().map(|(track, _)| track);
        for track in finished.tracks.iter_mut().chain(records) {
            *track = self.renamed.get(track).copied().unwrap_or(*track);
        }
        for track in &finished.tracks {
            self.under_way.remove(track);
        }
    }

    /// Processes the encoder's result for a batch. `model` is the one in use now.
    pub fn embedded(&mut self, finished: Finished, model: &Model, bench: &mut Bench, publisher: &mut Publisher) {
        match finished.outcome {
            // From a model that is no longer in use: these tracks have to be embedded again.
            _ if finished.model != model.card.hash => bench.wishes.push(Wish::Plan),
            Ok(records) => {
                keep_latents(records, &finished.tracks, model, bench, publisher);
                bench.later_stale = true;
            }
            Err(why) => {
                // Without an encoder there is nothing to wait for; the player keeps the latents that it has.
                self.down = true;
                self.agenda = Agenda::default();
                self.ready.clear();
                self.under_way.clear();
                let why = format!("{why}; tracks are not analysed until the next scan");
                bench.trouble.tell_no_worker(why, &publisher.teller);
            }
        }
    }

    /// Updates a track's identity.
    pub fn rename(&mut self, from: TrackId, to: TrackId) {
        if self.under_way.remove(&from) {
            self.under_way.insert(to);
        }
        let ready = self.ready.iter_mut().map(|(track, _)| track);
        self.hearing.values_mut().chain(ready).filter(|track| **track == from).for_each(|track| *track = to);
        self.renamed.insert(from, to);
    }
}

/// Stores the latents of `tracks`. A track without one is set aside until the next scan.
fn keep_latents(
    records: Vec<(TrackId, LatentRecord)>,
    tracks: &[TrackId],
    model: &Model,
    bench: &mut Bench,
    publisher: &mut Publisher,
) {
    publisher.put_latents(records);
    let without: Vec<TrackId> = tracks.iter().copied().filter(|t| !publisher.shelf.heard(*t)).collect();
    for track in without {
        let Some(song) = publisher.catalog().songs().iter().find(|song| song.track == track).cloned() else { continue };
        let why = format!("is not compared with others: {} makes no usable numbers of it", model.name());
        bench.trouble.set_aside(track, &song.path, Some(why), &mut publisher.teller);
    }
}
