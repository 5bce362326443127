//! The server of the control socket. Clients cannot block it by connecting in large numbers or by staying idle: when
//! all places are taken, the client that has been idle longest is disconnected.

use std::io::{BufReader, ErrorKind, Write};
use std::net::Shutdown;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::attach::Served;
use super::error::{BadRequest, SocketError};
use super::request::{Asked, read};
use super::{Reply, Request, send};
use crate::ask::event::Happening;
use crate::system::is_of_same_user;

/// The longest text of a command or a filter, in bytes.
const TEXT: usize = 64 * 1024;
/// Clients served at once.
const CLIENTS: usize = 32;
/// How long a silent client is kept.
const IDLE: Duration = Duration::from_secs(60);
/// How often it is looked whether a client that is told what happens is still there, while nothing happens.
const LOOK: Duration = Duration::from_secs(5);
/// How long shutdown waits for answers in progress.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// After requests or replies of at least this many bytes, the allocator is asked to return freed memory.
const LARGE: usize = 256 * 1024;

/// Answers requests; called from several threads.
pub type Answer = Arc<dyn Fn(Request) -> Answered + Send + Sync>;

/// An answer to a request.
pub enum Answered {
    /// One reply.
    Reply(Box<Reply>),
    /// [`Reply::Done`], and then what happens until the channel closes or the client leaves.
    Happenings(Receiver<Arc<Vec<Happening>>>),
    /// [`Reply::Done`], and then the screen for the client's terminal.
    Screen(Served),
}

impl From<Reply> for Answered {
    fn from(reply: Reply) -> Answered {
        Answered::Reply(Box::new(reply))
    }
}

/// The server. Dropping it removes the socket and then waits for answers in progress.
pub struct Server {
    path: PathBuf,
    /// The socket's device and inode, since another process may have replaced it by its own.
    made: Option<(u64, u64)>,
    clients: Arc<Clients>,
}

impl Server {
    /// Starts listening. Call it only while holding the store: an existing socket is then stale.
    ///
    /// # Errors
    /// One line when the socket cannot be made; the player works without it.
    pub fn start(path: &Path, answer: Answer) -> Result<Server, SocketError> {
        let explain = |cause| SocketError::Unmade { path: path.to_path_buf(), cause };
        if let Some(dir) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(explain)?;
            let meta = std::fs::symlink_metadata(dir).map_err(explain)?;
            if meta.uid() != rustix::process::getuid().as_raw() {
                return Err(SocketError::Directory(dir.to_path_buf()));
            }
            std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).map_err(explain)?;
        }
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(explain(e)),
            _ => {}
        }
        let listener = UnixListener::bind(path).map_err(explain)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(explain)?;
        let made = identity(path);
        let clients = Arc::new(Clients::default());
        let known = clients.clone();
        std::thread::Builder::new()
            .name("socket".into())
            .spawn(move || {
                for stream in listener.incoming().flatten().filter(is_of_same_user) {
                    take_in(stream, &known, &answer);
                }
            })
            .map_err(explain)?;
        Ok(Server { path: path.to_path_buf(), made, clients })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if identity(&self.path) == self.made {
            let _ = std::fs::remove_file(&self.path);
        }
        self.clients.wait_until_answered(LAST_WORDS);
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::symlink_metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
}

/// The connected clients.
#[derive(Default)]
struct Clients {
    table: Mutex<Table>,
    changed: Condvar,
}

#[derive(Default)]
struct Table {
    /// A counter of events, used as a clock to find the client that has been idle longest.
    now: u64,
    clients: Vec<Client>,
    /// Whether a large request is being read or answered.
    large: bool,
}

/// The room of a large request: there is one.
struct Room<'a>(&'a Clients);

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.table().large = false;
        self.0.changed.notify_all();
    }
}

struct Client {
    number: u64,
    /// A second handle, to hang up.
    stream: UnixStream,
    doing: Doing,
    /// When that began, by [`Table::now`].
    since: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Its request has not been received completely.
    Asking,
    /// Its request is being answered.
    Waiting,
    /// Its answer is being sent.
    Reading,
    /// It is told what happens, until it leaves.
    Following,
    /// It shows the player's screen.
    Attached,
}

impl Clients {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a client and returns its number. If all places are taken, the one that has been asking or reading longest
    /// is disconnected, or one that showed the screen before another took it. `None` when all of them wait for an answer.
    fn place(&self, stream: UnixStream) -> Option<u64> {
        let mut table = self.table();
        if table.clients.len() >= CLIENTS {
            // Those before it were let go; one that is stopped has not taken notice.
            let shows = table.clients.iter().filter(|client| client.doing == Doing::Attached).map(|c| c.since).max();
            let idle = table
                .clients
                .iter()
                .enumerate()
                .filter(|(_, client)| client.doing != Doing::Waiting && Some(client.since) != shows);
            let (longest, _) = idle.min_by_key(|(_, client)| client.since)?;
            let gone = table.clients.swap_remove(longest);
            let _ = gone.stream.shutdown(Shutdown::Both);
            // It may be waiting for room.
            self.changed.notify_all();
        }
        table.now += 1;
        let number = table.now;
        table.clients.push(Client { number, stream, doing: Doing::Asking, since: number });
        Some(number)
    }

    /// Sets what a client is doing. False when it has lost its place.
    fn note(&self, number: u64, doing: Doing) -> bool {
        let mut table = self.table();
        table.now += 1;
        let now = table.now;
        let Some(client) = table.clients.iter_mut().find(|client| client.number == number) else { return false };
        (client.doing, client.since) = (doing, now);
        self.changed.notify_all();
        true
    }

    /// Waits until no other request is large. `None` when that takes longer than `patience`, or the client has lost its
    /// place.
    fn room(&self, number: u64, patience: Duration) -> Option<Room<'_>> {
        let placed = |table: &Table| table.clients.iter().any(|client| client.number == number);
        let waits = |table: &mut Table| table.large && placed(table);
        let waited = self.changed.wait_timeout_while(self.table(), patience, waits);
        let (mut table, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if table.large || !placed(&table) {
            return None;
        }
        table.large = true;
        drop(table);
        Some(Room(self))
    }

    fn leave(&self, number: u64) {
        self.table().clients.retain(|client| client.number != number);
        self.changed.notify_all();
    }

    fn wait_until_answered(&self, patience: Duration) {
        let under_way = |table: &mut Table| {
            table.clients.iter().any(|client| matches!(client.doing, Doing::Waiting | Doing::Reading))
        };
        drop(self.changed.wait_timeout_while(self.table(), patience, under_way));
    }
}

fn take_in(stream: UnixStream, clients: &Arc<Clients>, answer: &Answer) {
    let number = stream.try_clone().ok().and_then(|second| clients.place(second));
    let Some(number) = number else {
        // Sending to it must not block the clients after it.
        let _ = stream.set_nonblocking(true);
        let _ = send(&stream, &Reply::Error("too many questions at once; try again in a moment".into()));
        return;
    };
    let (answer, known) = (answer.clone(), clients.clone());
    let served = std::thread::Builder::new().name("client".into()).spawn(move || {
        serve(&stream, &answer, |doing| known.note(number, doing), || known.room(number, IDLE));
        known.leave(number);
    });
    if served.is_err() {
        clients.leave(number);
    }
}

/// Answers a client until it disconnects. `note` records what it is doing; false means that it lost its place. `room`
/// waits for the room of a large request.
fn serve<'a>(
    mut stream: &UnixStream,
    answer: &Answer,
    note: impl Fn(Doing) -> bool,
    room: impl Fn() -> Option<Room<'a>>,
) {
    let _ = stream.set_read_timeout(Some(IDLE));
    let _ = stream.set_write_timeout(Some(IDLE));
    let mut reader = BufReader::new(stream);
    loop {
        let Asked { line, room } = match read(&mut reader, &room) {
            Ok(Some(asked)) => asked,
            Ok(None) => return,
            Err(why) => {
                let _ = send(stream, &Reply::Error(why.to_string()));
                return;
            }
        };
        if !note(Doing::Waiting) {
            return;
        }
        let large = line.len() >= LARGE;
        let request = serde_json::from_slice(&line).map_err(BadRequest::from);
        drop(line);
        let answered = match request.and_then(checked) {
            Ok(request) => answer(request),
            Err(why) => Reply::Error(crate::text::sanitize(&why.to_string())).into(),
        };
        drop(room);
        let reply = match answered {
            Answered::Reply(reply) => reply,
            Answered::Happenings(happenings) => {
                if note(Doing::Following) {
                    tell(stream, &happenings);
                }
                return;
            }
            Answered::Screen(served) => {
                if note(Doing::Attached) {
                    served.serve(stream, &mut reader);
                }
                return;
            }
        };
        let Ok(mut bytes) = serde_json::to_vec(&reply) else { return };
        bytes.push(b'\n');
        let large = large || bytes.len() >= LARGE;
        drop(reply);
        let sent = note(Doing::Reading) && stream.write_all(&bytes).is_ok();
        drop(bytes);
        if large {
            crate::analysis::give_back();
        }
        if !sent || !note(Doing::Asking) {
            return;
        }
    }
}

/// Tells a client what happens until it leaves, does not keep up, or the player ends.
fn tell(stream: &UnixStream, happenings: &Receiver<Arc<Vec<Happening>>>) {
    if send(stream, &Reply::Done).is_err() {
        return;
    }
    loop {
        match happenings.recv_timeout(LOOK) {
            Ok(happened) if happened.iter().all(|happening| send(stream, happening).is_ok()) => {}
            Err(RecvTimeoutError::Timeout) if !has_left(stream) => {}
            _ => return,
        }
    }
}

/// Whether a client has closed the connection; one that only sends nothing more has not.
fn has_left(stream: &UnixStream) -> bool {
    // That a connection is closed is always reported.
    let mut wait = [PollFd::new(stream, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut wait, Some(&at_once)).is_ok_and(|events| events > 0)
}

/// Refuses texts longer than [`TEXT`].
fn checked(request: Request) -> Result<Request, BadRequest> {
    let text = match &request {
        Request::Command(text) | Request::Search { text, .. } | Request::Save { name: text, .. } => text,
        Request::Words { text, .. } | Request::Rename { name: text, .. } => text,
        _ => return Ok(request),
    };
    match text.len() {
        0..=TEXT => Ok(request),
        long => Err(BadRequest::TooLong { long, most: TEXT }),
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
