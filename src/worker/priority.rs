//! The priority of background work.
//!
//! A niceness counts only among the processes of one session where the kernel groups processes by session
//! (`autogroup`, the default of most distributions): there, a shell and all that was started from it share the
//! processor equally with the terminal that shows them, however nice each of them is. A worker therefore moves to a
//! session of its own, whose group is as nice as itself.

use crate::system;

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
    system::lower_session(nice);
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
