//! The control socket, through which a second `jukebox`, a script or a desktop shortcut talks to the running player.
//!
//! One JSON request per line, one JSON reply per line. Only the user's own processes are answered (the directory is
//! 0700 and, where the system tells it, the peer's uid is checked); lines, their sum, clients and waiting are bounded.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ask::event::Happening;
use crate::ask::protocol::{Reply, Request};

mod attach;
mod error;
mod request;
mod server;

pub use attach::{Served, attach};
pub use error::{Odd, SocketError};
pub use server::{Answer, Answered, Server};

/// The longest request, in bytes: as many paths as a list may have ([`crate::paths::raw::list`]), of 650 bytes each.
const LINE: u64 = 64 * 1024 * 1024;
/// The largest reply in bytes; it may list a whole library.
const REPLY: u64 = 256 * 1024 * 1024;
/// How long the client waits for a reply.
const PATIENCE: Duration = Duration::from_secs(60);

fn line(message: &impl Serialize) -> std::io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

fn send(mut stream: &UnixStream, message: &impl Serialize) -> std::io::Result<()> {
    stream.write_all(&line(message)?)
}

/// Asks the running player; `None` when none runs.
///
/// # Errors
/// When one runs but does not answer properly.
pub fn ask(path: &Path, request: &Request) -> Result<Option<Reply>, SocketError> {
    let Ok(mut stream) = UnixStream::connect(path) else { return Ok(None) };
    let explain = odd(path);
    stream.set_read_timeout(Some(PATIENCE)).map_err(|e| explain(e.into()))?;
    let asked = line(request).map_err(|e| explain(e.into()))?;
    if asked.len() as u64 > LINE {
        return Err(SocketError::TooMuch { most: LINE >> 20 });
    }
    // A request that is refused is not read to its end, so that it cannot be written; the reply says why.
    let written = stream.write_all(&asked);
    let mut reply = Vec::new();
    let read = BufReader::new(&stream).take(REPLY).read_until(b'\n', &mut reply);
    if reply.is_empty() {
        written.and(read).map_err(|e| explain(e.into()))?;
    }
    understood(&reply).map(Some).map_err(explain)
}

/// A message of the player's. One that is not understood is of another version: programs change what they say.
///
/// # Errors
/// Why not.
fn understood<T: DeserializeOwned>(line: &[u8]) -> Result<T, Odd> {
    if line.is_empty() {
        return Err(Odd::HungUp);
    }
    serde_json::from_slice(line).map_err(|e| if e.is_eof() { Odd::Cut } else { Odd::Version(e) })
}

/// For `map_err`: the player behind this socket does not answer as it should.
fn odd(path: &Path) -> impl Fn(Odd) -> SocketError + Copy + '_ {
    move |why| SocketError::Odd { path: path.to_path_buf(), why }
}

/// Follows the running player: calls `each` with everything that happens until it returns false or the player ends.
/// False when none runs.
///
/// # Errors
/// When one runs but does not answer properly.
pub fn follow(path: &Path, mut each: impl FnMut(Happening) -> bool) -> Result<bool, SocketError> {
    let Ok(stream) = UnixStream::connect(path) else { return Ok(false) };
    let explain = odd(path);
    send(&stream, &Request::Follow).map_err(|e| explain(e.into()))?;
    let mut lines = BufReader::new(&stream).take(u64::MAX);
    let mut line = Vec::new();
    let mut next = |lines: &mut std::io::Take<BufReader<&UnixStream>>| -> Result<Vec<u8>, SocketError> {
        line.clear();
        lines.set_limit(REPLY);
        lines.read_until(b'\n', &mut line).map_err(|e| explain(e.into()))?;
        Ok(line.clone())
    };
    match understood(&next(&mut lines)?) {
        Ok(Reply::Done) => {}
        Ok(Reply::Error(why)) => return Err(SocketError::Refused(why)),
        Ok(_) => return Err(explain(Odd::Other)),
        Err(why) => return Err(explain(why)),
    }
    loop {
        let line = next(&mut lines)?;
        if line.is_empty() {
            return Ok(true);
        }
        if !each(understood(&line).map_err(explain)?) {
            return Ok(true);
        }
    }
}
