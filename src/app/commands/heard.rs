//! `:rediscover` and `:mix`: what was heard, as tracks for the queue and as playlists.

use crate::app::effect::{Effect, Mixing, PlaylistOrder, Rediscovering};
use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::state::undo::Undo;
use crate::library::playlist::Playlist;
use crate::queue::{Limits, Situation};

use super::row::{Args, Row, free, row};

/// How many tracks `:rediscover` adds without a number, and at most.
const USUAL: usize = 20;
const MOST: usize = 500;
/// For how many days they were not heard, unless it is said.
const DAYS: u32 = 180;
/// The most days.
const MOST_DAYS: u32 = 3650;

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeardAction {
    /// Add what was liked and not heard for long to the queue.
    Rediscover {
        /// At most so many tracks.
        count: usize,
        /// Not heard for more than so many days.
        days: u32,
    },
    /// Make the day's mixes, today and on every day from now on.
    Mix,
    /// Remove them, and make no more.
    NoMix,
}

use HeardAction as Do;

/// The commands.
pub const ROWS: &[Row<HeardAction>] = &[
    row(
        "rediscover",
        free("[N] [DAYSd]"),
        "add 20 or N tracks that you liked and have not heard for half a year",
        |t| rediscover(t.rest),
    ),
    row(
        "mix",
        Args::Words("[off]", &["off"]),
        "the day's mixes of what you hear, as playlists, new every day; off: no more",
        |t| match t.rest {
            "" => Ok(Do::Mix),
            "off" => Ok(Do::NoMix),
            _ => Err(Refusal::wants("mix", "nothing, or off")),
        },
    ),
];

fn rediscover(text: &str) -> Result<HeardAction, Refusal> {
    let wants = || {
        Refusal::wants("rediscover", format!("a number of tracks up to {MOST}, and days like 90d: rediscover 20 90d"))
    };
    let (mut count, mut days) = (None, None);
    for word in text.split_whitespace() {
        let known = match word.strip_suffix('d') {
            Some(number) => {
                days.replace(number.parse().ok().filter(|n| (1..=MOST_DAYS).contains(n)).ok_or_else(wants)?).is_some()
            }
            None => count.replace(word.parse().ok().filter(|n| (1..=MOST).contains(n)).ok_or_else(wants)?).is_some(),
        };
        if known {
            return Err(wants());
        }
    }
    Ok(Do::Rediscover { count: count.unwrap_or(USUAL), days: days.unwrap_or(DAYS) })
}

/// Carries a command out; the answer comes later.
pub(super) fn act(model: &mut Model, action: HeardAction, effects: &mut Vec<Effect>) {
    effects.push(match action {
        Do::Rediscover { count, days } => {
            let situation = Situation {
                playlist: model.queue.playlist(),
                playing: model.playing().map(|item| item.song.track),
                ahead: model.queue.ahead().iter().map(|item| item.song.track).collect(),
                heard: model.heard.clone(),
                limits: model.auto.bounds.limits.clone(),
                ..without_tracks(model)
            };
            Effect::Rediscover(Box::new(Rediscovering { count, days, situation }))
        }
        Do::Mix => Effect::Mix(Box::new(mixing(model, true))),
        Do::NoMix => {
            let step = model.undo.push_files("mix off");
            Effect::Playlists(PlaylistOrder::Step(step, Box::new(PlaylistOrder::Unmix)))
        }
    });
}

/// What mixes depend on. `asked`: whether the user asks for them. Those of the next days are made without being asked for, so
/// the limits of the moment do not count; but what is not music does not come.
pub(in crate::app) fn mixing(model: &Model, asked: bool) -> Mixing {
    let left_out = model.auto.bounds.limits.left_out.clone();
    let situation = Situation { limits: Limits { left_out, ..Limits::default() }, ..without_tracks(model) };
    Mixing { asked, situation }
}

/// The session without its tracks.
fn without_tracks(model: &Model) -> Situation {
    let auto = &model.auto;
    Situation {
        refused: auto.unwanted.tracks.clone(),
        artists_off: auto.unwanted.artists.iter().map(|(artist, _)| artist.clone()).collect(),
        taste: auto.taste,
        ..Situation::default()
    }
}

/// Keeps the mixes of a day as playlists; those that the user has asked for, as a step that can be undone.
pub(in crate::app) fn keep(
    undo: &mut Undo,
    asked: bool,
    day: String,
    lists: Vec<(String, Playlist)>,
    effects: &mut Vec<Effect>,
) {
    let order = PlaylistOrder::Mix { asked, day, lists };
    let order = match asked {
        true => PlaylistOrder::Step(undo.push_files("mix"), Box::new(order)),
        false => order,
    };
    effects.push(Effect::Playlists(order));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let asked = |count, days| Ok(Do::Rediscover { count, days });
        assert_eq!(rediscover(""), asked(USUAL, DAYS));
        assert_eq!(rediscover("5"), asked(5, DAYS));
        assert_eq!((rediscover("5 90d"), rediscover("90d 5")), (asked(5, 90), asked(5, 90)));
        assert_eq!(rediscover("30d"), asked(USUAL, 30));
        for bad in ["0", "501", "0d", "3651d", "d", "x", "5 6", "5d 6d", "-1"] {
            assert!(rediscover(bad).unwrap_err().to_string().starts_with("rediscover wants a number"), "{bad}");
        }
        let mix = |rest| (ROWS[1].parse)(super::super::row::Typed { name: "mix", forced: false, rest });
        assert_eq!((mix(""), mix("off")), (Ok(Do::Mix), Ok(Do::NoMix)));
        assert!(mix("tape").is_err());
    }
}
