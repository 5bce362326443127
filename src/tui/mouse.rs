//! What the mouse is doing: the last click, and what the pressed button has hold of.

use std::time::Duration;

use ratatui::layout::Position;

use crate::latent::map::Point;

/// What the mouse is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mouse {
    /// The last click: when and where.
    pub clicked_at: Option<(Duration, Position)>,
    /// What the pressed button has hold of.
    pub held: Held,
}

impl Mouse {
    /// Whether the last input was a click.
    pub fn clicked(&self) -> bool {
        self.clicked_at.is_some()
    }

    /// Forgets the last click, once a key was pressed.
    pub fn forget(&mut self) {
        self.clicked_at = None;
    }
}

/// What the pressed button has hold of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Held {
    #[default]
    /// Nothing.
    Nothing,
    /// The bar of progress.
    Progress,
    /// The bar of volume.
    Volume,
    /// The spectrogram of what plays.
    Spectrogram,
    /// The map, where the button was pressed.
    Map(Point),
    /// An item of the queue, by its serial number.
    Item(u64),
}
