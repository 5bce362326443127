//! Facts in words: why a track was picked, what a playlist agrees on. Plain text for the screen, the command line and the
//! socket; every input was sanitised when it was read.

pub mod card;
pub mod cards;
pub mod compare;
mod correlation;
pub mod portrait;
pub mod reason;
mod shared;
pub mod short;
pub mod signature;

pub use cards::{Card, Cards};
pub use reason::reason;
pub use shared::{Shared, shared};
