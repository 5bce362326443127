//! Sets of tracks, by what the user calls them.

use crate::library::signatures;

/// A set as `:signature compare` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetName {
    /// What the queue follows.
    Playlist,
    /// The album of the selected, else of the playing track.
    Album,
    /// The artist of that track.
    Artist,
    /// Everything.
    Library,
    /// A saved signature.
    Saved(String),
}

/// Words that name a set without its having been saved.
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
