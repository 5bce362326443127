//! Where a training runs (which cores or which GPU) and at what priority. The player has
//! precedence.

use anyhow::Result;

use crate::ask::protocol::{Reply, Request};
use crate::paths::Paths;
use crate::runtime::socket;
use crate::system::{cores, keep_to};
use crate::training::Device;
use crate::worker::niceness;

/// Niceness added to the process, so that other programs have precedence.
const NICE: i32 = 15;

/// Sets this process's niceness and cores; call it before other threads start. Returns a
/// description for the user.
///
/// # Errors
/// When the running player's socket fails to answer.
pub fn take(device: Device, paths: &Paths) -> Result<String> {
    let nice = niceness(NICE);
    // A failure only slows other programs down.
    let _ = rustix::process::nice(nice);
    let answer = socket::ask(&paths.socket(), &Request::Status)?;
    let plays = matches!(answer, Some(Reply::Status(status)) if status.of_player());
    let all = cores();
    let mut taken = all.clone();
    if plays && taken.len() > 1 {
        taken.pop();
        // Without it, the niceness still gives the player precedence.
        if !keep_to(&taken) {
            taken.clone_from(&all);
        }
    }
    let left = match (plays, taken.len() < all.len()) {
        (true, true) => ", one is left to the player",
        (true, false) => ", which the player uses first",
        (false, _) => "",
    };
    let gpu = if device == Device::Cpu { None } else { jukebox_encoder::device::report().gpu };
    let n = taken.len();
    let threads = format!("{n} thread{} on {} at niceness {nice}{left}", if n == 1 { "" } else { "s" }, named(&taken));
    Ok(match gpu {
        Some(gpu) => format!("the GPU {gpu}, and {threads}"),
        None => threads,
    })
}

/// A list of cores for display: `core 0`, `cores 0–3`, `cores 0–3, 8`.
fn named(cores: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &core in cores {
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == core => last.1 = core,
            _ => ranges.push((core, core)),
        }
    }
    let range = |&(a, b): &(usize, usize)| if a == b { a.to_string() } else { format!("{a}–{b}") };
    let list: Vec<String> = ranges.iter().map(range).collect();
    format!("core{} {}", if cores.len() == 1 { "" } else { "s" }, list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_named() {
        assert_eq!(named(&[0]), "core 0");
        assert_eq!(named(&[0, 1, 2, 3, 8, 10, 11]), "cores 0–3, 8, 10–11");
    }
}
