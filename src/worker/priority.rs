//! The priority of background work.
//!
//! A niceness counts only among the processes of one session where the kernel groups processes by session
//! (`autogroup`, the default of most distributions): there, a shell and all that was started from it share the
//! processor equally with the terminal that shows them, however nice each of them is. A worker therefore moves to a
//! session of its own, whose group is as nice as itself.

use std::io;
use std::thread;
use std::time::Duration;

use rustix::process::{getpgid, getppid, setpgid, setsid};

/// The niceness of this process's group.
const GROUP: &str = "/proc/self/autogroup";
/// How often the kernel lets one user set the niceness of a group.
const AGAIN: Duration = Duration::from_millis(120);
/// How often it is tried.
const TRIES: usize = 50;

/// The niceness to add for background work: `own`, unless the environment variable `JUKEBOX_NICE` sets another number from
/// 0 (the player's own priority) to 19.
pub fn niceness(own: i32) -> i32 {
    wished(std::env::var("JUKEBOX_NICE").ok().as_deref()).unwrap_or(own)
}

fn wished(nice: Option<&str>) -> Option<i32> {
    nice?.trim().parse().ok().filter(|n| (0..=19).contains(n))
}

/// Adds to the niceness of this process and, in a session of its own, of its group. What fails is left: it works without
/// the priority too.
pub(super) fn lower(nice: i32) {
    if nice == 0 {
        return;
    }
    let nice = rustix::process::nice(nice).unwrap_or(nice);
    if leave_session().is_ok() && set_group(nice).is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock) {
        // Another worker was first; work need not wait for it.
        let _ = thread::Builder::new().name("priority".into()).spawn(move || {
            for _ in 0..TRIES {
                thread::sleep(AGAIN);
                if !set_group(nice).is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock) {
                    return;
                }
            }
        });
    }
}

/// Begins a session of its own. The leader of a process group cannot, so this process joins its parent's group first.
fn leave_session() -> rustix::io::Result<()> {
    let parent = getpgid(getppid())?;
    setpgid(None, Some(parent))?;
    setsid().map(|_| ())
}

/// Sets the niceness of this process's group. Call it in a session of its own only: the group is that of all its session.
fn set_group(nice: i32) -> io::Result<()> {
    std::fs::write(GROUP, nice.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_niceness_that_is_wished_is_one_that_there_is() {
        assert_eq!([Some("0"), Some(" 7 "), Some("19")].map(wished), [Some(0), Some(7), Some(19)]);
        assert_eq!([None, Some(""), Some("-5"), Some("20"), Some("low")].map(wished), [None; 5]);
    }
}
