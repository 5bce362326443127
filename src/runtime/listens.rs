//! What a listen is in the journal, and the log of finished listens (`[history] log`): one line of JSON each, as ListenBrainz takes them, for the user's own
//! scripts to send. Nothing is sent from here.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use serde_json::{Value, json};

use super::start_error::StartError;
use crate::app::Msg;
use crate::app::state::log::Matter;
use crate::files;
use crate::library::Song;
use crate::library::journal::Event;
use crate::notice::Kind;
use crate::store::private;
use crate::track::TrackId;

/// Seconds of a track that are a play.
const PLAY: f64 = 30.0;
/// A track of at most so many seconds is not logged.
const SHORT: f64 = 30.0;
/// Seconds after which a track counts, however long it is; of a shorter one half.
const LONG: f64 = 240.0;
/// The most lines that are kept in memory while they cannot be written.
const MOST: usize = 10_000;

/// What the thread is told.
#[derive(Debug)]
enum Word {
    /// A line to write.
    Line(String),
    /// Answered when all before it has been written, or cannot be.
    Flush(Sender<()>),
}

/// A handle to the thread that writes the log.
#[derive(Debug)]
pub(super) struct Log(Sender<Word>);

impl Log {
    /// Starts the thread; what cannot be written is reported once by a message, and tried again with every line.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(file: PathBuf, messages: Sender<Msg>) -> Result<Log, StartError> {
        let (sender, words) = crossbeam_channel::unbounded();
        std::thread::Builder::new()
            .name("listens".into())
            .spawn(move || write_all(&file, &words, &|text| drop(messages.send(report(text)))))
            .map_err(StartError::thread("the thread 'listens'"))?;
        Ok(Log(sender))
    }

    /// Logs that so many seconds of a song were heard until `now` (seconds since the Unix epoch), if they were enough.
    pub(super) fn heard(&self, song: &Arc<Song>, secs: f64, whole: bool, now: u64) {
        if counts(song.secs, secs, whole)
            && let Some(listen) = listen(song, secs, now)
        {
            let _ = self.0.send(Word::Line(format!("{listen}\n")));
        }
    }

    /// Waits until everything has been written or cannot be, for at most `patience`.
    pub(super) fn flush(&self, patience: Duration) {
        let (sender, done) = crossbeam_channel::bounded(1);
        let _ = self.0.send(Word::Flush(sender));
        let _ = done.recv_timeout(patience);
    }
}

fn report(text: String) -> Msg {
    crate::out::trouble(&text);
    Msg::Report { matter: Matter::Error, kind: Kind::Obstacle, text }
}

/// What the journal keeps of a track that was heard for so many seconds, `whole` if that is all of it, and that has `ended` by
/// itself or was left. Half a minute, or the whole of a shorter track, is a play, and less is a skip; but who seeks the end of
/// a track has neither heard nor rejected it.
pub(super) fn event(track: TrackId, secs: f64, whole: bool, ended: bool) -> Option<Event> {
    if whole || secs >= PLAY {
        Some(Event::Played { track, secs, whole })
    } else if ended {
        None
    } else {
        Some(Event::Skipped { track, secs })
    }
}

/// Last.fm's rule: of a track of more than half a minute half was heard, or four minutes; of one whose length is
/// unknown, or was estimated too long, the whole.
fn counts(length: f64, heard: f64, whole: bool) -> bool {
    let known = length > 0.0;
    let short = if known { length <= SHORT } else { heard <= SHORT };
    !short && (heard >= LONG || (known && heard >= length / 2.0) || (whole && heard > SHORT))
}

/// A listen as ListenBrainz takes it, which needs artist and title.
fn listen(song: &Song, heard: f64, now: u64) -> Option<Value> {
    let artist = Some(song.artist()).filter(|artist| !artist.is_empty())?;
    let mut info = json!({
        "media_player": "jukebox",
        "submission_client": "jukebox",
        "submission_client_version": env!("CARGO_PKG_VERSION"),
        "duration_played": heard.round() as u64,
    });
    if song.secs > 0.0 {
        info["duration_ms"] = Value::from((song.secs * 1000.0).round() as u64);
    }
    if let Some(number) = song.tags.track {
        info["tracknumber"] = Value::from(number);
    }
    if let Some(more) = &song.tags.more {
        let ids = [("recording_mbid", more.mbid_track), ("release_mbid", more.mbid_album)];
        for (name, id) in ids.into_iter().filter_map(|(name, id)| Some((name, id?))) {
            info[name] = Value::from(id.to_string());
        }
        if let Some(id) = more.mbid_artist {
            info["artist_mbids"] = json!([id.to_string()]);
        }
    }
    let mut about = json!({ "artist_name": artist, "track_name": song.title(), "additional_info": info });
    if !song.album().is_empty() {
        about["release_name"] = Value::from(song.album());
    }
    Some(json!({ "listened_at": now.saturating_sub(heard.round() as u64), "track_metadata": about }))
}

fn write_all(file: &Path, words: &Receiver<Word>, tell: &dyn Fn(String)) {
    let (mut waiting, mut told) = (Vec::new(), false);
    let mut try_to_write = |waiting: &mut Vec<String>| {
        if waiting.is_empty() {
            return;
        }
        match append(file, &waiting.concat()) {
            Ok(()) => {
                waiting.clear();
                told = false;
            }
            Err(e) if !told => {
                told = true;
                let why = private::explain(&e);
                tell(format!(
                    "[history] log: {}: {why}; what was heard is kept until it can be written",
                    file.display()
                ));
            }
            Err(_) => {}
        }
    };
    for word in words {
        match word {
            Word::Line(line) => {
                if waiting.len() == MOST {
                    waiting.remove(0);
                }
                waiting.push(line);
                try_to_write(&mut waiting);
            }
            Word::Flush(done) => {
                try_to_write(&mut waiting);
                let _ = done.send(());
            }
        }
    }
}

/// Appends lines to the file, which is created if there is none; all of them or nothing.
fn append(path: &Path, lines: &str) -> io::Result<()> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir)?;
    }
    let (mut file, about): (File, _) = files::with(OpenOptions::new().create(true).append(true).mode(0o600), path)?;
    file.write_all(lines.as_bytes()).inspect_err(|_| {
        // A full disk may have taken a part of it.
        let _ = file.set_len(about.len());
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::foreign::listens::{Listen, Service};
    use crate::track::{More, Tags};

    const ID: &str = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d";

    fn song(artist: &str) -> Arc<Song> {
        let more = More { mbid_track: ID.parse().ok(), ..More::default() };
        let tags = Tags {
            artist: (!artist.is_empty()).then(|| artist.into()),
            title: Some("Paperhouse".into()),
            album: Some("Tago Mago".into()),
            track: Some(1),
            more: Some(more.into()),
            ..Tags::default()
        };
        Arc::new(Song { tags: tags.into(), secs: 449.0, ..Song::bare("/m/a.flac", TrackId([1; 16])) })
    }

    #[test]
    fn half_of_a_track_or_four_minutes_count() {
        assert!(counts(200.0, 100.0, false) && !counts(200.0, 99.0, false));
        assert!(counts(900.0, 240.0, false) && !counts(900.0, 239.0, false));
        assert!(!counts(30.0, 30.0, true) && counts(31.0, 30.0, true));
        // Its end was sought.
        assert!(!counts(60.0, 8.0, true) && !counts(60.0, 0.0, true));
        // Its length was estimated too long.
        assert!(counts(250.0, 100.0, true) && !counts(250.0, 100.0, false));
        // Of unknown length.
        assert!(counts(0.0, 240.0, false) && counts(0.0, 100.0, true) && !counts(0.0, 100.0, false));
    }

    #[test]
    fn the_end_of_a_track_that_was_sought_is_neither_a_play_nor_a_skip() {
        let track = TrackId([1; 16]);
        let of = |secs, whole, ended| event(track, secs, whole, ended);
        assert_eq!(of(60.0, true, true), Some(Event::Played { track, secs: 60.0, whole: true }));
        assert_eq!(of(31.0, false, true), Some(Event::Played { track, secs: 31.0, whole: false }));
        assert_eq!(of(12.0, true, true), Some(Event::Played { track, secs: 12.0, whole: true }), "a short track");
        assert_eq!((of(8.0, false, true), of(0.0, false, true)), (None, None));
        assert_eq!(of(8.0, false, false), Some(Event::Skipped { track, secs: 8.0 }));
        assert_eq!(of(30.0, false, false), Some(Event::Played { track, secs: 30.0, whole: false }));
    }

    #[test]
    fn the_log_is_what_an_import_reads() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/listens.jsonl");
        let (messages, inbox) = crossbeam_channel::unbounded();
        let log = Log::start(file.clone(), messages).unwrap();
        log.heard(&song("Can"), 300.4, false, 1_700_000_300);
        log.heard(&song("Can"), 5.0, false, 1_700_000_400);
        log.heard(&song(""), 300.0, false, 1_700_000_500);
        log.heard(&song("Can"), 449.0, true, 1_700_001_449);
        log.flush(Duration::from_secs(600));
        let read = Service::ListenBrainz.read(&file).unwrap();
        let listen = |at, heard| Listen {
            at,
            artist: "Can".into(),
            title: "Paperhouse".into(),
            album: "Tago Mago".into(),
            recordings: vec![ID.parse().unwrap()],
            secs: Some(449.0),
            heard: Some(heard),
        };
        assert_eq!(read.listens, [listen(1_700_000_000, 300.0), listen(1_700_001_000, 449.0)]);
        assert_eq!((read.unread, inbox.try_iter().count()), (0, 0));
        assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2, "a line each");
    }

    #[test]
    fn what_cannot_be_written_waits_and_is_told_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("log");
        std::fs::create_dir(&file).unwrap();
        let (messages, inbox) = crossbeam_channel::unbounded();
        let log = Log::start(file.clone(), messages).unwrap();
        let patience = Duration::from_secs(600);
        for now in [1_700_000_000, 1_700_001_000] {
            log.heard(&song("Can"), 300.0, false, now);
        }
        log.flush(patience);
        let told: Vec<Msg> = inbox.try_iter().collect();
        assert!(matches!(told.as_slice(), [Msg::Report { text, .. }] if text.contains("a directory")), "{told:?}");
        std::fs::remove_dir(&file).unwrap();
        log.flush(patience);
        assert_eq!(Service::ListenBrainz.read(&file).unwrap().listens.len(), 2);
    }
}
