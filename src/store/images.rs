//! An image cache: the packed images of each track's segments, so that training and re-embedding need not decode audio
//! again (docs/design.md, "What must hold on disk"). One append-only file per kind of image, all images in it of the
//! same size; it may be deleted at any time.
//!
//! Everything is aligned to 64 bytes. The file header (64 bytes) holds the format and the image size; each record is a
//! 64-byte header (magic, track id, number of segments, CRC-32 of the segments, CRC-32 of the header, little-endian,
//! zeros) and the segments, padded with zeros. A damaged header loses the data up to the next good header, damaged
//! segments lose their record, and a torn end is cut off. The latest record of a track counts; the space of earlier
//! ones is reclaimed by [`ImageCache::compact`].

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

/// Maximum number of segments per track.
pub const MAX_SEGMENTS: usize = 64;

const HEADER: usize = 64;
const FILE_MAGIC: [u8; 16] = *b"jukebox images 1";
/// Magic of files of strobe images, once the only kind; these do not store the image size.
const STROBE_MAGIC: [u8; 16] = *b"jukebox strobe 1";
const STROBE: usize = 8192;
const RECORD_MAGIC: [u8; 8] = *b"STROBES\n";
/// Bytes read at once while searching for the next good header.
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
        // Accept only exactly what would have been written: magic, checksum, zeros.
        let possible = (1..=MAX_SEGMENTS).contains(&usize::from(header.segments));
        (possible && header.to_bytes() == *bytes).then_some(header)
    }

    /// Size of its images in bytes, `size` each.
    fn payload(self, size: usize) -> usize {
        usize::from(self.segments) * size
    }

    /// Size of the whole record in bytes.
    fn record(self, size: usize) -> usize {
        HEADER + self.payload(size).next_multiple_of(HEADER)
    }
}

/// An image cache with its index in memory. One process (the owner of the store) writes, any number may read.
#[derive(Debug)]
pub struct ImageCache {
    path: PathBuf,
    /// Size of an image in bytes.
    size: usize,
    file: File,
    writable: bool,
    index: Index,
    end: u64,
}

impl Drop for ImageCache {
    /// Releases the lock, which closing the file would keep as long as a child process that is being started holds a copy
    /// of its descriptor.
    fn drop(&mut self) {
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

impl ImageCache {
    /// Opens a cache of images of `size` bytes for reading and writing, creating it (mode 0600) if it is missing. A
    /// torn end is cut off; a file of another format or image size is emptied.
    ///
    /// # Errors
    /// Any I/O error; [`io::ErrorKind::WouldBlock`] when another process has it open for writing.
    pub fn open(path: &Path, size: usize) -> io::Result<ImageCache> {
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            private::dir(parent)?;
        }
        let mut file = lock(path)?;
        if !has_magic(&file, size)? {
            file.set_len(0)?;
            file.write_all(&file_header(size))?;
        }
        let (index, end) = scan(&file, size)?;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        Ok(ImageCache { path: path.to_owned(), size, file, writable: true, index, end })
    }

    /// Opens the current content of the cache read-only; allowed while another process writes.
    ///
    /// # Errors
    /// Any I/O error; [`io::ErrorKind::InvalidData`] for a file that is no cache of images of this size.
    pub fn open_read(path: &Path, size: usize) -> io::Result<ImageCache> {
        let (file, _) = files::open(path)?;
        if !has_magic(&file, size)? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a cache of such images"));
        }
        let (index, end) = scan(&file, size)?;
        Ok(ImageCache { path: path.to_owned(), size, file, writable: false, index, end })
    }

    /// The segments of a track, or `None` when it is not cached or its record is damaged.
    ///
    /// # Errors
    /// Any I/O error.
    pub fn get(&self, track: TrackId) -> io::Result<Option<Vec<Vec<u8>>>> {
        let Some(&(at, header)) = self.index.get(&track) else { return Ok(None) };
        let mut bytes = vec![0; header.payload(self.size)];
        match self.file.read_exact_at(&mut bytes, at + HEADER as u64) {
            Ok(()) => {}
            // Truncated by another process since it was scanned.
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(e),
        }
        let segments = || bytes.chunks_exact(self.size).map(<[u8]>::to_vec).collect();
        Ok((crc32fast::hash(&bytes) == header.sum).then(segments))
    }

    /// Appends the segments of a track, replacing its earlier ones. Not synced: lost records can be made again.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for none or more than [`MAX_SEGMENTS`] segments, a wrong image size, or a
    /// read-only cache; any I/O error, after which the cache is as it was before.
    pub fn put(&mut self, track: TrackId, segments: &[impl AsRef<[u8]>]) -> io::Result<()> {
        let fit = segments.iter().all(|segment| segment.as_ref().len() == self.size);
        if !self.writable || !fit || segments.is_empty() || segments.len() > MAX_SEGMENTS {
            let why = format!("the cache takes 1 to {MAX_SEGMENTS} images of {} bytes", self.size);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let mut record = vec![0; HEADER];
        segments.iter().for_each(|segment| record.extend_from_slice(segment.as_ref()));
        let header = Header { track, segments: segments.len() as u16, sum: crc32fast::hash(&record[HEADER..]) };
        record[..HEADER].copy_from_slice(&header.to_bytes());
        record.resize(header.record(self.size), 0);
        if let Err(e) = self.file.write_all(&record) {
            // A full disk leaves a partial record, which must not precede the next one.
            self.file.set_len(self.end)?;
            self.file.seek(SeekFrom::Start(self.end))?;
            return Err(e);
        }
        self.index.insert(track, (self.end, header));
        self.end += record.len() as u64;
        Ok(())
    }

    /// Moves the record of a track to its new identity, in place, unless that has a record of its own.
    ///
    /// # Errors
    /// Any I/O error; a header torn by it loses its record.
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

    /// Whether a track has a record (which may still turn out to be damaged).
    pub fn contains(&self, track: TrackId) -> bool {
        self.index.contains_key(&track)
    }

    /// All cached tracks, in file order for sequential reading.
    pub fn tracks(&self) -> Vec<TrackId> {
        let mut by_place: Vec<(u64, TrackId)> = self.index.iter().map(|(track, &(at, _))| (at, *track)).collect();
        by_place.sort_unstable();
        by_place.into_iter().map(|(_, track)| track).collect()
    }

    /// One image each of at most `most` tracks, spread evenly over the cache; unreadable ones are left out.
    pub fn sample(&self, most: usize) -> Vec<Vec<u8>> {
        let tracks = self.tracks();
        let step = tracks.len().div_ceil(most.max(1)).max(1);
        let first = |track: &TrackId| self.get(*track).ok().flatten()?.into_iter().next();
        tracks.iter().step_by(step).filter_map(first).collect()
    }

    /// Number of cached tracks.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether the cache is empty.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Size on disk in bytes.
    pub fn bytes(&self) -> u64 {
        self.end
    }
}

/// Opens the file for writing and locks it: truncating it under another writer would tear that one's records.
fn lock(path: &Path) -> io::Result<File> {
    loop {
        let (file, _) = files::with(private::options().read(true).write(true).create(true).truncate(false), path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        // Compaction may have replaced the file after it was opened.
        let (own, named) = (file.metadata()?, std::fs::metadata(path));
        if named.is_ok_and(|n| (n.dev(), n.ino()) == (own.dev(), own.ino())) {
            return Ok(file);
        }
    }
}

/// The file header.
fn file_header(size: usize) -> [u8; HEADER] {
    let mut start = [0; HEADER];
    if size == STROBE {
        start[..16].copy_from_slice(&STROBE_MAGIC);
    } else {
        start[..16].copy_from_slice(&FILE_MAGIC);
        start[16..20].copy_from_slice(&(size as u32).to_le_bytes());
    }
    start
}

fn has_magic(file: &File, size: usize) -> io::Result<bool> {
    let mut start = [0; HEADER];
    match file.read_exact_at(&mut start, 0) {
        Ok(()) => Ok(start[..20] == file_header(size)[..20]),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

/// Offset of the header, and the header, by track.
type Index = HashMap<TrackId, (u64, Header)>;

/// Builds the index; also returns the end of the last complete record.
fn scan(file: &File, size: usize) -> io::Result<(Index, u64)> {
    let length = file.metadata()?.len();
    let mut index = HashMap::new();
    let (mut at, mut end) = (HEADER as u64, HEADER as u64);
    let mut bytes = [0; HEADER];
    while at + (HEADER as u64) <= length {
        file.read_exact_at(&mut bytes, at)?;
        match Header::from_bytes(&bytes) {
            Some(header) => {
                let next = at + header.record(size) as u64;
                if next > length {
                    // Torn, unless a damaged length points too far: headers inside the record are then still found.
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

/// The next offset from `at` on with a good header, or `length`.
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

    pub(super) fn segments(n: u8) -> Vec<Vec<u8>> {
        of_size(n, STROBE)
    }

    fn of_size(n: u8, size: usize) -> Vec<Vec<u8>> {
        let segment = |s| (0..size).map(|i| (i as u8).wrapping_mul(n + 1).wrapping_add(s)).collect();
        (0..1 + n % 3).map(segment).collect()
    }

    /// A cache of tracks 0..6, its bytes, and where each record begins.
    fn filled(path: &Path) -> (Vec<u8>, Vec<usize>) {
        let mut cache = ImageCache::open(path, STROBE).unwrap();
        let mut starts = Vec::new();
        for n in 0..6 {
            starts.push(cache.bytes() as usize);
            cache.put(id(n), &segments(n)).unwrap();
        }
        drop(cache);
        (fs::read(path).unwrap(), starts)
    }

    pub(super) fn readable(cache: &ImageCache) -> Vec<u8> {
        let found = (0..=255u8).filter_map(|n| cache.get(id(n)).unwrap().map(|s| (n, s)));
        found.inspect(|(n, s)| assert_eq!(*s, segments(*n), "track {n} came back wrong")).map(|(n, _)| n).collect()
    }

    #[test]
    fn what_goes_in_comes_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cache/strobes.bin");
        filled(&path);
        let mut cache = ImageCache::open(&path, STROBE).unwrap();
        assert_eq!(readable(&cache), [0, 1, 2, 3, 4, 5]);
        assert_eq!(cache.tracks(), (0..6).map(id).collect::<Vec<_>>());
        assert_eq!(cache.sample(3), [0, 2, 4].map(|n| segments(n).remove(0)));
        assert_eq!((cache.sample(100).len(), cache.sample(0).len()), (6, 1));
        assert_eq!(ImageCache::open(&path, STROBE).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let mut reader = ImageCache::open_read(&path, STROBE).unwrap();
        assert_eq!(reader.put(id(9), &segments(9)).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(cache.put(id(9), &segments(9)[..0]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        // The latest record of a track counts.
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
        let mut cache = ImageCache::open(&path, STROBE).unwrap();
        cache.rename(id(2), id(90)).unwrap();
        cache.rename(id(3), id(4)).unwrap();
        cache.rename(id(50), id(51)).unwrap();
        cache.put(id(6), &segments(6)).unwrap();
        drop(cache);
        let cache = ImageCache::open(&path, STROBE).unwrap();
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
            let mut cache = ImageCache::open(&path, STROBE).unwrap();
            let whole = starts.iter().skip(1).filter(|s| **s <= cut).count() as u8;
            assert_eq!(readable(&cache), (0..whole).collect::<Vec<_>>(), "round {round}, cut at {cut}");
            cache.put(id(9), &segments(9)).unwrap();
            drop(cache);
            let cache = ImageCache::open(&path, STROBE).unwrap();
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
            // Every other round damages a header, where most can go wrong.
            let at = match round % 2 {
                0 => starts[random.usize(..6)] + random.usize(..HEADER),
                _ => random.usize(HEADER..bytes.len()),
            };
            damaged[at] ^= 1 << random.u8(..8);
            fs::write(&path, &damaged).unwrap();
            let hit = starts.iter().rposition(|s| *s <= at).unwrap() as u8;
            let left: Vec<u8> = (0..6).filter(|n| *n != hit).collect();
            assert_eq!(readable(&ImageCache::open(&path, STROBE).unwrap()), left, "round {round}, flipped {at}");
        }
    }

    #[test]
    fn another_file_begins_anew_but_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        fs::write(&path, vec![7; 100_000]).unwrap();
        assert_eq!(ImageCache::open_read(&path, STROBE).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut cache = ImageCache::open(&path, STROBE).unwrap();
        assert!(cache.is_empty());
        cache.put(id(2), &segments(2)).unwrap();
        assert_eq!((readable(&cache), cache.bytes()), (vec![2], (2 * HEADER + 3 * STROBE) as u64));
    }

    #[test]
    fn each_file_has_images_of_its_own_size() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("patches.bin");
        // 139.5 times 64 bytes, so records are padded to the next multiple.
        let (size, strobe) = (8928, segments(1));
        let mut cache = ImageCache::open(&path, size).unwrap();
        (0..6).for_each(|n| cache.put(id(n), &of_size(n, size)).unwrap());
        assert_eq!(cache.put(id(9), &strobe).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        let bytes = cache.bytes();
        drop(cache);
        let cut = fs::File::options().write(true).open(&path).unwrap();
        cut.set_len(bytes - 1).unwrap();
        let mut cache = ImageCache::open(&path, size).unwrap();
        assert_eq!((cache.len(), cache.bytes() % HEADER as u64), (5, 0));
        cache.put(id(5), &of_size(5, size)).unwrap();
        cache.put(id(0), &of_size(0, size)).unwrap();
        drop(cache);
        let cache = ImageCache::open_read(&path, size).unwrap();
        (0..6).for_each(|n| assert_eq!(cache.get(id(n)).unwrap(), Some(of_size(n, size))));
        drop(cache);
        for other in [STROBE, size + 2] {
            assert_eq!(ImageCache::open_read(&path, other).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
        assert!(ImageCache::open(&path, STROBE).unwrap().is_empty());
    }
}
