//! The `jukebox` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    jukebox::cli::main()
}
