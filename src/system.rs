//! What only Linux has: only this file says for which system something is compiled.

#[cfg(target_os = "linux")]
mod linux;
mod watching;

#[cfg(target_os = "linux")]
pub use linux::*;
pub use watching::{Wanted, Watches, Woken};
