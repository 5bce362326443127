//! What is stored about a track's sound besides its latents: the descriptors of its middle segment and the loudness of
//! the whole track. It is independent of the encoder.

use serde::{Deserialize, Serialize};

use crate::latent::named::{self, NamedValues};
use crate::sound::descriptors::VERSION;
use crate::sound::{Descriptors, Loudness};

/// One track's sound. Stored as postcard, with the fields in this order: descriptors of another version may have
/// another layout, so the fields that survive a version change come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SoundRecord {
    /// The version of the descriptors ([`VERSION`]); another version counts as absent, 0 means none.
    pub version: u8,
    /// The loudness; `None` until measured, without values if it could not be measured.
    pub loudness: Option<Loudness>,
    /// The descriptors; all missing if absent.
    pub sound: Descriptors,
}

impl SoundRecord {
    /// Whether there are descriptors of the current version.
    pub fn described(&self) -> bool {
        self.version == VERSION
    }

    /// The values in the named dimensions.
    pub fn values(&self) -> NamedValues {
        named::values(&self.sound, self.loudness.as_ref())
    }

    /// Serializes the record. `None` would be an error of the format, which the types above never cause.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }

    /// Deserializes a record. Descriptors of another version are dropped and the loudness is kept; `None` for invalid
    /// bytes.
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
        // Descriptors of another version may have any length.
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
