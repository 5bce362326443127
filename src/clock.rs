//! Time, injected: code that must be tested without waiting asks a [`Clock`], never the system.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment by the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since the Unix epoch.
    pub unix: u64,
    /// The year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31.
    pub day: i8,
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
    /// 1 (Monday) to 7.
    pub weekday: i8,
}

impl From<&jiff::Zoned> for Moment {
    fn from(at: &jiff::Zoned) -> Moment {
        Moment {
            unix: u64::try_from(at.timestamp().as_second()).unwrap_or(0),
            year: at.year(),
            month: at.month(),
            day: at.day(),
            hour: at.hour(),
            minute: at.minute(),
            weekday: at.weekday().to_monday_one_offset(),
        }
    }
}

/// A source of time.
pub trait Clock: Send + Sync {
    /// Time since an arbitrary start; never goes backwards.
    fn now(&self) -> Duration;
    /// Nanoseconds since the Unix epoch, to compare with the times of files.
    fn unix_ns(&self) -> i64;
    /// Seconds since the Unix epoch, for stored times.
    fn unix(&self) -> u64 {
        (self.unix_ns() / 1_000_000_000).max(0) as u64
    }
    /// The second of the day, 0 to 86,399; in UTC unless the clock knows its time zone.
    fn second_of_day(&self) -> u64 {
        self.unix() % 86_400
    }
    /// The hour of the day, 0 to 23; in UTC unless the clock knows its time zone.
    fn hour(&self) -> u8 {
        (self.unix() / 3600 % 24) as u8
    }
    /// The moment by the calendar; in UTC unless the clock knows its time zone.
    fn moment(&self) -> Moment {
        let at = i64::try_from(self.unix()).ok().and_then(|unix| jiff::Timestamp::from_second(unix).ok());
        at.map_or_else(Moment::default, |at| Moment::from(&at.to_zoned(jiff::tz::TimeZone::UTC)))
    }
}

/// The system's clock.
#[derive(Clone, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        SystemClock(Instant::now())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn unix_ns(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i64)
    }

    fn second_of_day(&self) -> u64 {
        let now = jiff::Zoned::now();
        let [hour, minute, second] = [now.hour(), now.minute(), now.second()].map(|n| u64::try_from(n).unwrap_or(0));
        hour * 3600 + minute * 60 + second
    }

    fn hour(&self) -> u8 {
        jiff::Zoned::now().hour().clamp(0, 23) as u8
    }

    fn moment(&self) -> Moment {
        Moment::from(&jiff::Zoned::now())
    }
}

/// The processor time of the thread that asks: it stands still while other threads and programs run. Its calendar is the
/// system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadClock;

impl Clock for ThreadClock {
    fn now(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
    }

    fn unix_ns(&self) -> i64 {
        SystemClock::new().unix_ns()
    }
}

/// A clock that moves only when it is set. Clones share one time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_nanos() as u64, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn unix_ns(&self) -> i64 {
        1_700_000_000_000_000_000 + self.now().as_nanos() as i64
    }
}
