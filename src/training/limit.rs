//! Time limits of a training: `--for 6h`, `--until 07:00`, and how many epochs fit into the time.

use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::fault::{ClockError, ParseTimeError};
use crate::clock::Clock;

/// Minimum jump of the wall clock against the monotonic clock that counts as suspension of the computer.
const SLEEP: Duration = Duration::from_secs(30);
/// The longest time that may be requested.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The time limit of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// For this long, not counting the time that the computer sleeps.
    For(Duration),
    /// Until this moment, in seconds since the Unix epoch.
    Until(i64),
}

/// Parses `90m`, `6h`, `1h30m`, `45s`.
///
/// # Errors
/// When it is none, or longer than a year.
pub fn parse_for(text: &str) -> Result<Duration, ParseTimeError> {
    let wrong = || ParseTimeError::Length(text.into());
    let (mut rest, mut seconds, mut last) = (text.trim(), 0u64, 4);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next().ok_or_else(wrong)?;
        // Days, hours, minutes, seconds: each at most once and in this order.
        let (rank, size) = match unit {
            'd' => (3, 86_400),
            'h' => (2, 3600),
            'm' => (1, 60),
            's' => (0, 1),
            _ => return Err(wrong()),
        };
        if rank >= last {
            return Err(wrong());
        }
        last = rank;
        let amount = number.parse::<u64>().map_err(|_| wrong())?;
        seconds = amount.checked_mul(size).and_then(|s| seconds.checked_add(s)).ok_or_else(wrong)?;
        rest = &tail[1..];
    }
    let duration = Duration::from_secs(seconds);
    if duration.is_zero() || duration > LONGEST { Err(wrong()) } else { Ok(duration) }
}

/// A time of day, the argument of `--until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay(Time);

impl std::str::FromStr for TimeOfDay {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<TimeOfDay, ParseTimeError> {
        let wrong = || ParseTimeError::TimeOfDay(text.into());
        let (hours, minutes) = text.trim().split_once(':').ok_or_else(wrong)?;
        let number = |s: &str| {
            let plain = (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| s.parse::<i8>().ok()).flatten().ok_or_else(wrong)
        };
        Time::new(number(hours)?, number(minutes)?, 0, 0).map(TimeOfDay).map_err(|_| wrong())
    }
}

/// Local time: the zone of `TZ` or `/etc/localtime`, including daylight saving time.
#[derive(Clone, Debug)]
pub struct Local(TimeZone);

impl Local {
    /// The system's zone; UTC where there is none.
    pub fn system() -> Local {
        Local(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// UTC.
    pub fn utc() -> Local {
        Local(TimeZone::UTC)
    }

    /// The next occurrence of a local time of day, in seconds since the Unix epoch. A time skipped by a change of the
    /// clocks is shifted by the length of the gap.
    ///
    /// # Errors
    /// When `now` is outside the range of the calendar.
    pub fn next(&self, time: TimeOfDay, now: i64) -> Result<i64, ClockError> {
        let today = Timestamp::from_second(now)?.to_zoned(self.0.clone()).date();
        for days in 0..3 {
            let date = today.checked_add(days.days())?;
            let at = date.to_datetime(time.0).to_zoned(self.0.clone())?.timestamp().as_second();
            if at > now {
                return Ok(at);
            }
        }
        Err(ClockError::Never)
    }

    /// Local time for display, with the day when that differs from `now`'s: `07:00`, `Tuesday 07:00`.
    pub fn show(&self, unix: i64, now: i64) -> String {
        let zoned = |s: i64| Timestamp::from_second(s).ok().map(|t| t.to_zoned(self.0.clone()));
        match (zoned(unix), zoned(now)) {
            (Some(at), Some(now)) if at.date() == now.date() => at.strftime("%H:%M").to_string(),
            (Some(at), Some(now)) if at.duration_since(&now).abs() < SignedDuration::from_hours(6 * 24) => {
                at.strftime("%A %H:%M").to_string()
            }
            (Some(at), _) => at.strftime("%Y-%m-%d %H:%M").to_string(),
            _ => format!("{unix} seconds after 1970"),
        }
    }

    /// A file name for this time: `2026-11-23-071502`.
    pub fn stamp(&self, unix: i64) -> String {
        Timestamp::from_second(unix)
            .map_or_else(|_| unix.to_string(), |t| t.to_zoned(self.0.clone()).strftime("%Y-%m-%d-%H%M%S").to_string())
    }
}

/// The timer of a running training.
pub struct Timer<'a> {
    clock: &'a dyn Clock,
    limit: Option<Limit>,
    begun: Duration,
    /// Wall clock minus monotonic clock, in nanoseconds, at the last check.
    offset: i64,
}

impl<'a> Timer<'a> {
    /// Starts counting at `begun`, a time of the clock.
    pub fn start(clock: &'a dyn Clock, begun: Duration, limit: Option<Limit>) -> Timer<'a> {
        Timer { clock, limit, begun, offset: offset(clock) }
    }

    /// Time since the start, not counting the time that the computer slept.
    pub fn elapsed(&self) -> Duration {
        self.clock.now().saturating_sub(self.begun)
    }

    /// The remaining time; zero once the limit is reached.
    pub fn left(&self) -> Option<Duration> {
        Some(match self.limit? {
            Limit::For(all) => all.saturating_sub(self.elapsed()),
            Limit::Until(unix) => {
                let left = unix.saturating_mul(1_000_000_000).saturating_sub(self.clock.unix_ns());
                Duration::from_nanos(left.max(0) as u64)
            }
        })
    }

    /// How long the computer slept since the last call (or how far its clock was set ahead): the monotonic clock stops
    /// during sleep.
    pub fn slept(&mut self) -> Option<Duration> {
        let now = offset(self.clock);
        let jump = Duration::from_nanos((now - self.offset).max(0) as u64);
        self.offset = now;
        (jump >= SLEEP).then_some(jump)
    }
}

fn offset(clock: &dyn Clock) -> i64 {
    clock.unix_ns().saturating_sub(clock.now().as_nanos() as i64)
}

/// The number of epochs, at least 1 and at most `most`, that fit into the time `left` when each takes `epoch` and the
/// work after the last one takes `after`.
pub fn epochs_that_fit(left: Duration, epoch: Duration, after: Duration, most: usize) -> usize {
    if epoch.is_zero() {
        return most.max(1);
    }
    let fit = left.saturating_sub(after).as_secs_f64() / epoch.as_secs_f64();
    (fit as usize).min(most).max(1)
}

/// A duration in words: `45 s`, `12 min`, `1 h 05 min`.
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round() as u64;
    // Round to minutes before splitting off the hours, to avoid "60 min".
    let minutes = (seconds + 30) / 60;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3570 => format!("{minutes} min"),
        _ => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        let read = |t: &str| parse_for(t).map(|d| d.as_secs());
        assert_eq!(read("90m"), Ok(5400));
        assert_eq!(read("6h"), Ok(21_600));
        assert_eq!(read("1h30m"), Ok(5400));
        assert_eq!(read("1d2h3m4s"), Ok(93_784));
        for wrong in ["", "6", "h", "0m", "6h6h", "30m1h", "1.5h", "-1h", "six", "400d", "99999999999999999999h", "6 h"]
        {
            assert!(read(wrong).is_err_and(|e| e.to_string().contains("90m")), "{wrong}");
        }
    }

    #[test]
    fn times_of_day_are_read() {
        assert!("07:00".parse::<TimeOfDay>().is_ok() && "7:05".parse::<TimeOfDay>().is_ok());
        for wrong in ["7", "24:00", "07:60", "07:00:00", "-1:00", "+7:00", "ab:cd", ""] {
            assert!(wrong.parse::<TimeOfDay>().is_err_and(|e| e.to_string().contains("07:00")), "{wrong}");
        }
    }

    /// Central European time as a rule, so that no zone files are needed.
    fn berlin() -> Local {
        Local(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
    }

    fn unix(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn until_is_the_next_such_time_on_the_wall() {
        let next = |time: &str, now: &str| berlin().next(time.parse().unwrap(), unix(now)).unwrap();
        assert_eq!(next("07:00", "2026-11-22T22:00:00Z"), unix("2026-11-23T06:00:00Z"));
        assert_eq!(next("07:00", "2026-11-23T05:59:59Z"), unix("2026-11-23T06:00:00Z"));
        assert_eq!(next("07:00", "2026-11-23T06:00:00Z"), unix("2026-11-24T06:00:00Z"));
        // The night in which the clocks go back is an hour longer, and the one in which they go forward an hour
        // shorter.
        assert_eq!(next("07:00", "2026-10-24T22:00:00Z"), unix("2026-10-25T06:00:00Z"));
        assert_eq!(next("07:00", "2026-03-28T22:00:00Z"), unix("2026-03-29T05:00:00Z"));
        // Half past two does not exist in that night.
        assert_eq!(next("02:30", "2026-03-28T22:00:00Z"), unix("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn moments_are_shown_as_the_wall_clock_does() {
        let (now, zone) = (unix("2026-11-22T22:00:00Z"), berlin());
        assert_eq!(zone.show(unix("2026-11-22T22:30:00Z"), now), "23:30");
        assert_eq!(zone.show(unix("2026-11-23T06:00:00Z"), now), "Monday 07:00");
        assert_eq!(zone.show(unix("2027-01-01T06:00:00Z"), now), "2027-01-01 07:00");
        assert_eq!(zone.stamp(unix("2026-11-23T06:15:02Z")), "2026-11-23-071502");
    }

    /// Two clocks that can be advanced independently.
    #[derive(Default)]
    struct Pair {
        monotonic: AtomicU64,
        wall: AtomicI64,
    }

    impl Pair {
        fn pass(&self, awake: u64, asleep: i64) {
            self.monotonic.fetch_add(awake, Ordering::SeqCst);
            self.wall.fetch_add(awake as i64 + asleep, Ordering::SeqCst);
        }
    }

    impl Clock for Pair {
        fn now(&self) -> Duration {
            Duration::from_secs(self.monotonic.load(Ordering::SeqCst))
        }
        fn unix_ns(&self) -> i64 {
            self.wall.load(Ordering::SeqCst) * 1_000_000_000
        }
    }

    #[test]
    fn a_sleep_is_noticed_once_and_counts_for_until_only() {
        let clock = Pair::default();
        let hour = Duration::from_secs(3600);
        let mut long = Timer::start(&clock, Duration::ZERO, Some(Limit::For(2 * hour)));
        let until = Timer::start(&clock, Duration::ZERO, Some(Limit::Until(7200)));
        clock.pass(600, 0);
        assert_eq!(long.slept(), None);
        clock.pass(0, 3600);
        assert_eq!(long.slept(), Some(hour));
        assert_eq!(long.slept(), None);
        assert_eq!(long.left(), Some(Duration::from_secs(6600)));
        assert_eq!(until.left(), Some(Duration::from_secs(3000)));
        assert_eq!(long.elapsed(), Duration::from_secs(600));
        // Small corrections and setting a clock back do not count as sleep.
        clock.pass(10, 5);
        assert_eq!(long.slept(), None);
        clock.pass(10, -3000);
        assert_eq!(long.slept(), None);
        clock.pass(7200, 0);
        assert_eq!((long.left(), until.left()), (Some(Duration::ZERO), Some(Duration::ZERO)));
        assert_eq!(Timer::start(&clock, clock.now(), None).left(), None);
    }

    #[test]
    fn as_many_epochs_as_fit() {
        let s = Duration::from_secs;
        assert_eq!(epochs_that_fit(s(1000), s(100), s(150), 40), 8);
        assert_eq!(epochs_that_fit(s(1000), s(10), s(0), 40), 40);
        assert_eq!(epochs_that_fit(s(50), s(100), s(0), 40), 1);
        assert_eq!(epochs_that_fit(s(50), s(0), s(0), 40), 40);
    }

    #[test]
    fn spans_in_words() {
        let said = |s| span(Duration::from_secs(s));
        assert_eq!(
            [said(45), said(90), said(3569), said(3570), said(3900)].join(", "),
            "45 s, 2 min, 59 min, 1 h 00 min, 1 h 05 min"
        );
    }
}
