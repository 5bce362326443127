//! The state of a session. Each file is one object with its own methods; nothing here does I/O or knows the screen.

pub mod model;
pub mod session;
pub mod sounds;

pub use model::{Model, State};
pub use session::Session;
