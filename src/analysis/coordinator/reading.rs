//! Reading files: what is probed and listened to next, and what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::{BATCH, Coordinator, LINGER, STRIKES};
use crate::analysis::embed::{Batch, Finished};
use crate::analysis::jobs::{Found, Job};
use crate::analysis::order::Agenda;
use crate::analysis::pool::{Done, Outcome as JobOutcome};
use crate::audio::cue;
use crate::clock::Clock;
use crate::library::Song;
use crate::store::{FileRecord, Outcome};
use crate::track::TrackId;

/// Files looked at by one message to a worker.
const PROBES: usize = 64;

impl Coordinator {
    pub(super) fn want_probe(&mut self, path: PathBuf) {
        if self.probing.insert(path.clone()) {
            let preferred = self.playing.as_deref().and_then(Path::parent);
            if preferred.is_some() && path.parent() == preferred {
                self.probes.push_front(path);
            } else {
                self.probes.push_back(path);
            }
        }
    }

    /// The playing track's album goes to the front of what is to be looked at.
    pub(super) fn prefer_probes(&mut self) {
        let Some(dir) = self.playing.as_deref().and_then(Path::parent) else { return };
        let (first, rest): (Vec<_>, Vec<_>) = self.probes.drain(..).partition(|p| p.parent() == Some(dir));
        self.probes.extend(first.into_iter().chain(rest));
    }

    /// A message's worth of files to look at: many when there are many, so that messages cost nothing, few when every
    /// worker is to have some.
    fn take_probes(&mut self) -> Option<Job> {
        let count = (self.probes.len() / (self.capacity + 1)).clamp(1, PROBES).min(self.probes.len());
        match count {
            0 => None,
            1 => self.probes.pop_front().map(|path| Job::Probe { path }),
            _ => Some(Job::Probes { paths: self.probes.drain(..count).collect() }),
        }
    }

    /// Keeps every worker busy, with one job waiting at most: what is wanted most may change at any time.
    pub(super) fn feed(&mut self) {
        while self.in_flight < self.capacity + 1 {
            let playing = self.playing.as_deref().and_then(Path::parent);
            let preferred = self.probes.front().is_some_and(|p| playing.is_some() && p.parent() == playing);
            let first = if preferred { None } else { self.take_preferred_listen() };
            let job = first.or_else(|| self.take_probes()).or_else(|| self.take_listen());
            let Some(job) = job.or_else(|| self.take_describe()) else { break };
            if self.jobs.send(job).is_err() {
                break;
            }
            self.in_flight += 1;
        }
    }

    /// A listening job that goes before the probes: the playing track's album.
    pub(super) fn take_preferred_listen(&mut self) -> Option<Job> {
        let playing = self.playing.as_deref()?;
        let wanted = self.agenda.peek().is_some_and(|s| s.path.parent() == playing.parent());
        if wanted { self.take_listen() } else { None }
    }

    pub(super) fn take_listen(&mut self) -> Option<Job> {
        // As much as the encoder does in a while: the images are read when they are needed.
        while self.ready.len() < 16 * BATCH {
            let song: Arc<Song> = self.agenda.take()?;
            if self.shelf.heard(song.track) || !self.listening.insert(song.track) {
                continue;
            }
            // Another encoder heard it before: its images are still here, no decoding is needed.
            let cached = self.cache.as_mut().and_then(|c| c.get(song.track).ok().flatten());
            match cached {
                Some(images) => {
                    self.ready.push((song.track, images.iter().map(|i| i.to_vec()).collect()));
                    self.ready_since.get_or_insert_with(Instant::now);
                }
                None => return Some(Job::Listen { path: song.path.to_path_buf(), secs: song.secs }),
            }
        }
        None
    }

    pub(super) fn finished(&mut self, done: Done) {
        self.in_flight = self.in_flight.saturating_sub(1);
        match done.job {
            Job::Probe { path } => self.probed(path, done.outcome),
            Job::Probes { paths } => {
                if let JobOutcome::Each(outcomes) = done.outcome {
                    paths.into_iter().zip(outcomes).for_each(|(path, outcome)| self.probed(path, outcome));
                }
            }
            Job::Listen { path, .. } => self.listened(&path, done.outcome),
            Job::Describe { path, .. } => self.described(path, done.outcome),
            // The idler's, which answers by itself, and what only training and the player's pages ask for.
            Job::Loudness { .. } | Job::Full { .. } | Job::Extras { .. } | Job::Open { .. } => {}
        }
    }

    pub(super) fn probed(&mut self, path: PathBuf, outcome: JobOutcome) {
        self.probing.remove(&path);
        self.probes_done += 1;
        if self.apart.contains_key(&path) {
            // Its sheet came while it was being read.
            return self.gone(&path);
        }
        let stat = || cue::stat(&path).ok();
        let strikes = match self.shelf.file(&path).map(|r| &r.outcome) {
            Some(Outcome::Failed { strikes, .. }) => *strikes,
            _ => 0,
        };
        let (stat, outcome) = match outcome {
            JobOutcome::Found(Found::Probe { stat, probe }) => {
                self.well(&path);
                (stat, Outcome::Probed(*probe))
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => return self.settler.mark(path, self.clock.now()),
            JobOutcome::NoWorker(why) => return self.note(true, format!("files cannot be read: {why}")),
            JobOutcome::Refused(why) => match stat() {
                Some(stat) => (stat, Outcome::Failed { why, strikes: STRIKES }),
                None => return self.gone(&path),
            },
            JobOutcome::Killed(why) => match stat() {
                Some(stat) => (stat, Outcome::Failed { why, strikes: strikes + 1 }),
                None => return self.gone(&path),
            },
        };
        if let Outcome::Failed { why, strikes } = &outcome {
            if *strikes < STRIKES {
                self.want_probe(path.clone());
            } else {
                self.fault(path.clone(), why.clone());
            }
        }
        let known = self.shelf.file(&path);
        // The very same file, looked at only because its tags are read in another way now: what was heard of it stands.
        let tags_version = self.options.tag_encoding.mark();
        let retagged = |r: &&FileRecord| r.stat == stat && r.is_outdated(tags_version);
        let listen_fault = known.filter(retagged).and_then(|r| r.listen_fault.clone());
        if let Some(why) = &listen_fault {
            self.fault(path.clone(), why.clone());
        }
        let added = self.shelf.added(&path, &outcome).unwrap_or_else(|| self.clock.unix());
        let record = FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since: None };
        self.shelf.put_file(path, record);
        self.hand_on();
        self.catalog_stale = true;
    }

    /// What was known under former identities goes on to the present ones: the images as well.
    pub(super) fn hand_on(&mut self) {
        for (former, track) in self.shelf.take_handed_on() {
            self.space_stale = true;
            if self.listening.remove(&former) {
                self.listening.insert(track);
            }
            if let Some(cache) = &mut self.cache
                && let Err(e) = cache.rename(former, track)
            {
                self.cache = None;
                self.note(true, format!("the strobe cache cannot be written, going on without: {e}"));
            }
        }
    }

    pub(super) fn listened(&mut self, path: &Path, outcome: JobOutcome) {
        let track = match self.shelf.file(path).map(|r| &r.outcome) {
            Some(Outcome::Probed(probe)) => probe.track,
            _ => return,
        };
        let fault = match outcome {
            JobOutcome::Found(Found::Strobes { images, cut: false, .. }) if images.is_empty() => {
                "silent from beginning to end: it plays, but is not compared with others".to_string()
            }
            JobOutcome::Found(Found::Strobes { images, cut, sound }) => {
                self.shelf.put_sound(track, sound);
                if cut {
                    let why = "cut short: it ends before it should; what is there plays, copy it again for the rest";
                    self.fault(path.to_path_buf(), why.into());
                    self.shelf.mark_unheard(path, why.into());
                }
                self.keep_strobes(track, &images);
                if self.encoder_down {
                    // Nobody to wait for; the images are in the cache for the next start.
                    self.listening.remove(&track);
                    return;
                }
                self.ready.push((track, images));
                self.ready_since.get_or_insert_with(Instant::now);
                return;
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => {
                self.listening.remove(&track);
                return self.settler.mark(path.to_path_buf(), self.clock.now());
            }
            JobOutcome::NoWorker(why) => {
                self.listening.remove(&track);
                return self.note(true, format!("files cannot be read: {why}"));
            }
            JobOutcome::Refused(why) | JobOutcome::Killed(why) => why,
        };
        self.listening.remove(&track);
        self.fault(path.to_path_buf(), fault.clone());
        self.shelf.mark_unheard(path, fault);
    }

    pub(super) fn keep_strobes(&mut self, track: TrackId, images: &[Vec<u8>]) {
        let Some(cache) = &mut self.cache else { return };
        let images: Vec<[u8; 8192]> = images.iter().filter_map(|i| i.as_slice().try_into().ok()).collect();
        if let Err(e) = cache.put(track, &images) {
            // The cache only saves time; one line, then go on without.
            self.cache = None;
            self.note(true, format!("the strobe cache cannot be written, going on without: {e}"));
        }
    }

    pub(super) fn embed(&mut self) {
        // One batch waits while another is embedded, so that the encoder never does.
        while self.embedding < 2 && !self.ready.is_empty() && !self.encoder_down {
            let waited = self.ready_since.is_some_and(|t| t.elapsed() > LINGER);
            let enough = self.ready.len() >= BATCH || waited || self.in_flight == 0;
            if !enough {
                return;
            }
            let rest = self.ready.split_off(self.ready.len().min(4 * BATCH));
            let tracks = std::mem::replace(&mut self.ready, rest);
            self.ready_since = (!self.ready.is_empty()).then(Instant::now);
            if self.batches.send(Batch { model: self.model.source(), tracks }).is_err() {
                return;
            }
            self.embedding += 1;
        }
    }

    pub(super) fn embedded(&mut self, finished: Finished) {
        self.embedding = self.embedding.saturating_sub(1);
        if let Some(text) = finished.note {
            self.note(false, text);
        }
        for track in &finished.tracks {
            self.listening.remove(track);
        }
        if finished.outcome.is_err() {
            // The model may have been replaced while it was loaded: that is no failure.
            self.look_for_model(true);
        }
        match finished.outcome {
            // Heard by a model that is not in use any more: these tracks are on the agenda again.
            _ if finished.model != self.model.card.hash => self.plan(),
            Ok(records) => {
                for (track, record) in records {
                    self.shelf.put_latent(track, record);
                }
                // While another generation is served, nothing of this one shows.
                self.space_stale |= !self.shelf.serves_previous(&self.catalog);
                self.later_stale = true;
            }
            Err(why) => {
                // Without an encoder there is nothing to wait for; the player goes on with what is known.
                self.encoder_down = true;
                self.agenda = Agenda::default();
                self.ready.clear();
                self.listening.clear();
                self.note(true, format!("{why}; tracks are not analysed until jukebox is started again"));
            }
        }
    }
}
