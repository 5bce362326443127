//! Errors of engines.

use thiserror::Error;

use super::plugin::{ChainError, PluginError};

/// Why an engine or a course has nothing to propose. The `Display` form is one line that says what to do, where something
/// can be done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EngineError {
    /// Neither is there a playlist, nor does anything play.
    #[error("nothing to start from: play a track or add one to the queue")]
    NoStart,
    /// No track of the playlist has a latent.
    #[error("nothing of the playlist is analysed yet")]
    NotAnalysed,
    /// The tracks of the playlist have latents, but no values in the dimensions that the user chose.
    #[error("nothing is known of the playlist in these dimensions; :signature auto takes others")]
    NotInDimensions,
    /// There is no further album; the fewest tracks of one.
    #[error("no album of {0} tracks or more is left")]
    NoAlbum(usize),
    /// No track of the sets that a blend should be like has a latent.
    #[error("none of the tracks that the blend should resemble is analysed yet")]
    NoBlend,
    /// Too few tracks have a value in the dimension of a direction, which has this name.
    #[error("{0} is known for too few tracks; the direction is off")]
    NoDirection(String),
    /// A point of a journey, the track of this title, has no latent.
    #[error("{0} is not analysed yet: no journey")]
    NoPoint(String),
    /// The ends of a journey have the same latent.
    #[error("both ends of the journey sound the same")]
    SameEnds,
}

/// Why a chain of engines cannot be asked, or has no answer. The `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DirectorError {
    /// It is no chain of engines that there are.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A plugin of it cannot be used.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A built-in engine of it has nothing to propose.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
