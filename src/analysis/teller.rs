//! Messages to the rest of the program, and which files' faults it has been told of.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crossbeam_channel::Sender;

use super::messages::Update;
use crate::track::FileFault;

/// Sends [`Update`]s.
pub(super) struct Teller {
    updates: Sender<Update>,
    /// Files whose fault was told and not withdrawn.
    faulty: HashSet<PathBuf>,
}

impl Teller {
    pub fn new(updates: Sender<Update>) -> Teller {
        Teller { updates, faulty: HashSet::new() }
    }

    /// Tells something.
    pub fn tell(&self, update: Update) {
        let _ = self.updates.send(update);
    }

    /// Tells something that the user should read.
    pub fn note(&self, error: bool, text: String) {
        self.tell(Update::Note { error, text });
    }

    /// Tells why a file cannot be used.
    pub fn fault(&mut self, path: PathBuf, why: impl Into<FileFault>) {
        let why = why.into();
        self.faulty.insert(path.clone());
        self.tell(Update::Fault { path, why });
    }

    /// Tells why a file is not read in this scan, if it is to be told.
    pub fn outside(&mut self, path: PathBuf, why: Option<String>) {
        if let Some(why) = why {
            self.fault(path, FileFault::Outside(why));
        }
    }

    /// Tells that a file is well again or gone, if its fault was told: a first scan has a hundred thousand good ones.
    pub fn well(&mut self, path: &Path) {
        if self.faulty.remove(path) {
            self.tell(Update::FaultGone(path.to_path_buf()));
        }
    }

    /// Notes that the rest of the program has found a fault by itself, so that [`Teller::well`] withdraws it.
    pub fn note_fault(&mut self, path: PathBuf) {
        self.faulty.insert(path);
    }

    /// The files whose fault was told and not withdrawn.
    pub fn faulty(&self) -> &HashSet<PathBuf> {
        &self.faulty
    }
}
