//! State shared by the kinds of work: the workers, the images, the failures of this scan, and requests to other parts.

use std::path::PathBuf;

use jukebox_encoder::Input;

use super::images::{Images, Unkept};
use super::readers::Readers;
use super::trouble::Trouble;
use crate::analysis::teller::Teller;
use crate::notice::Kind;
use crate::track::TrackId;

/// A request to another part of the analysis that follows from a job's result.
#[derive(Debug, PartialEq)]
pub(in crate::analysis) enum Wish {
    /// The file changed while it was read: read it again once it has settled.
    Settle(PathBuf),
    /// The file has an embedded cue sheet: its pieces are the tracks.
    TakeApart(PathBuf, Vec<PathBuf>),
    /// Rebuild the agenda of tracks to analyse.
    Plan,
}

/// See the module documentation.
pub(super) struct Bench {
    pub readers: Readers,
    pub images: Images,
    pub trouble: Trouble,
    pub wishes: Vec<Wish>,
    /// Whether the list of later work must be rebuilt.
    pub later_stale: bool,
}

impl Bench {
    /// Stores the images of a track.
    pub fn keep_images(&mut self, track: TrackId, images: &[Vec<u8>], teller: &Teller) {
        let kept = self.images.put(track, images);
        self.without_images(kept, teller);
    }

    /// The kind of image that the encoder in use takes.
    pub fn input(&self) -> Input {
        self.images.input()
    }

    /// Transfers a track's images and whether it is set aside to its new identity.
    pub fn rename(&mut self, from: TrackId, to: TrackId, teller: &Teller) {
        if self.trouble.aside.remove(&from) {
            self.trouble.aside.insert(to);
        }
        let kept = self.images.rename(from, to);
        self.without_images(kept, teller);
    }

    fn without_images(&mut self, kept: Result<(), Unkept>, teller: &Teller) {
        if let Err(why) = kept {
            self.later_stale = true;
            teller.note(Kind::Error, why.to_string());
        }
    }

    /// Requests that a file is read again once it has settled.
    pub fn settle(&mut self, path: PathBuf) {
        self.wishes.push(Wish::Settle(path));
    }
}
