//! What is asked of the allocator.

/// Gives freed memory back to the system, after something large was read and taken apart. With the GNU library only;
/// elsewhere nothing is asked.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes a number and locks the allocator while it works.
    #[allow(unsafe_code)]
    unsafe {
        libc::malloc_trim(0)
    };
}

/// Large blocks come from the system and go back to it, each on its own. Left to itself the allocator raises the size from
/// which it does so with every one that is freed, and then large blocks leave holes between small ones. With the GNU
/// library only; elsewhere nothing is asked.
pub fn large_blocks_apart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes two numbers and locks the allocator while it notes them; a refusal changes nothing.
    #[allow(unsafe_code)]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 128 << 10)
    };
}

/// Keeps freed memory for the next step instead of giving it back to the system: a step frees and asks for the same
/// hundreds of megabytes again, and the pages that come back anew cost a quarter of its time. With the GNU library only;
/// elsewhere nothing is asked.
pub(crate) fn keep() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // No block is mapped on its own (32 MiB is the most that may be said); nothing is trimmed; one arena, because
        // only the main one can grow without end.
        let wishes = [(libc::M_MMAP_THRESHOLD, 32 << 20), (libc::M_TRIM_THRESHOLD, i32::MAX), (libc::M_ARENA_MAX, 1)];
        for (name, value) in wishes {
            // SAFETY: takes two numbers and locks the allocator while it notes them; a refusal changes nothing.
            #[allow(unsafe_code)]
            unsafe {
                libc::mallopt(name, value)
            };
        }
    }
}
