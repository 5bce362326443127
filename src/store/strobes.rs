//! The strobe cache: the 4-bit strobe images of each track's segments, so that training and re-embedding never decode
//! audio again (docs/design.md, "What must hold on disk"). One append-only file that may be deleted at any time.
//!
//! Everything in it begins at a multiple of 64 bytes. The file begins with 64 bytes that name the format; each record
//! is 64 bytes of header (magic, track id, number of segments, CRC-32 of the segments, CRC-32 of the header,
//! little-endian, zeros) and the segments, 8192 bytes each. A damaged header costs what lies before the next good one,
//! damaged segments cost their record, a torn end is cut off. The latest record of a track counts; the room of the earlier
//! ones comes back by [`StrobeCache::compact`].

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::private;
use crate::files;
use crate::track::TrackId;

mod compact;

/// Bytes of one segment's strobe image: 128 × 128 pixels of 4 bits, two in a byte.
pub const SEGMENT: usize = 8192;
/// The most segments a track may have.
pub const MAX_SEGMENTS: usize = 64;

const HEADER: usize = 64;
const FILE_MAGIC: [u8; 16] = *b"jukebox strobe 1";
const RECORD_MAGIC: [u8; 8] = *b"STROBES\n";
/// What is read at once while looking for the next good header.
const BLOCK: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Header {
    track: TrackId,
    segments: u16,
    sum: u32,
}

impl Header {
    fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&RECORD_MAGIC);
        bytes[8..24].copy_from_slice(&self.track.0);
        bytes[24..26].copy_from_slice(&self.segments.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.sum.to_le_bytes());
        let sum = crc32fast::hash(&bytes[..32]);
        bytes[32..36].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Header> {
        let bytes: &[u8; HEADER] = bytes.try_into().ok()?;
        let header = Header {
            track: TrackId(bytes[8..24].try_into().ok()?),
            segments: u16::from_le_bytes(bytes[24..26].try_into().ok()?),
            sum: u32::from_le_bytes(bytes[28..32].try_into().ok()?),
        };
        // Whatever is not exactly what would be written is no header: magic, checksum, zeros.
        let possible = (1..=MAX_SEGMENTS).contains(&usize::from(header.segments));
        (possible && header.to_bytes() == *bytes).then_some(header)
    }

    fn payload(self) -> usize {
        usize::from(self.segments) * SEGMENT
    }
}

/// The strobe cache, its index in memory. One process writes (the one that owns the store), any number read.
#[derive(Debug)]
pub struct StrobeCache {
    path: PathBuf,
    file: File,
    writable: bool,
    index: Index,
    end: u64,
}

impl StrobeCache {
    /// Opens the cache to read and write, creating it (0600) where there is none. A torn end is cut off; a file of
    /// another format begins anew.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::WouldBlock`] when another process has it open for writing.
    pub fn open(path: &Path) -> io::Result<StrobeCache> {
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            private::dir(parent)?;
        }
        let mut file = lock(path)?;
        if !has_magic(&file)? {
            file.set_len(0)?;
            file.write_all(&file_header())?;
        }
        let (index, end) = scan(&file)?;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        Ok(StrobeCache { path: path.to_owned(), file, writable: true, index, end })
    }

    /// Opens the cache to read what is in it now, changing nothing; may be done while another process writes.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::InvalidData`] for a file that is no strobe cache.
    pub fn open_read(path: &Path) -> io::Result<StrobeCache> {
        let (file, _) = files::open(path)?;
        if !has_magic(&file)? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a strobe cache"));
        }
        let (index, end) = scan(&file)?;
        Ok(StrobeCache { path: path.to_owned(), file, writable: false, index, end })
    }

    /// The segments of a track, or none when it is not there or its record is damaged.
    ///
    /// # Errors
    /// The system's.
    pub fn get(&self, track: TrackId) -> io::Result<Option<Vec<[u8; SEGMENT]>>> {
        let Some(&(at, header)) = self.index.get(&track) else { return Ok(None) };
        let mut segments = vec![[0u8; SEGMENT]; usize::from(header.segments)];
        let bytes = segments.as_flattened_mut();
        match self.file.read_exact_at(bytes, at + HEADER as u64) {
            Ok(()) => {}
            // Cut off by someone since it was scanned.
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(e),
        }
        Ok((crc32fast::hash(bytes) == header.sum).then_some(segments))
    }

    /// Appends the segments of a track; they replace its earlier ones. Not synced: losing the end costs nothing but
    /// work.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for no or over [`MAX_SEGMENTS`] segments or a cache opened to read; the
    /// system's, after which the cache is as it was before.
    pub fn put(&mut self, track: TrackId, segments: &[[u8; SEGMENT]]) -> io::Result<()> {
        if !self.writable || segments.is_empty() || segments.len() > MAX_SEGMENTS {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the strobe cache takes 1 to 64 segments"));
        }
        let payload = segments.as_flattened();
        let header = Header { track, segments: segments.len() as u16, sum: crc32fast::hash(payload) };
        let mut record = Vec::with_capacity(HEADER + payload.len());
        record.extend_from_slice(&header.to_bytes());
        record.extend_from_slice(payload);
        if let Err(e) = self.file.write_all(&record) {
            // A full disk leaves half a record: the next one must not come behind it.
            self.file.set_len(self.end)?;
            self.file.seek(SeekFrom::Start(self.end))?;
            return Err(e);
        }
        self.index.insert(track, (self.end, header));
        self.end += record.len() as u64;
        Ok(())
    }

    /// Hands the segments of a track on to another identity of it, in their place in the file; unless that has its own.
    ///
    /// # Errors
    /// The system's; a header that was torn costs its record.
    pub fn rename(&mut self, from: TrackId, to: TrackId) -> io::Result<()> {
        if !self.writable || self.contains(to) {
            return Ok(());
        }
        let Some(&(at, header)) = self.index.get(&from) else { return Ok(()) };
        let header = Header { track: to, ..header };
        self.file.write_all_at(&header.to_bytes(), at)?;
        self.index.remove(&from);
        self.index.insert(to, (at, header));
        Ok(())
    }

    /// Whether a track is there (its record may still turn out to be damaged).
    pub fn contains(&self, track: TrackId) -> bool {
        self.index.contains_key(&track)
    }

    /// Every track that is there, in the order in which a disk likes to read them.
    pub fn tracks(&self) -> Vec<TrackId> {
        let mut by_place: Vec<(u64, TrackId)> = self.index.iter().map(|(track, &(at, _))| (at, *track)).collect();
        by_place.sort_unstable();
        by_place.into_iter().map(|(_, track)| track).collect()
    }

    /// An image each of at most so many tracks, spread evenly over the cache; what cannot be read is left out.
    pub fn sample(&self, most: usize) -> Vec<[u8; SEGMENT]> {
        let tracks = self.tracks();
        let step = tracks.len().div_ceil(most.max(1)).max(1);
        let first = |track: &TrackId| self.get(*track).ok().flatten()?.first().copied();
        tracks.iter().step_by(step).filter_map(first).collect()
    }

    /// How many tracks are there.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.end
    }
}

/// Opens the file to write and locks it: cutting the end off under another writer would tear its records.
fn lock(path: &Path) -> io::Result<File> {
    loop {
        let (file, _) = files::with(private::options().read(true).write(true).create(true).truncate(false), path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        // Compacting may have put another file in its place after it was opened.
        let (own, named) = (file.metadata()?, std::fs::metadata(path));
        if named.is_ok_and(|n| (n.dev(), n.ino()) == (own.dev(), own.ino())) {
            return Ok(file);
        }
    }
}

/// How the file begins.
fn file_header() -> [u8; HEADER] {
    let mut start = [0; HEADER];
    start[..FILE_MAGIC.len()].copy_from_slice(&FILE_MAGIC);
    start
}

fn has_magic(file: &File) -> io::Result<bool> {
    let mut start = [0; HEADER];
    match file.read_exact_at(&mut start, 0) {
        Ok(()) => Ok(start[..FILE_MAGIC.len()] == FILE_MAGIC),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

/// Track → where its header begins, and the header.
type Index = HashMap<TrackId, (u64, Header)>;

/// The index, and where the last whole record ends.
fn scan(file: &File) -> io::Result<(Index, u64)> {
    let length = file.metadata()?.len();
    let mut index = HashMap::new();
    let (mut at, mut end) = (HEADER as u64, HEADER as u64);
    let mut bytes = [0; HEADER];
    while at + (HEADER as u64) <= length {
        file.read_exact_at(&mut bytes, at)?;
        match Header::from_bytes(&bytes) {
            Some(header) => {
                let next = at + (HEADER + header.payload()) as u64;
                if next > length {
                    // Torn, unless a damaged length points past what follows; headers inside are then still found.
                    at = next_header(file, at + HEADER as u64, length)?;
                    continue;
                }
                index.insert(header.track, (at, header));
                (at, end) = (next, next);
            }
            None => at = next_header(file, at + HEADER as u64, length)?,
        }
    }
    Ok((index, end))
}

/// The next place from `at` on that holds a good header, or `length`.
fn next_header(file: &File, mut at: u64, length: u64) -> io::Result<u64> {
    let mut reader = file;
    let mut block = Vec::new();
    while at < length {
        block.clear();
        reader.seek(SeekFrom::Start(at))?;
        reader.take(BLOCK as u64).read_to_end(&mut block)?;
        let found = block.chunks_exact(HEADER).position(|bytes| Header::from_bytes(bytes).is_some());
        match found {
            Some(i) => return Ok(at + (i * HEADER) as u64),
            None => at += BLOCK as u64,
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    pub(super) fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    pub(super) fn segments(n: u8) -> Vec<[u8; SEGMENT]> {
        (0..1 + n % 3).map(|s| std::array::from_fn(|i| (i as u8).wrapping_mul(n + 1).wrapping_add(s))).collect()
    }

    /// A cache of tracks 0..6, its bytes, and where each record begins.
    fn filled(path: &Path) -> (Vec<u8>, Vec<usize>) {
        let mut cache = StrobeCache::open(path).unwrap();
        let mut starts = Vec::new();
        for n in 0..6 {
            starts.push(cache.bytes() as usize);
            cache.put(id(n), &segments(n)).unwrap();
        }
        drop(cache);
        (fs::read(path).unwrap(), starts)
    }

    pub(super) fn readable(cache: &StrobeCache) -> Vec<u8> {
        let found = (0..=255u8).filter_map(|n| cache.get(id(n)).unwrap().map(|s| (n, s)));
        found.inspect(|(n, s)| assert_eq!(*s, segments(*n), "track {n} came back wrong")).map(|(n, _)| n).collect()
    }

    #[test]
    fn what_goes_in_comes_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cache/strobes.bin");
        filled(&path);
        let mut cache = StrobeCache::open(&path).unwrap();
        assert_eq!(readable(&cache), [0, 1, 2, 3, 4, 5]);
        assert_eq!(cache.tracks(), (0..6).map(id).collect::<Vec<_>>());
        assert_eq!(cache.sample(3), [0, 2, 4].map(|n| segments(n)[0]));
        assert_eq!((cache.sample(100).len(), cache.sample(0).len()), (6, 1));
        assert_eq!(StrobeCache::open(&path).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let mut reader = StrobeCache::open_read(&path).unwrap();
        assert_eq!(reader.put(id(9), &segments(9)).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(cache.put(id(9), &[]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        // The latest record counts.
        cache.put(id(0), &segments(0)).unwrap();
        cache.put(id(7), &segments(7)).unwrap();
        assert_eq!(readable(&cache), [0, 1, 2, 3, 4, 5, 7]);
        assert_eq!((cache.len(), readable(&reader).len()), (7, 6));
    }

    #[test]
    fn segments_are_handed_on_in_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        let (bytes, _) = filled(&path);
        let mut cache = StrobeCache::open(&path).unwrap();
        cache.rename(id(2), id(90)).unwrap();
        cache.rename(id(3), id(4)).unwrap();
        cache.rename(id(50), id(51)).unwrap();
        cache.put(id(6), &segments(6)).unwrap();
        drop(cache);
        let cache = StrobeCache::open(&path).unwrap();
        assert_eq!((cache.get(id(2)).unwrap(), cache.get(id(90)).unwrap()), (None, Some(segments(2))));
        assert_eq!((cache.get(id(3)).unwrap(), cache.get(id(4)).unwrap()), (Some(segments(3)), Some(segments(4))));
        assert!(!cache.contains(id(51)) && cache.contains(id(6)));
        assert!(cache.bytes() > bytes.len() as u64);
    }

    #[test]
    fn a_torn_end_is_cut_off_and_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        let (bytes, starts) = filled(&path);
        let mut random = fastrand::Rng::with_seed(3);
        for round in 0..60 {
            let cut = random.usize(..bytes.len());
            fs::write(&path, &bytes[..cut]).unwrap();
            let mut cache = StrobeCache::open(&path).unwrap();
            let whole = starts.iter().skip(1).filter(|s| **s <= cut).count() as u8;
            assert_eq!(readable(&cache), (0..whole).collect::<Vec<_>>(), "round {round}, cut at {cut}");
            cache.put(id(9), &segments(9)).unwrap();
            drop(cache);
            let cache = StrobeCache::open(&path).unwrap();
            assert_eq!(readable(&cache), (0..whole).chain([9]).collect::<Vec<_>>(), "round {round}");
        }
    }

    #[test]
    fn damage_costs_one_record() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        let (bytes, starts) = filled(&path);
        let mut random = fastrand::Rng::with_seed(4);
        for round in 0..60 {
            let mut damaged = bytes.clone();
            // Every other round hits a header, where most can go wrong.
            let at = match round % 2 {
                0 => starts[random.usize(..6)] + random.usize(..HEADER),
                _ => random.usize(HEADER..bytes.len()),
            };
            damaged[at] ^= 1 << random.u8(..8);
            fs::write(&path, &damaged).unwrap();
            let hit = starts.iter().rposition(|s| *s <= at).unwrap() as u8;
            let left: Vec<u8> = (0..6).filter(|n| *n != hit).collect();
            assert_eq!(readable(&StrobeCache::open(&path).unwrap()), left, "round {round}, flipped {at}");
        }
    }

    #[test]
    fn another_file_begins_anew_but_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        fs::write(&path, vec![7; 100_000]).unwrap();
        assert_eq!(StrobeCache::open_read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut cache = StrobeCache::open(&path).unwrap();
        assert!(cache.is_empty());
        cache.put(id(2), &segments(2)).unwrap();
        assert_eq!((readable(&cache), cache.bytes()), (vec![2], (2 * HEADER + 3 * SEGMENT) as u64));
    }
}
