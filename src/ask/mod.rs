//! Questions about the library that need no session: searches, neighbours, signatures, duplicates. In a running player
//! the engine thread answers them; without one, the command line answers them from the store.

pub mod answers;
pub mod context;
pub mod duplicates;
pub mod error;
pub mod event;
pub mod fields;
pub mod find;
pub mod inspect;
pub mod known;
pub mod listens;
pub mod map;
pub mod mixes;
pub mod names;
mod near_miss;
pub mod practice;
pub mod protocol;
pub mod rediscover;
mod reply;
pub mod report;
pub mod screen;
pub mod search;
pub mod set;
mod sets;
pub mod tags;
pub mod taste;
pub mod trial;
