//! What is kept from one start to the next: the queue with its reasons, the place in the track, the choices, the view.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::latent::{Choice, Fact, Step, Term};
use crate::library::{Catalog, Song};
use crate::queue::{Blend, Course, Item, Modes, Origin, Queue, Why};
use crate::track::{Tags, TrackId};

use super::super::update::{NIGHT, Unwanted};
use super::model::{Following, Model, State};

/// A session, ready to be written as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The music directory; for people, and absent in sessions of an older jukebox and where its name is not UTF-8.
    pub root: Option<PathBuf>,
    /// Every item of the queue.
    pub items: Vec<SavedItem>,
    /// How many of them were played.
    pub played: usize,
    /// Whether the one after those was playing or held.
    pub live: bool,
    /// Seconds into it.
    pub position: f64,
    /// Percent.
    pub volume: u8,
    /// Whether the queue filled itself.
    pub auto: bool,
    /// Who proposed.
    pub engine: String,
    /// Whether the user's taste counted; absent in sessions of an older jukebox.
    pub taste: Option<bool>,
    /// Dimensions as a user writes them: "auto", "off", "3,7,12".
    pub signature: String,
    /// The saved signature that the queue followed.
    pub following: Option<SavedFollowing>,
    /// The direction or journey that it was on.
    pub course: Option<Course>,
    /// The mood whose hours these were.
    pub mood: Option<String>,
    /// How the queue was gone through.
    pub modes: Modes,
    /// Tracks chosen by hand that were consumed, as hexadecimal digits.
    pub consumed: Vec<String>,
    /// Tracks that were refused, as hexadecimal digits.
    pub refused: Vec<String>,
    /// Artists that were not wanted, and for how many seconds more.
    pub artists_off: Vec<(String, f64)>,
    /// The filter that the library showed.
    pub filter: String,
    /// Where the screen stood.
    pub view: View,
}

/// Where the screen stands, as far as it is to be found again there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Whether the keys go to the queue instead of the library.
    pub queue: bool,
    /// The song under the library's cursor; none when its name is not UTF-8.
    pub song: Option<PathBuf>,
    /// The place of the queue's cursor.
    pub item: usize,
}

/// A saved signature that the queue followed, written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedFollowing {
    /// Its name.
    pub name: String,
    /// Its tracks, as hexadecimal digits.
    pub members: Vec<String>,
    /// The sets of a blend to be like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plus: Vec<Vec<String>>,
    /// The sets of a blend to be unlike.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub minus: Vec<Vec<String>>,
    /// When the hour of the day brought it: the dimensions before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// An item of the queue, written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedItem {
    /// The file; absent when its name is not UTF-8.
    pub path: Option<PathBuf>,
    /// The bytes of its name, where that is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
    /// The track, as its 32 hexadecimal digits: finds the song when the file was moved.
    pub track: String,
    /// Why it was picked; absent when it was added by hand.
    pub why: Option<SavedWhy>,
    /// Title, artist, album and seconds, to be shown while the library does not have the file yet.
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

impl SavedItem {
    /// The file; none in an older session when its name is not UTF-8.
    fn file(&self) -> Option<PathBuf> {
        let bytes = || self.bytes.clone().map(|bytes| PathBuf::from(OsString::from_vec(bytes)));
        self.path.clone().or_else(bytes)
    }

    /// The song as it was known, to stand in the queue until the library has it; none when nothing tells what it was.
    fn song(&self) -> Option<Arc<Song>> {
        let (path, track) = (self.file(), self.track.parse().ok());
        if path.is_none() && track.is_none() {
            return None;
        }
        let text = |text: &Option<String>| text.as_deref().map(crate::text::sanitize);
        let tags =
            Tags { title: text(&self.title), artist: text(&self.artist), album: text(&self.album), ..Tags::default() };
        let secs = if self.secs.is_finite() { self.secs.max(0.0) } else { 0.0 };
        // A track that no file has: the path alone finds it.
        let track = track.unwrap_or(TrackId([0xff; 16]));
        Some(Arc::new(Song { tags: tags.into(), secs, ..Song::bare(path.unwrap_or_default(), track) }))
    }
}

impl Session {
    /// Whether it is about a music directory, as far as that can be told: its own says so, or one of its files lies there.
    pub fn is_of(&self, root: &Path) -> bool {
        let mut files = self.items.iter().filter_map(SavedItem::file).peekable();
        let unknown = self.root.is_none() && files.peek().is_none();
        unknown || self.root.as_deref() == Some(root) || files.any(|file| file.starts_with(root))
    }

    /// How one listens, without what was listened to: for a music directory that has no session yet.
    #[must_use]
    pub fn without_queue(self) -> Session {
        Session {
            volume: self.volume,
            auto: self.auto,
            engine: self.engine,
            taste: self.taste,
            modes: self.modes,
            ..Session::default()
        }
    }
}

/// A reason, written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedWhy {
    /// The engine.
    pub engine: String,
    /// A plugin's words.
    pub text: String,
    /// The nearest member of the playlist.
    pub nearest: Option<String>,
    /// Fit, 0 to 1.
    pub fit: Option<f32>,
    /// Dimensions and their shares.
    pub dims: Vec<(u8, f32)>,
    /// What the set and the track have in common.
    pub facts: Vec<Fact>,
    /// What the policy's considerations added.
    pub terms: Vec<(Term, f32)>,
    /// Which track of its artist in a row.
    pub run: u32,
    /// Which step of a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

impl Model {
    /// The session as it stands; while the last one still waits for its songs, that one.
    pub fn session(&self) -> Session {
        if let Some(waiting) = &self.waiting {
            return Session { volume: self.play.volume, ..waiting.clone() };
        }
        Session {
            root: self.music.clone().filter(|music| music.to_str().is_some()),
            items: self.queue.items().iter().map(save_item).collect(),
            played: self.queue.played().len(),
            live: self.queue.current().is_some(),
            position: if self.play.position.is_finite() { self.play.position } else { 0.0 },
            volume: self.play.volume,
            auto: self.auto.on,
            engine: self.auto.engine.clone(),
            taste: Some(self.auto.taste),
            signature: self.auto.choice.to_string(),
            following: self.auto.following.as_ref().map(save_following),
            course: self.auto.course,
            mood: self.moods.current.clone(),
            modes: self.modes,
            consumed: self.queue.consumed().iter().map(TrackId::to_string).collect(),
            refused: self.auto.unwanted.tracks.iter().map(TrackId::to_string).collect(),
            artists_off: self
                .auto
                .unwanted
                .artists
                .iter()
                // In quarters of an hour: the session is written whenever it changes.
                .map(|(artist, until)| (artist.clone(), (until.saturating_sub(self.now).as_secs() / 900 * 900) as f64))
                .collect(),
            filter: self.filter.text.clone(),
            view: self.view.clone(),
        }
    }

    /// Takes a session up, held at its place; [`super::super::update::resume`] gives the effects that load the track.
    /// Songs that the catalog does not have stay where they are, for it may be the first part of what is there, or a disk
    /// may be away: see [`Item::away`].
    pub fn restore(&mut self, session: Session, catalog: &Catalog) {
        let mut parts = Vec::new();
        let (mut played, mut live) = (0, false);
        for (index, saved) in session.items.iter().enumerate() {
            let Some(song) = saved.song() else { continue };
            played += usize::from(index < session.played);
            live |= session.live && index == session.played;
            parts.push((song, load_origin(saved)));
        }
        self.queue = Queue::from_parts(parts, played, live);
        self.queue.look_up(catalog, false);
        // Of what is not there nothing can be held; it is taken up when it comes.
        let held = self.queue.playing().is_some_and(|item| !item.away);
        self.queue.set_consumed(session.consumed.iter().filter_map(|t| t.parse().ok()).collect());
        self.modes = session.modes;
        self.play.state = if held { State::Paused } else { State::Stopped };
        self.play.position = if live && session.position.is_finite() { session.position.max(0.0) } else { 0.0 };
        self.play.volume = session.volume.min(100);
        self.auto.on = session.auto;
        self.auto.taste = session.taste.unwrap_or(self.auto.taste);
        if !session.engine.is_empty() {
            self.auto.engine = session.engine;
        }
        self.auto.following = session.following.as_ref().and_then(load_following);
        self.auto.course = session.course.and_then(Course::checked);
        // A course to come must not take the steps of one that is over for its own.
        let steps = self.queue.items().iter().filter_map(|item| match &item.origin {
            Origin::Auto(why) => why.step.as_ref().map(|step| step.course),
            Origin::Hand => None,
        });
        self.auto.courses = steps.chain(self.auto.course.map(|course| course.number)).max().unwrap_or(0);
        self.moods.current = session.mood;
        // A hand-edited session may hold anything; what cannot be read is left to be chosen by test.
        self.auto.choice = session.signature.parse().unwrap_or_default();
        self.auto.unwanted = Unwanted {
            tracks: session.refused.iter().filter_map(|t| t.parse().ok()).collect(),
            artists: session
                .artists_off
                .iter()
                .filter_map(|(artist, left)| {
                    let left = Duration::try_from_secs_f64(*left).ok().filter(|d| *d <= NIGHT)?;
                    Some((crate::text::sanitize(artist).to_lowercase(), self.now + left))
                })
                .collect(),
        };
        self.filter.text = crate::text::sanitize(&session.filter);
        self.view = session.view.clone();
        self.resumed = Some(session.view);
    }
}

fn save_following(f: &Following) -> SavedFollowing {
    let texts = |tracks: &Vec<TrackId>| tracks.iter().map(TrackId::to_string).collect();
    let sets = |sets: fn(&Blend) -> &Vec<Vec<TrackId>>| {
        f.blend.as_ref().map_or_else(Vec::new, |b| sets(b).iter().map(texts).collect())
    };
    SavedFollowing {
        name: f.name.clone(),
        members: texts(&f.members),
        plus: sets(|b| &b.plus),
        minus: sets(|b| &b.minus),
        before: f.before.as_ref().map(Choice::to_string),
    }
}

/// A hand-edited session may hold anything: what is no track is left out.
fn load_following(saved: &SavedFollowing) -> Option<Following> {
    let tracks = |texts: &Vec<String>| -> Vec<TrackId> { texts.iter().filter_map(|t| t.parse().ok()).collect() };
    let sets =
        |sets: &[Vec<String>]| -> Vec<Vec<TrackId>> { sets.iter().map(tracks).filter(|set| !set.is_empty()).collect() };
    let blend = Blend { plus: sets(&saved.plus), minus: sets(&saved.minus) };
    let members = tracks(&saved.members);
    (!members.is_empty()).then(|| Following {
        name: crate::text::sanitize(&saved.name),
        members,
        blend: (!blend.plus.is_empty()).then_some(blend),
        before: saved.before.as_ref().map(|text| text.parse().unwrap_or_default()),
    })
}

fn save_item(item: &Item) -> SavedItem {
    SavedItem {
        path: item.song.path.to_str().map(PathBuf::from),
        bytes: item.song.path.to_str().is_none().then(|| item.song.path.as_os_str().as_bytes().to_vec()),
        track: item.song.track.to_string(),
        title: item.song.tags.title.clone(),
        artist: item.song.tags.artist.clone(),
        album: item.song.tags.album.clone(),
        secs: if item.song.secs.is_finite() { item.song.secs } else { 0.0 },
        why: match &item.origin {
            Origin::Hand => None,
            Origin::Auto(why) => Some(SavedWhy {
                engine: why.engine.clone(),
                text: why.text.clone(),
                nearest: why.nearest.map(|t| t.to_string()),
                // JSON has no NaN.
                fit: why.fit.filter(|f| f.is_finite()),
                dims: why.dims.iter().filter(|d| d.1.is_finite()).copied().collect(),
                facts: why.facts.iter().filter(|f| is_finite(f)).copied().collect(),
                terms: why.terms.iter().filter(|t| t.1.is_finite()).copied().collect(),
                run: why.run,
                step: why.step,
            }),
        },
    }
}

fn is_finite(fact: &Fact) -> bool {
    [fact.value, fact.low, fact.high, fact.centre].iter().all(|v| v.is_finite())
}

fn load_origin(saved: &SavedItem) -> Origin {
    let Some(why) = &saved.why else { return Origin::Hand };
    Origin::Auto(Why {
        engine: crate::text::sanitize(&why.engine),
        text: crate::text::sanitize(&why.text),
        nearest: why.nearest.as_deref().and_then(|t| t.parse().ok()),
        fit: why.fit,
        dims: why.dims.clone(),
        facts: why.facts.clone(),
        terms: why.terms.clone(),
        run: why.run,
        step: why.step,
    })
}
