//! What the kinds of work share: the workers, the images, what went wrong in this scan, and wishes to the others.

use std::path::PathBuf;

use jukebox_encoder::Input;

use super::images::Images;
use super::readers::Readers;
use super::trouble::Trouble;
use crate::analysis::teller::Teller;
use crate::track::TrackId;

/// Something that a job's result asks of others.
#[derive(Debug, PartialEq)]
pub(in crate::analysis) enum Wish {
    /// The file changed while it was read: read it again when it has settled.
    Settle(PathBuf),
    /// The file holds a cue sheet: its pieces are the tracks.
    TakeApart(PathBuf, Vec<PathBuf>),
    /// The agenda of what is to be heard is to be drawn up anew.
    Plan,
}

/// See the module.
pub(super) struct Bench {
    pub readers: Readers,
    pub images: Images,
    pub trouble: Trouble,
    pub wishes: Vec<Wish>,
    /// What is left for later is to be drawn up anew.
    pub later_stale: bool,
}

impl Bench {
    /// Keeps the images of a track.
    pub fn keep_images(&mut self, track: TrackId, images: &[Vec<u8>], teller: &Teller) {
        let kept = self.images.put(track, images);
        self.without_images(kept, teller);
    }

    /// What the encoder in use hears, which is what is to be drawn of a file.
    pub fn input(&self) -> Input {
        self.images.input()
    }

    /// Hands a track's images, and that it was left alone, on to another identity of it.
    pub fn rename(&mut self, from: TrackId, to: TrackId, teller: &Teller) {
        if self.trouble.aside.remove(&from) {
            self.trouble.aside.insert(to);
        }
        let kept = self.images.rename(from, to);
        self.without_images(kept, teller);
    }

    fn without_images(&mut self, kept: Result<(), String>, teller: &Teller) {
        if let Err(why) = kept {
            self.later_stale = true;
            teller.note(true, why);
        }
    }

    /// Reads a file again when it has settled.
    pub fn settle(&mut self, path: PathBuf) {
        self.wishes.push(Wish::Settle(path));
    }
}
