//! What is known of the library, in memory, with the store behind it: every change goes to both, in batches.

mod heirs;
mod load;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::heirs::{Claims, waits};
use self::load::{Latents, Loaded, Previous, added, latents, load};
use super::sounds::SoundRecord;
use crate::latent::{Latent, Reference, Space};
use crate::library::{Catalog, Song, scan};
use crate::sound::{Descriptors, Loudness, descriptors};
use crate::store::{FileRecord, Generation, LatentRecord, Opened, Outcome, Store, StoreError};
use crate::track::{FileFault, TrackId};

/// How long a file that vanished is remembered, in seconds: an unplugged disk is not a deleted collection.
pub const TOMBSTONE: u64 = 30 * 24 * 3600;
/// Files written at once.
const BATCH: usize = 500;

/// The records of one installation.
pub struct Shelf {
    /// `None` only while it is being opened again, and after that failed.
    store: Option<Store>,
    files: HashMap<Arc<Path>, FileRecord>,
    /// When each track was seen first.
    added: HashMap<TrackId, u64>,
    /// What is searched of the generation being built (the model in use): the means.
    latents: Latents,
    /// The generation before, served until the new one is complete.
    previous: Option<Previous>,
    generation: Generation,
    /// Descriptors and loudness, the same for every generation.
    sounds: HashMap<TrackId, SoundRecord>,
    changed_files: HashSet<Arc<Path>>,
    /// Whole, until they are written.
    changed_latents: HashMap<TrackId, LatentRecord>,
    changed_sounds: HashSet<TrackId>,
    /// Who is to have what is known under former identities.
    claims: Claims,
    /// What was handed on from one identity to another: in memory, to be written; and not yet told.
    renamed: Vec<(TrackId, TrackId)>,
    handed_on: Vec<(TrackId, TrackId)>,
}

impl Shelf {
    /// Opens the store and reads everything. The notes say what had to be repaired.
    ///
    /// # Errors
    /// When another process holds the store, or it cannot be opened nor set aside.
    pub fn open(dir: &Path, generation: Generation) -> Result<(Shelf, Vec<String>), StoreError> {
        let Opened { mut store, mut notes } = Store::open(dir)?;
        let loaded = match load(&store, &generation) {
            Ok(loaded) => loaded,
            // Damage that only reading finds: set aside, begin anew; everything in here can be made again.
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
            added: added(&files),
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

    /// Draws up all claims to former identities, and hands on what is certain: an end in the middle of an upgrade costs
    /// nothing.
    fn draw_up_claims(&mut self) {
        self.claims = Claims::of(self.files.values(), |track| self.knows(track));
        let settled = self.claims.settle_all();
        settled.into_iter().for_each(|(former, track)| self.hand_on(former, track));
    }

    /// Takes note of what a file was and is.
    fn note_claim(&mut self, before: Option<TrackId>, after: Option<&FileRecord>) {
        let mut claims = std::mem::take(&mut self.claims);
        let settled = claims.note(before, after, |track| self.knows(track));
        self.claims = claims;
        settled.into_iter().for_each(|(former, track)| self.hand_on(former, track));
    }

    /// What is known of a track goes on to another identity of it.
    fn hand_on(&mut self, former: TrackId, track: TrackId) {
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

    /// Whether anything is known of a track's sound.
    fn knows(&self, track: TrackId) -> bool {
        let before = self.previous.as_ref().is_some_and(|previous| previous.latents.get(track).is_some());
        before || self.heard(track) || self.sounds.contains_key(&track)
    }

    /// What was handed on since this was asked last: from which identity, to which.
    pub fn take_handed_on(&mut self) -> Vec<(TrackId, TrackId)> {
        std::mem::take(&mut self.handed_on)
    }

    /// What is known of a file.
    pub fn file(&self, path: &Path) -> Option<&FileRecord> {
        self.files.get(path)
    }

    /// Every file under a directory, with what is known of it.
    pub fn files_under<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = (&'a Arc<Path>, &'a FileRecord)> + Clone {
        self.files.iter().filter(move |(path, _)| scan::is_under(path, root))
    }

    /// When a file, or the track that was found in it, was seen first; none when it is new.
    pub fn added(&self, path: &Path, outcome: &Outcome) -> Option<u64> {
        let track = match outcome {
            // A file that was moved or retagged, or comes a second time, is no new music.
            Outcome::Probed(probe) => {
                return self.added.get(&probe.track).or_else(|| self.added.get(&probe.former)).copied();
            }
            Outcome::Failed { .. } => self.files.get(path),
        };
        track.map(|r| r.added)
    }

    /// Notes what is known of a file.
    pub fn put_file(&mut self, path: PathBuf, record: FileRecord) {
        if let Outcome::Probed(probe) = &record.outcome {
            self.added.entry(probe.track).or_insert(record.added);
        }
        let before = self.files.get(&*path).and_then(waits);
        let path = self.files.get_key_value(&*path).map_or_else(|| path.into(), |(known, _)| known.clone());
        self.changed_files.insert(path.clone());
        self.note_claim(before, Some(&record));
        self.files.insert(path, record);
    }

    /// Notes that a file is gone (or, with `None`, back).
    pub fn mark_gone(&mut self, path: &Path, since: Option<u64>) {
        let before = self.files.get(path).and_then(waits);
        if let Some(record) = self.files.get_mut(path) {
            record.gone_since = since;
            self.changed_files.insert(path.into());
            let record = record.clone();
            self.note_claim(before, Some(&record));
        }
    }

    /// Notes what is wrong with a file that could be looked at: it could not be listened to, or not to its end.
    pub fn mark_unheard(&mut self, path: &Path, why: FileFault) {
        if let Some(record) = self.files.get_mut(path) {
            record.listen_fault = Some(why);
            self.changed_files.insert(path.into());
        }
    }

    /// Notes a track's latent.
    pub fn put_latent(&mut self, track: TrackId, record: LatentRecord) {
        self.latents.insert(track, &record);
        self.changed_latents.insert(track, record);
    }

    /// Whether the model in use has heard a track.
    pub fn heard(&self, track: TrackId) -> bool {
        self.latents.get(track).is_some()
    }

    /// Whether the model in use has heard nothing at all.
    pub fn heard_nothing(&self) -> bool {
        self.latents.len() == 0
    }

    /// What is known of a track's sound beside its latents.
    pub fn sound(&self, track: TrackId) -> Option<SoundRecord> {
        self.sounds.get(&track).copied()
    }

    /// Notes a track's descriptors, of this version.
    pub fn put_sound(&mut self, track: TrackId, sound: Descriptors) {
        self.changed_sounds.insert(track);
        let record = self.sounds.entry(track).or_default();
        (record.version, record.sound) = (descriptors::VERSION, sound);
    }

    /// Notes a track's loudness; one without values when it cannot be measured.
    pub fn put_loudness(&mut self, track: TrackId, loudness: Loudness) {
        self.changed_sounds.insert(track);
        self.sounds.entry(track).or_default().loudness = Some(loudness);
    }

    /// Whether a track has descriptors of this version.
    pub fn described(&self, track: TrackId) -> bool {
        self.sounds.get(&track).is_some_and(SoundRecord::described)
    }

    /// The loudness of every track that could be measured.
    pub fn loudness(&self) -> HashMap<TrackId, Loudness> {
        let known =
            |(track, record): (&TrackId, &SoundRecord)| Some((*track, record.loudness.filter(|l| l.lufs.is_some())?));
        self.sounds.iter().filter_map(known).collect()
    }

    /// Whether a track's loudness has been measured, or tried to be.
    pub fn measured(&self, track: TrackId) -> bool {
        self.sounds.get(&track).is_some_and(|r| r.loudness.is_some())
    }

    /// What the model in use heard in a track: the mean of its segments.
    pub fn latent(&self, track: TrackId) -> Option<&Latent> {
        self.latents.get(track)
    }

    /// Forgets files that vanished long ago.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_tombstones(&mut self, now: u64) -> Result<(), StoreError> {
        let old: Vec<Arc<Path>> = self
            .files
            .iter()
            .filter(|(_, r)| r.gone_since.is_some_and(|since| now.saturating_sub(since) > TOMBSTONE))
            .map(|(path, _)| path.clone())
            .collect();
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

    /// Writes what changed and waits until it is on the disk. A store that turns out to be damaged, or stuck on an
    /// error of the disk, is opened anew; the memory has everything that it needs.
    ///
    /// # Errors
    /// When the store cannot be written; what changed stays noted and is tried again next time.
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
        // Neighbours together, a few at a time: sled takes a page apart for every record that goes into it, and keeps what
        // a batch touched until its end.
        let mut paths: Vec<&Path> = self.changed_files.iter().map(AsRef::as_ref).collect();
        paths.sort_unstable_by(|a, b| scan::order(a, b));
        let sounds: Vec<_> = self
            .changed_sounds
            .iter()
            .filter_map(|t| self.sounds.get(t).and_then(SoundRecord::to_bytes).map(|bytes| (*t, bytes)))
            .collect();
        let store = self.store()?;
        for some in self.renamed.chunks(BATCH) {
            store.rename_tracks(some)?;
        }
        for some in paths.chunks(BATCH) {
            store.put_files(some.iter().filter_map(|path| Some((*path, self.files.get(*path)?))))?;
        }
        let latents: Vec<_> = self.changed_latents.iter().map(|(track, record)| (*track, record.clone())).collect();
        store.put_latents(&self.generation, &latents)?;
        store.put_sounds(&sounds)?;
        store.flush()
    }

    /// Opens the store anew after an error.
    fn mend(&mut self, error: &StoreError) -> Result<(), StoreError> {
        let Some(store) = self.store.take() else { return Ok(()) };
        let opened = match error {
            StoreError::Damaged(why) => {
                // An empty store takes its place: everything is to be written again. Of latents only the means are at
                // hand: they serve on, and the next start hears the tracks again, from the cache.
                self.changed_files = self.files.keys().cloned().collect();
                self.changed_sounds = self.sounds.keys().copied().collect();
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

    /// Lets go of what the store keeps in memory after everything was read out of it: of a hundred thousand files that is
    /// as much as all their tags.
    ///
    /// # Errors
    /// When it cannot be opened again; what is known stays known, and nothing can be written.
    pub fn slim(&mut self) -> Result<(), StoreError> {
        let Some(store) = self.store.take() else { return Ok(()) };
        self.store = Some(store.reopen()?.store);
        Ok(())
    }

    fn store(&self) -> Result<&Store, StoreError> {
        self.store.as_ref().ok_or_else(|| StoreError::Damaged("it could not be opened again".into()))
    }

    /// Whether something is not written yet.
    pub fn dirty(&self) -> bool {
        let tracks = self.changed_latents.is_empty() && self.changed_sounds.is_empty() && self.renamed.is_empty();
        !(self.changed_files.is_empty() && tracks)
    }

    /// Goes over to another encoder's generation: what the store has of it is read, the one so far is served until the
    /// new one is complete. Everything must have been written before ([`Shelf::flush`]). `reference` is the one of the
    /// encoder so far.
    ///
    /// # Errors
    /// When the store cannot be read, or something is not written yet; nothing has changed then.
    pub fn change_generation(&mut self, to: Generation, reference: Arc<Reference>) -> Result<(), StoreError> {
        if to == self.generation {
            return Ok(());
        }
        self.flush()?;
        let stored = latents(self.store()?, &to)?;
        let latents = std::mem::replace(&mut self.latents, stored);
        let generation = std::mem::replace(&mut self.generation, to);
        let own = Previous { generation, latents, reference };
        // A change in the middle of a change: the last one that was complete goes on.
        let served = match self.previous.take() {
            Some(previous) if previous.latents.len() > own.latents.len() => previous,
            _ => own,
        };
        self.previous = (served.generation != self.generation).then_some(served);
        self.draw_up_claims();
        Ok(())
    }

    /// Whether another encoder's generation is waiting to be replaced by this one's.
    pub fn is_changing(&self) -> bool {
        self.previous.is_some()
    }

    /// Whether that other generation is what [`Shelf::space`] gives: while it knows more of the catalog's tracks.
    pub fn serves_previous(&self, catalog: &Catalog) -> bool {
        self.served_previous(catalog).is_some()
    }

    fn served_previous(&self, catalog: &Catalog) -> Option<&Previous> {
        let of = |latents: &Latents| catalog.tracks().filter(|t| latents.get(*t).is_some()).count();
        self.previous.as_ref().filter(|p| of(&p.latents) > of(&self.latents))
    }

    /// Once every track that can be heard has been: this generation is the current one from now on. Says whether it takes
    /// another one's place.
    ///
    /// # Errors
    /// When the store cannot be written. In memory the change is made.
    pub fn complete_generation(&mut self) -> Result<bool, StoreError> {
        let replaced = self.previous.take().is_some();
        let store = self.store()?;
        if store.current()?.as_ref() != Some(&self.generation) {
            let before = store.current()?;
            store.set_current(&self.generation)?;
            // The one before stays, so that going back costs only what was added since; older ones go.
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
        let song = |(path, record): (&Arc<Path>, &FileRecord)| match &record.outcome {
            Outcome::Probed(probe) if record.gone_since.is_none() => {
                Some(Arc::new(Song::new(path.clone(), probe, record.added)))
            }
            _ => None,
        };
        Catalog::new(self.files_under(root).filter_map(song).collect())
    }

    /// The latent space of a catalog's tracks, with their named dimensions as far as they are known: the generation that
    /// is complete, or the one being built when there is no other.
    pub fn space(&self, catalog: &Catalog, reference: &Arc<Reference>) -> Space {
        let (name, latents, reference) = match self.served_previous(catalog) {
            Some(Previous { generation, latents, reference }) => (generation, latents, reference),
            None => (&self.generation, &self.latents, reference),
        };
        let tracks = catalog.tracks().filter_map(|t| latents.get(t).map(|mean| (t, *mean))).collect();
        let values = |track| self.sounds.get(&track).map(SoundRecord::values);
        let spread = |track| latents.spread(track);
        Space::build(name.to_string(), reference.clone(), tracks)
            .with_spread(spread)
            .with_named(values)
            .with_tags(|track| latents.tags(track))
    }

    /// How many tracks of a catalog the model in use has heard.
    pub fn heard_of(&self, catalog: &Catalog) -> usize {
        catalog.tracks().filter(|t| self.heard(*t)).count()
    }

    /// How many tracks of a catalog have descriptors, and how many have a loudness.
    pub fn sounds_of(&self, catalog: &Catalog) -> (usize, usize) {
        let count = |has: &dyn Fn(TrackId) -> bool| catalog.tracks().filter(|t| has(*t)).count();
        (count(&|t| self.described(t)), count(&|t| self.measured(t)))
    }
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
