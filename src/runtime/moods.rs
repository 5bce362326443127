//! Operations on the user's moods, carried out on the diary thread.

use super::change_error::ChangeError;
use super::changes::{Changes, Files};
use crate::app::effect::MoodOrder;
use crate::app::msg::Msg;
use crate::library::Mood;

/// What an order changes, in words; `None` when it only reads.
pub(super) fn change(order: &MoodOrder) -> Option<String> {
    match order {
        MoodOrder::Put(mood) => Some(format!("the mood {}", mood.name)),
        MoodOrder::Delete(name) => Some(format!("the mood {name}")),
        MoodOrder::Step(_, order) => change(order),
        MoodOrder::Names | MoodOrder::List => None,
    }
}

/// Carries an order out. A change with a number is kept among `changes`.
///
/// # Errors
/// What went wrong, in one line.
pub(super) fn carry_out(files: &Files, changes: &mut Changes, order: MoodOrder) -> Result<Vec<Msg>, ChangeError> {
    let moods = &files.moods;
    match order {
        MoodOrder::Step(step, order) => {
            let begun = moods.begin();
            let mut answers = carry_out(files, changes, *order)?;
            changes.keep(step, vec![begun], None, &mut answers);
            Ok(answers)
        }
        MoodOrder::Names => Ok(vec![Msg::Moods(moods.load()?)]),
        MoodOrder::List => {
            let all = moods.load()?;
            Ok(vec![Msg::Told { title: "Moods".into(), lines: list(&all) }, Msg::Moods(all)])
        }
        MoodOrder::Put(mood) => {
            let text = format!("from {} to {} o'clock the queue follows {}", mood.from, mood.to, mood.name);
            // The notice comes first, so that one about the mood of the hour can replace it.
            let all = moods.put(mood)?;
            Ok(vec![Msg::success(text), Msg::Moods(all)])
        }
        MoodOrder::Delete(name) => {
            let text = format!("the mood {name} is deleted; its signature stays");
            let all = moods.delete(&name)?;
            Ok(vec![Msg::success(text), Msg::Moods(all)])
        }
    }
}

/// A line for each mood.
fn list(moods: &[Mood]) -> Vec<String> {
    if moods.is_empty() {
        return vec!["no moods yet; :mood late-night 22-2 follows the saved signature late-night at night".into()];
    }
    moods.iter().map(|mood| format!("{}: {}", mood.name, mood.hours())).collect()
}
