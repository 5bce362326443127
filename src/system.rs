//! What one operating system has and the other has not. Only this file says for which system something is compiled.
//!
//! jukebox is written for Linux. The directories `linux` and `macos` offer the same names with the same signatures, and the rest of
//! the player uses these only: it names no system and opens nothing below `/proc` or `/sys` (`tests/floors.rs` checks
//! this). What macOS lacks does nothing there, or is replaced by something slower, as its documentation says. For macOS
//! the player is type-checked; nobody has run it there.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
// Tested on every system, because it uses what all of them have.
#[cfg(any(test, target_os = "macos"))]
mod polled;
mod watching;

#[cfg(target_os = "linux")]
pub use linux::*;
#[cfg(target_os = "macos")]
pub use macos::*;
pub use watching::{Wanted, Watches, Woken};

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("src/system has Linux and macOS; another system needs a module of its own there");
