//! A map: the tracks of a space on a plane, where what is near sounds alike.
//!
//! The layout keeps neighbourhoods, not distances (`embed`): whether two tracks lie side by side tells something, how far
//! apart two regions lie tells little. It is fitted once; later tracks are placed among it without moving the others
//! ([`Places::extended`]).

mod embed;
mod layout;
mod neighbours;
mod places;
mod principal;

pub use layout::{bounds, fitted, placed};
pub use places::Places;
pub use principal::components;

/// A place on the map: across, from left to right, and down. The whole map lies between −1 and 1 on its longer axis.
pub type Point = [f32; 2];

/// The work was given up before its end, because whoever is told how far it is wanted no more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp;

/// Is told the share that is done, 0 to 1, and answers whether to go on. A large layout takes minutes; it is called every
/// second or so, by any thread.
pub type Told<'a> = dyn Fn(f32) -> bool + Sync + 'a;

/// Neighbours of a track that the layout goes by, and by which it is measured.
pub const NEIGHBOURS: usize = 15;
