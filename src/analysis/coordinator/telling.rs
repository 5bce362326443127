//! Telling the rest of the program: catalog, space, progress; and writing down.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Coordinator, PUBLISH};
use crate::analysis::agenda::Agenda;
use crate::analysis::messages::Update;
use crate::analysis::progress::Progress;
use crate::clock::Clock;
use crate::track::TrackId;

/// How long files that vanished are told to be there while others are read that they may have become.
const MOVING: Duration = Duration::from_secs(5);
/// The stage in which another encoder hears what was heard before.
const AGAIN: &str = "listening again";

impl Coordinator {
    /// Publishes what changed, at most so often that publishing costs a tenth of the time.
    pub(super) fn publish(&mut self, now: bool) {
        if !(self.catalog_stale || self.space_stale) {
            return;
        }
        // The first few latents matter most: the first pick waits for them.
        let patience = if self.last_progress.latents < 64 { PUBLISH / 4 } else { PUBLISH };
        if !now && self.published.elapsed() < patience.max(self.publish_cost * 10) {
            return;
        }
        // Files that vanished may be on their way to another name: told together, they never seem to be gone.
        let reading = self.walking > 0 || !self.probing.is_empty() || !self.settler.is_empty();
        if !now && reading && self.vanished.is_some_and(|at| at.elapsed() < MOVING) {
            return;
        }
        self.vanished = None;
        let begun = Instant::now();
        self.publish_catalog();
        if self.space_stale {
            let space = self.shelf.space(&self.catalog, &self.model.reference());
            self.tell(Update::Space(Arc::new(space)));
            self.space_stale = false;
            if std::mem::take(&mut self.loudness_stale) {
                self.tell(Update::Loudness(Arc::new(self.shelf.loudness())));
            }
        }
        self.published = Instant::now();
        self.publish_cost = begun.elapsed();
    }

    /// Publishes the catalog if it changed.
    pub(super) fn publish_catalog(&mut self) {
        if std::mem::take(&mut self.catalog_stale) {
            self.catalog = Arc::new(self.shelf.catalog(&self.options.root));
            self.tell(Update::Catalog(self.catalog.clone()));
            self.space_stale = true;
            self.plan();
        }
    }

    /// Tells that the whole library was looked through, once everything that was found has been read: what the catalog
    /// does not have by then is not there.
    pub(super) fn tell_scanned(&mut self) {
        let read = self.walking == 0 && self.probing.is_empty() && self.settler.is_empty();
        if read && let Some(unsure) = self.scanned.take() {
            self.publish(true);
            self.tell(Update::Scanned(unsure.into()));
        }
    }

    /// Orders the listening anew.
    pub(super) fn plan(&mut self) {
        let shelf = &self.shelf;
        let listening = &self.listening;
        let faulty: HashSet<TrackId> = self
            .catalog
            .songs()
            .iter()
            // What was heard in part, because it is cut short, can be heard again.
            .filter(|s| shelf.file(&s.path).is_some_and(|r| r.listen_fault.is_some()) && shelf.sound(s.track).is_none())
            .map(|s| s.track)
            .collect();
        let left = |t: &TrackId| listening.contains(t) || faulty.contains(t) || self.aside.contains(t);
        let wanted = |t: TrackId| !shelf.heard(t) && !left(&t);
        self.agenda = if self.encoder_down || self.unproven || !self.options.listen {
            Agenda::default()
        } else {
            Agenda::new(&self.catalog, self.playing.as_deref(), wanted)
        };
        self.later_stale = true;
    }

    pub(super) fn flush(&mut self) {
        if self.flushed.elapsed() < Duration::from_secs(2) || !self.shelf.dirty() {
            return;
        }
        self.flushed = Instant::now();
        match self.shelf.flush() {
            Ok(()) => self.write_fault = false,
            // Said once, tried again every two seconds.
            Err(e) if !self.write_fault => {
                self.write_fault = true;
                self.note(true, format!("what was found is kept in memory for now: {e}"));
            }
            Err(_) => {}
        }
    }

    /// Tells how far it is, when that is news; `now` even if it was told a moment ago.
    pub(super) fn progress(&mut self, now: bool) {
        let stage = if !self.probing.is_empty() {
            "reading tags"
        } else if !self.agenda.is_empty() || !self.listening.is_empty() {
            if self.shelf.is_changing() { AGAIN } else { "listening" }
        } else if self.walking > 0 {
            "scanning"
        } else if !self.undescribed.is_empty() || !self.describing.is_empty() {
            "describing"
        } else if !self.unpictured.is_empty() || !self.picturing.is_empty() {
            "keeping images"
        } else if self.idler.busy() {
            "measuring loudness"
        } else {
            self.probes_told = self.probes_done;
            ""
        };
        // Twice a second is as often as anybody can read.
        let shown = if stage == AGAIN { format!("{AGAIN} with {}", self.model.name()) } else { stage.to_string() };
        let soon = self.last_progress.stage == shown
            && self.meter.last().is_some_and(|t| self.clock.now().saturating_sub(t) < Duration::from_millis(500));
        if soon && !now {
            return;
        }
        let tracks = self.catalog.tracks().count();
        let latents = self.shelf.heard_of(&self.catalog);
        let (described, measured) = self.shelf.sounds_of(&self.catalog);
        let (done, left) = match stage {
            "reading tags" => (self.probes_done - self.probes_told, self.probing.len()),
            "listening" | AGAIN => (latents, self.agenda.len() + self.listening.len()),
            "describing" => (described, self.undescribed.len() + self.describing.len()),
            "keeping images" => {
                let left = self.unpictured.len() + self.picturing.len();
                (latents.saturating_sub(left), left)
            }
            "measuring loudness" => (measured, self.unmeasured.len() + 1),
            _ => (0, 0),
        };
        let total = done + left;
        let (rate, left) =
            if stage.is_empty() { (0.0, None) } else { self.meter.note(stage, done, total, self.clock.now()) };
        let read = self.probes_done;
        let progress = Progress { stage: shown, done, total, rate, left, latents, described, measured, read, tracks };
        if progress != self.last_progress {
            self.last_progress = progress.clone();
            self.tell(Update::Progress(progress));
        }
    }
}
