//! The log: what went wrong and what happened behind the screen since the start, the latest at the end.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::notice::Kind;
use crate::text::sanitize;

/// The most entries kept; older ones are dropped.
pub const MOST: usize = 2000;
/// Seconds in a day.
const DAY: u64 = 86_400;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// What failed, or stood in the way of a command.
    Error,
    /// A file that cannot be used, or not entirely.
    File,
    /// What the watcher of the music directory and the analysis did.
    Watch,
    /// What the engines that fill the queue did.
    Engine,
    /// Outputs, dropouts, tracks that could not be played.
    Playback,
}

impl Matter {
    /// Every matter, in the order in which keys go through them.
    pub const ALL: [Matter; 5] = [Matter::Error, Matter::File, Matter::Watch, Matter::Engine, Matter::Playback];

    /// Its name, as it is typed and shown.
    pub fn name(self) -> &'static str {
        match self {
            Matter::Error => "error",
            Matter::File => "file",
            Matter::Watch => "watch",
            Matter::Engine => "engine",
            Matter::Playback => "playback",
        }
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number, which no other entry has.
    pub number: u64,
    /// When it was made, as time since the start by the clock on the wall ([`Log::moment`]); the last time, if it was
    /// repeated.
    pub at: Duration,
    /// What it is about.
    pub matter: Matter,
    /// How serious it is.
    pub kind: Kind,
    /// The message (sanitised).
    pub text: String,
    /// The file that it is about.
    pub path: Option<PathBuf>,
    /// How often it was repeated in a row.
    pub times: u32,
}

/// The entries.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    /// The number of the next entry.
    next: u64,
    /// The second of the local day at which the session's clock was 0.
    began: u64,
    /// The second since the Unix epoch then.
    origin: Option<u64>,
    /// Seconds by which the clock on the wall is ahead of the session's, which stands still while the machine sleeps.
    lead: i64,
}

impl Log {
    /// Sets the time of day at which the session's clock was 0, in seconds since midnight.
    pub fn begin(&mut self, second: u64) {
        self.began = second % DAY;
    }

    /// Compares the session's clock, at `now`, with the one on the wall, in seconds since the Unix epoch. The first call
    /// sets the beginning.
    pub fn tune(&mut self, now: Duration, unix: u64) {
        let origin = *self.origin.get_or_insert(unix.saturating_sub(now.as_secs()));
        let lead =
            i64::try_from(unix).unwrap_or(i64::MAX).saturating_sub_unsigned(origin.saturating_add(now.as_secs()));
        // Both are cut to whole seconds.
        if lead.abs_diff(self.lead) > 1 {
            self.lead = lead;
        }
    }

    /// A moment of the session's clock by the one on the wall.
    pub fn moment(&self, now: Duration) -> Duration {
        let lead = Duration::from_secs(self.lead.unsigned_abs());
        if self.lead < 0 { now.saturating_sub(lead) } else { now.saturating_add(lead) }
    }

    /// Adds an entry, at a moment of the session's clock. One that says the same as the one before only counts it again.
    pub fn add(&mut self, at: Duration, matter: Matter, kind: Kind, text: &str, path: Option<&Path>) {
        let (text, at) = (sanitize(text), self.moment(at));
        if let Some(last) = self.entries.back_mut()
            && (last.matter, last.kind, &last.text, last.path.as_deref()) == (matter, kind, &text, path)
        {
            (last.at, last.times) = (at, last.times.saturating_add(1));
            return;
        }
        if self.entries.len() == MOST {
            self.entries.pop_front();
        }
        let path = path.map(Path::to_path_buf);
        self.entries.push_back(Entry { number: self.next, at, matter, kind, text, path, times: 1 });
        self.next += 1;
    }

    /// The entries, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }

    /// The local time of a [moment](Log::moment): the number of midnights before it since the start, and `h:mm:ss`.
    pub fn clock(&self, at: Duration) -> (u64, String) {
        let secs = self.began.saturating_add(at.as_secs());
        (secs / DAY, format!("{:02}:{:02}:{:02}", secs / 3600 % 24, secs / 60 % 60, secs % 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(log: &mut Log, secs: u64, text: &str) {
        log.add(Duration::from_secs(secs), Matter::Error, Kind::Error, text, None);
    }

    #[test]
    fn what_is_repeated_stands_once_and_only_so_many_are_kept() {
        let mut log = Log::default();
        for secs in 0..3 {
            add(&mut log, secs, "no\u{1b}[31m");
        }
        let first = log.newest().next().unwrap();
        assert_eq!((first.text.as_str(), first.times, first.at), ("no [31m", 3, Duration::from_secs(2)));
        log.add(Duration::ZERO, Matter::Error, Kind::Error, "no\u{1b}[31m", Some(Path::new("/m/a.mp3")));
        assert_eq!(log.newest().count(), 2, "of another file");
        for n in 0..MOST {
            add(&mut log, 9, &n.to_string());
        }
        let all: Vec<&Entry> = log.newest().collect();
        assert_eq!((all.len(), all[0].text.as_str(), all[MOST - 1].text.as_str()), (MOST, "1999", "0"));
        assert!(all.windows(2).all(|pair| pair[0].number > pair[1].number));
    }

    #[test]
    fn moments_have_a_time_of_day() {
        let mut log = Log::default();
        log.begin(23 * 3600 + 59 * 60 + 58);
        assert_eq!(log.clock(Duration::ZERO), (0, "23:59:58".into()));
        assert_eq!(log.clock(Duration::from_millis(2500)), (1, "00:00:00".into()));
        assert_eq!(log.clock(Duration::from_secs(2 * DAY + 3)), (3, "00:00:01".into()));
    }

    #[test]
    fn a_night_in_which_the_machine_slept_has_passed() {
        let (secs, mut log) = (Duration::from_secs, Log::default());
        log.begin(22 * 3600);
        log.tune(secs(0), 1_000_000);
        add(&mut log, 60, "before");
        // Rounding is no sleep.
        log.tune(secs(120), 1_000_121);
        add(&mut log, 120, "awake");
        log.tune(secs(121), 1_000_121 + 8 * 3600);
        add(&mut log, 121, "after");
        let shown: Vec<_> = log.newest().map(|entry| log.clock(entry.at)).collect();
        assert_eq!(shown, [(1, "06:02:01".into()), (0, "22:02:00".into()), (0, "22:01:00".into())]);
        // A clock that is set back by more than the session is old does no harm.
        log.tune(secs(130), 0);
        add(&mut log, 130, "set back");
        assert_eq!(log.newest().next().map(|entry| entry.at), Some(Duration::ZERO));
    }
}
