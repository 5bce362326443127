//! Settings of the memory allocator.

/// Returns freed memory to the system, for use after a large temporary structure. Has an effect only with glibc.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes an integer and locks the allocator while it works.
    #[allow(unsafe_code)]
    unsafe {
        libc::malloc_trim(0)
    };
}

/// Makes every large block a mapping of its own, which is returned to the system when freed. By default the allocator
/// raises the size threshold with each such block that is freed, and large blocks then fragment the heap. Has an effect
/// only with glibc.
pub fn large_blocks_apart() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes two integers and locks the allocator while it stores them; failure changes nothing.
    #[allow(unsafe_code)]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 128 << 10)
    };
}

/// Keeps freed memory for the next training step: each step frees and allocates the same hundreds of megabytes, and
/// page faults for newly mapped memory cost a quarter of its time. Has an effect only with glibc.
pub fn keep() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // No block gets a mapping of its own (32 MiB is the maximum threshold), nothing is trimmed, and there is one
        // arena, because only the main one can grow without limit.
        let wishes = [(libc::M_MMAP_THRESHOLD, 32 << 20), (libc::M_TRIM_THRESHOLD, i32::MAX), (libc::M_ARENA_MAX, 1)];
        for (name, value) in wishes {
            // SAFETY: takes two integers and locks the allocator while it stores them; failure changes nothing.
            #[allow(unsafe_code)]
            unsafe {
                libc::mallopt(name, value)
            };
        }
    }
}
