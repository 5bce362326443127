//! The library's records in memory, backed by the store: every change goes to both, in batches.

mod files;
mod heirs;
mod latents;
mod load;
mod sounds;

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::files::Files;
use self::heirs::{Claims, Named, waits};
use self::latents::Latents;
use self::load::{Loaded, Previous, added, load, rows};
use self::sounds::Sounds;
use super::sounds::SoundRecord;
use crate::latent::{Latent, Reference, Space};
use crate::library::scan::Known;
use crate::library::{Catalog, scan};
use crate::sound::{Descriptors, Loudness, descriptors};
use crate::store::{FileRecord, Generation, LatentRecord, Opened, Outcome, Store, StoreError};
use crate::track::{FileFault, TrackId};

/// How long the record of a vanished file is kept, in seconds: an unplugged disk is not a deleted collection.
pub const TOMBSTONE: u64 = 30 * 24 * 3600;
/// Number of records written at once.
const BATCH: usize = 500;

/// The records of one installation.
pub struct Shelf {
    /// `None` only while the store is being reopened, and after reopening failed.
    store: Option<Store>,
    files: Files,
    /// When each track was first seen; made when it is asked for, i.e. when files were added or changed.
    added: OnceCell<BTreeMap<TrackId, u64>>,
    /// Mean latents of the generation being built, that of the model in use.
    latents: Latents,
    /// The previous generation, served until the new one is complete.
    previous: Option<Previous>,
    generation: Generation,
    /// Descriptors and loudness, shared by all generations.
    sounds: Sounds,
    changed_files: HashSet<Arc<Path>>,
    /// Complete records, until they are written.
    changed_latents: HashMap<TrackId, LatentRecord>,
    changed_sounds: HashSet<TrackId>,
    /// Which track inherits the data stored under a former identity.
    claims: Claims,
    /// Identities renamed in memory but not yet written; and those not yet reported to the caller.
    renamed: Vec<(TrackId, TrackId)>,
    handed_on: Vec<(TrackId, TrackId)>,
}

impl Shelf {
    /// Opens the store and reads everything. The notes report repairs.
    ///
    /// # Errors
    /// When another process holds the store, or it can be neither opened nor set aside.
    pub fn open(dir: &Path, generation: Generation) -> Result<(Shelf, Vec<String>), StoreError> {
        let Opened { mut store, mut notes } = Store::open(dir)?;
        let loaded = match load(&store, &generation) {
            Ok(loaded) => loaded,
            // Damage found only while reading: set the store aside and start empty; its contents can be rebuilt.
            Err(StoreError::Damaged(why)) => {
                let reopened = store.set_aside_and_reopen(&why)?;
                notes.extend(reopened.notes);
                store = reopened.store;
                load(&store, &generation)?
            }
            Err(e) => return Err(e),
        };
        let Loaded { files, latents, previous, sounds } = loaded;
        let mut shelf = Shelf {
            store: Some(store),
            added: OnceCell::new(),
            files,
            latents,
            previous,
            generation,
            sounds,
            changed_files: HashSet::new(),
            changed_latents: HashMap::new(),
            changed_sounds: HashSet::new(),
            claims: Claims::default(),
            renamed: Vec::new(),
            handed_on: Vec::new(),
        };
        shelf.draw_up_claims();
        Ok((shelf, notes))
    }

    /// Collects all claims to former identities and applies those that are certain, so that an interrupted upgrade
    /// loses nothing.
    fn draw_up_claims(&mut self) {
        self.claims = Claims::of(self.files.all_named(), |track| self.knows(track));
        let settled = self.claims.settle_all();
        settled.into_iter().for_each(|(former, track)| self.hand_on(former, track));
    }

    /// Updates the claims after a file's record changed from `before` to `after`.
    fn note_claim(&mut self, before: Option<TrackId>, after: Option<Named>) {
        let mut claims = std::mem::take(&mut self.claims);
        let settled = claims.note(before, after, |track| self.knows(track));
        self.claims = claims;
        settled.into_iter().for_each(|(former, track)| self.hand_on(former, track));
    }

    /// Moves a track's data to its new identity.
    fn hand_on(&mut self, former: TrackId, track: TrackId) {
        self.latents.rename(former, track);
        if let Some(previous) = &mut self.previous {
            previous.latents.rename(former, track);
        }
        self.sounds.rename(former, track);
        if let Some(latent) = self.changed_latents.remove(&former) {
            self.changed_latents.entry(track).or_insert(latent);
        }
        if self.changed_sounds.remove(&former) {
            self.changed_sounds.insert(track);
        }
        self.renamed.push((former, track));
        self.handed_on.push((former, track));
    }

    /// Whether latents, descriptors or loudness of a track are stored.
    fn knows(&self, track: TrackId) -> bool {
        let before = self.previous.as_ref().is_some_and(|previous| previous.latents.has(track));
        before || self.heard(track) || self.sounds.has(track)
    }

    /// The (old, new) identities renamed since the last call.
    pub fn take_handed_on(&mut self) -> Vec<(TrackId, TrackId)> {
        std::mem::take(&mut self.handed_on)
    }

    /// The record of a file.
    pub fn file(&self, path: &Path) -> Option<FileRecord> {
        self.files.get(path)
    }

    /// Whether a file's tags could be read but its sound could not.
    pub fn is_unheard(&self, path: &Path) -> bool {
        self.files.is_unheard(path)
    }

    /// The record of a file about which something is out of the ordinary: it cannot be read or heard, or is gone.
    pub fn odd_file(&self, path: &Path) -> Option<FileRecord> {
        self.files.odd(path)
    }

    /// The files under a directory about which something is out of the ordinary, with their records.
    pub fn odd_files_under<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = (&'a Arc<Path>, FileRecord)> {
        self.files.odd_under(root)
    }

    /// What a scan compares a file with.
    pub fn known(&self, path: &Path) -> Option<Known> {
        self.files.known(path)
    }

    /// All files under a directory, with what a scan compares them with.
    pub fn known_under<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = (&'a Arc<Path>, Known)> + Clone {
        self.files.known_under(root)
    }

    /// Whether a file is known and is to be read again, as [`FileRecord::is_outdated`] says.
    pub fn is_outdated(&self, path: &Path, mark: u16) -> bool {
        self.files.is_outdated(path, mark)
    }

    /// When a file, or the track found in it, was first seen; `None` when it is new.
    pub fn added(&self, path: &Path, outcome: &Outcome) -> Option<u64> {
        let track = match outcome {
            // A file that was moved or retagged, or a second copy, does not count as new.
            Outcome::Probed(probe) => {
                let added = self.added.get_or_init(|| added(&self.files));
                return added.get(&probe.track).or_else(|| added.get(&probe.former)).copied();
            }
            Outcome::Failed { .. } => self.files.get(path),
        };
        track.map(|r| r.added)
    }

    /// Stores the record of a file.
    pub fn put_file(&mut self, path: PathBuf, record: FileRecord) {
        if let (Outcome::Probed(probe), Some(added)) = (&record.outcome, self.added.get_mut()) {
            added.entry(probe.track).or_insert(record.added);
        }
        let before = self.files.named(&path).and_then(waits);
        let path = self.files.insert(path, record);
        self.note_claim(before, self.files.named(&path));
        self.changed_files.insert(path);
    }

    /// Marks a file as gone since `since`, or as back with `None`.
    pub fn mark_gone(&mut self, path: &Path, since: Option<u64>) {
        let before = self.files.named(path).and_then(waits);
        if let Some(known) = self.files.note(path, |trouble| trouble.gone_since = since) {
            self.changed_files.insert(known);
            self.note_claim(before, self.files.named(path));
        }
    }

    /// Records that a file whose tags could be read could not be decoded, or not to its end.
    pub fn mark_unheard(&mut self, path: &Path, why: FileFault) {
        self.changed_files.extend(self.files.note(path, |trouble| trouble.listen_fault = Some(why)));
    }

    /// Stores a track's latent.
    pub fn put_latent(&mut self, track: TrackId, record: LatentRecord) {
        self.latents.insert(track, &record);
        self.changed_latents.insert(track, record);
    }

    /// Whether the model in use has a latent of a track.
    pub fn heard(&self, track: TrackId) -> bool {
        self.latents.has(track)
    }

    /// Whether the model in use has no latents at all.
    pub fn heard_nothing(&self) -> bool {
        self.latents.len() == 0
    }

    /// A track's descriptors and loudness.
    pub fn sound(&self, track: TrackId) -> Option<SoundRecord> {
        self.sounds.get(track)
    }

    /// Stores a track's descriptors, computed by the current version.
    pub fn put_sound(&mut self, track: TrackId, sound: Descriptors) {
        self.changed_sounds.insert(track);
        self.sounds.change(track, |record| (record.version, record.sound) = (descriptors::VERSION, sound));
    }

    /// Stores a track's loudness; a record without values means that it cannot be measured.
    pub fn put_loudness(&mut self, track: TrackId, loudness: Loudness) {
        self.changed_sounds.insert(track);
        self.sounds.change(track, |record| record.loudness = Some(loudness));
    }

    /// Whether a track has descriptors of the current version.
    pub fn described(&self, track: TrackId) -> bool {
        self.sounds.get(track).is_some_and(|record| record.described())
    }

    /// The loudness of every track that could be measured.
    pub fn loudness(&self) -> HashMap<TrackId, Loudness> {
        let known =
            |(track, record): (TrackId, SoundRecord)| Some((track, record.loudness.filter(|l| l.lufs.is_some())?));
        self.sounds.records().filter_map(known).collect()
    }

    /// Whether measuring a track's loudness has been tried.
    pub fn measured(&self, track: TrackId) -> bool {
        self.sounds.get(track).is_some_and(|r| r.loudness.is_some())
    }

    /// A track's latent of the model in use: the mean of its segments.
    pub fn latent(&self, track: TrackId) -> Option<Latent> {
        self.latents.get(track)
    }

    /// Removes the records of files that vanished more than [`TOMBSTONE`] ago, and what was kept in memory for the sake of
    /// changed files: the texts of tags that no file has any more, and when tracks were first seen.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_tombstones(&mut self, now: u64) -> Result<(), StoreError> {
        self.files.forget_unused_texts();
        self.added.take();
        let old = self.files.gone(|since| now.saturating_sub(since) > TOMBSTONE);
        if old.is_empty() {
            return Ok(());
        }
        for path in &old {
            self.files.remove(path);
            self.changed_files.remove(path);
        }
        let store = self.store()?;
        store.remove_files(&old)?;
        store.flush()
    }

    /// Writes all changes and syncs them to disk. A store that turns out to be damaged, or in a failed state after an
    /// I/O error, is reopened; the records in memory allow it to be rewritten.
    ///
    /// # Errors
    /// When the store cannot be written; the changes stay pending and are tried again next time.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        if !self.dirty() {
            return Ok(());
        }
        match self.write() {
            Ok(()) => {
                self.changed_files.clear();
                self.changed_latents.clear();
                self.changed_sounds.clear();
                self.renamed.clear();
                Ok(())
            }
            Err(e) => {
                self.mend(&e)?;
                Err(e)
            }
        }
    }

    fn write(&self) -> Result<(), StoreError> {
        // In path order and small batches: sled unpacks a page for every record written to it, and holds what a batch
        // touched until its end.
        let mut paths: Vec<&Path> = self.changed_files.iter().map(AsRef::as_ref).collect();
        paths.sort_unstable_by(|a, b| scan::order(a, b));
        let sounds: Vec<_> =
            self.changed_sounds.iter().filter_map(|t| Some((*t, self.sounds.get(*t)?.to_bytes()?))).collect();
        let store = self.store()?;
        for some in self.renamed.chunks(BATCH) {
            store.rename_tracks(some)?;
        }
        for some in paths.chunks(BATCH) {
            let records: Vec<_> = some.iter().filter_map(|path| Some((*path, self.files.get(path)?))).collect();
            store.put_files(records.iter().map(|(path, record)| (*path, record)))?;
        }
        let latents: Vec<_> = self.changed_latents.iter().map(|(track, record)| (*track, record.clone())).collect();
        store.put_latents(&self.generation, &latents)?;
        store.put_sounds(&sounds)?;
        store.flush()
    }

    /// Reopens the store after an error.
    fn mend(&mut self, error: &StoreError) -> Result<(), StoreError> {
        let Some(store) = self.store.take() else { return Ok(()) };
        let opened = match error {
            StoreError::Damaged(why) => {
                // The new store is empty, so everything is written again. Only the means of latents are in memory: they
                // stay in use, and the next start embeds the tracks again from the image cache.
                self.changed_files = self.files.paths().cloned().collect();
                self.changed_sounds = self.sounds.tracks().collect();
                store.set_aside_and_reopen(why)?
            }
            StoreError::Io(_) => store.reopen()?,
            StoreError::Held { .. } | StoreError::Value(_) => {
                self.store = Some(store);
                return Ok(());
            }
        };
        self.store = Some(opened.store);
        Ok(())
    }

    /// Reopens the store to free what sled caches after everything was read: for a hundred thousand files as much as
    /// all their tags.
    ///
    /// # Errors
    /// When it cannot be reopened; the records stay in memory, but nothing can be written.
    pub fn slim(&mut self) -> Result<(), StoreError> {
        let Some(store) = self.store.take() else { return Ok(()) };
        self.store = Some(store.reopen()?.store);
        Ok(())
    }

    fn store(&self) -> Result<&Store, StoreError> {
        self.store.as_ref().ok_or_else(|| StoreError::Damaged("it could not be opened again".into()))
    }

    /// Whether there are unwritten changes.
    pub fn dirty(&self) -> bool {
        let tracks = self.changed_latents.is_empty() && self.changed_sounds.is_empty() && self.renamed.is_empty();
        !(self.changed_files.is_empty() && tracks)
    }

    /// Switches to another encoder's generation: its stored latents are loaded, and the previous generation is served
    /// until the new one is complete. Everything must have been written before ([`Shelf::flush`]). `reference` is that
    /// of the previous encoder.
    ///
    /// # Errors
    /// When the store cannot be read or pending changes cannot be written; nothing has changed then.
    pub fn change_generation(&mut self, to: Generation, reference: Arc<Reference>) -> Result<(), StoreError> {
        if to == self.generation {
            return Ok(());
        }
        self.flush()?;
        let stored = Latents::of(rows(self.store()?, &to)?);
        let latents = std::mem::replace(&mut self.latents, stored);
        let generation = std::mem::replace(&mut self.generation, to);
        let own = Previous { generation, latents, reference };
        // A second switch before the first was complete: keep serving the generation with more tracks.
        let served = match self.previous.take() {
            Some(previous) if previous.latents.len() > own.latents.len() => previous,
            _ => own,
        };
        self.previous = (served.generation != self.generation).then_some(served);
        self.draw_up_claims();
        Ok(())
    }

    /// Whether a switch from another generation is still in progress.
    pub fn is_changing(&self) -> bool {
        self.previous.is_some()
    }

    /// Whether [`Shelf::space`] uses the previous generation, i.e. while it covers more of the catalog's tracks.
    pub fn serves_previous(&self, catalog: &Catalog) -> bool {
        self.served_previous(catalog).is_some()
    }

    fn served_previous(&self, catalog: &Catalog) -> Option<&Previous> {
        let of = |latents: &Latents| catalog.tracks().filter(|t| latents.has(*t)).count();
        self.previous.as_ref().filter(|p| of(&p.latents) > of(&self.latents))
    }

    /// Called once every decodable track has been embedded: makes this generation the current one. Returns whether it
    /// replaces another one.
    ///
    /// # Errors
    /// When the store cannot be written. The switch in memory is made regardless.
    pub fn complete_generation(&mut self) -> Result<bool, StoreError> {
        let replaced = self.previous.take().is_some();
        let store = self.store()?;
        if store.current()?.as_ref() != Some(&self.generation) {
            let before = store.current()?;
            store.set_current(&self.generation)?;
            // Keep the one before, so that going back costs only the tracks added since; drop older ones.
            for old in store.generations() {
                if old != self.generation && Some(&old) != before.as_ref() {
                    store.drop_generation(&old)?;
                }
            }
            store.flush()?;
        }
        Ok(replaced)
    }

    /// The playable songs under a directory.
    pub fn catalog(&self, root: &Path) -> Catalog {
        Catalog::new(self.files.playable(root).cloned().collect())
    }

    /// Makes one table of all latents, which spaces made later share.
    pub fn settle(&mut self) {
        self.latents.settle();
        if let Some(previous) = &mut self.previous {
            previous.latents.settle();
        }
    }

    /// The latent space of a catalog's tracks, with the named dimensions that are known. Uses the previous generation
    /// while that one covers more tracks, otherwise the one of the model in use.
    pub fn space(&self, catalog: &Catalog, reference: &Arc<Reference>) -> Space {
        let (name, latents, reference) = match self.served_previous(catalog) {
            Some(Previous { generation, latents, reference }) => (generation, latents, reference),
            None => (&self.generation, &self.latents, reference),
        };
        let values = |track| self.sounds.get(track).map(|record| record.values());
        Space::of(name.to_string(), reference, &latents.of_catalog(catalog)).with_named(values)
    }

    /// How many tracks of a catalog have a latent of the model in use.
    pub fn heard_of(&self, catalog: &Catalog) -> usize {
        catalog.tracks().filter(|t| self.heard(*t)).count()
    }

    /// How many tracks of a catalog have descriptors, and for how many measuring the loudness was tried.
    pub fn sounds_of(&self, catalog: &Catalog) -> (usize, usize) {
        let count = |has: &dyn Fn(TrackId) -> bool| catalog.tracks().filter(|t| has(*t)).count();
        (count(&|t| self.described(t)), count(&|t| self.measured(t)))
    }
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
