//! What the limits let pass at one moment.

use std::collections::HashSet;
use std::sync::Arc;

use crate::clock::Moment;
use crate::config::Kind;
use crate::track::TrackId;

use super::kinds::{Kinds, bit, bits};
use super::rules::Limits;

/// The month in which Christmas music is proposed.
const DECEMBER: i8 = 12;
/// Seconds in a day.
const DAY: u64 = 86_400;

/// What the limits let pass: a snapshot for one request, made where filters can be evaluated. The default lets everything
/// pass.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// The tracks that the filters let pass; `None` for all.
    passing: Option<Arc<HashSet<TrackId>>>,
    /// The kinds of the library's tracks.
    kinds: Arc<Kinds>,
    /// Those that are left out, as bits.
    left_out: u8,
    /// What was played at this time (Unix seconds) or later does not come.
    since: Option<u64>,
    /// Why nothing passes: a filter that cannot be evaluated.
    fault: Option<String>,
}

impl Gate {
    /// The gate of some limits. `passing` are the tracks that their filters let pass, or why these cannot be evaluated; the
    /// kinds that half of the `followed` tracks are of are not left out.
    pub fn new(
        limits: &Limits,
        passing: Result<Option<HashSet<TrackId>>, String>,
        kinds: Arc<Kinds>,
        followed: &[TrackId],
        time: Moment,
    ) -> Gate {
        let (passing, fault) = match passing {
            Ok(passing) => (passing.map(Arc::new), None),
            Err(why) => (None, Some(why)),
        };
        let is_season = |kind: Kind| kind == Kind::Christmas && time.month == DECEMBER;
        let is_followed = |kind: Kind| {
            let alike = followed.iter().filter(|track| kinds.is_one_of(**track, bit(kind))).count();
            alike > 0 && 2 * alike >= followed.len()
        };
        let left_out = bits(limits.left_out.iter().filter(|kind| !is_season(**kind) && !is_followed(**kind)));
        let since = (limits.days > 0).then(|| time.unix.saturating_sub(u64::from(limits.days) * DAY));
        Gate { passing, kinds, left_out, since, fault }
    }

    /// Whether it lets a track pass that was last played at this time, if ever.
    pub fn lets(&self, track: TrackId, played: impl FnOnce() -> Option<u64>) -> bool {
        self.fault.is_none()
            && self.passing.as_ref().is_none_or(|passing| passing.contains(&track))
            && !self.kinds.is_one_of(track, self.left_out)
            && self.since.is_none_or(|since| played().is_none_or(|at| at < since))
    }

    /// Why it lets nothing pass, in one line.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::{Catalog, Song};
    use crate::track::Tags;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    /// Tracks 1 and 2 are Christmas music, 3 is a podcast.
    fn kinds() -> Arc<Kinds> {
        let song = |(n, genre): (u8, &str)| {
            let tags = Tags { genres: [genre.to_string()].into(), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}.mp3"), id(n)) })
        };
        let songs = [(1, "Christmas"), (2, "Xmas"), (3, "Podcast"), (4, "Jazz"), (5, "Rock")];
        Arc::new(Kinds::of(&Catalog::new(songs.map(song).into())))
    }

    fn passing(limits: &Limits, followed: &[u8], month: i8) -> Vec<u8> {
        let followed: Vec<TrackId> = followed.iter().map(|n| id(*n)).collect();
        let time = Moment { month, ..Moment::default() };
        let gate = Gate::new(limits, Ok(None), kinds(), &followed, time);
        (1..=5).filter(|n| gate.lets(id(*n), || None)).collect()
    }

    #[test]
    fn kinds_are_left_out_unless_they_are_followed_or_in_season() {
        let limits = Limits { left_out: Kind::ALL.to_vec(), ..Limits::default() };
        assert_eq!(passing(&limits, &[4], 11), [4, 5]);
        assert_eq!(passing(&limits, &[4], 12), [1, 2, 4, 5], "in December");
        assert_eq!(passing(&limits, &[1], 7), [1, 2, 4, 5], "that is what is followed");
        assert_eq!(passing(&limits, &[3, 5], 7), [3, 4, 5], "half of it");
        assert_eq!(passing(&limits, &[1, 4, 5], 7), [4, 5], "a third is not enough");
        assert_eq!(passing(&limits, &[], 7), [4, 5]);
        assert_eq!(passing(&Limits::default(), &[4], 7), [1, 2, 3, 4, 5], "nothing is to be left out");
        let one = Limits { left_out: vec![Kind::Podcasts], ..Limits::default() };
        assert_eq!(passing(&one, &[4], 7), [1, 2, 4, 5]);
    }

    #[test]
    fn filters_and_days_hold_together() {
        let limits = Limits { days: 2, ..Limits::default() };
        let time = Moment { unix: 10 * DAY, ..Moment::default() };
        let gate = Gate::new(&limits, Ok(Some([id(1), id(2)].into())), Arc::default(), &[], time);
        assert!(gate.lets(id(1), || None) && !gate.lets(id(3), || None));
        assert!(gate.lets(id(2), || Some(8 * DAY - 1)) && !gate.lets(id(2), || Some(8 * DAY)));
        assert_eq!(gate.fault(), None);
        let broken = Gate::new(&limits, Err("no filter named 'x'".into()), Arc::default(), &[], time);
        assert!(!broken.lets(id(1), || None));
        assert_eq!(broken.fault(), Some("no filter named 'x'"));
        assert!(Gate::default().lets(id(9), || Some(u64::MAX)));
    }
}
