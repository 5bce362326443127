//! Waits until files have stopped changing, so that none is read while it is being copied,
//! downloaded or tagged.
//!
//! Pure: the time is an argument, and stats come from a function. A file is ready when its size and
//! mtime are equal in two stats at least [`QUIET`] apart, no event for it arrived in between, and
//! its mtime is at least as old. A tree (a new directory) is ready after the same time without
//! events: by then the watcher has its watches in place, so that no file is missed between the walk
//! and the watching.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::track::Stat;

/// How long a file must be unchanged.
pub const QUIET: Duration = Duration::from_secs(2);
/// A tree with continuous events is walked after this time.
const RESTLESS: Duration = Duration::from_secs(10);
/// During a scan, a file whose mtime is older than this is ready at once.
pub const OLD: Duration = Duration::from_secs(10);

/// The files and trees that are ready.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// Files with their stat, or `None` if deleted (or no longer a file); sorted by path.
    pub files: Vec<(PathBuf, Option<Stat>)>,
    /// Trees to walk, none of them inside another.
    pub trees: Vec<PathBuf>,
}

/// The set of dirty files and trees.
#[derive(Clone, Debug, Default)]
pub struct Settler {
    files: HashMap<PathBuf, Pending>,
    /// Due time of each tree: after its last event, and at the latest.
    trees: HashMap<PathBuf, (Duration, Duration)>,
    /// A lower bound of all due times; `None` if nothing is pending.
    soonest: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    /// Time of the next stat.
    due: Duration,
    /// Size, mtime (ns) and time of the last stat.
    seen: Option<(u64, i64, Duration)>,
}

impl Settler {
    /// Marks a file as dirty after an event. `now` is from a [`Clock`](crate::clock::Clock).
    pub fn mark(&mut self, path: PathBuf, now: Duration) {
        // The first stat may be made at once: a file moved here is then ready after one quiet
        // period.
        let pending = self.files.entry(path).or_insert(Pending { due: now, seen: None });
        if pending.seen.is_some() {
            pending.due = now + QUIET;
        }
        let due = pending.due;
        self.wait_until(due);
    }

    /// Marks a tree as dirty: a directory appeared, or something unknown happened below it.
    pub fn mark_tree(&mut self, path: PathBuf, now: Duration) {
        let (due, latest) = self.trees.entry(path).or_insert((now + QUIET, now + RESTLESS));
        *due = (now + QUIET).min(*latest);
        let due = *due;
        self.wait_until(due);
    }

    /// Whether a file found by a scan is ready at once; if not, it becomes pending. `wall_ns` is
    /// the wall-clock time in nanoseconds since the epoch.
    pub fn scanned(&mut self, path: &Path, stat: &Stat, now: Duration, wall_ns: i64) -> bool {
        if !self.files.contains_key(path) && age(stat.mtime_ns, wall_ns) > OLD {
            return true;
        }
        let seen = Some((stat.size, stat.mtime_ns, now));
        self.files.insert(path.to_owned(), Pending { due: now + QUIET, seen });
        self.wait_until(now + QUIET);
        false
    }

    /// Removes and returns what is ready. `stat` is [`scan::stat`](super::scan::stat), called only
    /// for files that are due; a file for which it fails is dropped, as the next scan will report
    /// the error.
    pub fn poll(
        &mut self,
        now: Duration,
        wall_ns: i64,
        stat: &mut dyn FnMut(&Path) -> io::Result<Option<Stat>>,
    ) -> Settled {
        let mut settled = Settled::default();
        // Called many times a second: with 100,000 pending files, checking each would be too slow.
        if self.soonest.is_none_or(|soonest| soonest > now) {
            return settled;
        }
        self.files.retain(|path, pending| {
            if pending.due > now {
                return true;
            }
            let stat = match stat(path) {
                Ok(Some(stat)) => stat,
                Ok(None) => {
                    settled.files.push((path.clone(), None));
                    return false;
                }
                Err(_) => return false,
            };
            match pending.seen {
                Some((size, mtime, at)) if (size, mtime) == (stat.size, stat.mtime_ns) => {
                    let apart = now.saturating_sub(at);
                    let age = age(stat.mtime_ns, wall_ns);
                    if apart >= QUIET && age >= QUIET {
                        settled.files.push((path.clone(), Some(stat)));
                        return false;
                    }
                    pending.due = now + (QUIET - apart.min(QUIET)).max(QUIET - age.min(QUIET));
                }
                _ => {
                    pending.seen = Some((stat.size, stat.mtime_ns, now));
                    pending.due = now + QUIET;
                }
            }
            true
        });
        settled.files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        self.trees.retain(|path, (due, _)| {
            let ready = *due <= now;
            if ready {
                settled.trees.push(path.clone());
            }
            !ready
        });
        settled.trees.sort_unstable();
        // As paths are sorted, a tree comes before those inside it.
        settled.trees.dedup_by(|inner, outer| inner.starts_with(outer));
        self.soonest = self.files.values().map(|p| p.due).chain(self.trees.values().map(|(due, _)| *due)).min();
        settled
    }

    /// When to poll next, on the same clock; `None` if nothing is pending. It may be too early.
    pub fn next_due(&self) -> Option<Duration> {
        self.soonest
    }

    fn wait_until(&mut self, due: Duration) {
        self.soonest = Some(self.soonest.map_or(due, |soonest| soonest.min(due)));
    }

    /// Number of pending files and trees.
    pub fn len(&self) -> usize {
        self.files.len() + self.trees.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.trees.is_empty()
    }
}

/// The difference between an mtime and the wall-clock time. It is absolute: an mtime in the future
/// (from another machine's clock) must not delay the file until then.
fn age(mtime_ns: i64, wall_ns: i64) -> Duration {
    Duration::from_nanos(wall_ns.abs_diff(mtime_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;
    /// The wall-clock time (ns) at which the clock is 0.
    const MORNING: i64 = 1_700_000_000 * SECOND;

    fn at(secs: f64) -> Duration {
        Duration::from_secs_f64(secs)
    }

    fn wall(now: Duration) -> i64 {
        MORNING + now.as_nanos() as i64
    }

    fn stat(size: u64, mtime: f64) -> Stat {
        Stat { size, mtime_ns: MORNING + (mtime * 1e9) as i64, ..Stat::default() }
    }

    /// Polls every 0.1 s with the stat from `disk`; returns when the file was ready, and its stat.
    fn ready_at(settler: &mut Settler, from: f64, disk: impl Fn(f64) -> Option<Stat>) -> Option<(f64, Option<Stat>)> {
        for tenth in (from * 10.0) as u32..300 {
            let secs = f64::from(tenth) / 10.0;
            let settled = settler.poll(at(secs), wall(at(secs)), &mut |_| Ok(disk(secs)));
            if let Some((_, stat)) = settled.files.first() {
                assert!(settler.is_empty());
                return Some((secs, *stat));
            }
        }
        None
    }

    #[test]
    fn a_tree_that_is_never_quiet_is_walked_all_the_same() {
        let mut settler = Settler::default();
        let mut walked = Vec::new();
        for tenth in 0..300 {
            let now = at(f64::from(tenth) / 10.0);
            settler.mark_tree("/m/recording".into(), now);
            let settled = settler.poll(now, wall(now), &mut |_| Ok(None));
            walked.extend(settled.trees.into_iter().map(|_| tenth / 10));
        }
        assert_eq!(walked, [10, 20]);
    }

    #[test]
    fn a_file_moved_in_whole_takes_one_quiet_period() {
        let mut settler = Settler::default();
        settler.mark("/m/a.mp3".into(), at(1.0));
        let old = stat(9, -5000.0);
        assert_eq!(ready_at(&mut settler, 1.0, |_| Some(old)), Some((3.0, Some(old))));
    }

    #[test]
    fn a_file_being_copied_waits_for_its_end() {
        let mut settler = Settler::default();
        // 200 bytes per write, five writes 1.5 s apart, each with an event.
        let disk = |secs: f64| {
            let writes = (secs / 1.5).floor().min(5.0);
            stat(200 * writes as u64, 1.5 * writes)
        };
        let mut ready = None;
        for tenth in 0..300 {
            let secs = f64::from(tenth) / 10.0;
            if tenth % 15 == 0 && tenth <= 75 {
                settler.mark("/m/a.mp3".into(), at(secs));
            }
            let settled = settler.poll(at(secs), wall(at(secs)), &mut |_| Ok(Some(disk(secs))));
            ready = ready.or(settled.files.first().map(|f| (secs, f.1.unwrap().size)));
        }
        let (secs, size) = ready.unwrap();
        assert_eq!(size, 1000);
        assert!((9.5..12.0).contains(&secs), "{secs}");
    }

    #[test]
    fn a_slow_copy_without_events_is_noticed_by_its_stats() {
        let mut settler = Settler::default();
        settler.mark("/m/a.mp3".into(), at(0.0));
        // Grows once a second for 10 s; the only event is at the beginning.
        let disk = |secs: f64| Some(stat(secs.floor().min(10.0) as u64, secs.floor().min(10.0)));
        let (secs, found) = ready_at(&mut settler, 0.0, disk).unwrap();
        assert_eq!(found.unwrap().size, 10);
        assert!((12.0..15.0).contains(&secs), "{secs}");
    }

    #[test]
    fn a_writer_that_preserves_its_size_is_noticed_by_its_mtime() {
        let mut settler = Settler::default();
        settler.mark("/m/a.mp3".into(), at(0.0));
        let disk = |secs: f64| Some(stat(1000, secs.min(6.0)));
        let (secs, _) = ready_at(&mut settler, 0.0, disk).unwrap();
        assert!((8.0..10.5).contains(&secs), "{secs}");
    }

    #[test]
    fn a_file_that_goes_is_told_at_once_and_one_in_the_future_is_not_kept_out() {
        let mut settler = Settler::default();
        settler.mark("/m/a.mp3".into(), at(0.0));
        assert_eq!(ready_at(&mut settler, 0.0, |_| None), Some((0.0, None)));
        settler.mark("/m/a.mp3".into(), at(0.0));
        let denied = |_: &Path| Err(io::ErrorKind::PermissionDenied.into());
        assert_eq!(settler.poll(at(0.0), MORNING, &mut { denied }), Settled::default(), "not told, not gone");
        assert!(settler.is_empty());
        settler.mark("/m/a.mp3".into(), at(1.0));
        let future = stat(5, 1e6);
        assert_eq!(ready_at(&mut settler, 1.0, |_| Some(future)), Some((3.0, Some(future))));
    }

    #[test]
    fn the_first_scan_waits_only_for_what_is_new() {
        let mut settler = Settler::default();
        let now = at(100.0);
        assert!(settler.scanned(Path::new("/m/old.mp3"), &stat(5, 89.0), now, wall(now)));
        assert!(!settler.scanned(Path::new("/m/new.mp3"), &stat(5, 91.0), now, wall(now)));
        settler.mark("/m/dirty.mp3".into(), now);
        assert!(!settler.scanned(Path::new("/m/dirty.mp3"), &stat(5, 0.0), now, wall(now)), "an event says otherwise");
        assert_eq!((settler.len(), settler.next_due()), (2, Some(at(100.0))), "the mark's time, too early by now");
        let settled = settler.poll(at(102.0), wall(at(102.0)), &mut |p| {
            Ok(Some(if p.ends_with("new.mp3") { stat(5, 91.0) } else { stat(5, 0.0) }))
        });
        assert_eq!(settled.files.len(), 2);
    }

    #[test]
    fn trees_wait_for_quiet_and_swallow_their_inside() {
        let mut settler = Settler::default();
        for (path, secs) in [("/m/a/b", 0.0), ("/m/a", 0.5), ("/m/ab", 0.0), ("/m/c", 1.0), ("/m/a", 0.7)] {
            settler.mark_tree(path.into(), at(secs));
        }
        let mut trees = |secs: f64| settler.poll(at(secs), wall(at(secs)), &mut |_| Ok(None)).trees;
        assert_eq!(trees(1.9), Vec::<PathBuf>::new());
        assert_eq!(trees(2.8), ["/m/a", "/m/ab"].map(PathBuf::from));
        assert_eq!(trees(3.0), [PathBuf::from("/m/c")]);
        assert_eq!(settler.next_due(), None);
    }
}
