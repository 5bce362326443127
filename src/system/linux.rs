//! Linux: inotify, `/proc`, the death signal, sets of cores, glibc's allocator.

mod changes;
mod cores;
mod files;
mod little;
mod process;
mod times;

pub use changes::Changes;
pub use cores::{cores, keep_to};
pub use files::{REPORTS_CLOSING, announce, is_network_fs, mounts, signs_of_cards, watches};
pub use little::begin_anew_with_one_arena;
pub use process::{
    ABSENT_MEDIUM, end_with_parent, hang_ups_are_ignored, is_of_same_user, itself, let_wakes_be_late, limit_memory,
    lower_session, name_thread,
};
pub use times::{processor_time, waited};
