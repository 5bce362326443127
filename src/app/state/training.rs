//! The trainings of encoders, which other processes run, as far as the session knows of them.

use std::sync::Arc;

use crate::training::runs::Board;

/// What is known of trainings.
#[derive(Clone, Debug, Default)]
pub struct Trainings {
    /// Whether they are on the screen: only then their files are looked at.
    pub shown: bool,
    /// The runs when they were last read; `None` until they were.
    pub board: Option<Arc<Board>>,
}
