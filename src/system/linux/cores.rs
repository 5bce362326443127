//! The cores that a process may use.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that this process may use; empty if the system does not report them.
pub fn cores() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_default();
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

/// Keeps this thread, and those that it starts, to some cores. Returns whether it does.
pub fn keep_to(cores: &[usize]) -> bool {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    sched_setaffinity(None, &set).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_to_the_cores_that_it_is_given() {
        let of_one_thread = || {
            let all = cores();
            assert!(!all.is_empty());
            assert!(keep_to(&all[..1]));
            assert_eq!(cores(), all[..1]);
            assert!(!keep_to(&[]), "no core is no place");
        };
        std::thread::spawn(of_one_thread).join().unwrap();
    }
}
