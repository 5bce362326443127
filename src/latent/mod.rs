//! The latent space: normal scores, exact scan, signatures.

pub mod choice;
mod distribution;
pub mod evidence;
pub mod index;
pub mod named;
pub mod proximity;
pub mod report;
mod scan;
pub mod signature;
#[cfg(test)]
mod simulation;
pub mod space;
pub mod z;

pub use choice::{Choice, Pick};
pub use evidence::{Yardstick, confidence};
pub use index::{Index, Searcher};
pub use named::{ALL_DIMS, NAMED, NamedValues};
pub use proximity::Proximity;
pub use report::{DimReport, SignatureReport, Why};
pub use signature::{Dim, Member, Prior, Signature};
pub use space::{Hit, Scorer, Space};
pub use z::Reference;

/// Dimensions of a latent; users count them from 1 to 32.
pub const DIMS: usize = 32;

/// One track's latent as the encoder gives it.
pub type Latent = [f32; DIMS];
