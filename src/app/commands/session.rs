//! `:theme` and `:quit`.

use super::row::{Args, Row, plain, row};
use super::words::some;
use crate::app::effect::Effect;
use crate::app::state::Model;
use crate::app::update::playback;

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionAction {
    /// Load another theme; `None` lists them.
    Theme(Option<String>),
    /// Quit.
    Quit,
}

/// The commands.
pub const ROWS: &[Row<SessionAction>] = &[
    row("theme", Args::Typed("[NAME]", |_, model| plain(&model.themes)), "change the colours", |t| {
        Ok(SessionAction::Theme(some(t.rest)))
    }),
    row("quit", Args::None, "end; the session is kept", |_| Ok(SessionAction::Quit)).or(&["q", "q!", "wq", "exit"]),
];

/// Carries a command out; what to say.
pub(super) fn act(model: &mut Model, action: SessionAction, effects: &mut Vec<Effect>) -> Option<String> {
    match action {
        SessionAction::Theme(None) => return Some(format!("themes: {}", model.themes.join(", "))),
        SessionAction::Theme(Some(name)) => effects.push(Effect::Theme(name)),
        SessionAction::Quit => {
            playback::leave(&mut model.deck(), false, effects);
            effects.push(Effect::Save(Box::new(model.saving())));
            effects.push(Effect::Quit);
        }
    }
    None
}
