//! The session: the commands table, the model and its pure `update`, effects and the workers that run them.

pub mod action;
pub mod answer;
pub mod commands;
pub mod complete;
pub mod control;
pub mod course;
pub mod duplicates;
pub mod effect;
#[cfg(test)]
pub(crate) mod fixture;
pub mod msg;
mod names;
pub mod next;
pub mod outcomes;
mod places;
pub mod playlist;
pub mod report;
pub mod runtime;
pub mod search;
pub mod sets;
pub mod state;
pub mod taste;
pub mod update;

pub use action::{Action, parse};
pub use effect::Effect;
pub use msg::Msg;
pub use state::{Model, Session, State};
pub use update::update;
