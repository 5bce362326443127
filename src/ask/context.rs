//! What an engine gets to see of a library and a session.

use std::collections::HashSet;

use super::answers::Answers;
use super::error::{LimitError, NO_FILTER};
use super::find;
use crate::clock::Moment;
use crate::library::filter::Language;
use crate::library::fuzzy;
use crate::queue::{Context, Find, Gate, Limits, Situation};
use crate::track::TrackId;

/// What is wrong with the filter of a limit, in one line: a question and a fuzzy search have no answer that all tracks either
/// pass or do not.
pub fn fault_of_limit(filter: &str, language: &Language) -> Option<String> {
    if is_no_filter(filter) {
        return Some(NO_FILTER.into());
    }
    language.parse(filter).err().map(|fault| fault.to_string())
}

/// Whether a text is a question or a fuzzy search.
fn is_no_filter(text: &str) -> bool {
    find::typed(text).is_some() || fuzzy::typed(text).is_some()
}

impl Answers {
    /// The context of a request for picks with the dimensions chosen by test, the usual weights, and neither versions nor a
    /// prediction of what comes next.
    pub fn context(&self, situation: Situation, seed: u64, time: Moment) -> Context {
        let known = self.clone();
        let find = Find::new(move |filter, count| {
            let found = known.filtered(filter).map_err(|why| why.line())?;
            Ok(found.tracks().take(count).collect())
        });
        let gate = self.gate(&situation, time);
        Context {
            find,
            gate,
            catalog: self.catalog.clone(),
            space: self.space.clone(),
            searcher: self.searcher.clone(),
            tallies: self.tallies.clone(),
            time,
            seed,
            situation,
            prior: self.prior,
            taste: self.counting_taste(),
            ..Context::default()
        }
    }

    /// What the limits of a session let pass.
    fn gate(&self, situation: &Situation, time: Moment) -> Gate {
        let limits = &situation.limits;
        let ends = situation.course.map(|course| course.points()).unwrap_or_default();
        let followed = match (ends.is_empty(), situation.playlist.is_empty()) {
            (false, _) => ends.as_slice(),
            (true, false) => situation.playlist.as_slice(),
            (true, true) => situation.playing.as_slice(),
        };
        let passing = self.passing_limits(limits).map_err(|why| why.to_string());
        Gate::new(limits, passing, self.kinds(), followed, time)
    }

    /// The tracks that the filters of some limits let pass; `None` where there are no filters.
    fn passing_limits(&self, limits: &Limits) -> Result<Option<HashSet<TrackId>>, LimitError> {
        if !limits.filters() {
            return Ok(None);
        }
        let tracks = |limit, filter: &str| {
            if is_no_filter(filter) {
                return Err(LimitError::NoFilter { limit, filter: filter.into() });
            }
            let fault = |why| LimitError::Search { limit, filter: filter.into(), why };
            Ok(self.filtered(filter).map_err(fault)?.tracks().collect::<HashSet<TrackId>>())
        };
        let mut passing = match limits.only.as_str() {
            "" => self.catalog.tracks().collect(),
            only => tracks("only", only)?,
        };
        if !limits.never.is_empty() {
            let never = tracks("never", &limits.never)?;
            passing.retain(|track| !never.contains(track));
        }
        Ok(Some(passing))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::library::journal::{Entry, Event};
    use crate::library::signatures::Signatures;
    use crate::library::{Catalog, Song};
    use crate::track::Tags;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    /// Tracks 1 and 2 are jazz, 3 and 4 rock; 5 is a podcast.
    fn answers() -> Answers {
        let song = |(n, genre): (u8, &str)| {
            let tags = Tags { genres: [genre.to_string()].into(), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}.mp3"), id(n)) })
        };
        let songs = [(1, "Jazz"), (2, "Jazz"), (3, "Rock"), (4, "Rock"), (5, "Podcast")];
        let catalog = Catalog::new(songs.map(song).into());
        Answers::new(catalog.into(), Arc::default(), Signatures::in_dir("/nonexistent".into()))
    }

    fn passing(answers: &Answers, limits: Limits) -> Vec<u8> {
        let situation = Situation { playlist: vec![id(1)], limits, ..Situation::default() };
        let context = answers.context(situation, 1, Moment { unix: 1_000_000, month: 7, ..Moment::default() });
        (1..=5).filter(|n| context.wanted(id(*n))).collect()
    }

    #[test]
    fn limits_are_the_user_s_filters() {
        let mut answers = answers();
        let limits = |only: &str, never: &str| Limits { only: only.into(), never: never.into(), ..Limits::default() };
        assert_eq!(passing(&answers, limits("", "")), [1, 2, 3, 4, 5]);
        assert_eq!(passing(&answers, limits("genre=jazz", "")), [1, 2]);
        assert_eq!(passing(&answers, limits("", "genre=jazz")), [3, 4, 5]);
        assert_eq!(passing(&answers, limits("genre=jazz | genre=rock", "file~4")), [1, 2, 3]);
        assert_eq!(passing(&answers, limits("rating>=60", "")), Vec::<u8>::new());
        let rated = Event::Rated { track: id(3), rating: Some(80) };
        answers.note(&Entry { at: 5, event: rated });
        assert_eq!(passing(&answers, limits("rating>=60", "")), [3]);
        let left_out = Limits { left_out: crate::config::Kind::ALL.to_vec(), ..Limits::default() };
        assert_eq!(passing(&answers, left_out), [1, 2, 3, 4]);
    }

    #[test]
    fn what_was_played_lately_waits_some_days() {
        let mut answers = answers();
        let played = |track, at| Entry { at, event: Event::Played { track, secs: 60.0, whole: true } };
        answers.note(&played(id(1), 1_000_000 - 86_400));
        answers.note(&played(id(2), 1_000_000 - 4 * 86_400));
        let days = |days| Limits { days, ..Limits::default() };
        assert_eq!(passing(&answers, days(3)), [2, 3, 4, 5]);
        assert_eq!(passing(&answers, days(5)), [3, 4, 5]);
    }

    #[test]
    fn a_filter_that_cannot_be_evaluated_lets_nothing_pass_and_says_why() {
        let answers = answers();
        for (filter, says) in [
            ("genree=jazz", "only genree=jazz: no field 'genree'"),
            ("@gone", "only @gone: there is no filter named 'gone'"),
            ("like(/m/9.mp3)", "only like(/m/9.mp3): like(/m/9.mp3): not in the library"),
            ("?jzz", "only ?jzz: a limit is a filter"),
            ("find: calm", "only find: calm: a limit is a filter"),
        ] {
            let limits = Limits { only: filter.into(), ..Limits::default() };
            let situation = Situation { playlist: vec![id(1)], limits, ..Situation::default() };
            let context = answers.context(situation, 1, Moment::default());
            let why = context.gate.fault().unwrap_or_default();
            assert!(why.starts_with(says) && !why.contains('\n'), "{filter}: {why}");
            assert!(!context.wanted(id(1)), "{filter}");
        }
    }
}
