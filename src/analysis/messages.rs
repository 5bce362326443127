//! What analysis is told, and what it tells the rest of the program.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::progress::Progress;
use crate::config::TagEncoding;
use crate::latent::Space;
use crate::library::Catalog;
use crate::paths::Paths;
use crate::sound::Loudness;
use crate::track::{FileFault, TrackId};

/// What analysis needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the store and the cache lie.
    pub paths: Paths,
    /// The music directory, canonical.
    pub root: PathBuf,
    /// Follow symbolic links.
    pub follow_links: bool,
    /// How often to look through a directory that cannot be watched.
    pub poll: Duration,
    /// Worker processes; 0 chooses.
    pub workers: usize,
    /// Where the encoder runs: "auto", "cpu" or "cuda".
    pub device: String,
    /// The encoding of texts in tags that do not say theirs.
    pub tag_encoding: TagEncoding,
    /// Watch the directory and reconcile now and then; without it analysis ends when everything is done.
    pub watch: bool,
    /// Look at every file again, changed or not.
    pub full: bool,
    /// Listen to the files; otherwise only their tags are read.
    pub listen: bool,
    /// Measure the loudness of whole files when nothing else is to be done.
    pub loudness: bool,
}

/// What analysis tells.
#[derive(Clone, Debug)]
pub enum Update {
    /// The whole music directory was looked through and everything found in it was read: what the last catalog does not
    /// have is not there, but for what lies below these paths, which could not be read or may be disks that are away.
    Scanned(Arc<[PathBuf]>),
    /// The library changed.
    Catalog(Arc<Catalog>),
    /// Latents were added.
    Space(Arc<Space>),
    /// The loudness of every track that has been measured.
    Loudness(Arc<HashMap<TrackId, Loudness>>),
    /// How far it is.
    Progress(Progress),
    /// A file cannot be used.
    Fault {
        /// The file.
        path: PathBuf,
        /// Why.
        why: FileFault,
    },
    /// A file of an earlier fault is well again or gone.
    FaultGone(PathBuf),
    /// Something that the user should read.
    Note {
        /// Whether it is an error.
        error: bool,
        /// The text.
        text: String,
    },
    /// A process that is needed cannot be run, once in a scan: files were left unread, or tracks unheard, until the next. Why,
    /// one line.
    NoWorker(String),
    /// Everything that is known to be done is done. (In a library that is watched, loudness is measured behind this.)
    Idle,
    /// The coordinator ended; with the reason when it could not go on.
    Ended(Option<String>),
}

/// What analysis can be told.
#[derive(Clone, Debug)]
pub enum Order {
    /// This file plays: it and its album first.
    Prefer(PathBuf),
    /// The player could not read this file.
    Suspect {
        /// The file.
        path: PathBuf,
        /// Because it was not there; that is withdrawn once it is back.
        missing: bool,
    },
    /// Compare the directory with what is known, now.
    Rescan,
    /// Write down what is known and end.
    Stop,
}

#[cfg(test)]
impl Options {
    /// What tests begin with: a directory that is not followed, and files that are listened to.
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
