//! The control socket, through which a second `jukebox`, a script or a desktop shortcut talks to the running player.
//!
//! One JSON request per line, one JSON reply per line. Only the user's own processes are answered (the directory is
//! 0700 and the peer's uid is checked); lines, clients and waiting are bounded.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ask::event::Happening;
use crate::ask::protocol::{Reply, Request};

mod attach;
mod server;

pub use attach::{Served, attach};
pub use server::{Answer, Answered, Server};

/// The longest request, in bytes: a playlist of some ten thousand files.
const LINE: u64 = 16 * 1024 * 1024;
/// The largest reply in bytes; it may list a whole library.
const REPLY: u64 = 256 * 1024 * 1024;
/// What is said of a player that answers something else than it was asked.
const OTHER: &str = "another version";
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

/// Whether the other end is a process of the same user.
fn is_ours(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::getuid())
}

/// Asks the running player; `None` when none runs.
///
/// # Errors
/// When one runs but does not answer properly.
pub fn ask(path: &Path, request: &Request) -> Result<Option<Reply>, String> {
    let Ok(mut stream) = UnixStream::connect(path) else { return Ok(None) };
    let explain = |e: &dyn std::fmt::Display| {
        format!("{}: the running jukebox does not answer as it should: {e}", path.display())
    };
    stream.set_read_timeout(Some(PATIENCE)).map_err(|e| explain(&e))?;
    let asked = line(request).map_err(|e| explain(&e))?;
    if asked.len() as u64 > LINE {
        return Err(format!("too much for one request, which has at most {} MiB: name fewer files", LINE >> 20));
    }
    stream.write_all(&asked).map_err(|e| explain(&e))?;
    let mut reply = Vec::new();
    BufReader::new(&stream).take(REPLY).read_until(b'\n', &mut reply).map_err(|e| explain(&e))?;
    understood(&reply).map(Some).map_err(|why| explain(&why))
}

/// A message of the player's. One that is not understood is of another version: programs change what they say.
///
/// # Errors
/// Why not, in words that end a sentence about the player.
fn understood<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    if line.is_empty() {
        return Err("it hung up".into());
    }
    serde_json::from_slice(line).map_err(|e| {
        if e.is_eof() {
            return "it hung up in the middle of its answer".into();
        }
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "it is another version than this one ({version}); `jukebox send quit` ends it, then start it anew ({e})"
        )
    })
}

/// Follows the running player: calls `each` with everything that happens until it returns false or the player ends.
/// False when none runs.
///
/// # Errors
/// When one runs but does not answer properly.
pub fn follow(path: &Path, mut each: impl FnMut(Happening) -> bool) -> Result<bool, String> {
    let Ok(stream) = UnixStream::connect(path) else { return Ok(false) };
    let explain = |e: &dyn std::fmt::Display| {
        format!("{}: the running jukebox does not answer as it should: {e}", path.display())
    };
    send(&stream, &Request::Follow).map_err(|e| explain(&e))?;
    let mut lines = BufReader::new(&stream).take(u64::MAX);
    let mut line = Vec::new();
    let mut next = |lines: &mut std::io::Take<BufReader<&UnixStream>>| -> Result<Vec<u8>, String> {
        line.clear();
        lines.set_limit(REPLY);
        lines.read_until(b'\n', &mut line).map_err(|e| explain(&e))?;
        Ok(line.clone())
    };
    match understood(&next(&mut lines)?) {
        Ok(Reply::Done) => {}
        Ok(Reply::Error(why)) => return Err(why),
        Ok(_) => return Err(explain(&OTHER)),
        Err(why) => return Err(explain(&why)),
    }
    loop {
        let line = next(&mut lines)?;
        if line.is_empty() {
            return Ok(true);
        }
        if !each(understood(&line).map_err(|why| explain(&why))?) {
            return Ok(true);
        }
    }
}
