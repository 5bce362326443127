//! macOS, which the player is type-checked for and which nobody has run it on.

mod files;
mod process;

pub use super::polled::Changes;
pub use files::{REPORTS_CLOSING, announce, is_network_fs, mounts, signs_of_cards, watches};
pub use process::{
    ABSENT_MEDIUM, begin_anew_with_one_arena, cores, end_with_parent, hang_ups_are_ignored, is_of_same_user, itself,
    keep_to, let_wakes_be_late, limit_memory, lower_session, name_thread, processor_time, waited,
};
