//! Compaction of an image cache: the live records are copied into a new file, which is then renamed over the old one.
//! If the process is killed, one of the two remains complete.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::{HEADER, ImageCache, Index, file_header};
use crate::store::private;

impl ImageCache {
    /// Compacts the file if more than half of it is superseded or damaged; returns whether it did. Readers that have
    /// the old file open keep reading that one.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for a cache opened for reading; otherwise the system's error, and the cache is
    /// unchanged.
    pub fn compact(&mut self) -> io::Result<bool> {
        if !self.writable {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the cache is open to read only"));
        }
        let live: u64 = self.index.values().map(|(_, header)| header.record(self.size) as u64).sum();
        if 2 * (HEADER as u64 + live) >= self.end {
            return Ok(false);
        }
        let beside = beside(&self.path);
        let copied = copy(&self.file, &self.index, self.size, &beside);
        match copied.and_then(|new| fs::rename(&beside, &self.path).map(|()| new)) {
            Ok(new) => {
                (self.file, self.index, self.end) = new;
                private::sync_dir(self.path.parent().unwrap_or(Path::new(".")))?;
                Ok(true)
            }
            Err(e) => {
                // The disk may be full: free the space of the partial copy.
                let _ = fs::remove_file(&beside);
                Err(e)
            }
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Copies the intact records of an index and syncs the new file. The file is locked before it is renamed, so that no
/// other writer can take the lock first.
fn copy(from: &File, index: &Index, size: usize, to: &Path) -> io::Result<(File, Index, u64)> {
    let mut file = private::options().read(true).write(true).create(true).truncate(true).open(to)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    file.write_all(&file_header(size))?;
    let mut in_place: Vec<_> = index.iter().map(|(track, &(at, header))| (at, *track, header)).collect();
    in_place.sort_unstable_by_key(|&(at, ..)| at);
    let (mut copied, mut end) = (HashMap::with_capacity(index.len()), HEADER as u64);
    let mut payload = Vec::new();
    for (at, track, header) in in_place {
        payload.clear();
        payload.resize(header.payload(size), 0);
        from.read_exact_at(&mut payload, at + HEADER as u64)?;
        if crc32fast::hash(&payload) == header.sum {
            payload.resize(header.record(size) - HEADER, 0);
            file.write_all(&header.to_bytes())?;
            file.write_all(&payload)?;
            copied.insert(track, (end, header));
            end += (HEADER + payload.len()) as u64;
        }
    }
    file.sync_all()?;
    file.seek(SeekFrom::Start(end))?;
    Ok((file, copied, end))
}

#[cfg(test)]
mod tests {
    use super::super::STROBE;
    use super::super::tests::{id, readable, segments};
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    const CHILD: &str = "JUKEBOX_TEST_COMPACT";

    /// A cache with tracks 0..6, each written `times` times, and a track 9 that was written once at
    /// the start.
    fn repeated(path: &Path, times: usize) -> ImageCache {
        let mut cache = ImageCache::open(path, STROBE).unwrap();
        cache.put(id(9), &segments(9)).unwrap();
        for n in (0..times).flat_map(|_| 0..6) {
            cache.put(id(n), &segments(n)).unwrap();
        }
        cache
    }

    #[test]
    fn only_what_counts_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        let mut cache = repeated(&path, 1);
        assert!(!cache.compact().unwrap(), "nothing is superseded");
        let small = cache.bytes();
        drop(cache);

        let mut cache = repeated(&path, 2);
        let large = cache.bytes();
        let mut reader = ImageCache::open_read(&path, STROBE).unwrap();
        assert!(cache.compact().unwrap());
        assert_eq!((cache.bytes(), readable(&cache)), (small, vec![0, 1, 2, 3, 4, 5, 9]));
        assert!(cache.bytes() < large && !cache.compact().unwrap());
        assert_eq!(readable(&reader), [0, 1, 2, 3, 4, 5, 9], "the old file is still read");
        assert_eq!(reader.compact().unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(
            ImageCache::open(&path, STROBE).unwrap_err().kind(),
            io::ErrorKind::WouldBlock,
            "the lock moved along"
        );

        cache.put(id(7), &segments(7)).unwrap();
        drop(cache);
        assert_eq!(readable(&ImageCache::open(&path, STROBE).unwrap()), [0, 1, 2, 3, 4, 5, 7, 9]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside");
    }

    #[test]
    fn damaged_records_stay_behind_and_a_leftover_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        let cache = repeated(&path, 3);
        let (at, _) = cache.index[&id(5)];
        cache.file.write_all_at(b"damaged", at + HEADER as u64 + 100).unwrap();
        drop(cache);
        fs::write(beside(&path), vec![1; 500_000]).unwrap();
        let mut cache = ImageCache::open(&path, STROBE).unwrap();
        assert!(cache.compact().unwrap());
        drop(cache);
        assert_eq!(readable(&ImageCache::open(&path, STROBE).unwrap()), [0, 1, 2, 3, 4, 9]);
    }

    #[test]
    fn without_room_for_the_new_file_the_old_one_stands() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        let mut cache = repeated(&path, 3);
        fs::create_dir(beside(&path)).unwrap();
        assert!(cache.compact().is_err());
        assert_eq!(readable(&cache), [0, 1, 2, 3, 4, 5, 9]);
        cache.put(id(7), &segments(7)).unwrap();
        drop(cache);
        assert_eq!(readable(&ImageCache::open(&path, STROBE).unwrap()), [0, 1, 2, 3, 4, 5, 7, 9]);
    }

    /// Compacts repeatedly and reports each time, until killed.
    #[test]
    fn child() {
        let Ok(path) = std::env::var(CHILD).map(PathBuf::from) else { return };
        loop {
            assert!(repeated(&path, 3).compact().unwrap());
            println!("\ncompacted");
        }
    }

    #[test]
    fn a_kill_leaves_the_old_file_or_the_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("strobes.bin");
        drop(repeated(&path, 1));
        for round in 0..12 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["store::images::compact::tests::child", "--exact", "--nocapture", "--test-threads=1"])
                .env(CHILD, &path)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Kill after this many compactions, somewhere in the next one.
            let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
            let compacted = lines.filter(|l| l == "compacted").take(1 + round).count();
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(compacted, 1 + round, "the child gave up by itself");
            let cache = ImageCache::open(&path, STROBE).unwrap();
            assert_eq!(readable(&cache), [0, 1, 2, 3, 4, 5, 9], "round {round}");
        }
    }
}
