//! Running with a limited address space.

use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Resource, getrlimit};

/// From this many bytes of address space on, no saving is needed.
const PLENTY: u64 = 4 << 30;
/// The variable that limits the number of arenas of glibc's allocator.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Where the address space is limited (`ulimit -v`), executes the program again with a single arena of the allocator, which
/// otherwise reserves 64 MiB for every thread and so exceeds such a limit by itself. Call this first in `main`, and not in
/// workers, which inherit the setting.
pub fn begin_anew_with_one_arena() {
    let limit = getrlimit(Resource::As);
    let little = limit.current.is_some_and(|bytes| bytes < PLENTY);
    if !little || std::env::var_os(ARENAS).is_some() {
        return;
    }
    let mut args = std::env::args_os();
    let mut command = Command::new(super::process::itself());
    if let Some(name) = args.next() {
        command.arg0(name);
    }
    // Returns only on failure; then the program continues unchanged.
    let _ = command.args(args).env(ARENAS, "1").exec();
}
