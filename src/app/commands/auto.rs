//! `:auto` and `:engine`: automatic filling of the queue, and the engine that proposes tracks.

use super::row::{Args, Row, SWITCH, plain, row};
use super::words::{ON_OFF, one_of, some};
use crate::app::outcomes::Outcomes;
use crate::app::state::auto::AutoQueue;
use crate::app::state::playback::Playback;
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
    row("engine", Args::Typed("[NAME]", |_, model| plain(&model.engines)), "who proposes tracks", |t| {
        Ok(AutoAction::Engine(some(t.rest)))
    }),
];

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
        AutoAction::Engine(Some(name)) if !engines.is_empty() && !engines.contains(&name) => {
            return Err(format!("no engine '{name}'; there are: {}", engines.join(", ")));
        }
        AutoAction::Engine(Some(name)) => {
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
