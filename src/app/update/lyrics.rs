//! The lyrics of what plays: reading them while they are shown.

use std::path::PathBuf;
use std::sync::Arc;

use crate::library::lyrics::Read;
use crate::notice::Kind;
use crate::track::FileFault;

use super::super::effect::Effect;
use super::super::state::log::Matter;
use super::super::state::lyrics::Known;
use super::super::state::model::Model;

/// Keeps pace with the player, and has the lyrics of another track read.
pub(super) fn follow(model: &mut Model) -> Option<Effect> {
    if !model.singing.shown {
        return None;
    }
    model.singing.note(&model.play, model.now);
    let song = model.queue.playing().filter(|item| !item.away).map(|item| &item.song)?;
    // Its tags would end the reader too.
    if model.faults.get(&*song.path).is_some_and(FileFault::is_deadly) {
        return None;
    }
    model.singing.ask(&song.path).then(|| Effect::Lyrics(song.path.to_path_buf()))
}

/// Takes what was read. What could not be read is noted in the log.
pub(super) fn found(model: &mut Model, path: PathBuf, found: Result<Read, String>) {
    let (known, faults) = match found {
        Ok(Read { lyrics: Some(lyrics), faults }) => (Known::Found(Arc::new(lyrics)), faults),
        Ok(Read { lyrics: None, faults }) => match faults.first() {
            Some(first) => (Known::Failed(first.clone()), faults),
            None => (Known::None, faults),
        },
        Err(why) => {
            let why = crate::text::sanitize(&why);
            (Known::Failed(why.clone()), vec![format!("its lyrics were not read: {why}")])
        }
    };
    if model.singing.take(path.clone(), known) {
        for fault in faults {
            model.log.add(model.now, Matter::File, Kind::Obstacle, &fault, Some(&path));
        }
    }
}
