//! Terminals on the control socket: both ends of the connection.

use std::io::{self, BufRead, BufReader, Read};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use crossterm::event::Event;

use super::{Odd, PATIENCE, SocketError, odd, send, understood};
use crate::ask::protocol::{Reply, Request};
use crate::ask::screen::{Attached, Input, Link, Shown, Terminal};
use crate::system::is_of_same_user;

/// The longest line from a terminal, in bytes: a paste.
const LINE: u64 = 4 * 1024 * 1024;
/// Events of a terminal that the ui loop has not taken yet; more wait in the socket.
const EVENTS: usize = 256;
/// How long the player may take nothing of what is typed.
const STUCK: Duration = Duration::from_secs(10);
/// The longest answer to a terminal that wants to be attached, in bytes: a line that says why not.
const LONGEST: usize = 64 * 1024;

/// The player's end of an attached terminal.
#[derive(Debug)]
pub struct Served {
    input: Sender<io::Result<Event>>,
    shown: Receiver<Shown>,
    link: Arc<Link>,
}

impl Served {
    /// Both sides of a terminal: the ui loop's, and the socket's.
    pub fn of(terminal: Terminal) -> (Attached, Served) {
        let ((input, events), (output, shown)) = (bounded(EVENTS), unbounded());
        let link = Arc::new(Link::of(&terminal));
        let terminal = Terminal { size: link.size(), ..terminal };
        (Attached { terminal, events, output, link: link.clone() }, Served { input, shown, link })
    }

    /// Serves the terminal until it leaves or is let go.
    pub(super) fn serve(self, stream: &UnixStream, reader: &mut BufReader<&UnixStream>) {
        // It may be silent for hours, or be stopped by its shell.
        let _ = stream.set_read_timeout(None);
        let _ = stream.set_write_timeout(None);
        let Served { input, shown, link } = self;
        let gone = |why: &str| drop(input.send(Err(io::Error::other(why.to_string()))));
        let Ok(writer) = stream.try_clone() else { return gone("no second handle") };
        if send(stream, &Reply::Done).is_err() {
            return gone("hung up");
        }
        let known = link.clone();
        let write = move || write_all(&writer, &shown, &known);
        if std::thread::Builder::new().name("screen".into()).spawn(write).is_err() {
            return gone("no thread for the screen");
        }
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.by_ref().take(LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            let event = match Input::read(&line) {
                Some(Input::Event(event)) => event,
                Some(Input::Size(size, cell)) => {
                    link.resize(size, cell);
                    let (columns, rows) = link.size();
                    Event::Resize(columns, rows)
                }
                None => continue,
            };
            if input.send(Ok(event)).is_err() {
                // It was let go; the other thread says so and hangs up.
                return;
            }
        }
        gone("hung up");
    }
}

/// Writes what is to be shown until the ui loop lets the terminal go, then hangs up.
fn write_all(mut stream: &UnixStream, shown: &Receiver<Shown>, link: &Link) {
    for block in shown {
        let sent = block.write(&mut stream);
        if matches!(block, Shown::Bytes(_)) {
            link.written();
        }
        if sent.is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Attaches a terminal to the running player. The stream then carries what [`crate::ask::screen`] describes; writing to it
/// fails when the player has taken nothing for some seconds.
///
/// # Errors
/// None runs, or it is another user's, who is not to write to this terminal, or it has a screen of its own, or does not
/// answer properly.
pub fn attach(path: &Path, terminal: &Terminal) -> Result<UnixStream, SocketError> {
    let explain = odd(path);
    let stream = UnixStream::connect(path).map_err(|e| explain(e.into()))?;
    if !is_of_same_user(&stream) {
        return Err(SocketError::Foreign(path.to_path_buf()));
    }
    stream.set_read_timeout(Some(PATIENCE)).map_err(|e| explain(e.into()))?;
    stream.set_write_timeout(Some(STUCK)).map_err(|e| explain(e.into()))?;
    send(&stream, &Request::Attach(terminal.clone())).map_err(|e| explain(e.into()))?;
    // Byte by byte: what follows the line is not JSON, and must not be taken into a buffer.
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() < LONGEST {
        (&stream).read_exact(&mut byte).map_err(|e| explain(e.into()))?;
        match byte {
            [b'\n'] => break,
            [byte] => line.push(byte),
        }
    }
    match understood(&line) {
        Ok(Reply::Done) => {}
        Ok(Reply::Error(why)) => return Err(SocketError::Refused(why)),
        Ok(_) => return Err(explain(Odd::Other)),
        Err(why) => return Err(explain(why)),
    }
    stream.set_read_timeout(None).map_err(|e| explain(e.into()))?;
    Ok(stream)
}
