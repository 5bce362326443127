//! Messages to the analysis and from it to the rest of the program.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::changes::Change;
use super::progress::Progress;
use crate::config::TagEncoding;
use crate::latent::Space;
use crate::library::Catalog;
use crate::library::unsupported::Unsupported;
use crate::notice::Kind;
use crate::paths::Paths;
use crate::sound::Loudness;
use crate::track::{FileFault, TrackId};

/// Settings of the analysis.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directories of the store and the caches.
    pub paths: Paths,
    /// The music directory, canonical.
    pub root: PathBuf,
    /// Follow symbolic links.
    pub follow_links: bool,
    /// Interval of scans of a directory that cannot be watched.
    pub poll: Duration,
    /// Number of worker processes; 0 chooses automatically.
    pub workers: usize,
    /// The encoder's device: "auto", "cpu" or "cuda".
    pub device: String,
    /// The encoding of tags that do not declare one.
    pub tag_encoding: TagEncoding,
    /// Watch the directory and rescan it regularly; otherwise analysis ends when everything is done.
    pub watch: bool,
    /// Read every file again, changed or not.
    pub full: bool,
    /// Listen to the files; otherwise only their tags are read.
    pub listen: bool,
    /// Measure the loudness of whole files when there is nothing else to do.
    pub loudness: bool,
}

/// A message from the analysis.
#[derive(Clone, Debug)]
pub enum Update {
    /// The whole music directory was scanned and everything in it was read. What is not in the last catalog did not exist
    /// when the scan began.
    Scanned {
        /// Except below these paths, which could not be read or may be disks that are away.
        unsure: Arc<[PathBuf]>,
        /// The highest number of an [`Order::Rescan`] that came before the scan began; 0 for none.
        asked: u64,
    },
    /// The library changed.
    Catalog(Arc<Catalog>),
    /// The files that came, moved and went since the library was first scanned, after the catalog that tells of it.
    Files(Vec<Change>),
    /// A picture that may be a cover came to this directory, changed, or went.
    Cover(PathBuf),
    /// Latents were added.
    Space(Arc<Space>),
    /// The loudness of every track for which it is known.
    Loudness(Arc<HashMap<TrackId, Loudness>>),
    /// The progress of scanning and analysis.
    Progress(Progress),
    /// A file cannot be used.
    Fault {
        /// The file.
        path: PathBuf,
        /// Why.
        why: FileFault,
    },
    /// An earlier fault of this file is resolved, or the file is gone.
    FaultGone(PathBuf),
    /// The files whose formats cannot be played, as the last scan found them.
    Unsupported(Arc<Unsupported>),
    /// A message for the user.
    Note {
        /// What it is.
        kind: Kind,
        /// The text.
        text: String,
    },
    /// A required process cannot be run, in one line; sent once per scan. Files were left unread, or tracks unheard,
    /// until the next scan.
    NoWorker(String),
    /// All known work is done. (In a watched library, loudness is measured after this.)
    Idle,
    /// The coordinator ended; with the reason if it failed.
    Ended(Option<String>),
}

/// A message to the analysis.
#[derive(Clone, Debug)]
pub enum Order {
    /// This file is being played: process it first.
    Prefer {
        /// The file.
        path: PathBuf,
        /// Whether the user chose it, so that picks are to be like it: tracks that are related to it come next.
        chosen: bool,
    },
    /// The player could not read this file.
    Suspect {
        /// The file.
        path: PathBuf,
        /// Whether it did not exist; the fault is then withdrawn once it is back.
        missing: bool,
    },
    /// Compare the directory with the records now. [`Update::Scanned`] tells the highest number that came before its scan
    /// began.
    Rescan(u64),
    /// Write all changes and end.
    Stop,
}

#[cfg(test)]
impl Options {
    /// Options for tests: the directory is not watched, and files are listened to.
    pub(super) fn of_test(root: PathBuf, home: &std::path::Path) -> Options {
        Options {
            paths: Paths::under(home),
            root,
            follow_links: true,
            poll: Duration::from_secs(60),
            workers: 1,
            device: "cpu".into(),
            tag_encoding: TagEncoding::default(),
            watch: false,
            full: false,
            listen: true,
            loudness: false,
        }
    }
}
