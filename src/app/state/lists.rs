//! What the user saved: playlists, smart playlists, signatures, moods.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::library::{Mood, Song};
use crate::track::TrackId;

/// What a saved list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A playlist: tracks in an order.
    Playlist,
    /// A smart playlist: a filter.
    Smart,
    /// A saved signature: tracks that the queue can follow.
    Signature,
    /// A saved signature that the queue follows at certain hours.
    Mood,
}

impl Kind {
    /// Its name: `smart playlist`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Playlist => "playlist",
            Kind::Smart => "smart playlist",
            Kind::Signature => "signature",
            Kind::Mood => "mood",
        }
    }
}

/// Where the songs of a list go in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placing {
    /// Behind what the user chose.
    Append,
    /// In the place of the queue. The song at this index plays first; those before it count as played.
    Open {
        /// Counted from 0; a list that is too short for it is not opened.
        from: usize,
    },
    /// Like `Open`, from a row on the screen. The list may have changed since it was read for the screen.
    OpenRow {
        /// Counted from 0.
        row: usize,
        /// The track that the row showed. It plays first wherever the list has it now; a list without it plays from the
        /// same row on, or from its last track where it has become shorter.
        track: TrackId,
    },
}

impl Placing {
    /// The index in these songs of the list of the one that plays first; past their end where there is none. `None` where
    /// they are appended.
    pub(in crate::app) fn first(self, songs: &[Arc<Song>]) -> Option<usize> {
        match self {
            Placing::Append => None,
            Placing::Open { from } => Some(from),
            Placing::OpenRow { row, track } => {
                // A list may have a track twice.
                let same = songs.iter().enumerate().filter(|(_, song)| song.track == track).map(|(at, _)| at);
                let nearest = same.min_by_key(|at| at.abs_diff(row));
                Some(nearest.unwrap_or_else(|| row.min(songs.len().saturating_sub(1))))
            }
        }
    }
}

/// A saved list with what the library has of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The filter of a smart playlist with its order and limit, the dimensions of a signature, the hours of a mood; or
    /// why it cannot be read.
    pub about: String,
    /// Whether it cannot be read.
    pub broken: bool,
    /// Its songs, in its order.
    pub songs: Vec<Arc<Song>>,
    /// Its length in seconds, as far as the songs' are known.
    pub secs: f64,
    /// How many of its entries are not in the library.
    pub missing: usize,
}

impl Listed {
    /// A list of these songs.
    pub fn new(kind: Kind, name: String, about: String, songs: Vec<Arc<Song>>, missing: usize) -> Listed {
        let secs = songs.iter().map(|song| song.secs).sum();
        Listed { kind, name, about, broken: false, songs, secs, missing }
    }

    /// A list that cannot be read, and why.
    pub fn broken(kind: Kind, name: String, why: String) -> Listed {
        Listed { broken: true, ..Listed::new(kind, name, why, Vec::new(), 0) }
    }
}

/// How many songs a smart playlist would have, while it is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The line that was counted: a filter, with an order and a limit perhaps.
    pub line: String,
    /// The number of songs and their length in seconds; or what is wrong, in one line.
    pub found: Result<(usize, f64), String>,
}

/// These lists, and behind them the moods with the songs of their signatures.
pub(in crate::app) fn with_moods(mut lists: Vec<Listed>, moods: &[Mood]) -> Vec<Listed> {
    lists.retain(|list| list.kind != Kind::Mood);
    let mood = |mood: &Mood| {
        let of = lists.iter().find(|list| list.kind == Kind::Signature && list.name == mood.name);
        match of {
            Some(of) => Listed {
                kind: Kind::Mood,
                about: if of.broken { of.about.clone() } else { mood.hours() },
                ..of.clone()
            },
            None => {
                let why =
                    format!("there is no signature '{}'; :mood delete {} forgets its hours", mood.name, mood.name);
                Listed::broken(Kind::Mood, mood.name.clone(), why)
            }
        }
    };
    let moods: Vec<Listed> = moods.iter().map(mood).collect();
    lists.extend(moods);
    lists
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;

    #[test]
    fn moods_stand_behind_the_lists_with_the_songs_of_their_signatures() {
        let songs = fixture::catalog(3).songs().to_vec();
        let night = Listed::new(Kind::Signature, "night".into(), "auto".into(), songs.clone(), 1);
        let mood = |name: &str, from| Mood { name: name.into(), from, to: 9 };
        let moods = [mood("run", 7), mood("night", 22)];
        let mut lists = with_moods(vec![night], &moods);
        for _ in 0..2 {
            let all: Vec<_> = lists.iter().map(|list| (list.kind, list.name.as_str(), list.about.as_str())).collect();
            let why = "there is no signature 'run'; :mood delete run forgets its hours";
            assert_eq!(
                all,
                [(Kind::Signature, "night", "auto"), (Kind::Mood, "run", why), (Kind::Mood, "night", "22-9")]
            );
            assert_eq!((&lists[2].songs, lists[2].missing, lists[1].broken, lists[2].broken), (&songs, 1, true, false));
            lists = with_moods(lists, &moods);
        }
        assert_eq!(with_moods(lists, &[]).len(), 1);
    }
}
