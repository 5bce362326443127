//! Names of sets of tracks, as the user types them.

use crate::library::signatures;

/// A set as named in `:signature compare`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetName {
    /// The tracks that the queue follows.
    Playlist,
    /// The album of the selected track, or else of the playing one.
    Album,
    /// The artist of that track.
    Artist,
    /// The whole library.
    Library,
    /// A saved signature.
    Saved(String),
}

/// The reserved words for sets that are not saved signatures, each with its help text.
pub const SETS: &[(&str, &str)] = &[
    ("playlist", "what the queue follows"),
    ("album", "of the selected or playing track"),
    ("artist", "of the selected or playing track"),
    ("library", "everything"),
];

impl std::str::FromStr for SetName {
    type Err = String;

    fn from_str(word: &str) -> Result<SetName, String> {
        Ok(match word {
            "playlist" => SetName::Playlist,
            "album" => SetName::Album,
            "artist" => SetName::Artist,
            "library" => SetName::Library,
            name => {
                signatures::check(name)?;
                SetName::Saved(name.into())
            }
        })
    }
}
