//! What the examples have in common.
#![allow(dead_code, reason = "each example uses a part")]

use std::process::ExitCode;

/// The arguments.
pub fn args() -> Vec<String> {
    std::env::args().skip(1).collect()
}

/// The exit code of an example; an error is printed.
pub fn ended(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}
