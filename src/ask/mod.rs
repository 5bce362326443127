//! Questions about the library that need no session, and their answers: searches, neighbours, signatures, duplicates. The
//! engine's thread answers them in a running player, the command line answers them from the store.

pub mod answer;
pub mod duplicates;
pub mod names;
mod places;
pub mod protocol;
pub mod report;
pub mod search;
pub mod set;
pub mod taste;
