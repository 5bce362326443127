//! The processor time that a process got, and that which it waited for.

use std::time::Duration;

/// The processor time of all threads of a process so far; `None` where the system does not report it.
pub fn processor_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name, which may hold anything: the state is field 3, user and system ticks are fields 14 and 15.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second().max(1) as f64))
}

/// The total time that the threads of a process were ready to run but not scheduled; zero if the kernel does not report
/// it.
pub fn waited(pid: u32) -> Duration {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Duration::ZERO };
    let stats = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    stats.filter_map(|stat| delay(&stat)).sum()
}

/// The waiting time in a line of `schedstat`: nanoseconds run, nanoseconds waited, number of time slices.
fn delay(stat: &str) -> Option<Duration> {
    stat.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_line_is_understood() {
        assert_eq!(delay("78400119 1500000000 64\n"), Some(Duration::from_millis(1500)));
        assert_eq!((delay(""), delay("1"), delay("1 x 3")), (None, None, None));
        assert_eq!(waited(0), Duration::ZERO);
    }

    #[test]
    fn a_process_has_a_time_while_there_is_one() {
        assert!(processor_time(std::process::id()).is_some());
        assert_eq!(processor_time(u32::MAX), None);
    }
}
