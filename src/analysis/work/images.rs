//! The strobe cache. Images are kept as they are made, so that another encoder, and training, need not decode the library
//! again. The cache only saves time: when it cannot be written, everything goes on without it until the next scan.

use std::path::PathBuf;

use crate::store::StrobeCache;
use crate::store::strobes::SEGMENT;
use crate::track::TrackId;

/// The strobe cache, or none while it cannot be used.
pub(super) struct Images {
    file: PathBuf,
    cache: Option<StrobeCache>,
}

impl Images {
    /// Opens the cache; with why there is none, for the user.
    pub fn open(file: PathBuf) -> (Images, Option<String>) {
        let (cache, fault) = match StrobeCache::open(&file) {
            Ok(cache) => (Some(cache), None),
            Err(e) => (None, Some(format!("{}: no strobe cache: {e}", file.display()))),
        };
        (Images { file, cache }, fault)
    }

    /// Opens the cache again when it is not open; whether it is now and was not.
    pub fn reopen(&mut self) -> bool {
        if self.cache.is_none() {
            self.cache = StrobeCache::open(&self.file).ok();
            return self.cache.is_some();
        }
        false
    }

    /// The packed images of a track's segments, [`SEGMENT`] bytes each.
    pub fn get(&self, track: TrackId) -> Option<Vec<Vec<u8>>> {
        let images = self.cache.as_ref()?.get(track).ok()??;
        Some(images.iter().map(|image| image.to_vec()).collect())
    }

    /// An image each of at most so many tracks.
    pub fn sample(&self, most: usize) -> Vec<[u8; SEGMENT]> {
        self.cache.as_ref().map(|cache| cache.sample(most)).unwrap_or_default()
    }

    /// Whether a track's images are missing in a cache that could have them.
    pub fn lack(&self, track: TrackId) -> bool {
        self.cache.as_ref().is_some_and(|cache| !cache.contains(track))
    }

    /// Keeps the images of a track. A silent one has none.
    ///
    /// # Errors
    /// A line for the user when the cache cannot be written; it is closed then.
    pub fn put(&mut self, track: TrackId, images: &[Vec<u8>]) -> Result<(), String> {
        let images: Vec<[u8; SEGMENT]> = images.iter().filter_map(|i| i.as_slice().try_into().ok()).collect();
        match &mut self.cache {
            Some(cache) if !images.is_empty() => cache.put(track, &images).map_err(|e| self.close(&e)),
            _ => Ok(()),
        }
    }

    /// Hands a track's images on to another identity of it.
    ///
    /// # Errors
    /// As [`Images::put`].
    pub fn rename(&mut self, from: TrackId, to: TrackId) -> Result<(), String> {
        match &mut self.cache {
            Some(cache) => cache.rename(from, to).map_err(|e| self.close(&e)),
            None => Ok(()),
        }
    }

    fn close(&mut self, why: &std::io::Error) -> String {
        self.cache = None;
        format!("{}: images cannot be kept, going on without until the next scan: {why}", self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_cache_nothing_is_kept_or_missed_until_it_can_be_opened() {
        let dir = tempfile::tempdir().unwrap();
        let (way, track) = (dir.path().join("cache"), TrackId([1; 16]));
        std::fs::write(&way, "a file in the way").unwrap();
        let (mut images, fault) = Images::open(way.join("strobes.bin"));
        assert!(fault.is_some_and(|why| why.contains("no strobe cache")));
        assert_eq!(images.put(track, &[vec![7; SEGMENT]]), Ok(()));
        assert!(!images.lack(track) && images.get(track).is_none() && !images.reopen());
        std::fs::remove_file(&way).unwrap();
        assert!(images.reopen() && !images.reopen() && images.lack(track));
        images.put(track, &[vec![7; SEGMENT]]).unwrap();
        images.rename(track, TrackId([2; 16])).unwrap();
        assert_eq!(images.get(TrackId([2; 16])), Some(vec![vec![7; SEGMENT]]));
    }
}
