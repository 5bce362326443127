//! Names of sets of tracks, as the user types them.

use super::refusal::Refusal;
use crate::ask::set::Side;
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
    type Err = Refusal;

    fn from_str(word: &str) -> Result<SetName, Refusal> {
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

/// A set as named in `:signature-of` and `:compare`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhomName {
    /// What the queue follows.
    Followed,
    /// The user's own tracks of the queue.
    Queue,
    /// The marked tracks, or else the selected one.
    Marks,
    /// A playlist.
    Playlist(String),
    /// One of the sets of `:signature compare`.
    Set(SetName),
}

/// The words for sets that `:signature-of` and `:compare` take, each with its help text.
pub const WHOM: &[(&str, &str)] = &[
    ("followed", "what the queue follows"),
    ("queue", "your own tracks of the queue"),
    ("album", "of the selected or playing track"),
    ("artist", "of the selected or playing track"),
    ("marks", "the marked tracks"),
];

impl std::str::FromStr for WhomName {
    type Err = Refusal;

    fn from_str(words: &str) -> Result<WhomName, Refusal> {
        let words = words.trim();
        if let Some((kind, name)) = words.split_once(char::is_whitespace) {
            let name = name.trim();
            return match kind {
                "playlist" => Ok(WhomName::Playlist(name.into())),
                "saved" => {
                    signatures::check(name)?;
                    Ok(WhomName::Set(SetName::Saved(name.into())))
                }
                _ => Err(Refusal::unknown(
                    format!("no set is called '{}'", crate::text::sanitize(words)),
                    "; there are followed, queue, album, artist, marks, playlist NAME and saved names",
                )),
            };
        }
        Ok(match words {
            "" | "followed" | "playlist" => WhomName::Followed,
            "queue" => WhomName::Queue,
            "marks" => WhomName::Marks,
            name => WhomName::Set(name.parse()?),
        })
    }
}

/// A set whose signature is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Whom {
    /// What the queue follows.
    #[default]
    Followed,
    /// The user's own tracks of the queue.
    Queue,
    /// Another set.
    Set(Side),
    /// A playlist, which is read when it is looked at.
    Playlist(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_named() {
        let read = |words: &str| words.parse::<WhomName>();
        assert_eq!(
            (read(""), read("followed"), read("queue")),
            (Ok(WhomName::Followed), Ok(WhomName::Followed), Ok(WhomName::Queue))
        );
        assert_eq!(read("playlist late night"), Ok(WhomName::Playlist("late night".into())));
        assert_eq!(read("late-night"), Ok(WhomName::Set(SetName::Saved("late-night".into()))));
        assert_eq!(read("saved album-2"), Ok(WhomName::Set(SetName::Saved("album-2".into()))));
        assert_eq!((read("album"), read("marks")), (Ok(WhomName::Set(SetName::Album)), Ok(WhomName::Marks)));
        assert!(read("two words").unwrap_err().to_string().contains("playlist NAME"));
        assert!(read("../x").is_err());
    }
}
