//! The latent space: normal scores, exact scan, signatures.

mod distribution;
pub mod evidence;
pub mod report;
pub mod signature;
#[cfg(test)]
mod simulation;
pub mod space;
pub mod z;

pub use evidence::{Yardstick, confidence};
pub use report::{DimReport, SignatureReport, Why};
pub use signature::{Dim, Member, Prior, Signature};
pub use space::{Hit, Scorer, Space};
pub use z::Reference;

/// Dimensions of a latent; users count them from 1 to 32.
pub const DIMS: usize = 32;

/// One track's latent as the encoder gives it.
pub type Latent = [f32; DIMS];

/// Which dimensions a signature uses.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Choice {
    /// Chosen by test (DESIGN §3).
    #[default]
    Auto,
    /// Exactly these, counted from 0 here, sorted, without repeats.
    Dims(Vec<u8>),
    /// All of them, softly (`:signature off`).
    All,
}
