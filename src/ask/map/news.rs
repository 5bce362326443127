//! How far the map is.

use super::window::Area;

/// What is told of the map while it is made.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// It is being made; the share that is done, 0 to 1.
    Working(f32),
    /// It is there.
    Ready {
        /// The number of tracks on it.
        tracks: usize,
        /// How many of them were placed after it was laid out.
        later: usize,
        /// Its corners.
        bounds: Area,
    },
    /// The work on it was given up, as the user wanted.
    Stopped,
    /// It cannot be made; why.
    Failed(String),
}
