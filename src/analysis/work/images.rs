//! The image cache for the encoder in use. Images are kept when they are made, so that another encoder, and training,
//! need not decode the library again. The cache only saves time: if it cannot be written, work continues without it
//! until the next scan. Each kind of image has its own cache, which is kept for models that go back to it.

use std::io;
use std::path::PathBuf;

use jukebox_encoder::Input;
use thiserror::Error;

use crate::analysis::model;
use crate::paths::Paths;
use crate::store::ImageCache;
use crate::track::TrackId;

/// The image cache cannot be written.
#[derive(Debug, Error)]
#[error("{}: images cannot be kept, going on without until the next scan: {cause}", cache.display())]
pub(super) struct Unkept {
    /// Its file.
    cache: PathBuf,
    /// The system's error.
    cause: io::Error,
}

/// The image cache, or `None` while it cannot be used.
pub(super) struct Images {
    paths: Paths,
    input: Input,
    cache: Option<ImageCache>,
    /// The existing caches of other kinds of image; opened when a track first gets another
    /// identity.
    others: Option<Vec<ImageCache>>,
}

impl Images {
    /// Opens the cache of a kind of images; if that fails, with the reason for the user.
    pub fn open(paths: &Paths, input: Input) -> (Images, Option<String>) {
        let mut images = Images { paths: paths.clone(), input, cache: None, others: None };
        let fault = images.change(input);
        (images, fault)
    }

    /// Switches to the cache of this kind of image; returns why images cannot be stored, for the user.
    pub fn change(&mut self, input: Input) -> Option<String> {
        if self.input == input && self.cache.is_some() {
            return None;
        }
        self.others = None;
        self.input = input;
        match ImageCache::open(&self.file(), input.bytes()) {
            Ok(cache) => self.cache = Some(cache),
            Err(e) => {
                self.cache = None;
                return Some(format!("{}: no image cache: {e}", self.file().display()));
            }
        }
        None
    }

    /// The kind of image that is made and stored.
    pub fn input(&self) -> Input {
        self.input
    }

    fn file(&self) -> PathBuf {
        model::images(&self.paths, self.input)
    }

    /// Reopens the cache if it is not open; returns whether that succeeded.
    pub fn reopen(&mut self) -> bool {
        self.cache.is_none() && self.change(self.input).is_none()
    }

    /// The packed images of a track, [`Input::bytes`] each.
    pub fn get(&self, track: TrackId) -> Option<Vec<Vec<u8>>> {
        self.cache.as_ref()?.get(track).ok()?
    }

    /// One image of this kind from each of at most `most` tracks.
    pub fn sample(&self, input: Input, most: usize) -> Vec<Vec<u8>> {
        if input == self.input {
            return self.cache.as_ref().map(|cache| cache.sample(most)).unwrap_or_default();
        }
        let other = ImageCache::open_read(&model::images(&self.paths, input), input.bytes());
        other.map(|cache| cache.sample(most)).unwrap_or_default()
    }

    /// Whether a track's images are missing in a cache that could have them.
    pub fn lack(&self, track: TrackId) -> bool {
        self.cache.as_ref().is_some_and(|cache| !cache.contains(track))
    }

    /// Stores the images of a track; a silent track has none.
    ///
    /// # Errors
    /// When the cache cannot be written; it is then closed.
    pub fn put(&mut self, track: TrackId, images: &[Vec<u8>]) -> Result<(), Unkept> {
        match &mut self.cache {
            Some(cache) if !images.is_empty() => cache.put(track, images).map_err(|e| self.close(e)),
            _ => Ok(()),
        }
    }

    /// Moves a track's images to its new identity.
    ///
    /// # Errors
    /// As [`Images::put`].
    pub fn rename(&mut self, from: TrackId, to: TrackId) -> Result<(), Unkept> {
        let others = self.others.get_or_insert_with(|| {
            let known = |input: &Input| *input != self.input && model::can_hear(*input);
            let open = |input: Input| {
                let file = model::images(&self.paths, input);
                file.exists().then(|| ImageCache::open(&file, input.bytes()).ok()).flatten()
            };
            Input::ALL.into_iter().filter(known).filter_map(open).collect()
        });
        // If the rename fails, the images are made again when needed.
        others.retain_mut(|cache| cache.rename(from, to).is_ok());
        match &mut self.cache {
            Some(cache) => cache.rename(from, to).map_err(|e| self.close(e)),
            None => Ok(()),
        }
    }

    fn close(&mut self, cause: io::Error) -> Unkept {
        self.cache = None;
        Unkept { cache: self.file(), cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_cache_nothing_is_kept_or_missed_until_it_can_be_opened() {
        let dir = tempfile::tempdir().unwrap();
        let (paths, track) = (Paths::under(dir.path()), TrackId([1; 16]));
        std::fs::write(&paths.cache, "a file in the way").unwrap();
        let (mut images, fault) = Images::open(&paths, Input::Strobe);
        assert!(fault.is_some_and(|why| why.contains("no image cache")));
        let image = vec![7; Input::Strobe.bytes()];
        assert!(images.put(track, std::slice::from_ref(&image)).is_ok());
        assert!(!images.lack(track) && images.get(track).is_none() && !images.reopen());
        std::fs::remove_file(&paths.cache).unwrap();
        assert!(images.reopen() && !images.reopen() && images.lack(track));
        images.put(track, std::slice::from_ref(&image)).unwrap();
        images.rename(track, TrackId([2; 16])).unwrap();
        assert_eq!(images.get(TrackId([2; 16])), Some(vec![image]));
    }

    #[test]
    fn each_kind_of_image_has_a_cache_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let (paths, track, heir) = (Paths::under(dir.path()), TrackId([1; 16]), TrackId([2; 16]));
        let image = |input: Input| vec![7; input.bytes()];
        let (mut images, _) = Images::open(&paths, Input::Strobe);
        images.put(track, &[image(Input::Strobe)]).unwrap();
        assert_eq!(images.change(Input::Patch), None);
        assert!(images.input() == Input::Patch && images.lack(track) && paths.patches().exists());
        assert_eq!((images.sample(Input::Strobe, 9).len(), images.sample(Input::Patch, 9).len()), (1, 0));
        images.put(track, &vec![image(Input::Patch); 7]).unwrap();
        assert!(std::fs::metadata(paths.patches()).unwrap().len() <= 64 + (64 << 10), "at most 64 KB a track");
        // Both caches use a track's new identity.
        images.rename(track, heir).unwrap();
        assert_eq!(images.get(heir).map(|images| images.len()), Some(7));
        assert_eq!(images.change(Input::Strobe), None);
        assert_eq!(images.get(heir), Some(vec![image(Input::Strobe)]));
    }
}
