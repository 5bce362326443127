//! What is kept of a track's sound beside its latents: the descriptors of its middle and the loudness of the whole. It
//! belongs to the track, whatever encoder listens.

use serde::{Deserialize, Serialize};

use crate::latent::named::{self, NamedValues};
use crate::sound::descriptors::VERSION;
use crate::sound::{Descriptors, Loudness};

/// One track's sound. In the store as postcard, the fields in this order: descriptors of another version may have
/// another shape, so what outlives them comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SoundRecord {
    /// The version of the descriptors ([`VERSION`]); another one counts as absent, 0 is none at all.
    pub version: u8,
    /// The loudness; `None` until it has been measured, without values when it could not be.
    pub loudness: Option<Loudness>,
    /// The descriptors, all missing when they are absent.
    pub sound: Descriptors,
}

impl SoundRecord {
    /// Whether there are descriptors of this version.
    pub fn described(&self) -> bool {
        self.version == VERSION
    }

    /// The values in the named dimensions.
    pub fn values(&self) -> NamedValues {
        named::values(&self.sound, self.loudness.as_ref())
    }

    /// The record as bytes; `None` never happens to the types above but would be an error of the format.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }

    /// The record in bytes. Descriptors of another version are left out and the loudness kept; `None` for bytes that
    /// are no record.
    pub fn from_bytes(bytes: &[u8]) -> Option<SoundRecord> {
        let ((version, loudness), rest) = postcard::take_from_bytes::<(u8, Option<Loudness>)>(bytes).ok()?;
        if version != VERSION {
            return Some(SoundRecord { version: 0, loudness, sound: Descriptors::default() });
        }
        let (sound, rest) = postcard::take_from_bytes::<Descriptors>(rest).ok()?;
        rest.is_empty().then_some(SoundRecord { version, loudness, sound })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::{Key, Tempo};

    fn record() -> SoundRecord {
        SoundRecord {
            version: VERSION,
            loudness: Some(Loudness { lufs: Some(-14.5), range: None, peak: Some(0.25) }),
            sound: Descriptors {
                tempo: Some(Tempo { bpm: 121.5, confidence: 0.75 }),
                key: Some(Key { tonic: 9, minor: true, confidence: 0.5 }),
                energy: Some(0.5),
                ..Descriptors::default()
            },
        }
    }

    #[test]
    fn a_record_survives_its_bytes() {
        for record in [record(), SoundRecord { loudness: None, ..record() }, SoundRecord::default()] {
            assert_eq!(SoundRecord::from_bytes(&record.to_bytes().unwrap()), Some(record));
        }
        assert!(record().described() && !SoundRecord::default().described());
        assert_eq!(record().values()[10..12], [0.5, -14.5]);
    }

    #[test]
    fn another_version_keeps_its_loudness_alone() {
        let mut bytes = record().to_bytes().unwrap();
        bytes[0] = VERSION + 1;
        // Whatever the descriptors look like there.
        bytes.truncate(bytes.len() - 3);
        let read = SoundRecord::from_bytes(&bytes).unwrap();
        assert!(!read.described());
        assert_eq!((read.loudness, read.sound), (record().loudness, Descriptors::default()));
    }

    #[test]
    fn rubbish_is_no_record_and_no_panic() {
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..20_000 {
            let mut bytes = vec![0u8; random.usize(..80)];
            random.fill(&mut bytes);
            if let Some(record) = SoundRecord::from_bytes(&bytes) {
                assert_eq!(record.values().len(), named::NAMED.len());
            }
        }
        let whole = record().to_bytes().unwrap();
        for cut in 0..whole.len() {
            assert_eq!(SoundRecord::from_bytes(&whole[..cut]), None, "cut at {cut}");
        }
        assert_eq!(SoundRecord::from_bytes(&[&whole[..], &[0]].concat()), None);
    }
}
