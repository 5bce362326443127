//! Playing, pausing, seeking, next and previous track.

use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::deck::Deck;
use crate::app::state::{Model, State};
use crate::app::update::{meant, playback, taste};
use crate::library::Song;
use std::path::PathBuf;
use std::sync::Arc;

use super::row::{Args, PATH, Row, Takes, free, row};
use super::words::{Amount, signed, some};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaybackAction {
    /// Play the files at a path, or else the selection, or else resume.
    Play(Option<PathBuf>),
    /// Pause or resume.
    Toggle,
    /// Pause.
    Pause,
    /// Stop.
    Stop,
    /// Go to the next track.
    Next,
    /// Go to the previous track.
    Previous,
    /// Seek, in seconds.
    Seek(Amount<f64>),
}

use PlaybackAction::*;

/// The commands.
pub const ROWS: &[Row<PlaybackAction>] = &[
    row("play", PATH, "play the selection or a path now; alone: go on", |t| Ok(Play(some(t.rest).map(PathBuf::from))))
        .takes(Takes::SONGS_IF_BARE),
    row("toggle", Args::None, "pause or go on", |_| Ok(Toggle)),
    row("pause", Args::None, "hold the music", |_| Ok(Pause)),
    row("stop", Args::None, "stop", |_| Ok(Stop)),
    row("next", Args::None, "play what comes next", |_| Ok(Next)),
    row("previous", Args::None, "play what was before", |_| Ok(Previous)).or(&["prev"]),
    row("seek", free("TIME"), "go to a time, or by so many seconds: 1:20, +5, -5", |t| {
        Ok(Seek(time(t.rest).ok_or_else(|| Refusal::wants("seek", "seconds like 30, +5 or 1:20"))?))
    }),
];

/// `30`, `1:20`, `1:02:03`, each with a sign when relative.
fn time(text: &str) -> Option<Amount<f64>> {
    let (sign, digits) = signed(text);
    let mut secs = 0.0;
    for part in digits.split(':') {
        if !part.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        secs = secs * 60.0 + part.parse::<f64>().ok().filter(|s| s.is_finite())?;
    }
    // The sum may have overflowed to infinity.
    secs.is_finite().then_some(())?;
    Some(sign.map_or(Amount::To(secs), |s| Amount::By(s * secs)))
}

/// Carries a command out.
pub(super) fn act(
    model: &mut Model,
    action: PlaybackAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    // What to do about an empty queue: in a shell there is no library to choose from.
    let empty = match model.outcomes.is_asked() {
        true => ": `jukebox play FILTER|FILE` plays something",
        false => ": choose a track in the library and press enter",
    };
    let mut deck = model.deck();
    match action {
        Play(None) if selected.is_empty() => go_on(&mut deck, empty, effects)?,
        Play(path) => {
            let songs = meant::songs(&model.catalog, model.music.as_deref(), path, selected)?;
            playback::play_now(&mut model.deck(), songs, effects);
        }
        Toggle if deck.play.state != State::Playing => go_on(&mut deck, empty, effects)?,
        Toggle | Pause => effects.extend(deck.play.pause().map(Effect::Player)),
        Stop => {
            playback::leave(&mut deck, false, effects);
            playback::halt(deck.play, effects);
        }
        Next => next(&mut deck, effects)?,
        Previous => {
            playback::leave(&mut deck, false, effects);
            // Without a previous track, the current one starts again.
            if deck.queue.previous().is_none() && deck.queue.playing().is_none_or(|i| i.away) {
                return Err(Refusal::NothingTo("nothing was played before"));
            }
            playback::load(&mut deck, 0.0, false, effects);
        }
        Seek(_) if deck.play.state == State::Stopped => return Err(Refusal::NothingPlays("")),
        Seek(to) => {
            let length = deck.play.length(deck.queue);
            let target = match to {
                Amount::To(secs) => secs,
                Amount::By(secs) => deck.play.position + secs,
            };
            effects.push(Effect::Player(deck.play.seek(target, length)));
        }
    }
    Ok(())
}

/// Goes on; `empty` says what to do about an empty queue.
fn go_on(deck: &mut Deck<'_>, empty: &'static str, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    // Clears a sleep timer that ran out while nothing played.
    deck.order.is_bedtime(deck.now);
    match deck.play.state {
        State::Playing => {}
        State::Paused => effects.extend(deck.play.resume().map(Effect::Player)),
        // At the end of the queue the last track is played again.
        State::Stopped
            if deck.queue.playing().is_some_and(|i| !i.away)
                || deck.queue.step().is_some()
                || deck.queue.previous().is_some() =>
        {
            playback::load(deck, 0.0, false, effects);
        }
        State::Stopped if !deck.queue.is_empty() => {
            return Err(away("nothing in the queue can be played"));
        }
        State::Stopped => return Err(Refusal::EmptyQueue(empty)),
    }
    Ok(())
}

/// None of several tracks can be played.
fn away(what: &'static str) -> Refusal {
    Refusal::Away { what: what.into(), files: "the files" }
}

fn next(deck: &mut Deck<'_>, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    let ahead = deck.queue.ahead();
    if ahead.iter().all(|i| i.away) && !deck.order.goes_round(deck.queue) {
        return Err(match (deck.auto.pending.is_some(), ahead.is_empty()) {
            (true, _) => Refusal::NotYet("still listening for what fits".into()),
            (false, true) => Refusal::NothingTo("nothing comes next"),
            (false, false) => away("nothing that comes next is there"),
        });
    }
    effects.extend(taste::passed_over(deck.auto, deck.queue, deck.play));
    playback::leave(deck, false, effects);
    playback::go_on(deck, false, effects);
    Ok(())
}
