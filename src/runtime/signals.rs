//! Signals: the terminal was closed, the system shuts down, Ctrl-C was pressed outside raw mode. The session is saved
//! and the terminal restored within a second, or the process exits regardless.

use std::process;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::worker::Patience;

/// The limit on an orderly exit, not counting time in which other programs have the processor. A vanished terminal can
/// leave its reader spinning forever (crossterm 0.29), so waiting longer would leave an orphan at 100 % CPU.
const PATIENCE: Duration = Duration::from_millis(900);

/// Starts the thread that calls `quit` at the first signal and exits the process if it does not end in time, or at a
/// second signal. `restore` must restore the terminal and be safe to call twice.
///
/// # Errors
/// When the signals cannot be taken over.
pub fn start(quit: impl Fn() + Send + 'static, restore: fn()) -> Result<(), String> {
    let explain = |e: std::io::Error| format!("signals cannot be handled: {e}");
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT]).map_err(explain)?;
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
        .map_err(explain)
}
