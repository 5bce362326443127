//! What the desktop is shown of the session, and how it differs from what it was.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use zbus::wire::{ObjectPath, Variant};

use crate::ask::event::Happening;
use crate::ask::report::Playing;
use crate::audio::cue;
use crate::library::{cover, playlist};

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
    pub places: Whereabouts,
}

/// Where the current track and its cover lie, as URLs.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    file: String,
    cover: Option<String>,
}

impl Whereabouts {
    /// Looks for the cover that lies beside a file; a piece of a file has the cover of the file.
    pub fn of(path: &Path, follow_links: bool) -> Whereabouts {
        let file = cue::file(path).unwrap_or_else(|_| path.to_owned());
        let cover = cover::beside(&file, follow_links).into_iter().find(|cover| cover.is_file());
        Whereabouts {
            file: playlist::address_of_file(&file),
            cover: cover.map(|cover| playlist::address_of_file(&cover)),
        }
    }

    /// The cover's URL.
    pub fn into_cover(self) -> Option<String> {
        self.cover
    }
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
            places: Whereabouts::default(),
        }
    }
}

impl Shown {
    /// Takes what happened; `now` is when.
    pub fn take(&mut self, happening: &Happening, now: Instant, changed: &mut Changed) {
        match happening {
            Happening::Track { track, moved } => {
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
        map.insert("xesam:url", self.places.file.clone().into());
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
        if let Some(cover) = &self.places.cover {
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
    fn every_track_has_its_own_name_and_a_cover_is_found() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["back.jpg", "Folder.JPG", "cover.png", "cover.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        let file = dir.path().join("ä b.mp3");
        let (mut shown, mut changed) = (Shown::default(), Changed::default());
        assert_eq!(shown.metadata().len(), 1, "nothing plays");
        shown.take(&playing("a", &file), Instant::now(), &mut changed);
        shown.places = Whereabouts::of(&file, false);
        let first = shown.id();
        let map = shown.metadata();
        let url = |end: &str| Variant::from(format!("{}/{end}", playlist::address_of_file(dir.path())));
        assert_eq!((&map["mpris:artUrl"], &map["xesam:url"]), (&url("cover.png"), &url("%C3%A4%20b.mp3")));
        assert!(!map.contains_key("xesam:artist"));
        shown.take(&playing("a", &file), Instant::now(), &mut changed);
        assert_ne!(shown.id(), first);
        // A renamed file is the same track.
        let (second, track) = (shown.id(), Some(Playing::default()));
        shown.take(&Happening::Track { track, moved: true }, Instant::now(), &mut changed);
        assert_eq!(shown.id(), second);
    }
}
