//! The session: the command table, the state with its pure `update`, and the effects that `update` asks for. No I/O.

pub mod commands;
pub mod effect;
pub mod face;
#[cfg(test)]
pub(crate) mod fixture;
pub mod msg;
pub mod outcomes;
pub mod refusal;
pub mod sets;
pub mod state;
pub mod update;

pub use commands::{Action, parse};
pub use effect::Effect;
pub use msg::Msg;
pub use refusal::Refusal;
pub use state::{Model, Session, State};
pub use update::update;
