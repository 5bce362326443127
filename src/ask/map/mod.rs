//! The map of the library as it is shown: the part that a screen sees, coloured and named ([`Charts`]), and where its
//! places are kept.

mod chart;
mod charts;
mod colour;
pub mod file;
mod landmarks;
mod news;
mod window;

pub use chart::{BITS, Cell, Chart, Charting, Kind, Mark, Stand};
pub use charts::Charts;
pub use colour::{Class, Classes, Colour, MOST, UNKNOWN};
pub use landmarks::Landmark;
pub use news::News;
pub use window::{Area, Window, between, holds, percent};
