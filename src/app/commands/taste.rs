//! `:taste`: shows, switches, undoes or resets the learned taste.

use super::row::{Args, Completion, Row, row};
use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::auto::AutoQueue;
use crate::library::journal::Event;

/// What `:taste …` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TasteAction {
    /// Show it.
    Show,
    /// Switch its use on or off.
    Switch(bool),
    /// Undo the last judgement, answer or `:less`.
    Undo,
    /// Forget everything learned so far.
    Reset,
}

/// The command.
pub const ROWS: &[Row<TasteAction>] = &[row(
    "taste",
    Args::Typed("[on|off|undo|reset]", |_, _| VERBS.iter().map(|(verb, doc)| Completion::new(*verb, *doc)).collect()),
    "what was learned of your taste; switch it, take the last back, begin anew",
    |t| parse(t.rest),
)];

/// The verbs of `:taste` with their help texts.
const VERBS: &[(&str, &str)] = &[
    ("on", "it counts when the queue fills itself"),
    ("off", "it does not"),
    ("undo", "the last judgement or answer is taken back"),
    ("reset", "it is learned anew from now on"),
];

fn parse(text: &str) -> Result<TasteAction, Refusal> {
    Ok(match text.trim() {
        "" => TasteAction::Show,
        "on" => TasteAction::Switch(true),
        "off" => TasteAction::Switch(false),
        "undo" => TasteAction::Undo,
        "reset" => TasteAction::Reset,
        _ => return Err(Refusal::takes("taste", "on, off, undo, reset, or nothing to show it")),
    })
}

/// Carries `:taste` out; what to say.
pub(super) fn act(auto: &mut AutoQueue, action: &TasteAction, effects: &mut Vec<Effect>) -> Option<&'static str> {
    match action {
        TasteAction::Show => {
            effects.push(Effect::Taste);
            return None;
        }
        TasteAction::Switch(on) => auto.taste = *on,
        TasteAction::Undo => effects.push(Effect::Note(Event::TasteUndone)),
        TasteAction::Reset => effects.push(Effect::Note(Event::TasteReset)),
    }
    auto.replace();
    match action {
        TasteAction::Switch(true) => Some("your taste counts"),
        TasteAction::Switch(false) => Some("your taste does not count; :taste on lets it"),
        TasteAction::Reset => Some("your taste is learned anew from now on; :taste undo takes that back"),
        // The diary thread, which owns the journal, reports what was undone.
        TasteAction::Undo | TasteAction::Show => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read() {
        assert_eq!(parse(" undo "), Ok(TasteAction::Undo));
        assert!(parse("sour").unwrap_err().to_string().contains("on, off, undo, reset"));
    }
}
