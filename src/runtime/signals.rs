//! Signals: the terminal was closed, the system shuts down, Ctrl-C was pressed outside raw mode. The session is saved
//! and the terminal restored within a second, or the process exits regardless.

use std::process;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::start_error::StartError;
use crate::system::hang_ups_are_ignored;
use crate::worker::Patience;

/// The limit on an orderly exit, not counting time in which other programs have the processor. A vanished terminal can
/// leave its reader spinning forever (crossterm 0.29), so waiting longer would leave an orphan at 100 % CPU.
const PATIENCE: Duration = Duration::from_millis(900);

/// Starts the thread that calls `quit` at the first signal and exits the process if it does not end in time, or at a
/// second signal. `restore` must restore the terminal and be safe to call twice. A hang-up that was ignored when the process
/// started stays so.
///
/// # Errors
/// When the signals cannot be taken over.
pub fn start(quit: impl Fn() + Send + 'static, restore: fn()) -> Result<(), StartError> {
    let mut wanted = vec![SIGTERM, SIGINT];
    if !hang_ups_are_ignored() {
        wanted.push(SIGHUP);
    }
    let mut signals = Signals::new(wanted).map_err(StartError::Signals)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let mut asked = false;
            for signal in signals.forever() {
                if asked {
                    restore();
                    process::exit(128 + signal);
                }
                asked = true;
                let patience = Patience::begin(process::id(), PATIENCE);
                quit();
                let _ = std::thread::Builder::new().name("last-resort".into()).spawn(move || {
                    patience.wait();
                    restore();
                    process::exit(128 + signal);
                });
            }
        })
        .map(|_| ())
        .map_err(StartError::Signals)
}
