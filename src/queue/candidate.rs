//! A candidate for the next pick, and what tells two tracks apart.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::Proposal;
use crate::latent::Latent;
use crate::library::Song;

/// Two tracks whose points differ less than this (root mean square) count as the same sound.
const DUPLICATE: f32 = 0.05;

/// A proposal under consideration.
pub(super) struct Candidate {
    pub proposal: Proposal,
    pub row: Option<u32>,
    pub z: Option<Latent>,
    pub artist: String,
    pub album: u64,
    /// Keys by name (`song`) and by name and sound (`group`): candidates that share either are
    /// versions of one song. `group` may lag behind the library, `song` is always current.
    pub song: Option<(String, String)>,
    pub group: Option<u32>,
    /// The score, standardised.
    pub fit: f32,
    /// How recently it was heard: 1 for the last track, 0 for one not heard.
    pub heard: f32,
    /// How much the user's ratings, loves and plays speak for it (see [`super::liking`]); 0 where they do not count.
    pub liked: f32,
    /// The genres with a share that it is of (see [`super::limits`]).
    pub genres: u32,
    /// Breaks ties, deterministically for a given seed.
    pub lot: u64,
}

impl Candidate {
    /// Its song's name, if known.
    pub fn title(&self) -> Option<&str> {
        self.song.as_ref().map(|(_, title)| title.as_str())
    }

    /// Whether another candidate is a version or a duplicate of this one.
    pub fn excludes(&self, other: &Candidate) -> bool {
        (self.song.is_some() && self.song == other.song)
            || (self.group.is_some() && self.group == other.group)
            || self.z.as_ref().zip(other.z.as_ref()).is_some_and(|(a, b)| sound_alike(a, b))
    }
}

/// A song's album as a number; 0 for none.
pub(super) fn album(song: &Song) -> u64 {
    if song.album().is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    song.album_key().hash(&mut hasher);
    hasher.finish().max(1)
}

/// The squared differences of two tracks, dimension by dimension.
pub(super) fn squares<'a>(a: &'a Latent, b: &'a Latent) -> impl Iterator<Item = f32> + 'a {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y))
}

/// Whether two tracks sound the same. Stops early: most pairs differ in their first dimensions.
pub(super) fn sound_alike(a: &Latent, b: &Latent) -> bool {
    let mut left = DUPLICATE * DUPLICATE * a.len() as f32;
    squares(a, b).all(|square| {
        left -= square;
        left > 0.0
    })
}
