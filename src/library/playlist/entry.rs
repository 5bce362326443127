//! What stands in a playlist.

use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::url;
use crate::library::Song;
use crate::track::TrackId;

/// An entry of a playlist that is no file: a radio station, say.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// How many entries precede it.
    pub before: usize,
    /// Its address, as written there.
    pub address: String,
    /// Its title.
    pub title: Option<String>,
    /// Duration in seconds.
    pub secs: Option<f64>,
}

impl Stream {
    /// One behind so many entries; `None` when what is named is no address.
    pub(super) fn of(address: &[u8], about: Entry, before: usize) -> Option<Stream> {
        url::scheme(address)?;
        let address = std::str::from_utf8(address).ok().filter(|a| !a.contains(char::is_control))?;
        Some(Stream { before, address: address.into(), title: about.name(), secs: about.secs })
    }
}

/// One entry of a playlist: where the file is said to lie, and what is said about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The file; it need not be there. Raw bytes, not necessarily UTF-8.
    #[serde(with = "crate::paths::raw")]
    pub path: PathBuf,
    /// The identity of its sound, in playlists of jukebox.
    pub track: Option<TrackId>,
    /// The artist.
    pub artist: Option<String>,
    /// The title; in playlists of others often `Artist - Title`.
    pub title: Option<String>,
    /// The album.
    pub album: Option<String>,
    /// Duration in seconds.
    pub secs: Option<f64>,
}

impl Entry {
    /// `Artist - Title`, or what there is of it.
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
            album: song.tags.album.clone(),
            secs: (song.secs > 0.0).then_some(song.secs),
        }
    }
}

/// How a playlist is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A path a line; `.m3u` and `.m3u8`.
    M3u,
    /// `File1=…`
    Pls,
    /// XML.
    Xspf,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        match text.to_lowercase().as_str() {
            "m3u" | "m3u8" => Ok(Format::M3u),
            "pls" => Ok(Format::Pls),
            "xspf" => Ok(Format::Xspf),
            _ => Err("a playlist is a .m3u8, .m3u, .pls or .xspf".into()),
        }
    }
}
