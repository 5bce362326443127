//! Records and their bytes. Every value begins with a version and ends with a CRC-32, so that bytes which sled hands
//! back by mistake, or which an older jukebox wrote, are an error and never a wrong number.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::older;
use crate::track::{FileFault, Probe, Stat};

/// Dimensions of a latent on disk (floor 2's `latent::DIMS`).
const DIMS: usize = 32;
/// The most genre scores a record keeps.
const MAX_GENRES: usize = 4096;
const FILE_VERSION: u8 = 4;
const LATENT_VERSION: u8 = 1;
const SEALED_VERSION: u8 = 1;
/// The most bytes a sealed value may have.
const MAX_SEALED: usize = 4096;

/// What is known of one file of the library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The stat it had when it was looked at.
    pub stat: Stat,
    /// What the look found.
    pub outcome: Outcome,
    /// Why it could not be listened to (decoded and embedded), if it could not.
    pub listen_fault: Option<FileFault>,
    /// When it, or another file of its track, was seen first, seconds since the Unix epoch.
    pub added: u64,
    /// How its tags were read ([`TagEncoding::mark`](crate::config::TagEncoding::mark)). Postcard writes numbers below 128 as
    /// it did when this was one byte, so that records of then are read as they are.
    pub tags_version: u16,
    /// When it was found missing, seconds since the Unix epoch; a file on an unmounted disk is not forgotten at once.
    pub gone_since: Option<u64>,
}

/// What a first look at a file found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is playable.
    Probed(Probe),
    /// It is not.
    Failed {
        /// Why.
        why: FileFault,
        /// How many workers died or timed out over this stat of it; see `worker::quarantine`.
        strikes: u8,
    },
}

/// One track's latent in one generation.
#[derive(Clone, Debug, PartialEq)]
pub struct LatentRecord {
    /// Mean over the analysed segments.
    pub mean: [f32; DIMS],
    /// Standard deviation over the segments, per dimension.
    pub spread: [f32; DIMS],
    /// How many segments.
    pub segments: u8,
    /// The genre head's scores, one per class of the model, or none.
    pub genres: Vec<f32>,
}

/// Bytes that are not the record they should be, or a record that may not become bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// The checksum does not match.
    Checksum,
    /// Written by another version of the format.
    Version(u8),
    /// Too short, too long or not decodable.
    Shape,
    /// A number that is not finite.
    NotFinite,
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueError::Checksum => write!(f, "wrong checksum"),
            ValueError::Version(v) => write!(f, "unknown version {v}"),
            ValueError::Shape => write!(f, "wrong shape"),
            ValueError::NotFinite => write!(f, "a number is not finite"),
        }
    }
}

impl std::error::Error for ValueError {}

/// Adds the checksum.
fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// Checks and takes off the checksum and the version.
fn unseal(bytes: &[u8], version: u8) -> Result<&[u8], ValueError> {
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or(ValueError::Shape)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err(ValueError::Checksum);
    }
    match body.split_first() {
        Some((&v, rest)) if v == version => Ok(rest),
        Some((&v, _)) => Err(ValueError::Version(v)),
        None => Err(ValueError::Shape),
    }
}

/// Bytes whose meaning a room above knows, as they are stored: version, the bytes, CRC-32.
///
/// # Errors
/// [`ValueError::Shape`] for over 4096 bytes.
pub(super) fn seal_opaque(value: &[u8]) -> Result<Vec<u8>, ValueError> {
    if value.len() > MAX_SEALED {
        return Err(ValueError::Shape);
    }
    let mut bytes = Vec::with_capacity(value.len() + 5);
    bytes.push(SEALED_VERSION);
    bytes.extend_from_slice(value);
    Ok(seal(bytes))
}

/// The bytes that [`seal_opaque`] was given.
///
/// # Errors
/// When these are not exactly one sealed value of this version.
pub(super) fn unseal_opaque(bytes: &[u8]) -> Result<&[u8], ValueError> {
    match unseal(bytes, SEALED_VERSION)? {
        value if value.len() <= MAX_SEALED => Ok(value),
        _ => Err(ValueError::Shape),
    }
}

/// The one value that is exactly these bytes.
pub(super) fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

impl FileRecord {
    /// The record as bytes: version, postcard, CRC-32.
    ///
    /// # Errors
    /// [`ValueError::NotFinite`] for a duration that is no number.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ValueError> {
        self.check()?;
        let body = postcard::to_stdvec(self).map_err(|_| ValueError::Shape)?;
        let mut bytes = Vec::with_capacity(body.len() + 5);
        bytes.push(FILE_VERSION);
        bytes.extend_from_slice(&body);
        Ok(seal(bytes))
    }

    /// The record in bytes. One of an earlier version is understood, so that nothing has to be listened to again;
    /// [`FileRecord::is_outdated`] says that its file is to be looked at anew.
    ///
    /// # Errors
    /// When they are not exactly one record of this version or an earlier one.
    pub fn from_bytes(bytes: &[u8]) -> Result<FileRecord, ValueError> {
        let record = match unseal(bytes, FILE_VERSION) {
            Err(ValueError::Version(version)) if older::is_known(version) => {
                older::file(version, unseal(bytes, version)?).ok_or(ValueError::Shape)?
            }
            body => whole(body?).ok_or(ValueError::Shape)?,
        };
        record.check()?;
        Ok(record)
    }

    /// Whether an older jukebox looked at the file, or its tags were read in another way than `mark` says
    /// ([`TagEncoding::mark`](crate::config::TagEncoding::mark)): tags and identity are to be read again.
    pub fn is_outdated(&self, mark: u16) -> bool {
        let known_before = matches!(&self.outcome, Outcome::Probed(probe) if probe.track.is_former());
        self.tags_version != mark || known_before
    }

    fn check(&self) -> Result<(), ValueError> {
        match &self.outcome {
            Outcome::Probed(probe) if !probe.secs.is_finite() => Err(ValueError::NotFinite),
            _ => Ok(()),
        }
    }
}

impl LatentRecord {
    /// The record as bytes, little-endian: version u8, segments u8, dimensions u16, number of genres u16, the mean, the
    /// spread and the genres as f32, CRC-32. 270 bytes without genres.
    ///
    /// # Errors
    /// [`ValueError::NotFinite`] for a number that is not finite, [`ValueError::Shape`] for over 4096 genres.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ValueError> {
        self.check()?;
        if self.genres.len() > MAX_GENRES {
            return Err(ValueError::Shape);
        }
        let mut bytes = Vec::with_capacity(10 + 4 * (2 * DIMS + self.genres.len()));
        bytes.extend_from_slice(&[LATENT_VERSION, self.segments]);
        bytes.extend_from_slice(&(DIMS as u16).to_le_bytes());
        bytes.extend_from_slice(&(self.genres.len() as u16).to_le_bytes());
        for value in self.mean.iter().chain(&self.spread).chain(&self.genres) {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        Ok(seal(bytes))
    }

    /// The record in bytes.
    ///
    /// # Errors
    /// When they are not exactly one record of this version, or hold a number that is not finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<LatentRecord, ValueError> {
        let body = unseal(bytes, LATENT_VERSION)?;
        let (&[segments, d0, d1, g0, g1], floats) = body.split_first_chunk::<5>().ok_or(ValueError::Shape)?;
        let (dims, genres) = (u16::from_le_bytes([d0, d1]), u16::from_le_bytes([g0, g1]) as usize);
        if dims as usize != DIMS || floats.len() != 4 * (2 * DIMS + genres) {
            return Err(ValueError::Shape);
        }
        let mut values = floats.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
        let mut record = LatentRecord { mean: [0.0; DIMS], spread: [0.0; DIMS], segments, genres: Vec::new() };
        for slot in record.mean.iter_mut().chain(&mut record.spread) {
            *slot = values.next().ok_or(ValueError::Shape)?;
        }
        record.genres = values.collect();
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), ValueError> {
        let finite = self.mean.iter().chain(&self.spread).chain(&self.genres).all(|v| v.is_finite());
        if finite { Ok(()) } else { Err(ValueError::NotFinite) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::track::{TAGS_VERSION, Tags, TrackId};

    pub(in crate::store) fn file(n: u8) -> FileRecord {
        let tags = Tags { title: Some(format!("Title {n}")), genres: vec!["Dub".into()], ..Tags::default() };
        FileRecord {
            stat: Stat { dev: 1, ino: n.into(), size: 77, mtime_ns: -5, ctime_ns: 1 << 60 },
            outcome: Outcome::Probed(Probe {
                track: TrackId([n; 16]),
                former: TrackId([n; 16]),
                secs: 12.5,
                rate: 44_100,
                channels: 2,
                codec: "flac",
                tags: tags.into(),
                tag_fault: None,
            }),
            listen_fault: Some("no".into()),
            added: 99,
            tags_version: TAGS_VERSION,
            gone_since: Some(5),
        }
    }

    #[test]
    fn records_of_earlier_versions_are_understood() {
        let new = file(3);
        for (version, body) in older::bytes_of(&new) {
            let mut bytes = [vec![version], body].concat();
            assert_eq!(FileRecord::from_bytes(&seal(bytes.clone())), Ok(new.clone()));
            bytes.pop();
            assert_eq!(FileRecord::from_bytes(&seal(bytes)), Err(ValueError::Shape));
        }
        let before = |version| FileRecord {
            outcome: Outcome::Probed(Probe { track: TrackId([version; 16]), ..probe(&new) }),
            ..new.clone()
        };
        let mark = TAGS_VERSION;
        assert!(before(TrackId::FORMER).is_outdated(mark) && !before(TrackId::VERSION).is_outdated(mark));
        assert!(before(TrackId::VERSION).is_outdated(mark | 1 << 8), "of another encoding");
        assert!(FileRecord { tags_version: mark - 1, ..before(TrackId::VERSION) }.is_outdated(mark));
    }

    fn probe(record: &FileRecord) -> Probe {
        match &record.outcome {
            Outcome::Probed(probe) => probe.clone(),
            Outcome::Failed { .. } => panic!("not probed"),
        }
    }

    pub(in crate::store) fn latent(n: u8) -> LatentRecord {
        let mean = std::array::from_fn(|i| i as f32 - f32::from(n));
        LatentRecord { mean, spread: [0.25; DIMS], segments: 3, genres: vec![0.1; usize::from(n) % 9] }
    }

    #[test]
    fn records_survive_their_bytes() {
        let failed = FileRecord { outcome: Outcome::Failed { why: "ö".into(), strikes: 2 }, ..file(1) };
        for record in [file(3), failed] {
            assert_eq!(FileRecord::from_bytes(&record.to_bytes().unwrap()), Ok(record));
        }
        for record in [latent(0), latent(8)] {
            assert_eq!(LatentRecord::from_bytes(&record.to_bytes().unwrap()), Ok(record));
        }
        assert_eq!(latent(0).to_bytes().unwrap().len(), 6 + 64 * 4 + 4);
    }

    #[test]
    fn opaque_bytes_survive_their_seal() {
        for value in [&b""[..], b"\0", &[7; MAX_SEALED]] {
            assert_eq!(unseal_opaque(&seal_opaque(value).unwrap()), Ok(value));
        }
        assert_eq!(seal_opaque(&[0; MAX_SEALED + 1]), Err(ValueError::Shape));
        assert_eq!(unseal_opaque(&seal(vec![SEALED_VERSION; MAX_SEALED + 2])), Err(ValueError::Shape));
        assert_eq!(unseal_opaque(&seal(vec![9, 1])), Err(ValueError::Version(9)));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let (file, latent) = (file(3).to_bytes().unwrap(), latent(8).to_bytes().unwrap());
        let sealed = seal_opaque(b"any bytes at all").unwrap();
        for bit in 0..8 * file.len().max(latent.len()) {
            let flip = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                let at = bit / 8 % bytes.len();
                bytes[at] ^= 1 << (bit % 8);
                bytes
            };
            assert!(FileRecord::from_bytes(&flip(&file)).is_err());
            assert!(LatentRecord::from_bytes(&flip(&latent)).is_err());
            assert!(unseal_opaque(&flip(&sealed)).is_err());
        }
        for cut in 0..sealed.len() {
            assert!(unseal_opaque(&sealed[..cut]).is_err());
        }
        for cut in 0..file.len() {
            assert!(FileRecord::from_bytes(&file[..cut]).is_err());
        }
        for cut in 0..latent.len() {
            assert!(LatentRecord::from_bytes(&latent[..cut]).is_err());
        }
    }

    #[test]
    fn bytes_with_a_good_checksum_may_still_be_nonsense() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let mut bytes = vec![0u8; random.usize(..80)];
            random.fill(&mut bytes);
            bytes.insert(0, 1);
            // Must not panic; a record by luck is fine for the file, impossible for the latent.
            let _ = FileRecord::from_bytes(&seal(bytes.clone()));
            assert!(LatentRecord::from_bytes(&seal(bytes)).is_err());
        }
        assert_eq!(LatentRecord::from_bytes(&seal(vec![9])), Err(ValueError::Version(9)));
    }

    #[test]
    fn what_is_not_finite_is_refused_both_ways() {
        let mut bad = latent(1);
        bad.spread[31] = f32::NAN;
        assert_eq!(bad.to_bytes(), Err(ValueError::NotFinite));
        let mut bytes = latent(1).to_bytes().unwrap();
        let end = bytes.len() - 4;
        bytes[end - 4..end].copy_from_slice(&f32::INFINITY.to_le_bytes());
        bytes.truncate(end);
        assert_eq!(LatentRecord::from_bytes(&seal(bytes)), Err(ValueError::NotFinite));
    }
}
