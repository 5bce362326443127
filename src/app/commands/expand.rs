//! `:expand`: adds tracks like a saved playlist to it.

use crate::app::refusal::Refusal;
use std::sync::Arc;

use crate::app::effect::{Effect, Expanding, PlaylistOrder};
use crate::app::state::Model;
use crate::app::state::undo::Undo;
use crate::library::Song;
use crate::library::playlists;
use crate::queue::Situation;

use super::playlist::listed;
use super::row::{Args, Completion, Row, row};

/// How many tracks are added without a number, and at most.
const USUAL: usize = 20;
const MOST: usize = 500;
/// How well they fit at least without a percentage.
const FIT: u8 = 75;

/// Add tracks like a playlist to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpandAction {
    /// Its name.
    pub name: String,
    /// At most so many tracks.
    pub count: usize,
    /// How well they fit at least, in percent.
    pub fit: u8,
}

/// The command.
pub const ROWS: &[Row<ExpandAction>] = &[row(
    "expand",
    Args::Typed("PLAYLIST [N] [FIT%]", complete),
    "add tracks like a playlist to it: 20 that fit to 75 %, or expand NAME 10 90%",
    |t| parse(t.rest),
)];

fn complete(_: &str, model: &Model) -> Vec<Completion> {
    model.saved_playlists.iter().map(|name| Completion::new(name, "saved")).collect()
}

fn parse(text: &str) -> Result<ExpandAction, Refusal> {
    let wants =
        || Refusal::wants("expand", format!("PLAYLIST [N] [FIT%]: a number of tracks up to {MOST}, a fit up to 99%"));
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut fit = FIT;
    if let Some(percent) = words.last().and_then(|word| word.strip_suffix('%')).filter(|_| words.len() > 1) {
        fit = percent.parse().ok().filter(|percent| *percent < 100).ok_or_else(wants)?;
        words.pop();
    }
    let mut count = USUAL;
    // A name may be a number.
    if let Some(number) = words.last().and_then(|word| word.parse().ok()).filter(|_| words.len() > 1) {
        count = Some(number).filter(|number| (1..=MOST).contains(number)).ok_or_else(wants)?;
        words.pop();
    }
    let name = words.join(" ");
    if name.is_empty() {
        return Err(wants());
    }
    playlists::check(&name)?;
    Ok(ExpandAction { name, count, fit })
}

/// Asks for the tracks: near to those of the playlist, within the limits of the queue, without what was refused.
pub(super) fn act(model: &Model, action: ExpandAction, effects: &mut Vec<Effect>) {
    let ExpandAction { name, count, fit } = action;
    let auto = &model.auto;
    let situation = Situation {
        refused: auto.unwanted.tracks.clone(),
        artists_off: auto.unwanted.artists.iter().map(|(artist, _)| artist.clone()).collect(),
        taste: auto.taste,
        limits: auto.bounds.limits.clone(),
        ..Situation::default()
    };
    effects.push(Effect::Expand(Box::new(Expanding { name, count, fit, situation })));
}

/// Adds the tracks that were found, as a step that can be undone. Returns what to say where there are none.
pub(in crate::app) fn add(
    undo: &mut Undo,
    name: String,
    songs: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Option<String> {
    if songs.is_empty() {
        return Some(format!("{name}: nothing else fits so well; expand {name} 20 50% takes more"));
    }
    let step = undo.push_files(format!("expand {name}"));
    let order = PlaylistOrder::Add(name, Box::new(listed(songs.iter())));
    effects.push(Effect::Playlists(PlaylistOrder::Step(step, Box::new(order))));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let asked = |name: &str, count, fit| Ok(ExpandAction { name: name.into(), count, fit });
        assert_eq!(parse("night"), asked("night", USUAL, FIT));
        assert_eq!(parse("late-night 10"), asked("late-night", 10, FIT));
        assert_eq!(parse("night 10 90%"), asked("night", 10, 90));
        assert_eq!(parse("night 50%"), asked("night", USUAL, 50));
        assert_eq!(parse("1999"), asked("1999", USUAL, FIT), "a name of digits");
        for bad in ["", "night 0", "night 501", "night 100%", "night x%"] {
            assert!(parse(bad).unwrap_err().to_string().starts_with("expand wants PLAYLIST"), "{bad}");
        }
        assert!(parse("../night").is_err() && parse("late night 10").is_err(), "no names of playlists");
    }
}
