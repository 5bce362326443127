//! `:save`: writes the queue to a file.

use super::playlist::whole;
use crate::app::effect::Effect;
use crate::app::effect::PlaylistOrder;
use crate::app::refusal::Refusal;
use crate::queue::Queue;
use std::path::PathBuf;

use super::row::{PATH, Row, row};
use super::words::some;

/// Write the queue to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveAction {
    /// The file.
    pub file: Option<PathBuf>,
    /// Whether an existing file may be overwritten.
    pub over: bool,
}

/// The command.
pub const ROWS: &[Row<SaveAction>] =
    &[row("save", PATH, "write the queue into a .m3u8, .m3u, .pls or .xspf; save! over one", |t| {
        Ok(SaveAction { file: some(t.rest).map(PathBuf::from), over: t.forced })
    })
    .or(&["save!"])];

/// Carries the command out.
pub(super) fn act(queue: &Queue, action: SaveAction) -> Result<Effect, Refusal> {
    let file = action.file.ok_or_else(|| Refusal::wants("save", "a file, like evening.m3u8"))?;
    Ok(Effect::Playlists(PlaylistOrder::Write(file, Box::new(whole(queue)?), action.over)))
}
