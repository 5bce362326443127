//! The lab: the experiments of docs/paper.md, and the tables and figures made of their runs.
//!
//! A run is a training that only has a curve: it is neither judged nor published. The runs of an experiment lie in a
//! directory named after their setting (data, image size, width, epochs), each in one of its own with its record, a picture
//! of what its decoder guesses if it has one, and, while it is unfinished, its checkpoint. The same command finds them again
//! and goes on.

mod answer;
pub mod arm;
mod claim;
pub mod claims;
mod comparison;
pub mod effects;
pub mod estimate;
pub mod factors;
mod fault;
pub mod figure3;
#[cfg(test)]
mod fixture;
mod generalises;
mod groups;
pub mod measures;
mod music;
pub mod only;
mod outcome;
pub mod outlook;
mod outlook_table;
#[cfg(test)]
mod outlook_tests;
pub mod page;
mod parts;
pub mod reconstructed;
pub mod record;
mod said;
pub mod schedule;
pub mod small;
mod stock;
mod summary;
mod tables;
#[cfg(test)]
mod tests;
mod trained_heads;
mod verdicts;
pub mod work;

pub use fault::{ClipsError, LabError, PageError, RecordError};
pub use parts::{Parts, Take};
pub use stock::{Asked, Stock};
