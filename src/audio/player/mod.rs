//! The player: takes commands, plays tracks without gaps, and reports events.
//!
//! The *control* thread takes commands, owns the output and reports what was heard. The *decode* thread (`feed`) decodes up to
//! three seconds ahead into a ring buffer. The output's callback (`source`) pops that ring and does nothing else. Positions are
//! counted in frames that have left the ring, less those that the device still holds, so events and positions are those of the
//! listener; marks at frames of the ring say where tracks begin and end.

mod asked;
mod choice;
mod control;
mod convert;
mod crossfade;
mod feed;
mod held;
mod input;
mod meter;
mod outputs;
mod rehearse;
mod search;
mod settings;
pub(super) mod source;
pub mod spectrum;
mod stream;
mod streams;
mod track;

#[cfg(test)]
mod tests;

pub use rehearse::rehearse;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::output::OutputKind;
use super::{Command, Event};
use control::Control;
use input::Input;
use settings::Settings;

/// How long dropping a player waits for its threads to end.
const PATIENCE: Duration = Duration::from_millis(200);

/// A running player, which stops when dropped.
pub struct Player {
    input: Sender<Input>,
    pending: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Player {
    /// Starts a player. Returns at once; the output is opened in the background and reported by [`Event::Output`].
    ///
    /// A `Play` clears an earlier `Follow`. A `Follow` given after the last track ended by itself or failed begins at once;
    /// after a `Stop` it has no effect until the next `Play`, which clears it. Positions are in seconds of the decoder's
    /// timeline, see [`super::decode::Decoder`].
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(output: OutputKind) -> std::io::Result<(Player, Receiver<Event>)> {
        Player::start_with(output, Settings::default())
    }

    /// As [`Player::start`], on an output chosen by its [`Device::id`](super::Device::id).
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start_on(device: Option<String>) -> std::io::Result<(Player, Receiver<Event>)> {
        Player::start_with(OutputKind::Auto, Settings { device, ..Settings::default() })
    }

    fn start_with(output: OutputKind, settings: Settings) -> std::io::Result<(Player, Receiver<Event>)> {
        let (input, inbox) = crossbeam_channel::unbounded();
        let (events, outbox) = crossbeam_channel::unbounded();
        let pending = Arc::new(AtomicUsize::new(0));
        let control = Control::new(output, settings, (input.clone(), inbox), events, pending.clone());
        let thread = std::thread::Builder::new().name("audio-control".into()).spawn(move || control.run())?;
        Ok((Player { input, pending, thread: Some(thread) }, outbox))
    }

    /// Sends a command; never blocks. After [`Command::Quit`] commands have no effect.
    pub fn send(&self, command: Command) {
        self.pending.fetch_add(1, Ordering::AcqRel);
        if self.input.send(Input::Command(command)).is_err() {
            self.pending.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.send(Command::Quit);
        let deadline = Instant::now() + PATIENCE;
        if let Some(thread) = self.thread.take() {
            while !thread.is_finished() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(1));
            }
            // A thread blocked in a driver is abandoned.
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
    }
}
