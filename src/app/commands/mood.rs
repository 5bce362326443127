//! `:mood`: saved signatures that are followed at certain hours.

use crate::app::effect::Effect;
use crate::app::effect::MoodOrder;
use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::state::auto::AutoQueue;
use crate::app::state::undo::Undo;
use crate::app::update::mood::leave;
use crate::library::{Mood, signatures};
use crate::queue::Queue;

use super::row::{Args, Completion, Row, row};

/// What `:mood` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoodAction {
    /// List the moods.
    List,
    /// Stop following the mood of this hour until its hours begin again.
    Off,
    /// Save a mood.
    Set(Mood),
    /// Delete a mood.
    Delete(String),
}

/// The command.
pub const ROWS: &[Row<MoodAction>] = &[row(
    "mood",
    Args::Typed("[NAME H-H|list|delete NAME|off]", complete),
    "follow a saved signature at some hours: late-night 22-2",
    |t| mood(t.rest),
)];

fn mood(line: &str) -> Result<MoodAction, Refusal> {
    let line = line.trim();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    Ok(match (first, rest) {
        ("" | "list", "") => MoodAction::List,
        ("off", "") => MoodAction::Off,
        ("delete", "") => return Err(Refusal::wants("mood delete", "a name")),
        ("delete", name) => {
            signatures::check(name)?;
            MoodAction::Delete(name.into())
        }
        (_, "") => {
            return Err(Refusal::wants("mood", "a saved signature and hours: late-night 22-2, list, delete NAME, off"));
        }
        (name, hours) => {
            signatures::check(name)?;
            let (from, to) = Mood::parse_hours(hours)?;
            MoodAction::Set(Mood { name: name.into(), from, to })
        }
    })
}

/// Completes a saved signature, or a verb and a mood.
fn complete(rest: &str, model: &Model) -> Vec<Completion> {
    let kept = || model.moods.list.iter().flatten();
    if rest.starts_with("delete ") {
        return kept().map(|m| Completion::new(format!("delete {}", m.name), m.hours())).collect();
    }
    let verbs = [("list", "the moods and their hours"), ("delete ", "forget one"), ("off", "leave this hour's")];
    let name = |name: &String| Completion::new(format!("{name} "), "a saved signature; then hours, like 22-2");
    let verbs = verbs.into_iter().map(|(verb, doc)| Completion::new(verb, doc));
    model.saved_signatures.iter().map(name).chain(verbs).collect()
}

/// Carries `:mood` out; what to say.
pub(super) fn act(
    auto: &mut AutoQueue,
    queue: &Queue,
    (saved, undo): (&[String], &mut Undo),
    action: MoodAction,
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let (what, order) = match action {
        MoodAction::List => {
            effects.push(Effect::Moods(MoodOrder::List));
            return Ok(None);
        }
        MoodAction::Delete(name) => (format!("mood delete {name}"), MoodOrder::Delete(name)),
        MoodAction::Set(mood) => {
            if !saved.contains(&mood.name) {
                let name = &mood.name;
                let instead = format!("; `:signature save {name}` makes one of the playlist");
                return Err(Refusal::unknown(format!("no signature '{name}'"), instead));
            }
            (format!("mood {} {}", mood.name, mood.hours()), MoodOrder::Put(mood))
        }
        MoodAction::Off => {
            let left = leave(auto, queue, effects).ok_or(Refusal::NothingTo("no mood is followed now"))?;
            return Ok(Some(format!("{left} is off until its hours come again")));
        }
    };
    effects.push(Effect::Moods(MoodOrder::Step(undo.push_files(what), Box::new(order))));
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moods_have_hours() {
        let night = Mood { name: "late-night".into(), from: 22, to: 2 };
        assert_eq!(mood("late-night 22-2"), Ok(MoodAction::Set(night)));
        assert_eq!(
            (mood(""), mood("list"), mood("off")),
            (Ok(MoodAction::List), Ok(MoodAction::List), Ok(MoodAction::Off))
        );
        assert_eq!(mood("delete x"), Ok(MoodAction::Delete("x".into())));
        assert!(mood("late-night").is_err() && mood("late-night 7").is_err() && mood("../x 1-2").is_err());
        assert!(mood("delete").is_err());
    }
}
