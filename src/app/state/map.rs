//! The map of the library, as far as the session knows it.

use std::sync::Arc;

use crate::ask::map::{Area, Chart};
use crate::library::Song;

/// The map.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Whether it is on the screen.
    pub shown: bool,
    /// How far it is.
    pub progress: Progress,
    /// The number of tracks on it.
    pub tracks: usize,
    /// How many of them were placed after it was laid out.
    pub later: usize,
    /// Its corners.
    pub bounds: Area,
    /// How often it has changed.
    pub revision: u64,
    /// The last chart of it that was asked for.
    pub chart: Option<Box<Chart>>,
    /// The songs of an area that was chosen, which the screen takes once.
    pub within: Option<Vec<Arc<Song>>>,
}

/// How far a map is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Progress {
    /// It was not asked for yet.
    #[default]
    None,
    /// It is being made; the share that is done, 0 to 1. A former one can still be seen.
    Working(f32),
    /// It is there.
    Ready,
    /// The user stopped it, and there is no former one.
    Stopped,
    /// It cannot be made; why (sanitised).
    Failed(String),
}
