//! Signals during a training: the first one stops it cleanly, the second one ends the process at
//! once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, anyhow};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::system::hang_ups_are_ignored;
use crate::tui;

/// A shared count of the requests to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Requests a stop. The second request exits the process with `code`; files being replaced keep their old contents.
    pub fn ask(&self, code: i32) {
        if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
            tui::terminal::restore();
            process::exit(code);
        }
    }

    /// Whether a stop was requested.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

/// Starts a thread that turns signals into requests to stop.
///
/// # Errors
/// When the signal handlers or the thread cannot be installed.
pub fn listen(stop: Stop) -> Result<()> {
    let explain = |e: std::io::Error| anyhow!("signals cannot be handled: {e}");
    let mut wanted = vec![SIGINT, SIGTERM];
    // Then training continues when the terminal is closed.
    if !hang_ups_are_ignored() {
        wanted.push(SIGHUP);
    }
    let mut signals = Signals::new(wanted).map_err(explain)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || signals.forever().for_each(|signal| stop.ask(128 + signal)))
        .map(drop)
        .map_err(explain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_only_asks() {
        let stop = Stop::default();
        assert!(!stop.asked());
        stop.ask(130);
        assert!(stop.asked() && stop.clone().asked());
    }
}
