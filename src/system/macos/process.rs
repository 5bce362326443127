//! What a process is, and what it asks of the system for itself.

use std::ffi::CStr;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Signal, getpid, getppid, kill_process};

/// Errors of a disk or medium that has been taken away, beside those of every system.
pub const ABSENT_MEDIUM: &[Errno] = &[];
/// How often a child looks whether its parent lives.
const GLANCE: Duration = Duration::from_secs(1);

/// The program that runs, by the name that it was started with: nothing leads to a program whose file was replaced.
pub fn itself() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| std::env::args_os().next().unwrap_or_default().into())
}

/// Nothing: the system's allocator reserves no arena for every thread.
pub fn begin_anew_with_one_arena() {}

/// Kills this process within a second of its parent's end, which a thread looks for. A parent that has died before is
/// not noticed.
///
/// # Errors
/// The thread cannot be started.
pub fn end_with_parent() -> io::Result<()> {
    let parent = getppid();
    let watch = move || {
        while getppid() == parent {
            thread::sleep(GLANCE);
        }
        let _ = kill_process(getpid(), Signal::KILL);
    };
    thread::Builder::new().name("parent".into()).spawn(watch).map(drop)
}

/// Nothing: a process maps so much here that no limit of its address space would tell what it uses.
///
/// # Errors
/// None.
pub fn limit_memory(_bytes: u64) -> io::Result<()> {
    Ok(())
}

/// Always: asking for the peer's user takes `getpeereid`, which cannot be called without unsafe code. The socket's
/// directory, which is 0700, keeps other users out.
pub fn is_of_same_user(_stream: &UnixStream) -> bool {
    true
}

/// Never: the system tells which signals are ignored to unsafe code only.
pub fn hang_ups_are_ignored() -> bool {
    false
}

/// Nothing: processes are selected by the name of their program.
pub fn name_thread(_name: &CStr) {}

/// Nothing: the system joins wake-ups by itself.
pub fn let_wakes_be_late(_by: u64) {}

/// Nothing: a niceness counts among all processes.
pub fn lower_session(_nice: i32) {}

/// As many as the system advises to use, numbered from 0.
pub fn cores() -> Vec<usize> {
    (0..thread::available_parallelism().map_or(0, usize::from)).collect()
}

/// Never: a thread cannot be kept to cores.
pub fn keep_to(_cores: &[usize]) -> bool {
    false
}

/// Unknown.
pub fn processor_time(_pid: u32) -> Option<Duration> {
    None
}

/// Unknown: time in which other programs had the processor counts as a process's own.
pub fn waited(_pid: u32) -> Duration {
    Duration::ZERO
}
