//! The state of a session: one object with its methods per file. Nothing here does I/O or knows the screen.

pub mod announced;
pub mod auto;
pub mod bounds;
pub mod covers;
pub(super) mod deck;
pub mod faults;
pub(super) mod filling;
pub mod filter;
pub mod lists;
pub mod log;
pub mod lyrics;
pub mod map;
pub mod model;
pub mod moods;
pub mod notices;
pub mod order;
pub mod playback;
pub mod revisions;
pub mod session;
pub mod sound_view;
pub mod sounds;
pub mod training;
pub mod trial;
pub(super) mod undo;
mod unsaved;

pub use model::Model;
pub use playback::State;
pub use session::Session;
pub use unsaved::Unsaved;
