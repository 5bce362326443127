//! What the desktop is shown of the session, and how it differs from what it was.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use zbus::wire::{ObjectPath, Variant};

use crate::ask::event::Happening;
use crate::ask::report::Playing;
use crate::audio::cue;
use crate::library::playlist;

/// The properties that have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Changed {
    pub track: bool,
    pub status: bool,
    pub volume: bool,
    pub modes: bool,
    pub seeked: bool,
}

/// The session as the desktop sees it.
#[derive(Debug)]
pub(super) struct Shown {
    track: Option<Playing>,
    /// Counts the tracks; the desktop names the current one by it.
    number: u64,
    state: String,
    pub volume: u8,
    pub repeat: String,
    pub shuffle: bool,
    /// Seconds from the track's beginning at `since`.
    position: f64,
    since: Instant,
    /// The URL of the current track's file.
    pub file: String,
    /// The URL of its cover, once it is found.
    cover: Option<String>,
}

/// The URL of a track's file.
pub(super) fn address(track: &Path) -> String {
    playlist::address_of_file(&cue::file(track).unwrap_or_else(|_| track.to_owned()))
}

impl Default for Shown {
    fn default() -> Shown {
        Shown {
            track: None,
            number: 0,
            state: "stopped".into(),
            volume: 100,
            repeat: "off".into(),
            shuffle: false,
            position: 0.0,
            since: Instant::now(),
            file: String::new(),
            cover: None,
        }
    }
}

impl Shown {
    /// Takes what happened; `now` is when.
    pub fn take(&mut self, happening: &Happening, now: Instant, changed: &mut Changed) {
        match happening {
            Happening::Track { track, moved } => {
                let file = |of: &Option<Playing>| of.as_ref().map(|track| track.file.clone());
                // A renamed track keeps its cover until it is looked for again.
                if !moved && file(track) != file(&self.track) {
                    self.cover = None;
                }
                self.track.clone_from(track);
                self.number += u64::from(!moved);
                self.stand(track.as_ref().map_or(0.0, |track| track.position), now);
                changed.track = true;
            }
            Happening::State { state, position } => {
                self.stand(*position, now);
                self.state.clone_from(state);
                changed.status = true;
            }
            Happening::Seek { position } => {
                self.stand(*position, now);
                changed.seeked = true;
            }
            Happening::Volume { volume } => {
                self.volume = *volume;
                changed.volume = true;
            }
            Happening::Modes { repeat, shuffle } => {
                self.repeat.clone_from(repeat);
                self.shuffle = *shuffle;
                changed.modes = true;
            }
            Happening::Queue { .. } | Happening::Signature { .. } | Happening::Analysis { .. } => {}
        }
    }

    /// Shows the cover that was found for the track of a file; whether that changes anything.
    pub fn show_cover(&mut self, file: &Path, cover: Option<String>) -> bool {
        let current = self.track.as_ref().is_some_and(|track| track.file == file);
        let changes = current && cover != self.cover;
        if changes {
            self.cover = cover;
        }
        changes
    }

    fn stand(&mut self, position: f64, now: Instant) {
        (self.position, self.since) = (position, now);
    }

    /// Microseconds from the track's beginning.
    pub fn position(&self, now: Instant) -> i64 {
        let passed =
            if self.state == "playing" { now.saturating_duration_since(self.since).as_secs_f64() } else { 0.0 };
        let end = self.track.as_ref().map(|track| track.duration).filter(|secs| *secs > 0.0);
        micros((self.position + passed).min(end.unwrap_or(f64::INFINITY)))
    }

    /// The current track's length in microseconds, where it is known.
    pub fn length(&self) -> Option<i64> {
        self.track.as_ref().map(|track| track.duration).filter(|secs| *secs > 0.0).map(micros)
    }

    /// "Playing", "Paused" or "Stopped".
    pub fn status(&self) -> &'static str {
        match self.state.as_str() {
            "playing" => "Playing",
            "paused" => "Paused",
            _ => "Stopped",
        }
    }

    /// "None", "Track" or "Playlist".
    pub fn looping(&self) -> &'static str {
        match self.repeat.as_str() {
            "all" => "Playlist",
            "track" => "Track",
            _ => "None",
        }
    }

    /// The name of the current track.
    pub fn id(&self) -> ObjectPath<'static> {
        let path = match self.track {
            Some(_) => format!("/org/mpris/MediaPlayer2/jukebox/track/{}", self.number),
            None => NO_TRACK.into(),
        };
        ObjectPath::try_from(path).unwrap_or_default()
    }

    /// The current track in the terms of the desktop.
    pub fn metadata(&self) -> HashMap<&'static str, Variant<'static>> {
        let mut map = HashMap::from([("mpris:trackid", Variant::from(self.id()))]);
        let Some(track) = &self.track else { return map };
        map.insert("xesam:title", track.title.clone().into());
        map.insert("xesam:url", self.file.clone().into());
        if !track.artists.is_empty() {
            map.insert("xesam:artist", track.artists.clone().into());
        }
        if !track.album.is_empty() {
            map.insert("xesam:album", track.album.clone().into());
        }
        if !track.album_artists.is_empty() {
            map.insert("xesam:albumArtist", track.album_artists.clone().into());
        }
        if !track.genres.is_empty() {
            map.insert("xesam:genre", track.genres.clone().into());
        }
        for (name, number) in [("xesam:trackNumber", track.number), ("xesam:discNumber", track.disc)] {
            if let Some(number) = number.and_then(|number| i32::try_from(number).ok()) {
                map.insert(name, number.into());
            }
        }
        if let Some(length) = self.length() {
            map.insert("mpris:length", length.into());
        }
        if let Some(cover) = &self.cover {
            map.insert("mpris:artUrl", cover.clone().into());
        }
        map
    }
}

const NO_TRACK: &str = "/org/mpris/MediaPlayer2/TrackList/NoTrack";

/// Seconds as microseconds.
fn micros(secs: f64) -> i64 {
    (secs * 1e6) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Song;
    use crate::track::{Tags, TrackId};
    use std::time::Duration;

    fn playing(title: &str, path: &Path) -> Happening {
        let track =
            Playing { title: title.into(), path: path.display().to_string(), duration: 60.0, ..Playing::default() };
        Happening::Track { track: Some(track), moved: false }
    }

    #[test]
    fn the_position_goes_on_while_it_plays_and_ends_with_the_track() {
        let (mut shown, mut changed, now) = (Shown::default(), Changed::default(), Instant::now());
        shown.take(&playing("a", Path::new("/a.mp3")), now, &mut changed);
        shown.take(&Happening::State { state: "playing".into(), position: 2.0 }, now, &mut changed);
        let later = |secs| shown.position(now + Duration::from_secs(secs));
        assert_eq!([later(0), later(3), later(90)], [2_000_000, 5_000_000, 60_000_000]);
        assert_eq!(changed, Changed { track: true, status: true, ..Changed::default() });
        shown.take(&Happening::State { state: "paused".into(), position: 7.0 }, now, &mut changed);
        assert_eq!((shown.position(now + Duration::from_secs(9)), shown.status()), (7_000_000, "Paused"));
    }

    #[test]
    fn what_the_tags_say_is_in_the_metadata() {
        let tags = Tags {
            album_artist: Some("Various".into()),
            genres: ["Dub".to_string(), "Jazz".to_string()].into(),
            track: Some(7),
            disc: Some(2),
            ..Tags::default()
        };
        let song = Song { tags: tags.into(), ..Song::bare("/a.mp3", TrackId([1; 16])) };
        let mut shown = Shown::default();
        let track = Some(Playing::of(&song, 0.0, 60.0));
        shown.take(&Happening::Track { track, moved: false }, Instant::now(), &mut Changed::default());
        let map = shown.metadata();
        let list = |of: &[&str]| Variant::from(of.iter().map(ToString::to_string).collect::<Vec<String>>());
        assert_eq!(map["xesam:genre"], list(&["Dub", "Jazz"]));
        assert_eq!(map["xesam:albumArtist"], list(&["Various"]));
        assert_eq!((&map["xesam:trackNumber"], &map["xesam:discNumber"]), (&Variant::from(7), &Variant::from(2)));
        assert_eq!(map["xesam:artist"], list(&["Various"]), "where the track has none of its own");
        // Of several artists of the track or of the album each by itself.
        let tags = Tags {
            artist: Some("C, D".into()),
            artists: ["C".to_string(), "D".to_string()].into(),
            album_artists: ["A".to_string(), "B".to_string()].into(),
            ..Tags::default()
        };
        let song = Song { tags: tags.into(), ..song };
        let track = Some(Playing::of(&song, 0.0, 60.0));
        shown.take(&Happening::Track { track, moved: false }, Instant::now(), &mut Changed::default());
        let map = shown.metadata();
        assert_eq!(map["xesam:albumArtist"], list(&["A", "B"]));
        assert_eq!(map["xesam:artist"], list(&["C", "D"]));
        assert!(["xesam:genre", "xesam:trackNumber", "xesam:discNumber"].iter().all(|name| !map.contains_key(name)));
    }

    #[test]
    fn every_track_has_its_own_name_and_address() {
        let file = Path::new("/m/ä b.mp3");
        let (mut shown, mut changed) = (Shown::default(), Changed::default());
        assert_eq!(shown.metadata().len(), 1, "nothing plays");
        shown.take(&playing("a", file), Instant::now(), &mut changed);
        shown.file = address(file);
        let first = shown.id();
        let map = shown.metadata();
        assert_eq!(map["xesam:url"], Variant::from("file:///m/%C3%A4%20b.mp3"));
        assert!(!map.contains_key("xesam:artist"));
        shown.take(&playing("a", file), Instant::now(), &mut changed);
        assert_ne!(shown.id(), first);
        // A renamed file is the same track.
        let (second, track) = (shown.id(), Some(Playing::default()));
        shown.take(&Happening::Track { track, moved: true }, Instant::now(), &mut changed);
        assert_eq!(shown.id(), second);
    }

    #[test]
    fn a_cover_is_that_of_what_plays_now() {
        let mut shown = Shown::default();
        let take = |shown: &mut Shown, path: &str, moved| {
            let track = Some(Playing { file: path.into(), ..Playing::default() });
            shown.take(&Happening::Track { track, moved }, Instant::now(), &mut Changed::default());
            shown.metadata().get("mpris:artUrl").cloned()
        };
        let found = |url: &str| Some(url.to_string());
        let art = |shown: &Shown| shown.metadata().get("mpris:artUrl").cloned();
        assert!(!shown.show_cover(Path::new("/a.mp3"), found("file:///a.jpg")), "nothing plays");
        assert_eq!(take(&mut shown, "/a.mp3", false), None);
        assert!(!shown.show_cover(Path::new("/b.mp3"), found("file:///b.jpg")), "of a track that is over");
        assert!(shown.show_cover(Path::new("/a.mp3"), found("file:///a.jpg")));
        assert!(!shown.show_cover(Path::new("/a.mp3"), found("file:///a.jpg")), "nothing new");
        assert_eq!(art(&shown), Some(Variant::from("file:///a.jpg")));
        // The same file again, and under another name.
        assert_eq!(take(&mut shown, "/a.mp3", false), art(&shown));
        assert_eq!(take(&mut shown, "/c.mp3", true), Some(Variant::from("file:///a.jpg")));
        assert_eq!(take(&mut shown, "/d.mp3", false), None);
    }
}
