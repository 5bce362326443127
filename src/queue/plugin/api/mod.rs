//! The interface for scripts, version 1, as `table` documents it: `ctx` for one call, and `ctx.lib`, whose functions live as
//! long as the script.
//!
//! Host functions cannot be interrupted, so each is bounded and charged for its work in steps. Their errors carry
//! the script's line.

mod args;
mod call;
mod ctx;
mod library;
pub mod pages;
mod place;
mod query;
pub mod table;
#[cfg(test)]
mod tests;
mod track;

pub(super) use args::parse;
pub(super) use call::{Call, Current};
pub(super) use ctx::{Kept, context, options};
pub(super) use library::library;
pub use query::MOST_PROPOSALS;
