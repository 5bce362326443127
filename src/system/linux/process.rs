//! What a process is, and what it asks of the kernel for itself.

use std::ffi::CStr;
use std::io;
use std::num::NonZeroU64;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{
    Resource, Rlimit, Signal, getpgid, getppid, getuid, set_parent_process_death_signal, setpgid, setrlimit, setsid,
};
use signal_hook::consts::SIGHUP;

/// Errors of a disk or medium that has been taken away, beside those of every system.
pub const ABSENT_MEDIUM: &[Errno] = &[Errno::REMOTEIO, Errno::NOMEDIUM];
/// The niceness of this process's group.
const GROUP: &str = "/proc/self/autogroup";
/// How often the kernel lets one user set the niceness of a group.
const AGAIN: Duration = Duration::from_millis(120);
/// How often it is tried.
const TRIES: usize = 50;

/// The program that runs, whatever has happened to its file: an upgrade may have replaced it, and the kernel's link
/// still leads to the running program.
pub fn itself() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// Has the kernel kill this process when the thread that started it ends. A parent that has died before is not noticed.
///
/// # Errors
/// The kernel refuses.
pub fn end_with_parent() -> io::Result<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Limits this process's address space to `bytes`; an allocation beyond it fails.
///
/// # Errors
/// The limit is above that of the parent.
pub fn limit_memory(bytes: u64) -> io::Result<()> {
    Ok(setrlimit(Resource::As, Rlimit { current: Some(bytes), maximum: Some(bytes) })?)
}

/// Whether the other end is a process of the same user.
pub fn is_of_same_user(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == getuid())
}

/// Whether this process was started with hang-ups ignored, as `nohup` does; it is asked before signals are taken over. Where the
/// system does not tell, it was not.
pub fn hang_ups_are_ignored() -> bool {
    ignored(&std::fs::read_to_string("/proc/self/status").unwrap_or_default())
}

/// Whether SIGHUP is among the ignored signals that `/proc/PID/status` names.
fn ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}

/// Names this thread; the first thread's name is that by which `pkill` and `killall` select the process.
pub fn name_thread(name: &CStr) {
    let _ = rustix::thread::set_name(name);
}

/// Lets the kernel delay wake-ups of this thread, and of those that it starts, by so many nanoseconds where nothing but
/// the time is waited for.
pub fn let_wakes_be_late(by: u64) {
    let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(by));
}

/// Moves this process to a session of its own, whose group gets this niceness: where the kernel groups processes by
/// session (`autogroup`, the default of most distributions), a niceness counts only among the processes of one.
/// What fails is left: it works without the priority too.
pub fn lower_session(nice: i32) {
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
    use super::ignored;

    #[test]
    fn an_ignored_hang_up_is_told_from_other_signals() {
        let of = |mask: &str| ignored(&format!("Name:\tjukebox\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n"));
        assert!(of("0000000000000001") && of("0000000000001001"));
        assert!(!of("0000000000001000") && !of("") && !ignored(""));
    }
}
