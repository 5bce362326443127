//! Reading a store into memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::Files;
use super::latents::{Latents, row};
use super::sounds::Sounds;
use crate::analysis::sounds::SoundRecord;
use crate::latent::Reference;
use crate::latent::table::Row;
use crate::store::{Generation, Store, StoreError};
use crate::track::TrackId;

/// When each track was seen first.
pub(super) fn added(files: &Files) -> BTreeMap<TrackId, u64> {
    let mut all: Vec<(TrackId, u64)> = files.songs().map(|song| (song.track, song.added)).collect();
    all.sort_unstable();
    all.dedup_by_key(|(track, _)| *track);
    all.into_iter().collect()
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
    pub sounds: Sounds,
}

/// Reads everything.
pub(super) fn load(store: &Store, generation: &Generation) -> Result<Loaded, StoreError> {
    // Half of it is about files, half about tracks.
    let of_tracks = || -> Result<_, StoreError> {
        let known = Latents::of(rows(store, generation)?);
        let previous = match store.current()? {
            Some(current) if &current != generation => {
                let old = rows(store, &current)?;
                let reference = Arc::new(Reference::unknown(old.iter().map(|row| &row.mean)));
                Some(Previous { generation: current, latents: Latents::of(old), reference })
            }
            _ => None,
        };
        let mut sounds = Vec::new();
        // One that this jukebox cannot read is made anew, as one that is missing.
        store.sounds(&mut |track, bytes| sounds.extend(SoundRecord::from_bytes(bytes).map(|r| (track, r))))?;
        Ok((known, previous, Sounds::of(sounds.into_iter())))
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
pub(super) fn rows(store: &Store, generation: &Generation) -> Result<Vec<Row>, StoreError> {
    let mut all = Vec::new();
    store.latents(generation, &mut |track, record| all.push(row(track, &record)))?;
    Ok(all)
}
