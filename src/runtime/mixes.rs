//! Makes the mixes of a day on the engine's thread.

use std::sync::Arc;

use crate::app::effect::Mixing;
use crate::app::msg::Msg;
use crate::ask::answers::Answers;
use crate::ask::mixes::{Mix, mixes};
use crate::clock::Moment;
use crate::latent::Choice;
use crate::library::mixes::Mixes;
use crate::library::playlist::{Entry, Playlist};
use crate::library::playlists::Playlists;
use crate::queue::{Context, Situation};

use super::trials::{self, Request};

/// Whether mixes are to be made: somebody asks for them, or the last ones are of another day.
pub(super) fn are_due(playlists: &Playlists, mixing: &Mixing, now: Moment) -> bool {
    mixing.asked || Mixes::of(playlists).day().is_some_and(|of| of != day(now))
}

/// The mixes of this day. `request` makes the rest of a request for picks. `None` where too little was heard and nobody
/// has asked.
pub(super) fn made(
    answers: &Answers,
    mixing: Mixing,
    now: Moment,
    request: impl FnOnce(Situation, Choice) -> Request,
) -> Option<Msg> {
    let Mixing { asked, situation } = mixing;
    let context = Context { time: now, ..trials::context(answers, request(situation, Choice::Auto)) };
    let day = day(now);
    // Every day draws others.
    let seed = day.bytes().fold(0u64, |seed, byte| seed * 31 + u64::from(byte));
    match mixes(&context, seed) {
        Ok(mixes) => {
            let lists = mixes.into_iter().map(|mix| listed(mix, &day)).collect();
            Some(Msg::Mixes { asked, day, lists })
        }
        Err(why) if asked => Some(Msg::obstacle(why)),
        Err(_) => None,
    }
}

/// A mix as a playlist, with the name that it is to have.
fn listed(mix: Mix, day: &str) -> (String, Playlist) {
    let Mix { name, words, songs } = mix;
    let title = format!("Mix of {day}{}{}", if words.is_empty() { "" } else { ": " }, words.join(", "));
    let entries = songs.iter().map(|song: &Arc<_>| Entry::from(&**song)).collect();
    (name, Playlist { title: Some(title), entries, ..Playlist::default() })
}

/// `2026-11-30`
fn day(now: Moment) -> String {
    format!("{:04}-{:02}-{:02}", now.year, now.month, now.day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes_are_due_when_they_are_asked_for_or_of_another_day() {
        let dir = tempfile::tempdir().unwrap();
        let lists = Playlists::in_dir(dir.path().join("playlists"));
        let at = |day| Moment { year: 2026, month: 11, day, ..Moment::default() };
        let is_due = |asked, day| are_due(&lists, &Mixing { asked, situation: Situation::default() }, at(day));
        assert!(is_due(true, 30) && !is_due(false, 30), "nobody has asked for any yet");
        let mixes = Mixes::of(&lists);
        mixes.carry_out(&mixes.plan(&day(at(9)), Vec::new())).unwrap();
        assert_eq!(mixes.day().as_deref(), Some("2026-11-09"));
        assert!(!is_due(false, 9) && is_due(false, 10) && is_due(true, 9));
        mixes.carry_out(&mixes.end()).unwrap();
        assert!(!is_due(false, 10));
    }
}
