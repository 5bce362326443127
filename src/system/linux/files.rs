//! File systems, mounts and devices.

use std::fs::{self, File};
use std::io;
use std::num::NonZeroU64;
use std::path::Path;

use rustix::fs::{Advice, fadvise, statfs};

use crate::system::watching::Watches;

/// Whether a path is on a file system that may change without the kernel's knowledge: NFS, SMB, 9P,
/// AFS, Ceph, Coda, or FUSE, whose backend can be anything. `false` if it cannot be determined.
pub fn is_network_fs(path: &Path) -> bool {
    // Constants from statfs(2) and linux/magic.h.
    const REMOTE: [u32; 9] = [
        0x0000_6969, // NFS
        0x0000_517b, // SMB
        0xff53_4d42, // CIFS
        0xfe53_4d42, // SMB2
        0x6573_5546, // FUSE
        0x0102_1997, // 9P
        0x5346_414f, // AFS
        0x00c3_6400, // Ceph
        0x7375_7245, // Coda
    ];
    statfs(path).is_ok_and(|fs| REMOTE.contains(&(fs.f_type as u32)))
}

/// The list of mounts. Waiting for `PRI` on it ends when a mount comes or goes.
///
/// # Errors
/// There is no `/proc`.
pub fn mounts() -> io::Result<File> {
    File::open("/proc/self/mountinfo")
}

/// Whether the system reports that a file which was written is closed, beside that it was created and changes: inotify
/// does.
pub const REPORTS_CLOSING: bool = true;

/// How many directories can be watched: each needs a watch of inotify's.
pub fn watches() -> Watches {
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok().and_then(|n| n.trim().parse().ok());
    most.map_or(Watches::None, Watches::AtMost)
}

/// A number that changes when a sound card comes or goes.
pub fn signs_of_cards() -> u64 {
    fs::read_dir("/dev/snd").map_or(0, |entries| entries.count() as u64)
}

/// Tells the system that these bytes of a file are about to be read; a failure only costs time.
pub fn announce(file: &File, at: u64, len: usize) {
    let _ = fadvise(file, at, NonZeroU64::new(len as u64), Advice::WillNeed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_remote_is_not() {
        assert!(!is_network_fs(Path::new("/proc")));
        assert!(!is_network_fs(Path::new("/no/such/directory")));
    }
}
