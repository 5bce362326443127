//! An output that is open, of whatever kind.

use super::error::OutputError;
use crate::audio::player::source::Source;

/// Sample rates, as ranges in Hz.
pub(in crate::audio) type Rates = Vec<(u32, u32)>;
/// Keeps an output running; dropped, it ends. Dropping may take long.
pub(in crate::audio) type Running = Box<dyn Send>;

/// An output that is open and has no source yet.
pub(crate) struct Opened {
    /// Its name, for the screen and `doctor`.
    pub name: String,
    /// Whether it is inaudible.
    pub silent: bool,
    /// Whether it pulls in real time.
    pub paced: bool,
    /// Its sample rate in Hz.
    pub rate: u32,
    /// The rates that it could be opened at.
    pub rates: Rates,
    /// Starts pulling from a source.
    pub start: Box<dyn FnOnce(Source) -> Result<Running, OutputError> + Send>,
}
