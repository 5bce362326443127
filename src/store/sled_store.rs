//! The store itself: four kinds of trees in one sled database.

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

/// An opened store and what the user should know about how that went; no notes when all was well.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Plain sentences, for the status bar and `doctor`.
    pub notes: Vec<String>,
}

/// The store. One thread owns and writes it: sled 0.34 can deadlock where writers and readers meet. While nobody writes,
/// two may read. Dropping it writes everything out.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    // The trees close before the lock goes: fields drop in this order.
    trees: Trees,
    lock: Lock,
}

impl Store {
    /// Opens the store in a directory, creating it (0700) and its parents. What is damaged is mended or set aside as
    /// `<dir>.corrupt-<unix>` (the newest one is kept), and the notes say so.
    ///
    /// # Errors
    /// [`StoreError::Held`] when another process has it, [`StoreError::Io`] when the disk will not have it.
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

    /// Closes and opens again, keeping the lock: the way on after [`StoreError::Io`].
    ///
    /// # Errors
    /// As [`Store::open`]; the lock is then free.
    pub fn reopen(self) -> Result<Opened, StoreError> {
        let Store { dir, trees, lock } = self;
        close(trees);
        Store::open_locked(dir, lock, Vec::new())
    }

    /// The answer to [`StoreError::Damaged`]: sets the data aside and starts empty, keeping the lock. `why` goes into
    /// the note.
    ///
    /// # Errors
    /// As [`Store::open`]; the lock is then free.
    pub fn set_aside_and_reopen(self, why: &str) -> Result<Opened, StoreError> {
        let Store { dir, trees, lock } = self;
        close(trees);
        let mut notes = Vec::new();
        open::set_aside(&dir, why, &mut notes)?;
        Store::open_locked(dir, lock, notes)
    }

    /// Hands over every file record, in byte order of the paths.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when one cannot be read.
    pub fn files(&self, take: &mut dyn FnMut(PathBuf, FileRecord)) -> Result<(), StoreError> {
        guarded(|| {
            for entry in &self.trees.files {
                let (key, value) = entry?;
                let record = FileRecord::from_bytes(&value).map_err(|e| damaged("a file record", &e))?;
                take(PathBuf::from(OsStr::from_bytes(&key)), record);
            }
            Ok(())
        })
    }

    /// Writes file records, all or none.
    ///
    /// # Errors
    /// [`StoreError::Value`] before anything is written, or the store's own.
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

    /// Forgets files, all or none; paths that are not known are no error.
    ///
    /// # Errors
    /// The store's own.
    pub fn remove_files(&self, paths: &[impl AsRef<Path>]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for path in paths {
            batch.remove(path.as_ref().as_os_str().as_bytes());
        }
        guarded(|| Ok(self.trees.files.apply_batch(batch)?))
    }

    /// Hands over every latent of a generation, by track; none of one that was never written.
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
            // Opening a tree creates it; asking must not.
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

    /// Writes latents into a generation, all or none; the generation begins with its first.
    ///
    /// # Errors
    /// [`StoreError::Value`] before anything is written, or the store's own.
    pub fn put_latents(&self, generation: &Generation, records: &[(TrackId, LatentRecord)]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (id, record) in records {
            batch.insert(&id.0, record.to_bytes().map_err(StoreError::Value)?);
        }
        guarded(|| Ok(self.trees.db.open_tree(tree_name(generation))?.apply_batch(batch)?))
    }

    /// Hands over what is kept of every track's sound beside its latents, by track: bytes whose meaning the owner knows.
    /// They belong to the track, not to a generation.
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

    /// Writes what [`Store::sounds`] gives back, all or none.
    ///
    /// # Errors
    /// [`StoreError::Value`] for over 4096 bytes of a track, before anything is written, or the store's own.
    pub fn put_sounds(&self, records: &[(TrackId, Vec<u8>)]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (id, bytes) in records {
            batch.insert(&id.0, seal_opaque(bytes).map_err(StoreError::Value)?);
        }
        guarded(|| Ok(self.trees.sounds.apply_batch(batch)?))
    }

    /// Hands on what is kept of tracks to other identities of them, in every generation; what those have themselves stays.
    /// The former ones are forgotten.
    ///
    /// # Errors
    /// The store's own.
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

    /// The generations that were written, in the order of their names.
    pub fn generations(&self) -> Vec<Generation> {
        let mut names: Vec<Generation> = self.trees.db.tree_names().iter().filter_map(generation_of).collect();
        names.sort();
        names
    }

    /// The generation that everybody uses, if one was chosen.
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

    /// Chooses the generation that everybody uses, durably: everything written before is on disk before the choice.
    ///
    /// # Errors
    /// The store's own.
    pub fn set_current(&self, generation: &Generation) -> Result<(), StoreError> {
        self.flush()?;
        guarded(|| Ok(self.trees.meta.insert(CURRENT_KEY, generation.as_str()).map(|_| ())?))?;
        self.flush()
    }

    /// Forgets a generation and gives its room back. Dropping the current one also unchooses it.
    ///
    /// # Errors
    /// The store's own.
    pub fn drop_generation(&self, generation: &Generation) -> Result<(), StoreError> {
        if self.current()?.as_ref() == Some(generation) {
            guarded(|| Ok(self.trees.meta.remove(CURRENT_KEY).map(|_| ())?))?;
        }
        guarded(|| Ok(self.trees.db.drop_tree(tree_name(generation)).map(|_| ())?))
    }

    /// Waits until everything written is on disk. Nothing else does: sled's own timer is off, and what is not flushed may be
    /// lost with the process.
    ///
    /// # Errors
    /// The store's own; a full disk shows here.
    pub fn flush(&self) -> Result<(), StoreError> {
        guarded(|| Ok(self.trees.db.flush().map(|_| ())?))
    }

    /// Bytes that the store takes on disk, for `doctor`.
    ///
    /// # Errors
    /// The store's own.
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
