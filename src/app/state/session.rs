//! The saved session: the state kept between runs, as JSON. Sessions of older versions can still be read.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::latent::{Choice, Fact, Step, Term};
use crate::library::Song;
use crate::queue::{Blend, Course, Item, Modes, Origin, Why};
use crate::track::{Tags, TrackId};

use super::auto::Following;
use super::bounds::SavedBounds;
use super::lists::Kind;

/// A saved session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The music directory; absent in older sessions and where its name is not UTF-8.
    pub root: Option<PathBuf>,
    /// Every item of the queue.
    pub items: Vec<SavedItem>,
    /// How many of the items were already played.
    pub played: usize,
    /// Whether the item after those was the current one.
    pub live: bool,
    /// Seconds into the current item.
    pub position: f64,
    /// Percent.
    pub volume: u8,
    /// Whether automatic filling was on.
    pub auto: bool,
    /// The name of the engine.
    pub engine: String,
    /// Whether the learned taste was used; absent in older sessions.
    pub taste: Option<bool>,
    /// Dimensions as a user writes them: "auto", "off", "3,7,12".
    pub signature: String,
    /// The saved signature or blend that the queue followed.
    pub following: Option<SavedFollowing>,
    /// The direction or journey in progress.
    pub course: Option<Course>,
    /// The mood of the hour.
    pub mood: Option<String>,
    /// Repeat, shuffle, continue, consume.
    pub modes: Modes,
    /// Consumed tracks that the user had added, as hexadecimal digits.
    pub consumed: Vec<String>,
    /// Refused tracks, as hexadecimal digits.
    pub refused: Vec<String>,
    /// Refused artists, each with the seconds left.
    pub artists_off: Vec<(String, f64)>,
    /// The limits of the queue, and its end.
    pub bounds: SavedBounds,
    /// The filter that the library showed.
    pub filter: String,
    /// By how many milliseconds the lyrics of a track (as hexadecimal digits) begin sooner than they say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lyric_offsets: Vec<(String, i32)>,
    /// The focus and the cursors.
    pub view: View,
}

/// The part of a session that changes constantly during playback; saved separately, as a long queue is slow to write.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// See [`Session::played`].
    pub played: usize,
    /// See [`Session::live`].
    pub live: bool,
    /// Seconds into the current item.
    pub position: f64,
    /// Percent.
    pub volume: u8,
    /// The focus and the cursors.
    pub view: View,
}

/// A session to be saved, with its queue not yet converted into [`SavedItem`]s.
#[derive(Clone, Debug, PartialEq)]
pub struct Saving {
    /// The rest of the session. Its own items come before the queue's.
    pub session: Session,
    /// The queue.
    pub items: Vec<Item>,
}

impl Saving {
    /// The session as it is written; takes time in proportion to the queue.
    pub fn into_session(self) -> Session {
        let Saving { mut session, items } = self;
        session.items.extend(items.iter().map(SavedItem::of));
        session
    }
}

impl From<Session> for Saving {
    fn from(session: Session) -> Saving {
        Saving { session, items: Vec::new() }
    }
}

/// The part of the screen's state that the next start restores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Whether the keys go to the queue instead of the library.
    pub queue: bool,
    /// The song under the library's cursor; none when its name is not UTF-8.
    pub song: Option<PathBuf>,
    /// The index of the item under the queue's cursor.
    pub item: usize,
    /// Whether the keys go to the playlists; `queue` is then false.
    pub playlists: bool,
    /// The kind and the name of the saved list under the cursor.
    pub list: Option<(Kind, String)>,
    /// What the library is grouped by, by its name.
    pub by: String,
    /// The name of the library's column that has the cursor.
    pub column: String,
    /// The keys that the library is sorted by, as `:sort` takes them; empty for its own order.
    pub sort: String,
    /// Whether the library is a grid of albums.
    pub grid: bool,
}

/// A saved signature or blend that the queue followed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedFollowing {
    /// Its name.
    pub name: String,
    /// Its tracks, as hexadecimal digits.
    pub members: Vec<String>,
    /// The sets to be like, if it is a blend.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plus: Vec<Vec<String>>,
    /// The sets to be unlike, if it is a blend.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub minus: Vec<Vec<String>>,
    /// If a mood started it: the choice of dimensions before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// An item of the queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedItem {
    /// The file; absent when its name is not UTF-8.
    pub path: Option<PathBuf>,
    /// The bytes of its name when that is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
    /// The track, as its 32 hexadecimal digits, to find the song when the file was moved.
    pub track: String,
    /// Why it was picked; absent for an item added by the user.
    pub why: Option<SavedWhy>,
    /// Title, artist, album and duration (seconds) are displayed while the library does not have the file yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// See `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// See `title`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// See `title`.
    #[serde(default)]
    pub secs: f64,
}

impl Session {
    /// Whether the session belongs to this music directory: it names it, or one of its files lies below it. True when
    /// neither a directory nor a file is known.
    pub fn is_of(&self, root: &Path) -> bool {
        let mut files = self.items.iter().filter_map(SavedItem::file).peekable();
        let unknown = self.root.is_none() && files.peek().is_none();
        unknown || self.root.as_deref() == Some(root) || files.any(|file| file.starts_with(root))
    }

    /// Takes the place out, leaving default values.
    pub(in crate::app) fn take_place(&mut self) -> Place {
        Place {
            played: std::mem::take(&mut self.played),
            live: std::mem::take(&mut self.live),
            position: std::mem::take(&mut self.position),
            volume: std::mem::take(&mut self.volume),
            view: std::mem::take(&mut self.view),
        }
    }

    /// Sets the place.
    pub fn set_place(&mut self, place: Place) {
        let Place { played, live, position, volume, view } = place;
        (self.played, self.live, self.position, self.volume, self.view) = (played, live, position, volume, view);
    }

    /// Only the settings, for a music directory that has no session yet.
    #[must_use]
    pub fn without_queue(self) -> Session {
        Session {
            volume: self.volume,
            auto: self.auto,
            engine: self.engine,
            taste: self.taste,
            modes: self.modes,
            lyric_offsets: self.lyric_offsets,
            ..Session::default()
        }
    }
}

/// The reason for a pick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedWhy {
    /// The engine.
    pub engine: String,
    /// The plugin's own explanation.
    pub text: String,
    /// The nearest member of the playlist.
    pub nearest: Option<String>,
    /// Fit, 0 to 1.
    pub fit: Option<f32>,
    /// Dimensions and their shares.
    pub dims: Vec<(u8, f32)>,
    /// What the set and the track have in common.
    pub facts: Vec<Fact>,
    /// The encoder's words that apply to both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// What each term of the policy contributed.
    pub terms: Vec<(Term, f32)>,
    /// Its position in a run of tracks by its artist, from 1; 0 when unknown.
    pub run: u32,
    /// Its step of a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// Whether the engine chose its place.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}

impl SavedFollowing {
    /// Converts into the saved form.
    pub(super) fn of(followed: &Following) -> SavedFollowing {
        let texts = |tracks: &Vec<TrackId>| tracks.iter().map(TrackId::to_string).collect();
        let sets = |sets: fn(&Blend) -> &Vec<Vec<TrackId>>| {
            followed.blend.as_ref().map_or_else(Vec::new, |b| sets(b).iter().map(texts).collect())
        };
        SavedFollowing {
            name: followed.name.clone(),
            members: texts(&followed.members),
            plus: sets(|b| &b.plus),
            minus: sets(|b| &b.minus),
            before: followed.before.as_ref().map(Choice::to_string),
        }
    }

    /// Converts back; `None` without any track. The file may have been edited: invalid track ids are left out.
    pub(super) fn load(&self) -> Option<Following> {
        let tracks = |texts: &Vec<String>| -> Vec<TrackId> { texts.iter().filter_map(|t| t.parse().ok()).collect() };
        let sets = |sets: &[Vec<String>]| -> Vec<Vec<TrackId>> {
            sets.iter().map(tracks).filter(|set| !set.is_empty()).collect()
        };
        let blend = Blend { plus: sets(&self.plus), minus: sets(&self.minus) };
        let members = tracks(&self.members);
        (!members.is_empty()).then(|| Following {
            name: crate::text::sanitize(&self.name),
            members,
            blend: (!blend.plus.is_empty()).then_some(blend),
            before: self.before.as_ref().map(|text| text.parse().unwrap_or_default()),
        })
    }
}

impl SavedItem {
    /// Converts into the saved form.
    pub(super) fn of(item: &Item) -> SavedItem {
        let (song, path) = (&item.song, &item.song.path);
        SavedItem {
            path: path.to_str().map(PathBuf::from),
            bytes: path.to_str().is_none().then(|| path.as_os_str().as_bytes().to_vec()),
            track: song.track.to_string(),
            title: song.tags.title.as_deref().map(Into::into),
            artist: song.tags.artist.as_deref().map(Into::into),
            album: song.tags.album.as_deref().map(Into::into),
            secs: if song.secs.is_finite() { song.secs } else { 0.0 },
            why: match &item.origin {
                Origin::Hand => None,
                Origin::Auto(why) => Some(SavedWhy::of(why)),
            },
        }
    }

    /// The file; none in an older session when its name is not UTF-8.
    fn file(&self) -> Option<PathBuf> {
        let bytes = || self.bytes.clone().map(|bytes| PathBuf::from(OsString::from_vec(bytes)));
        self.path.clone().or_else(bytes)
    }

    /// A placeholder song for the queue until the library has the file; `None` with neither a path nor a track.
    pub(super) fn song(&self) -> Option<Arc<Song>> {
        let (path, track) = (self.file(), self.track.parse().ok());
        if path.is_none() && track.is_none() {
            return None;
        }
        let text = |text: &Option<String>| text.as_deref().map(crate::text::sanitize);
        let tags = Tags {
            title: text(&self.title).map(Into::into),
            artist: text(&self.artist).map(Into::into),
            album: text(&self.album).map(Into::into),
            ..Tags::default()
        };
        let secs = if self.secs.is_finite() { self.secs.max(0.0) } else { 0.0 };
        // An id that no file has, so that the song is found by its path alone.
        let track = track.unwrap_or(TrackId([0xff; 16]));
        Some(Arc::new(Song { tags: tags.into(), secs, ..Song::bare(path.unwrap_or_default(), track) }))
    }

    /// Whether the user or an engine put it into the queue.
    pub(super) fn origin(&self) -> Origin {
        self.why.as_ref().map_or(Origin::Hand, |why| Origin::Auto(why.load()))
    }
}

impl SavedWhy {
    fn of(why: &Why) -> SavedWhy {
        let is_finite = |fact: &Fact| [fact.value, fact.low, fact.high, fact.centre].iter().all(|v| v.is_finite());
        SavedWhy {
            engine: why.engine.clone(),
            text: why.text.clone(),
            nearest: why.nearest.map(|t| t.to_string()),
            // JSON has no NaN.
            fit: why.fit.filter(|f| f.is_finite()),
            dims: why.dims.iter().filter(|d| d.1.is_finite()).copied().collect(),
            facts: why.facts.iter().filter(|f| is_finite(f)).copied().collect(),
            words: why.words.clone(),
            terms: why.terms.iter().filter(|t| t.1.is_finite()).copied().collect(),
            run: why.run,
            step: why.step,
            ordered: why.ordered,
        }
    }

    fn load(&self) -> Why {
        Why {
            engine: crate::text::sanitize(&self.engine),
            text: crate::text::sanitize(&self.text),
            nearest: self.nearest.as_deref().and_then(|t| t.parse().ok()),
            fit: self.fit,
            dims: self.dims.clone(),
            facts: self.facts.clone(),
            words: self.words.iter().map(|word| crate::text::sanitize(word)).collect(),
            terms: self.terms.clone(),
            run: self.run,
            step: self.step,
            ordered: self.ordered,
        }
    }
}
