//! Reading a store into memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::files::Files;
use crate::analysis::sounds::SoundRecord;
use crate::latent::{Latent, Reference, Spread, tags};
use crate::store::{Generation, LatentRecord, Store, StoreError};
use crate::track::TrackId;

/// When each track was seen first.
pub(super) fn added(files: &Files) -> HashMap<TrackId, u64> {
    let mut out: HashMap<TrackId, u64> = HashMap::new();
    for song in files.songs() {
        let first = out.entry(song.track).or_insert(song.added);
        *first = song.added.min(*first);
    }
    out
}

/// A complete generation that another one is to replace.
pub(super) struct Previous {
    pub generation: Generation,
    pub latents: Latents,
    /// Its encoder's reference; empty when that encoder is not known any more: the library alone is the measure then.
    pub reference: Arc<Reference>,
}

/// What a store knew.
pub(super) struct Loaded {
    pub files: Files,
    pub latents: Latents,
    pub previous: Option<Previous>,
    pub sounds: HashMap<TrackId, SoundRecord>,
}

/// Reads everything.
pub(super) fn load(store: &Store, generation: &Generation) -> Result<Loaded, StoreError> {
    // Half of it is about files, half about tracks.
    let of_tracks = || -> Result<_, StoreError> {
        let known = latents(store, generation)?;
        let previous = match store.current()? {
            Some(current) if &current != generation => {
                let old = latents(store, &current)?;
                let reference = Arc::new(Reference::unknown(old.means.iter()));
                Some(Previous { generation: current, latents: old, reference })
            }
            _ => None,
        };
        let mut sounds = HashMap::new();
        // One that this jukebox cannot read is made anew, as one that is missing.
        store.sounds(&mut |track, bytes| sounds.extend(SoundRecord::from_bytes(bytes).map(|r| (track, r))))?;
        Ok((known, previous, sounds))
    };
    std::thread::scope(|scope| {
        let tracks = scope.spawn(of_tracks);
        let mut files = Files::default();
        store.files(&mut |path, record| drop(files.insert(path, record)))?;
        let lost = |_| Err(StoreError::Damaged("reading it failed in a way it should not".into()));
        let (latents, previous, sounds) = tracks.join().unwrap_or_else(lost)?;
        Ok(Loaded { files, latents, previous, sounds })
    })
}

/// The latents of a generation.
pub(super) fn latents(store: &Store, generation: &Generation) -> Result<Latents, StoreError> {
    let mut latents = Latents::default();
    store.latents(generation, &mut |track, record| latents.insert(track, &record))?;
    latents.means.shrink_to_fit();
    latents.spreads.shrink_to_fit();
    Ok(latents)
}

/// Latents by track, close together: a table with room for growth holds numbers, not vectors. The spread over the
/// segments is kept at a quarter of the memory.
#[derive(Default)]
pub(super) struct Latents {
    places: HashMap<TrackId, u32>,
    means: Vec<Latent>,
    spreads: Vec<Spread>,
    tags: HashMap<u32, Box<[u8]>>,
}

impl Latents {
    pub fn get(&self, track: TrackId) -> Option<&Latent> {
        self.places.get(&track).and_then(|place| self.means.get(*place as usize))
    }

    pub fn spread(&self, track: TrackId) -> Option<Spread> {
        self.places.get(&track).and_then(|place| self.spreads.get(*place as usize)).copied()
    }

    /// What the tag head says of a track, as `latent::tags` writes it.
    pub fn tags(&self, track: TrackId) -> Option<&[u8]> {
        self.places.get(&track).and_then(|place| self.tags.get(place)).map(|row| &**row)
    }

    pub fn insert(&mut self, track: TrackId, record: &LatentRecord) {
        let place = *self.places.entry(track).or_insert(self.means.len() as u32) as usize;
        let spread = Spread::of(&record.spread, record.segments);
        match record.tags.is_empty() {
            true => drop(self.tags.remove(&(place as u32))),
            false => drop(self.tags.insert(place as u32, tags::encode(&record.tags))),
        }
        match (self.means.get_mut(place), self.spreads.get_mut(place)) {
            (Some(known), Some(wide)) => (*known, *wide) = (record.mean, spread),
            _ => {
                self.means.push(record.mean);
                self.spreads.push(spread);
            }
        }
    }

    /// Hands a track's latent on to another identity of it, unless that has one.
    pub fn rename(&mut self, from: TrackId, to: TrackId) {
        if let Some(place) = self.places.remove(&from) {
            self.places.entry(to).or_insert(place);
        }
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }
}
