//! How many threads a kernel may use, and work on several of them.
//!
//! Inference uses one: who encodes decides how many encoders work at a time. A training uses all cores, and several at
//! a time share them. No result depends on the number of threads.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static ALLOWED: Cell<usize> = const { Cell::new(1) };
}

/// Number of trainings at work.
static TRAININGS: AtomicUsize = AtomicUsize::new(0);

/// A training at work, until it is dropped.
pub(crate) struct Training;

impl Training {
    pub fn begin() -> Training {
        TRAININGS.fetch_add(1, Ordering::Relaxed);
        Training
    }

    /// A training's share of the cores for each of `parts` that work at the same time.
    pub fn share(&self, parts: usize) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        (cores / (TRAININGS.load(Ordering::Relaxed) * parts).max(1)).max(1)
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        TRAININGS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Lets what `work` calls use this many threads each.
pub(crate) fn with<T>(threads: usize, work: impl FnOnce() -> T) -> T {
    let before = ALLOWED.replace(threads);
    let result = work();
    ALLOWED.set(before);
    result
}

/// The number of threads that the calling kernel, or other loop over many images, may use.
pub(crate) fn allowed() -> usize {
    ALLOWED.get()
}

/// The results of `one` for all items, in their order; `scratch` is made once for each thread.
pub(crate) fn each<T: Send, S, R: Send>(
    items: Vec<T>,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    one: impl Fn(&mut S, T) -> R + Sync,
) -> Vec<R> {
    let share = items.len().div_ceil(threads.max(1)).max(1);
    let part = |items: Vec<T>| {
        let mut scratch = scratch();
        items.into_iter().map(|item| one(&mut scratch, item)).collect::<Vec<R>>()
    };
    if items.len() <= share {
        return part(items);
    }
    let mut items = items.into_iter();
    let own: Vec<T> = items.by_ref().take(share).collect();
    let shares: Vec<Vec<T>> = std::iter::from_fn(|| {
        let next: Vec<T> = items.by_ref().take(share).collect();
        (!next.is_empty()).then_some(next)
    })
    .collect();
    let part = &part;
    std::thread::scope(|scope| {
        let others: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || part(share))).collect();
        let mut all = part(own);
        for other in others {
            match other.join() {
                Ok(results) => all.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}
