//! The places of a library's tracks on its map, and the bytes in which they are kept.
//!
//! The bytes are derived from the store: what is damaged, of another version or of another encoder is made again. They are
//! a header (magic, CRC-32 of the rest) and, in postcard, the generation, the number of tracks that were fitted, and of each
//! track its identity and its place.

use serde::{Deserialize, Serialize};

use super::super::{Latent, Space};
use super::layout::{bounds, fitted, placed};
use super::{GivenUp, Point, Told};
use crate::track::TrackId;

/// What the bytes begin with; the digit is the version of the format and of the layout.
const MAGIC: [u8; 8] = *b"jbxmap1\n";
/// Bytes before the body.
const HEADER: usize = 12;
/// The most tracks that are laid out together: the time grows with the square of their number. Further ones are placed
/// among an even sample of so many.
const MOST: usize = 120_000;
/// A map of fewer tracks is laid out anew when their number has doubled: a library is being listened to.
const FEW: usize = 300;

/// Where every track of a space stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Places {
    generation: String,
    /// How many tracks were laid out together; the others were placed among them.
    fitted: usize,
    /// In ascending order.
    tracks: Vec<TrackId>,
    at: Vec<Point>,
}

impl Places {
    /// Lays a space out.
    ///
    /// # Errors
    /// When `told` says not to go on.
    pub fn fit(space: &Space, told: &Told<'_>) -> Result<Places, GivenUp> {
        let step = space.len().div_ceil(MOST).max(1);
        let rows: Vec<u32> = (0..space.len() as u32).step_by(step).collect();
        let points: Vec<Latent> = rows.iter().map(|&row| space.point(row)).collect();
        let at = fitted(&points, told)?;
        let tracks: Vec<TrackId> = rows.iter().filter_map(|&row| space.id(row)).collect();
        let places = Places { generation: space.generation().into(), fitted: at.len(), tracks, at };
        Ok(places.extended(space, told)?.unwrap_or(places))
    }

    /// With places for the tracks of the space that have none; nothing else moves, and a track that is away keeps its place.
    /// `None` where nothing is to be done.
    ///
    /// # Errors
    /// When `told` says not to go on.
    pub fn extended(&self, space: &Space, told: &Told<'_>) -> Result<Option<Places>, GivenUp> {
        let (mut at, mut points, mut more, mut new) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for row in 0..space.len() as u32 {
            let Some(track) = space.id(row) else { continue };
            match self.of(track) {
                Some(place) => {
                    points.push(space.point(row));
                    at.push(place);
                }
                None => {
                    more.push(space.point(row));
                    new.push(track);
                }
            }
        }
        if new.is_empty() {
            return Ok(None);
        }
        let places = placed(&more, &points, &at, told)?;
        let all = self.all().chain(new.into_iter().zip(places)).collect();
        Ok(Some(Places { fitted: self.fitted, ..Places::of_tracks(self.generation.clone(), all) }))
    }

    /// Whether it was laid out when so few tracks were known that it says little of a library of this many.
    pub fn is_outgrown(&self, tracks: usize) -> bool {
        self.fitted < FEW && tracks >= 2 * self.fitted
    }

    /// Places that are known. Of a track that is there twice the first stays.
    pub fn of_tracks(generation: String, mut all: Vec<(TrackId, Point)>) -> Places {
        all.sort_by_key(|(track, _)| *track);
        all.dedup_by_key(|(track, _)| *track);
        let (tracks, at): (Vec<TrackId>, Vec<Point>) = all.into_iter().unzip();
        Places { generation, fitted: at.len(), tracks, at }
    }

    /// The place of a track.
    pub fn of(&self, track: TrackId) -> Option<Point> {
        let at = self.tracks.binary_search(&track).ok()?;
        self.at.get(at).copied()
    }

    /// Every track with its place.
    pub fn all(&self) -> impl Iterator<Item = (TrackId, Point)> + '_ {
        self.tracks.iter().copied().zip(self.at.iter().copied())
    }

    /// The number of tracks.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// How many of the tracks were placed after the map was laid out.
    pub fn later(&self) -> usize {
        self.tracks.len().saturating_sub(self.fitted)
    }

    /// The encoder's generation whose space this is a map of.
    pub fn generation(&self) -> &str {
        &self.generation
    }

    /// The corners of the map.
    pub fn bounds(&self) -> [Point; 2] {
        bounds(&self.at)
    }

    /// The bytes to keep; empty where they cannot be made.
    pub fn bytes(&self) -> Vec<u8> {
        let Ok(body) = postcard::to_stdvec(self) else { return Vec::new() };
        [&MAGIC[..], &crc32fast::hash(&body).to_le_bytes(), &body].concat()
    }

    /// The places that were kept of a generation; `None` where the bytes are damaged or of something else.
    pub fn kept(bytes: &[u8], generation: &str) -> Option<Places> {
        let (head, body) = bytes.split_at_checked(HEADER)?;
        let sum = head.strip_prefix(&MAGIC)?;
        if crc32fast::hash(body).to_le_bytes() != sum {
            return None;
        }
        let places: Places = postcard::from_bytes(body).ok()?;
        let sound = places.tracks.len() == places.at.len()
            && places.tracks.is_sorted_by(|a, b| a < b)
            && places.at.iter().flatten().all(|value| value.is_finite());
        (sound && places.generation == generation).then_some(places)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn space(tracks: std::ops::Range<u8>, generation: &str) -> Space {
        let latent = |n: u8| -> Latent {
            let mut rng = fastrand::Rng::with_seed(n.into());
            std::array::from_fn(|dim| if dim == 0 { f32::from(n % 3) * 9.0 } else { rng.f32() })
        };
        Space::build(generation.into(), Arc::default(), tracks.map(|n| (TrackId([n; 16]), latent(n))).collect())
    }

    #[test]
    fn new_tracks_are_placed_and_no_other_moves() {
        let places = Places::fit(&space(0..40, "x"), &|_| true).unwrap();
        assert_eq!((places.len(), places.later()), (40, 0));
        assert_eq!(places.extended(&space(0..40, "x"), &|_| true).unwrap(), None);
        let more = places.extended(&space(0..60, "x"), &|_| true).unwrap().unwrap();
        assert_eq!((more.len(), more.later()), (60, 20));
        assert!(places.all().all(|(track, place)| more.of(track) == Some(place)));
        assert_eq!(more.extended(&space(10..60, "x"), &|_| true).unwrap(), None, "what is away keeps its place");
        assert_eq!([more.is_outgrown(79), more.is_outgrown(80)], [false, true]);
    }

    #[test]
    fn an_empty_space_has_a_map() {
        let none = Places::fit(&Space::default(), &|_| true).unwrap();
        assert!(none.is_empty() && none.bounds() == [[0.0; 2]; 2]);
        assert_eq!(Places::fit(&space(0..1, "x"), &|_| true).unwrap().len(), 1);
        assert_eq!(none.extended(&space(0..3, ""), &|_| true).unwrap().map(|some| some.len()), Some(3));
    }

    #[test]
    fn kept_bytes_are_checked() {
        let places = Places::fit(&space(0..30, "x"), &|_| true).unwrap();
        let bytes = places.bytes();
        assert_eq!(Places::kept(&bytes, "x"), Some(places));
        assert_eq!(Places::kept(&bytes, "y"), None, "of another encoder");
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Places::kept(&damaged, "x"), None, "byte {at}");
            assert_eq!(Places::kept(&bytes[..at], "x"), None, "cut at {at}");
        }
    }
}
