//! `:auto` and `:engine`: automatic filling of the queue, and the engine that proposes tracks.

use super::row::{Args, Completion, Row, SWITCH, row};
use super::words::{ON_OFF, one_of, some};
use crate::app::outcomes::Outcomes;
use crate::app::state::auto::AutoQueue;
use crate::app::state::model::Model;
use crate::app::state::playback::Playback;
use crate::queue::plugin::chain;
use crate::queue::{Queue, SignatureEngine};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AutoAction {
    /// Switch automatic filling; `None` toggles.
    Fill(Option<bool>),
    /// Choose an engine; `None` shows it.
    Engine(Option<String>),
}

/// The commands.
pub const ROWS: &[Row<AutoAction>] = &[
    row("auto", SWITCH, "whether the queue fills itself", |t| {
        Ok(AutoAction::Fill(one_of(t.rest, &ON_OFF, "auto wants on or off")?))
    }),
    row("engine", Args::Typed("[NAME]", complete), "who proposes tracks", |t| Ok(AutoAction::Engine(some(t.rest)))),
];

/// Completes the last engine of a chain.
fn complete(typed: &str, model: &Model) -> Vec<Completion> {
    let before = typed.rfind('|').map_or("", |at| &typed[..=at]);
    let room = if before.is_empty() { "" } else { " " };
    model.engines.iter().map(|name| Completion::new(format!("{before}{room}{name}"), "")).collect()
}

/// Carries a command out; what to say.
pub(super) fn act(
    auto: &mut AutoQueue,
    queue: &mut Queue,
    play: &mut Playback,
    outcomes: &mut Outcomes,
    engines: &[String],
    action: AutoAction,
) -> Result<String, String> {
    Ok(match action {
        AutoAction::Fill(on) => {
            let on = on.unwrap_or(!auto.on);
            auto.switch(on, queue);
            play.starved &= on;
            if on { "the queue fills itself".into() } else { "the queue holds only what you add".into() }
        }
        AutoAction::Engine(None) => format!("engine: {}", auto.engine),
        AutoAction::Engine(Some(name)) => {
            for stage in chain::parse(&name)?.iter().filter(|_| !engines.is_empty()) {
                if !engines.contains(&stage.name) {
                    let name = crate::text::sanitize(&stage.name);
                    return Err(format!("no engine '{name}'; there are: {}", engines.join(", ")));
                }
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
