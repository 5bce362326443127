//! Time limits that count only the time in which a process could run.
//!
//! A child with the lowest priority hardly runs beside programs that occupy every core, which is not the fault of the
//! file that it reads. Linux reports how long each thread was ready to run but not scheduled; that time is not
//! counted here.

use std::time::{Duration, Instant};

use crate::system::waited;

/// Factor on the limit after which a process is given up, however little it could run.
const MOST: u32 = 10;

/// A running time limit.
pub struct Patience {
    pid: u32,
    limit: Duration,
    begun: Instant,
    waited: Duration,
}

impl Patience {
    /// Starts now, for the process with this id.
    pub fn begin(pid: u32, limit: Duration) -> Patience {
        Patience { pid, limit, begun: Instant::now(), waited: waited(pid) }
    }

    /// Waits until the limit is reached.
    pub fn wait(&self) {
        loop {
            let left = self.left();
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left);
        }
    }

    /// The time left; zero when the limit is reached.
    pub fn left(&self) -> Duration {
        let elapsed = self.begun.elapsed();
        // The kernel is asked only once the wall-clock limit has passed.
        let waited = if elapsed < self.limit { Duration::ZERO } else { waited(self.pid).saturating_sub(self.waited) };
        left(self.limit, elapsed, waited)
    }
}

fn left(limit: Duration, elapsed: Duration, waited: Duration) -> Duration {
    let own = limit.saturating_sub(elapsed.saturating_sub(waited));
    own.min((limit * MOST).saturating_sub(elapsed))
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
}
