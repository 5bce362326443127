//! What was known of a track under its former identity is handed on to the present one, so that a new recipe for
//! identities costs no listening. Where the former identity took several tracks for one, nobody knows whose sound was
//! heard: then nothing is handed on, and each is heard by itself.

use std::collections::HashMap;

use crate::track::TrackId;

/// The identities of a playable file.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub track: TrackId,
    pub former: TrackId,
    /// Whether the file is missing.
    pub gone: bool,
}

/// Who claims what is known under a former identity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Claim {
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

/// The claims by former identity.
#[derive(Default)]
pub(super) struct Claims(HashMap<TrackId, Claim>);

/// A former identity and its heir.
pub(super) type Settled = (TrackId, TrackId);

impl Claims {
    /// All claims of these files to former identities that `knows` accepts: those of which something is known.
    pub fn of(files: impl Iterator<Item = Named>, knows: impl Fn(TrackId) -> bool) -> Claims {
        let mut all = HashMap::<TrackId, Claim>::new();
        for named in files {
            if let Some(former) = waits(named).filter(|former| knows(*former)) {
                all.entry(former).or_default().waiting += 1;
            }
            if let Some((former, track)) = claims(named).filter(|(former, _)| knows(*former)) {
                all.entry(former).or_default().add(track);
            }
        }
        Claims(all)
    }

    /// Takes out all claims that are certain.
    pub fn settle_all(&mut self) -> Vec<Settled> {
        let formers: Vec<TrackId> = self.0.keys().copied().collect();
        formers.into_iter().filter_map(|former| self.settle(former)).collect()
    }

    /// Takes note of what a file was ([`waits`]) and is; `knows` as for [`Claims::of`]. Takes out the claims that become
    /// certain by it.
    pub fn note(
        &mut self,
        before: Option<TrackId>,
        after: Option<Named>,
        knows: impl Fn(TrackId) -> bool,
    ) -> Vec<Settled> {
        let waits_now = after.and_then(waits);
        let claimed = after.and_then(claims).filter(|(former, _)| knows(*former));
        if let Some((former, track)) = claimed {
            self.0.entry(former).or_default().add(track);
        }
        if before == waits_now && claimed.is_none() {
            return Vec::new();
        }
        if let Some(claim) = before.and_then(|former| self.0.get_mut(&former)) {
            claim.waiting = claim.waiting.saturating_sub(1);
        }
        if let Some(former) = waits_now.filter(|former| knows(*former)) {
            self.0.entry(former).or_default().waiting += 1;
        }
        let touched = before.into_iter().chain(claimed.map(|(former, _)| former));
        touched.filter_map(|former| self.settle(former)).collect()
    }

    fn settle(&mut self, former: TrackId) -> Option<Settled> {
        let heir = self.0.get(&former)?.heir()?;
        self.0.remove(&former);
        Some((former, heir))
    }
}

/// The former identity by which a file still goes.
pub(super) fn waits(named: Named) -> Option<TrackId> {
    (named.track.is_former() && !named.gone).then_some(named.track)
}

/// The former and the present identity of a file that was looked at again.
fn claims(named: Named) -> Option<(TrackId, TrackId)> {
    (named.former != named.track).then_some((named.former, named.track))
}
