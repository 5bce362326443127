//! Reading a store into memory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

use crossbeam_channel::Sender;

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

/// Number of file records that are handed from one thread to another at once.
const BATCH: usize = 256;
/// How many such batches may wait.
const WAITING: usize = 4;

/// Reads everything. The store is read on threads that keep nothing: what sled allocates there is freed when the store is
/// opened again, and would leave holes between the records, of which the allocator can give only a part back.
pub(super) fn load(store: &Store, generation: &Generation) -> Result<Loaded, StoreError> {
    let of_tracks = || -> Result<_, StoreError> {
        let known = rows(store, generation)?;
        let previous = match store.current()? {
            Some(current) if &current != generation => Some((rows(store, &current)?, current)),
            _ => None,
        };
        let mut sounds = Vec::new();
        // One that this jukebox cannot read is made anew, as one that is missing.
        store.sounds(&mut |track, bytes| sounds.extend(SoundRecord::from_bytes(bytes).map(|r| (track, r))))?;
        Ok((known, previous, sounds))
    };
    std::thread::scope(|scope| {
        let tracks = scope.spawn(of_tracks);
        let (sender, stored) = crossbeam_channel::bounded(WAITING);
        let reading = scope.spawn(move || read_files(store, &sender));
        let mut files = Files::default();
        for (path, record) in stored.into_iter().flatten() {
            files.insert(OsString::from_vec(path).into(), Store::file_record(&record)?);
        }
        let lost = |_| StoreError::Damaged("reading it failed in a way it should not".into());
        reading.join().map_err(lost)??;
        let (known, previous, sounds) = tracks.join().map_err(lost)??;
        let previous = previous.map(|(old, generation)| {
            let reference = Arc::new(Reference::unknown(old.iter().map(|row| &row.mean)));
            Previous { generation, latents: Latents::of(old), reference }
        });
        Ok(Loaded { files, latents: Latents::of(known), previous, sounds: Sounds::of(sounds.into_iter()) })
    })
}

/// Sends path and record of every file as they are stored.
fn read_files(store: &Store, sender: &Sender<Vec<(Vec<u8>, Vec<u8>)>>) -> Result<(), StoreError> {
    // Whoever takes no more of them has found an error itself.
    let unwanted = |_| StoreError::Damaged("reading it was given up".into());
    let mut batch = Vec::with_capacity(BATCH);
    store.stored_files(&mut |path, record| {
        batch.push((path.to_vec(), record.to_vec()));
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            sender.send(full).map_err(unwanted)?;
        }
        Ok(())
    })?;
    sender.send(batch).map_err(unwanted)
}

/// The latents of a generation.
pub(super) fn rows(store: &Store, generation: &Generation) -> Result<Vec<Row>, StoreError> {
    let mut all = Vec::new();
    store.latents(generation, &mut |track, record| all.push(row(track, &record)))?;
    Ok(all)
}
