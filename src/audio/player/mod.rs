//! The player: commands in, events out, sound in between.
//!
//! Three threads' worth of work: *control* takes commands, owns the output and tells what was heard; *feed* decodes
//! ahead into a ring of three seconds; the output's callback pops the ring (`source`) and does nothing else. What
//! was heard is counted in frames that left the ring, and marks in the ring's time line say where tracks begin and
//! end; what the device still holds is taken off, so events and positions are those of the ear.

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

/// The longest that ending the player takes.
const PATIENCE: Duration = Duration::from_millis(200);

/// A running player. Dropped, it ends.
pub struct Player {
    input: Sender<Input>,
    pending: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Player {
    /// Starts a player. Returns at once: the output is opened behind, [`Event::Output`] says which.
    ///
    /// A `Play` clears an earlier `Follow`. A `Follow` given after the last track ended by itself (or failed) begins
    /// at once; after a `Stop` it waits for the next `Play`, which clears it. Positions are those of the decoder's
    /// time line, see [`super::decode::Decoder`].
    ///
    /// # Errors
    /// When no thread can be started.
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

    /// Tells the player something; never blocks. After [`Command::Quit`] nothing is done any more.
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
            // A thread that hangs in a driver is left behind rather than waited for.
            if thread.is_finished() {
                let _ = thread.join();
            }
        }
    }
}
