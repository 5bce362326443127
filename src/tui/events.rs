//! The threads that read the terminal, and notice that it is gone.

use std::time::Duration;

use crossbeam_channel::Sender;
use crossterm::event::Event;

use super::gone::TerminalError;
use super::late::{Late, Reply};
use super::terminal;

/// How often the thread that reads keys checks that the terminal still exists.
const GLANCE: Duration = Duration::from_secs(10);
/// How long after the first letter of what may be an answer of the terminal the next one must come.
const BURST: Duration = Duration::from_millis(50);

/// Starts the threads that forward the terminal's events, after those that came before, and report when it is gone. What
/// it answers late goes to `replies`.
///
/// # Errors
/// One line: a thread cannot be started.
pub(super) fn start_keys(
    keys: Sender<std::io::Result<Event>>,
    before: Vec<Event>,
    late: Late,
    replies: Sender<Reply>,
) -> Result<(), TerminalError> {
    let explain = |cause| TerminalError::Thread { what: "keys", cause };
    // The receiver lives: it is used only after this.
    before.into_iter().for_each(|event| drop(keys.send(Ok(event))));
    terminal::watch(keys.clone()).map_err(explain)?;
    let read = move || read_keys(&keys, late, &replies);
    std::thread::Builder::new().name("keys".into()).spawn(read).map(|_| ()).map_err(explain)
}

/// Forwards the terminal's events until the receiver is dropped, reading fails, or the terminal is gone. In a program
/// that goes on without its terminal (a training), this thread would otherwise keep spinning in crossterm's loop.
fn read_keys(keys: &Sender<std::io::Result<Event>>, mut late: Late, replies: &Sender<Reply>) {
    loop {
        let events = match crossterm::event::poll(if late.holds() { BURST } else { GLANCE }) {
            Ok(true) => crossterm::event::read().map(|event| late.pass(event)),
            Ok(false) if late.holds() => Ok(late.release()),
            Ok(false) if terminal::alive() => continue,
            Ok(false) => return,
            Err(e) => Err(e),
        };
        if let Some(reply) = late.reply() {
            // Nobody waits for it where neither colours nor pictures can change any more.
            let _ = replies.send(reply);
        }
        match events {
            Ok(events) => {
                for event in events {
                    if keys.send(Ok(event)).is_err() {
                        return;
                    }
                }
            }
            Err(e) => return drop(keys.send(Err(e))),
        }
    }
}
