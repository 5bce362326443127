//! Conversion between records and stored bytes.

use super::older;
use super::record::{DIMS, FileRecord, LatentRecord, Outcome};
use super::sealed::{ValueError, seal, unseal, whole};

/// Maximum number of genre scores, and of tags, in a record.
const MAX_GENRES: usize = 4096;
const FILE_VERSION: u8 = 4;
const LATENT_VERSION: u8 = 2;
/// As version 2, but without tags and their count.
const UNTAGGED_VERSION: u8 = 1;

impl FileRecord {
    /// Serializes the record: version, postcard, CRC-32.
    ///
    /// # Errors
    /// [`ValueError::NotFinite`] for a duration that is not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ValueError> {
        self.check()?;
        let body = postcard::to_stdvec(self).map_err(|_| ValueError::Shape)?;
        let mut bytes = Vec::with_capacity(body.len() + 5);
        bytes.push(FILE_VERSION);
        bytes.extend_from_slice(&body);
        Ok(seal(bytes))
    }

    /// Deserializes a record. Records of earlier versions are accepted, so that nothing has to be analysed again;
    /// [`FileRecord::is_outdated`] reports that their files must be probed again.
    ///
    /// # Errors
    /// When the bytes are not exactly one record of this or an earlier version.
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

    fn check(&self) -> Result<(), ValueError> {
        match &self.outcome {
            Outcome::Probed(probe) if !probe.secs.is_finite() => Err(ValueError::NotFinite),
            _ => Ok(()),
        }
    }
}

impl LatentRecord {
    /// Serializes the record, little-endian: version u8, segments u8, dimensions u16, number of genres u16, number of
    /// tags u16; the mean, the spread and the genres as f32; the tags as u8 (b means (b / 255)²); CRC-32. 268 bytes
    /// without genres and tags.
    ///
    /// # Errors
    /// [`ValueError::NotFinite`] for a number that is not finite, [`ValueError::Shape`] for over 4096 genres or tags.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ValueError> {
        self.check()?;
        if self.genres.len().max(self.tags.len()) > MAX_GENRES {
            return Err(ValueError::Shape);
        }
        let mut bytes = Vec::with_capacity(12 + 4 * (2 * DIMS + self.genres.len()) + self.tags.len());
        bytes.extend_from_slice(&[LATENT_VERSION, self.segments]);
        bytes.extend_from_slice(&(DIMS as u16).to_le_bytes());
        bytes.extend_from_slice(&(self.genres.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&(self.tags.len() as u16).to_le_bytes());
        for value in self.mean.iter().chain(&self.spread).chain(&self.genres) {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend(self.tags.iter().map(|tag| (tag.clamp(0.0, 1.0).sqrt() * 255.0).round() as u8));
        Ok(seal(bytes))
    }

    /// Deserializes a record. A record of the previous version has no tags.
    ///
    /// # Errors
    /// When the bytes are not exactly one record of this version or the previous one, or contain a non-finite number.
    pub fn from_bytes(bytes: &[u8]) -> Result<LatentRecord, ValueError> {
        let (body, tagged) = match unseal(bytes, LATENT_VERSION) {
            Err(ValueError::Version(UNTAGGED_VERSION)) => (unseal(bytes, UNTAGGED_VERSION)?, false),
            body => (body?, true),
        };
        let (&[segments, d0, d1, g0, g1], rest) = body.split_first_chunk::<5>().ok_or(ValueError::Shape)?;
        let (dims, genres) = (u16::from_le_bytes([d0, d1]), u16::from_le_bytes([g0, g1]) as usize);
        let (tags, rest) = match tagged {
            true => rest.split_first_chunk::<2>().ok_or(ValueError::Shape)?,
            false => (&[0, 0], rest),
        };
        let (tags, floats) = (usize::from(u16::from_le_bytes(*tags)), 4 * (2 * DIMS + genres));
        if dims as usize != DIMS || rest.len() != floats + tags {
            return Err(ValueError::Shape);
        }
        let (floats, tags) = rest.split_at(floats);
        let mut values = floats.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
        let mut record =
            LatentRecord { mean: [0.0; DIMS], spread: [0.0; DIMS], segments, genres: Vec::new(), tags: Vec::new() };
        for slot in record.mean.iter_mut().chain(&mut record.spread) {
            *slot = values.next().ok_or(ValueError::Shape)?;
        }
        record.genres = values.collect();
        record.tags = tags.iter().map(|b| (f32::from(*b) / 255.0).powi(2)).collect();
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), ValueError> {
        let finite = self.mean.iter().chain(&self.spread).chain(&self.genres).chain(&self.tags).all(|v| v.is_finite());
        if finite { Ok(()) } else { Err(ValueError::NotFinite) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::sealed::{seal_opaque, unseal_opaque};
    use super::*;
    use crate::track::{Probe, Stat, TAGS_VERSION, Tags, TrackId};

    pub(in crate::store) fn file(n: u8) -> FileRecord {
        let tags = Tags { title: Some(format!("Title {n}").into()), genres: ["Dub".into()].into(), ..Tags::default() };
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
        let tags = (0..usize::from(n) % 7).map(|t| (t as f32 * 40.0 / 255.0).powi(2)).collect();
        LatentRecord { mean, spread: [0.25; DIMS], segments: 3, genres: vec![0.1; usize::from(n) % 9], tags }
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
        assert_eq!(latent(0).to_bytes().unwrap().len(), 8 + 64 * 4 + 4);
    }

    #[test]
    fn tags_are_kept_in_a_byte_each_and_records_without_them_are_read() {
        let tags: Vec<f32> = (0..=1000u16).map(|t| f32::from(t) / 1000.0).collect();
        let kept =
            LatentRecord::from_bytes(&LatentRecord { tags: tags.clone(), ..latent(8) }.to_bytes().unwrap()).unwrap();
        for (kept, tag) in kept.tags.iter().zip(&tags) {
            assert!((kept - tag).abs() <= tag.sqrt() / 255.0 + 4e-6, "{tag} became {kept}");
        }
        assert_eq!((kept.tags.len(), kept.tags[0], kept.tags[1000]), (1001, 0.0, 1.0));
        // As written by the previous version.
        let record = LatentRecord { tags: Vec::new(), ..latent(8) };
        let mut bytes = record.to_bytes().unwrap();
        bytes.truncate(bytes.len() - 4);
        bytes.drain(6..8);
        bytes[0] = 1;
        assert_eq!(LatentRecord::from_bytes(&seal(bytes.clone())), Ok(record));
        bytes.push(0);
        assert_eq!(LatentRecord::from_bytes(&seal(bytes)), Err(ValueError::Shape));
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
            bytes.insert(0, random.u8(1..=2));
            // Must not panic. Random bytes may form a valid file record, but not a latent record.
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
        let end = bytes.len() - 4 - latent(1).tags.len();
        bytes[end - 4..end].copy_from_slice(&f32::INFINITY.to_le_bytes());
        bytes.truncate(bytes.len() - 4);
        assert_eq!(LatentRecord::from_bytes(&seal(bytes)), Err(ValueError::NotFinite));
    }
}
