//! Reading files: what is probed and listened to next, and what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::trouble::{Blame, is_doubtful};
use super::{BATCH, Coordinator, LINGER};
use crate::analysis::agenda::Agenda;
use crate::analysis::embed::{Batch, Finished, Outcome as Encoded, Task};
use crate::analysis::jobs::{Found, Job};
use crate::analysis::pool::{Done, Outcome as JobOutcome};
use crate::audio::cue;
use crate::clock::Clock;
use crate::library::Song;
use crate::store::{FileRecord, Outcome};
use crate::track::{FileFault, TrackId};
use crate::worker::STRIKES;

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
            let job = first.or_else(|| self.once_more.pop_front()).or_else(|| self.take_probes());
            let job = job.or_else(|| self.take_listen()).or_else(|| self.take_describe());
            let Some(job) = job.or_else(|| self.take_picture()) else { break };
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
            // What is in it now may be another track already: that is planned when the one before is through.
            let taken = self.hearing.contains_key(&*song.path);
            if taken || self.shelf.heard(song.track) || !self.listening.insert(song.track) {
                continue;
            }
            // Another encoder heard it before: its images are still here, no decoding is needed.
            let cached = self.cache.as_mut().and_then(|c| c.get(song.track).ok().flatten());
            match cached {
                Some(images) => {
                    self.ready.push((song.track, images.iter().map(|i| i.to_vec()).collect()));
                    self.ready_since.get_or_insert_with(Instant::now);
                }
                None => {
                    let path = song.path.to_path_buf();
                    self.hearing.insert(path.clone(), song.track);
                    return Some(Job::Listen { path, secs: song.secs });
                }
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
            Job::Listen { path, secs } => match self.picturing.remove(&path) {
                Some(track) => self.pictured(path, track, done.outcome),
                None => self.listened(path, secs, done.outcome),
            },
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
        let (stat, outcome) = match outcome {
            JobOutcome::Found(Found::Probe { pieces, .. }) if !pieces.is_empty() => {
                return self.take_apart(path, pieces);
            }
            JobOutcome::Found(Found::Probe { stat, probe, .. }) => {
                self.well(&path);
                (stat, Outcome::Probed(*probe))
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => return self.settler.mark(path, self.clock.now()),
            outcome => match (self.blame(&path, outcome), cue::stat(&path)) {
                (Blame::Again, _) => {
                    self.probes_done -= 1;
                    return self.want_probe(path);
                }
                // What was known of it stands; what was not is new to the next scan.
                (Blame::Later(why), _) => return self.leave_for_now(path, why),
                (Blame::File(why), Ok(stat)) => {
                    self.fault(path.clone(), why.clone());
                    (stat, Outcome::Failed { why, strikes: STRIKES })
                }
                (Blame::Gone | Blame::File(_), _) => return self.gone(&path),
            },
        };
        let known = self.shelf.file(&path);
        // The very same file, looked at only because its tags are read in another way now: what was heard of it stands.
        let tags_version = self.options.tag_encoding.mark();
        let retagged = |r: &&FileRecord| r.stat == stat && r.is_outdated(tags_version);
        let listen_fault = known.filter(retagged).filter(|r| !is_doubtful(r)).and_then(|r| r.listen_fault.clone());
        if let Some(why) = &listen_fault {
            self.fault(path.clone(), why.clone());
        }
        let added = self.shelf.added(&path, &outcome).unwrap_or_else(|| self.clock.unix());
        let record = FileRecord { stat, outcome, listen_fault, added, tags_version, gone_since: None };
        self.shelf.put_file(path, record);
        self.hand_on();
        self.catalog_stale = true;
    }

    /// What was known under former identities goes on to the present ones: the images as well, and what is being done.
    pub(super) fn hand_on(&mut self) {
        for (former, track) in self.shelf.take_handed_on() {
            self.space_stale = true;
            for at_work in [&mut self.listening, &mut self.aside] {
                if at_work.remove(&former) {
                    at_work.insert(track);
                }
            }
            let files =
                self.hearing.values_mut().chain(self.describing.values_mut()).chain(self.picturing.values_mut());
            let ready = self.ready.iter_mut().map(|(own, _)| own);
            files.chain(ready).filter(|own| **own == former).for_each(|own| *own = track);
            self.renamed.insert(former, track);
            if let Some(cache) = &mut self.cache
                && let Err(e) = cache.rename(former, track)
            {
                self.without_cache(&e);
            }
        }
    }

    pub(super) fn listened(&mut self, path: PathBuf, secs: f64, outcome: JobOutcome) {
        let Some(track) = self.hearing.remove(&path) else { return };
        if !self.holds(&path, track) {
            // It has become another, or no music, meanwhile.
            self.listening.remove(&track);
            return self.plan();
        }
        let fault: FileFault = match outcome {
            JobOutcome::Found(Found::Strobes { images, cut, .. }) if images.is_empty() => match cut {
                true => "cut short before there is anything to hear: copy it again".into(),
                false => "silent from beginning to end: it plays, but is not compared with others".into(),
            },
            JobOutcome::Found(Found::Strobes { images, cut, sound }) => {
                self.shelf.put_sound(track, sound);
                if cut {
                    let why = "cut short: it ends before it should; what is there plays, copy it again for the rest";
                    self.fault(path.clone(), why);
                    self.shelf.mark_unheard(&path, why.into());
                }
                self.keep_strobes(track, &images);
                if self.encoder_down {
                    // Nobody to wait for; the images are in the cache for the next scan.
                    self.listening.remove(&track);
                    return;
                }
                self.ready.push((track, images));
                self.ready_since.get_or_insert_with(Instant::now);
                return;
            }
            JobOutcome::Found(_) | JobOutcome::Each(_) => {
                self.listening.remove(&track);
                return self.settler.mark(path, self.clock.now());
            }
            outcome => match self.blame(&path, outcome) {
                Blame::Again => {
                    self.hearing.insert(path.clone(), track);
                    return self.once_more.push_back(Job::Listen { path, secs });
                }
                Blame::File(why) => why,
                Blame::Later(why) => {
                    self.listening.remove(&track);
                    return self.set_aside(track, &path, why);
                }
                Blame::Gone => {
                    self.listening.remove(&track);
                    return self.gone(&path);
                }
            },
        };
        self.listening.remove(&track);
        self.aside.insert(track);
        self.fault(path.clone(), fault.clone());
        self.shelf.mark_unheard(&path, fault);
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
            if self.tasks.send(Task::Embed(Batch { model: self.model.source(), tracks })).is_err() {
                return;
            }
            self.embedding += 1;
        }
    }

    /// The encoder's process has done something.
    pub(super) fn encoded(&mut self, outcome: Encoded) {
        self.embedding = self.embedding.saturating_sub(1);
        let (Encoded::Embedded(Finished { note, .. }) | Encoded::Tried { note, .. }) = &outcome;
        if let Some(text) = note {
            self.note(false, text.clone());
        }
        match outcome {
            Encoded::Embedded(finished) => self.embedded(finished),
            Encoded::Tried { model, verdict, .. } => self.tried(&model, verdict),
        }
    }

    fn embedded(&mut self, mut finished: Finished) {
        let records = finished.outcome.iter_mut().flatten().map(|(track, _)| track);
        for track in finished.tracks.iter_mut().chain(records) {
            *track = self.renamed.get(track).copied().unwrap_or(*track);
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
                let deaf: Vec<TrackId> = finished.tracks.into_iter().filter(|t| !self.shelf.heard(*t)).collect();
                for track in deaf {
                    let song = self.catalog.songs().iter().find(|song| song.track == track).cloned();
                    let Some(song) = song else { continue };
                    let why =
                        format!("is not compared with others: {} makes no usable numbers of it", self.model.name());
                    self.set_aside(track, &song.path, why);
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
                self.say_no_worker(format!("{why}; tracks are not analysed until the next scan"));
            }
        }
    }
}
