//! The latent space: normal scores, exact search, signatures.

pub mod agreement;
pub mod choice;
mod circular;
pub mod clusters;
mod columns;
pub mod compare;
pub mod components;
pub mod departure;
pub mod dim;
mod distribution;
pub mod evidence;
pub mod fits;
pub mod histogram;
pub mod index;
pub mod lexicon;
pub mod map;
mod moments;
pub mod named;
pub mod names;
pub mod prior;
pub mod proximity;
pub mod report;
mod scan;
pub mod scorer;
mod scores;
pub mod searcher;
mod shares;
pub mod signature;
pub mod simulation;
#[cfg(test)]
mod simulation_tests;
pub mod soundness;
pub mod space;
mod spread;
mod stand;
pub mod table;
pub mod tags;
pub mod vocabulary;
pub mod words;
pub mod z;

pub use choice::{Choice, Pick};
pub use compare::{compare, differences};
pub use components::components;
pub use departure::Departure;
pub use dim::{Dim, Shape};
pub use evidence::{Yardstick, confidence};
pub use fits::Fits;
pub use histogram::{Histogram, Histograms};
pub use index::Index;
pub use lexicon::Lexicon;
pub use named::{ALL_DIMS, NAMED, NamedValues};
pub use names::{Found, Names};
pub use prior::Prior;
pub use proximity::Proximity;
pub use report::{DimReport, Fact, Mood, SignatureReport, Step, Term, Way, Why};
pub use scan::Hit;
pub use scorer::Scorer;
pub use searcher::{Near, Searcher};
pub use signature::{Member, Signature};
pub use space::Space;
pub use spread::Spread;
pub use stand::Stand;
pub use table::Table;
pub use tags::Tags;
pub use words::{Axis, Words};
pub use z::Reference;

/// Number of dimensions of a latent; users count them from 1 to 32.
pub const DIMS: usize = 32;

/// One track's latent, as the encoder outputs it.
pub type Latent = [f32; DIMS];
