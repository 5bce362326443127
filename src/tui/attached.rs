//! The terminal's side of a player without a screen: keys go to it, what it draws comes back.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use crossbeam_channel::{Receiver, bounded, select, unbounded};
use crossterm::event::Event;

use crate::ask::screen::{Input, Shown, Terminal};
use crate::clock::Clock;
use crate::config::Covers;

use super::colour::Depth;
use super::events::start_keys;
use super::gone::TerminalError;
use super::stage;
use super::terminal::Tty;

/// Blocks that are read before the terminal has taken those before.
const AHEAD: usize = 4;

/// How the terminal is used.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// Whether it reports the mouse.
    pub mouse: bool,
    /// Whether its window is named after what plays.
    pub titled: bool,
    /// How covers are shown.
    pub covers: Covers,
}

/// Shows the screen of a running player on this terminal until one of them lets go, or `stop` says so. `connect` attaches the
/// terminal. Returns why it ended, if the player said so.
///
/// # Errors
/// One line: the terminal cannot be used or is gone, or the player does not take it.
pub fn attach(
    how: Use,
    clock: &dyn Clock,
    stop: &Receiver<()>,
    connect: impl FnOnce(&Terminal) -> Result<UnixStream, TerminalError>,
) -> Result<Option<String>, TerminalError> {
    let mut tty = Tty::enter(how.mouse, how.titled)?;
    let (keys, events) = unbounded();
    let found = tty.background(clock, how.covers);
    let art = tty.art(how.covers, found.pictures);
    let depth = Depth::detect(|name| std::env::var(name).ok());
    let size = tty.size()?;
    let stream = connect(&stage::terminal((size.width, size.height), tty.cell(), depth, found.ground, art))?;
    // The player is told once what the terminal can, so what comes later goes nowhere.
    start_keys(keys, found.typed, found.late, unbounded().0)?;
    let shown = read(&stream)?;
    let outcome = pump(&mut tty, &stream, &events, &shown, stop);
    let _ = stream.shutdown(std::net::Shutdown::Both);
    drop(tty);
    outcome
}

/// Reads what is to be shown on a thread of its own; the channel closes at the end, after an error if there was one.
fn read(stream: &UnixStream) -> Result<Receiver<io::Result<Shown>>, TerminalError> {
    let stream = stream.try_clone().map_err(TerminalError::Handle)?;
    let (sender, shown) = bounded(AHEAD);
    let read = move || {
        for block in blocks(stream) {
            if sender.send(block).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("screen".into())
        .spawn(read)
        .map_err(|cause| TerminalError::Thread { what: "screen", cause })?;
    Ok(shown)
}

/// The blocks that come, up to the end or an error.
fn blocks(mut from: impl Read) -> impl Iterator<Item = io::Result<Shown>> {
    let mut failed = false;
    std::iter::from_fn(move || {
        let block = if failed { None } else { Shown::read(&mut from).transpose() };
        failed = matches!(block, Some(Err(_)));
        block
    })
}

fn pump(
    tty: &mut Tty,
    mut stream: &UnixStream,
    events: &Receiver<io::Result<Event>>,
    shown: &Receiver<io::Result<Shown>>,
    stop: &Receiver<()>,
) -> Result<Option<String>, TerminalError> {
    let resized = |tty: &Tty| Some(Input::Size(tty.size().map(|size| (size.width, size.height)).ok()?, tty.cell()));
    loop {
        let input = select! {
            recv(events) -> event => match event.map_err(|_| TerminalError::Unread)?? {
                Event::Resize(..) => resized(tty),
                event => Some(Input::Event(event)),
            },
            recv(shown) -> block => match block {
                Ok(Ok(Shown::Bytes(bytes))) => {
                    tty.pass(&bytes)?;
                    None
                }
                Ok(Ok(Shown::Suspend)) => {
                    tty.suspend()?;
                    resized(tty)
                }
                Ok(Ok(Shown::Bye(why))) => return Ok(Some(why)),
                Ok(Err(e)) => return torn(&e),
                Err(_) => return Ok(None),
            },
            recv(stop) -> _ => return Ok(Some("ended by a signal; the music goes on".into())),
        };
        let line = input.and_then(|input| input.line());
        // A player that is gone closes what it shows as well, which ends the loop.
        if let Some(line) = line
            && let Err(e) = stream.write_all(line.as_bytes())
            && matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
        {
            return Err(TerminalError::Hangs);
        }
    }
}

/// What an error of the connection means: that the player is gone, or that it is another version, which goes on.
fn torn(e: &io::Error) -> Result<Option<String>, TerminalError> {
    if e.kind() != ErrorKind::InvalidData {
        return Ok(None);
    }
    Err(TerminalError::Version(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_of_another_version_is_told_from_one_that_ended() {
        let mut sent = Vec::new();
        Shown::Bytes(vec![1]).write(&mut sent).unwrap();
        let of = |bytes: &[u8]| -> Vec<io::Result<Shown>> { blocks(bytes).collect() };
        assert!(matches!(&of(&sent)[..], [Ok(Shown::Bytes(_))]));
        let other = of(&[&sent[..], &[9, 0, 0, 0, 0], &sent[..]].concat());
        let [Ok(_), Err(e)] = &other[..] else { panic!("{other:?}") };
        let why = torn(e).unwrap_err().to_string();
        assert!(why.contains("another version than this one") && why.contains("plays on"), "{why}");
        let cut = of(&sent[..3]);
        let [Err(e)] = &cut[..] else { panic!("{cut:?}") };
        assert_eq!(torn(e).unwrap(), None, "it ended");
    }
}
