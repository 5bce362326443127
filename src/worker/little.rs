//! Getting along with little memory.

use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Resource, getrlimit};

/// From this much address space on nothing need be saved.
const PLENTY: u64 = 4 << 30;
/// Tells the GNU allocator how many arenas it may have.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Where whoever started the program left it little address space (`ulimit -v`), begins it anew with one arena of the
/// allocator: it reserves 64 MiB for every thread otherwise, which alone exceeds such a limit. To be called before anything
/// else, and in the program alone: its workers inherit it.
pub fn begin_anew_with_one_arena() {
    let limit = getrlimit(Resource::As);
    let little = limit.current.is_some_and(|bytes| bytes < PLENTY);
    if !little || std::env::var_os(ARENAS).is_some() {
        return;
    }
    let mut args = std::env::args_os();
    let mut command = Command::new("/proc/self/exe");
    if let Some(name) = args.next() {
        command.arg0(name);
    }
    // It returns only when that cannot be done; then everything goes on as it is.
    let _ = command.args(args).env(ARENAS, "1").exec();
}
