//! The `jukebox` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Set by `make`. Read here and not in the library, so that a new commit only links the program anew.
    jukebox::cli::main(option_env!("JUKEBOX_COMMIT"))
}
