//! Descriptors and loudness in memory, packed: of 100,000 tracks 8 MB instead of 18.

use std::collections::BTreeMap;

use crate::analysis::sounds::SoundRecord;
use crate::sound::{Descriptors, Key, Loudness, Tempo};
use crate::track::TrackId;

/// Sound records by track. A tree, because one that is made of sorted tracks, as they lie in the store, has no room to
/// spare, where a hash table has up to half.
#[derive(Default)]
pub(super) struct Sounds(BTreeMap<TrackId, Packed>);

impl Sounds {
    /// The sounds of tracks.
    pub fn of(records: impl Iterator<Item = (TrackId, SoundRecord)>) -> Sounds {
        Sounds(records.map(|(track, record)| (track, Packed::of(&record))).collect())
    }

    /// A track's record.
    pub fn get(&self, track: TrackId) -> Option<SoundRecord> {
        self.0.get(&track).map(Packed::record)
    }

    /// Whether there is one.
    pub fn has(&self, track: TrackId) -> bool {
        self.0.contains_key(&track)
    }

    /// Changes a track's record, which is made if there is none.
    pub fn change(&mut self, track: TrackId, change: impl FnOnce(&mut SoundRecord)) {
        let mut record = self.get(track).unwrap_or_default();
        change(&mut record);
        self.0.insert(track, Packed::of(&record));
    }

    /// Hands a track's record on to another identity of it, unless that has one.
    pub fn rename(&mut self, from: TrackId, to: TrackId) {
        if let Some(packed) = self.0.remove(&from) {
            self.0.entry(to).or_insert(packed);
        }
    }

    /// Every track.
    pub fn tracks(&self) -> impl Iterator<Item = TrackId> {
        self.0.keys().copied()
    }

    /// Every record.
    pub fn records(&self) -> impl Iterator<Item = (TrackId, SoundRecord)> {
        self.0.iter().map(|(track, packed)| (*track, packed.record()))
    }
}

/// A [`SoundRecord`] whose missing numbers are NaN.
#[derive(Clone, Copy)]
struct Packed {
    /// Loudness, range and peak; tempo and its confidence; the key's confidence; then the descriptors from the mode on.
    numbers: [f32; 15],
    version: u8,
    tonic: u8,
    /// [`MEASURED`], [`KEYED`], [`MINOR`].
    flags: u8,
}

const MEASURED: u8 = 1;
const KEYED: u8 = 2;
const MINOR: u8 = 4;

impl Packed {
    fn of(record: &SoundRecord) -> Packed {
        let SoundRecord { version, loudness, sound } = *record;
        let Descriptors { tempo, key, mode, brightness, noisiness, bass, dynamics, .. } = sound;
        let Descriptors { percussiveness, onsets, danceability, energy, .. } = sound;
        let Loudness { lufs, range, peak } = loudness.unwrap_or_default();
        let (bpm, steady) = (tempo.map(|t| t.bpm), tempo.map(|t| t.confidence));
        let numbers = [lufs, range, peak, bpm, steady, key.map(|k| k.confidence), mode, brightness, noisiness, bass]
            .into_iter()
            .chain([dynamics, percussiveness, onsets, danceability, energy]);
        let mut packed = [f32::NAN; 15];
        packed.iter_mut().zip(numbers).for_each(|(slot, number)| *slot = number.unwrap_or(f32::NAN));
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let minor = key.is_some_and(|k| k.minor);
        let flags = flag(loudness.is_some(), MEASURED) | flag(key.is_some(), KEYED) | flag(minor, MINOR);
        Packed { numbers: packed, version, tonic: key.map_or(0, |k| k.tonic), flags }
    }

    fn record(&self) -> SoundRecord {
        let [lufs, range, peak, bpm, steady, clear, mode, brightness, noisiness, bass, ..] = self.numbers;
        let [.., dynamics, percussiveness, onsets, danceability, energy] = self.numbers;
        let known = |number: f32| Some(number).filter(|n| !n.is_nan());
        let has = |flag: u8| self.flags & flag != 0;
        let loudness = Loudness { lufs: known(lufs), range: known(range), peak: known(peak) };
        let key = Key { tonic: self.tonic, minor: has(MINOR), confidence: clear };
        let sound = Descriptors {
            tempo: known(bpm).map(|bpm| Tempo { bpm, confidence: steady }),
            key: has(KEYED).then_some(key),
            mode: known(mode),
            brightness: known(brightness),
            noisiness: known(noisiness),
            bass: known(bass),
            dynamics: known(dynamics),
            percussiveness: known(percussiveness),
            onsets: known(onsets),
            danceability: known(danceability),
            energy: known(energy),
        };
        SoundRecord { version: self.version, loudness: has(MEASURED).then_some(loudness), sound }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records with every number missing in turn.
    fn records() -> Vec<SoundRecord> {
        let mut number = 0.0;
        let mut next = || {
            number += 0.5;
            Some(number)
        };
        let sound = Descriptors {
            tempo: Some(Tempo { bpm: 121.5, confidence: 0.75 }),
            key: Some(Key { tonic: 11, minor: true, confidence: 0.25 }),
            mode: next(),
            brightness: next(),
            noisiness: next(),
            bass: next(),
            dynamics: next(),
            percussiveness: next(),
            onsets: next(),
            danceability: next(),
            energy: next(),
        };
        let loudness = Loudness { lufs: Some(-14.5), range: Some(7.0), peak: Some(0.25) };
        let whole = SoundRecord { version: 3, loudness: Some(loudness), sound };
        let of = |sound| SoundRecord { sound, ..whole };
        vec![
            whole,
            SoundRecord::default(),
            SoundRecord { loudness: None, ..whole },
            SoundRecord { loudness: Some(Loudness::default()), ..whole },
            SoundRecord { loudness: Some(Loudness { range: None, ..loudness }), ..whole },
            of(Descriptors { tempo: None, ..sound }),
            of(Descriptors { key: None, ..sound }),
            of(Descriptors { key: Some(Key { tonic: 0, minor: false, confidence: 1.0 }), ..sound }),
            of(Descriptors { mode: None, energy: None, ..sound }),
            of(Descriptors { bass: None, dynamics: None, ..sound }),
        ]
    }

    #[test]
    fn a_record_is_unpacked_as_it_was() {
        let records = records();
        let id = |n: usize| TrackId([n as u8; 16]);
        let mut sounds = Sounds::of(records.iter().enumerate().map(|(n, record)| (id(n), *record)));
        for (n, record) in records.iter().enumerate() {
            assert_eq!(sounds.get(id(n)).as_ref(), Some(record), "{n}");
        }
        assert_eq!(sounds.records().map(|(_, record)| record).collect::<Vec<_>>(), records);
        sounds.rename(id(0), id(1));
        assert_eq!((sounds.has(id(0)), sounds.get(id(1))), (false, Some(SoundRecord::default())), "it had one");
        sounds.rename(id(2), id(0));
        assert_eq!(sounds.get(id(0)), Some(records[2]));
        sounds.change(id(99), |record| record.version = 7);
        assert_eq!(sounds.get(id(99)), Some(SoundRecord { version: 7, ..SoundRecord::default() }));
        assert_eq!(sounds.tracks().count(), records.len());
    }

    #[test]
    fn a_record_takes_little_memory() {
        assert!(size_of::<Packed>() <= 64, "{}", size_of::<Packed>());
    }
}
