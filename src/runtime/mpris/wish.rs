//! What the desktop wishes of the player.

use std::sync::Arc;

/// What the desktop wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A command line, as after `:`.
    Line(String),
    /// Play what this URL names.
    Open(String),
}

/// Carries out what the desktop wishes.
pub type Wisher = Arc<dyn Fn(Wish) + Send + Sync>;
