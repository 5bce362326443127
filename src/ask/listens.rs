//! Finds the tracks of a listening history in the library, and makes plays of the journal of its listens.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::library::foreign::listens::Listen;
use crate::library::journal::{Entry, Event, WHOLE};
use crate::library::{Catalog, Song};
use crate::queue::versions::title::{self, Marks, Title};
use crate::track::TrackId;

/// A listen that began within so many seconds of a play of the same track is that play: services round times, and what
/// the journal has of a play is its end.
const SLACK: u64 = 180;
/// Seconds that a listen may lie in the future, for clocks that differ.
const AHEAD: u64 = 86_400;

/// How a listen was found in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By the MusicBrainz id of its recording.
    Recording,
    /// By artist, title and album.
    Album,
    /// By artist and title.
    Name,
}

/// A track of the history that the library does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The artist, as first met.
    pub artist: String,
    /// The title.
    pub title: String,
    /// The album; empty if not stated.
    pub album: String,
    /// Number of listens.
    pub listens: usize,
}

/// What became of the listens of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Number of listens.
    pub listens: usize,
    /// Of these, found by recording, by album, by name ([`How`]).
    pub found: [usize; 3],
    /// Of those found, the ones that the journal had already, or that were twice in the history.
    pub known: usize,
    /// Those dated in the future.
    pub ahead: usize,
    /// What was not found, the most listened to first.
    pub missing: Vec<Missing>,
}

impl Report {
    /// Number of listens of tracks that were not found.
    pub fn not_found(&self) -> usize {
        self.missing.iter().map(|track| track.listens).sum()
    }
}

/// Artist, title and what performance it is, normalised.
type Name = (String, String, Marks);

/// A song of a name, with its album normalised, and with all marks of its title.
type Named<'a> = (String, Marks, &'a Arc<Song>);

/// The songs of a catalog by what a history says of them.
struct Index<'a> {
    recordings: HashMap<[u8; 16], &'a Arc<Song>>,
    names: HashMap<Name, Vec<Named<'a>>>,
}

impl<'a> Index<'a> {
    fn new(catalog: &'a Catalog) -> Index<'a> {
        let mut index = Index { recordings: HashMap::new(), names: HashMap::new() };
        for song in catalog.songs() {
            if let Some(id) = song.tags.more.as_ref().and_then(|more| more.mbid_track) {
                index.recordings.entry(id.0).or_insert(song);
            }
            let title = Title::of(&song.title());
            let album = work(song.album());
            // The artists together, and each of several.
            let mut artists = vec![artist(song.artist())];
            artists.extend(song.tags.artists.iter().map(|name| artist(name)));
            artists.sort();
            artists.dedup();
            for artist in artists {
                let name = (artist, title_key(&title, &song.title()), title.marks.of_performance());
                index.names.entry(name).or_default().push((album.clone(), title.marks, song));
            }
        }
        index
    }

    fn find(&self, listen: &Listen) -> Option<(&'a Arc<Song>, How)> {
        if let Some(song) = listen.recordings.iter().find_map(|id| self.recordings.get(&id.0)).copied() {
            return Some((song, How::Recording));
        }
        let title = Title::of(&listen.title);
        let name = (artist(&listen.artist), title_key(&title, &listen.title), title.marks.of_performance());
        let songs = self.names.get(&name)?;
        let album = work(&listen.album);
        let mut of_album = songs.iter().filter(|(of, ..)| !album.is_empty() && *of == album);
        // Of several, one of just this version, and then the one whose duration is nearest.
        let off = |marks: Marks, song: &Song| {
            let far = listen.secs.map_or(0.0, |secs| (song.secs - secs).abs());
            (marks != title.marks, far)
        };
        let best = |songs: &mut dyn Iterator<Item = &Named<'a>>| {
            let songs = songs.map(|(_, marks, song)| (off(*marks, song), *song));
            songs.min_by(|((a, x), _), ((b, y), _)| a.cmp(b).then(x.total_cmp(y))).map(|(_, song)| song)
        };
        if let Some(song) = best(&mut of_album) {
            return Some((song, How::Album));
        }
        // "Intro" could be that of any album.
        if title.is_generic() && songs.len() > 1 {
            return None;
        }
        best(&mut songs.iter()).map(|song| (song, How::Name))
    }
}

/// An artist's key; the name itself where nothing of it would be left ("!!!").
fn artist(name: &str) -> String {
    Some(title::artist(name)).filter(|key| !key.is_empty()).unwrap_or_else(|| name.trim().to_lowercase())
}

/// A title's key; the title itself where nothing of it would be left ("( )").
fn title_key(title: &Title, whole: &str) -> String {
    let key = title::without_article(&title.work);
    if key.is_empty() { whole.trim().to_lowercase() } else { key.to_owned() }
}

/// An album's key, without "Deluxe Edition" and the like; empty for none.
fn work(album: &str) -> String {
    title_key(&Title::of(album), album)
}

/// Makes plays of the listens that the journal does not have yet, in the order of their times. `now` is in seconds since
/// the Unix epoch. Importing the same listens twice adds nothing, and neither does another service's record of them.
pub fn plays(listens: &[Listen], catalog: &Catalog, entries: &[Entry], now: u64) -> (Vec<Entry>, Report) {
    let index = Index::new(catalog);
    let mut report = Report { listens: listens.len(), ..Report::default() };
    let mut missing: HashMap<(String, String), Missing> = HashMap::new();
    let mut found: Vec<(&Listen, Play)> = Vec::new();
    for listen in listens {
        if listen.at > now.saturating_add(AHEAD) {
            report.ahead += 1;
            continue;
        }
        match index.find(listen) {
            Some((song, how)) => {
                report.found[how as usize] += 1;
                found.push((listen, Play::of(listen, song)));
            }
            None => {
                let key = (artist(&listen.artist), title_key(&Title::of(&listen.title), &listen.title));
                let Listen { artist, title, album, .. } = listen;
                let first = || Missing {
                    artist: artist.clone(),
                    title: title.clone(),
                    album: album.clone(),
                    ..Missing::default()
                };
                missing.entry(key).or_insert_with(first).listens += 1;
            }
        }
    }
    report.missing = missing.into_values().collect();
    report
        .missing
        .sort_by(|a, b| b.listens.cmp(&a.listens).then_with(|| (&a.artist, &a.title).cmp(&(&b.artist, &b.title))));
    found.sort_by_key(|(listen, _)| listen.at);
    let all = found.len();
    let mut seen = HashSet::new();
    found.retain(|(_, play)| seen.insert((play.track, play.begin)));
    let mut had = Had::of(entries, catalog);
    // First those that stand there just so, as after an earlier import, so that none of them is taken for a neighbour.
    found.retain(|(_, play)| !had.exactly(play));
    found.retain(|(_, play)| !had.about(play));
    report.known = all - found.len();
    let mut events: Vec<Entry> = found.into_iter().map(|(_, play)| play.entry()).collect();
    events.sort_by_key(|entry| entry.at);
    (events, report)
}

/// A listen as a play.
#[derive(Clone, Copy, Debug)]
struct Play {
    track: TrackId,
    begin: u64,
    secs: f64,
    whole: bool,
}

impl Play {
    /// A service that does not say how long a track was listened to records it when most of it was: it counts as whole.
    fn of(listen: &Listen, song: &Song) -> Play {
        let length = Some(song.secs).filter(|secs| *secs > 0.0).or(listen.secs).unwrap_or_default();
        let heard = listen.heard.map(|heard| if length > 0.0 { heard.min(length) } else { heard });
        let whole = heard.is_none_or(|heard| heard >= WHOLE * length);
        Play { track: song.track, begin: listen.at, secs: heard.unwrap_or(length), whole }
    }

    fn end(&self) -> u64 {
        self.begin.saturating_add(self.secs.round() as u64)
    }

    fn entry(&self) -> Entry {
        let Play { track, secs, whole, .. } = *self;
        Entry { at: self.end(), event: Event::Played { track, secs, whole } }
    }
}

/// The plays of the journal: begin and end of each by its track, in order. Each stands for one listen only.
struct Had(HashMap<TrackId, Vec<(u64, u64)>>);

impl Had {
    fn of(entries: &[Entry], catalog: &Catalog) -> Had {
        let mut plays: HashMap<TrackId, Vec<(u64, u64)>> = HashMap::new();
        for entry in entries {
            if let Event::Played { track, secs, .. } = entry.event {
                let begin = entry.at.saturating_sub(secs.max(0.0).round() as u64);
                plays.entry(catalog.current(track)).or_default().push((begin, entry.at));
            }
        }
        plays.values_mut().for_each(|of| of.sort_unstable());
        Had(plays)
    }

    fn take(&mut self, play: &Play, is_it: impl Fn(u64, u64) -> bool) -> bool {
        let Some(plays) = self.0.get_mut(&play.track) else { return false };
        let at = plays.iter().position(|&(begin, end)| is_it(begin, end));
        at.map(|at| plays.remove(at)).is_some()
    }

    fn exactly(&mut self, play: &Play) -> bool {
        let end = play.end();
        self.take(play, |_, at| at == end)
    }

    fn about(&mut self, play: &Play) -> bool {
        self.take(play, |begin, end| (begin.saturating_sub(SLACK)..=end.max(begin + SLACK)).contains(&play.begin))
    }
}

#[cfg(test)]
#[path = "listens_tests.rs"]
mod tests;
