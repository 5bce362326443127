//! Where a training runs: which cores or which GPU, and at what priority. The player goes first.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::ask::protocol::{Reply, Request};
use crate::paths::Paths;
use crate::runtime::socket;
use crate::training::Device;
use crate::worker::niceness;

/// Added to the niceness: whatever else runs goes first.
const NICE: i32 = 15;

/// Takes this process to its place, before it has other threads; says where that is.
///
/// # Errors
/// When the running player's socket cannot be asked.
pub fn take(device: Device, paths: &Paths) -> Result<String, String> {
    let nice = niceness(NICE);
    // A refusal costs speed elsewhere, nothing more.
    let _ = rustix::process::nice(nice);
    let answer = socket::ask(&paths.socket(), &Request::Status)?;
    let plays = matches!(answer, Some(Reply::Status(status)) if status.of_player());
    let all = cores();
    let mut taken = all.clone();
    if plays && taken.len() > 1 {
        taken.pop();
        keep_to(&taken);
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

/// The cores that this process may use; none when the system does not tell.
fn cores() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_default();
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

fn keep_to(cores: &[usize]) {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    // Niceness alone keeps the player first, too, if this is refused.
    let _ = sched_setaffinity(None, &set);
}

/// Cores in words: `core 0`, `cores 0–3`, `cores 0–3, 8`.
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
        assert!(!cores().is_empty());
    }
}
