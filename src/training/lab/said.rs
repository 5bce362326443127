//! What a network says of every track of a part: enough to compare two runs track by track.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Tracks in order of their numbers: as many of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// A number for the artist of each.
    pub artists: Vec<u32>,
    /// Its genre, by its place among the genres.
    pub genres: Vec<usize>,
    /// The genre that is said to be the most probable.
    pub said: Vec<usize>,
}

impl Said {
    /// The artist of each track, and 1 where what is said is right, else 0.
    pub fn rights(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        let right = self.genres.iter().zip(&self.said).map(|(genre, said)| if genre == said { 1.0 } else { 0.0 });
        self.artists.iter().copied().zip(right)
    }

    /// The tracks, artists, and largest genre in words, such as `79 tracks by 23 artists, 40.5 % of one genre`.
    pub fn words(&self) -> String {
        let artists = self.artists.iter().collect::<BTreeSet<_>>().len();
        let mut genres: BTreeMap<usize, usize> = BTreeMap::new();
        self.genres.iter().for_each(|genre| *genres.entry(*genre).or_default() += 1);
        let largest = genres.values().max().copied().unwrap_or(0) as f64 / self.genres.len().max(1) as f64;
        format!("{} tracks by {artists} artists, {:.1} % of one genre", self.genres.len(), 100.0 * largest)
    }
}

/// Balanced accuracy over parts: the mean, over the genres that occur, of the share of their tracks of which it is said.
/// `None` without a track.
pub fn balanced(parts: &[Said]) -> Option<f64> {
    let mut genres: BTreeMap<usize, [f64; 2]> = BTreeMap::new();
    for (genre, said) in parts.iter().flat_map(|part| part.genres.iter().zip(&part.said)) {
        let counts = genres.entry(*genre).or_default();
        counts[0] += if genre == said { 1.0 } else { 0.0 };
        counts[1] += 1.0;
    }
    let sum: f64 = genres.values().map(|[right, all]| right / all).sum();
    (!genres.is_empty()).then(|| sum / genres.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_genre_does_not_decide_balanced_accuracy() {
        let part = Said { artists: vec![0, 0, 2, 3], genres: vec![1, 1, 1, 0], said: vec![1, 1, 1, 1] };
        assert_eq!(part.words(), "4 tracks by 3 artists, 75.0 % of one genre");
        assert_eq!(part.rights().collect::<Vec<_>>(), [(0, 1.0), (0, 1.0), (2, 1.0), (3, 0.0)]);
        assert_eq!(balanced(std::slice::from_ref(&part)), Some(0.5));
        let other = Said { artists: vec![4], genres: vec![0], said: vec![0] };
        assert_eq!(balanced(&[part, other]), Some(0.75));
        assert_eq!(balanced(&[]), None);
        let none = Said::default();
        assert_eq!(none.words(), "0 tracks by 0 artists, 0.0 % of one genre");
    }
}
