//! Questions about the library that need no session, and their answers: searches, neighbours, signatures, duplicates. The
//! engine's thread answers them in a running player, the command line answers them from the store.

pub mod answers;
pub mod duplicates;
pub mod fields;
pub mod find;
pub mod names;
pub mod protocol;
mod reply;
pub mod report;
pub mod search;
pub mod set;
mod sets;
pub mod tags;
pub mod taste;
