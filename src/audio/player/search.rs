//! When to try again to open a device: at once, then at growing intervals, or when there are signs of a new one.

use std::time::Duration;

use crate::audio::output::device::{Devices, Wish};

/// A lost device is tried again at once, then after this, then after twice as long, up to [`RETRY_MAX`]: the music
/// resumes within a second of its return. After many attempts it is only tried every [`RETRY_LATE`].
const RETRY_MIN: Duration = Duration::from_millis(100);
pub(super) const RETRY_MAX: Duration = Duration::from_millis(500);
const RETRY_LATE: Duration = Duration::from_secs(5);
/// How often to look for signs of a device while none plays.
pub(super) const LOOK_FOR_SIGNS: Duration = Duration::from_millis(300);
/// For this long after its first sign a device may not be ready: a sound server is starting, or the permissions of a card
/// have yet to be set.
const APPEARING: Duration = Duration::from_secs(10);

/// The search for a device.
pub(super) struct Search {
    /// Since when a device is being opened, and which.
    pub opening: Option<(Duration, Wish)>,
    /// Number of the last attempt to open one.
    pub attempt: u64,
    /// When the next attempt is due.
    pub retry: Option<Duration>,
    /// Attempts that have failed in a row.
    tries: u32,
    /// When signs of another device were last seen.
    appeared: Option<Duration>,
    /// When signs were last looked for, and what they were.
    looked: Duration,
    signs: u64,
}

impl Search {
    pub fn new(now: Duration, devices: &dyn Devices) -> Search {
        let signs = devices.signs();
        Search { opening: None, attempt: 0, retry: None, tries: 0, appeared: None, looked: now, signs }
    }

    /// Resets the count of failures.
    pub fn restart(&mut self) {
        self.tries = 0;
    }

    /// Counts a failure; returns the number in a row.
    pub fn failed(&mut self) -> u32 {
        self.tries += 1;
        self.tries
    }

    /// Tries again soon; less often after `limit` failures.
    pub fn retry_later(&mut self, now: Duration, limit: u32) {
        let wait = RETRY_MIN.saturating_mul(1 << self.tries.min(10)).min(RETRY_MAX);
        self.retry = Some(now + if self.tries < limit { wait } else { RETRY_LATE });
    }

    /// Whether there were recent signs of a device that may not be ready yet.
    pub fn is_appearing(&self, now: Duration) -> bool {
        self.appeared.is_some_and(|at| now.saturating_sub(at) < APPEARING)
    }

    /// Looks for signs of a device when that is due; if they have changed, it is tried at once.
    pub fn look_for_signs(&mut self, now: Duration, devices: &dyn Devices) {
        if now < self.looked + LOOK_FOR_SIGNS {
            return;
        }
        self.looked = now;
        let signs = devices.signs();
        if std::mem::replace(&mut self.signs, signs) != signs {
            (self.appeared, self.retry) = (Some(now), Some(now));
            // It is tried in quick succession again; failures that were reported already are not reported again.
            self.tries = self.tries.min(1);
        }
    }
}
