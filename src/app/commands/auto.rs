//! `:auto`, `:engine` and `:like-last`: automatic filling of the queue, the engine that proposes tracks, and what was heard
//! last as what it follows.

use super::row::{Args, Completion, Row, SWITCH, row};
use super::words::{ON_OFF, one_of, some};
use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::model::{HEARD, Model};
use crate::app::update::signature;
use crate::latent::Choice;
use crate::queue::SignatureEngine;
use crate::queue::plugin::{ChainError, Stage, chain};
use crate::track::TrackId;

/// How many tracks `:like-last` follows without a number.
const LAST: usize = 20;

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AutoAction {
    /// Switch automatic filling; `None` toggles.
    Fill(Option<bool>),
    /// Choose an engine; `None` shows it.
    Engine(Option<String>),
    /// Follow so many of the tracks that were heard last.
    LikeLast(usize),
}

/// The commands.
pub const ROWS: &[Row<AutoAction>] = &[
    row("auto", SWITCH, "whether the queue fills itself", |t| Ok(AutoAction::Fill(one_of(t, &ON_OFF)?))),
    row("engine", Args::Typed("[NAME]", complete), "who proposes tracks", |t| Ok(AutoAction::Engine(some(t.rest)))),
    row("like-last", Args::Count, "go on like the tracks that were heard last, 20 or so many", |t| match t.rest {
        "" => Ok(AutoAction::LikeLast(LAST)),
        text => match text.parse() {
            Ok(count @ 1..=HEARD) => Ok(AutoAction::LikeLast(count)),
            _ => Err(Refusal::wants("like-last", format!("a number of tracks, 1 to {HEARD}"))),
        },
    }),
];

/// Completes the last engine of a chain.
fn complete(typed: &str, model: &Model) -> Vec<Completion> {
    let before = typed.rfind('|').map_or("", |at| &typed[..=at]);
    let room = if before.is_empty() { "" } else { " " };
    model.engines.iter().map(|name| Completion::new(format!("{before}{room}{name}"), "")).collect()
}

/// Carries a command out; what to say.
pub(super) fn act(model: &mut Model, action: AutoAction, effects: &mut Vec<Effect>) -> Result<String, Refusal> {
    let Model { auto, queue, play, outcomes, engines, .. } = model;
    Ok(match action {
        AutoAction::Fill(on) => {
            let on = on.unwrap_or(!auto.on);
            auto.switch(on, queue);
            play.starved &= on;
            if on { "the queue fills itself".into() } else { "the queue holds only what you add".into() }
        }
        AutoAction::LikeLast(count) => {
            let members = last_heard(model, count);
            if members.is_empty() {
                return Err(Refusal::NotYet("nothing of the library was heard yet".into()));
            }
            let said = signature::follow(&mut model.auto, "what was heard last", members, Choice::Auto);
            effects.push(signature::describe(&model.auto, &model.queue));
            said
        }
        AutoAction::Engine(None) => format!("engine: {}", auto.engine),
        AutoAction::Engine(Some(name)) => {
            let known = |stage: &Stage| engines.is_empty() || engines.contains(&stage.name);
            if let Some(stage) = chain::parse(&name)?.into_iter().find(|stage| !known(stage)) {
                return Err(ChainError::Unknown { name: stage.name, there: engines.clone() }.into());
            }
            // Whether another engine can propose anything is known only once it was asked for picks.
            if name != SignatureEngine::NAME {
                outcomes.await_picks();
            }
            auto.engine.clone_from(&name);
            auto.replace();
            format!("engine: {name}")
        }
    })
}

/// The tracks of the library that were heard last, without what was only skipped; the latest first.
fn last_heard(model: &Model, most: usize) -> Vec<TrackId> {
    let is_there =
        |track: &TrackId| model.catalog.of_track(*track).is_some_and(|song| model.tallies.of_song(song).plays > 0);
    model.heard.iter().rev().copied().filter(is_there).take(most).collect()
}
