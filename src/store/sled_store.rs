//! The store: four kinds of trees in one sled database.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sled::{Batch, IVec};

use super::error::StoreError;
use super::generation::Generation;
use super::lock::Lock;
use super::open::{self, lock_path};
use super::private;
use super::record::{FileRecord, LatentRecord};
use super::sealed::{ValueError, seal_opaque, unseal_opaque};
use super::trees::{Trees, close, guarded};
use crate::track::TrackId;

const CURRENT_KEY: &str = "current";
const LATENTS: &str = "latents-";

/// An opened store and notes for the user; no notes when nothing had to be repaired.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Plain sentences, for the status bar and `doctor`.
    pub notes: Vec<String>,
}

/// The store. One thread owns and writes it: sled 0.34 can deadlock when writers and readers meet. Two threads may read
/// while nothing is written. Dropping the store flushes it.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    // Fields drop in this order: the trees must close before the lock is released.
    trees: Trees,
    lock: Lock,
}

/// Takes the path and the record of a file as they are stored.
pub type TakeStored<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

impl Store {
    /// Opens the store in a directory, creating it (mode 0700) and its parents. A damaged store is repaired or set
    /// aside as `<dir>.corrupt-<unix>` (only the newest one is kept), and the notes say so.
    ///
    /// # Errors
    /// [`StoreError::Held`] when another process has it, [`StoreError::Io`] on I/O errors.
    pub fn open(dir: &Path) -> Result<Opened, StoreError> {
        if let Some(parent) = dir.parent().filter(|p| !p.as_os_str().is_empty()) {
            private::dir(parent)?;
        }
        let lock = Lock::take(&lock_path(dir))?;
        Store::open_locked(dir.to_owned(), lock, Vec::new())
    }

    fn open_locked(dir: PathBuf, lock: Lock, mut notes: Vec<String>) -> Result<Opened, StoreError> {
        let trees = open::open(&dir, &mut notes)?;
        Ok(Opened { store: Store { dir, trees, lock }, notes })
    }

    /// Closes and reopens the store, keeping the lock: the recovery from [`StoreError::Io`].
    ///
    /// # Errors
    /// As [`Store::open`]; the lock is then released.
    pub fn reopen(self) -> Result<Opened, StoreError> {
        let Store { dir, trees, lock } = self;
        close(trees);
        Store::open_locked(dir, lock, Vec::new())
    }

    /// The recovery from [`StoreError::Damaged`]: sets the data aside and starts empty, keeping the lock. `why` goes
    /// into the note.
    ///
    /// # Errors
    /// As [`Store::open`]; the lock is then released.
    pub fn set_aside_and_reopen(self, why: &str) -> Result<Opened, StoreError> {
        let Store { dir, trees, lock } = self;
        close(trees);
        let mut notes = Vec::new();
        open::set_aside(&dir, why, &mut notes)?;
        Store::open_locked(dir, lock, notes)
    }

    /// Passes every file record to `take`, in byte order of the paths.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when one cannot be read.
    pub fn files(&self, take: &mut dyn FnMut(PathBuf, FileRecord)) -> Result<(), StoreError> {
        self.stored_files(&mut |path, record| {
            take(PathBuf::from(OsStr::from_bytes(path)), Store::file_record(record)?);
            Ok(())
        })
    }

    /// Passes the path and the record of every file to `take` as they are stored, in byte order of the paths, until it
    /// fails. [`Store::file_record`] decodes a record.
    ///
    /// # Errors
    /// Errors of the store and of `take`.
    pub fn stored_files(&self, take: &mut TakeStored<'_>) -> Result<(), StoreError> {
        guarded(|| {
            for entry in &self.trees.files {
                let (key, value) = entry?;
                take(&key, &value)?;
            }
            Ok(())
        })
    }

    /// Decodes a file record from [`Store::stored_files`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when it cannot be read.
    pub fn file_record(bytes: &[u8]) -> Result<FileRecord, StoreError> {
        FileRecord::from_bytes(bytes).map_err(|e| damaged("a file record", &e))
    }

    /// Writes file records atomically.
    ///
    /// # Errors
    /// [`StoreError::Value`] before anything is written, or an error of the store.
    pub fn put_files<'a>(
        &self,
        records: impl IntoIterator<Item = (&'a Path, &'a FileRecord)>,
    ) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (path, record) in records {
            batch.insert(path.as_os_str().as_bytes(), record.to_bytes().map_err(StoreError::Value)?);
        }
        guarded(|| Ok(self.trees.files.apply_batch(batch)?))
    }

    /// Removes file records atomically; unknown paths are ignored.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn remove_files(&self, paths: &[impl AsRef<Path>]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for path in paths {
            batch.remove(path.as_ref().as_os_str().as_bytes());
        }
        guarded(|| Ok(self.trees.files.apply_batch(batch)?))
    }

    /// Passes every latent of a generation to `take`, ordered by track; nothing when the generation does not exist.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when one cannot be read.
    pub fn latents(
        &self,
        generation: &Generation,
        take: &mut dyn FnMut(TrackId, LatentRecord),
    ) -> Result<(), StoreError> {
        guarded(|| {
            let name = tree_name(generation);
            // `open_tree` would create a missing tree.
            if !self.trees.db.tree_names().iter().any(|n| n.as_ref() == name.as_bytes()) {
                return Ok(());
            }
            for entry in &self.trees.db.open_tree(name)? {
                let (key, value) = entry?;
                let record = LatentRecord::from_bytes(&value).map_err(|e| damaged("a latent", &e))?;
                take(track_id(&key)?, record);
            }
            Ok(())
        })
    }

    /// Writes latents into a generation atomically; the first write creates the generation.
    ///
    /// # Errors
    /// [`StoreError::Value`] before anything is written, or an error of the store.
    pub fn put_latents(&self, generation: &Generation, records: &[(TrackId, LatentRecord)]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (id, record) in records {
            batch.insert(&id.0, record.to_bytes().map_err(StoreError::Value)?);
        }
        guarded(|| Ok(self.trees.db.open_tree(tree_name(generation))?.apply_batch(batch)?))
    }

    /// Passes every track's sound record (descriptors, loudness) to `take` as opaque bytes, ordered by track. These
    /// records belong to the track, not to a generation.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when one cannot be read.
    pub fn sounds(&self, take: &mut dyn FnMut(TrackId, &[u8])) -> Result<(), StoreError> {
        guarded(|| {
            for entry in &self.trees.sounds {
                let (key, value) = entry?;
                let bytes = unseal_opaque(&value).map_err(|e| damaged("a sound record", &e))?;
                take(track_id(&key)?, bytes);
            }
            Ok(())
        })
    }

    /// Writes sound records, as read by [`Store::sounds`], atomically.
    ///
    /// # Errors
    /// [`StoreError::Value`] for more than 4096 bytes per track, before anything is written, or an error of the store.
    pub fn put_sounds(&self, records: &[(TrackId, Vec<u8>)]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (id, bytes) in records {
            batch.insert(&id.0, seal_opaque(bytes).map_err(StoreError::Value)?);
        }
        guarded(|| Ok(self.trees.sounds.apply_batch(batch)?))
    }

    /// Moves the records of tracks to new identities, in every generation, and removes the old ones. Records that
    /// already exist under the new identity are kept.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn rename_tracks(&self, pairs: &[(TrackId, TrackId)]) -> Result<(), StoreError> {
        guarded(|| {
            let generations = self.generations().into_iter().map(|g| self.trees.db.open_tree(tree_name(&g)));
            for tree in generations.chain([Ok(self.trees.sounds.clone())]) {
                let (tree, mut batch) = (tree?, Batch::default());
                for (from, to) in pairs {
                    let Some(value) = tree.get(from.0)? else { continue };
                    batch.remove(&from.0);
                    if !tree.contains_key(to.0)? {
                        batch.insert(&to.0, value);
                    }
                }
                tree.apply_batch(batch)?;
            }
            Ok(())
        })
    }

    /// All stored generations, sorted by name.
    pub fn generations(&self) -> Vec<Generation> {
        let mut names: Vec<Generation> = self.trees.db.tree_names().iter().filter_map(generation_of).collect();
        names.sort();
        names
    }

    /// The current generation, if one was chosen.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when its name cannot be read.
    pub fn current(&self) -> Result<Option<Generation>, StoreError> {
        guarded(|| {
            let Some(name) = self.trees.meta.get(CURRENT_KEY)? else { return Ok(None) };
            let name = std::str::from_utf8(&name).ok().and_then(|n| n.parse().ok());
            Ok(Some(name.ok_or_else(|| damaged("the current generation", &ValueError::Shape))?))
        })
    }

    /// Makes a generation the current one, durably: everything written before is flushed first.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn set_current(&self, generation: &Generation) -> Result<(), StoreError> {
        self.flush()?;
        guarded(|| Ok(self.trees.meta.insert(CURRENT_KEY, generation.as_str()).map(|_| ())?))?;
        self.flush()
    }

    /// Deletes a generation. Deleting the current one also clears the choice.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn drop_generation(&self, generation: &Generation) -> Result<(), StoreError> {
        if self.current()?.as_ref() == Some(generation) {
            guarded(|| Ok(self.trees.meta.remove(CURRENT_KEY).map(|_| ())?))?;
        }
        guarded(|| Ok(self.trees.db.drop_tree(tree_name(generation)).map(|_| ())?))
    }

    /// Syncs all writes to disk. Nothing else does: sled's own timer is off, and unflushed writes may be lost when the
    /// process ends.
    ///
    /// # Errors
    /// Errors of the store; a full disk is reported here.
    pub fn flush(&self) -> Result<(), StoreError> {
        guarded(|| Ok(self.trees.db.flush().map(|_| ())?))
    }

    /// Size of the store on disk in bytes, for `doctor`.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn size_on_disk(&self) -> Result<u64, StoreError> {
        guarded(|| Ok(self.trees.db.size_on_disk()?))
    }
}

fn damaged(what: &str, why: &ValueError) -> StoreError {
    StoreError::Damaged(format!("{what}: {why}"))
}

fn track_id(key: &[u8]) -> Result<TrackId, StoreError> {
    key.try_into().map(TrackId).map_err(|_| damaged("a track id", &ValueError::Shape))
}

fn tree_name(generation: &Generation) -> String {
    format!("{LATENTS}{generation}")
}

fn generation_of(tree: &IVec) -> Option<Generation> {
    std::str::from_utf8(tree).ok()?.strip_prefix(LATENTS)?.parse().ok()
}

#[cfg(test)]
#[path = "sled_store_tests.rs"]
mod tests;
