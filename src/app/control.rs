//! The control socket: how a second `jukebox`, a script or a key of the desktop talks to the running player.
//!
//! One JSON request a line, one JSON reply a line. Only the user's own processes are answered (the directory is
//! 0700 and the peer's uid is checked); lines, clients and waiting are bounded.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::duplicates;
use super::report::{About, Hit, Neighbour, Place, SignatureCard, Status};
use super::sets::Side;
use crate::describe::Cards;
use crate::describe::compare::Comparison;
use crate::library::journal::Event;
use crate::library::playlist::{self, smart::Smart};
use crate::queue::next::Sounds;
use crate::queue::taste::TasteReport;
use crate::track::TrackId;

/// The longest request, in bytes: a playlist of some ten thousand files.
const LINE: u64 = 16 * 1024 * 1024;
/// Replies may hold a whole library's names.
const REPLY: u64 = 256 * 1024 * 1024;
/// Clients served at once.
const CLIENTS: usize = 16;
/// How long a silent client is kept.
const IDLE: Duration = Duration::from_secs(60);
/// How long the asking side waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// What can be asked of a running player. Paths are raw bytes: names need not be UTF-8.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// A command line, as after `:`.
    Command(String),
    /// Play these files or directories' files now, the rest after.
    Open(#[serde(with = "crate::paths::raw::list")] Vec<PathBuf>),
    /// What is going on.
    Status,
    /// The `count` nearest to a file.
    Similar {
        /// The file.
        #[serde(with = "crate::paths::raw")]
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// The songs that pass a filter.
    Search {
        /// The filter, or what was typed.
        text: String,
        /// Letters in order instead of the filter language.
        fuzzy: bool,
        /// At most so many.
        count: usize,
    },
    /// The signature of a set.
    Signature(Side),
    /// How far two sets are apart.
    Compare(Side, Side),
    /// Save a set's signature under a name.
    Save {
        /// The name.
        name: String,
        /// The set.
        side: Side,
    },
    /// What is known of these tracks, for statistics.
    Songs(Vec<TrackId>),
    /// The songs that a smart playlist means now.
    Smart(Smart),
    /// Where the entries of a playlist lie.
    Find(Vec<playlist::Entry>),
    /// What the dimensions mean.
    Cards,
    /// How every track sounds, for learning what comes next.
    Sounds,
    /// The songs of which there is more than one file.
    Duplicates(duplicates::Kind),
    /// Write what training needs to know of the library into this file.
    Snapshot(#[serde(with = "crate::paths::raw")] PathBuf),
    /// What was learned of the user's taste.
    Taste,
    /// Three tracks of which one is to be called odd.
    Triplet {
        /// Chance.
        seed: u64,
    },
    /// Write something of taste into the journal.
    Note(Event),
}

/// What a running player answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Understood and passed on.
    Done,
    /// Not possible; why and what would be.
    Error(String),
    /// Answer to [`Request::Status`].
    Status(Box<Status>),
    /// Answer to [`Request::Similar`].
    Similar(Vec<Neighbour>),
    /// Answer to [`Request::Search`] and [`Request::Smart`].
    Found {
        /// The songs.
        hits: Vec<Hit>,
        /// How many there are in all.
        all: usize,
    },
    /// Answer to [`Request::Songs`]: none for a track that the library has not.
    Songs(Vec<Option<About>>),
    /// Answer to [`Request::Find`]: none for an entry that the library has not.
    Places(Vec<Option<Place>>),
    /// Answer to [`Request::Signature`].
    Signature(Box<SignatureCard>),
    /// Answer to [`Request::Compare`].
    Comparison(Box<Comparison>),
    /// Answer to [`Request::Cards`].
    Cards(Arc<Cards>),
    /// Answer to [`Request::Sounds`].
    Sounds(Box<Sounds>),
    /// Answer to [`Request::Duplicates`].
    Duplicates(Vec<duplicates::Group>),
    /// Answer to [`Request::Snapshot`]: how many tracks were written.
    Snapshot(usize),
    /// Answer to [`Request::Taste`].
    Taste(Box<TasteReport>),
    /// Answer to [`Request::Triplet`].
    Triplet {
        /// The three.
        tracks: Vec<TrackId>,
        /// Their songs, in the same order.
        songs: Vec<Hit>,
        /// Whether the answer is to be held out.
        held_out: bool,
    },
}

/// Answers requests; called from several threads.
pub type Answer = Arc<dyn Fn(Request) -> Reply + Send + Sync>;

/// The listening end. Dropping it removes the socket.
pub struct Server {
    path: PathBuf,
}

impl Server {
    /// Begins to listen. Call it only while holding the store: then a socket that is there already is stale.
    ///
    /// # Errors
    /// One line when the socket cannot be made; the player works without it.
    pub fn start(path: &Path, answer: Answer) -> Result<Server, String> {
        let explain = |e: std::io::Error| format!("{}: no control socket: {e}", path.display());
        if let Some(dir) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(explain)?;
            let meta = std::fs::symlink_metadata(dir).map_err(explain)?;
            if meta.uid() != rustix::process::getuid().as_raw() {
                return Err(format!("{}: no control socket: the directory belongs to somebody else", dir.display()));
            }
            std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).map_err(explain)?;
        }
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(explain(e)),
            _ => {}
        }
        let listener = UnixListener::bind(path).map_err(explain)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(explain)?;
        let clients = Arc::new(AtomicUsize::new(0));
        std::thread::Builder::new()
            .name("socket".into())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    if clients.fetch_add(1, Ordering::SeqCst) >= CLIENTS || !is_ours(&stream) {
                        clients.fetch_sub(1, Ordering::SeqCst);
                        continue;
                    }
                    let (answer, counter) = (answer.clone(), clients.clone());
                    let served = std::thread::Builder::new().name("client".into()).spawn(move || {
                        serve(&stream, &answer);
                        counter.fetch_sub(1, Ordering::SeqCst);
                    });
                    if served.is_err() {
                        clients.fetch_sub(1, Ordering::SeqCst);
                    }
                }
            })
            .map_err(explain)?;
        Ok(Server { path: path.to_path_buf() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn is_ours(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::getuid())
}

fn serve(stream: &UnixStream, answer: &Answer) {
    let _ = stream.set_read_timeout(Some(IDLE));
    let _ = stream.set_write_timeout(Some(IDLE));
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line.last() != Some(&b'\n') => {
                let _ =
                    send(stream, &Reply::Error(format!("a request has at most {LINE} bytes and ends with a newline")));
                return;
            }
            Ok(_) => {}
        }
        let reply = match serde_json::from_slice(&line) {
            Ok(request) => answer(request),
            Err(e) => Reply::Error(format!("not a request: {e}")),
        };
        if send(stream, &reply).is_err() {
            return;
        }
    }
}

fn send(mut stream: &UnixStream, message: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// Asks the running player; `None` when none runs.
///
/// # Errors
/// When one runs but does not answer properly.
pub fn ask(path: &Path, request: &Request) -> Result<Option<Reply>, String> {
    let Ok(stream) = UnixStream::connect(path) else { return Ok(None) };
    let explain = |e: &dyn std::fmt::Display| format!("{}: the running jukebox does not answer: {e}", path.display());
    stream.set_read_timeout(Some(PATIENCE)).map_err(|e| explain(&e))?;
    send(&stream, request).map_err(|e| explain(&e))?;
    let mut line = Vec::new();
    BufReader::new(&stream).take(REPLY).read_until(b'\n', &mut line).map_err(|e| explain(&e))?;
    serde_json::from_slice(&line).map(Some).map_err(|e| explain(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(dir: &Path) -> (Server, PathBuf) {
        let path = dir.join("run/control.sock");
        let answer: Answer = Arc::new(|request| match request {
            Request::Command(line) if line == "pause" => Reply::Done,
            _ => Reply::Error("no".into()),
        });
        (Server::start(&path, answer).unwrap(), path)
    }

    #[test]
    fn a_request_is_answered_and_the_socket_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let (server, path) = server(dir.path());
        assert!(matches!(ask(&path, &Request::Command("pause".into())), Ok(Some(Reply::Done))));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        drop(server);
        assert!(matches!(ask(&path, &Request::Status), Ok(None)));
    }

    #[test]
    fn nonsense_and_endless_lines_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (_server, path) = server(dir.path());
        let talk = |bytes: &[u8]| {
            let mut stream = UnixStream::connect(&path).unwrap();
            let _ = stream.write_all(bytes);
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            line
        };
        assert!(talk(b"{\"nonsense\": \xff}\n").contains("not a request"));
        assert!(talk(&vec![b'x'; LINE as usize]).contains("at most"));
    }
}
