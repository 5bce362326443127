//! The parameters of a player. The program uses the defaults; tests inject devices, a clock and shorter times.

use std::sync::Arc;
use std::time::Duration;

use super::feed::Opener;
use super::held::Held;
use crate::audio::output::device::{Devices, System};
use crate::clock::{Clock, SystemClock};

/// What a player is started with.
pub(super) struct Settings {
    /// A decoder that returns nothing for this long fails its track.
    pub stall: Duration,
    /// An output that has had nothing to play for this long is closed, so that nothing wakes the processor and other
    /// programs can use an exclusive device.
    pub rest: Duration,
    /// Opens tracks.
    pub opener: Opener,
    /// The files that the opener keeps open.
    pub held: Arc<Held>,
    /// Where outputs come from.
    pub devices: Arc<dyn Devices>,
    /// How long to wait for a chosen device that has opened before, until the default takes its place.
    pub astray: Duration,
    /// An attempt to open a device is given up after this long; if it succeeds later, its result is still used.
    pub hanging: Duration,
    /// How many times a lost device is tried in quick succession before it is tried less often.
    pub tries: u32,
    /// The clock for all of these.
    pub clock: Arc<dyn Clock>,
    /// The id of the output to begin with; `None` for the default.
    pub device: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let (held, devices) = (Arc::new(Held::default()), Arc::new(System));
        let (rest, long) = (Duration::from_secs(3), Duration::from_secs(5));
        let opener = held.opener();
        Settings {
            stall: long,
            rest,
            opener,
            held,
            devices,
            astray: long,
            hanging: long,
            tries: 600,
            clock: Arc::new(SystemClock::new()),
            device: None,
        }
    }
}
