//! How much the user's ratings, loves and plays speak for a track, as a term of the policy.

use crate::library::journal::Tally;

/// So many plays speak as much for a track as they ever do: half as much as love.
const OFTEN: f32 = 20.0;

/// What is known of a track: 0 for nothing, 1 for love and as much for five stars, −1 for a rating of 0, and up to ½ more for
/// plays. Between −1 and 2½; skips take as much as plays give.
pub(super) fn liking(tally: &Tally) -> f32 {
    let loved = f32::from(u8::from(tally.loved));
    let rated = tally.rating.map_or(0.0, |rating| (f32::from(rating) - 50.0) / 50.0);
    let heard = |count: u32| ((1.0 + count as f32).ln() / (1.0 + OFTEN).ln()).min(1.0);
    (loved + rated + 0.5 * (heard(tally.plays) - heard(tally.skips)).max(-1.0)).max(-1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn love_stars_and_plays_speak_for_a_track_and_low_ratings_and_skips_against_it() {
        let of = |tally: Tally| liking(&tally);
        let none = Tally::default();
        assert_eq!(of(none), 0.0);
        assert_eq!(of(Tally { loved: true, ..none }), 1.0);
        assert_eq!((of(Tally { rating: Some(100), ..none }), of(Tally { rating: Some(50), ..none })), (1.0, 0.0));
        assert_eq!(of(Tally { rating: Some(0), skips: 9, ..none }), -1.0);
        let played = |plays, skips| of(Tally { plays, skips, ..none });
        assert!(played(1, 0) > 0.0 && played(5, 0) > played(1, 0) && played(20, 0) > played(5, 0));
        assert_eq!((played(20, 0), played(900, 0), played(7, 7)), (0.5, 0.5, 0.0));
        assert!(played(0, 3) < 0.0 && played(0, 900) >= -0.5);
        assert_eq!(of(Tally { loved: true, rating: Some(100), plays: 900, ..none }), 2.5);
    }
}
