//! Limits of the queue: what must hold for every automatic track, whoever proposes it. The user sets them with `:only`,
//! `:never` and `:limits`, or in `config.toml`.
//!
//! They are applied in one place, the policy ([`super::policy`]), through [`super::Context::allowed`] and, for what depends
//! on the tracks before, [`Tail`]: spacing and shares of genres. Where engines look for candidates they ask the same, so that a narrow limit still
//! finds its tracks; but what they let through is not relied on.

mod gate;
mod kinds;
mod rules;
mod scarce;
mod shares;
mod tail;

pub use gate::Gate;
pub use kinds::Kinds;
pub use rules::{Limits, Spacing, shared};
pub(super) use scarce::scarce;
pub use shares::WINDOW;
pub use tail::Tail;
pub(super) use tail::{RUN_MEMORY, latest};

#[cfg(test)]
mod tests;
