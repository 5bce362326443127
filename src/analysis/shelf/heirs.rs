//! What was known of a track under its former identity is handed on to the present one, so that a new recipe for
//! identities costs no listening. Where the former identity took several tracks for one, nobody knows whose sound was
//! heard: then nothing is handed on, and each is heard by itself.

use std::collections::HashMap;

use super::Shelf;
use crate::store::{FileRecord, Outcome};
use crate::track::TrackId;

/// Who claims what is known under a former identity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Claim {
    /// Files that are there and were not looked at again: they may turn out to be any track.
    waiting: u32,
    /// The track that the others turned out to be.
    track: Option<TrackId>,
    /// They turned out to be several.
    several: bool,
}

impl Claim {
    fn add(&mut self, track: TrackId) {
        self.several |= self.track.is_some_and(|known| known != track);
        self.track = Some(track);
    }

    /// The only heir, once that is certain.
    fn heir(&self) -> Option<TrackId> {
        self.track.filter(|_| self.waiting == 0 && !self.several)
    }
}

/// Claims by former identity.
pub(super) type Claims = HashMap<TrackId, Claim>;

/// A file that still goes by a former identity.
fn waits(record: &FileRecord) -> Option<TrackId> {
    match &record.outcome {
        Outcome::Probed(probe) if probe.track.is_former() && record.gone_since.is_none() => Some(probe.track),
        _ => None,
    }
}

/// The former and the present identity of a file that was looked at again.
fn claims(record: &FileRecord) -> Option<(TrackId, TrackId)> {
    match &record.outcome {
        Outcome::Probed(probe) if probe.former != probe.track => Some((probe.former, probe.track)),
        _ => None,
    }
}

impl Shelf {
    /// Draws up all claims, and hands on what is certain: an end in the middle of an upgrade costs nothing.
    pub(super) fn draw_up_claims(&mut self) {
        let mut all = Claims::new();
        for record in self.files.values() {
            if let Some(former) = waits(record).filter(|former| self.knows(*former)) {
                all.entry(former).or_default().waiting += 1;
            }
            if let Some((former, track)) = claims(record).filter(|(former, _)| self.knows(*former)) {
                all.entry(former).or_default().add(track);
            }
        }
        self.claims = all;
        let formers: Vec<TrackId> = self.claims.keys().copied().collect();
        formers.into_iter().for_each(|former| self.settle_claim(former));
    }

    /// Takes note of what a file was and is. A claim that becomes certain by it is settled.
    pub(super) fn note_claim(&mut self, before: Option<TrackId>, after: Option<&FileRecord>) {
        let waits_now = after.and_then(waits);
        let claimed = after.and_then(claims).filter(|(former, _)| self.knows(*former));
        if let Some((former, track)) = claimed {
            self.claims.entry(former).or_default().add(track);
        }
        if before == waits_now && claimed.is_none() {
            return;
        }
        if let Some(claim) = before.and_then(|former| self.claims.get_mut(&former)) {
            claim.waiting = claim.waiting.saturating_sub(1);
        }
        if let Some(former) = waits_now.filter(|former| self.knows(*former)) {
            self.claims.entry(former).or_default().waiting += 1;
        }
        for former in before.into_iter().chain(claimed.map(|(former, _)| former)) {
            self.settle_claim(former);
        }
    }

    /// The former identity by which a file still goes.
    pub(super) fn waits(&self, path: &std::path::Path) -> Option<TrackId> {
        self.files.get(path).and_then(waits)
    }

    /// What was handed on since this was asked last: from which identity, to which.
    pub fn take_handed_on(&mut self) -> Vec<(TrackId, TrackId)> {
        std::mem::take(&mut self.handed_on)
    }

    fn settle_claim(&mut self, former: TrackId) {
        let Some(track) = self.claims.get(&former).and_then(Claim::heir) else { return };
        self.claims.remove(&former);
        self.latents.rename(former, track);
        if let Some(previous) = &mut self.previous {
            previous.latents.rename(former, track);
        }
        if let Some(sound) = self.sounds.remove(&former) {
            self.sounds.entry(track).or_insert(sound);
        }
        if let Some(latent) = self.changed_latents.remove(&former) {
            self.changed_latents.entry(track).or_insert(latent);
        }
        if self.changed_sounds.remove(&former) {
            self.changed_sounds.insert(track);
        }
        self.renamed.push((former, track));
        self.handed_on.push((former, track));
    }

    /// Whether there is anything to be handed on.
    fn knows(&self, track: TrackId) -> bool {
        let before = self.previous.as_ref().is_some_and(|previous| previous.latents.get(track).is_some());
        before || self.heard(track) || self.sounds.contains_key(&track)
    }
}
