//! The silent clock: playback proceeds in real time without sound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::opened::{Opened, Running};
use crate::audio::player::source::{CHANNELS, Source};

/// Its sample rate, in Hz.
const RATE: u32 = 44_100;
/// How often it pulls.
const STEP: Duration = Duration::from_millis(40);

/// Ends the clock's thread.
struct Quit(Arc<AtomicBool>);

impl Drop for Quit {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Opens the silent clock.
pub(in crate::audio) fn open_silent() -> Opened {
    let start = |source| {
        let quit = Arc::new(AtomicBool::new(false));
        let seen = quit.clone();
        std::thread::Builder::new().name("silent-clock".into()).spawn(move || tick(source, &seen))?;
        Ok(Box::new(Quit(quit)) as Running)
    };
    Opened { name: "silent".into(), silent: true, paced: true, rate: RATE, rates: Vec::new(), start: Box::new(start) }
}

/// Pulls as many frames as correspond to the time passed.
fn tick(mut source: Source, quit: &AtomicBool) {
    let (rate, clock) = (source.rate(), source.clock());
    let mut scratch = vec![0.0; rate as usize / 10 * CHANNELS];
    let mut pace = Pace { rate, start: clock.now(), done: 0 };
    while !quit.load(Ordering::Acquire) {
        std::thread::sleep(STEP);
        let mut due = pace.due(clock.now());
        while due > 0 {
            let frames = due.min(scratch.len() / CHANNELS);
            source.render(&mut scratch[..frames * CHANNELS]);
            due -= frames;
        }
    }
}

/// Computes how many frames a device of this rate would have requested.
struct Pace {
    rate: u32,
    start: Duration,
    done: u128,
}

impl Pace {
    /// The number of frames due since the last call.
    fn due(&mut self, now: Duration) -> usize {
        let rate = u128::from(self.rate);
        let due = now.saturating_sub(self.start).as_micros() * rate / 1_000_000;
        let frames = due.saturating_sub(self.done);
        self.done = due;
        if frames > rate {
            // The computer was suspended: continue from here.
            (self.start, self.done) = (now, 0);
            return 0;
        }
        frames as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silent_clock_pulls_what_time_has_passed_and_forgets_a_sleep() {
        let at = Duration::from_micros;
        let mut pace = Pace { rate: 44_100, start: at(7), done: 0 };
        let mut pulled = 0;
        for step in 1..=1000u64 {
            pulled += pace.due(at(7 + step * 33_333 + step % 7));
            let exact = (step * 33_333 + step % 7) as f64 * 0.0441;
            assert!((pulled as f64 - exact).abs() <= 1.0, "{pulled} frames, not {exact}");
        }
        let now = at(7 + 1000 * 33_333);
        assert_eq!(pace.due(now + Duration::from_secs(3600)), 0, "an hour of sleep is not caught up with");
        assert_eq!(pace.due(now + Duration::from_secs(3600) + Duration::from_millis(500)), 22_050);
    }
}
