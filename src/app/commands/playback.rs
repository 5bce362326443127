//! Playing, pausing, seeking, next and previous track.

use crate::app::effect::Effect;
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
        Ok(Seek(time(t.rest).ok_or("seek wants seconds like 30, +5 or 1:20")?))
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
) -> Result<(), String> {
    let Model { queue, play, catalog, .. } = model;
    match action {
        Play(None) if selected.is_empty() => go_on(model, effects)?,
        Play(path) => {
            let songs = meant::songs(catalog, model.music.as_deref(), path, selected)?;
            playback::play_now(model, songs, effects);
        }
        Toggle if play.state != State::Playing => go_on(model, effects)?,
        Toggle | Pause => effects.extend(play.pause().map(Effect::Player)),
        Stop => {
            playback::leave(model, false, effects);
            playback::halt(&mut model.play, effects);
        }
        Next => next(model, effects)?,
        Previous => {
            playback::leave(model, false, effects);
            // Without a previous track, the current one starts again.
            if model.queue.previous().is_none() && model.playing().is_none_or(|i| i.away) {
                return Err("nothing was played before".into());
            }
            playback::load(model, 0.0, false, effects);
        }
        Seek(_) if play.state == State::Stopped => return Err("nothing plays".into()),
        Seek(to) => {
            let length = play.duration(queue.playing().map_or(0.0, |i| i.song.secs));
            let target = match to {
                Amount::To(secs) => secs,
                Amount::By(secs) => play.position + secs,
            };
            effects.push(Effect::Player(play.seek(target, length)));
        }
    }
    Ok(())
}

fn go_on(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    // Clears a sleep timer that ran out while nothing played.
    model.order.is_bedtime(model.now);
    match model.play.state {
        State::Playing => {}
        State::Paused => effects.extend(model.play.resume().map(Effect::Player)),
        // At the end of the queue the last track is played again.
        State::Stopped
            if model.playing().is_some_and(|i| !i.away)
                || model.queue.step().is_some()
                || model.queue.previous().is_some() =>
        {
            playback::load(model, 0.0, false, effects);
        }
        State::Stopped if !model.queue.is_empty() => {
            return Err("nothing in the queue can be played: the library does not have the files (yet)".into());
        }
        State::Stopped => return Err("the queue is empty: choose a track in the library and press enter".into()),
    }
    Ok(())
}

fn next(model: &mut Model, effects: &mut Vec<Effect>) -> Result<(), String> {
    let ahead = model.queue.ahead();
    if ahead.iter().all(|i| i.away) && !model.order.goes_round(&model.queue) {
        let why = match (model.asking(), ahead.is_empty()) {
            (true, _) => "still listening for what fits",
            (false, true) => "nothing comes next",
            (false, false) => "nothing that comes next is there: the library does not have the files (yet)",
        };
        return Err(why.into());
    }
    effects.extend(taste::passed_over(model));
    playback::leave(model, false, effects);
    playback::go_on(model, false, effects);
    Ok(())
}
