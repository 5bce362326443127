//! Entries of a playlist.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::FormatError;
use super::url;
use crate::library::Song;
use crate::track::TrackId;

/// An entry of a playlist that is not a local file, such as a radio station.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Number of file entries before it.
    pub before: usize,
    /// Its URL, as written in the playlist.
    pub address: String,
    /// Its title.
    pub title: Option<String>,
    /// Duration in seconds.
    pub secs: Option<f64>,
}

impl Stream {
    /// A stream after `before` file entries; `None` if `address` is not a URL.
    pub(super) fn of(address: &[u8], about: Entry, before: usize) -> Option<Stream> {
        url::scheme(address)?;
        let address = std::str::from_utf8(address).ok().filter(|a| !a.contains(char::is_control))?;
        Some(Stream { before, address: address.into(), title: about.name(), secs: about.secs })
    }
}

/// An entry of a playlist: the path of a file and its metadata.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The file, which need not exist. Raw bytes, not necessarily UTF-8.
    #[serde(with = "crate::paths::raw")]
    pub path: PathBuf,
    /// The track's identity, in playlists written by jukebox.
    pub track: Option<TrackId>,
    /// The artist.
    pub artist: Option<String>,
    /// The title; in playlists of other programs often `Artist - Title`.
    pub title: Option<String>,
    /// The album.
    pub album: Option<String>,
    /// Duration in seconds.
    pub secs: Option<f64>,
}

impl Entry {
    /// `Artist - Title`, or the title alone; `None` without a title.
    pub fn name(&self) -> Option<String> {
        let title = self.title.as_deref()?;
        Some(self.artist.as_deref().map_or_else(|| title.to_string(), |artist| format!("{artist} - {title}")))
    }
}

impl From<&Song> for Entry {
    fn from(song: &Song) -> Entry {
        Entry {
            path: song.path.to_path_buf(),
            track: Some(song.track),
            artist: (!song.artist().is_empty()).then(|| song.artist().to_string()),
            title: Some(song.title()),
            album: song.tags.album.as_deref().map(Into::into),
            secs: (song.secs > 0.0).then_some(song.secs),
        }
    }
}

/// The file format of a playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One path per line; `.m3u` and `.m3u8`.
    M3u,
    /// `File1=…`; `.pls`.
    Pls,
    /// XML; `.xspf`.
    Xspf,
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Format, FormatError> {
        match text.to_lowercase().as_str() {
            "m3u" | "m3u8" => Ok(Format::M3u),
            "pls" => Ok(Format::Pls),
            "xspf" => Ok(Format::Xspf),
            _ => Err(FormatError::Extension),
        }
    }
}
