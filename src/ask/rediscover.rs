//! What the user liked and has not heard for long, for `:rediscover`.

use std::sync::Arc;

use super::error::LikedError;
use crate::library::Song;
use crate::library::journal::Tally;
use crate::queue::{Context, Proposal, Why, policy};

/// What was heard so often is liked, …
const PLAYS: u32 = 3;
/// … and what is rated so high, four stars.
const RATING: u8 = 80;
/// Whoever finds nothing is told to look for what was not heard for so many days.
const NEAR: u32 = 30;
/// Seconds in a day.
const DAY: u64 = 86_400;

/// Up to `want` tracks that are loved, rated four stars or heard three times, and were last heard more than `days` days
/// before the request: the most liked first, with artists apart, within the limits of the queue.
///
/// # Errors
/// There is none.
pub fn rediscovered(context: &Context, want: usize, days: u32) -> Result<Vec<Arc<Song>>, LikedError> {
    let before = context.time.unix.saturating_sub(u64::from(days) * DAY);
    let liked = |song: &Arc<Song>| {
        let tally = context.tallies.of_song(song);
        let long = tally.last_played.is_some_and(|at| at < before);
        liking(&tally).filter(|_| long).map(|score| Proposal { id: song.track, score, why: Why::default() })
    };
    let songs = context.catalog.tracks().filter_map(|track| context.catalog.of_track(track));
    let liked: Vec<Proposal> = songs.filter_map(liked).collect();
    let all = liked.len();
    let picks = policy::pick(context, liked, want);
    if picks.is_empty() {
        let nearer = (days > NEAR).then(|| format!(":rediscover {want} {NEAR}d"));
        return Err(match all {
            0 => LikedError::NoneSoLongAgo { days, nearer },
            found => LikedError::KeptOut { found, days },
        });
    }
    Ok(picks.into_iter().filter_map(|pick| context.catalog.of_track(pick.id).cloned()).collect())
}

/// How much the user likes a track; `None` for no more than others.
fn liking(tally: &Tally) -> Option<f32> {
    let rated = tally.rating.filter(|rating| *rating >= RATING);
    let often = tally.plays >= PLAYS && tally.plays > tally.skips;
    let disliked = tally.rating.is_some() && rated.is_none() && !tally.loved;
    if disliked || !(tally.loved || rated.is_some() || often) {
        return None;
    }
    let stars = rated.map_or(0.0, |rating| f32::from(rating) / 100.0);
    Some(f32::from(u8::from(tally.loved)) + stars + (1.0 + tally.plays as f32).ln() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::library::Catalog;
    use crate::library::journal::{Entry, Event, Tallies};
    use crate::queue::{Gate, Limits, Situation};
    use crate::track::{Tags, TrackId};

    const NOW: u64 = 1000 * DAY;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    /// Twelve songs by as many artists.
    fn context(entries: &[Entry]) -> Context {
        let song = |n: u8| {
            let tags = Tags {
                title: Some(format!("Song {n}").into()),
                artist: Some(format!("Artist {n}").into()),
                ..Tags::default()
            };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n:02}.mp3"), id(n)) })
        };
        Context {
            catalog: Catalog::new((1..=12).map(song).collect()).into(),
            tallies: Tallies::new(entries).into(),
            time: Moment { unix: NOW, ..Moment::default() },
            ..Context::default()
        }
    }

    fn played(n: u8, times: usize, days_ago: u64) -> Vec<Entry> {
        let event = Event::Played { track: id(n), secs: 200.0, whole: true };
        vec![Entry { at: NOW - days_ago * DAY, event }; times]
    }

    fn loved(n: u8) -> Entry {
        Entry { at: 1, event: Event::Loved { track: id(n), loved: true } }
    }

    fn found(context: &Context, days: u32) -> Vec<u8> {
        let songs = rediscovered(context, 20, days).unwrap_or_default();
        songs.iter().map(|song| song.track.0[0]).collect()
    }

    #[test]
    fn what_was_liked_and_not_heard_for_long_comes_the_most_liked_first() {
        let rated = |n: u8, rating| Entry { at: 1, event: Event::Rated { track: id(n), rating: Some(rating) } };
        let skips = vec![Entry { at: 1, event: Event::Skipped { track: id(9), secs: 1.0 } }; 4];
        let entries = [
            played(1, 1, 400),
            vec![loved(1)],
            played(2, 1, 400),
            vec![rated(2, 80)],
            played(3, 3, 400),
            played(4, 2, 400),
            played(5, 9, 100),
            vec![loved(6)],
            played(7, 9, 400),
            vec![rated(7, 40)],
            played(8, 30, 400),
            vec![loved(8), rated(8, 100)],
            played(9, 4, 400),
            skips,
        ]
        .concat();
        let context = context(&entries);
        // 4 was heard too seldom, 5 lately, 6 never, 7 is rated low, 9 was skipped as often.
        let mut all = found(&context, 180);
        assert_eq!(all[0], 8);
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 8]);
        let mut later = found(&context, 50);
        later.sort_unstable();
        assert_eq!(later, [1, 2, 3, 5, 8]);
        assert_eq!(rediscovered(&context, 2, 180).unwrap().len(), 2);
    }

    #[test]
    fn what_is_queued_or_kept_out_does_not_come_and_none_is_said() {
        let mut context = context(&[played(1, 5, 400), played(2, 5, 400)].concat());
        context.situation = Situation { ahead: vec![id(1)], ..Situation::default() };
        assert_eq!(found(&context, 180), [2]);
        context.gate = Gate::new(&Limits::default(), Ok(Some([id(1)].into())), Arc::default(), &[], context.time);
        let why = rediscovered(&context, 20, 180).unwrap_err().to_string();
        assert!(why.starts_with("the queue and its limits leave none of the 2 that you liked"), "{why}");
        let why = rediscovered(&self::context(&[]), 20, 180).unwrap_err().to_string();
        assert!(why.contains("more than 180 days ago; :rediscover 20 30d"), "{why}");
        let why = rediscovered(&self::context(&[]), 20, 1).unwrap_err().to_string();
        assert!(why.ends_with("more than 1 day ago"), "{why}");
    }
}
