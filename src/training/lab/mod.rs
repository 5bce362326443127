//! The lab: the experiments of docs/paper.md, and the tables and figures made of their runs.
//!
//! A run is a training that only has a curve: it is neither judged nor published. The runs of an experiment lie in a
//! directory named after their setting (data, image size, width, epochs), each in one of its own with its record and,
//! while it is unfinished, its checkpoint. The same command finds them again and goes on.

mod answer;
pub mod arm;
mod claim;
pub mod claims;
mod comparison;
pub mod effects;
pub mod factors;
mod fault;
pub mod figure3;
#[cfg(test)]
mod fixture;
mod groups;
mod outcome;
pub mod outlook;
mod outlook_table;
#[cfg(test)]
mod outlook_tests;
pub mod page;
mod parts;
pub mod record;
pub mod small;
mod stock;
mod summary;
mod tables;
#[cfg(test)]
mod tests;
mod trained_heads;
mod verdicts;
pub mod work;

use std::path::Path;

pub use fault::{ClipsError, LabError, PageError, RecordError};
pub use parts::{Parts, Take};
pub use stock::{Asked, Stock};

use crate::files;

/// The revision of the source tree at a directory, if it is one of git; read from its files, without running git.
pub fn revision(tree: &Path) -> Option<String> {
    let text = |name: &str| files::text(&tree.join(".git").join(name), files::SMALL).ok();
    let head = text("HEAD")?;
    let Some(name) = head.trim().strip_prefix("ref: ") else { return Some(head.trim().chars().take(12).collect()) };
    let packed = || {
        let all = text("packed-refs")?;
        let line = all.lines().find(|line| line.ends_with(&format!(" {name}")))?;
        line.split(' ').next().map(String::from)
    };
    let hash = text(name).or_else(packed)?;
    Some(hash.trim().chars().take(12).collect())
}
