//! Shares of genres: how much of what is picked may be of one.

use crate::config::MOST_SHARES;
use crate::library::filter::fold;
use crate::library::{Catalog, Song};
use crate::queue::Situation;

use super::rules::Limits;

/// So many picks in a row are looked at.
pub const WINDOW: usize = 20;

/// The shares of a session, and what of the last picks was of their genres.
#[derive(Clone, Debug, Default)]
pub struct Shares {
    /// The genres, folded, each with its share in percent; at most [`MOST_SHARES`].
    of: Vec<(String, u8)>,
    /// For each of the last picks the genres that it is of, as bits.
    picked: Vec<u32>,
}

impl Shares {
    /// The state at the beginning of a request.
    pub fn of(catalog: &Catalog, situation: &Situation) -> Shares {
        let mut shares = Shares { of: folded(&situation.limits), picked: Vec::new() };
        if !shares.of.is_empty() {
            let songs = situation.picked.iter().map(|id| catalog.of_track(*id));
            shares.picked = songs.map(|song| song.map_or(0, |song| shares.genres(song))).collect();
        }
        shares
    }

    /// The genres with a share that a song is of, as bits.
    pub fn genres(&self, song: &Song) -> u32 {
        if self.of.is_empty() {
            return 0;
        }
        let own: Vec<String> = song.tags.genres.iter().map(|genre| fold(genre)).collect();
        let is_of = |(n, (genre, _)): (usize, &(String, u8))| u32::from(own.contains(genre)) << n;
        self.of.iter().enumerate().map(is_of).sum()
    }

    /// Whether a track of these genres may be the next pick: neither of all picks so far with it nor, where they are many, of
    /// the last [`WINDOW`] more than its share is of a genre.
    pub fn allow(&self, genres: u32) -> bool {
        if genres == 0 {
            return true;
        }
        let last = &self.picked[self.picked.len().saturating_sub(WINDOW - 1)..];
        let all = last.len() + 1;
        (0..self.of.len()).filter(|n| (genres >> n) & 1 == 1).all(|n| {
            let of = 1 + last.iter().filter(|genres| (**genres >> n) & 1 == 1).count();
            100 * of <= usize::from(self.of[n].1) * all
        })
    }

    /// Notes the next pick, of these genres.
    pub fn follow(&mut self, genres: u32) {
        if !self.of.is_empty() {
            self.picked.push(genres);
        }
    }
}

fn folded(limits: &Limits) -> Vec<(String, u8)> {
    limits.shares.iter().take(MOST_SHARES).map(|(genre, percent)| (fold(genre), *percent)).collect()
}

// A bit for each.
const _: () = assert!(MOST_SHARES <= u32::BITS as usize);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Tags, TrackId};

    fn song(genres: &[&str]) -> Song {
        let tags = Tags { genres: genres.iter().map(ToString::to_string).collect(), ..Tags::default() };
        Song { tags: tags.into(), ..Song::bare("/m/1.mp3", TrackId([1; 16])) }
    }

    fn shares(of: &[(&str, u8)]) -> Shares {
        let limits =
            Limits { shares: of.iter().map(|(name, n)| ((*name).to_string(), *n)).collect(), ..Limits::default() };
        Shares { of: folded(&limits), picked: Vec::new() }
    }

    #[test]
    fn genres_are_known_whatever_their_case_and_only_whole() {
        let shares = shares(&[("Björk-Pop", 10), ("jazz", 30)]);
        assert_eq!(shares.genres(&song(&["JAZZ", "Rock"])), 2);
        assert_eq!(shares.genres(&song(&["bjork-pop", "Jazz"])), 3);
        assert_eq!((shares.genres(&song(&["Acid Jazz"])), shares.genres(&song(&[]))), (0, 0));
        assert_eq!(Shares::default().genres(&song(&["Jazz"])), 0);
    }

    #[test]
    fn no_more_than_the_share_is_picked_at_any_time() {
        let mut shares = shares(&[("jazz", 30)]);
        let mut picked = Vec::new();
        // Whatever may be jazz is jazz.
        for _ in 0..60 {
            let jazz = u32::from(shares.allow(1));
            shares.follow(jazz);
            picked.push(jazz);
        }
        assert_eq!(picked[..8], [0, 0, 0, 1, 0, 0, 1, 0]);
        for n in 1..=60 {
            assert!(picked[..n].iter().sum::<u32>() as f32 <= 0.3 * n as f32 + 1e-3, "of the first {n}");
        }
        assert!(picked.windows(WINDOW).all(|last| last.iter().sum::<u32>() <= 6));
        assert_eq!(picked.iter().sum::<u32>(), 18, "and as much as that");
    }

    #[test]
    fn a_track_of_two_genres_needs_room_in_both() {
        let mut shares = shares(&[("a", 100), ("b", 0), ("c", 50)]);
        assert!(shares.allow(1) && !shares.allow(2) && !shares.allow(3) && !shares.allow(4));
        shares.follow(1);
        assert!(shares.allow(4) && shares.allow(5) && !shares.allow(6));
        shares.follow(5);
        assert!(!shares.allow(4) && shares.allow(0));
    }
}
