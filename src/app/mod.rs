//! The session: the commands table, the model and its pure `update`, effects and the workers that run them.

pub mod effect;
pub mod msg;

pub use effect::Effect;
pub use msg::Msg;
