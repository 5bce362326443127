//! Signals of a training: the first one stops it cleanly, the second one ends the process at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::tui;

/// How often a stop was asked for.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Asks for a stop. The second time the process ends: whatever it was writing stays as it was before.
    pub fn ask(&self, code: i32) {
        if self.0.fetch_add(1, Ordering::SeqCst) > 0 {
            tui::terminal::restore();
            process::exit(code);
        }
    }

    /// Whether a stop was asked for.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

/// Turns signals into stops.
///
/// # Errors
/// When the signals cannot be taken over.
pub fn listen(stop: Stop) -> Result<(), String> {
    let explain = |e: std::io::Error| format!("signals cannot be handled: {e}");
    let mut wanted = vec![SIGINT, SIGTERM];
    // Under `nohup` it goes on when the terminal is closed.
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

fn hang_ups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
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
