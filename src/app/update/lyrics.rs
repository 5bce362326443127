//! The lyrics of what plays: reading them while they are shown.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::library::lyrics::Read;
use crate::notice::Kind;
use crate::queue::Queue;
use crate::track::FileFault;

use super::super::effect::Effect;
use super::super::state::faults::{Faults, is_deadly};
use super::super::state::log::{Log, Matter};
use super::super::state::lyrics::{Known, Singing};
use super::super::state::playback::Playback;

/// Keeps pace with the player, and has the lyrics of another track read.
pub(super) fn follow(
    singing: &mut Singing,
    queue: &Queue,
    (play, now): (&Playback, Duration),
    faults: &Faults,
) -> Option<Effect> {
    if !singing.shown {
        return None;
    }
    singing.note(play, now);
    let song = queue.playing().filter(|item| !item.away).map(|item| &item.song)?;
    // Its tags would end the reader too.
    if is_deadly(faults, &song.path) {
        return None;
    }
    singing.ask(&song.path).then(|| Effect::Lyrics(song.path.to_path_buf()))
}

/// Takes what was read. What could not be read is noted in the log.
pub(super) fn found(
    singing: &mut Singing,
    (log, now): (&mut Log, Duration),
    path: PathBuf,
    found: Result<Read, FileFault>,
) {
    let (known, faults) = match found {
        Ok(Read { lyrics: Some(lyrics), faults }) => (Known::Found(Arc::new(lyrics)), faults),
        Ok(Read { lyrics: None, faults }) => match faults.first() {
            Some(first) => (Known::Failed(first.clone()), faults),
            None => (Known::None, faults),
        },
        Err(why) => {
            let why = crate::text::sanitize(&why.to_string());
            (Known::Failed(why.clone()), vec![format!("its lyrics were not read: {why}")])
        }
    };
    if singing.take(path.clone(), known) {
        for fault in faults {
            log.add(now, Matter::File, Kind::Obstacle, &fault, Some(&path));
        }
    }
}
