//! The session: the commands table, the state and its pure `update`, and the effects that it asks for. No I/O.

pub mod action;
pub mod commands;
pub mod complete;
pub mod course;
pub mod effect;
pub mod face;
#[cfg(test)]
pub(crate) mod fixture;
pub mod msg;
pub mod outcomes;
pub mod playlist;
pub mod sets;
pub mod state;
pub mod update;

pub use action::{Action, parse};
pub use effect::Effect;
pub use msg::Msg;
pub use state::{Model, Session, State};
pub use update::update;
