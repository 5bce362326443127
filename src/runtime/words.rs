//! Reads the lyrics of the whole library for the filter (`lyrics~moon`), once somebody has asked for them: in a worker
//! process, one file after another, at the lowest priority. What was read is kept in the cache (`library::lyrics::Words`).

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::Duration;

use crossbeam_channel::{Receiver, select};
use thiserror::Error;

use crate::analysis::jobs::{Found, Job};
use crate::app::msg::Msg;
use crate::audio::cue;
use crate::clock::Clock;
use crate::library::Catalog;
use crate::library::lyrics::{Lyrics, Words, WordsError, key, stamp};
use crate::worker::{Worker, WorkerError, WorkerSpec};

/// Added to the niceness of the thread and of its worker.
const NICE: i32 = 19;
/// How long the library is not looked through again, unless it changes.
const FRESH: Duration = Duration::from_secs(600);
/// How long after a change of the library it is looked through again.
const CALM: Duration = Duration::from_secs(60);
/// How long the thread waits for nothing in particular.
const DAY: Duration = Duration::from_secs(86_400);
/// How often the filter is searched again while lyrics are read.
const STEP: Duration = Duration::from_secs(10);
/// From so many files on it is said that they are read.
const MANY: usize = 100;

/// What the thread works with.
pub(super) struct Readers {
    /// Where the words are kept, and who asks for them.
    pub words: Words,
    /// Says that somebody asks.
    pub asked: Receiver<()>,
    /// The newest library; weak, as many may come while lyrics are read.
    pub catalogs: Receiver<Weak<Catalog>>,
    /// How the worker is started.
    pub worker: WorkerSpec,
    /// Whether lyrics may be reached through symbolic links.
    pub follow_links: bool,
}

/// Starts the thread, which ends with the sender of the catalogs.
///
/// # Errors
/// When it cannot be started.
pub(super) fn start(
    readers: Readers,
    clock: impl Clock + 'static,
    tell: impl Fn(Msg) + Send + 'static,
) -> std::io::Result<()> {
    let work = move || {
        // On Linux a niceness is that of a thread. It works without the priority too.
        let _ = rustix::process::nice(NICE);
        run(&readers, &clock, &tell);
    };
    std::thread::Builder::new().name("lyrics-words".into()).spawn(work).map(|_| ())
}

fn run(readers: &Readers, clock: &dyn Clock, tell: &dyn Fn(Msg)) {
    let mut worker: Worker<Job, Found> = Worker::new(readers.worker.clone());
    let mut catalog: Option<Weak<Catalog>> = None;
    // Whether somebody has asked, when the library was looked through last, and when it is to be the next time.
    let (mut wanted, mut looked, mut due): (bool, Option<Duration>, Option<Duration>) = (false, None, None);
    loop {
        let patience = due.map_or(DAY, |at| at.saturating_sub(clock.now()));
        select! {
            recv(readers.catalogs) -> newer => match newer {
                // Until somebody asks, nothing is read. While the library is scanned there is a newer one every second.
                Ok(newer) => {
                    catalog = Some(readers.catalogs.try_iter().last().unwrap_or(newer));
                    due = due.or_else(|| wanted.then(|| clock.now() + if looked.is_some() { CALM } else { Duration::ZERO }));
                }
                Err(_) => return,
            },
            recv(readers.asked) -> _ => {
                wanted = true;
                let fresh = looked.is_some_and(|at| clock.now() < at + FRESH);
                due = due.or_else(|| (catalog.is_some() && !fresh).then(|| clock.now()));
            }
            default(patience) => {}
        }
        if due.take_if(|at| clock.now() >= *at).is_some() {
            if let Some(songs) = catalog.as_ref().and_then(Weak::upgrade) {
                let mut read = |path: &Path| one(&mut worker, path, readers.follow_links);
                pass(&songs, &readers.words, readers.follow_links, clock, &mut read, tell);
            }
            looked = Some(clock.now());
            worker.stop();
        }
    }
}

/// Why lyrics cannot be searched. The `Display` form is one line.
#[derive(Debug, Error)]
enum LyricsError {
    /// No worker that would read them can be started: why.
    #[error("{0}")]
    Reader(String),
    /// What is known of them cannot be read or kept.
    #[error(transparent)]
    Table(#[from] WordsError),
}

/// The lyrics of a file. `Err`: no worker can be started.
fn one(worker: &mut Worker<Job, Found>, path: &Path, follow_links: bool) -> Result<Option<Lyrics>, LyricsError> {
    let job = Job::Lyrics { path: path.to_path_buf(), follow_links };
    match worker.call(&job, job.patience()) {
        Ok(Found::Lyrics(read)) => Ok(read.lyrics),
        Err(WorkerError::NotStarted(why)) => Err(LyricsError::Reader(why)),
        // A file that cannot be read has no lyrics until it changes.
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Reads the lyrics that are not known yet, or of files that have changed since. What cannot be kept ends it.
fn pass(
    catalog: &Catalog,
    words: &Words,
    follow_links: bool,
    clock: &dyn Clock,
    read: &mut dyn FnMut(&Path) -> Result<Option<Lyrics>, LyricsError>,
    tell: &dyn Fn(Msg),
) {
    match unread(catalog, words, follow_links) {
        Ok(files) => {
            if let Err(why) = read_all(&files, words, clock, read, tell) {
                tell(Msg::obstacle(format!("not all lyrics can be searched: {why}")));
            }
        }
        Err(why) => tell(Msg::obstacle(format!("lyrics cannot be searched: {why}"))),
    }
}

/// A file whose lyrics are not known, with its key and its stamp.
type Unread = (PathBuf, u64, u64);

/// What is not known yet. What is known of files that the library does not have any more is forgotten.
fn unread(catalog: &Catalog, words: &Words, follow_links: bool) -> Result<Vec<Unread>, LyricsError> {
    let (mut files, mut keys) = (Vec::new(), HashSet::with_capacity(catalog.len()));
    // A piece of a file has no lyrics.
    for song in catalog.songs().iter().filter(|song| cue::split(&song.path).is_none()) {
        let (key, stamp) = (key(&song.path), stamp(&song.path, follow_links));
        keys.insert(key);
        if !words.are_known(key, stamp)? {
            files.push((song.path.to_path_buf(), key, stamp));
        }
    }
    words.keep(&keys)?;
    Ok(files)
}

fn read_all(
    files: &[Unread],
    words: &Words,
    clock: &dyn Clock,
    read: &mut dyn FnMut(&Path) -> Result<Option<Lyrics>, LyricsError>,
    tell: &dyn Fn(Msg),
) -> Result<(), LyricsError> {
    let many = files.len() >= MANY;
    if many {
        tell(Msg::hint(format!("reading the lyrics of {} files; the filter finds more as they come", files.len())));
    }
    let (mut told, mut news) = (clock.now(), false);
    for (done, (path, key, stamp)) in files.iter().enumerate() {
        let lyrics = read(path)?;
        news |= lyrics.is_some();
        words.put(*key, *stamp, lyrics.as_ref())?;
        if clock.now() >= told + STEP {
            told = clock.now();
            tell(Msg::hint(format!("lyrics: {} of {} files are read", done + 1, files.len())));
            if std::mem::take(&mut news) {
                tell(Msg::Heard);
            }
        }
    }
    if news {
        // A filter that asks for them is searched again.
        tell(Msg::Heard);
    }
    if many {
        tell(Msg::hint("all lyrics are read"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::clock::ManualClock;
    use crate::library::Song;
    use crate::library::lyrics::parse;
    use crate::track::TrackId;

    #[test]
    fn what_has_changed_is_read_and_the_filter_searched_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = |n: u8| dir.path().join(format!("{n}.mp3"));
        (0..3).for_each(|n| std::fs::write(path(n), [n]).unwrap());
        let song = |n: u8| std::sync::Arc::new(Song::bare(path(n), TrackId([n; 16])));
        let catalog = Catalog::new((0..3).map(song).collect());
        let (words, _asked) = Words::in_file(dir.path().join("words"));
        let (clock, told, count) = (ManualClock::default(), RefCell::new(Vec::new()), Cell::new(0));
        let look = |works: bool| {
            told.borrow_mut().clear();
            count.set(0);
            let mut read = |file: &Path| {
                count.set(count.get() + 1);
                let lyrics = (file != path(2)).then(|| parse("over the moon"));
                if works { Ok(lyrics) } else { Err(LyricsError::Reader("no memory".into())) }
            };
            pass(&catalog, &words, false, &clock, &mut read, &|msg| told.borrow_mut().push(msg));
            let heard = told.borrow().iter().filter(|msg| matches!(msg, Msg::Heard)).count();
            (count.get(), heard)
        };
        assert_eq!(look(false), (1, 0));
        assert!(matches!(&told.borrow()[..], [Msg::Notice { text, .. }] if text.contains("no memory")));
        assert_eq!(look(true), (3, 1));
        assert_eq!(words.search(&|lyrics| lyrics.contains("moon")).unwrap().len(), 2);
        assert_eq!(look(true), (0, 0), "all of it is known");
        // A text beside a file counts as a change of the file.
        std::fs::write(dir.path().join("2.lrc"), "[00:01]moon").unwrap();
        assert_eq!(look(true), (1, 0));
        assert!(told.borrow().is_empty(), "nothing was found in it");
        let fewer = Catalog::new((1..3).map(song).collect());
        pass(&fewer, &words, false, &clock, &mut |_| Ok(None), &|_| {});
        assert_eq!(words.search(&|lyrics| lyrics.contains("moon")).unwrap().len(), 1, "the other file is gone");
    }
}
