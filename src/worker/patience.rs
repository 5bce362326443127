//! How long a process may take: the time in which it could have worked, not the time that passes on a busy machine.
//!
//! A child of the lowest priority beside programs that take every core hardly runs at all, and that is no fault of the file
//! that it reads. The kernel counts how long each thread was ready to run and was not let; that time is not counted here.

use std::time::{Duration, Instant};

/// However little a child is let run, it is given up after so many times its limit.
const MOST: u32 = 10;

/// A limit that has begun to run.
pub struct Patience {
    pid: u32,
    limit: Duration,
    begun: Instant,
    waited: Duration,
}

impl Patience {
    /// Begins now, for a process.
    pub fn begin(pid: u32, limit: Duration) -> Patience {
        Patience { pid, limit, begun: Instant::now(), waited: waited(pid) }
    }

    /// Waits until the time is over.
    pub fn wait(&self) {
        loop {
            let left = self.left();
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left);
        }
    }

    /// How much longer it may take; zero when its time is over.
    pub fn left(&self) -> Duration {
        let elapsed = self.begun.elapsed();
        // Only now is it worth asking the kernel.
        let waited = if elapsed < self.limit { Duration::ZERO } else { waited(self.pid).saturating_sub(self.waited) };
        left(self.limit, elapsed, waited)
    }
}

fn left(limit: Duration, elapsed: Duration, waited: Duration) -> Duration {
    let own = limit.saturating_sub(elapsed.saturating_sub(waited));
    own.min((limit * MOST).saturating_sub(elapsed))
}

/// How long the threads of a process were ready to run and were not let, together; zero where the kernel does not tell.
pub(super) fn waited(pid: u32) -> Duration {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Duration::ZERO };
    let stats = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    stats.filter_map(|stat| delay(&stat)).sum()
}

/// From a line of `schedstat`: the nanoseconds run, those waited for a core, and how often it got one.
fn delay(stat: &str) -> Option<Duration> {
    stat.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn time_in_which_it_could_not_work_is_not_counted_up_to_a_limit() {
        assert_eq!(left(secs(30), secs(10), secs(0)), secs(20));
        assert_eq!(left(secs(30), secs(31), secs(0)), secs(0), "it hangs");
        assert_eq!(left(secs(30), secs(100), secs(90)), secs(20), "it was let work for ten seconds");
        assert_eq!(left(secs(30), secs(10), secs(50)), secs(30), "several threads waited");
        assert_eq!(left(secs(30), secs(295), secs(290)), secs(5));
        assert_eq!(left(secs(30), secs(301), secs(300)), secs(0), "nobody waits for ever");
    }

    #[test]
    fn the_kernel_s_line_is_understood() {
        assert_eq!(delay("78400119 1500000000 64\n"), Some(Duration::from_millis(1500)));
        assert_eq!((delay(""), delay("1"), delay("1 x 3")), (None, None, None));
        assert_eq!(waited(0), Duration::ZERO);
    }
}
